"""Labels as integers, rows counted by what is true and what was said, and measures of many resamples at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.intervals import Floats, Ints
from core.outcomes import Labelled, Prediction, check_paired


@dataclass(frozen=True)
class Coded:
    """labels: the label of each code; None, when it occurs at all, comes last
    truth: (n,) codes;  said: a model a line (models, n) codes
    """

    labels: tuple[str | None, ...]
    truth: Ints
    said: Ints

    @property
    def in_scope(self) -> Ints:
        """Codes of the labels that stand in the data, out of scope left out."""
        present = np.unique(self.truth)
        return present[[self.labels[code] is not None for code in present]]

    def cells(self) -> tuple[Ints, Ints]:
        """Rows that cannot be told apart, counted.

        returns: the distinct columns of truth and what each model said (1 + models, cells); rows of each (cells,)
        """
        columns, counts = np.unique(np.vstack([self.truth, self.said]), axis=1, return_counts=True)
        return columns, counts.astype(np.int64)


def coded(rows: Sequence[Labelled], *models: Sequence[Prediction]) -> Coded:
    """Number the labels of the data and of all predictions.

    raises: Invalid without rows, or when a model's predictions are not one a row

    >>> coded([Labelled("a", "fee"), Labelled("b", None)], [Prediction("pin", 1), Prediction(None, 1)]).said.tolist()
    [[1, 2]]
    """
    check_paired(rows, *models)
    named = [[row.label for row in rows], *([p.label for p in predictions] for predictions in models)]
    seen = {label for labels in named for label in labels}
    labels: tuple[str | None, ...] = tuple(sorted(label for label in seen if label is not None))
    if None in seen:
        labels = (*labels, None)
    code = {label: at for at, label in enumerate(labels)}
    table = np.array([[code[label] for label in line] for line in named], dtype=np.int64)
    return Coded(labels, table[0], table[1:])


@dataclass(frozen=True)
class Tally:
    """Rows of each resample by label: those with the label, those said to have it, those rightly so. (r, labels)"""

    true: Floats
    said: Floats
    right: Floats

    def macro_f1(self, scored: Ints) -> Floats:
        """Mean F1 of the `scored` labels that the resample holds. returns: (r,) in [0, 1]"""
        f1, held = self._f1(scored), self.true[:, scored] > 0
        mean: Floats = (f1 * held).sum(axis=1) / np.maximum(held.sum(axis=1), 1)
        return mean

    def weighted_f1(self, scored: Ints) -> Floats:
        """Mean F1 of the `scored` labels, weighted by their rows. returns: (r,) in [0, 1]"""
        rows = self.true[:, scored]
        mean: Floats = (self._f1(scored) * rows).sum(axis=1) / np.maximum(rows.sum(axis=1), 1)
        return mean

    def mcc(self) -> Floats:
        """Matthews' correlation for many classes (Gorodkin, 2004). returns: (r,) in [-1, 1]; 0 where undefined"""
        n = self.true.sum(axis=1)
        above = self.right.sum(axis=1) * n - (self.true * self.said).sum(axis=1)
        below = np.sqrt((n**2 - (self.true**2).sum(axis=1)) * (n**2 - (self.said**2).sum(axis=1)))
        correlation: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
        return correlation

    def _f1(self, scored: Ints) -> Floats:
        both = self.true[:, scored] + self.said[:, scored]
        f1: Floats = 2 * self.right[:, scored] / np.maximum(both, 1)
        return f1


def tally(truth: Ints, said: Ints, counts: Floats, labels: int) -> Tally:
    """Sum cells by label.

    truth, said: codes of each cell (cells,);  counts: rows in each cell, a resample a line (r, cells)
    """
    which = np.eye(labels)
    same = truth == said
    return Tally(
        true=counts @ which[truth],  # (r, cells) @ (cells, labels) -> (r, labels)
        said=counts @ which[said],
        right=counts[:, same] @ which[truth[same]],
    )
