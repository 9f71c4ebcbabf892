"""Chats that wait for a person, and how one is taken so that no two agents take the same.

PostgreSQL: a chat that somebody else is just taking is skipped (SKIP LOCKED). SQLite: one takes after the other.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from apps.customer_service.store.agents import held_agent
from apps.customer_service.store.conversations import Change
from apps.customer_service.store.tables import AgentRow, ConversationRow, EntryRow
from core.clock import Clock
from core.database import Database

WAITING = ("queued", "reopened")
MOST_LOOKED_AT = 1_000  # chats, in order, of which an agent may take the first that fits

_SINCE = func.coalesce(ConversationRow.queued_at, ConversationRow.updated_at)
_ORDER = (ConversationRow.priority.desc(), _SINCE, ConversationRow.id)


class Taking:
    """One agent about to take a chat, held so that two presses of one agent come one after the other."""

    def __init__(self, session: Session, agent: AgentRow, now: datetime) -> None:
        self.session = session
        self.agent = agent
        self.now = now
        self.change: Change | None = None

    def candidates(self, blocked: Collection[str]) -> list[ConversationRow]:
        """Chats that wait, in order. blocked: queues that are not for this agent"""
        return waiting_in(self.session, blocked, MOST_LOOKED_AT)

    def hold(self, chat: str) -> Change | None:
        """Hold a chat for writing; None when somebody else has it or is just taking it."""
        asked = (
            select(ConversationRow)
            .where(ConversationRow.id == chat, ConversationRow.state.in_(WAITING))
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)  # what was read before may be out of date by now
        )
        row = self.session.scalar(asked)
        if row is None:
            return None
        self.change = Change(self.session, row, self.now)
        return self.change


class Waiting:
    """The waiting chats of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    @contextmanager
    def taking(self, agent: str) -> Iterator[Taking]:
        """One unit of work in which an agent takes a chat. raises: NoSuchAgent"""
        with self.database.session(write=True) as session:
            taking = Taking(session, held_agent(session, agent), self.clock())
            yield taking
            if taking.change is not None:
                taking.change.close()

    def of_agent(self, agent: str) -> list[ConversationRow]:
        """What an agent has, the longest waiting customer first."""
        mine = (ConversationRow.state == "assigned", ConversationRow.agent == agent)
        with self.database.session() as session:
            return list(session.scalars(select(ConversationRow).where(*mine).order_by(ConversationRow.assigned_at)))

    def of_agents(self, agents: Collection[str]) -> list[ConversationRow]:
        """What these agents have."""
        if not agents:
            return []
        theirs = (ConversationRow.state == "assigned", ConversationRow.agent.in_(agents))
        with self.database.session() as session:
            return list(session.scalars(select(ConversationRow).where(*theirs).order_by(ConversationRow.assigned_at)))

    def open_to(self, blocked: Collection[str]) -> list[ConversationRow]:
        """The first chats that wait, in order. blocked: queues that are left out"""
        with self.database.session() as session:
            return waiting_in(session, blocked, MOST_LOOKED_AT)

    def counts(self) -> dict[str, int]:
        """How many wait in each queue; those in which nobody does are left out."""
        counted = (
            select(ConversationRow.queue, func.count())
            .where(ConversationRow.state.in_(WAITING), ConversationRow.queue.is_not(None))
            .group_by(ConversationRow.queue)
        )
        with self.database.session() as session:
            return {str(queue): count for queue, count in session.execute(counted)}

    def last_words(self, chats: Sequence[str]) -> dict[str, str]:
        """The customer's newest message in each chat."""
        if not chats:
            return {}
        by_customer = (EntryRow.kind == "message", EntryRow.role == "customer", EntryRow.conversation_id.in_(chats))
        newest = (
            select(EntryRow.conversation_id, func.max(EntryRow.number).label("number"))
            .where(*by_customer)
            .group_by(EntryRow.conversation_id)
            .subquery()
        )
        same = (EntryRow.conversation_id == newest.c.conversation_id) & (EntryRow.number == newest.c.number)
        with self.database.session() as session:
            rows = session.execute(select(EntryRow.conversation_id, EntryRow.text).join(newest, same))
            return {str(chat): text for chat, text in rows}


def waiting_in(session: Session, blocked: Collection[str], limit: int) -> list[ConversationRow]:
    """Chats that wait: the higher priority first, then who waits longest. blocked: queues that are left out"""
    wanted: list[ColumnElement[bool]] = [ConversationRow.state.in_(WAITING)]
    if blocked:
        wanted.append(or_(ConversationRow.queue.is_(None), ConversationRow.queue.not_in(blocked)))
    return list(session.scalars(select(ConversationRow).where(*wanted).order_by(*_ORDER).limit(limit)))
