"""A chat goes from the desk itself to the people who answer: which queue it waits in, and what the customer is told."""

from collections.abc import Sequence
from typing import Any

from apps.customer_service.pipeline.closed import told
from apps.customer_service.pipeline.handoff import Moved, Step, move
from apps.customer_service.pipeline.hours import opens_at
from apps.customer_service.pipeline.understanding import spoken_in
from apps.customer_service.schemas.asking import Turn
from apps.customer_service.schemas.conversations import State
from apps.customer_service.store.conversations import Change, NewEntry
from apps.customer_service.store.queues import EVERYONE, queues_in
from apps.customer_service.store.tables import ConversationRow, QueueRow

MOST_PRIORITY = 1_000


def hand_over(change: Change, reason: str) -> None:
    """Ask for a person: from now on the desk itself is silent.

    What the customer's side knows counts: `skills` (a list of words) and `priority` (a number) in the metadata with
    which the conversation began.
    raises: NotNow unless the desk itself answered so far
    """
    row = change.row
    moved = move(state_of(row), "hand_over")
    row.pending = None
    row.reason = reason
    row.handed_over_at = row.handed_over_at or change.now
    queue = into_queue(change)
    opens = opens_at(queue.zone, queue.hours, change.now) if queue else None
    row.state = moved.after
    data = {"before": moved.before, "after": moved.after, "reason": reason}
    change.append(NewEntry("state", "system", data=data | ({"opens_at": opens.isoformat()} if opens else {})))
    if queue and opens:
        change.append(NewEntry("message", "system", told(_language(change), opens, queue.zone), data={"closed": True}))


def reopen(change: Change, by: str | None = None, **data: Any) -> None:
    """A resolved chat goes on, with all that was said in it: in its own queue if it ever had a person.

    by: the agent who opens it; None: the customer wrote again;  data: see `take_step`
    raises: NotNow
    """
    take_step(change, "reopen", by, **data)
    change.row.reopened_at = change.now
    if change.row.state != "bot":
        into_queue(change, own_queue(change))


def own_queue(change: Change) -> QueueRow | None:
    """The queue in which a chat waits, or waited last; None where there is none, or not any more."""
    return next((queue for queue in queues_in(change.session) if queue.name == change.row.queue), None)


def into_queue(change: Change, queue: QueueRow | None = None) -> QueueRow | None:
    """Let a chat wait in a queue from now on. queue: None for the one that the rules name

    returns: the queue; None where the desk has none at all, not even for everyone
    """
    row = change.row
    row.skills = row.skills or _words(row.meta.get("skills"))
    own = row.priority or _number(row.meta.get("priority"))
    before = own_queue(change)
    if before is not None and own == before.priority:
        own = 0  # it was the queue's, not the chat's own
    row.priority = own
    queue = queue or chosen(queues_in(change.session), row)
    row.queue = queue.name if queue else EVERYONE
    row.priority = own or (queue.priority if queue else 0)
    row.queued_at = change.now
    row.agent = None
    return queue


def chosen(queues: Sequence[QueueRow], chat: ConversationRow) -> QueueRow | None:
    """The queue that a chat goes to by rule: most conditions first, then the higher priority, then by name.

    One without conditions takes what no other takes; what none takes goes to everyone.
    """
    fitting = [queue for queue in queues if takes(queue, chat)]
    if fitting:
        return min(fitting, key=lambda queue: (-len(_conditions(queue)), -queue.priority, queue.name))
    return next((queue for queue in queues if queue.name == EVERYONE), None)


def takes(queue: QueueRow, chat: ConversationRow) -> bool:
    """Whether a chat has all that a queue asks for."""
    asked = _conditions(queue)
    return (
        chat.collection in asked.get("collections", [chat.collection])
        and chat.language.split("-")[0] in asked.get("languages", [chat.language.split("-")[0]])
        and ("skills" not in asked or bool(set(asked["skills"]) & set(chat.skills)))
        and chat.priority >= asked.get("least_priority", chat.priority)
    )


def state_of(row: ConversationRow) -> State:
    """A row's state. Only `move` writes states, so it is one of them."""
    return row.state  # type: ignore[return-value]


def take_step(change: Change, step: Step, by: str | None, **data: Any) -> Moved:
    """Go from one state to the next, and write down who did so.

    by: the agent whose doing it is; None: the desk's own;  data: what else is to be known of it
    raises: NotNow
    """
    row = change.row
    had_a_person = row.handed_over_at is not None or row.preferred is not None
    moved = move(state_of(row), step, had_a_person=had_a_person)
    row.state = moved.after
    told = {name: value for name, value in {"queue": row.queue, **data}.items() if value is not None}
    told |= {"step": moved.step, "before": moved.before, "after": moved.after}
    change.append(NewEntry("state", "agent" if by else "system", author=by, data=told))
    return moved


def _language(change: Change) -> str:
    """The language that the customer writes, else the one that the channel named."""
    said = [Turn(role="user", text=entry.text) for entry in change.so_far() if entry.role == "customer"]
    return spoken_in(said) or change.row.language.split("-")[0].lower()


def _conditions(queue: QueueRow) -> dict[str, Any]:
    return {name: value for name, value in queue.takes.items() if value not in (None, [])}


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)][:20] if isinstance(value, list) else []


def _number(value: Any) -> int:
    return max(-MOST_PRIORITY, min(value, MOST_PRIORITY)) if type(value) is int else 0
