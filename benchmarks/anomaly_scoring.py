"""The Numenta Anomaly Benchmark's scoring, its standard profile. Reads no files and runs no detector.

Written anew after what nab/sweeper.py and nab/runner.py of github.com/numenta/NAB do (Lavin and Ahmad 2015,
arXiv:1510.03336): a window is found by the best alarm in it, and counts the more the earlier that is; an alarm outside
costs the more the farther it is behind the last window; one threshold for all series; 0 is the detector that never
alarms, 100 the one that alarms in the first row of each window and nowhere else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
A_TP, A_FP, A_FN = 1.0, 0.11, 1.0
NEVER = 1.1
"""A threshold above all scores, as NAB's sweep begins."""


@dataclass(frozen=True)
class Series:
    """A series with its labelled windows, as first and last row (both inside)."""

    name: str
    timestamps: tuple[str, ...]
    values: Floats  # (n,)
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Sweep:
    """What each threshold would score. thresholds: falling, NEVER first;  scores: raw, the same length"""

    thresholds: Floats
    scores: Floats

    def best(self) -> float:
        """The threshold with the highest score; of equal ones the highest."""
        return float(self.thresholds[int(np.argmax(self.scores))])

    def at(self, threshold: float) -> float:
        """The raw score when all rows with at least this anomaly score are alarms."""
        return float(self.scores[np.flatnonzero(self.thresholds >= threshold)[-1]]) if threshold <= NEVER else math.nan


def probation(rows: int) -> int:
    """How many first rows count for nothing: 15 %, at most 750.

    >>> probation(100), probation(15902)
    (15, 750)
    """
    return int(min(math.floor(0.15 * rows), 0.15 * 5000))


def scaled_sigmoid(position: float) -> float:
    """NAB's weight of a place relative to a window: -1 is its left edge, 0 its right edge, 3 and more far behind it.

    >>> round(scaled_sigmoid(-1.0), 5), scaled_sigmoid(0.0), scaled_sigmoid(3.0)
    (0.98661, 0.0, -1.0)
    """
    return -1.0 if position >= 3.0 else 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


def weights(rows: int, windows: Sequence[tuple[int, int]]) -> tuple[Floats, NDArray[np.int64]]:
    """What an alarm in each row is worth, and the number of the window that the row is in.

    returns: worth (n,), at most A_TP;  window numbers (n,), -1 outside of all, -2 in probation
    """
    worth, inside = np.full(rows, -A_FP), np.full(rows, -1, dtype=np.int64)
    for number, (first, last) in enumerate(windows):
        width = last - first + 1
        for row in range(first, last + 1):
            worth[row] = A_TP * scaled_sigmoid(-(last - row + 1) / width) / scaled_sigmoid(-1.0)
            inside[row] = number
        ends = windows[number + 1][0] if number + 1 < len(windows) else rows
        for row in range(last + 1, ends):
            worth[row] = A_FP * scaled_sigmoid((row - last) / (width - 1) if width > 1 else 3.0)
    inside[: probation(rows)] = -2
    return worth, inside


def sweep(series: Sequence[Series], scores: Mapping[str, Floats]) -> Sweep:
    """Score every threshold over all series together.

    scores: for each series' name its anomaly scores (n,) in [0, 1]
    """
    found: list[tuple[float, float, int]] = []  # anomaly score, worth, window over all series or -1
    windows = 0
    for one in series:
        worth, inside = weights(len(one.values), one.windows)
        counted = inside >= -1
        numbers = np.where(inside >= 0, inside + windows, -1)
        windows += len(set(inside[inside >= 0].tolist()))
        found += zip(
            scores[one.name][counted].tolist(), worth[counted].tolist(), numbers[counted].tolist(), strict=True
        )
    found.sort(key=lambda row: -row[0])
    held: dict[int, float] = {}
    total, current = -A_FN * windows, NEVER
    thresholds, totals = [], []
    for score, value, number in found:
        if score != current:
            thresholds.append(current)
            totals.append(total)
            current = score
        if number < 0:
            total += value
        else:
            before = held.get(number, -A_FN)
            held[number] = max(before, value)
            total += held[number] - before
    return Sweep(np.array([*thresholds, current]), np.array([*totals, total]))


def normalised(raw: float, windows: int) -> float:
    """0 for the detector that never alarms, 100 for the perfect one.

    >>> normalised(-16.0, 16), normalised(16.0, 16)
    (0.0, 100.0)
    """
    nothing, perfect = -A_FN * windows, A_TP * windows
    return 100.0 * (raw - nothing) / (perfect - nothing)
