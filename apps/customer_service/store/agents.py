"""The people who answer, in SQL: who they are, what they know, when their console was last heard of."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from apps.customer_service.store.editing import check_version
from apps.customer_service.store.tables import AgentRow, ConversationRow
from core.clock import Clock
from core.database import Database
from core.errors import NotFound


class NoSuchAgent(NotFound):
    """Nobody of this name has signed in yet."""

    def __init__(self, agent: str) -> None:
        super().__init__(f"there is no agent {agent!r:.90}", remedy="register with `PUT /v1/support/agents/{id}` first")


@dataclass(frozen=True)
class AgentFacts:
    """What an agent says of himself. most_chats: at once;  status: online, away or offline"""

    name: str
    skills: list[str]
    most_chats: int
    status: str


class Agents:
    """All agents of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def put(self, agent: str, facts: AgentFacts, version: int | None = None) -> AgentRow:
        """Register or change an agent, who is heard of by this. raises: EditedMeanwhile"""
        with self.database.session(write=True) as session:
            row = _locked(session, agent) or _inserted(session, agent, facts)
            if row is None:  # two registered at once; the other one was first
                row = held_agent(session, agent)
            check_version(f"the agent {agent!r}", version, row.version)
            row.name, row.skills, row.most_chats, row.status = facts.name, facts.skills, facts.most_chats, facts.status
            row.seen_at = self.clock()
            row.version += 1
        return row

    def heard_of(self, agent: str) -> AgentRow:
        """A sign of life. raises: NoSuchAgent"""
        with self.database.session(write=True) as session:
            row = held_agent(session, agent)
            row.seen_at = self.clock()
        return row

    def get(self, agent: str) -> AgentRow:
        """raises: NoSuchAgent"""
        with self.database.session() as session:
            row = session.get(AgentRow, agent)
        if row is None:
            raise NoSuchAgent(agent)
        return row

    def everyone(self) -> list[AgentRow]:
        """All agents, by name."""
        with self.database.session() as session:
            return agents_in(session)

    def chats(self) -> dict[str, int]:
        """How many conversations each agent has at the moment; those who have none are left out."""
        counted = (
            select(ConversationRow.agent, func.count())
            .where(ConversationRow.state == "assigned", ConversationRow.agent.is_not(None))
            .group_by(ConversationRow.agent)
        )
        with self.database.session() as session:
            return {str(agent): count for agent, count in session.execute(counted)}


def agents_in(session: Session) -> list[AgentRow]:
    """All agents, by name, within a unit of work."""
    return list(session.scalars(select(AgentRow).order_by(AgentRow.name, AgentRow.id)))


def held_agent(session: Session, agent: str) -> AgentRow:
    """An agent held for writing, so that two steps of one agent come one after the other. raises: NoSuchAgent"""
    row = _locked(session, agent)
    if row is None:
        raise NoSuchAgent(agent)
    return row


def name_of(session: Session, agent: str) -> str:
    """What an agent is called; the id of one who is gone."""
    row = session.get(AgentRow, agent)
    return row.name if row else agent


def chats_of(session: Session, agent: str) -> int:
    """How many conversations an agent has at the moment."""
    mine = (ConversationRow.state == "assigned", ConversationRow.agent == agent)
    return session.scalar(select(func.count()).select_from(ConversationRow).where(*mine)) or 0


def _locked(session: Session, agent: str) -> AgentRow | None:
    asked = select(AgentRow).where(AgentRow.id == agent).with_for_update()
    return session.scalar(asked.execution_options(populate_existing=True))


def _inserted(session: Session, agent: str, facts: AgentFacts) -> AgentRow | None:
    row = AgentRow(
        id=agent,
        name=facts.name,
        skills=facts.skills,
        most_chats=facts.most_chats,
        status=facts.status,
        version=0,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row
