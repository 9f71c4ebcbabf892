"""Fit the confidence to a knowledge base: with labelled questions, or without any by asking what strangers would ask."""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from apps.customer_service.pipeline.asking import weigh
from apps.customer_service.pipeline.confidence import CALIBRATION, MOVED, STRANGERS, Calibration, Logistic
from apps.customer_service.pipeline.evaluation import LabelledQuestion, first_is_right
from core.errors import Invalid
from core.retrieval.collections import Collection

SHUFFLES = 10  # of the folds: a threshold at the edge of 145 questions moves by .1 between two shuffles
GROWN = 1.25  # times the documents there were: strangers are asked anew
Rows = np.ndarray[Any, Any]


def calibrate(
    questions: Sequence[LabelledQuestion],
    collection: Collection,
    most_refused: float = 0.035,
    progress: Callable[[int], None] = lambda _: None,
) -> Calibration:
    """Fit the confidence to labelled questions, answerable and not, and set the thresholds.

    most_refused: share of the answerable questions that may be handed over (by cross-validated confidence)
    raises: Invalid with fewer than 20 of either kind
    """
    from sklearn.model_selection import StratifiedKFold

    rows, right, is_answerable = [], [], []
    for done, question in enumerate(questions, start=1):
        evidence = weigh(collection, question.text, question.turns)
        if evidence.hits:
            rows.append(evidence.features())
            right.append(first_is_right(question, evidence.hits))
            is_answerable.append(bool(question.documents))
        progress(done)
    y, answerable = np.array(right), np.array(is_answerable, dtype=np.bool_)
    if min(int(answerable.sum()), int((~answerable).sum())) < 20:
        raise Invalid("calibration needs 20 answerable and 20 unanswerable questions", remedy="label some more")
    folds = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in range(SHUFFLES)]
    answered, unseen = _fit(rows, answerable, folds)
    return Calibration(
        answered=answered,
        right=_fit(rows, y, folds)[0],
        refuse_below=round(float(np.quantile(unseen[answerable], most_refused)), 3),
        answer_above=0.5,
        questions=len(y),
        strangers=ask_strangers(collection),
    )


def _fit(evidence: Sequence[dict[str, float]], y: Rows, folds: Sequence[Any]) -> tuple[Logistic, Rows]:
    """evidence: features by name, a question each;  y: (n,) bool;  folds: splitters, one a shuffle

    returns: the model; each question's probability when held out, averaged over the shuffles (n,)
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    names = list(evidence[0])
    x = np.array([[features[name] for name in names] for features in evidence])  # (n, features)
    # Of 1, 3, 10, 30, 100: held out in turn, the tuning questions are told apart best (area under the curve .985).
    regression = LogisticRegression(C=10.0, max_iter=2_000)
    each = [cross_val_predict(regression, x, y, cv=fold, method="predict_proba")[:, 1] for fold in folds]
    regression.fit(x, y)
    weights = {name: round(float(weight), 4) for name, weight in zip(names, regression.coef_[0], strict=True)}
    return Logistic(weights, round(float(regression.intercept_[0]), 4)), np.mean(each, axis=0)


def keep(collection: Collection, calibration: Calibration | None) -> None:
    """Let live answers go by a calibration from now on, in every process. calibration: None for the shipped one again"""
    collection.keep(CALIBRATION, calibration.to_json() if calibration else None)


def ask_strangers(collection: Collection) -> dict[str, float]:
    """returns: by name, the median evidence that strangers' questions find; {} in an empty base"""
    questions = files(__package__).joinpath("strangers.txt").read_text(encoding="utf-8").splitlines()
    found = [evidence.features() for text in questions if (evidence := weigh(collection, text, ())).hits]
    return {name: round(float(np.median([features[name] for features in found])), 4) for name in MOVED if found}


def adapt(collection: Collection) -> None:
    """After an import: move the shipped confidence to this base, unless it was done when the base was about as big."""
    documents = collection.count()
    note = collection.notes().get(STRANGERS)
    before = json.loads(note)["documents"] if note else 0
    if documents and not documents / GROWN <= before <= documents * GROWN:
        medians = ask_strangers(collection)
        if medians:
            collection.keep(STRANGERS, json.dumps({"documents": documents, "medians": medians}))
