"""How good the desk is on labelled questions: finding, refusing, calibration; with baselines in the same run."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.customer_service.pipeline.asking import HITS, decide, find, weigh
from apps.customer_service.pipeline.confidence import Calibration, Logistic
from apps.customer_service.schemas.asking import Turn
from apps.customer_service.settings import SupportSettings
from core.errors import Invalid
from core.evaluation.calibration import calibration_error
from core.evaluation.intervals import Share, share
from core.retrieval.collections import Collection
from core.retrieval.documents import Hit
from core.retrieval.fusion import Weights

SHUFFLES = 10  # of the folds: a threshold at the edge of 145 questions moves by .1 between two shuffles

BASELINES = {
    "passage vectors alone": Weights(1, 0, 0, 0),
    "words alone (BM25)": Weights(0, 0, 0, 1),
}


@dataclass(frozen=True)
class LabelledQuestion:
    """documents: keys of all documents that answer it; none: the base does not answer it"""

    id: str
    text: str
    kind: str
    documents: frozenset[str]
    turns: tuple[Turn, ...] = ()


def read_questions(rows: Iterable[dict[str, object]]) -> list[LabelledQuestion]:
    """raises: Invalid naming the row that lacks a text or documents"""
    questions = []
    for number, row in enumerate(rows, start=1):
        text, documents = row.get("text"), row.get("documents")
        if not isinstance(text, str) or not isinstance(documents, list):
            raise Invalid(f"question {number} lacks `text` or a list `documents`", remedy="correct the file")
        turns = row.get("turns") or []
        questions.append(
            LabelledQuestion(
                id=str(row.get("id", number)),
                text=text,
                kind=str(row.get("kind", "question")),
                documents=frozenset(map(str, documents)),
                turns=tuple(Turn.model_validate(turn) for turn in turns) if isinstance(turns, list) else (),
            )
        )
    return questions


def evaluate(
    questions: Sequence[LabelledQuestion], collection: Collection, calibration: Calibration
) -> dict[str, object]:
    """Finding over the answerable questions, refusing over all. "Refused": the action is `handoff`."""
    weighed = [weigh(collection, q.text, q.turns) for q in questions]
    found = [evidence.hits for evidence in weighed]
    answerable = [(q, hits) for q, hits in zip(questions, found, strict=True) if q.documents]
    confidence = np.array([calibration.right.probability(evidence) for evidence in weighed])
    actions = np.array([decide(evidence, calibration, SupportSettings()) for evidence in weighed])
    is_answerable = np.array([bool(q.documents) for q in questions])
    right = np.array([_first_is_right(q, hits) for q, hits in zip(questions, found, strict=True)])
    refused = actions == "handoff"
    kinds = dict.fromkeys(q.kind for q, _ in answerable)
    baselines = {
        name: _finding([(q, collection.search(q.text, HITS, weights=weights)) for q, _ in answerable])
        for name, weights in BASELINES.items()
    }
    alone = _finding([(q, find(collection, q.text, (), HITS)) for q, _ in answerable if q.turns])
    return {
        "questions": len(questions),
        "answerable": len(answerable),
        **_finding(answerable),
        "unanswerable_refused": share(refused[~is_answerable]).as_dict(),
        "answerable_refused": share(refused[is_answerable]).as_dict(),
        "answers_with_the_right_document": share(right[actions == "answer"]).as_dict(),
        "answerable_asked_back": share((actions == "clarify")[is_answerable]).as_dict(),
        "calibration_error": round(calibration_error(confidence, right), 4),
        "by_kind": {kind: _finding([(q, h) for q, h in answerable if q.kind == kind]) for kind in kinds},
        "baselines": {**baselines, "follow-ups by their last turn alone": alone},
    }


def _finding(found: Sequence[tuple[LabelledQuestion, Sequence[Hit]]]) -> dict[str, dict[str, float | int]]:
    first = Share(sum(_first_is_right(q, hits) for q, hits in found), len(found))
    three = Share(sum(bool(q.documents & set(_documents(hits)[:3])) for q, hits in found), len(found))
    return {"right_document_first": first.as_dict(), "right_document_in_three": three.as_dict()}


def _first_is_right(question: LabelledQuestion, hits: Sequence[Hit]) -> bool:
    return bool(hits) and hits[0].document in question.documents


def _documents(hits: Sequence[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.document for hit in hits))


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
            right.append(_first_is_right(question, evidence.hits))
            is_answerable.append(bool(question.documents))
        progress(done)
    y, answerable = np.array(right), np.array(is_answerable)
    if min(int(answerable.sum()), int((~answerable).sum())) < 20:
        raise Invalid("calibration needs 20 answerable and 20 unanswerable questions", remedy="label some more")
    x = np.array(rows)  # (n, len(FEATURES))
    folds = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in range(SHUFFLES)]
    answered, unseen = _fit(x, answerable, folds)
    return Calibration(
        answered=answered,
        right=_fit(x, y, folds)[0],
        refuse_below=round(float(np.quantile(unseen[answerable], most_refused)), 3),
        answer_above=0.5,
        questions=len(y),
    )


def _fit(
    x: "np.ndarray[Any, Any]", y: "np.ndarray[Any, Any]", folds: Sequence[Any]
) -> tuple[Logistic, "np.ndarray[Any, Any]"]:
    """x: (n, len(FEATURES));  y: (n,) bool;  folds: splitters, one a shuffle

    returns: the model; each row's probability when held out, averaged over the shuffles (n,)
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    # Of 1, 3, 10, 30, 100: held out in turn, the tuning questions are told apart best (area under the curve .985).
    regression = LogisticRegression(C=10.0, max_iter=2_000)
    each = [cross_val_predict(regression, x, y, cv=fold, method="predict_proba")[:, 1] for fold in folds]
    regression.fit(x, y)
    weights = tuple(round(float(weight), 4) for weight in regression.coef_[0])
    return Logistic(weights, round(float(regression.intercept_[0]), 4)), np.mean(each, axis=0)
