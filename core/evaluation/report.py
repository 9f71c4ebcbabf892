"""One report about one model: put together here, given out as JSON, Markdown or one HTML page. Writes no files."""

import json
from collections import Counter
from collections.abc import Sequence

from core.evaluation import html, markdown
from core.evaluation.audit import Audit
from core.evaluation.calibration import histogram, reliability
from core.evaluation.classification import BINS, confidences, measure
from core.evaluation.compare import compare
from core.evaluation.findings import Confusion, Findings, LabelScore, Matrix, Mistake
from core.evaluation.tallies import Coded, coded
from core.outcomes import Labelled, Prediction, fingerprint

CONFUSIONS = 20
MATRIX_LABELS = 12
MISTAKES = 25


class Report(Findings):
    """Findings that can be given out. All three forms hold texts of the data: keep them as private as the data."""

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)

    def to_markdown(self) -> str:
        """For a terminal or a repository."""
        return markdown.written(self)

    def to_html(self) -> str:
        """One page that needs nothing from outside."""
        return html.page(self)


def build_report(
    rows: Sequence[Labelled],
    predictions: Sequence[Prediction],
    *,
    model: str,
    title: str = "",
    baseline: str = "",
    baseline_predictions: Sequence[Prediction] | None = None,
    audit: Audit | None = None,
    made: str = "",
    seed: int = 7,
    resamples: int = 1_000,
) -> Report:
    """Measure a model's predictions and gather what explains the figures.

    model, baseline: names with versions, as printed;  audit: what `core.evaluation.audit.audit` returned
    made: when, as it shall be printed
    raises: Invalid without rows, or when predictions are not one a row

    >>> report = build_report([Labelled("hi", "hello")], [Prediction("hello", 0.9)], model="greeter@1")
    >>> report.title, report.figures["accuracy"].value
    ('Evaluation of greeter@1', 1.0)
    """
    codes = coded(rows, predictions)
    wrong = [(row, p) for row, p in zip(rows, predictions, strict=True) if row.label != p.label]
    wrong.sort(key=lambda pair: -pair[1].confidence)
    confidence, right = confidences(rows, predictions)
    confusions = _confusions(rows, predictions)
    compared = baseline_predictions is not None
    return Report(
        title=title or f"Evaluation of {model}",
        model=model,
        data=fingerprint(rows),
        n=len(rows),
        figures=measure(rows, predictions, seed, resamples),
        labels=_label_scores(codes),
        confusions=tuple(confusions[:CONFUSIONS]),
        matrix=_matrix(rows, predictions, confusions),
        mistakes=tuple(Mistake(row.text, row.entity, row.label, p.label, p.confidence) for row, p in wrong[:MISTAKES]),
        reliability=reliability(confidence, right, BINS),
        histogram=histogram(confidence, right) if len(confidence) else (),
        baseline=baseline if compared else "",
        comparison=None
        if baseline_predictions is None
        else compare(rows, predictions, baseline_predictions, seed, resamples),
        audit=audit,
        made=made,
    )


def _label_scores(codes: Coded) -> tuple[LabelScore, ...]:
    """Of the labels that stand in the data, worst F1 first; out of scope among them."""
    from sklearn.metrics import precision_recall_fscore_support

    present, [said] = sorted({int(code) for code in codes.truth}), codes.said
    columns = precision_recall_fscore_support(codes.truth, said, labels=present, zero_division=0)
    scores = [
        LabelScore(codes.labels[code], float(p), float(r), float(f1), int((said == code).sum()), int(support))
        for code, p, r, f1, support in zip(present, *columns, strict=True)
    ]
    return tuple(sorted(scores, key=lambda score: score.f1))


def _confusions(rows: Sequence[Labelled], predictions: Sequence[Prediction]) -> list[Confusion]:
    support = Counter(row.label for row in rows)
    pairs = Counter((row.label, p.label) for row, p in zip(rows, predictions, strict=True) if row.label != p.label)
    return [Confusion(label, said, n, n / support[label]) for (label, said), n in pairs.most_common()]


def _matrix(rows: Sequence[Labelled], predictions: Sequence[Prediction], confusions: Sequence[Confusion]) -> Matrix:
    """The labels of the most frequent confusions, as many as the eye can take in, in the order of the alphabet."""
    met = list(dict.fromkeys(label for c in confusions for label in (c.label, c.predicted)))[:MATRIX_LABELS]
    labels = sorted(met, key=lambda label: (label is None, label or ""))
    pairs = Counter((row.label, p.label) for row, p in zip(rows, predictions, strict=True))
    support = Counter(row.label for row in rows)
    counts = tuple(tuple(pairs[truth, said] for said in labels) for truth in labels)
    elsewhere = tuple(support[truth] - sum(line) for truth, line in zip(labels, counts, strict=True))
    return Matrix(tuple(labels), counts, elsewhere)
