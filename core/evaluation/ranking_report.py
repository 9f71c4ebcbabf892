"""One report about one encoder that finds passages: as JSON, Markdown or one HTML page. Ranks and writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.evaluation import html, markdown
from core.evaluation.findings import rounded
from core.evaluation.intervals import Figure
from core.evaluation.ranking import RankComparison, compare_rankings, measure_ranking, reciprocal_rank
from core.outcomes import Labelled, fingerprint

MISSES = 25
KS = (1, 3, 10)


@dataclass(frozen=True)
class Asked:
    """A query, the texts that answer it, and the texts that were found, best first."""

    query: str
    relevant: frozenset[str]
    ranked: tuple[str, ...]


@dataclass(frozen=True)
class NotFound:
    """A query whose answer was not found first. found: what was;  right: what should be;  rank: of that, 0 far down"""

    query: str
    found: str
    right: str
    rank: int


@dataclass(frozen=True)
class RankingReport:
    """Everything measured about one encoder on one file of pairs. It holds texts: keep it as private as these.

    model: name and version;  data: fingerprint of the pairs;  passages: among which was searched
    baseline: name of the encoder compared with;  misses: the worst, first
    """

    title: str
    model: str
    data: str
    n: int
    passages: int
    figures: Mapping[str, Figure]
    misses: tuple[NotFound, ...]
    baseline: str
    comparison: RankComparison

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


def build_ranking_report(
    asked: Sequence[Asked], *, model: str, passages: int, baseline: str, baseline_ranked: Sequence[Sequence[str]]
) -> RankingReport:
    """Measure rankings beside another encoder's of the same queries. raises: Invalid without queries"""
    relevant = [one.relevant for one in asked]
    figures = measure_ranking([one.ranked for one in asked], relevant, KS)
    order = sorted(range(len(asked)), key=lambda at: reciprocal_rank(asked[at].ranked, relevant[at]))
    return RankingReport(
        title=f"Evaluation of {model}",
        model=model,
        data=fingerprint([Labelled(one.query, text) for one in asked for text in sorted(one.relevant)]),
        n=len(asked),
        passages=passages,
        figures=figures,
        misses=tuple(_miss(asked[at]) for at in order[:MISSES] if asked[at].ranked[0] not in relevant[at]),
        baseline=baseline,
        comparison=compare_rankings([one.ranked for one in asked], baseline_ranked, relevant),
    )


def _miss(one: Asked) -> NotFound:
    rank = next((at for at, text in enumerate(one.ranked, start=1) if text in one.relevant), 0)
    right = one.ranked[rank - 1] if rank else min(one.relevant)
    return NotFound(one.query, one.ranked[0], right, rank)


def _sections(found: RankingReport) -> Iterator[str]:
    facts = {"Model": found.model, "Queries": f"{found.n:,}", "Passages": f"{found.passages:,}", "Data": found.data}
    yield html.heading(found.title, facts)
    yield html.plain_figures(found.figures)
    yield html.compared(found.baseline, found.comparison.verdict, _compared(found.comparison))
    yield "<h2>Not found first</h2>\n" + html.table(
        {"Query": html.TEXT, "Found": html.TEXT, "Right": html.TEXT, "Its rank": html.NUMBER},
        ((m.query, m.found, m.right, _place(m.rank)) for m in found.misses),
    )
    yield "<footer>Intervals are 95 %. This page holds texts: keep it as private as the data.</footer>"


def _lines(found: RankingReport) -> Iterator[str]:
    yield f"# {markdown.cell(found.title)}"
    yield ""
    yield (
        f"Model {markdown.cell(found.model)}, {found.n} queries among {found.passages} passages, data `{found.data}`. "
        "Intervals are 95 %."
    )
    yield from markdown.plain_figures(found.figures)
    yield from markdown.compared(found.baseline, found.comparison.verdict, _compared(found.comparison))
    yield from markdown.table(
        "Not found first",
        ["Query", "Found", "Right", "Its rank"],
        ([m.query, m.found, m.right, _place(m.rank)] for m in found.misses),
    )


def _compared(found: RankComparison) -> str:
    mrr = found.mrr
    return (
        f"the mean reciprocal rank of {found.n:,} queries is {mrr.candidate:.4g}, the baseline's {mrr.baseline:.4g}; "
        f"the difference is {mrr.value:+.4g}, between {mrr.low:.4g} and {mrr.high:.4g}, p (bootstrap) = {mrr.p:.3g}."
    )


def _place(rank: int) -> str:
    return str(rank) if rank else "far down"
