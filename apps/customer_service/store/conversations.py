"""Conversations in SQL: each change is one transaction that holds the conversation's row, so entries have no gaps.

Of two who change at once the second waits, sees what the first did, and is refused if it named an older version.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from apps.customer_service.store.tables import ConversationRow, EntryRow
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound

MOST_ENTRIES = 10_000  # of one conversation; far more than any person writes
MOST_AT_ONCE = 500  # ids in one query
PEOPLE = ("customer", "agent")  # whose words may be personal; what the desk says stands in its documents


class NoSuchConversation(NotFound):
    """A conversation that never was, or whose customer was erased."""

    def __init__(self, chat: str) -> None:
        super().__init__(f"there is no conversation {chat!r:.60}", remedy="check its id, or begin a new one")


class ChangedMeanwhile(Conflict):
    """Somebody else was faster."""

    def __init__(self, read: int, now: int) -> None:
        super().__init__(
            f"the conversation has changed: you read version {read}, it is at {now}",
            remedy="read it again, then decide",
        )


class OtherMessage(Conflict):
    """The same client_id came with other words."""

    def __init__(self) -> None:
        super().__init__("this client_id belongs to another message", remedy="use a new one for each message")


class TooManyEntries(Conflict):
    """A conversation without end."""

    def __init__(self) -> None:
        super().__init__(f"the conversation has {MOST_ENTRIES} entries", remedy="begin a new one")


@dataclass(frozen=True)
class NewEntry:
    """What is written into a conversation. client_id: the sender's own id; the same sent twice is stored once"""

    kind: str
    role: str
    text: str = ""
    author: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None


class Change:
    """A conversation held for writing. row: to be changed in place;  entries: what was written so far, in order

    kept: see `Conversations`
    """

    def __init__(self, session: Session, row: ConversationRow, now: datetime, kept: Callable[[str], str] = str) -> None:
        self.kept = kept
        self.row = row
        self.now = now
        self.session = session
        self.entries: list[EntryRow] = []

    def sent_before(self, client_id: str | None, role: str, text: str | None) -> EntryRow | None:
        """The entry that this sender already wrote under this id. text: as it comes now; None: whatever it was

        raises: OtherMessage when it was not the same
        """
        if client_id is None:
            return None
        same = (EntryRow.conversation_id == self.row.id, EntryRow.client_id == client_id)
        before = self.session.scalar(select(EntryRow).where(*same))
        if before is not None and (before.role != role or (text is not None and self.kept(text) != before.text)):
            raise OtherMessage
        return before

    def find(self, number: int) -> EntryRow | None:
        """The entry with this number."""
        return self.session.get(EntryRow, (self.row.id, number))

    def so_far(self) -> list[EntryRow]:
        """All entries, in order."""
        own = select(EntryRow).where(EntryRow.conversation_id == self.row.id)
        return list(self.session.scalars(own.order_by(EntryRow.number)))

    def append(self, entry: NewEntry) -> EntryRow:
        """Write the next entry. raises: TooManyEntries"""
        if self.row.last_number >= MOST_ENTRIES:
            raise TooManyEntries
        self.row.last_number += 1
        written = EntryRow(
            conversation_id=self.row.id,
            number=self.row.last_number,
            kind=entry.kind,
            role=entry.role,
            author=entry.author,
            text=self.kept(entry.text) if entry.role in PEOPLE else entry.text,
            data=entry.data,
            client_id=entry.client_id,
            created_at=self.now,
        )
        self.session.add(written)
        self.entries.append(written)
        return written

    def check_version(self, version: int | None) -> None:
        """version: the one that was read, where the change depends on what was seen; raises: ChangedMeanwhile"""
        if version is not None and self.row.version != version:
            raise ChangedMeanwhile(version, self.row.version)

    def close(self) -> None:
        """Let the version rise where something was changed or written; at the end, before the commit."""
        if self.session.is_modified(self.row) or self.entries:
            self.row.version += 1
            self.row.updated_at = self.now


