"""Conversations with all that belongs to them, in the order in which they began, in bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from apps.customer_service.store.feedback import FeedbackRow
from apps.customer_service.store.tables import ConversationRow, EntryRow
from core.database import Database

AT_ONCE = 50  # conversations in memory


@dataclass(frozen=True)
class Exported:
    """One conversation. thumbs, comments: customers' opinions, by the entry's number"""

    conversation: ConversationRow
    entries: Sequence[EntryRow]
    thumbs: dict[int, str] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)


class Exports:
    """Reads for exports."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def each(self, since: datetime | None, until: datetime | None, collection: str | None) -> Iterator[Exported]:
        """Conversations that began in [since, until). One that begins or is erased meanwhile may be in it or not."""
        last: tuple[datetime, str] | None = None
        while part := self._page(since, until, collection, last):
            yield from part
            last = part[-1].conversation.created_at, part[-1].conversation.id

    def _page(
        self,
        since: datetime | None,
        until: datetime | None,
        collection: str | None,
        last: tuple[datetime, str] | None,
    ) -> list[Exported]:
        asked = select(ConversationRow)
        if since is not None:
            asked = asked.where(ConversationRow.created_at >= since)
        if until is not None:
            asked = asked.where(ConversationRow.created_at < until)
        if collection is not None:
            asked = asked.where(ConversationRow.collection == collection)
        if last is not None:
            at, chat = last
            same = (ConversationRow.created_at == at) & (ConversationRow.id > chat)
            asked = asked.where((ConversationRow.created_at > at) | same)
        with self.database.session() as session:
            chats = session.scalars(asked.order_by(ConversationRow.created_at, ConversationRow.id).limit(AT_ONCE)).all()
            ids = [chat.id for chat in chats]
            found = {chat.id: Exported(chat, []) for chat in chats}
            entries: dict[str, list[EntryRow]] = {chat: [] for chat in ids}
            own = select(EntryRow).where(EntryRow.conversation_id.in_(ids))
            for entry in session.scalars(own.order_by(EntryRow.conversation_id, EntryRow.number)):
                entries[entry.conversation_id].append(entry)
            for opinion in session.scalars(select(FeedbackRow).where(FeedbackRow.conversation_id.in_(ids))):
                found[opinion.conversation_id].thumbs[opinion.number] = opinion.thumb
                if opinion.comment is not None:
                    found[opinion.conversation_id].comments[opinion.number] = opinion.comment
        return [Exported(one.conversation, entries[chat], one.thumbs, one.comments) for chat, one in found.items()]
