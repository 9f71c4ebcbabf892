"""What agents see: their queue, a chat with all that happened in it, the customer's other chats, the team."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.pipeline.holding import closed_to, customer_waits
from apps.customer_service.pipeline.hours import opens_at
from apps.customer_service.schemas.agents import Agent, AgentList
from apps.customer_service.schemas.desk import (
    MOST_IN_QUEUE,
    DeskChat,
    DeskEntry,
    EarlierChats,
    MyQueue,
    Opened,
)
from apps.customer_service.schemas.queues import Queue, QueueList
from apps.customer_service.store.intents import Intents
from apps.customer_service.store.tables import AgentRow, ConversationRow, EntryRow, QueueRow
from apps.customer_service.store.waiting import WAITING

MOST_WORDS = 140  # characters of a message in a list
MOST_EARLIER = 20
VISITOR = "visitor_"  # how the desk calls a customer whose name it was not told


def my_queue(team: Team, agent: str) -> MyQueue:
    """What needs this agent now. raises: NoSuchAgent"""
    me, now = team.agents.get(agent), team.clock()
    queues, everyone = team.queues.all(), team.agents.everyone()
    present = {one.id for one in everyone if team.is_there(one, now)}
    waiting = team.in_order(team.waiting.open_to(closed_to(me, queues)), me, present)
    mine = team.waiting.of_agent(agent)
    mine.sort(key=lambda chat: (-(waiting_s(chat, now) or -1.0), chat.id))
    shown = waiting[:MOST_IN_QUEUE]
    listed = _listed(team, [*shown, *mine], agent, queues, everyone, now)
    return MyQueue(
        waiting=listed[: len(shown)],
        waiting_count=len(waiting),
        mine=listed[len(shown) :],
        most_chats=me.most_chats,
    )


def listed(team: Team, row: ConversationRow, agent: str = "") -> DeskChat:
    """One chat. agent: who looks"""
    return _listed(team, [row], agent, team.queues.all(), team.agents.everyone(), team.clock())[0]


def opened(team: Team, intents: Intents, chat: str, after: int, agent: str) -> Opened:
    """A chat and what happened in it since. after: number of the last entry that is known

    raises: NoSuchConversation
    """
    entries = team.conversations.entries(chat, after=after)
    row = team.conversations.get(chat)  # read afterwards: what it tells is never older than the entries
    names = {one.id: one.name for one in team.agents.everyone()}
    marks = intents.of(chat)
    return Opened(chat=listed(team, row, agent), entries=[_entry(entry, names, marks) for entry in entries])


def entry(team: Team, row: EntryRow) -> DeskEntry:
    """One entry that was just written."""
    names = {one.id: one.name for one in team.agents.everyone()}
    return _entry(row, names, {})


def earlier(team: Team, chat: str, agent: str) -> EarlierChats:
    """The same customer's other chats. raises: NoSuchConversation"""
    row = team.conversations.get(chat)
    rows = [one for one in team.conversations.of_customer(row.customer, MOST_EARLIER + 1) if one.id != chat]
    return EarlierChats(
        items=_listed(team, rows[:MOST_EARLIER], agent, team.queues.all(), team.agents.everyone(), team.clock())
    )


def agents(team: Team) -> AgentList:
    """The whole team."""
    chats, now = team.agents.chats(), team.clock()
    return AgentList(items=[_agent(team, row, chats.get(row.id, 0), now) for row in team.agents.everyone()])


def one_agent(team: Team, row: AgentRow) -> Agent:
    """One of the team."""
    return _agent(team, row, team.agents.chats().get(row.id, 0), team.clock())


def queues(team: Team) -> QueueList:
    """All queues."""
    waiting, now = team.waiting.counts(), team.clock()
    return QueueList(items=[_queue(row, waiting, now) for row in team.queues.all()])


def one_queue(team: Team, row: QueueRow) -> Queue:
    """A queue, with how many wait in it."""
    return _queue(row, team.waiting.counts(), team.clock())


def waiting_s(row: ConversationRow, now: datetime) -> float | None:
    """Seconds that the customer has been waiting for a person; None for one who does not wait."""
    since = row.queued_at
    if row.state == "assigned":
        if not customer_waits(row):
            return None
        answered = row.agent_at is not None and row.agent_at >= (row.assigned_at or row.agent_at)
        since = row.customer_at if answered else row.queued_at
    elif row.state not in WAITING:
        return None
    return max(0.0, (now - (since or row.updated_at)).total_seconds())


def customer_name(row: ConversationRow) -> str:
    """How to call a customer; empty for one whose name is not known."""
    told = row.meta.get("name")
    if isinstance(told, str) and told.strip():
        return told.strip()[:200]
    return "" if row.customer.startswith(VISITOR) else row.customer


def _listed(
    team: Team,
    rows: Sequence[ConversationRow],
    agent: str,
    queues: Sequence[QueueRow],
    everyone: Sequence[AgentRow],
    now: datetime,
) -> list[DeskChat]:
    names = {one.id: one.name for one in everyone}
    within = {queue.name: queue.first_reply_s for queue in queues}
    words = team.waiting.last_words([row.id for row in rows])
    return [_chat(row, agent, names, within.get(row.queue or ""), words.get(row.id, ""), now) for row in rows]


def _chat(
    row: ConversationRow, agent: str, names: dict[str, str], within_s: float | None, words: str, now: datetime
) -> DeskChat:
    asked, answered = row.handed_over_at, row.first_reply_at
    due = asked + timedelta(seconds=within_s) if asked and within_s else None
    counted = {"customer_name", "agent_name", "had_before", "first_reply_s", "due_at", "is_late", "waiting_s"}
    counted.add("last_words")
    return DeskChat.model_validate(
        {
            **{name: getattr(row, name) for name in DeskChat.model_fields if name not in counted},
            "customer_name": customer_name(row),
            "agent_name": names.get(row.agent, row.agent) if row.agent else None,
            "had_before": bool(agent) and row.preferred == agent,
            "first_reply_s": (answered - asked).total_seconds() if asked and answered else None,
            "due_at": due,
            "is_late": due is not None and row.state != "resolved" and answered is None and now > due,
            "waiting_s": waiting_s(row, now),
            "last_words": words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1].rstrip() + "…",
        }
    )


def _queue(row: QueueRow, waiting: Mapping[str, int], now: datetime) -> Queue:
    fields = {name: getattr(row, name) for name in Queue.model_fields if name not in {"opens_at", "waiting"}}
    opens = opens_at(row.zone, row.hours, now)
    return Queue.model_validate({**fields, "opens_at": opens, "waiting": waiting.get(row.name, 0)})


def _entry(row: EntryRow, names: dict[str, str], marks: dict[int, str | None]) -> DeskEntry:
    computed = {"author_name", "intent", "is_marked"}
    return DeskEntry.model_validate(
        {
            **{name: getattr(row, name) for name in DeskEntry.model_fields if name not in computed},
            "author_name": names.get(row.author, row.author) if row.author else None,
            "intent": marks.get(row.number),
            "is_marked": row.number in marks,
        }
    )


def _agent(team: Team, row: AgentRow, chats: int, now: datetime) -> Agent:
    fields = {name: getattr(row, name) for name in Agent.model_fields if name not in {"is_there", "chats"}}
    return Agent.model_validate({**fields, "is_there": team.is_there(row, now), "chats": chats})
