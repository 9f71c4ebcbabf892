"""Proposed entries of the knowledge base, in SQL: what people answered, on its way to being answered by the desk."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.clock import Clock
from core.database import Base, Database, UTCDateTime
from core.errors import Conflict, NotFound

Place = tuple[str, int]  # a conversation and the number of an entry in it


class ProposalSourceRow(Base):
    """A gap, or the answer of a person, that a proposal was made of. position: among the proposal's, from 0"""

    __tablename__ = "support_proposal_sources"

    proposal_id: Mapped[str] = mapped_column(ForeignKey("support_proposals.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("support_conversations.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]


class ProposalRow(Base):
    """One question with its wordings, and one answer.

    state: draft, published or dismissed;  version: rises with every change, and whoever changes names the one read
    sources: the gaps, and the answer of a person; those whose conversation was erased are gone
    conversation_id, number: of the person's answer that it was made from, if it was
    published: question, variants and answer as they are in the knowledge base;  published_at: since when
    settled: whether the knowledge base is known to hold just that
    """

    __tablename__ = "support_proposals"
    __table_args__ = (
        Index("ix_support_proposals_state", "state", "created_at"),
        Index("ix_support_proposals_entry", "conversation_id", "number"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    collection: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    variants: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("support_conversations.id", ondelete="SET NULL"))
    number: Mapped[int | None]
    published: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    settled: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())
    sources: Mapped[list[ProposalSourceRow]] = relationship(
        order_by=ProposalSourceRow.position, lazy="selectin", cascade="all, delete-orphan", passive_deletes=True
    )

    def content(self) -> dict[str, Any]:
        """What would be published."""
        return {"question": self.question, "variants": list(self.variants), "answer": self.answer}


def forget_conversations(session: Session, chats: Sequence[str]) -> None:
    """Before conversations are erased: what is not published goes with them, what is published forgets them.

    What is published is masked, and stands there because a person put it into the knowledge base. Where the knowledge
    base may still hold what is not published any more, the row stays, empty, until that is known to be out.
    """
    made_of = select(ProposalSourceRow.proposal_id).where(ProposalSourceRow.conversation_id.in_(chats))
    touched = or_(ProposalRow.conversation_id.in_(chats), ProposalRow.id.in_(made_of))
    for row in session.scalars(select(ProposalRow).where(touched).with_for_update()):
        if row.state == "published":
            if row.conversation_id in chats:
                row.conversation_id, row.number = None, None
        elif row.settled:
            session.delete(row)
        else:
            row.state, row.question, row.variants, row.answer = "dismissed", "", [], ""
            row.version += 1


class NoSuchProposal(NotFound):
    """A proposal that never was."""

    def __init__(self, proposal: str) -> None:
        super().__init__(f"there is no proposal {proposal!r:.60}", remedy="list the proposals first")


class ProposalChanged(Conflict):
    """Somebody else was faster."""

    def __init__(self, read: int, now: int) -> None:
        super().__init__(
            f"the proposal has changed: you read version {read}, it is at {now}", remedy="read it again, then decide"
        )


class Proposals:
    """All proposals of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(
        self,
        collection: str,
        *,
        question: str,
        variants: Sequence[str],
        answer: str,
        sources: Sequence[Place],
        entry: Place | None,
    ) -> ProposalRow:
        """A new draft; of the same person's answer there is one, unless it was dismissed. returns: it, new or not"""
        now = self.clock()
        with self.database.session(write=True) as session:
            if entry is not None:
                same = (ProposalRow.conversation_id == entry[0], ProposalRow.number == entry[1])
                before = session.scalar(select(ProposalRow).where(*same, ProposalRow.state != "dismissed").limit(1))
                if before is not None:
                    return before
            row = ProposalRow(
                id=f"proposal_{secrets.token_hex(12)}",
                collection=collection,
                state="draft",
                version=1,
                question=question,
                variants=list(variants),
                answer=answer,
                sources=[
                    ProposalSourceRow(position=at, conversation_id=chat, number=number)
                    for at, (chat, number) in enumerate(sources)
                ],
                conversation_id=entry[0] if entry else None,
                number=entry[1] if entry else None,
                settled=True,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
        return row

    def get(self, proposal: str) -> ProposalRow:
        """raises: NoSuchProposal"""
        with self.database.session() as session:
            row = session.get(ProposalRow, proposal)
        if row is None:
            raise NoSuchProposal(proposal)
        return row

    @contextmanager
    def change(self, proposal: str) -> Iterator[ProposalRow]:
        """Hold a proposal and change it in place: all at the end, or nothing on any error.

        raises: NoSuchProposal
        """
        with self.database.session(write=True) as session:
            yield self._held(session, proposal)

    def _held(self, session: Session, proposal: str) -> ProposalRow:
        row = session.scalar(select(ProposalRow).where(ProposalRow.id == proposal).with_for_update())
        if row is None:
            raise NoSuchProposal(proposal)
        return row

    def rise(self, row: ProposalRow) -> None:
        """Note that it has changed."""
        row.version += 1
        row.updated_at = self.clock()

    def settle(self, proposal: str, version: int) -> bool:
        """Note that the knowledge base holds what this version says. returns: False when it has changed meanwhile

        What was erased, and is out of the knowledge base now, goes.
        """
        with self.database.session(write=True) as session:
            row = self._held(session, proposal)
            if row.version != version:
                return False
            row.settled = True
            if not row.question:
                session.delete(row)
        return True

    def unsettled(self, before: datetime, limit: int = 100) -> list[str]:
        """Those whose publishing was begun before that and never finished."""
        asked = select(ProposalRow.id).where(ProposalRow.settled.is_(False), ProposalRow.updated_at < before)
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(ProposalRow.updated_at).limit(limit)))

    def page(
        self, *, state: str | None, collection: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[ProposalRow]:
        """Proposals, the newest first. after: creation and id of the last one that is known"""
        asked = select(ProposalRow).where(ProposalRow.question != "")
        if state is not None:
            asked = asked.where(ProposalRow.state == state)
        if collection is not None:
            asked = asked.where(ProposalRow.collection == collection)
        if after is not None:
            at, last = after
            same_time = (ProposalRow.created_at == at) & (ProposalRow.id < last)
            asked = asked.where((ProposalRow.created_at < at) | same_time)
        asked = asked.order_by(ProposalRow.created_at.desc(), ProposalRow.id.desc()).limit(limit)
        with self.database.session() as session:
            return list(session.scalars(asked))

    def answered(self) -> set[Place]:
        """Entries about which something is published."""
        places = select(ProposalSourceRow.conversation_id, ProposalSourceRow.number)
        published = places.join(ProposalRow, ProposalRow.id == ProposalSourceRow.proposal_id)
        with self.database.session() as session:
            rows = session.execute(published.where(ProposalRow.state == "published"))
            return {(row.conversation_id, row.number) for row in rows}
