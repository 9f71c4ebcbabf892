"""The desk's reply over HTTP: small talk without a search, a person when asked for, several questions one by one."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.answering import reply
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.words import say
from apps.customer_service.schemas.asking import Action, Answer, AskQuery, Citation
from core.app import Services
from core.testing.api import api_client

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."},
    {"id": "freeze", "question": "How do I freeze my card?", "answer": "Tap Freeze in the app."},
]


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    import_rows(ROWS, services.collections.ensure("support"))
    with api_client(services, [app]) as client:
        yield client


def said(client: TestClient, message: str) -> Answer:
    sent = client.post("/v1/support/ask", json={"question": message})
    assert sent.status_code == 200, sent.text
    return Answer.model_validate(sent.json())


@pytest.mark.parametrize(
    ("message", "kind", "action", "words"),
    [
        ("Danke!", "small_talk", "answer", say("thanks", "de")),
        ("Bonjour", "small_talk", "answer", say("greeting", "fr")),
        ("agent!!", "human", "handoff", say("human", "en")),
        ("Quiero hablar con una persona", "human", "handoff", say("human", "es")),
        ("???", "wordless", "clarify", say("wordless", "en")),
        ("\u0001\u0002\u0003", "garbled", "clarify", say("garbled", "en")),
    ],
)
def test_what_is_no_question_is_not_searched(client: TestClient, message: str, kind: str, action: str, words: str):
    answer = said(client, message)
    assert (answer.kind, answer.action, answer.answer) == (kind, action, words)
    assert (answer.confidence, answer.citations, answer.suggestions, answer.parts) == (None, [], [], [])


def test_a_question_is_searched_as_ever(client: TestClient):
    answer = said(client, "What does a new card cost?")
    assert answer.kind == "question"
    assert answer.confidence is not None
    assert answer.parts == []


def one(action: Action, confidence: float, texts: list[str]) -> Answer:
    citations = [
        Citation(number=n, document="d", title="t", source="s", heading=[], passage="d", start=0, end=1, text=text)
        for n, text in enumerate(texts, start=1)
    ]
    return Answer(
        answer="\n".join(f"{c.text} [{c.number}]" for c in citations) or "?",
        action=action,
        confidence=confidence,
        confidence_words="sure",
        citations=citations,
        suggestions=[],
        collection="support",
    )


def test_several_questions_are_answered_one_by_one_with_citations_numbered_through():
    asked: list[AskQuery] = []
    answers = iter([one("answer", 0.9, ["A", "B"]), one("answer", 0.8, ["C"]), one("handoff", 0.1, [])])

    def answer_one(query: AskQuery) -> Answer:
        asked.append(query)
        return next(answers)

    message = "How do I freeze my card and what does a new one cost? Also where is my order"
    together = reply(AskQuery(question=message), answer_one)
    assert [query.question for query in asked] == [part.question for part in together.parts]
    assert asked[1].question == "what does a new card cost?"
    assert [part.citations for part in together.parts] == [[1, 2], [3], []]
    assert [citation.number for citation in together.citations] == [1, 2, 3]
    assert "A [1]\nB [2]" in together.answer
    assert "C [3]" in together.answer
    assert (together.action, together.confidence) == ("handoff", 0.1)
    assert together.parts[2].answer == say("dont_know", "en")


def test_what_is_short_is_read_with_the_question_before_it():
    asked: list[AskQuery] = []

    def answer_one(query: AskQuery) -> Answer:
        asked.append(query)
        return one("answer", 0.9, ["A"])

    reply(AskQuery(question="Wie sperre ich meine Karte und was kostet eine neue?"), answer_one)
    assert [turn.text for turn in asked[1].turns] == ["Wie sperre ich meine Karte?"]
