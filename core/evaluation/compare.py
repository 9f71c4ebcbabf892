"""Whether one model is better than another on the same rows, or only luckier. Runs no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.evaluation.intervals import Floats, bootstrapped, drawn_counts
from core.evaluation.tallies import Coded, coded, tally
from core.outcomes import Labelled, Prediction

Verdict = Literal["better", "worse", "no difference that can be told from chance"]

SIGNIFICANT = 0.05
EXAMPLES = 10


@dataclass(frozen=True)
class Difference:
    """A measure of both models on the same rows.

    value: candidate minus baseline;  low, high: its paired 95 % bootstrap interval;  p: two-sided, of that bootstrap
    """

    candidate: float
    baseline: float
    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Example:
    """A row on which one model is right and the other wrong. candidate, baseline: what they said"""

    text: str
    entity: str
    label: str | None
    candidate: str | None
    baseline: str | None


@dataclass(frozen=True)
class Comparison:
    """A candidate against a baseline.

    verdict: on the candidate's accuracy, by McNemar's exact test at 5 %; macro F1 stands beside it and decides nothing
    only_candidate_examples, only_baseline_examples: rows only that model gets right, the other's surest mistakes first
    """

    verdict: Verdict
    n: int
    accuracy: Difference
    macro_f1: Difference | None
    mcnemar_p: float
    both_right: int
    only_candidate_right: int
    only_baseline_right: int
    both_wrong: int
    only_candidate_examples: tuple[Example, ...]
    only_baseline_examples: tuple[Example, ...]


def compare(
    rows: Sequence[Labelled],
    candidate: Sequence[Prediction],
    baseline: Sequence[Prediction],
    seed: int = 7,
    resamples: int = 1_000,
) -> Comparison:
    """Compare two models' predictions of the same rows; out of scope counts as a label, as in `measure`.

    raises: Invalid without rows, or when either's predictions are not one a row

    >>> rows = [Labelled(f"row {i}", "fee") for i in range(8)]
    >>> good, bad = [Prediction("fee", 0.9)] * 8, [Prediction("pin", 0.9)] * 8
    >>> compare(rows, good, bad).verdict, compare(rows, good, good).verdict
    ('better', 'no difference that can be told from chance')
    """
    codes = coded(rows, candidate, baseline)
    ours, theirs = codes.said == codes.truth
    only_ours, only_theirs = np.flatnonzero(ours & ~theirs), np.flatnonzero(theirs & ~ours)
    p = mcnemar(len(only_ours), len(only_theirs))
    accuracy, macro_f1 = _differences(codes, seed, resamples)
    return Comparison(
        verdict=verdict_of(p, len(only_ours) - len(only_theirs)),
        n=len(rows),
        accuracy=accuracy,
        macro_f1=macro_f1,
        mcnemar_p=p,
        both_right=int((ours & theirs).sum()),
        only_candidate_right=len(only_ours),
        only_baseline_right=len(only_theirs),
        both_wrong=int((~ours & ~theirs).sum()),
        only_candidate_examples=_examples(only_ours, rows, candidate, baseline, sure=baseline),
        only_baseline_examples=_examples(only_theirs, rows, candidate, baseline, sure=candidate),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """McNemar's exact test: were rows that only one model gets right a fair coin's throws? returns: two-sided p

    >>> mcnemar(6, 0), mcnemar(0, 0)
    (0.03125, 1.0)
    """
    if not only_first + only_second:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(only_first, only_first + only_second).pvalue)


def verdict_of(p: float, lead: float) -> Verdict:
    """What a test says at 5 %. lead: above 0 where the candidate is ahead

    >>> verdict_of(0.01, -2), verdict_of(0.2, 5)
    ('worse', 'no difference that can be told from chance')
    """
    if p >= SIGNIFICANT or not lead:
        return "no difference that can be told from chance"
    return "better" if lead > 0 else "worse"


def _differences(codes: Coded, seed: int, resamples: int) -> tuple[Difference, Difference | None]:
    (truth, ours, theirs), counts = codes.cells()
    labels, scored, n = len(codes.labels), codes.in_scope, len(codes.truth)

    def both(drawn: Floats) -> tuple[Floats, Floats]:
        """returns: accuracy (2, r) and macro F1 (2, r), the candidate's first"""
        tallies = [tally(truth, said, drawn, labels) for said in (ours, theirs)]
        return (
            np.array([t.right.sum(axis=1) / n for t in tallies]),
            np.array([t.macro_f1(scored) for t in tallies]),
        )

    value = both(counts[None].astype(np.float64))
    blocks = [both(drawn) for drawn in drawn_counts(counts, resamples, seed)]
    accuracy, macro_f1 = (
        difference(value[at][:, 0], np.concatenate([block[at] for block in blocks], axis=1), n) for at in (0, 1)
    )
    return accuracy, macro_f1 if len(scored) else None


def difference(value: Floats, resampled: Floats, n: int) -> Difference:
    """value: (2,);  resampled: (2, r)"""
    apart = resampled[0] - resampled[1]
    figure = bootstrapped(float(value[0] - value[1]), apart, n)
    # One is added to both counts, so that no finite number of resamples gives p = 0 (Davison and Hinkley, 1997, 4.2).
    tail = min(int((apart <= 0).sum()), int((apart >= 0).sum())) + 1
    p = min(1.0, 2 * tail / (len(apart) + 1))
    return Difference(float(value[0]), float(value[1]), figure.value, figure.low, figure.high, p)


def _examples(
    positions: "np.ndarray[tuple[int], np.dtype[np.intp]]",
    rows: Sequence[Labelled],
    candidate: Sequence[Prediction],
    baseline: Sequence[Prediction],
    sure: Sequence[Prediction],
) -> tuple[Example, ...]:
    chosen = sorted((int(at) for at in positions), key=lambda at: -sure[at].confidence)[:EXAMPLES]
    return tuple(
        Example(rows[at].text, rows[at].entity, rows[at].label, candidate[at].label, baseline[at].label)
        for at in chosen
    )
