"""The tables of users and of anonymous sessions, and of those who were erased. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apps.recommender.store.item_tables import MOST_ID, Key
from core.database import Base, UTCDateTime

USER, SESSION = "user", "session"


class VisitorRow(Base):
    """A user, or an anonymous session. Events hang on either.

    known: False for a user whom only events have named so far
    consent: to recommendations from one's own events; None where nobody said
    user_key: of a session, the user who signed in; its events were moved there, and later ones go there
    """

    __tablename__ = "recommend_visitors"
    __table_args__ = (
        UniqueConstraint("kind", "id"),
        Index("ix_recommend_visitors_user_key", "user_key"),
        {"sqlite_autoincrement": True},  # nobody inherits the number of somebody who was erased
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    id: Mapped[str] = mapped_column(String(MOST_ID))
    known: Mapped[bool] = mapped_column(Boolean)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    consent: Mapped[bool | None] = mapped_column(Boolean)
    user_key: Mapped[int | None] = mapped_column(ForeignKey("recommend_visitors.key", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())


class ErasedRow(Base):
    """That somebody was erased, told by no more than a keyed hash: what is older than `erased_at` stays out.

    digest: HMAC-SHA-256 of kind and id under the database's own secret
    """

    __tablename__ = "recommend_erased"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(UTCDateTime())
