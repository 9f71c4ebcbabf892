"""A backtest on one page: as JSON, Markdown or HTML. Measures nothing; holds no text of the archive."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from statistics import quantiles
from typing import Any

from apps.finance_sentiment.pipeline.backtest import plots
from apps.finance_sentiment.pipeline.backtest.measuring import Alerted, Market, Measured
from apps.finance_sentiment.store.replayed import Counts
from core.evaluation import html, markdown
from core.evaluation.findings import rounded

MOST_ALERTS = 50
NAMES = {
    "alerts_a_day": "Alerts a day",
    "alerts_a_week_of_100": "Alerts a week per 100 companies",
    "next_day_precision": "Precision, next trading day",
    "next_day_base": "Base rate, next trading day",
    "next_day_lift": "Lift, next trading day",
    "same_day_precision": "Precision, same trading day",
    "same_day_base": "Base rate, same trading day",
    "same_day_lift": "Lift, same trading day",
    "ic_index": "Information coefficient of the index",
    "ic_change": "Information coefficient of its change",
}


@dataclass(frozen=True)
class BacktestReport:
    """What a replay showed. since, until: when the first and the last text became known, as printed

    delay_minutes: of capture, as assumed;  names: of companies by id;  notes: sentences about what was left out
    """

    model: str
    since: str
    until: str
    delay_minutes: float
    market: Market
    counts: Counts
    found: Measured
    names: Mapping[str, str]
    notes: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, numbers with four significant digits."""
        found = self.found
        plain: dict[str, Any] = rounded(
            {
                "model": self.model,
                "from": self.since,
                "to": self.until,
                "capture_delay_minutes": self.delay_minutes,
                "market_close": f"{self.market.close:%H:%M} {self.market.zone.key}",
                "sigmas": self.market.sigmas,
                "half_life_hours": self.market.half_life,
                "texts": asdict(self.counts),
                "trading_days": found.trading_days,
                "companies_with_prices": found.priced,
                "covered": found.covered,
                "figures": {name: figure.as_dict() for name, figure in found.figures.items()},
                "delay_minutes": self._delay(),
                "ic_by_quarter": {
                    one.name: None if one.figure is None else one.figure.as_dict() for one in found.quarters
                },
                "alerts": [self._alert(one) for one in found.alerts],
                "notes": self.notes,
            }
        )
        return plain

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)

    def to_markdown(self) -> str:
        """For a terminal or a repository."""
        return "\n".join(_lines(self)) + "\n"

    def to_html(self) -> str:
        """One page that needs nothing from outside."""
        return html.document(TITLE, _sections(self))

    def facts(self) -> dict[str, str]:
        """What stands above the figures."""
        held, found = self.counts, self.found
        delay = self._delay()
        told = "none" if delay is None else f"median {delay['median']:.0f} min, nine of ten {delay['p90']:.0f} min"
        return {
            "Model": self.model,
            "Time": f"{self.since} to {self.until}",
            "Texts": f"{held.documents:,}",
            "That name a company": f"{held.linked / max(1, held.documents):.1%}",
            "Stories": f"{held.stories:,}",
            "Echoes": f"{held.echoes:,}",
            "Companies": f"{held.entities:,}, {found.priced:,} with prices",
            "Trading days": f"{found.trading_days:,}",
            "Days with an index": f"{found.covered:.1%} of company and trading day",
            "Alerts": f"{len(found.alerts):,}",
            "From the first driving story to the alert": told,
        }

    def meanings(self) -> dict[str, str]:
        """What each figure is."""
        move = f"larger than {self.market.sigmas:g} standard deviations of the company's 60 returns before it"
        return {
            "alerts_a_day": "Mean over calendar days.",
            "alerts_a_week_of_100": "The same, by the companies of which anything was written.",
            "next_day_precision": "Share of alerts after whose next close the following trading day's "
            f"return was {move}.",
            "next_day_base": "The same share over all days of the same companies, weighted by their alerts.",
            "next_day_lift": "Precision by base rate: 1 is chance.",
            "same_day_precision": "Share of alerts whose own trading day closed with such a return; the alert may have "
            "come after the move.",
            "same_day_base": "The same share over all days of the same companies, weighted by their alerts.",
            "same_day_lift": "Precision by base rate: 1 is chance, and more says that alerts and moves go together.",
            "ic_index": "Spearman's correlation, across companies, of the index at the close with the return of the "
            "next trading day, mean over days.",
            "ic_change": "The same of what the index moved since the close before.",
        }

    def _delay(self) -> dict[str, float] | None:
        delays = self.found.delays
        if not delays:
            return None
        tenths = quantiles(delays, n=10, method="inclusive") if len(delays) > 1 else delays * 9
        return {"median": tenths[4], "p90": tenths[8], "n": len(delays)}

    def _alert(self, one: Alerted) -> dict[str, Any]:
        return {
            "entity": one.alert.entity,
            "rule": one.alert.rule or None,
            "opened_at": f"{one.alert.at:%Y-%m-%dT%H:%M:%SZ}",
            "severity": one.alert.severity,
            "headline": one.alert.headline,
            "return_at_close": one.at_close,
            "return_next_day": one.later,
            "unusual_next_day": one.unusual,
        }


