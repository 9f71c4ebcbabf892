"""What a report holds, as plain data. Renders nothing and measures nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.evaluation.audit import Audit
from core.evaluation.calibration import HistogramBar, ReliabilityBin
from core.evaluation.compare import Comparison
from core.evaluation.intervals import Figure

OUT_OF_SCOPE = "(out of scope)"

MEANINGS = {
    "accuracy": "Share of all rows that are decided rightly; out of scope counts as a label.",
    "in_scope_accuracy": "Share of the rows with a label that get that label; a refusal counts as wrong.",
    "closed_set_accuracy": "Share of the rows with a label whose most probable label is right, refused or not.",
    "macro_f1": "Mean F1 of the labels in the data, each label weighing the same.",
    "weighted_f1": "Mean F1 of the labels in the data, weighted by their rows.",
    "mcc": "Matthews' correlation of truth and decision: 1 is perfect, 0 is chance.",
    "out_of_scope_recall": "Share of the out-of-scope rows that are refused.",
    "out_of_scope_precision": "Share of the refused rows that are out of scope.",
    "mae": "Mean distance of what is said from the truth, in the unit of the data; 0 is best.",
    "rmse": "Root of the mean squared distance: large errors weigh more.",
    "r2": "What is better than always saying the mean of these rows: 1 is perfect, 0 is no better.",
    "spearman": "Correlation of the ranks: 1 is the right order, 0 is chance.",
    "mae_of_the_mean": "Mean distance of the truth from the mean of the training data, said for every row.",
    "interval_coverage": "Share of the rows whose true value lies in the interval that was given with it.",
    "hit": "Share of the queries with an answer among so many that were found.",
    "recall": "Share of a query's answers among so many that were found, mean over queries.",
    "ndcg": "The same, but answers further down count less; 1 is the best order.",
    "mrr": "Mean of 1 / rank of the first answer: 1 is always first.",
    "calibration_error": "Mean distance of confidence from the share that is right; 0 is best.",
}


SHORT = {"mcc": "MCC", "mrr": "MRR", "mae": "MAE", "rmse": "RMSE", "r2": "R²", "mae_of_the_mean": "MAE of the mean"}


@dataclass(frozen=True)
class LabelScore:
    """predicted: rows said to have the label;  support: rows that have it. Scores in [0, 1], 0 where undefined."""

    label: str | None
    precision: float
    recall: float
    f1: float
    predicted: int
    support: int


@dataclass(frozen=True)
class Confusion:
    """n rows of `label` that were taken for `predicted`: `share` of the rows of `label`"""

    label: str | None
    predicted: str | None
    n: int
    share: float


@dataclass(frozen=True)
class Matrix:
    """The most confused labels. counts: truth a line, decision a column;  elsewhere: a line's rows decided otherwise"""

    labels: tuple[str | None, ...]
    counts: tuple[tuple[int, ...], ...]
    elsewhere: tuple[int, ...]


@dataclass(frozen=True)
class Mistake:
    """A row decided wrongly. confidence: the model's, in its wrong decision"""

    text: str
    entity: str
    label: str | None
    predicted: str | None
    confidence: float


@dataclass(frozen=True)
class Findings:
    """Everything measured about one model on one file of rows.

    model: name and version;  data: fingerprint of the rows;  baseline: name of the model compared with, "" for none
    made: when, as it shall be printed, "" for nothing
    reliability, histogram: over rows with a label, by the probability of the most probable known label
    """

    title: str
    model: str
    data: str
    n: int
    figures: Mapping[str, Figure]
    labels: tuple[LabelScore, ...]
    confusions: tuple[Confusion, ...]
    matrix: Matrix
    mistakes: tuple[Mistake, ...]
    reliability: tuple[ReliabilityBin, ...]
    histogram: tuple[HistogramBar, ...]
    baseline: str = ""
    comparison: Comparison | None = None
    audit: Audit | None = None
    made: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types; numbers with four significant digits; None is out of scope."""
        plain: dict[str, Any] = rounded(asdict(self))
        return plain


def named(label: str | None) -> str:
    """A label as people read it."""
    return OUT_OF_SCOPE if label is None else label


def figure_name(key: str) -> str:
    """A figure's key as people read it.

    >>> figure_name("macro_f1"), figure_name("mcc"), figure_name("in_scope_accuracy")
    ('Macro F1', 'MCC', 'In-scope accuracy')
    """
    if key in SHORT:
        return SHORT[key]
    words = key.replace("_f1", " F1").replace("in_scope", "in-scope").replace("out_of_scope", "out-of-scope")
    words = words.replace("_", " ")
    return words[:1].upper() + words[1:]


def rounded(value: Any) -> Any:
    """The same in plain JSON types, numbers with four significant digits."""
    if isinstance(value, Mapping):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
