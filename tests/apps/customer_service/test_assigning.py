"""Who has which chat, on SQLite and PostgreSQL: nobody is assigned twice, nobody waits for one who is gone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.customer_service.pipeline import watching, writing
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.pipeline.handing_over import reopen
from apps.customer_service.pipeline.handoff import NotNow
from apps.customer_service.pipeline.holding import Closed, NotFree, NotTaken, WithSomebodyElse
from apps.customer_service.schemas.desk import Reply
from apps.customer_service.store import waiting
from apps.customer_service.store.agents import NoSuchAgent
from apps.customer_service.store.conversations import ChangedMeanwhile
from apps.customer_service.store.queues import QueueFacts, QueueNeeded
from core.database import Database
from core.testing.fakes import FixedClock
from tests.apps.customer_service.team import asks, hire, open_migrated, says


@pytest.fixture
def team(database: Database, clock: FixedClock) -> Team:
    return open_migrated(database, clock)


def queue(team: Team, name: str, **facts: object) -> None:
    given = {"title": name.title(), "skills": [], "priority": 0, "zone": "UTC", "hours": {}, "first_reply_s": 60.0}
    team.queues.put(name, QueueFacts(**{**given, "takes": {}, **facts}))  # type: ignore[arg-type]


def test_of_16_who_press_at_once_each_gets_another_chat(team: Team, clock: FixedClock):
    agents = [f"agent-{number}" for number in range(16)]
    hire(team, *agents)
    chats = []
    for _ in range(50):
        chats.append(asks(team))
        clock.advance(milliseconds=10)
    with ThreadPoolExecutor(16) as pool:
        taken = [row.id for row in pool.map(team.take_next, agents * 3) if row]
    assert len(taken) == len(set(taken)) == 48
    held = [team.conversations.get(chat) for chat in chats]
    assert sum(row.state == "assigned" for row in held) == 48
    assert set(team.agents.chats().values()) == {3}
    assert set(taken) == set(chats[:48])  # the two that came last wait on


def test_one_agent_who_presses_often_at_once_gets_no_more_than_agreed(team: Team):
    hire(team, "ada", most_chats=2)
    for _ in range(8):
        asks(team)

    def press(_: int) -> str:
        try:
            return "taken" if team.take_next("ada") else "nothing waits"
        except NotFree as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(press, range(8)))
    told = "You have 2 conversations, as many as agreed: resolve or release one first."
    assert sorted(said) == [told] * 6 + ["taken"] * 2


def test_of_eight_who_take_the_same_chat_one_gets_it_and_the_others_are_told_who(team: Team):
    agents = [f"agent-{number}" for number in range(8)]
    hire(team, *agents)
    chat = asks(team)

    def take(agent: str) -> str:
        try:
            return f"got it: {team.assign(chat, agent).agent}"
        except WithSomebodyElse as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(take, agents))
    name = team.conversations.get(chat).agent.title()
    assert sum(line.startswith("got it") for line in said) == 1
    told = f"The conversation is with {name}: take another one, or ask {name} to transfer it to you."
    assert said.count(told) == 7


def test_the_higher_priority_comes_first_then_who_waits_longest(team: Team, clock: FixedClock):
    hire(team, "ada")
    chats = []
    for priority in (0, 5, 0, 5):
        chats.append(asks(team, priority=priority))
        clock.advance(seconds=10)
    mine = watching.my_queue(team, "ada")
    assert [chat.id for chat in mine.waiting] == [chats[1], chats[3], chats[0], chats[2]]
    assert [chat.waiting_s for chat in mine.waiting] == [30, 10, 40, 20]
    assert team.take_next("ada").id == chats[1]


def test_an_agent_sees_and_takes_only_what_the_agent_knows(team: Team):
    queue(team, "cards", skills=["cards"], takes={"skills": ["cards"]})
    hire(team, "ada")
    hire(team, "bo", skills=("cards", "german"))
    card = asks(team, skills=["cards"])
    german = asks(team, skills=["german"])
    assert team.conversations.get(card).queue == "cards"
    assert team.conversations.get(german).queue == "everyone"
    assert watching.my_queue(team, "ada").waiting == []
    assert team.take_next("ada") is None
    with pytest.raises(NotFree, match="needs the skill 'cards'"):
        team.assign(card, "ada")
    assert {team.take_next("bo").id, team.take_next("bo").id} == {card, german}


def test_all_who_wait_are_counted_and_a_queue_for_others_hides_nobody(team: Team, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_LOOKED_AT", 2)
    queue(team, "cards", skills=["cards"], takes={"skills": ["cards"]}, priority=5)
    hire(team, "ada")
    for _ in range(3):
        asks(team, skills=["cards"])
    mine = asks(team)
    counted = {each.name: each.waiting for each in watching.queues(team).items}
    assert counted == {"cards": 3, "everyone": 1}
    assert watching.one_queue(team, team.queues.get("cards")).waiting == 3
    assert [chat.id for chat in watching.my_queue(team, "ada").waiting] == [mine]


def test_a_chat_goes_to_the_queue_with_most_conditions_that_hold(team: Team):
    queue(team, "german", takes={"languages": ["de"]}, priority=3)
    queue(team, "german-vip", takes={"languages": ["de"], "least_priority": 10})
    queue(team, "other-base", takes={"collections": ["shop"]})
    assert team.conversations.get(asks(team, language="de-AT")).queue == "german"
    assert team.conversations.get(asks(team, language="de", priority=10)).queue == "german-vip"
    plain = team.conversations.get(asks(team))
    assert (plain.queue, plain.priority) == ("everyone", 0)
    assert team.conversations.get(asks(team, language="de")).priority == 3


def test_who_writes_again_waits_in_a_queue_that_there_is(team: Team):
    queue(team, "cards", skills=["cards"], takes={"skills": ["cards"]})
    hire(team, "ada", skills=("cards",))
    chat = asks(team, skills=["cards"])
    team.assign(chat, "ada")
    team.resolve(chat, "ada", "answered", "")
    team.queues.remove("cards")
    with team.conversations.change(chat) as change:
        reopen(change, reason="wrote_again")
    row = team.conversations.get(chat)
    assert (row.state, row.queue, row.queued_at) == ("reopened", "everyone", team.clock())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Ich möchte bitte mit einem Menschen sprechen", "Gerade ist niemand da."),
        ("Vorrei parlare con una persona, per favore", "Al momento non c'è nessuno."),
        ("4711", "Nobody is at the desk"),
    ],
)
def test_who_asks_while_nobody_works_is_told_so_in_the_language_that_was_written(team: Team, text: str, says: str):
    queue(team, "everyone", hours={"mon": [["09:00", "10:00"]]})
    chat = asks(team, text)  # the channel says "en"
    assert team.conversations.entries(chat)[-1].text.startswith(says)


def test_a_silent_agents_waiting_customers_go_back_and_keep_their_place(team: Team, clock: FixedClock):
    hire(team, "ada", "bo")
    first, second = asks(team), asks(team)
    began = clock()
    team.take_next("ada")
    team.take_next("ada")
    writing.reply(team, second, Reply(agent="ada", text="Please send us a photo."))
    clock.advance(seconds=299)
    assert team.take_from_the_silent() == 0
    clock.advance(seconds=2)
    team.agents.heard_of("bo")
    assert team.take_from_the_silent() == 1  # the second one's customer does not wait
    row = team.conversations.get(first)
    assert (row.state, row.agent, row.queued_at) == ("queued", None, began)
    told = team.conversations.entries(first)[-1].data
    assert (told["reason"], told["was"], told["after"]) == ("agent_silent", "ada", "queued")
    assert team.take_next("bo").id == first
    assert team.take_from_the_silent() == 0
    says(team, second, "Here it is.")
    assert team.take_from_the_silent() == 1


def test_who_signs_off_loses_waiting_customers_at_once(team: Team):
    hire(team, "ada")
    chat = asks(team)
    team.take_next("ada")
    hire(team, "ada", status="offline")
    assert team.take_from_the_silent() == 1
    assert team.conversations.get(chat).state == "queued"
    with pytest.raises(NotFree, match="You are offline"):
        team.take_next("ada")


def test_two_processes_that_look_for_the_silent_at_once_give_each_chat_back_once(team: Team, clock: FixedClock):
    hire(team, "ada", most_chats=10)
    chats = [asks(team) for _ in range(10)]
    for _ in chats:
        team.take_next("ada")
    clock.advance(hours=1)
    with ThreadPoolExecutor(4) as pool:
        back = sum(pool.map(lambda _: team.take_from_the_silent(), range(4)))
    assert back == 10
    for chat in chats:
        states = [entry.data["after"] for entry in team.conversations.entries(chat) if entry.kind == "state"]
        assert states == ["queued", "assigned", "queued"]


def test_only_the_one_who_has_a_chat_answers_in_it(team: Team):
    hire(team, "ada", "bo")
    chat = asks(team)
    with pytest.raises(NotTaken):
        writing.reply(team, chat, Reply(agent="ada", text="Hello"))
    team.assign(chat, "ada")
    with pytest.raises(WithSomebodyElse, match="with Ada"):
        writing.reply(team, chat, Reply(agent="bo", text="Hello"))
    writing.reply(team, chat, Reply(agent="ada", text="Hello"))
    team.resolve(chat, "ada", "answered", "")
    with pytest.raises(Closed) as refused:
        writing.reply(team, chat, Reply(agent="ada", text="One more thing"))
    assert str(refused.value) == "The conversation is resolved: reopen it to write again."
    assert refused.value.status == 409


def test_a_reply_that_is_sent_twice_stands_there_once(team: Team):
    hire(team, "ada")
    chat = asks(team)
    team.assign(chat, "ada")
    with ThreadPoolExecutor(4) as pool:
        said = Reply(agent="ada", text="Hello", client_id="m-1")
        numbers = set(pool.map(lambda _: writing.reply(team, chat, said).number, range(4)))
    assert len(numbers) == 1
    assert [entry.text for entry in team.conversations.entries(chat) if entry.role == "agent" and entry.text] == [
        "Hello"
    ]


def test_a_reopened_chat_is_left_to_the_agent_before_for_a_while(team: Team, clock: FixedClock):
    hire(team, "ada", "bo")
    chat = asks(team)
    team.assign(chat, "ada")
    team.resolve(chat, "ada", "answered", "was easy")
    team.reopen(chat, "bo")
    clock.advance(seconds=1)
    other = asks(team)
    assert [one.id for one in watching.my_queue(team, "bo").waiting] == [other]
    assert [one.had_before for one in watching.my_queue(team, "ada").waiting] == [True, False]
    clock.advance(seconds=121)
    assert [one.id for one in watching.my_queue(team, "bo").waiting] == [chat, other]
    row = team.conversations.get(chat)
    assert (row.state, row.preferred, row.resolution) == ("reopened", "ada", "answered")
    assert "was easy" in [entry.text for entry in team.conversations.entries(chat) if entry.kind == "note"]


def test_a_chat_is_passed_on_with_a_note(team: Team):
    hire(team, "ada", "bo")
    hire(team, "cleo", status="away")
    queue(team, "cards")
    chat = asks(team)
    team.assign(chat, "ada")
    with pytest.raises(NotFree, match="Cleo is not there"):
        team.transfer_to_agent(chat, "ada", "cleo", "")
    team.transfer_to_agent(chat, "ada", "bo", "speaks German")
    assert team.conversations.get(chat).agent == "bo"
    with pytest.raises(WithSomebodyElse, match="with Bo"):
        team.transfer_to_queue(chat, "ada", "cards", "")
    team.transfer_to_queue(chat, "bo", "cards", "about a card")
    row = team.conversations.get(chat)
    assert (row.state, row.queue, row.agent) == ("queued", "cards", None)
    with pytest.raises(QueueNeeded, match="1 open conversation is in the queue"):
        team.queues.remove("cards")


def test_an_agent_steps_in_before_anybody_asked_and_the_desk_stays_silent(team: Team):
    hire(team, "ada")
    chat = team.conversations.begin(customer="c", collection="support", channel="web", language="en", meta={})
    team.assign(chat, "ada")
    row = team.conversations.get(chat)
    assert (row.state, row.queue, row.reason, row.handed_over_at is not None) == (
        "assigned",
        "everyone",
        "stepped_in",
        True,
    )
    team.resolve(chat, "ada", "answered", "")
    team.reopen(chat, "ada")
    assert team.conversations.get(chat).state == "reopened"


def test_who_decides_by_an_old_version_and_who_was_never_there_are_told_so(team: Team):
    hire(team, "ada")
    chat = asks(team)
    version = team.conversations.get(chat).version
    says(team, chat, "hello?")
    with pytest.raises(ChangedMeanwhile):
        team.assign(chat, "ada", version)
    with pytest.raises(NoSuchAgent, match="'bo'"):
        team.assign(chat, "bo")
    team.resolve(chat, "ada", "spam", "")
    with pytest.raises(NotNow, match="is resolved"):
        team.assign(chat, "ada")


def test_times_until_the_first_answer_are_kept(team: Team, clock: FixedClock):
    hire(team, "ada")
    chat = asks(team)
    clock.advance(seconds=130)
    waiting = watching.my_queue(team, "ada").waiting[0]
    assert (waiting.is_late, waiting.waiting_s) == (True, 130)
    team.assign(chat, "ada")
    clock.advance(seconds=20)
    writing.reply(team, chat, Reply(agent="ada", text="Hello"))
    shown = watching.listed(team, team.conversations.get(chat))
    assert (shown.first_reply_s, shown.waiting_s) == (150, None)
    clock.advance(seconds=5)
    says(team, chat, "and now?")
    clock.advance(seconds=7)
    assert watching.listed(team, team.conversations.get(chat)).waiting_s == 7
