"""The agents' desk over HTTP: the whole way of a chat, drafts, canned replies, intents, queues; and what is refused."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.assigning import Team, open_team
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.drafts import Drafts
from core.app import Services
from core.auth import create_key
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.customer_service.team import asks, says

PATH = "/v1/support"
ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."},
    {"id": "kind", "text": "A new card costs us £2. Waive the cost when asked.", "audience": "internal"},
]


@pytest.fixture
def services(tmp_path, clock: FixedClock) -> Iterator[Services]:
    sure = {"customer_service": {"refuse_below": 1e-9, "answer_above": 1e-9}}
    opened = open_services(Settings(home=tmp_path / "home", apps=sure), encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    import_rows(ROWS, opened.collections.ensure("support"))
    yield opened
    close_services(opened)


@pytest.fixture
def team(services: Services) -> Team:
    return open_team(services.database, SupportSettings(), services.clock)


def client(services: Services, *scopes: str) -> TestClient:
    made = create_key(services.database, "t", scopes, known_scopes=list(app.scopes), now=services.clock())
    return TestClient(create_api([app], services), headers={"Authorization": f"Bearer {made.key}"})


@pytest.fixture
def http(services: Services) -> TestClient:
    opened = client(services, "support:agent")
    for agent in ("ada", "bo"):
        assert opened.put(f"{PATH}/agents/{agent}", json={"name": agent.title()}).status_code == 200
    return opened


def told(answer: object) -> tuple[int, str]:
    return answer.status_code, f"{answer.json()['detail']} {answer.json().get('remedy', '')}"  # type: ignore[attr-defined]


def test_a_chat_is_taken_answered_from_a_draft_and_resolved(http: TestClient, services: Services, team: Team):
    chat = asks(team, "What does a new card cost?")
    assert [one["id"] for one in http.get(f"{PATH}/queue", params={"agent": "ada"}).json()["waiting"]] == [chat]
    assert http.post(f"{PATH}/queue/take-next", json={"agent": "ada"}).json()["chat"]["id"] == chat
    assert http.post(f"{PATH}/queue/take-next", json={"agent": "bo"}).json() == {"chat": None}

    draft = http.post(f"{PATH}/conversations/{chat}/draft", json={"agent": "ada"}).json()
    assert (draft["text"], draft["number"]) == ("A new card costs £5.", 1)
    assert [citation["document"] for citation in draft["citations"]] == ["fee"]
    assert [one["document"] for one in draft["internal"]] == ["kind"]

    said = {"agent": "ada", "text": "A new card costs £5, but not for you.", "draft_id": draft["id"]}
    sent = http.post(f"{PATH}/conversations/{chat}/reply", json=said)
    assert (sent.status_code, sent.json()["author_name"]) == (201, "Ada")
    [kept] = Drafts(services.database, services.clock).of(chat)
    assert (kept.sent_text, kept.sent_number) == (said["text"], sent.json()["number"])
    assert kept.distance == pytest.approx(17 / len(said["text"]), abs=1e-4)
    assert told(http.post(f"{PATH}/conversations/{chat}/reply", json=said))[0] == 409

    done = http.post(
        f"{PATH}/conversations/{chat}/resolve", json={"agent": "ada", "reason": "answered", "note": "free"}
    )
    assert (done.json()["state"], done.json()["resolution"]) == ("resolved", "answered")
    late = http.post(f"{PATH}/conversations/{chat}/reply", json={"agent": "ada", "text": "By the way"})
    assert told(late) == (409, "The conversation is resolved. Reopen it to write again.")

    opened = http.get(f"{PATH}/desk/{chat}").json()
    kinds = [(entry["kind"], entry["text"]) for entry in opened["entries"] if entry["text"]]
    assert kinds == [("message", "What does a new card cost?"), ("message", said["text"]), ("note", "free")]
    assert len(http.get(f"{PATH}/desk/{chat}", params={"after": 4}).json()["entries"]) == len(opened["entries"]) - 4


def test_the_second_agent_is_told_who_was_faster(http: TestClient, team: Team):
    chat = asks(team)
    assert http.post(f"{PATH}/conversations/{chat}/assign", json={"agent": "ada"}).status_code == 200
    second = told(http.post(f"{PATH}/conversations/{chat}/assign", json={"agent": "bo"}))
    assert second == (409, "The conversation is with Ada. Take another one, or ask Ada to transfer it to you.")
    two = {"agent": "ada", "queue": "everyone", "to": "bo"}
    assert told(http.post(f"{PATH}/conversations/{chat}/transfer", json=two))[0] == 422


def test_a_write_with_the_same_idempotency_key_happens_once(http: TestClient, team: Team):
    asks(team)
    asks(team)
    twice = [
        http.post(f"{PATH}/queue/take-next", json={"agent": "ada"}, headers={"Idempotency-Key": "k"}).json()["chat"][
            "id"
        ]
        for _ in range(2)
    ]
    assert len(set(twice)) == 1
    assert team.agents.chats() == {"ada": 1}


def test_a_reply_is_stored_once_under_its_client_id_and_other_words_are_refused(http: TestClient, team: Team):
    chat = asks(team)
    team.assign(chat, "ada")
    said = {"agent": "ada", "text": "Five days.", "client_id": "m-1"}
    stored = [http.post(f"{PATH}/conversations/{chat}/reply", json=said).json()["number"] for _ in range(2)]
    assert len(set(stored)) == 1
    edited = told(http.post(f"{PATH}/conversations/{chat}/reply", json={**said, "text": "Six days."}))
    assert edited == (409, "This client_id belongs to another message. Use a new one for each message.")
    sent = [entry.text for entry in team.conversations.entries(chat) if entry.role == "agent" and entry.text]
    assert sent == ["Five days."]


@pytest.mark.parametrize("text", ["ding\x07", "\u200b", "x" * 20_001])
def test_what_nobody_can_read_is_refused_wherever_agents_write(http: TestClient, team: Team, text: str):
    chat = asks(team)
    team.assign(chat, "ada")
    at = f"{PATH}/conversations/{chat}"
    refused = [
        http.post(f"{at}/reply", json={"agent": "ada", "text": text}),
        http.post(f"{at}/notes", json={"agent": "ada", "text": text}),
        http.post(f"{at}/transfer", json={"agent": "ada", "queue": "everyone", "note": text}),
        http.post(f"{at}/resolve", json={"agent": "ada", "reason": "other", "note": text}),
        http.put(f"{PATH}/canned-replies/x", json={"title": "X", "text": text}),
    ]
    assert {answer.status_code for answer in refused} == {422}
    assert http.post(f"{at}/resolve", json={"agent": "ada", "reason": "other", "note": " "}).status_code == 200


def test_only_a_key_for_agents_opens_the_desk(services: Services, team: Team):
    chat = asks(team)
    stranger = client(services, "support:read", "support:chat")
    refused = [
        stranger.get(f"{PATH}/queue", params={"agent": "ada"}),
        stranger.get(f"{PATH}/desk/{chat}"),
        stranger.get(f"{PATH}/agents"),
        stranger.get(f"{PATH}/queues"),
        stranger.get(f"{PATH}/canned-replies"),
        stranger.post(f"{PATH}/conversations/{chat}/reply", json={"agent": "ada", "text": "x"}),
        stranger.post(f"{PATH}/conversations/{chat}/draft", json={"agent": "ada"}),
    ]
    assert {answer.status_code for answer in refused} == {403}


def test_a_queue_that_is_closed_tells_the_customer_when_it_opens(http: TestClient, team: Team, clock: FixedClock):
    hours = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    edit = {"title": "Everyone", "zone": "Europe/Paris", "hours": hours}
    assert http.put(f"{PATH}/queues/everyone", json=edit).json()["opens_at"] is None  # Thursday, 13:00 in Paris
    open_chat = asks(team)
    clock.advance(hours=30)
    assert http.get(f"{PATH}/queues/everyone").json()["opens_at"] == "2026-01-05T08:00:00Z"
    closed = asks(team, "4711", language="de")  # which tells no language, so the channel's counts

    def said(chat: str) -> list[str]:
        return [entry.text for entry in team.conversations.entries(chat) if entry.role == "system" and entry.text]

    assert said(open_chat) == []
    [sentence] = said(closed)
    assert "Wir sind am Montag, 2026-01-05, um 09:00 Uhr (Europe/Paris) wieder da" in sentence


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"zone": "Mars/Olympus"}, "time zone"),
        ({"hours": {"mon": [["17:00", "09:00"]]}}, "ends before it begins"),
        ({"hours": {"mon": [["09:00", "12:00"], ["11:00", "14:00"]]}}, "overlap"),
        ({"hours": {"monday": [["09:00", "12:00"]]}}, "mon"),
        ({"hours": {"mon": [["9", "12:00"]]}}, "does not have the expected form"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(http: TestClient, edit: dict[str, object], reason: str):
    answer = http.put(f"{PATH}/queues/night", json={"title": "Night", **edit})
    assert answer.status_code == 422
    assert reason in answer.text


def test_queues_are_made_changed_by_version_and_removed(http: TestClient):
    assert http.put(f"{PATH}/queues/cards", json={"title": "Cards", "skills": ["cards"]}).json()["version"] == 1
    assert http.put(f"{PATH}/queues/cards", json={"title": "Cards!", "version": 1}).json()["version"] == 2
    assert told(http.put(f"{PATH}/queues/cards", json={"title": "Cards?", "version": 1}))[0] == 409
    assert [queue["name"] for queue in http.get(f"{PATH}/queues").json()["items"]] == ["cards", "everyone"]
    assert http.delete(f"{PATH}/queues/cards").status_code == 204
    assert http.get(f"{PATH}/queues/cards").status_code == 404
    assert http.delete(f"{PATH}/queues/everyone").status_code == 409


def test_canned_replies_are_found_by_their_words_and_filled(http: TestClient, team: Team):
    put = [
        ("refund-time", "How long refunds take", "Dear {{customer}}, refunds take five days. {{agent}}"),
        ("hello", "Greeting", "Hello {{ customer }}, {{agent}} here. This is chat {{conversation}}."),
    ]
    for name, title, text in put:
        assert http.put(f"{PATH}/canned-replies/{name}", json={"title": title, "text": text}).status_code == 200
    wrong = http.put(f"{PATH}/canned-replies/x", json={"title": "X", "text": "Dear {{name}}"})
    assert told(wrong) == (
        422,
        "There is no variable {{name}}. Use one of {{customer}}, {{agent}}, {{conversation}}.",
    )

    def found(words: str) -> list[str]:
        return [one["name"] for one in http.get(f"{PATH}/canned-replies", params={"q": words}).json()["items"]]

    assert found("refunding") == ["refund-time"]
    assert found("gree") == ["hello"]
    assert found("zebra") == []
    assert found("") == ["hello", "refund-time"]

    named, unnamed = asks(team, customer="c-7", name="Mia"), asks(team, customer="")
    filled = http.post(f"{PATH}/canned-replies/hello/fill", json={"agent": "ada", "conversation": named}).json()
    assert filled == {"text": f"Hello Mia, Ada here. This is chat {named}.", "missing": []}
    gap = http.post(f"{PATH}/canned-replies/hello/fill", json={"agent": "ada", "conversation": unnamed}).json()
    assert gap["missing"] == ["customer"]
    http.post(f"{PATH}/conversations/{unnamed}/assign", json={"agent": "ada"})
    unfilled = http.post(f"{PATH}/conversations/{unnamed}/reply", json={"agent": "ada", "text": gap["text"]})
    assert told(unfilled)[0] == 422
    assert "still has {{customer}} in it" in told(unfilled)[1]
    assert http.delete(f"{PATH}/canned-replies/hello").status_code == 204
    assert found("") == ["refund-time"]


def test_an_intent_is_marked_counted_and_kept_as_an_example(http: TestClient, team: Team):
    chat = asks(team, "Where is my parcel?")
    says(team, chat, "Do you like cheese?")
    entries = http.get(f"{PATH}/desk/{chat}").json()["entries"]
    parcel, cheese = (entry["number"] for entry in entries if entry["role"] == "customer")
    for number, intent in ((parcel, "shipping"), (parcel, "tracking"), (cheese, None)):
        mark = {"agent": "ada", "intent": intent}
        assert http.put(f"{PATH}/conversations/{chat}/entries/{number}/intent", json=mark).status_code == 200
    assert http.get(f"{PATH}/intents").json() == {"items": [{"intent": "tracking", "count": 1}]}
    first = http.get(f"{PATH}/intents/messages", params={"limit": 1}).json()
    rest = http.get(f"{PATH}/intents/messages", params={"cursor": first["next_cursor"]}).json()
    rows = [(row["text"], row["label"]) for row in (*first["items"], *rest["items"])]
    assert rows == [("Where is my parcel?", "tracking"), ("Do you like cheese?", None)]
    marked = [entry["intent"] for entry in http.get(f"{PATH}/desk/{chat}").json()["entries"] if entry["is_marked"]]
    assert marked == ["tracking", None]
    state = next(entry["number"] for entry in entries if entry["kind"] == "state")
    mark = {"agent": "ada", "intent": "x"}
    assert http.put(f"{PATH}/conversations/{chat}/entries/{state}/intent", json=mark).status_code == 404


def test_a_customers_other_chats_are_listed(http: TestClient, team: Team, clock: FixedClock):
    chats = []
    for text in ("first", "second"):
        chats.append(asks(team, text, customer="c-9"))
        clock.advance(hours=1)
    asks(team, "a stranger", customer="c-10")
    earlier = http.get(f"{PATH}/desk/{chats[1]}/earlier").json()["items"]
    assert [(one["id"], one["last_words"]) for one in earlier] == [(chats[0], "first")]


def test_the_team_is_listed_with_who_is_there(http: TestClient, clock: FixedClock):
    clock.advance(minutes=6)
    http.post(f"{PATH}/agents/ada/heartbeat")
    team = http.get(f"{PATH}/agents").json()["items"]
    assert [(agent["name"], agent["is_there"]) for agent in team] == [("Ada", True), ("Bo", False)]
    assert http.post(f"{PATH}/agents/cleo/heartbeat").status_code == 404


def test_a_draft_needs_something_that_was_asked(http: TestClient, team: Team):
    chat = team.conversations.begin(customer="c", collection="support", channel="web", language="en", meta={})
    silent = http.post(f"{PATH}/conversations/{chat}/draft", json={"agent": "ada"})
    assert told(silent) == (409, "The customer has not written anything yet. Greet them, or wait for a message.")
