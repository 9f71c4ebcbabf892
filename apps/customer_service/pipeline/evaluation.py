"""How good the desk is on labelled questions: finding, refusing, calibration; with baselines in the same run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from apps.customer_service.pipeline.asking import ANSWERED, HITS, decide, weigh
from apps.customer_service.pipeline.confidence import calibration_of
from apps.customer_service.schemas.asking import Turn
from apps.customer_service.settings import SupportSettings
from core.errors import Invalid
from core.evaluation.calibration import calibration_error
from core.evaluation.intervals import Share, share
from core.retrieval.collections import Collection
from core.retrieval.documents import Hit
from core.retrieval.fusion import Weights

BASELINES = {
    "passage vectors alone": Weights(1, 0, 0, 0, 0),
    "words alone (BM25)": Weights(0, 0, 0, 1, 0),
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
    """Without a `text`, the last of `turns` is the question.

    raises: Invalid naming the row that lacks a text or documents
    """
    questions = []
    for number, row in enumerate(rows, start=1):
        turns = row.get("turns") or []
        turns = list(turns) if isinstance(turns, list) else []
        text, documents = row.get("text"), row.get("documents")
        if text is None and turns and isinstance(turns[-1], dict):
            text = turns.pop().get("text")
        if not isinstance(text, str) or not isinstance(documents, list):
            raise Invalid(f"question {number} lacks `text` or a list `documents`", remedy="correct the file")
        questions.append(
            LabelledQuestion(
                id=str(row.get("id", number)),
                text=text,
                kind=str(row.get("kind", "question")),
                documents=frozenset(map(str, documents)),
                turns=tuple(Turn.model_validate(turn) for turn in turns),
            )
        )
    return questions


def evaluate(questions: Sequence[LabelledQuestion], collection: Collection) -> dict[str, object]:
    """Finding over the answerable questions, refusing over all, by what live answers go by.

    "Refused": the action is `handoff`. Two calibration errors: of what `search` says, that the base answers, and of
    what `ask` says, that the best hit's document does.
    """
    calibration = calibration_of(collection)
    weighed = [weigh(collection, q.text, q.turns) for q in questions]
    found = [evidence.hits for evidence in weighed]
    answerable = [(q, hits) for q, hits in zip(questions, found, strict=True) if q.documents]
    sure_answered = np.array([calibration.answered.probability(evidence) for evidence in weighed])
    sure_right = np.array([calibration.right.probability(evidence) for evidence in weighed])
    actions = np.array([decide(evidence, calibration, SupportSettings()) for evidence in weighed])
    is_answerable = np.array([bool(q.documents) for q in questions])
    right = np.array([first_is_right(q, hits) for q, hits in zip(questions, found, strict=True)])
    refused = actions == "handoff"
    kinds = dict.fromkeys(q.kind for q, _ in answerable)
    baselines = {
        name: _finding([(q, collection.search(q.text, HITS, weights=weights)) for q, _ in answerable])
        for name, weights in BASELINES.items()
    }
    last = [(q, collection.search(q.text, HITS, where=ANSWERED)) for q, _ in answerable if q.turns]
    return {
        "questions": len(questions),
        "answerable": len(answerable),
        **_finding(answerable),
        "unanswerable_refused": share(refused[~is_answerable]).as_dict(),
        "answerable_refused": share(refused[is_answerable]).as_dict(),
        "answers_with_the_right_document": share(right[actions == "answer"]).as_dict(),
        "answerable_asked_back": share((actions == "clarify")[is_answerable]).as_dict(),
        "calibration_error_of_search": round(calibration_error(sure_answered, is_answerable), 4),
        "calibration_error_of_ask": round(calibration_error(sure_right, right), 4),
        "by_kind": {kind: _finding([(q, h) for q, h in answerable if q.kind == kind]) for kind in kinds},
        "baselines": {**baselines, "follow-ups by their last turn alone": _finding(last)},
    }


def _finding(found: Sequence[tuple[LabelledQuestion, Sequence[Hit]]]) -> dict[str, dict[str, float | int]]:
    first = Share(sum(first_is_right(q, hits) for q, hits in found), len(found))
    three = Share(sum(bool(q.documents & set(_documents(hits)[:3])) for q, hits in found), len(found))
    return {"right_document_first": first.as_dict(), "right_document_in_three": three.as_dict()}


def first_is_right(question: LabelledQuestion, hits: Sequence[Hit]) -> bool:
    """Whether the best hit's document answers it."""
    return bool(hits) and hits[0].document in question.documents


def _documents(hits: Sequence[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.document for hit in hits))
