"""Questions that the desk could not answer, in SQL: replies that answered nothing, or that a customer called bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from apps.customer_service.schemas.insights import GapKind
from apps.customer_service.store.feedback import FeedbackRow
from apps.customer_service.store.insights import Cohort, is_question
from apps.customer_service.store.tables import ConversationRow, EntryRow

Place = tuple[str, int]  # a conversation and the number of an entry in it

MOST_AT_ONCE = 400  # places in one query: SQLite allows 32,766 variables, and its parser 1,000 levels


@dataclass(frozen=True)
class Gap:
    """A reply of the desk that did not help. question: the customer's words that it replied to"""

    conversation: str
    number: int
    collection: str
    question: str
    kind: GapKind
    at: datetime


def in_period(session: Session, cohort: Cohort, most: int) -> list[Gap]:
    """The newest gaps in the cohort's period, by when they happened; the newest first."""
    conditions = [EntryRow.created_at >= cohort.start, EntryRow.created_at < cohort.end, *cohort.sources()]
    asked = _gaps().where(*conditions).order_by(EntryRow.created_at.desc(), EntryRow.conversation_id, EntryRow.number)
    return _read(session, asked.limit(most))


def at_places(session: Session, places: Sequence[Place]) -> list[Gap]:
    """Those of the places that are gaps, in the order of the places."""
    found: dict[Place, Gap] = {}
    for first in range(0, len(places), MOST_AT_ONCE):
        wanted = tuple_(EntryRow.conversation_id, EntryRow.number).in_(places[first : first + MOST_AT_ONCE])
        found |= {(gap.conversation, gap.number): gap for gap in _read(session, _gaps().where(wanted))}
    return [found[place] for place in dict.fromkeys(places) if place in found]


def _gaps() -> Select[EntryRow, str, str]:  # the thumb is None where there is none
    action = EntryRow.data["action"].as_string()
    same_entry = and_(FeedbackRow.conversation_id == EntryRow.conversation_id, FeedbackRow.number == EntryRow.number)
    return (
        select(EntryRow, ConversationRow.collection, FeedbackRow.thumb)
        .join(ConversationRow, ConversationRow.id == EntryRow.conversation_id)
        .outerjoin(FeedbackRow, same_entry)
        .where(EntryRow.kind == "message", EntryRow.role == "bot", is_question())
        .where(or_(action.in_(("clarify", "handoff")), FeedbackRow.thumb == "down"))
    )


def _read(session: Session, asked: Select[EntryRow, str, str]) -> list[Gap]:
    rows = session.execute(asked).all()
    wanted = [(reply.conversation_id, number) for reply, _, _ in rows for number in reply.data.get("replies_to", ())]
    said = _texts(session, wanted)
    gaps = []
    for reply, collection, thumb in rows:
        chat, action = reply.conversation_id, str(reply.data.get("action"))
        words = [said[chat, number] for number in reply.data.get("replies_to", ()) if (chat, number) in said]
        if question := "\n".join(words).strip():
            kind: GapKind = "thumb_down" if thumb == "down" else "clarify" if action == "clarify" else "handoff"
            gaps.append(Gap(chat, reply.number, collection, question, kind, reply.created_at))
    return gaps


def _texts(session: Session, places: Sequence[Place]) -> dict[Place, str]:
    """What customers wrote there."""
    found: dict[Place, str] = {}
    for first in range(0, len(places), MOST_AT_ONCE):
        wanted = tuple_(EntryRow.conversation_id, EntryRow.number).in_(places[first : first + MOST_AT_ONCE])
        asked = select(EntryRow.conversation_id, EntryRow.number, EntryRow.text).where(wanted)
        found |= {(chat, number): text for chat, number, text in session.execute(asked)}
    return found
