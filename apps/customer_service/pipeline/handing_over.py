"""A chat goes from the desk itself to the people who answer."""

from apps.customer_service.pipeline.handoff import State, move
from apps.customer_service.store.conversations import Change, NewEntry

EVERYONE = "everyone"


def hand_over(change: Change, reason: str) -> None:
    """Ask for a person: from now on the desk itself is silent.

    raises: NotNow unless the desk itself answered so far
    """
    row = change.row
    before: State = row.state  # type: ignore[assignment]  # only `move` writes states
    row.state = move(before, "hand_over").after
    row.queue = EVERYONE
    row.queued_at = change.now
    row.handed_over_at = row.handed_over_at or change.now
    row.reason = reason
    change.append(NewEntry("state", "system", data={"before": before, "after": row.state, "reason": reason}))
