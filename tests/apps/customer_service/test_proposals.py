"""What people answered becomes what the desk answers, on SQLite and PostgreSQL: grouped, proposed, published once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline import proposals
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.proposals import Proposing
from apps.customer_service.store import feedback
from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.erasure import Erasures
from apps.customer_service.store.proposals import Proposals
from core.app import Services
from core.auth import create_key
from core.database import Database
from core.errors import Invalid
from core.migrations import upgrade
from core.retrieval.collections import Collection
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.customer_service.test_erasing import rows_with

ANSWER = "Yes, dogs are welcome in all our shops."


@dataclass
class House:
    """The API with a supervisor's key."""

    client: TestClient
    services: Services
    conversations: Conversations
    desk: Proposing

    def chat(self, *said: tuple[str, str], collection: str = "support") -> str:
        """A conversation. said: a letter and the words; each reply of the desk is to what the customer wrote before.

        q: the customer; A, C, H: the desk, to questions; S, N: to small talk and to the wish for a person; P: a person
        """
        chat = self.conversations.begin(customer="", collection=collection, channel="web", language="en", meta={})
        roles = {"q": "customer", "P": "agent"}
        actions = {"A": "answer", "C": "clarify", "H": "handoff", "S": "answer", "N": "handoff"}
        kinds = {"S": "small_talk", "N": "human"}
        asked: list[int] = []
        for step, text in said:
            with self.conversations.change(chat) as change:
                about = {"kind": kinds.get(step, "question"), "replies_to": asked}
                data = {"action": actions[step], **about} if step in actions else {}
                number = change.append(NewEntry("message", roles.get(step, "bot"), text, data=data)).number
            asked = [*asked, number] if step == "q" else []
        return chat

    def gaps(self, **query: Any) -> Any:
        answer = self.client.get("/v1/support/insights/gaps", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
        answer = self.client.post(f"/v1/support/proposals{path}", json=body)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def edit(self, proposal: dict[str, Any], status: int = 200, **changes: Any) -> dict[str, Any]:
        answer = self.client.patch(
            f"/v1/support/proposals/{proposal['id']}", json={"version": proposal["version"], **changes}
        )
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def step(self, proposal: dict[str, Any], step: str, status: int = 200) -> dict[str, Any]:
        return self.post(f"/{proposal['id']}/{step}", {"version": proposal["version"]}, status)

    def documents(self) -> list[dict[str, Any]]:
        return list(self.client.get("/v1/support/documents").json()["items"])


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[House]:
    services = open_services(
        settings.model_copy(update={"database_url": database_url}), encoder=LetterEncoder(), clock=clock
    )
    upgrade(services.database, [app])
    services.collections.ensure("support")
    scopes = ["support:agent", "support:read", "support:write"]
    key = create_key(services.database, "boss", scopes, known_scopes=list(app.scopes), now=clock()).key
    conversations = Conversations(services.database, clock)
    desk = Proposing(Proposals(services.database, clock), conversations, services.collections)
    with TestClient(create_api([app], services), headers={"Authorization": f"Bearer {key}"}) as client:
        yield House(client, services, conversations, desk)
    close_services(services)


def dog_chat(house: House) -> str:
    return house.chat(
        ("q", "May I bring my dog?"),
        ("H", "I don't know."),
        ("q", "Hello? I am ann.smith@example.org"),
        ("P", ANSWER),
    )


def test_what_was_not_answered_or_called_bad_is_grouped_with_links_to_the_chats(house: House, clock: FixedClock):
    asked = [house.chat(("q", text), ("H", "?")) for text in ("zzz zz z", "zz zzz z", "zz zzz z")]
    back = house.chat(("q", "eee ee"), ("C", "Which?"), ("q", "the first"), ("A", "This."))
    bad = house.chat(("q", "good one"), ("A", "Wrong."))
    house.chat(("q", "fine"), ("A", "Right."))
    with house.conversations.change(bad) as change:
        feedback.give(change.session, bad, 2, "down", None, clock())
    clock.advance(minutes=1)
    found = house.gaps()
    assert (found["gaps"], found["answered_since"], found["more"]) == (5, 0, False)
    assert sum(cluster["size"] for cluster in found["clusters"]) == 5
    first, *others = found["clusters"]
    assert (first["size"], first["conversations"], first["kinds"]) == (3, 3, {"handoff": 3})
    assert {one["conversation"] for one in first["examples"]} <= set(asked)
    assert {one["question"] for one in first["examples"]} == {"zzz zz z", "zz zzz z"}
    assert sorted(one["conversation"] for one in first["places"]) == sorted(asked)
    rest = [one for cluster in others for one in cluster["examples"]]
    assert {(one["conversation"], one["number"], one["kind"]) for one in rest} == {
        (back, 2, "clarify"),
        (bad, 2, "thumb_down"),
    }


def test_what_is_no_question_is_no_gap_and_no_wording(house: House, clock: FixedClock):
    chat = house.chat(
        ("q", "May I bring my dog?"), ("H", "?"), ("q", "Hi"), ("S", "Hello!"), ("q", "I want a human"), ("N", "Wait."),
        ("P", ANSWER),
    )  # fmt: skip
    hello = house.chat(("q", "Hi"), ("S", "Hello!"), ("q", "I want a human"), ("N", "Wait."), ("P", ANSWER))
    with house.conversations.change(hello) as change:
        feedback.give(change.session, hello, 2, "down", None, clock())
    clock.advance(minutes=1)
    [found] = [one for cluster in house.gaps()["clusters"] for one in cluster["examples"]]
    assert (found["conversation"], found["number"]) == (chat, 2)
    made = house.post("", {"entry": {"conversation": chat, "number": 7}}, 201)
    assert (made["question"], made["variants"]) == ("May I bring my dog?", [])
    assert made["sources"] == [{"conversation": chat, "number": n} for n in (2, 7)]
    house.post("", {"entry": {"conversation": hello, "number": 5}}, 422)


def test_gaps_have_a_period_and_a_knowledge_base(house: House, clock: FixedClock):
    house.services.collections.ensure("other")
    house.chat(("q", "early"), ("H", "?"))
    clock.advance(days=1)
    noon = clock().isoformat()
    house.chat(("q", "late"), ("H", "?"), collection="other")
    clock.advance(days=1)
    assert house.gaps()["gaps"] == 2
    assert house.gaps(**{"from": noon})["clusters"][0]["examples"][0]["question"] == "late"
    assert house.gaps(to=noon)["clusters"][0]["examples"][0]["question"] == "early"
    assert house.gaps(collection="other")["clusters"][0]["collections"] == ["other"]
    assert house.gaps(**{"from": clock().isoformat(), "to": "2027-01-01T00:00:00Z"})["clusters"] == []


def test_a_persons_answer_is_proposed_without_personal_data_and_once(house: House):
    chat = dog_chat(house)
    made = house.post("", {"entry": {"conversation": chat, "number": 4}}, 201)
    assert (made["question"], made["answer"], made["state"]) == ("May I bring my dog?", ANSWER, "draft")
    assert made["variants"] == ["Hello? I am [EMAIL]"]
    assert made["sources"] == [{"conversation": chat, "number": n} for n in (2, 4)]
    again = house.post("", {"entry": {"conversation": chat, "number": 4}}, 201)
    assert again["id"] == made["id"]
    listed = house.client.get("/v1/support/proposals", params={"state": "draft"}).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]


