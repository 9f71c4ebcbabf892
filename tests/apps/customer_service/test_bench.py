"""The test bench shows what live asking decides by: the same code, the same numbers."""

import pytest

from apps.customer_service.app import app
from apps.customer_service.pipeline.bench import try_question
from apps.customer_service.pipeline.calibrating import keep
from apps.customer_service.pipeline.confidence import shipped
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.words import say
from apps.customer_service.schemas.asking import AskQuery, Turn
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.retrieval.collections import Collection
from core.testing.api import api_client
from tests.apps.customer_service.test_asking import ROWS, certain

QUESTIONS = [
    AskQuery(question="new card cost"),
    AskQuery(question="and the PIN?", turns=[Turn(role="user", text="What does a card cost?")]),
    AskQuery(question="zzz"),
]


@pytest.fixture
def desk(services: Services) -> Collection:
    collection = services.collections.ensure("support")
    import_rows([*ROWS, {"id": "gap", "question": "Do you sell hats?", "answer": None}], collection)
    return collection


@pytest.mark.parametrize("query", QUESTIONS)
@pytest.mark.parametrize("sure", [(0.9, 0.9), (0.9, 0.5), (0.1, 0.9)])
def test_the_bench_answers_as_live(services: Services, desk: Collection, query: AskQuery, sure: tuple[float, float]):
    keep(desk, certain(*sure))
    with api_client(services, [app]) as client:
        tried = client.post("/v1/support/knowledge/try", json=query.model_dump()).json()
        assert tried["answer"] == client.post("/v1/support/ask", json=query.model_dump()).json()
        assert tried["answer"]["kind"] == "question"


def test_small_talk_is_not_searched_on_the_bench_either(desk: Collection):
    tried = try_question(AskQuery(question="Danke!"), desk, SupportSettings())
    assert (tried.answer.answer, tried.answer.kind) == (say("thanks", "de"), "small_talk")
    assert (tried.answered, tried.right, tried.features, tried.hits) == (None, None, {}, [])


def test_of_several_questions_the_least_sure_one_is_shown(desk: Collection):
    keep(desk, shipped())
    tried = try_question(AskQuery(question="What does a new card cost? And who are zzz qqq?"), desk, SupportSettings())
    assert len(tried.answer.parts) == 2
    assert tried.right == pytest.approx(tried.answer.confidence, abs=1e-4)


def test_what_is_shown_is_what_decides(desk: Collection):
    calibration, settings = shipped(), SupportSettings(refuse_below=0.2)
    keep(desk, calibration)
    tried = try_question(QUESTIONS[0], desk, settings)
    score = calibration.right.bias + sum(
        weight * tried.features[name] for name, weight in calibration.right.weights.items()
    )
    assert tried.right == pytest.approx(1 / (1 + 2.718281828459045**-score))
    assert (tried.refuse_below, tried.answer_above) == (0.2, calibration.answer_above)
    assert tried.answer.confidence == pytest.approx(tried.right, abs=1e-4)
    assert [hit.document for hit in tried.gaps] == ["gap"]
    assert {hit.document for hit in tried.hits} == {"fee", "pin"}


def test_an_empty_base_has_no_features_and_hands_over(services: Services):
    tried = try_question(QUESTIONS[0], services.collections.ensure("empty"), SupportSettings())
    assert (tried.features, tried.hits, tried.answer.action) == ({}, [], "handoff")
