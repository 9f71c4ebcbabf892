"""Asking: three explicit actions, sources for every word, nothing invented."""

from math import log

import pytest

from apps.customer_service.app import app
from apps.customer_service.pipeline.asking import CONTEXT_WORDS, ask, context_of, search
from apps.customer_service.pipeline.calibrating import keep
from apps.customer_service.pipeline.confidence import Calibration, Logistic
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.schemas.asking import Answer, AskQuery, SearchQuery, Turn
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.retrieval.collections import Collection
from core.testing.contract import check_app

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN."},
]


def certain(answered: float, right: float) -> Calibration:
    """A calibration that is always this sure."""
    always = (Logistic({}, log(p / (1 - p))) for p in (answered, right))
    return Calibration(*always, refuse_below=0.3, answer_above=0.7, questions=0)


@pytest.fixture
def desk(services: Services) -> Collection:
    collection = services.collections.ensure("support")
    import_rows(ROWS, collection)
    return collection


def answer(desk: Collection, answered: float, right: float, settings: SupportSettings | None = None) -> Answer:
    keep(desk, certain(answered, right))
    return ask(AskQuery(question="new card cost"), desk, settings or SupportSettings())


def test_a_sure_answer_quotes_its_source(desk: Collection):
    found = answer(desk, 0.9, 0.9)
    assert (found.action, found.answer) == ("answer", "A new card costs £5. [1]")
    [citation] = found.citations
    [stored] = desk.documents([citation.document])
    assert stored.text[citation.start : citation.end] == citation.text


def test_an_answer_says_how_likely_its_document_is_right_and_a_search_that_the_base_answers(desk: Collection):
    assert answer(desk, 0.9, 0.75).confidence == 0.75
    assert search(SearchQuery(query="new card cost", k=1), desk, SupportSettings()).confidence == 0.9


def test_answered_somewhere_but_unsure_where_the_desk_asks_back(desk: Collection):
    found = answer(desk, 0.9, 0.5)
    assert (found.action, found.citations) == ("clarify", [])
    assert {suggestion.document for suggestion in found.suggestions} == {"fee", "pin"}


def test_not_answered_here_a_person_is_asked_for(desk: Collection):
    found = answer(desk, 0.1, 0.9)
    assert found.action == "handoff"
    assert "I don't know" in found.answer
    assert found.citations == []


def test_the_operators_thresholds_are_obeyed(desk: Collection):
    assert answer(desk, 0.9, 0.5, SupportSettings(answer_above=0.4)).action == "answer"
    assert answer(desk, 0.9, 0.9, SupportSettings(answer_above=0.95)).action == "clarify"
    assert answer(desk, 0.9, 0.9, SupportSettings(refuse_below=0.95)).action == "handoff"


def test_an_empty_base_never_answers(services: Services):
    empty = services.collections.ensure("empty")
    assert answer(empty, 0.99, 0.99).action == "handoff"


def test_a_known_gap_is_never_quoted(desk: Collection):
    import_rows([{"id": "gap", "question": "Do you sell hats?", "answer": None}], desk)
    keep(desk, certain(0.9, 0.9))
    found = ask(AskQuery(question="Do you sell hats?"), desk, SupportSettings())
    assert all(citation.document != "gap" for citation in found.citations)


def test_a_long_conversation_leaves_room_for_the_question():
    turns = [Turn(role="user", text="word " * 500), Turn(role="agent", text="last words")]
    context = context_of(turns)
    assert len(context.split()) == CONTEXT_WORDS
    assert context.endswith("last words")


def test_the_app_keeps_the_contract():
    check_app(app)
