"""What conversations teach about finding, in SQL: which question was answered by which passage. Masks nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from apps.customer_service.store.drafts import DraftRow
from apps.customer_service.store.feedback import FeedbackRow
from apps.customer_service.store.insights import PREVIEW
from apps.customer_service.store.proposals import ProposalRow
from apps.customer_service.store.tables import ConversationRow, EntryRow


@dataclass(frozen=True)
class Pointed:
    """A question, and the passage of a document that answered it. passage: its key, "" for the document's first"""

    question: str
    document: str
    passage: str


def liked(session: Session, collection: str, since: datetime | None) -> Iterator[Pointed]:
    """Answers with a thumb up."""
    up = _thumb().where(EntryRow.data["action"].as_string() == "answer", FeedbackRow.thumb == "up")
    for reply in session.scalars(_of(up, collection, since)):
        yield from _pointed(_question(session, reply), reply.data.get("citations", []))


def chosen(session: Session, collection: str, since: datetime | None) -> Iterator[Pointed]:
    """Documents that customers picked when the desk asked back, unless they called what it said bad."""
    picked = _thumb().where(
        EntryRow.data["chosen"].as_string().is_not(None), or_(FeedbackRow.thumb.is_(None), FeedbackRow.thumb != "down")
    )
    for reply in session.scalars(_of(picked, collection, since)):
        asked_back = session.scalar(
            select(EntryRow)
            .where(
                EntryRow.conversation_id == reply.conversation_id,
                EntryRow.number < reply.number,
                EntryRow.kind == "message",
                EntryRow.role == "bot",
                EntryRow.data["action"].as_string() == "clarify",
            )
            .order_by(EntryRow.number.desc())
            .limit(1)
        )
        if asked_back is not None:
            yield from _pointed(_question(session, asked_back), reply.data.get("citations", []))


def published(session: Session, collection: str, since: datetime | None) -> Iterator[Pointed]:
    """Every wording of what people answered and somebody published."""
    asked = select(ProposalRow).where(ProposalRow.collection == collection, ProposalRow.state == "published")
    if since is not None:
        asked = asked.where(ProposalRow.published_at >= since)
    for row in session.scalars(asked.order_by(ProposalRow.created_at, ProposalRow.id)):
        held = row.published or {}
        for wording in (held.get("question", ""), *held.get("variants", ())):
            yield Pointed(wording, row.id, "")


def accepted(session: Session, collection: str, since: datetime | None, most_changed: float) -> Iterator[Pointed]:
    """Drafts that agents sent without changing more than that. most_changed: of the draft's text, in [0, 1]"""
    sent = (
        select(DraftRow)
        .join(ConversationRow, ConversationRow.id == DraftRow.conversation_id)
        .where(ConversationRow.collection == collection, DraftRow.distance <= most_changed)
    )
    if since is not None:
        sent = sent.where(DraftRow.sent_at >= since)
    for row in session.scalars(sent.order_by(DraftRow.sent_at, DraftRow.id)):
        yield from _pointed(row.question, row.citations)


def _thumb() -> Any:
    same = and_(FeedbackRow.conversation_id == EntryRow.conversation_id, FeedbackRow.number == EntryRow.number)
    return (
        select(EntryRow)
        .join(ConversationRow, ConversationRow.id == EntryRow.conversation_id)
        .outerjoin(FeedbackRow, same)
        .where(EntryRow.kind == "message", EntryRow.role == "bot", ConversationRow.channel != PREVIEW)
    )


def _of(asked: Any, collection: str, since: datetime | None) -> Any:
    asked = asked.where(ConversationRow.collection == collection)
    if since is not None:
        asked = asked.where(EntryRow.created_at >= since)
    return asked.order_by(EntryRow.created_at, EntryRow.conversation_id, EntryRow.number)


def _question(session: Session, reply: EntryRow) -> str:
    """What the customer had written when the desk said this."""
    numbers = reply.data.get("replies_to", ())
    own = (EntryRow.conversation_id == reply.conversation_id, EntryRow.number.in_(numbers))
    return "\n".join(session.scalars(select(EntryRow.text).where(*own).order_by(EntryRow.number)))


def _pointed(question: str, citations: Sequence[dict[str, Any]]) -> Iterator[Pointed]:
    if citations:
        yield Pointed(question, str(citations[0]["document"]), str(citations[0]["passage"]))