class Conversations:
    """All conversations of one database.

    kept: from what a person wrote to what is stored of it
    """

    def __init__(self, database: Database, clock: Clock, kept: Callable[[str], str] = str) -> None:
        self.database = database
        self.clock = clock
        self.kept = kept

    def begin(self, *, customer: str, collection: str, channel: str, language: str, meta: dict[str, Any]) -> str:
        """A new conversation, with the desk itself. customer: empty for one who is not known. returns: its id"""
        now, chat = self.clock(), f"conv_{secrets.token_hex(16)}"  # who has the id may read on: it cannot be guessed
        with self.database.session(write=True) as session:
            session.add(
                ConversationRow(
                    id=chat,
                    customer=customer or f"visitor_{secrets.token_hex(8)}",
                    collection=collection,
                    channel=channel,
                    language=language,
                    state="bot",
                    version=1,
                    last_number=0,
                    skills=[],
                    priority=0,
                    created_at=now,
                    updated_at=now,
                    meta={name: self._kept_of(value) for name, value in meta.items()},
                )
            )
        return chat

    def get(self, chat: str) -> ConversationRow:
        """raises: NoSuchConversation"""
        with self.database.session() as session:
            row = session.get(ConversationRow, chat)
        if row is None:
            raise NoSuchConversation(chat)
        return row

    def entries(
        self, chat: str, *, after: int = 0, limit: int = MOST_ENTRIES, kinds: Sequence[str] = ()
    ) -> list[EntryRow]:
        """Entries in order. after: number of the last one that is known;  kinds: all of them where empty"""
        asked = select(EntryRow).where(EntryRow.conversation_id == chat, EntryRow.number > after)
        if kinds:
            asked = asked.where(EntryRow.kind.in_(kinds))
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(EntryRow.number).limit(limit)))

    @contextmanager
    def change(self, chat: str, version: int | None = None) -> Iterator[Change]:
        """Hold a conversation, change it, write into it: all at the end, or nothing on any error.

        version: the one that was read, where the change depends on what was seen
        raises: NoSuchConversation, ChangedMeanwhile
        """
        with self.database.session(write=True) as session:
            row = session.scalar(select(ConversationRow).where(ConversationRow.id == chat).with_for_update())
            if row is None:
                raise NoSuchConversation(chat)
            change = Change(session, row, self.clock(), self.kept)
            change.check_version(version)
            yield change
            change.close()

    def _kept_of(self, value: Any) -> Any:
        """What is stored of a value of JSON: its texts as those of people, names of fields as they are."""
        if isinstance(value, str):
            return self.kept(value)
        if isinstance(value, list):
            return [self._kept_of(one) for one in value]
        if isinstance(value, dict):
            return {name: self._kept_of(one) for name, one in value.items()}
        return value

    def last_numbers(self, chats: Sequence[str]) -> dict[str, int]:
        """The number of the newest entry of each; one that does not exist (any more) is left out."""
        found: dict[str, int] = {}
        with self.database.reading() as connection:
            for first in range(0, len(chats), MOST_AT_ONCE):
                wanted = ConversationRow.id.in_(chats[first : first + MOST_AT_ONCE])
                rows = connection.execute(select(ConversationRow.id, ConversationRow.last_number).where(wanted))
                found |= {row.id: row.last_number for row in rows}
        return found

    def pending(self, before: datetime, limit: int = 100) -> list[str]:
        """Conversations in which a customer still waits for the desk itself, though the message came before that."""
        asked = select(ConversationRow.id).where(
            ConversationRow.pending.is_not(None), ConversationRow.state == "bot", ConversationRow.updated_at < before
        )
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(ConversationRow.updated_at).limit(limit)))

    def of_customer(self, customer: str, limit: int) -> list[ConversationRow]:
        """One customer's conversations, the newest first."""
        return self.page(ConversationRow.customer == customer, after=None, limit=limit)

    def page(
        self, *wanted: ColumnElement[bool], after: tuple[datetime, str] | None, limit: int
    ) -> list[ConversationRow]:
        """Conversations, the newest first. after: creation and id of the last one that is known"""
        asked = select(ConversationRow).where(*wanted)
        if after is not None:
            at, last = after
            older = ConversationRow.created_at < at
            asked = asked.where(older | ((ConversationRow.created_at == at) & (ConversationRow.id < last)))
        with self.database.session() as session:
            return list(
                session.scalars(
                    asked.order_by(ConversationRow.created_at.desc(), ConversationRow.id.desc()).limit(limit)
                )
            )
