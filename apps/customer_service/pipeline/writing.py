"""What an agent writes into a chat: messages to the customer, notes to colleagues."""

import hashlib

from rapidfuzz.distance import Levenshtein

from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.pipeline.canned import check_filled
from apps.customer_service.pipeline.holding import check_has
from apps.customer_service.schemas.desk import Reply
from apps.customer_service.store.agents import held_agent
from apps.customer_service.store.conversations import NewEntry
from apps.customer_service.store.drafts import unsent_draft
from apps.customer_service.store.tables import EntryRow


def reply(team: Team, chat: str, said: Reply) -> EntryRow:
    """Write to the customer. The same client_id sent again gives what was stored then.

    raises: NoSuchConversation, NoSuchAgent, Closed, NotTaken, WithSomebodyElse, OtherMessage, NotFilled, NoSuchDraft,
        DraftSent
    """
    client_id = _own_id(said.agent, said.client_id)
    with team.conversations.change(chat) as change:
        if (before := change.sent_before(client_id, "agent", said.text)) is not None:
            return before
        check_has(change, said.agent)
        check_filled(said.text)
        data = {"draft": said.draft_id} if said.draft_id else {}
        entry = change.append(
            NewEntry("message", "agent", said.text, author=said.agent, data=data, client_id=client_id)
        )
        if said.draft_id:
            draft = unsent_draft(change.session, chat, said.draft_id)
            draft.sent_number, draft.sent_text, draft.sent_at = entry.number, entry.text, change.now
            draft.distance = distance(draft.text, said.text)
        change.row.agent_at = change.now
        change.row.first_reply_at = change.row.first_reply_at or change.now
    return entry


def note(team: Team, chat: str, agent: str, text: str) -> EntryRow:
    """Write to colleagues, in whatever state the chat is. raises: NoSuchConversation, NoSuchAgent"""
    with team.conversations.change(chat) as change:
        held_agent(change.session, agent)
        return change.append(NewEntry("note", "agent", text, author=agent))


def distance(proposed: str, sent: str) -> float:
    """Levenshtein distance over the length of the longer text: 0 for the same, 1 for nothing in common.

    >>> distance("It costs £5.", "It costs £6."), distance("", "No.")
    (0.0833, 1.0)
    """
    return round(Levenshtein.normalized_distance(proposed, sent), 4)


def _own_id(agent: str, client_id: str | None) -> str | None:
    """A client_id that cannot meet a customer's or another agent's."""
    if client_id is None:
        return None
    together = f"{agent}\n{client_id}".encode()
    return f"agent:{hashlib.sha256(together).hexdigest()[:48]}"
