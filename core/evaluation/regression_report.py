"""One report about one model of numbers: as JSON, Markdown or one HTML page. Writes no files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.evaluation import html, markdown
from core.evaluation.findings import rounded
from core.evaluation.intervals import Figure
from core.evaluation.regression import ErrorComparison, compare_errors, coverage, measure_regression
from core.outcomes import Estimate, Labelled, Valued, check_paired, fingerprint

MISSES = 25


@dataclass(frozen=True)
class Miss:
    """A row and what was said of it. low, high: the interval given with it"""

    text: str
    entity: str
    value: float
    said: float
    low: float
    high: float


@dataclass(frozen=True)
class RegressionReport:
    """Everything measured about one model of numbers on one file of rows. It holds texts: keep it as private as these.

    model: name and version;  data: fingerprint of the rows;  misses: the largest, first
    baseline: name of the model compared with, "" for none
    """

    title: str
    model: str
    data: str
    n: int
    figures: Mapping[str, Figure]
    misses: tuple[Miss, ...]
    baseline: str = ""
    comparison: ErrorComparison | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types; numbers with four significant digits."""
        plain: dict[str, Any] = rounded(asdict(self))
        return plain

    def to_markdown(self) -> str:
        """For a terminal or a repository."""
        return "\n".join(_lines(self)) + "\n"

    def to_html(self) -> str:
        """One page that needs nothing from outside."""
        return html.document(self.title, _sections(self))


def build_regression_report(
    rows: Sequence[Valued],
    said: Sequence[Estimate],
    *,
    model: str,
    constant: float,
    baseline: str = "",
    baseline_said: Sequence[Estimate] | None = None,
) -> RegressionReport:
    """Measure what a model says of rows. constant: the mean of the values that it was trained on

    raises: Invalid without rows, or when what is said is not one a row
    """
    check_paired(rows, said, *([] if baseline_said is None else [baseline_said]))
    truth, values = np.array([row.value for row in rows]), np.array([one.value for one in said])
    order = np.argsort(-np.abs(truth - values), kind="stable")[:MISSES].tolist()
    compared = None
    if baseline_said is not None:
        compared = compare_errors(truth, values, np.array([one.value for one in baseline_said]))
    return RegressionReport(
        title=f"Evaluation of {model}",
        model=model,
        data=fingerprint([Labelled(row.text, repr(row.value), row.entity) for row in rows]),
        n=len(rows),
        figures={
            **measure_regression(truth, values, constant=constant),
            "interval_coverage": coverage(truth, said),
        },
        misses=tuple(
            Miss(rows[at].text, rows[at].entity, rows[at].value, said[at].value, said[at].low, said[at].high)
            for at in order
        ),
        baseline=baseline if compared else "",
        comparison=compared,
    )


def _sections(found: RegressionReport) -> Iterator[str]:
    yield html.heading(found.title, {"Model": found.model, "Rows": f"{found.n:,}", "Data": found.data})
    yield html.plain_figures(found.figures)
    if found.comparison:
        yield html.compared(found.baseline, found.comparison.verdict, _compared(found.comparison))
    yield "<h2>Largest errors</h2>\n" + html.table(
        {"Text": html.TEXT, "Entity": html.PLAIN, "True": html.NUMBER, "Said": html.NUMBER, "Interval": html.NUMBER},
        ((m.text, m.entity, f"{m.value:.4g}", f"{m.said:.4g}", _between(m.low, m.high)) for m in found.misses),
    )
    yield "<footer>Intervals of figures are 95 %. This page holds texts: keep it as private as the data.</footer>"


def _lines(found: RegressionReport) -> Iterator[str]:
    yield f"# {markdown.cell(found.title)}"
    yield ""
    yield f"Model {markdown.cell(found.model)}, {found.n} rows, data `{found.data}`. Intervals of figures are 95 %."
    yield from markdown.plain_figures(found.figures)
    if found.comparison:
        yield from markdown.compared(found.baseline, found.comparison.verdict, _compared(found.comparison))
    yield from markdown.table(
        "Largest errors",
        ["Text", "True", "Said", "Interval"],
        ([m.text, f"{m.value:.4g}", f"{m.said:.4g}", _between(m.low, m.high)] for m in found.misses),
    )


def _compared(found: ErrorComparison) -> str:
    mae = found.mae
    return (
        f"the MAE of {found.n:,} rows is {mae.candidate:.4g}, the baseline's {mae.baseline:.4g}; the difference is "
        f"{mae.value:+.4g}, between {_between(mae.low, mae.high)}, p (bootstrap) = {mae.p:.3g}."
    )


def _between(low: float, high: float) -> str:
    return f"{low:.4g} to {high:.4g}"