TITLE = "Backtest of market mood"
FIGURES = ["Figure", "Value", "95 % interval", "n", "What it is"]
ALERTS = ["Opened (UTC)", "Company", "By", "What changed", "Return to the close", "Next day", "Unusual"]


def _lines(report: BacktestReport) -> Iterator[str]:
    yield f"# {TITLE}"
    yield ""
    for name, value in report.facts().items():
        yield f"- {name}: {markdown.cell(value)}"
    yield from markdown.table("Figures", FIGURES, _figures(report))
    quarters = ((one.name, *_figure(one.figure)) for one in report.found.quarters if one.figure is not None)
    yield from markdown.table(
        "Information coefficient by quarter", ["Quarter", "Mean", "95 % interval", "Days"], quarters
    )
    yield from markdown.table(_alerts_title(report), ALERTS, _alerts(report))
    yield from ("", "## How to read this", "")
    for note in _notes(report):
        yield f"- {markdown.cell(note)}"


def _sections(report: BacktestReport) -> Iterator[str]:
    found = report.found
    yield html.heading(TITLE, report.facts())
    kinds = [html.PLAIN, html.NUMBER, html.NUMBER, html.NUMBER, html.TEXT]
    yield "<h2>Figures</h2>\n" + html.table(dict(zip(FIGURES, kinds, strict=True)), _figures(report))
    yield _plot(
        plots.bars("Alerts a week", "Alerts", [f"{day}" for day, _ in found.weeks], [n for _, n in found.weeks]),
        "Alerts opened in each week, named after its Monday.",
    )
    names, figures = [one.name for one in found.quarters], [one.figure for one in found.quarters]
    if any(figures):
        yield _plot(
            plots.points("Information coefficient by quarter", "Mean coefficient", names, figures),
            "Mean information coefficient of the index in each quarter with its 95 % interval.",
        )
    if found.curve is not None:
        name = report.names.get(found.curve.entity, found.curve.entity)
        yield _plot(
            plots.curve(
                f"Mood index of {name}", "Index (-1 to 1)", found.curve.days, found.curve.values, found.curve.marked
            ),
            f"{escape(name)}: the mood index at each close as it was known then. Triangles are alerts.",
        )
    if found.alerts:
        plain = dict.fromkeys(ALERTS[:3], html.PLAIN) | {ALERTS[3]: html.TEXT}
        columns = plain | dict.fromkeys(ALERTS[4:6], html.NUMBER) | {ALERTS[6]: html.PLAIN}
        yield f"<h2>{_alerts_title(report)}</h2>\n" + html.table(columns, _alerts(report))
    listed = "".join(f"<li>{escape(note)}</li>" for note in _notes(report))
    yield f"<h2>How to read this</h2>\n<ul>{listed}</ul>"


def _plot(drawn: str, below: str) -> str:
    return f"<figure>{drawn}<figcaption>{below}</figcaption></figure>"


def _figures(report: BacktestReport) -> Iterator[list[object]]:
    meanings = report.meanings()
    for name, figure in report.found.figures.items():
        value, interval, n = _figure(figure)
        yield [NAMES[name], value, interval, n, meanings[name]]


def _figure(figure: Any) -> tuple[str, str, int]:
    return f"{figure.value:.3g}", f"{figure.low:.3g} to {figure.high:.3g}", figure.n


def _alerts_title(report: BacktestReport) -> str:
    number = len(report.found.alerts)
    return "Alerts" if number <= MOST_ALERTS else f"The last {MOST_ALERTS} of {number:,} alerts"


def _alerts(report: BacktestReport) -> Iterator[list[object]]:
    for one in reversed(report.found.alerts[-MOST_ALERTS:]):
        yield [
            f"{one.alert.at:%Y-%m-%d %H:%M}",
            report.names.get(one.alert.entity, one.alert.entity),
            one.alert.rule or "unforeseen",
            one.alert.headline,
            "" if one.at_close is None else f"{one.at_close:+.1%}",
            "" if one.later is None else f"{one.later:+.1%}",
            {None: "", True: "yes", False: "no"}[one.unusual],
        ]


def _notes(report: BacktestReport) -> Iterator[str]:
    market = report.market
    yield (
        f"A text was known {report.delay_minutes:g} minutes after it was published, or when its `fetched_at` says; "
        "everything is as it was known at the time. Texts are read and alerts looked for once an hour, so a text "
        "counts up to an hour after it was known."
    )
    yield (
        f"The index is taken at the close, {market.close:%H:%M} {market.zone.key}, with a half-life of "
        f"{market.half_life:g} hours; the return counts from that close to the next one."
    )
    yield "Intervals are 95 %, by drawing blocks of five days or more; n is days, and alerts with a price of precision."
    yield from report.notes
