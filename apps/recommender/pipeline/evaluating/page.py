"""An evaluation as one HTML page: the verdict first, then rankers side by side, and every figure in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from core.evaluation import html, plots
from core.evaluation.intervals import Figure, difference

if TYPE_CHECKING:
    from apps.recommender.pipeline.evaluating.running import Evaluation

TITLE = "How good the recommendations are"
FOUND, BASELINE = "hit@10", "baseline: "
SPLITS = {
    "leave-one-out": "of each person the last event was hidden",
    "temporal": "the last part of the time was hidden",
}
NAMES = {
    "blend": "the whole model",
    "sequence": "part: the network",
    "linear": "part: linear weights from item to item",
    "together": "part: had by the same people",
    "after": "part: had after one another",
    "text": "part: likeness of texts",
    "popular": "part: popularity",
    "recent": "part: popularity lately",
}
QUALITY = ("ndcg@10", "mrr", "recall@10")
BREADTH = ("coverage", "novelty", "diversity", "popular share")
MEANINGS = {
    "hit@10": "of 100 people, how many find something that they wanted next among the first ten items",
    "ndcg@10": "the same, but a place further down counts less: 1 is always first, 0 is never among the ten",
    "recall@10": "share of what a person wanted that stands among the first ten",
    "mrr": "one divided by the place of the first wanted item, on average: 1 is always first, 0.1 is mostly tenth",
    "coverage": "share of all items that anybody is recommended at all",
    "novelty": "how uncommon the recommended items are, in bits: 10 is an item of one event in a thousand",
    "diversity": "how unlike the texts of one list's items are: 0 is all alike",
    "popular share": "how much of a list is of the commonest tenth of the items",
}


def page(found: Evaluation) -> str:
    """returns: a whole document, light or dark as the reader's system is"""
    return html.document(TITLE, _sections(found))


def called(ranker: str) -> str:
    """What a ranker is called for people.

    >>> called("blend"), called("baseline: EASE")
    ('the whole model', 'baseline: EASE')
    """
    return NAMES.get(ranker, ranker)


def verdict(figures: Mapping[str, Mapping[str, Figure]]) -> tuple[str, str, str] | None:
    """The model against the best baseline. returns: that baseline, "better", "worse" or "about as good", a sentence"""
    baselines = [name for name in figures if name.startswith(BASELINE)]
    if "blend" not in figures or not baselines:
        return None
    ours = figures["blend"][FOUND]
    best = max(baselines, key=lambda name: figures[name][FOUND].value)
    value, low, high = difference(ours, figures[best][FOUND])
    word = "better" if low > 0 else "worse" if high < 0 else "about as good"
    told = (
        f"of 100 people, the model finds something wanted for {100 * ours.value:.1f}, the best baseline for "
        f"{100 * figures[best][FOUND].value:.1f}; the difference is {100 * value:+.1f} "
        f"({100 * low:+.1f} to {100 * high:+.1f})"
    )
    chance = ", which chance may explain." if word == "about as good" else ", more than chance would explain."
    return best, word, told + chance


def _sections(found: Evaluation) -> Iterator[str]:
    facts = {
        "Hidden": SPLITS[found.split],
        "People measured": f"{found.users:,}",
        "Items ranked": f"{found.items:,}",
        "Events learned from": f"{found.events:,}",
    }
    yield html.heading(TITLE, facts)
    if said := verdict(found.figures):
        yield html.compared(said[0].removeprefix(BASELINE), said[1], said[2])
    yield "<h2>Finding what people want</h2>\n" + _bars(found.figures)
    yield _figures(found.figures, QUALITY)
    if slices := [name for name in _names(found.figures) if name.startswith(f"{FOUND}, ")]:
        yield "<h2>New people and new items</h2>\n<p>Of 100 such people, how many find something wanted (hit@10).</p>"
        yield _slices(found.figures, slices)
    yield "<h2>Breadth</h2>\n" + _figures(found.figures, BREADTH)
    yield "<h2>What the figures mean</h2>\n" + html.table(
        {"Figure": html.PLAIN, "Meaning": "meaning"},
        [(name, text) for name, text in MEANINGS.items() if name in _names(found.figures)],
    )
    yield (
        "<footer>In brackets: 95 % intervals. All items are ranked, without those that a person had before; of equal "
        "scores the item with the lower number counts as better.</footer>"
    )


def _bars(figures: Mapping[str, Mapping[str, Figure]]) -> str:
    rows = [
        f'<tr><td class="name">{escape(called(ranker))}</td><td class="number">{100 * found[FOUND].value:.1f}</td>'
        f'<td class="number">{100 * found[FOUND].low:.1f} to {100 * found[FOUND].high:.1f}</td>'
        f"<td>{plots.interval_bar(found[FOUND])}</td></tr>"
        for ranker, found in figures.items()
    ]
    head = (
        '<th>Ranker</th><th class="number">Of 100 (hit@10)</th><th class="number">95 % interval</th><th>0 to 100</th>'
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _figures(figures: Mapping[str, Mapping[str, Figure]], names: Sequence[str]) -> str:
    kept = [name for name in names if name in _names(figures)]
    rows = [[called(ranker), *(_cell(found.get(name)) for name in kept)] for ranker, found in figures.items()]
    return html.table({"Ranker": html.PLAIN, **dict.fromkeys(kept, html.NUMBER)}, rows)


def _slices(figures: Mapping[str, Mapping[str, Figure]], names: Sequence[str]) -> str:
    first = next(iter(figures.values()))
    heads = {name: f"{name.removeprefix(f'{FOUND}, ')} ({first[name].n:,} people)" for name in names if name in first}
    rows = [[called(ranker), *(_of_100(found.get(name)) for name in heads)] for ranker, found in figures.items()]
    return html.table({"Ranker": html.PLAIN, **dict.fromkeys(heads.values(), html.NUMBER)}, rows)


def _names(figures: Mapping[str, Mapping[str, Figure]]) -> list[str]:
    return list(dict.fromkeys(name for found in figures.values() for name in found))


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.low == figure.high:  # counted, not sampled
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _of_100(figure: Figure | None) -> str:
    return "" if figure is None else f"{100 * figure.value:.1f} ({100 * figure.low:.1f} to {100 * figure.high:.1f})"
