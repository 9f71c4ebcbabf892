"""Who answers a chat: the states that it may be in, and what leads from one to another. Pure; knows no database.

    bot ──hand over──▶ queued ──assign──▶ assigned ──resolve──▶ resolved
                         ▲                   │                     │ the customer writes again, or an agent reopens
                         └─────release───────┘                     ▼
                         assigned ◀──────────assign───────────  reopened

Once a person was asked for, the desk itself is silent until the end of the chat and afterwards: a resolved chat that
had a person becomes `reopened` and waits for a person, one that never had becomes `bot` again. So there is no loop.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from apps.customer_service.schemas.conversations import State
from core.errors import Conflict

Step = Literal["hand_over", "assign", "release", "resolve", "reopen"]
STATES: tuple[State, ...] = get_args(State)

_STEPS: dict[Step, dict[State, State]] = {
    "hand_over": {"bot": "queued"},
    "assign": {"bot": "assigned", "queued": "assigned", "reopened": "assigned"},
    "release": {"assigned": "queued"},
    "resolve": {"bot": "resolved", "queued": "resolved", "assigned": "resolved", "reopened": "resolved"},
    "reopen": {"resolved": "reopened"},
}
_WORDS: dict[State, str] = {
    "bot": "is answered by the desk itself",
    "queued": "waits for a person",
    "assigned": "is with a person",
    "resolved": "is resolved",
    "reopened": "was reopened and waits for a person",
}
_REMEDY: dict[Step, str] = {
    "hand_over": "write to the person who was asked for",
    "assign": "look at the queue again and take another one",
    "release": "take it first",
    "resolve": "reopen it to write again",
    "reopen": "write in it as it is",
}


class NotNow(Conflict):
    """A step that the chat's state does not allow."""

    def __init__(self, step: Step, state: State) -> None:
        super().__init__(f"the conversation {_WORDS[state]}", remedy=_REMEDY[step])


@dataclass(frozen=True)
class Moved:
    """before, after: states;  step: what led from one to the other"""

    before: State
    after: State
    step: Step


def move(state: State, step: Step, *, had_a_person: bool = True) -> Moved:
    """Where a step leads.

    had_a_person: whether a person was ever asked for; a resolved chat without one goes back to the desk itself
    raises: NotNow

    >>> move("bot", "hand_over").after
    'queued'
    >>> move("resolved", "reopen", had_a_person=False).after
    'bot'
    """
    after = _STEPS[step].get(state)
    if after is None:
        raise NotNow(step, state)
    return Moved(state, "bot" if step == "reopen" and not had_a_person else after, step)


def desk_may_answer(state: State) -> bool:
    """Whether the desk itself may say something in this state."""
    return state == "bot"
