"""Entries as they come: in order, without gap or double, at the price of one query a poll."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from apps.customer_service.pipeline import following
from apps.customer_service.pipeline.following import Following, TooManyListeners
from apps.customer_service.store.conversations import Conversations, NewEntry
from core.database import Database
from core.errors import Overloaded
from core.testing.fakes import FixedClock


@pytest.fixture
def conversations(database: Database, clock: FixedClock) -> Conversations:
    return Conversations(database, clock)


def begin(conversations: Conversations) -> str:
    return conversations.begin(customer="c-1", collection="support", channel="web", language="en", meta={})


def write(conversations: Conversations, chat: str, count: int) -> None:
    for number in range(count):
        with conversations.change(chat) as change:
            change.append(NewEntry("message", "customer", f"message {number}"))


async def hear(follows: Following, chat: str, after: int, most: int) -> list[int]:
    heard: list[int] = []
    stream = follows.follow(chat, after, lasting_s=20)
    async for entry in stream:
        if entry is not None:
            heard.append(entry.number)
        if len(heard) == most:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return heard


async def together(*steps: object) -> list[object]:
    async with asyncio.timeout(30):
        return list(await asyncio.gather(*steps))  # type: ignore[arg-type]


def counted(conversations: Conversations, monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    calls: list[object] = []
    real: Callable[..., object] = getattr(conversations, name)
    monkeypatch.setattr(conversations, name, lambda *a, **k: calls.append(a) or real(*a, **k))
    return calls


def test_twenty_listeners_hear_all_of_it_and_share_one_query_a_poll(
    conversations: Conversations, monkeypatch: pytest.MonkeyPatch
):
    chats = [begin(conversations) for _ in range(4)]
    for chat in chats:
        write(conversations, chat, 2)
    monkeypatch.setattr(following, "POLLS_EVERY_S", 0.05)
    follows = Following(conversations, threading.Event())
    polls = counted(conversations, monkeypatch, "last_numbers")
    reads = counted(conversations, monkeypatch, "entries")

    async def run() -> list[object]:
        listeners = [hear(follows, chat, after, 6 - after) for chat in chats for after in (0, 1, 1, 2, 2)]

        async def write_once_all_are_asked_for_at_once(chat: str) -> None:
            while not any(len(asked[0]) == len(chats) for asked in polls):  # type: ignore[index,arg-type]
                await asyncio.sleep(0.01)
            await asyncio.to_thread(write, conversations, chat, 4)

        heard = await together(*listeners, *map(write_once_all_are_asked_for_at_once, chats))
        return heard[: len(listeners)]

    heard = asyncio.run(run())
    assert heard == [list(range(after + 1, 7)) for _ in chats for after in (0, 1, 1, 2, 2)]
    assert max(len(asked[0]) for asked in polls) == 4  # type: ignore[index,arg-type]
    assert len(reads) <= 20 + 4 * len(polls)
    assert follows._inboxes == {}


def test_a_poll_that_fails_is_made_good_by_the_next(conversations: Conversations, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "POLLS_EVERY_S", 0.05)
    chat, real, failed = begin(conversations), conversations.last_numbers, []
    twice = threading.Event()

    def away_at_first(chats: list[str]) -> dict[str, int]:
        if len(failed) < 2:
            failed.append(chats)
            if len(failed) == 2:
                twice.set()
            raise Overloaded("the database did not answer")
        return real(chats)

    monkeypatch.setattr(conversations, "last_numbers", away_at_first)
    follows = Following(conversations, threading.Event())

    def write_then() -> None:
        assert twice.wait(20)
        write(conversations, chat, 2)

    async def run() -> list[object]:
        return await together(hear(follows, chat, 0, 2), asyncio.to_thread(write_then))

    assert asyncio.run(run())[0] == [1, 2]
    assert len(failed) == 2


def test_a_stream_ends_at_its_age_when_the_server_stops_and_when_the_chat_is_erased(
    conversations: Conversations, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "POLLS_EVERY_S", 0.05)
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.1)
    chat, stopping = begin(conversations), threading.Event()
    follows = Following(conversations, stopping)

    async def all_of(lasting_s: float) -> list[object]:
        async with asyncio.timeout(20):
            return [entry async for entry in follows.follow(chat, 0, lasting_s)]

    async def stopped() -> None:
        ending = asyncio.create_task(all_of(100))
        await asyncio.sleep(0.2)
        stopping.set()
        assert set(await ending) <= {None}

    assert set(asyncio.run(all_of(0.35))) == {None}  # heartbeats
    asyncio.run(stopped())
    stopping.clear()

    async def erased() -> None:
        ending = asyncio.create_task(all_of(100))
        await asyncio.sleep(0.2)
        with conversations.database.session(write=True) as session:
            session.delete(conversations.get(chat))
        assert set(await ending) <= {None}

    asyncio.run(erased())


def test_a_number_that_is_not_reached_yet_hides_nothing_that_comes(
    conversations: Conversations, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "POLLS_EVERY_S", 0.05)
    chat = begin(conversations)
    follows = Following(conversations, threading.Event())

    async def write_then() -> None:
        while not follows._inboxes:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(write, conversations, chat, 2)

    async def run() -> list[object]:
        return await together(hear(follows, chat, 999, 2), write_then())

    assert asyncio.run(run())[0] == [1, 2]


def test_more_listeners_than_a_process_holds_are_told_to_come_back(
    conversations: Conversations, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "MOST_LISTENERS", 0)
    with pytest.raises(TooManyListeners, match="try again in a while"):
        Following(conversations, threading.Event()).check_room()
