"""Conversations over HTTP, on SQLite and PostgreSQL: stored once, answered once, and each side sees its own."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline import replying
from apps.customer_service.pipeline.conversing import open_desk
from apps.customer_service.pipeline.drafting import Drafter
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.words import say
from apps.customer_service.schemas.asking import Answer, Suggestion
from apps.customer_service.store.conversations import Conversations, NewEntry
from core.app import Services
from core.auth import create_key
from core.errors import Overloaded
from core.generation.calling import Caller, Limits
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5. Abroad it costs £6."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN."},
]


@dataclass
class House:
    """The API with two keys. services: what stands behind it"""

    client: TestClient
    services: Services
    conversations: Conversations
    agent: dict[str, str]

    def begin(self, text: str | None = None, **about: Any) -> str:
        message = {} if text is None else {"message": {"text": text}}
        answer = self.client.post("/v1/support/conversations", json={**about, **message})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["conversation"]["id"])

    def say(self, chat: str, text: str, **more: str) -> dict[str, Any]:
        answer = self.client.post(f"/v1/support/conversations/{chat}/messages", json={"text": text, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def get(self, path: str, **headers: str) -> Any:
        answer = self.client.get(f"/v1/support/conversations/{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def entries(self, chat: str) -> list[dict[str, Any]]:
        return list(self.get(f"{chat}/entries", **self.agent)["items"])


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[House]:
    thresholds = {"refuse_below": 1e-9, "answer_above": 1e-9}
    chosen = settings.model_copy(update={"database_url": database_url, "apps": {"customer_service": thresholds}})
    services = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    import_rows(ROWS, services.collections.ensure("support"))
    keys = [
        create_key(services.database, scope, [scope], known_scopes=list(app.scopes), now=clock()).key
        for scope in ("support:chat", "support:agent")
    ]
    headers = [{"Authorization": f"Bearer {key}"} for key in keys]
    with TestClient(create_api([app], services), headers=headers[0]) as client:
        yield House(client, services, Conversations(services.database, clock), headers[1])
    close_services(services)


def answers_with(monkeypatch: pytest.MonkeyPatch, *actions: str) -> list[Any]:
    """Let the desk decide as told, one action a question. returns: the questions, as they come"""
    left, asked = list(actions), []

    def ask(query: Any, collection: Any, *_: Any) -> Answer:
        asked.append(query)
        action = left.pop(0) if left else "answer"
        pages = [Suggestion(document=d, title=t, heading=[], passage=d, start=0, end=1) for d, t in TITLES]
        return Answer(
            answer={"answer": "Yes.", "clarify": replying.asking.WHICH, "handoff": replying.asking.DONT_KNOW}[action],
            action=action,  # type: ignore[arg-type]
            confidence=0.5,
            confidence_words="rather unsure",
            citations=[],
            suggestions=[] if action == "answer" else pages,
            collection=collection.name,
        )

    monkeypatch.setattr(replying.asking, "ask", ask)
    return asked


TITLES = (("fee", "Cost of a card"), ("pin", "Your PIN"))


def test_a_message_is_answered_in_the_sources_words_and_both_are_kept(house: House):
    chat = house.begin(customer="c-1", metadata={"page": "/help"})
    told = house.say(chat, "What does a new card cost?")
    assert told["reply"]["text"].startswith("A new card costs £5.")
    assert told["reply"]["data"]["citations"][0]["text"] in ROWS[0]["answer"]
    assert told["reply"]["data"]["replies_to"] == [told["message"]["number"]] == [1]
    assert (told["state"], told["pending"]) == ("bot", False)
    kept = house.get(f"{chat}/entries")
    assert [(entry["role"], entry["number"]) for entry in kept["items"]] == [("customer", 1), ("bot", 2)]
    assert kept["items"][1] == told["reply"]


def test_a_first_message_may_come_along(house: House):
    answer = house.client.post("/v1/support/conversations", json={"message": {"text": "new card cost?"}}).json()
    assert answer["exchange"]["reply"]["role"] == "bot"
    assert answer["conversation"]["last_number"] == 2
    assert answer["conversation"]["customer"].startswith("visitor_")


def test_the_same_message_sent_twice_at_once_is_stored_and_answered_once(house: House):
    chat = house.begin()
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: house.say(chat, "new card cost?", client_id="m-1"), range(12)))
    assert {one["message"]["number"] for one in told} == {1}
    assert {one["reply"]["number"] for one in told if one["reply"]} == {2}
    assert len(house.entries(chat)) == 2
    assert house.say(chat, "new card cost?", client_id="m-1")["reply"]["number"] == 2
    other = {"text": "my pin?", "client_id": "m-1"}
    refused = house.client.post(f"/v1/support/conversations/{chat}/messages", json=other)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/other-message"


def test_a_follow_up_is_asked_with_what_was_said_before(house: House, monkeypatch: pytest.MonkeyPatch):
    asked = answers_with(monkeypatch)
    chat = house.begin("What does a card cost?")
    house.say(chat, "and abroad?")
    assert asked[1].question == "and abroad?"
    assert [(turn.role, turn.text) for turn in asked[1].turns] == [
        ("user", "What does a card cost?"),
        ("agent", "Yes."),
    ]


def test_what_is_not_answered_goes_to_a_person_and_the_desk_is_silent_from_then_on(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    asked = answers_with(monkeypatch, "handoff")
    chat = house.begin()
    told = house.say(chat, "May I bring my dog?")
    assert told["reply"]["text"] == say("passed_on", "en")
    assert told["state"] == "queued"
    again = house.say(chat, "Hello?")
    assert (again["reply"], again["pending"], len(asked)) == (None, False, 1)
    state = house.entries(chat)[2]
    assert (state["kind"], state["data"]) == ("state", {"before": "bot", "after": "queued", "reason": "not_answered"})
    seen = house.get(chat, **house.agent)
    assert (seen["queue"], seen["reason"], seen["queued_at"]) == ("everyone", "not_answered", seen["handed_over_at"])


def test_two_questions_back_in_a_row_are_one_too_many(house: House, monkeypatch: pytest.MonkeyPatch):
    answers_with(monkeypatch, "clarify", "clarify")
    chat = house.begin()
    assert [one["document"] for one in house.say(chat, "it?")["reply"]["data"]["suggestions"]] == ["fee", "pin"]
    told = house.say(chat, "well, it")
    assert (told["reply"]["text"], told["state"]) == (say("still_unsure", "en"), "queued")
    assert house.get(chat, **house.agent)["reason"] == "unclear"


def test_thanks_between_two_questions_back_does_not_make_them_clear(house: House, monkeypatch: pytest.MonkeyPatch):
    answers_with(monkeypatch, "clarify", "clarify")
    chat = house.begin("it?")
    assert house.say(chat, "Thanks!")["reply"]["text"] == say("thanks", "en")
    assert house.say(chat, "well, it")["state"] == "queued"


@pytest.mark.parametrize("picked", [{"text": "the second one, please"}, {"text": "your pin"}, {"choice": "pin"}])
def test_a_choice_is_answered_from_the_chosen_document(
    house: House, monkeypatch: pytest.MonkeyPatch, picked: dict[str, str]
):
    asked = answers_with(monkeypatch, "clarify")
    chat = house.begin("it?")
    told = house.client.post(f"/v1/support/conversations/{chat}/messages", json=picked).json()
    assert told["reply"]["text"].startswith("The app shows your PIN.")
    assert told["message"]["text"] == picked.get("text", "Your PIN")
    assert len(asked) == 1
    assert house.entries(chat)[-1]["data"]["chosen"] == "pin"


def test_what_was_not_offered_cannot_be_chosen(house: House):
    chat = house.begin()
    refused = house.client.post(f"/v1/support/conversations/{chat}/messages", json={"choice": "pin"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-offered")
    assert house.entries(chat) == []


def test_a_person_may_be_asked_for_at_any_time_and_asking_twice_changes_nothing(house: House):
    chat = house.begin("new card cost?")
    path = f"/v1/support/conversations/{chat}/handoff"
    first, second = house.client.post(path), house.client.post(path)
    assert first.json() == second.json()
    assert first.json()["state"] == "queued"
    assert len(house.entries(chat)) == 3


def test_a_person_who_is_asked_for_while_the_desk_thinks_is_not_talked_over(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    chat, ask = house.begin(), replying.asking.ask

    def meanwhile(*given: Any) -> Answer:
        house.client.post(f"/v1/support/conversations/{chat}/handoff")
        return ask(*given)

    monkeypatch.setattr(replying.asking, "ask", meanwhile)
    told = house.say(chat, "new card cost?")
    assert (told["reply"], told["state"], told["pending"]) == (None, "queued", False)
    assert [entry["role"] for entry in house.entries(chat)] == ["customer", "system"]


def test_messages_that_come_before_the_answer_are_answered_together(house: House, monkeypatch: pytest.MonkeyPatch):
    chat, thinking, go_on = house.begin(), threading.Event(), threading.Event()
    asked: list[str] = []
    reply = replying.reply

    def slowly(query: Any, *given: Any) -> Answer:
        asked.append(query.question)
        if len(asked) == 1:
            thinking.set()
            assert go_on.wait(30)
        return reply(query, *given)

    monkeypatch.setattr(replying, "reply", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(house.say, chat, "Hello")
        assert thinking.wait(30)
        second = house.say(chat, "what does a new card cost?")
        go_on.set()
        assert first.result()["reply"]["number"] == second["reply"]["number"]
    assert asked == ["Hello", "Hello\nwhat does a new card cost?"]
    assert [entry["role"] for entry in house.entries(chat)] == ["customer", "customer", "bot"]
    assert second["reply"]["data"]["replies_to"] == [1, 2]


def test_a_message_that_a_dead_process_left_is_answered_once_by_the_job(house: House, clock: FixedClock):
    chat = house.begin()
    with house.conversations.change(chat) as change:
        change.row.pending = change.append(NewEntry("message", "customer", "new card cost?")).number
    desk = house.services.once(open_desk)
    assert desk.answer_left_behind() == 0
    clock.advance(seconds=6)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: desk.answer_left_behind(), range(4)))
    assert [entry["role"] for entry in house.entries(chat)] == ["customer", "bot"]
    assert desk.answer_left_behind() == 0


def test_a_message_is_left_to_a_living_process_for_as_long_as_its_chat_model_may_take(house: House, clock: FixedClock):
    chat = house.begin()
    with house.conversations.change(chat) as change:
        change.row.pending = change.append(NewEntry("message", "customer", "new card cost?")).number
        change.row.customer_at = change.now
    model = Caller(GenericFakeChatModel(messages=iter([])), Limits(seconds=20))
    slow = replace(house.services.once(open_desk), drafter=Drafter(model, house.services.encoder, rewrites=True))
    clock.advance(seconds=6 * (20 + 5))
    assert slow.answer_left_behind() == 0
    clock.advance(seconds=6)
    assert slow.answer_left_behind() == 1
    assert house.get(chat)["state"] == "bot"
    assert [entry["role"] for entry in house.entries(chat)] == ["customer", "bot"]


def test_while_the_parts_are_busy_the_message_is_safe_and_in_the_end_a_person_gets_it(
    house: House, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
):
    def busy(*_: Any) -> Answer:
        raise Overloaded("the queue is full")

    monkeypatch.setattr(replying.asking, "ask", busy)
    chat = house.begin()
    told = house.say(chat, "new card cost?")
    assert (told["reply"], told["pending"]) == (None, True)
    desk = house.services.once(open_desk)
    clock.advance(seconds=10)
    desk.answer_left_behind()
    assert house.get(chat)["state"] == "bot"
    clock.advance(seconds=60)
    desk.answer_left_behind()
    assert house.get(chat, **house.agent)["reason"] == "failed"


def test_when_the_knowledge_base_is_gone_a_person_goes_on(house: House):
    house.services.collections.ensure("old")
    chat = house.begin(collection="old")
    house.services.collections.drop("old")
    told = house.say(chat, "new card cost?")
    assert (told["reply"], told["state"]) == (None, "queued")
    assert house.get(chat, **house.agent)["reason"] == "failed"
    gone = house.client.post("/v1/support/conversations", json={"collection": "old"})
    assert gone.status_code == 404


def test_customers_never_see_notes_nor_what_the_desk_keeps_to_itself(house: House):
    chat = house.begin("new card cost?", metadata={"tier": "secret-gold"})
    with house.conversations.change(chat) as change:
        change.append(NewEntry("note", "agent", "secret note", author="ada"))
        change.append(NewEntry("message", "agent", "I look into it.", author="ada", data={"draft": "secret draft"}))
    house.client.post(f"/v1/support/conversations/{chat}/handoff")
    for path in (chat, f"{chat}/entries"):
        shown = json.dumps(house.get(path))
        assert not [
            word for word in ("secret", "ada", "asked_for", "confidence", "everyone", "source") if word in shown
        ]
    seen = json.dumps([house.get(path, **house.agent) for path in (chat, f"{chat}/entries")])
    assert all(word in seen for word in ("secret note", "secret draft", "secret-gold", "ada", "asked_for"))
    as_customer = house.get(f"{chat}/entries?view=customer", **house.agent)
    assert [entry["number"] for entry in as_customer["items"]] == [1, 2, 4, 5]


def test_who_may_do_what(house: House):
    chat = house.begin()
    assert house.client.get("/v1/support/conversations").status_code == 403
    writes = house.client.post(f"/v1/support/conversations/{chat}/messages", json={"text": "x"}, headers=house.agent)
    assert writes.status_code == 403
    nobody = house.client.get(f"/v1/support/conversations/{chat}", headers={"Authorization": ""})
    assert nobody.status_code == 401
    assert house.client.get("/v1/support/conversations/conv_none").status_code == 404


def test_a_list_is_filtered_and_paged(house: House, clock: FixedClock):
    made = []
    for number in range(5):
        clock.advance(seconds=1)
        made.append(house.begin(f"card number {number}, 100% sure", customer=f"c-{number % 2}"))
    house.client.post(f"/v1/support/conversations/{made[1]}/handoff")
    first = house.get("?limit=3", **house.agent)
    rest = house.get(f"?limit=3&cursor={first['next_cursor']}", **house.agent)
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None

    def found(query: str) -> list[int]:
        return sorted(made.index(one["id"]) for one in house.get(f"?{query}", **house.agent)["items"])

    assert found("customer=c-0") == [0, 2, 4]
    assert found("state=queued") == found("queue=everyone") == [1]
    assert found("text=NUMBER 3") == [3]
    assert found("text=100%25") == [0, 1, 2, 3, 4]
    assert found("text=1_0%25") == []


def test_a_resolved_chat_opens_again_with_its_context(house: House, monkeypatch: pytest.MonkeyPatch):
    asked = answers_with(monkeypatch)
    chat = house.begin("What does a card cost?")
    with house.conversations.change(chat) as change:
        change.row.state = "resolved"
    told = house.say(chat, "and abroad?")
    assert (told["state"], told["reply"]["text"]) == ("bot", "Yes.")
    assert asked[1].turns[0].text == "What does a card cost?"
    house.client.post(f"/v1/support/conversations/{chat}/handoff")
    with house.conversations.change(chat) as change:
        change.row.state = "resolved"
    told = house.say(chat, "one more thing")
    assert (told["state"], told["reply"], len(asked)) == ("reopened", None, 2)
    assert house.entries(chat)[-2]["data"] == {
        "queue": "everyone",
        "reason": "wrote_again",
        "step": "reopen",
        "before": "resolved",
        "after": "reopened",
    }


@pytest.mark.parametrize("text", ["👍🏽🎉", "كم تكلفة البطاقة الجديدة؟", "\u202eeuros", "x" * 20_000])
def test_odd_but_readable_messages_are_kept_as_they_are(house: House, text: str):
    chat = house.begin()
    assert house.say(chat, text)["message"]["text"] == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 1_000_000, "has 1,000,000 characters, more than the 20,000 of one message: send it in parts"),
        ("\x89PNG\r\n\x1a", "holds control characters, as binary data does: send plain text"),
        (" \u200b ", "has nothing in it that can be read: write something"),
    ],
)
def test_what_nobody_can_read_is_refused_in_a_sentence(house: House, text: str, said: str):
    chat = house.begin()
    refused = house.client.post(f"/v1/support/conversations/{chat}/messages", json={"text": text})
    assert refused.status_code == 422
    assert refused.json()["detail"] == f"The request does not fit: body.text {said}."
    assert house.entries(chat) == []


def test_thumbs_and_ratings_are_kept_and_the_latest_counts(house: House):
    chat = house.begin("new card cost?")
    path = f"/v1/support/conversations/{chat}"
    for thumb in ("up", "down"):
        given = house.client.post(f"{path}/entries/2/feedback", json={"thumb": thumb, "comment": f"so {thumb}"})
        assert given.status_code == 204
    with house.services.database.session() as session:
        from apps.customer_service.store.feedback import of_conversation

        assert [(row.number, row.thumb, row.comment) for row in of_conversation(session, chat)] == [
            (2, "down", "so down")
        ]
    assert house.client.post(f"{path}/entries/1/feedback", json={"thumb": "up"}).status_code == 422
    assert house.client.post(f"{path}/entries/9/feedback", json={"thumb": "up"}).status_code == 404
    assert house.client.post(f"{path}/rating", json={"score": 4, "comment": "quick"}).json()["rating"] == 4
    assert house.client.post(f"{path}/rating", json={"score": 6}).status_code == 422
    assert house.get(chat, **house.agent)["rating_comment"] == "quick"


def events(text: str) -> list[tuple[str, Any, str | None]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"]), fields.get("id")))
    return found


def test_a_reply_is_streamed_sentence_by_sentence(house: House):
    chat = house.begin()
    path, wanted = f"/v1/support/conversations/{chat}/messages", {"Accept": "text/event-stream"}
    sent = house.client.post(path, json={"text": "new card cost?", "client_id": "m-1"}, headers=wanted)
    assert (sent.status_code, sent.headers["content-type"].split(";")[0]) == (201, "text/event-stream")
    message, *deltas, reply = events(sent.text)
    assert (message[0], message[1]["text"], message[2]) == ("message", "new card cost?", "1")
    assert {kind for kind, _, _ in deltas} == {"delta"}
    assert len(deltas) > 1
    assert "".join(data["text"] for _, data, _ in deltas) == reply[1]["text"]
    assert (reply[0], reply[2]) == ("reply", "2")
    again = house.client.post(path, json={"text": "new card cost?", "client_id": "m-1"}, headers=wanted)
    assert events(again.text) == events(sent.text)
    house.client.post(f"/v1/support/conversations/{chat}/handoff")
    silent = events(house.client.post(path, json={"text": "hello?"}, headers=wanted).text)
    assert silent[-1] == ("silent", {"state": "queued", "pending": False}, None)


def test_what_is_wrong_with_a_streamed_message_is_a_problem_and_no_stream(house: House):
    wanted = {"Accept": "text/event-stream"}
    path = "/v1/support/conversations/conv_none/messages"
    refused = house.client.post(path, json={"text": "x"}, headers=wanted)
    assert (refused.status_code, refused.headers["content-type"]) == (404, "application/problem+json")
