"""The table of writes under an Idempotency-Key: claimed, answered, forgotten after a day. Knows no HTTP."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Integer, LargeBinary, String, and_, delete, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import Clock
from core.database import Base, Database, UTCDateTime
from core.errors import Conflict, Invalid

KEPT_FOR = timedelta(hours=24)
CLAIMED_FOR = timedelta(minutes=5)  # longer than any answer takes; after it, whoever ran the write counts as dead


class AnswerRow(Base):
    """A write. status: None while it runs;  claim: the run that may answer it, until `claimed_until`"""

    __tablename__ = "idempotency_keys"

    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(32))
    claimed_until: Mapped[datetime] = mapped_column(UTCDateTime())
    status: Mapped[int | None] = mapped_column(Integer)
    content_type: Mapped[str | None] = mapped_column(String(255))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)


class IdempotencyKeyReused(Invalid):
    """The same Idempotency-Key came with another request."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key belongs to another request", remedy="use a new key for each write")


class StillRunning(Conflict):
    """The first request with this Idempotency-Key has no answer yet."""

    retry_after_s = 2

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key is still running", remedy="ask again soon")


@dataclass(frozen=True)
class Claim:
    """The right to run one write. token: tells this run from a later one under the same key"""

    key_id: int
    key: str
    token: str


@dataclass(frozen=True)
class Answer:
    """What a write was answered."""

    status: int
    content_type: str
    body: bytes


class Answers:
    """Claims and answers of all API keys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim(self, key_id: int, key: str, request_hash: str) -> Claim | Answer:
        """Start a write, or find the answer that it had.

        raises: IdempotencyKeyReused, StillRunning
        """
        now = self._clock()
        claim = Claim(key_id, key, secrets.token_hex(16))
        row = AnswerRow(key_id=key_id, key=key, created_at=now)
        _start(row, claim, request_hash, now)
        with self._database.session(write=True) as session:
            try:
                with session.begin_nested():
                    session.add(row)
            except IntegrityError:
                before = session.get(AnswerRow, (key_id, key), with_for_update=True)
                if before is None:
                    raise StillRunning from None  # given up at this very moment
                lapsed = before.status is None and now >= before.claimed_until
                if lapsed or now - before.created_at >= KEPT_FOR:
                    _start(before, claim, request_hash, now)
                    return claim
                if before.request_hash != request_hash:
                    raise IdempotencyKeyReused from None
                if before.status is None:
                    raise StillRunning from None
                return Answer(before.status, before.content_type or "", before.body or b"")
        return claim

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer of a write; nothing happens when another run has taken the claim over."""
        kept = {"status": answer.status, "content_type": answer.content_type, "body": answer.body}
        with self._database.session(write=True) as session:
            session.execute(update(AnswerRow).where(_held_by(claim)).values(kept))

    def give_up(self, claim: Claim) -> None:
        """Forget a write that failed, so that it may be tried again."""
        with self._database.session(write=True) as session:
            session.execute(delete(AnswerRow).where(_held_by(claim)))

    def forget_mentioning(self, words: Sequence[bytes]) -> int:
        """Forget the answers in which any of these stands, as when a person is erased. returns: how many

        A write whose answer is forgotten runs again if it is sent again with its Idempotency-Key.
        """
        gone = []
        with self._database.session() as session:  # looking takes time; nobody who writes has to wait for it
            kept = select(AnswerRow.key_id, AnswerRow.key, AnswerRow.body).where(AnswerRow.body.is_not(None))
            for key_id, key, body in session.execute(kept).yield_per(100):
                if any(word in (body or b"") for word in words):
                    gone.append((key_id, key))
        for at in range(0, len(gone), 100):
            part = gone[at : at + 100]
            with self._database.session(write=True) as session:
                session.execute(delete(AnswerRow).where(tuple_(AnswerRow.key_id, AnswerRow.key).in_(part)))
        return len(gone)

    def expire(self) -> None:
        """Forget what is older than a day."""
        with self._database.session(write=True) as session:
            session.execute(delete(AnswerRow).where(AnswerRow.created_at <= self._clock() - KEPT_FOR))


def _start(row: AnswerRow, claim: Claim, request_hash: str, now: datetime) -> None:
    row.request_hash = request_hash
    row.claim = claim.token
    row.claimed_until = now + CLAIMED_FOR
    row.created_at = now
    row.status = row.content_type = row.body = None


def _held_by(claim: Claim) -> ColumnElement[bool]:
    return and_(AnswerRow.key_id == claim.key_id, AnswerRow.key == claim.key, AnswerRow.claim == claim.token)