def test_what_is_published_is_found_is_no_gap_any_more_and_is_gone_when_taken_back(house: House, clock: FixedClock):
    chat = dog_chat(house)
    house.chat(("q", "dogs allowed?"), ("H", "?"))
    clock.advance(minutes=1)
    places = [
        {"conversation": one["conversation"], "number": one["number"]}
        for cluster in house.gaps()["clusters"]
        for one in cluster["examples"]
    ]
    made = house.post("", {"entry": {"conversation": chat, "number": 4}, "gaps": places}, 201)
    assert "dogs allowed?" in made["variants"]
    live = house.step(made, "publish")
    assert (live["state"], live["document"], live["changed_since"]) == ("published", made["id"], False)
    shown = house.client.get(f"/v1/support/documents/{made['id']}").json()
    assert (shown["title"], shown["text"]) == ("May I bring my dog?", ANSWER)
    [hit] = house.services.collections.get("support").search("dogs allowed?", 1)
    assert hit.document == made["id"]
    [document] = house.services.collections.get("support").documents([made["id"]])
    assert document.passages[0].aliases == (made["question"], *made["variants"])
    assert (house.gaps()["gaps"], house.gaps()["answered_since"], house.gaps(answered=True)["gaps"]) == (0, 2, 2)
    back = house.step(live, "unpublish")
    assert (back["state"], back["document"], house.documents()) == ("draft", None, [])
    assert house.gaps()["gaps"] == 2


