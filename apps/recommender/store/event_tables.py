"""The tables of events: narrow rows, so that millions are read fast. No queries."""

from sqlalchemy import Double, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.recommender.store.item_tables import Key
from core.database import Base

MOST_REQUEST = 64  # characters of the id under which recommendations were given


class EventTypeRow(Base):
    """The name of a type of events, once."""

    __tablename__ = "recommend_event_types"

    key: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32), unique=True)


class EventRow(Base):
    """Something that a visitor did with an item.

    digest: of the event's id, or of all that is said of it where it has none: the same event is kept once
    value: a rating, an amount of money, the mood of a comment in [-1, 1]; None where none, or not read yet
    at: Unix seconds UTC
    """

    __tablename__ = "recommend_events"
    __table_args__ = (
        Index("ix_recommend_events_visitor_key", "visitor_key", "at"),
        Index("ix_recommend_events_item_key", "item_key", "at"),
        {"sqlite_autoincrement": True},  # whoever follows events by their ids meets none of them twice
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    visitor_key: Mapped[int] = mapped_column(ForeignKey("recommend_visitors.key", ondelete="CASCADE"))
    item_key: Mapped[int] = mapped_column(ForeignKey("recommend_items.key"))
    type: Mapped[int] = mapped_column(ForeignKey("recommend_event_types.key"))
    value: Mapped[float | None] = mapped_column(Double)
    at: Mapped[float] = mapped_column(Double)


class CommentRow(Base):
    """What a comment says. model: that read its mood, "name@version"; None: it waits; "" where the shop told it"""

    __tablename__ = "recommend_comments"
    __table_args__ = (
        Index(
            "ix_recommend_comments_waiting",
            "event_id",
            sqlite_where=text("model IS NULL"),
            postgresql_where=text("model IS NULL"),
        ),
    )

    event_id: Mapped[int] = mapped_column(
        ForeignKey("recommend_events.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(String(160))


class FeedbackRow(Base):
    """Which recommendation an event came of. request: the id that the recommendations were given under"""

    __tablename__ = "recommend_feedback"
    __table_args__ = (Index("ix_recommend_feedback_request", "request"),)

    event_id: Mapped[int] = mapped_column(
        ForeignKey("recommend_events.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    request: Mapped[str] = mapped_column(String(MOST_REQUEST))
