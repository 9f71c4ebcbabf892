"""Who may do what with a chat: has it, is free for it, knows enough for it. Changes nothing."""

from collections.abc import Collection
from datetime import datetime

from apps.customer_service.store.agents import name_of
from apps.customer_service.store.conversations import Change
from apps.customer_service.store.tables import AgentRow, ConversationRow, QueueRow
from core.errors import Conflict


class WithSomebodyElse(Conflict):
    """Another agent has the chat."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the conversation is with {name}", remedy=f"take another one, or ask {name} to transfer it to you"
        )


class NotTaken(Conflict):
    """Nobody has the chat."""

    def __init__(self) -> None:
        super().__init__("nobody has taken the conversation", remedy="take it first")


class Closed(Conflict):
    """The chat is resolved."""

    def __init__(self) -> None:
        super().__init__("the conversation is resolved", remedy="reopen it to write again")


class NotFree(Conflict):
    """An agent who cannot take a chat."""


def customer_waits(row: ConversationRow) -> bool:
    """Whether the customer spoke last, or nobody has answered since the chat was taken."""
    answered = row.agent_at
    if answered is None or (row.assigned_at is not None and answered < row.assigned_at):
        return True
    return row.customer_at is not None and row.customer_at > answered


def closed_to(agent: AgentRow, queues: Collection[QueueRow]) -> list[str]:
    """Queues whose skills an agent lacks."""
    return [queue.name for queue in queues if not set(queue.skills) <= set(agent.skills)]


def check_free(agent: AgentRow, chats: int, whose: str = "") -> None:
    """whose: the agent's name, where somebody else asks; raises: NotFree"""
    if agent.status != "online":
        raise NotFree(
            f"{whose} is {agent.status}" if whose else f"you are {agent.status}",
            remedy="transfer it to a queue" if whose else "set yourself online to take conversations",
        )
    if chats >= agent.most_chats:
        have = f"{whose} has" if whose else "you have"
        raise NotFree(
            f"{have} {chats} conversation{'s' if chats != 1 else ''}, as many as agreed",
            remedy="transfer it to a queue" if whose else "resolve or release one first",
        )


def check_has(change: Change, agent: str) -> None:
    """raises: Closed, NotTaken, WithSomebodyElse"""
    row = change.row
    if row.state == "resolved":
        raise Closed
    if row.state != "assigned":
        raise NotTaken
    if row.agent != agent:
        raise WithSomebodyElse(name_of(change.session, str(row.agent)))


def waiting_since(row: ConversationRow) -> datetime | None:
    """Since when the customer waits, so that nobody goes back to the end of the queue; None for one who does not."""
    if not customer_waits(row):
        return None
    if row.agent_at is None or row.customer_at is None or row.agent_at < (row.assigned_at or row.agent_at):
        return row.queued_at
    return row.customer_at
