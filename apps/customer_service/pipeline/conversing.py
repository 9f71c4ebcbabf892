"""A conversation with the desk itself: a message is kept, answered, and its answer kept, each exactly once.

The message is committed first, with the note that it waits (`pending`). The answer is worked out outside of any
transaction, and written only if the note still names that message: if a process dies in between, another one answers;
if two work at it, one answer is kept; if a person was asked for meanwhile, or the customer wrote on, none is.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from apps.customer_service.pipeline import showing
from apps.customer_service.pipeline.choosing import by_document
from apps.customer_service.pipeline.drafting import Drafter, open_drafter
from apps.customer_service.pipeline.handing_over import hand_over, reopen
from apps.customer_service.pipeline.handoff import desk_may_answer
from apps.customer_service.pipeline.replying import NotOffered, Reply, offered, pieces, reply_to
from apps.customer_service.pipeline.resting import open_conversations
from apps.customer_service.pipeline.splitting import MOST_PARTS
from apps.customer_service.schemas.conversations import Exchange, NewConversation, NewMessage
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.tables import ConversationRow, EntryRow
from core.app import Services
from core.clock import Clock
from core.errors import Overloaded, TriviumError
from core.retrieval.collections import Collections

LEFT_AFTER = timedelta(seconds=5)  # a living process has answered by then, where no chat model is asked
GIVEN_UP_AFTER = timedelta(minutes=1)  # what cannot be answered by then goes to a person; with a chat model, later

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Received:
    """A message that is stored. waits: the desk itself has to answer it;  heard: the customer's own words, if new"""

    chat: str
    message: EntryRow
    waits: bool
    heard: str | None = None


