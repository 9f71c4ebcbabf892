"""How good a classifier is on labelled rows, with 95 % intervals. Runs no model."""

from collections.abc import Sequence

import numpy as np

from core.evaluation.calibration import Bools, calibration_figure
from core.evaluation.intervals import Figure, Floats, bootstrapped, drawn_counts, share
from core.evaluation.tallies import Coded, coded, tally
from core.outcomes import Labelled, Prediction

BINS = 15


def measure(
    rows: Sequence[Labelled], predictions: Sequence[Prediction], seed: int = 7, resamples: int = 1_000
) -> dict[str, Figure]:
    """All figures that the data can give; those it cannot are left out.

    accuracy: over all rows; out of scope counts as a label
    in_scope_accuracy: over rows that have a label; a refusal counts as wrong
    closed_set_accuracy: over rows that have a label: whether the most probable known label is right, refused or not
    macro_f1, weighted_f1: of the labels that stand in the data, out of scope left out of the mean; an out-of-scope row
        that gets a label lowers that label's precision
    mcc: Matthews' correlation over all rows; out of scope counts as a label; only with two labels or more
    out_of_scope_recall, out_of_scope_precision: only with out-of-scope rows; precision only when something was refused
    calibration_error: over rows that have a label: the probability of the most probable known label against whether
        that label is right; 15 equally filled bins

    Shares have Wilson intervals, the others bootstrap intervals over rows.

    raises: Invalid without rows, or when the predictions are not one a row

    >>> rows = [Labelled("a", "fee"), Labelled("b", "pin"), Labelled("c", None)]
    >>> said = [Prediction("fee", 0.9), Prediction(None, 0.6), Prediction(None, 0.8)]
    >>> {name: round(figure.value, 2) for name, figure in measure(rows, said).items() if "accuracy" in name}
    {'accuracy': 0.67, 'in_scope_accuracy': 0.5, 'closed_set_accuracy': 0.5}
    """
    codes = coded(rows, predictions)
    [said] = codes.said
    has_label = np.array([row.label is not None for row in rows])
    refused = np.array([p.label is None for p in predictions])
    right = codes.truth == said
    figures = {"accuracy": share(right).figure()}
    if has_label.any():
        figures["in_scope_accuracy"] = share(right[has_label]).figure()
        _, known_right = confidences(rows, predictions)
        figures["closed_set_accuracy"] = share(known_right).figure()
    figures |= _resampled(codes, seed, resamples)
    if not has_label.all():
        figures["out_of_scope_recall"] = share(refused[~has_label]).figure()
        if refused.any():
            figures["out_of_scope_precision"] = share(~has_label[refused]).figure()
    confidence, known_right = confidences(rows, predictions)
    if len(confidence):
        figures["calibration_error"] = calibration_figure(confidence, known_right, BINS, seed, resamples)
    return figures


def confidences(rows: Sequence[Labelled], predictions: Sequence[Prediction]) -> tuple[Floats, Bools]:
    """Of the rows that have a label: the most probable known label's probability, and whether that label is right.

    returns: two (in-scope rows,)
    """
    pairs = [(p.most_probable(), row.label) for row, p in zip(rows, predictions, strict=True) if row.label is not None]
    return np.array([best[1] for best, _ in pairs]), np.array([best[0] == label for best, label in pairs], np.bool_)


def _resampled(codes: Coded, seed: int, resamples: int) -> dict[str, Figure]:
    from sklearn.metrics import f1_score, matthews_corrcoef

    [said], scored, n = codes.said, codes.in_scope, len(codes.truth)
    (truth_of, said_of), counts = codes.cells()
    tallies = [tally(truth_of, said_of, drawn, len(codes.labels)) for drawn in drawn_counts(counts, resamples, seed)]
    figures = {}
    if len(scored):
        for name, average in (("macro_f1", "macro"), ("weighted_f1", "weighted")):
            value = float(f1_score(codes.truth, said, labels=scored, average=average, zero_division=0))
            parts = [t.macro_f1(scored) if average == "macro" else t.weighted_f1(scored) for t in tallies]
            figures[name] = bootstrapped(value, np.concatenate(parts), n)
    if len(codes.labels) > 1:
        correlation = float(matthews_corrcoef(codes.truth, said))
        figures["mcc"] = bootstrapped(correlation, np.concatenate([t.mcc() for t in tallies]), n)
    return figures
