"""Conversations in SQLite and PostgreSQL: no gaps, nothing twice, and who comes second is told so."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.customer_service.store.conversations import (
    ChangedMeanwhile,
    Conversations,
    NewEntry,
    NoSuchConversation,
    OtherMessage,
)
from core.database import Database
from core.testing.fakes import FixedClock


@pytest.fixture
def conversations(database: Database, clock: FixedClock) -> Conversations:
    return Conversations(database, clock)


def begun(conversations: Conversations) -> str:
    return conversations.begin(customer="c-1", collection="support", channel="web", language="en", meta={})


def message(text: str, client_id: str | None = None) -> NewEntry:
    return NewEntry("message", "customer", text, client_id=client_id)


def test_entries_are_numbered_without_gaps_though_twenty_write_at_once(conversations: Conversations):
    chat = begun(conversations)

    def write(number: int) -> None:
        with conversations.change(chat) as change:
            change.append(message(f"message {number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(20)))
    entries = conversations.entries(chat)
    assert [entry.number for entry in entries] == list(range(1, 21))
    assert {entry.text for entry in entries} == {f"message {number}" for number in range(20)}
    assert conversations.get(chat).version == 21


def test_who_decides_by_an_old_version_is_told_so_and_changes_nothing(conversations: Conversations):
    chat = begun(conversations)
    with conversations.change(chat, version=1) as change:
        change.row.agent = "ada"
    with pytest.raises(ChangedMeanwhile, match="you read version 1, it is at 2"), conversations.change(chat, version=1):
        pass
    assert conversations.get(chat).agent == "ada"


def test_an_error_inside_leaves_nothing_behind(conversations: Conversations):
    chat = begun(conversations)

    def fail_half_way() -> None:
        with conversations.change(chat) as change:
            change.append(message("hello"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert conversations.entries(chat) == []
    assert conversations.get(chat).version == 1


def test_what_a_sender_wrote_under_an_id_is_found_again(conversations: Conversations):
    chat = begun(conversations)
    with conversations.change(chat) as change:
        change.append(message("hello", "m-1"))
    with conversations.change(chat) as change:
        for text in ("hello", None):
            found = change.sent_before("m-1", "customer", text)
            assert found is not None
            assert found.text == "hello"
        assert change.sent_before("m-2", "customer", "hello") is None
        for role, text in (("customer", "hello!"), ("agent", "hello")):
            with pytest.raises(OtherMessage):
                change.sent_before("m-1", role, text)
    assert conversations.get(chat).version == 2  # looking is no change


def test_an_unknown_conversation_is_named(conversations: Conversations):
    with pytest.raises(NoSuchConversation, match="conv_x"):
        conversations.get("conv_x")