def test_published_twice_and_by_many_at_once_it_is_one_document(house: House):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)
    with ThreadPoolExecutor(4) as pool:
        live = list(pool.map(lambda _: house.step(made, "publish"), range(4)))
    assert {(one["version"], one["state"]) for one in live} == {(2, "published")}
    house.step(live[0], "publish")
    assert [one["key"] for one in house.documents()] == [made["id"]]


def test_an_edit_after_publishing_waits_for_being_published_and_then_takes_its_place(house: House):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)
    live = house.step(made, "publish")
    edited = house.edit(live, answer="Only guide dogs.", variants=["Pets?", "pets?", "Dogs?"])
    assert (edited["changed_since"], edited["variants"]) == (True, ["Pets?"])
    assert house.client.get(f"/v1/support/documents/{made['id']}").json()["text"] == ANSWER
    house.step(edited, "publish")
    assert house.client.get(f"/v1/support/documents/{made['id']}").json()["text"] == "Only guide dogs."
    assert len(house.documents()) == 1


def test_an_answer_can_be_taken_away_a_question_cannot(house: House):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)
    assert house.edit(made, answer=None)["answer"] == ANSWER
    cleared = house.edit(made, answer=" ")
    assert cleared["answer"] == ""
    house.step(cleared, "publish", 422)
    assert "write something" in house.edit(cleared, 422, question="")["detail"]


def test_who_read_an_older_version_changes_nothing(house: House):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)
    newer = house.edit(made, answer="No.")
    for step in ("publish", "dismiss"):
        house.step(made, step, 409)
    house.edit(made, 409, answer="Perhaps.")
    assert house.client.get(f"/v1/support/proposals/{made['id']}").json() == newer
    assert house.documents() == []
    live = house.step(newer, "publish")
    house.edit(live, answer="Perhaps.")
    for step in ("publish", "unpublish"):
        house.step(live, step, 409)
    assert house.client.get(f"/v1/support/documents/{made['id']}").json()["text"] == "No."


def test_what_customers_should_not_read_is_not_published(house: House):
    empty = house.post("", {"question": "Dogs?", "collection": "support"}, 201)
    house.step(empty, "publish", 422)
    masked = house.edit(empty, answer="Dear [NAME], yes.")
    assert "[NAME]" in house.step(masked, "publish", 422)["detail"]
    aside = house.step(masked, "dismiss")
    house.step(aside, "publish", 409)
    assert house.documents() == []


def test_a_published_proposal_is_taken_back_before_it_is_dismissed(house: House):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)
    live = house.step(made, "publish")
    house.step(live, "dismiss", 409)
    house.step(house.step(live, "unpublish"), "dismiss")


def test_sources_must_hold_a_question_and_lie_in_one_knowledge_base(house: House):
    house.services.collections.ensure("other")
    here = house.chat(("q", "one"), ("H", "?"))
    there = house.chat(("q", "two"), ("H", "?"), collection="other")
    places = [{"conversation": chat, "number": 2} for chat in (here, there)]
    house.post("", {"gaps": places}, 422)
    assert house.post("", {"gaps": places, "collection": "other"}, 201)["collection"] == "other"
    house.post("", {"gaps": [{"conversation": here, "number": 1}]}, 422)
    house.post("", {"entry": {"conversation": here, "number": 1}}, 422)
    house.post("", {"entry": {"conversation": "conv_none", "number": 1}}, 404)
    house.post("", {"question": "Dogs?", "collection": "gone"}, 404)
    house.post("", {}, 422)


