"""How well stretches of texts are found: precision, recall and F1 with 95 % intervals. Finds nothing itself.

A found span can be right for one marked span only, and only for one of its own type. *exact*: both ends agree.
*overlap*: they share a character; of several, the one that shares most is taken.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import Invalid
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts

Marks = Sequence[tuple[int, int, str]]
"""Stretches of one text: start, end (exclusive), type."""
Match = Literal["exact", "overlap"]


@dataclass(frozen=True)
class Found:
    """The figures of one type, or of all together. marked, said: spans in the data, spans that were found"""

    precision: Figure
    recall: Figure
    f1: Figure
    marked: int
    said: int

    def as_dict(self) -> dict[str, object]:
        """For a report."""
        figures = {name: getattr(self, name).as_dict() for name in ("precision", "recall", "f1")}
        return {**figures, "marked": self.marked, "found": self.said}


def measure_spans(
    marked: Sequence[Marks],
    found: Sequence[Marks],
    types: Collection[str],
    match: Match,
    seed: int = 7,
    resamples: int = 1_000,
) -> dict[str, Found]:
    """Figures over all types under "all", then of each type that stands in the data or was said.

    marked, found: one a text, in the same order;  types: others are left out on both sides
    The intervals are of a bootstrap over texts: spans of one text are no independent cases.

    raises: Invalid without texts, or when there is not one list of found spans a text

    >>> one, other = [[(0, 4, "PERSON")]], [[(0, 9, "PERSON")]]
    >>> [measure_spans(one, other, ["PERSON"], match)["all"].recall.value for match in ("overlap", "exact")]
    [1.0, 0.0]
    """
    if not marked or len(marked) != len(found):
        raise Invalid(f"{len(marked)} texts but {len(found)} results", remedy="give at least one text, one result each")
    known = sorted(types)
    counts = np.zeros((len(marked), len(known), 3))  # texts, types, (right, said, marked)
    for text, (truth, said) in enumerate(zip(marked, found, strict=True)):
        for kind, name in enumerate(known):
            real = [mark for mark in truth if mark[2] == name]
            given = [mark for mark in said if mark[2] == name]
            counts[text, kind] = _matched(real, given, match), len(given), len(real)
    drawn = np.concatenate(list(drawn_counts(np.ones(len(marked), dtype=np.int64), resamples, seed)))  # (r, texts)
    figures = {"all": _figures(counts.sum(axis=1), drawn)}
    figures |= {name: _figures(counts[:, kind], drawn) for kind, name in enumerate(known) if counts[:, kind].any()}
    return figures


def _matched(real: Marks, given: Marks, match: Match) -> int:
    if match == "exact":
        return len(set(real) & set(given))
    shared = sorted(
        ((min(a[1], b[1]) - max(a[0], b[0]), i, j) for i, a in enumerate(real) for j, b in enumerate(given)),
        reverse=True,
    )
    left, right = set(range(len(real))), set(range(len(given)))
    matched = 0
    for characters, i, j in shared:
        if characters > 0 and i in left and j in right:
            left.remove(i)
            right.remove(j)
            matched += 1
    return matched


def _figures(
    counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]], drawn: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> Found:
    right, said, real = counts.sum(axis=0)
    rights, saids, reals = (drawn @ counts).T  # (resamples, texts) @ (texts, 3)

    def of(hits: float, cases: float, all_hits: np.ndarray, all_cases: np.ndarray) -> Figure:
        shares = np.divide(all_hits, all_cases, out=np.zeros_like(all_hits), where=all_cases > 0)
        return bootstrapped(
            float(hits / cases) if cases else 0.0,
            shares[all_cases > 0] if (all_cases > 0).any() else shares,
            int(cases),
        )

    return Found(
        precision=of(right, said, rights, saids),
        recall=of(right, real, rights, reals),
        f1=of(2 * right, said + real, 2 * rights, saids + reals),
        marked=int(real),
        said=int(said),
    )
