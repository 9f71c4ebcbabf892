"""The supervisor's figures, on SQLite and PostgreSQL: counted here a second way, over random chats."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.schemas.insights import FigureName
from apps.customer_service.store import feedback
from apps.customer_service.store.conversations import Conversations, NewEntry
from core.auth import create_key
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

DAY = timedelta(days=1)
ROLES = {"q": "customer", "P": "agent", **dict.fromkeys("ACHSNU", "bot")}
REPLIES = {
    "A": {"action": "answer", "kind": "question"},
    "C": {"action": "clarify"},  # as it was written before kinds were
    "H": {"action": "handoff", "kind": "question"},
    "S": {"action": "answer", "kind": "small_talk"},
    "N": {"action": "handoff", "kind": "human"},
    "U": {"action": "clarify", "kind": "wordless"},
}


@dataclass
class House:
    """The API with a supervisor's key. chats: what was done in each, as this test remembers it"""

    client: TestClient
    conversations: Conversations
    clock: FixedClock
    chats: dict[str, dict[str, Any]] = field(default_factory=dict)

    def play(self, steps: str, *, collection: str = "support", channel: str = "web", reason: str = "unclear") -> str:
        """A chat, one letter an hour.

        q: the customer writes; A, C, H: the desk answers, asks back, does not know; S, N, U: it replies to small talk,
        to the wish for a person, to what is no text; D: the last reply gets a thumb down
        W: a person is asked for; P: a person writes; R: it is resolved; O: it is opened again; 1 … 5: rated; _: a day
        """
        chat = self.conversations.begin(customer="", collection=collection, channel=channel, language="en", meta={})
        self.chats[chat] = {"steps": steps, "collection": collection, "channel": channel, "reason": reason}
        for step in steps:
            self.clock.advance(**{"days" if step == "_" else "hours": 1})
            with self.conversations.change(chat) as change:
                row = change.row
                if step in ROLES:
                    change.append(NewEntry("message", ROLES[step], f"{step} said", data=REPLIES.get(step, {})))
                if step == "q":
                    row.customer_at = change.now
                elif step == "P":
                    row.first_reply_at = row.first_reply_at or change.now
                elif step == "W":
                    row.state, row.queued_at, row.reason = "queued", change.now, reason
                    row.handed_over_at = row.handed_over_at or change.now
                elif step == "D":
                    bots = [entry.number for entry in change.so_far() if entry.role == "bot"]
                    if bots:
                        feedback.give(change.session, chat, bots[-1], "down", None, change.now)
                elif step in "RO":
                    before, row.state = row.state, "resolved" if step == "R" else "bot"
                    if step == "O" and row.handed_over_at:
                        row.state = "reopened"
                    change.append(NewEntry("state", "system", data={"before": before, "after": row.state}))
                elif step in "12345":
                    row.csat = int(step)
        return chat

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(f"/v1/support/insights/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def behind(self, figure: str, side: str = "counted", **query: Any) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get("chats", figure=figure, side=side, limit=7, **cursor, **query)
            found += [one["id"] for one in page["items"]]
            if not page["next_cursor"]:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def figure(self, name: str, **query: Any) -> tuple[int, int]:
        [found] = [one for one in self.get("summary", **query)["figures"] if one["name"] == name]
        return found["numerator"], found["denominator"]


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[House]:
    services = open_services(
        settings.model_copy(update={"database_url": database_url}), encoder=LetterEncoder(), clock=clock
    )
    upgrade(services.database, [app])
    key = create_key(services.database, "boss", ["support:agent"], known_scopes=list(app.scopes), now=clock()).key
    with TestClient(create_api([app], services), headers={"Authorization": f"Bearer {key}"}) as client:
        yield House(client, Conversations(services.database, clock), clock)
    close_services(services)


def expected(steps: str) -> set[str]:
    """Which figures a chat counts for long after, worked out from its letters alone."""
    found = set()
    replies = [step for step in steps if step in "ACH"]
    person = "W" in steps or "P" in steps
    if "A" in replies:
        found.add("coverage")
    found.add("handoff" if person else "containment")
    if any(step in "12345" for step in steps):
        found.add("rated")
    if person and "P" in steps:
        found.add("answered_by_a_person")
    states = [step for step in steps if step in "WRO"]
    state = states[-1] if states else ""
    if state == "W" or (state == "O" and "W" in steps[: steps.rindex("O")]):
        found.add("waiting")
    over = state == "R" or not person
    last = max((at for at, step in enumerate(steps) if step in "ACH"), default=None)
    if not person and over and last is not None and steps[last] == "A" and "D" not in steps[last:]:
        times, now = [], 0.0
        for step in steps:
            now += 24 if step == "_" else 1
            times.append((step, now))
        closed = [at for step, at in times if step == "R"]
        opened = [at for step, at in times if step == "O"]
        if not any(0 < late - early <= 7 * 24 for early in closed for late in opened):
            found.add("autonomous_resolution")
    return found


def random_steps(chance: random.Random) -> str:
    """A chat that could be: opened again only when resolved, no step of the desk once a person was asked for."""
    steps, state = chance.choice(["", "q", "qA"]), "bot"
    for _ in range(chance.randint(0, 7)):
        options = {"bot": "qqAAACHD1WRR_", "person": "qP5R_3", "resolved": "O_4_"}[state]
        step = chance.choice(options)
        had_a_person = "W" in steps
        if step in "WRO":
            state = {"W": "person", "R": "resolved", "O": "person" if had_a_person else "bot"}[step]
        steps += step
        if step == "_" and chance.random() < 0.5:
            steps += "_" * chance.randint(1, 8)
    return steps


def test_every_figure_counts_what_it_says_and_its_list_holds_the_very_same_chats(house: House):
    chance = random.Random(8)
    begun = house.clock()
    for _ in range(90):
        house.play(
            random_steps(chance),
            collection=chance.choice(["support", "support", "other"]),
            channel=chance.choice(["web", "web", "preview"]),
            reason=chance.choice(["unclear", "asked_for"]),
        )
        house.clock.now = begun + timedelta(minutes=len(house.chats))
    house.clock.now = begun + 200 * DAY  # all of them have been quiet for long
    query = {"from": begun.isoformat(), "to": (begun + DAY).isoformat(), "collection": "support"}
    wanted = {
        chat: made
        for chat, made in house.chats.items()
        if "q" in made["steps"] and (made["collection"], made["channel"]) == ("support", "web")
    }
    told = house.get("summary", **query)
    assert told["chats"] == len(wanted) > 15
    for figure in get_args(FigureName):
        counts, measured = set(), set()
        for chat, made in wanted.items():
            facts = expected(made["steps"])
            if figure not in {"waiting", "answered_by_a_person"} or "handoff" in facts:
                measured.add(chat)
            if figure in facts:
                counts.add(chat)
        [seen] = [one for one in told["figures"] if one["name"] == figure]
        assert counts, figure
        assert (seen["numerator"], seen["denominator"]) == (len(counts), len(measured)), figure
        listed = house.behind(figure, **query)
        assert len(listed) == len(set(listed)), figure
        assert set(listed) == counts, figure
        assert set(house.behind(figure, "missed", **query)) == measured - counts, figure
        assert set(house.behind(figure, "all", **query)) == measured, figure
    for reason in told["reasons"]:
        assert len(house.behind("handoff", reason=reason["reason"], **query)) == reason["n"] > 0
    assert sum(reason["n"] for reason in told["reasons"]) == told["reasons"][0]["denominator"]
    for score, n in told["ratings"]["distribution"].items():
        assert len(house.behind("rated", score=score, **query)) == n


def test_resolved_by_the_desk_means_answered_last_nobody_called_and_nobody_came_back(house: House):
    cases = {
        "qA": True,
        "qAR": True,
        "qCqA": True,
        "qAqC": False,
        "qAD": False,
        "qADqA": True,
        "qAW": False,
        "qAP": False,
        "qH": False,
        "q": False,
        "qARO": False,
        "qAR______O": False,
        "qAR_________O": True,
    }
    made = {house.play(steps): resolved for steps, resolved in cases.items()}
    house.clock.advance(days=10)
    assert set(house.behind("autonomous_resolution")) == {chat for chat, resolved in made.items() if resolved}


def test_only_questions_count(house: House):
    """Cases: steps, then whether it counts as a chat, as covered, as resolved by the desk."""
    cases = {
        "qS": (False, False, False),
        "qU": (False, False, False),
        "q": (True, False, False),
        "qSqA": (True, True, True),
        "qAqS": (True, True, True),
        "qAqSD": (True, True, False),
        "qAqU": (True, True, False),
        "qSqH": (True, False, False),
        "qNW": (True, False, False),
        "qSP": (True, False, False),
    }
    made = {house.play(steps): facts for steps, facts in cases.items()}
    house.clock.advance(days=10)
    for at, (figure, side) in enumerate(
        [("coverage", "all"), ("coverage", "counted"), ("autonomous_resolution", "counted")]
    ):
        wanted = {house.chats[chat]["steps"] for chat, facts in made.items() if facts[at]}
        assert {house.chats[chat]["steps"] for chat in house.behind(figure, side)} == wanted, figure
    assert house.figure("coverage") == (4, 8)


def test_a_chat_with_the_desk_is_not_over_before_its_customer_has_been_quiet_for_a_day(house: House):
    house.play("qA")
    house.clock.advance(hours=22)
    assert house.figure("autonomous_resolution") == (0, 1)
    house.clock.advance(hours=1)
    assert house.figure("autonomous_resolution") == (1, 1)


def test_the_time_to_a_persons_first_reply_and_the_longest_wait(house: House):
    for waits in ("", "qq", "_", "__"):
        house.play(f"qHW{waits}P")
    alone = house.play("qW")
    house.clock.advance(hours=5)
    told = house.get("summary")
    hours = [1, 3, 25, 49]
    assert told["first_replies"]["n"] == 4
    assert told["first_replies"]["denominator"] == 5
    assert told["first_replies"]["median_s"] == median(hours) * 3600
    assert told["first_replies"]["p90_s"] == pytest.approx((25 + 0.7 * 24) * 3600)
    waiting = house.conversations.get(house.behind("waiting")[-1])
    assert alone in house.behind("waiting")
    assert waiting.queued_at is not None
    assert told["longest_wait_s"] == (house.clock() - waiting.queued_at).total_seconds()


def test_the_period_before_is_as_long_and_ends_where_this_one_begins(house: House):
    house.play("qA5")
    house.play("qH2")
    house.clock.advance(days=28)
    house.play("qA4")
    told = house.get("summary")
    [coverage] = [one for one in told["figures"] if one["name"] == "coverage"]
    assert (coverage["numerator"], coverage["denominator"], coverage["share"]) == (1, 1, 1.0)
    assert (coverage["before"]["numerator"], coverage["before"]["denominator"]) == (1, 2)
    assert (told["chats"], told["chats_before"]) == (1, 2)
    assert (told["ratings"]["mean"], told["ratings_before"]["mean"]) == (4.0, 3.5)
    assert told["before"]["end"] == told["period"]["start"]


def test_without_chats_there_is_no_share_and_nothing_fails(house: House):
    told = house.get("summary")
    assert told["chats"] == 0
    assert {one["share"] for one in told["figures"]} == {None}
    assert (told["ratings"]["mean"], told["first_replies"]["median_s"], told["reasons"]) == (None, None, [])


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"from": "2026-01-01T00:00:00"},
        {"from": "0001-01-01T00:00:00Z"},
        {"to": "0001-01-02T00:00:00Z"},
        {"to": "9999-12-31T00:00:00Z"},
        {"collection": "No Such!"},
    ],
)
def test_a_period_that_does_not_fit_is_refused(house: House, query: dict[str, str]):
    assert house.client.get("/v1/support/insights/summary", params=query).status_code == 422


def test_a_reason_goes_with_handoffs_and_a_score_with_ratings(house: House):
    for query in ({"figure": "coverage", "score": 3}, {"figure": "rated", "reason": "unclear"}):
        assert house.client.get("/v1/support/insights/chats", params=query).status_code == 422
