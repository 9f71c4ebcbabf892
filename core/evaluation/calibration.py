"""Whether a confidence can be believed: expected calibration error, reliability bins, histogram. Fits nothing."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.evaluation.intervals import DRAWN_AT_ONCE, Figure, Floats, Ints, bootstrapped, share

RELIABILITY = "reliability.json"
"""Beside a version's head: how true its confidence was on what it had not learned from."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows of neighbouring confidence. confidence: their mean;  right: the share that is right"""

    confidence: float
    right: Figure


@dataclass(frozen=True)
class HistogramBar:
    """Rows with a confidence in [low, high), counted; the last bar holds 1 as well."""

    low: float
    high: float
    right: int
    wrong: int


def calibration_error(confidence: Floats, right: Bools, bins: int = 10) -> float:
    """Expected calibration error over equally filled bins. confidence, right: (n,);  returns: in [0, 1]

    >>> calibration_error(np.array([0.0, 1.0]), np.array([False, True]))
    0.0
    """
    if not len(confidence):
        return 0.0
    order = np.argsort(confidence, kind="stable")
    return float(_errors((confidence[order] - right[order])[None], bins)[0])


def calibration_figure(confidence: Floats, right: Bools, bins: int, seed: int, resamples: int) -> Figure:
    """The error with its bootstrap interval. The bins are drawn anew in each resample. confidence, right: (n > 0,)"""
    order = np.argsort(confidence, kind="stable")
    gaps, n = confidence[order] - right[order], len(order)
    chance = np.random.default_rng(seed)
    step = max(1, DRAWN_AT_ONCE // n)
    # Sorted positions of sorted rows are rows in order of confidence, without sorting the confidences again.
    drawn = (
        _errors(gaps[np.sort(chance.integers(0, n, size=(min(step, resamples - begin), n)), axis=1)], bins)
        for begin in range(0, resamples, step)
    )
    return bootstrapped(calibration_error(confidence, right, bins), np.concatenate(list(drawn)), n)


def reliability(confidence: Floats, right: Bools, bins: int = 15) -> tuple[ReliabilityBin, ...]:
    """Equally filled bins, least confident first. confidence, right: (n,)

    >>> [(b.confidence, b.right.value) for b in reliability(np.array([0.5, 1.0]), np.array([False, True]), bins=2)]
    [(0.5, 0.0), (1.0, 1.0)]
    """
    if not len(confidence):
        return ()
    order = np.argsort(confidence, kind="stable")
    parts = np.split(order, _starts(len(order), bins)[1:])
    return tuple(ReliabilityBin(float(confidence[part].mean()), share(right[part]).figure()) for part in parts)


def save_reliability(bins: Sequence[ReliabilityBin], folder: Path) -> None:
    """Write the curve into a version's draft."""
    (folder / RELIABILITY).write_text(json.dumps([asdict(one) for one in bins], indent=1), encoding="ascii")


def load_reliability(folder: Path) -> tuple[ReliabilityBin, ...]:
    """The curve of a version; empty for one that was trained before curves were kept."""
    if not (folder / RELIABILITY).is_file():
        return ()
    held = json.loads((folder / RELIABILITY).read_text(encoding="ascii"))
    return tuple(ReliabilityBin(one["confidence"], Figure(**one["right"])) for one in held)


def histogram(confidence: Floats, right: Bools, bars: int = 20) -> tuple[HistogramBar, ...]:
    """Equally wide bars over [0, 1]. confidence, right: (n,)

    >>> histogram(np.array([0.1, 1.0]), np.array([False, True]), bars=2)[1]
    HistogramBar(low=0.5, high=1.0, right=1, wrong=0)
    """
    edges = np.linspace(0, 1, bars + 1)
    of_right, of_wrong = (np.histogram(confidence[chosen], edges)[0] for chosen in (right, ~right))
    return tuple(
        HistogramBar(float(edges[i]), float(edges[i + 1]), int(of_right[i]), int(of_wrong[i])) for i in range(bars)
    )


def _errors(gaps: Floats, bins: int) -> Floats:
    """Expected calibration errors of several samples at once.

    Bins weigh as much as they hold, so a bin's size times the gap of its means is the gap of its sums.

    gaps: confidence minus rightness, in order of confidence (r, n);  returns: (r,)
    """
    n = gaps.shape[1]
    sums = np.add.reduceat(gaps, _starts(n, bins), axis=1)  # (r, n) -> (r, bins)
    errors: Floats = np.abs(sums).sum(axis=1) / n
    return errors


def _starts(n: int, bins: int) -> Ints:
    """Where equally filled bins begin; the first n % bins hold one more.

    >>> _starts(5, bins=2).tolist()
    [0, 3]
    """
    bins = min(bins, n)
    sizes = np.full(bins, n // bins, dtype=np.int64)
    sizes[: n % bins] += 1
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
