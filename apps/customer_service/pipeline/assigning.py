"""Who has which chat: take, give back, pass on, close, open again. Each step is one transaction on the chat's row."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.customer_service.pipeline.handing_over import into_queue, own_queue, reopen, take_step
from apps.customer_service.pipeline.holding import (
    NotFree,
    WithSomebodyElse,
    check_free,
    check_has,
    closed_to,
    customer_waits,
    waiting_since,
)
from apps.customer_service.pipeline.resting import keeping
from apps.customer_service.schemas.desk import Transfer
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.agents import Agents, agents_in, chats_of, held_agent, name_of
from apps.customer_service.store.conversations import Change, Conversations, NewEntry
from apps.customer_service.store.queues import Queues, queue_in, queues_in
from apps.customer_service.store.tables import AgentRow, ConversationRow, QueueRow
from apps.customer_service.store.waiting import WAITING, Waiting
from core.clock import Clock
from core.database import Database
from core.errors import Invalid


class OneTarget(Invalid):
    """A transfer that does not say where to, or says it twice."""

    def __init__(self) -> None:
        super().__init__("a transfer goes to one place", remedy="name either `queue` or `to`, a colleague")


@dataclass(frozen=True)
class Team:
    """The people who answer, their queues and their chats."""

    conversations: Conversations
    agents: Agents
    queues: Queues
    waiting: Waiting
    settings: SupportSettings
    clock: Clock

    def is_there(self, agent: AgentRow, now: datetime) -> bool:
        """Whether an agent works at the moment: not signed off, and heard of lately."""
        silent_from = now - timedelta(seconds=self.settings.agent_silent_after_s)
        return agent.status != "offline" and agent.seen_at is not None and agent.seen_at >= silent_from

    def assign(self, chat: str, agent: str, version: int | None = None) -> ConversationRow:
        """Take this chat. One who has it already changes nothing by it.

        raises: NoSuchConversation, NoSuchAgent, WithSomebodyElse, NotFree, NotNow, ChangedMeanwhile
        """
        with self.conversations.change(chat) as change:
            row = change.row
            if row.state == "assigned":
                if row.agent != agent:
                    raise WithSomebodyElse(name_of(change.session, str(row.agent)))
                return row
            change.check_version(version)
            _give(change, held_agent(change.session, agent), by=agent)
        return row

    def take_next(self, agent: str) -> ConversationRow | None:
        """Take the first chat that waits for this agent; of any who press at once each gets another.

        returns: None when none waits
        raises: NoSuchAgent, NotFree
        """
        with self.waiting.taking(agent) as taking:
            check_free(taking.agent, chats_of(taking.session, agent))
            queues = queues_in(taking.session)
            present = {one.id for one in agents_in(taking.session) if self.is_there(one, taking.now)}
            for chat in self.in_order(taking.candidates(closed_to(taking.agent, queues)), taking.agent, present):
                if (change := taking.hold(chat.id)) is not None:
                    _give(change, taking.agent, by=agent)
                    return change.row
        return None

    def in_order(
        self, chats: Collection[ConversationRow], agent: AgentRow, present: Collection[str]
    ) -> list[ConversationRow]:
        """Those of the waiting chats that an agent may take: the ones that this agent had before come first.

        One that another agent had before is left to that one for a while, if that one is there.
        """
        left_until = self.clock() - timedelta(seconds=self.settings.preferred_for_s)
        knows = set(agent.skills)

        def is_left_to_another(chat: ConversationRow) -> bool:
            return (
                chat.preferred not in (None, agent.id)
                and chat.preferred in present
                and (chat.queued_at or chat.updated_at) > left_until
            )

        mine = [chat for chat in chats if knows >= set(chat.skills) and not is_left_to_another(chat)]
        return sorted(mine, key=lambda chat: chat.preferred != agent.id)  # stable: the order stays within each

    def release(self, chat: str, agent: str, version: int | None = None) -> ConversationRow:
        """Give a chat back to its queue. raises: NoSuchConversation, WithSomebodyElse, NotTaken, Closed"""
        with self.conversations.change(chat) as change:
            check_has(change, agent)
            change.check_version(version)
            since = waiting_since(change.row)
            _back_to_queue(change, agent, None, since)
        return change.row

    def transfer_to_queue(
        self, chat: str, agent: str, queue: str, note: str, version: int | None = None
    ) -> ConversationRow:
        """Pass a chat on to a queue, with a note for whoever takes it.

        raises: NoSuchConversation, NoSuchQueue, WithSomebodyElse, Closed, NotNow
        """
        with self.conversations.change(chat) as change:
            _check_open_to(change, agent)
            change.check_version(version)
            wanted = queue_in(change.session, queue)
            _note(change, agent, note)
            if change.row.state == "assigned":
                since = waiting_since(change.row)
                _back_to_queue(change, agent, wanted, since)
            else:
                since = change.row.queued_at
                before = change.row.queue
                into_queue(change, wanted)
                change.row.queued_at = since or change.now
                state = change.row.state
                data = {"step": "transfer", "before": state, "after": state, "from": before, "queue": queue}
                change.append(NewEntry("state", "agent", author=agent, data=data))
        return change.row

    def transfer_to_agent(
        self, chat: str, agent: str, to: str, note: str, version: int | None = None
    ) -> ConversationRow:
        """Pass a chat on to a colleague who is there and has room for it.

        raises: NoSuchConversation, NoSuchAgent, WithSomebodyElse, NotFree, Closed
        """
        with self.conversations.change(chat) as change:
            check_has(change, agent)
            change.check_version(version)
            colleague = held_agent(change.session, to)
            if to == agent:
                raise NotFree("you have this conversation already", remedy="choose a colleague or a queue")
            if not self.is_there(colleague, change.now) or colleague.status != "online":
                raise NotFree(f"{colleague.name} is not there", remedy="transfer it to a queue")
            _note(change, agent, note)
            _back_to_queue(change, agent, own_queue(change), waiting_since(change.row))
            _give(change, colleague, by=agent, whose=colleague.name)
        return change.row

    def resolve(self, chat: str, agent: str, reason: str, note: str, version: int | None = None) -> ConversationRow:
        """Close a chat. raises: NoSuchConversation, WithSomebodyElse, NotNow"""
        with self.conversations.change(chat) as change:
            row = change.row
            if row.state == "assigned" and row.agent != agent:
                raise WithSomebodyElse(name_of(change.session, str(row.agent)))
            change.check_version(version)
            take_step(change, "resolve", agent, reason=reason)
            _note(change, agent, note)
            row.resolution, row.resolved_at, row.pending = reason, change.now, None
            row.preferred, row.agent = row.agent or row.preferred, None
        return row

    def reopen(self, chat: str, agent: str, version: int | None = None) -> ConversationRow:
        """Open a resolved chat again, with all that was said in it. raises: NoSuchConversation, NotNow"""
        with self.conversations.change(chat) as change:
            change.check_version(version)
            reopen(change, agent)
        return change.row

    def take_from_the_silent(self) -> int:
        """Let customers who wait for an agent that is not there any more wait in their queue instead.

        returns: how many chats went back
        """
        now, back = self.clock(), 0
        gone = {agent.id for agent in self.agents.everyone() if not self.is_there(agent, now)}
        for chat in self.waiting.of_agents(gone):
            back += self._take_from_the_silent(chat.id)
        return back

    def _take_from_the_silent(self, chat: str) -> bool:
        with self.conversations.change(chat) as change:
            row = change.row
            if row.state != "assigned" or row.agent is None or not customer_waits(row):
                return False  # things changed since it was looked at
            holder = next((agent for agent in agents_in(change.session) if agent.id == row.agent), None)
            if holder is not None and self.is_there(holder, change.now):
                return False
            _back_to_queue(change, None, own_queue(change), waiting_since(row), reason="agent_silent", was=row.agent)
        return True


def open_team(database: Database, settings: SupportSettings, clock: Clock) -> Team:
    """The team of one database."""
    return Team(
        conversations=Conversations(database, clock, keeping(settings)),
        agents=Agents(database, clock),
        queues=Queues(database),
        waiting=Waiting(database, clock),
        settings=settings,
        clock=clock,
    )


def transfer(team: Team, chat: str, step: Transfer) -> ConversationRow:
    """Pass a chat on to a queue or to a colleague. raises: OneTarget, and what the two ways raise"""
    if (step.queue is None) == (step.to is None):
        raise OneTarget
    if step.queue is not None:
        return team.transfer_to_queue(chat, step.agent, step.queue, step.note, step.version)
    return team.transfer_to_agent(chat, step.agent, str(step.to), step.note, step.version)


def _check_open_to(change: Change, agent: str) -> None:
    """A chat that waits may be passed on by anybody; one that somebody has, by that one."""
    if change.row.state not in WAITING:
        check_has(change, agent)


def _give(change: Change, agent: AgentRow, by: str, whose: str = "") -> None:
    """Let an agent have a chat. whose: the agent's name, where a colleague does it; raises: NotFree, NotNow"""
    row = change.row
    check_free(agent, chats_of(change.session, agent.id), whose)
    if row.handed_over_at is None:  # an agent steps in where nobody asked for a person
        into_queue(change)
        row.handed_over_at, row.reason = change.now, row.reason or "stepped_in"
    lacking = sorted((set(row.skills) | _skills_of_queue(change)) - set(agent.skills))
    if lacking and not whose:
        raise NotFree(
            f"this conversation needs the skill {lacking[0]!r}", remedy="take another one, or add it to your skills"
        )
    take_step(change, "assign", by, agent=agent.id)
    row.agent, row.assigned_at, row.pending = agent.id, change.now, None


def _skills_of_queue(change: Change) -> set[str]:
    queue = own_queue(change)
    return set(queue.skills) if queue else set()


def _back_to_queue(
    change: Change, agent: str | None, queue: QueueRow | None, since: datetime | None, **data: str
) -> None:
    into_queue(change, queue or own_queue(change))
    change.row.queued_at = since or change.now
    take_step(change, "release", agent, **data)


def _note(change: Change, agent: str, note: str) -> None:
    if note:
        change.append(NewEntry("note", "agent", note, author=agent))