def test_what_a_dead_process_began_is_finished_by_the_job(
    house: House, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(proposals, "import_rows", dies)
        with pytest.raises(KeyboardInterrupt):
            house.desk.publish(made["id"], made["version"])
    assert house.documents() == []
    assert house.desk.settle_left_behind() == 0
    clock.advance(seconds=31)
    assert house.desk.settle_left_behind() == 1
    assert [one["key"] for one in house.documents()] == [made["id"]]
    assert house.desk.settle_left_behind() == 0


def test_when_the_knowledge_base_refuses_the_proposal_is_a_draft_as_before(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)

    def refuses(*_: Any) -> None:
        raise Invalid("no")

    monkeypatch.setattr(proposals, "import_rows", refuses)
    house.step(made, "publish", 422)
    now = house.client.get(f"/v1/support/proposals/{made['id']}").json()
    assert (now["state"], now["document"], now["answer"]) == ("draft", None, ANSWER)
    monkeypatch.setattr(proposals, "import_rows", import_rows)
    house.step(now, "publish")


def test_what_is_edited_while_it_is_being_published_ends_as_it_was_published_last(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    made = house.post("", {"question": "Dogs?", "answer": "Old.", "collection": "support"}, 201)
    left = [True]

    def meanwhile(*given: Any) -> Any:
        if left.pop() if left else False:
            now = house.client.get(f"/v1/support/proposals/{made['id']}").json()
            house.step(house.edit(now, answer="New."), "publish")
        return import_rows(*given)

    monkeypatch.setattr(proposals, "import_rows", meanwhile)
    house.desk.publish(made["id"], made["version"])
    assert house.client.get(f"/v1/support/documents/{made['id']}").json()["text"] == "New."


def test_proposals_come_page_by_page(house: House, clock: FixedClock):
    made = []
    for n in range(5):
        clock.advance(seconds=n % 2)
        made.append(house.post("", {"question": f"Question {n}?", "collection": "support"}, 201)["id"])
    seen, cursor = [], {}
    while True:
        page = house.client.get("/v1/support/proposals", params={"limit": 2, **cursor}).json()
        seen += [one["id"] for one in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(made)


def test_publishing_needs_leave_to_write(house: House, clock: FixedClock):
    made = house.post("", {"question": "Dogs?", "answer": ANSWER, "collection": "support"}, 201)
    for scope, may in (("support:agent", False), ("support:write", False)):
        key = create_key(house.services.database, scope, [scope], known_scopes=list(app.scopes), now=clock()).key
        answer = house.client.post(
            f"/v1/support/proposals/{made['id']}/publish",
            json={"version": made["version"]},
            headers={"Authorization": f"Bearer {key}"},
        )
        assert (answer.status_code == 200) is may


def test_what_is_being_taken_back_when_its_chat_is_erased_leaves_the_knowledge_base_too(
    house: House, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    chat = dog_chat(house)
    live = house.step(house.post("", {"entry": {"conversation": chat, "number": 4}}, 201), "publish")

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Collection, "remove", dies)
        with pytest.raises(KeyboardInterrupt):
            house.desk.unpublish(live["id"], live["version"])
    Erasures(house.services.database, clock).erase([chat], "customer")
    assert [one["key"] for one in house.documents()] == [live["id"]], "its removal was only begun"
    assert house.client.get("/v1/support/proposals").json()["items"] == []
    assert rows_with(house.services.database, "dog") == {"documents", "passages"}
    clock.advance(seconds=31)
    assert house.desk.settle_left_behind() == 1
    assert house.documents() == []
    assert house.client.get(f"/v1/support/proposals/{live['id']}").status_code == 404
    assert rows_with(house.services.database, "dog") == set()


def test_erasing_finds_what_was_made_of_a_chat_by_an_index(tmp_path: Path, clock: FixedClock):
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    upgrade(database, [app])
    asked: list[tuple[str, Any]] = []

    def listen(*given: Any) -> None:
        asked.append((given[2], given[3]))

    event.listen(database.engine, "before_cursor_execute", listen)
    Erasures(database, clock).erase(["conv_1", "conv_2"], "customer")
    event.remove(database.engine, "before_cursor_execute", listen)
    about = [(sql, values) for sql, values in asked if "support_proposal" in sql]
    assert about
    with database.engine.connect() as connection:
        for sql, values in about:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            assert not [step for step in plan if "SCAN" in str(step)], plan
    database.close()


def test_an_erased_chat_takes_what_is_not_published_along_and_what_is_published_forgets_it(
    house: House, clock: FixedClock
):
    erased, kept = dog_chat(house), dog_chat(house)
    draft, other = (house.post("", {"entry": {"conversation": chat, "number": 4}}, 201) for chat in (erased, kept))
    live = dog_chat(house)
    public = house.step(house.post("", {"entry": {"conversation": live, "number": 4}}, 201) | {}, "publish")
    Erasures(house.services.database, clock).erase([erased, live], "customer")
    assert house.client.get(f"/v1/support/proposals/{draft['id']}").status_code == 404
    assert house.client.get(f"/v1/support/proposals/{other['id']}").json()["sources"] == other["sources"]
    left = house.client.get(f"/v1/support/proposals/{public['id']}").json()
    assert (left["state"], left["sources"], left["answer"]) == ("published", [], ANSWER)