@dataclass(frozen=True)
class Desk:
    """The desk itself, as it takes part in conversations. drafter: see `asking.ask`"""

    conversations: Conversations
    collections: Collections
    settings: SupportSettings
    clock: Clock
    drafter: Drafter | None = None

    @property
    def asking_a_model(self) -> timedelta:
        """How long one message may keep a living process: the chat model is asked for each question in it."""
        return timedelta(seconds=MOST_PARTS * self.drafter.seconds if self.drafter else 0)

    def begin(self, new: NewConversation) -> str:
        """A new conversation, without its first message. returns: its id

        raises: NoSuchCollection
        """
        self.collections.get(new.collection)
        return self.conversations.begin(
            customer=new.customer or "",
            collection=new.collection,
            channel=new.channel,
            language=new.language,
            meta=new.metadata,
        )

    def receive(self, chat: str, new: NewMessage) -> Received:
        """Keep a customer's message. A resolved conversation opens again.

        raises: NoSuchConversation, NotOffered, OtherMessage, TooManyEntries
        """
        with self.conversations.change(chat) as change:
            row = change.row
            if (before := change.sent_before(new.client_id, "customer", new.text)) is not None:
                return Received(chat, before, waits=row.pending == before.number and showing.is_pending(row))
            text, data = new.text, {}
            if new.choice is not None:
                picked = by_document(new.choice, offered(change.so_far()))
                if picked is None:
                    raise NotOffered
                text, data = text or picked.title, {"choice": picked.document}
            if row.state == "resolved":
                reopen(change, reason="wrote_again")
            message = change.append(NewEntry("message", "customer", text or "", data=data, client_id=new.client_id))
            row.customer_at = change.now
            row.pending = message.number if desk_may_answer(row.state) else None  # type: ignore[arg-type]
            return Received(chat, message, waits=row.pending is not None, heard=text)

    def answer(self, chat: str, number: int, heard: str | None = None) -> EntryRow | None:
        """Answer a message that waits, if nobody else does meanwhile.

        heard: the message in the customer's own words, where this process has them and the store may not
        returns: the reply as it is stored, by whomever; None where there is none
        raises: Overloaded, after which the message goes on waiting
        """
        row = self.conversations.get(chat)
        if row.pending == number and showing.is_pending(row):
            said = [entry for entry in self.conversations.entries(chat) if entry.number <= number]
            try:
                reply = reply_to(
                    said,
                    self.collections.get(row.collection),
                    self.settings,
                    self.drafter,
                    heard=heard,
                    shown=self.conversations.kept,
                )
            except Overloaded:
                raise
            except TriviumError as error:  # such as a knowledge base that was removed: waiting would not help
                _log.warning("a message could not be answered", extra={"problem": error.kind()})
                self.give_up(chat, number)
                return None
            if (kept := self._keep(chat, number, reply)) is not None:
                return kept
        return self.reply_of(chat, number)

    def reply_of(self, chat: str, number: int) -> EntryRow | None:
        """What the desk said to this message."""
        later = self.conversations.entries(chat, after=number)
        return next((e for e in later if e.role == "bot" and number in e.data.get("replies_to", ())), None)

    def exchange(self, received: Received, *, whole: bool) -> Exchange:
        """Answer a stored message, and tell how it stands then. whole: as agents see it"""
        number = received.message.number
        try:
            if received.waits:
                reply = self.answer(received.chat, number, received.heard)
            else:
                reply = self.reply_of(received.chat, number)
        except Overloaded as error:  # the message is safe, and will be answered: an error would make clients send again
            _log.warning("a message waits for its answer", extra={"problem": error.kind()})
            reply = None
        row = self.conversations.get(received.chat)
        return Exchange(
            message=showing.entry(received.message, whole=whole),
            reply=showing.entry(reply, whole=whole) if reply is not None else None,
            state=row.state,
            pending=row.pending == number and showing.is_pending(row),
        )

    def want_human(self, chat: str) -> ConversationRow:
        """A customer asks for a person. One who waits for a person, or has one, changes nothing by it.

        raises: NoSuchConversation, TooManyEntries
        """
        with self.conversations.change(chat) as change:
            row = change.row
            if row.state == "resolved":
                reopen(change, reason="wrote_again")
            if desk_may_answer(row.state):  # type: ignore[arg-type]
                row.pending = None
                hand_over(change, "asked_for")
        return row

    def give_up(self, chat: str, number: int) -> None:
        """A message that the desk cannot answer at all goes to a person."""
        with self.conversations.change(chat) as change:
            if change.row.pending == number and showing.is_pending(change.row):
                change.row.pending = None
                hand_over(change, "failed")

    def answer_left_behind(self) -> int:
        """Answer what a process that died has left unanswered. returns: how many conversations it looked at"""
        now = self.clock()
        left = self.conversations.pending(now - LEFT_AFTER - self.asking_a_model)
        for chat in left:
            row = self.conversations.get(chat)
            if row.pending is None:
                continue
            try:
                if row.customer_at is not None and row.customer_at < now - GIVEN_UP_AFTER - self.asking_a_model:
                    self.give_up(chat, row.pending)
                else:
                    self.answer(chat, row.pending)
            except Exception:  # noqa: BLE001  one that fails in an unknown way must not keep the others waiting
                _log.exception("a message that was left behind could not be answered")
        return len(left)

    def _keep(self, chat: str, number: int, reply: Reply) -> EntryRow | None:
        """Write the reply. returns: None when it is not wanted any more, or stands there already"""
        with self.conversations.change(chat) as change:
            row = change.row
            if row.pending != number or not showing.is_pending(row):
                return None
            row.pending = None
            kept = change.append(NewEntry("message", "bot", reply.text, data=reply.data))
            if reply.hand_over is not None:
                hand_over(change, reply.hand_over)
            return kept


def open_desk(services: Services) -> Desk:
    """Ask for it with `services.once`: every door of a process is answered by the same desk."""
    return Desk(
        services.once(open_conversations),
        services.collections,
        SupportSettings.of(services.settings),
        services.clock,
        services.once(open_drafter),
    )


def deltas(exchange: Exchange) -> Iterator[str]:
    """The reply in pieces. It is stored by now, so what a customer reads is never taken back."""
    yield from pieces(exchange.reply.text) if exchange.reply is not None else ()
