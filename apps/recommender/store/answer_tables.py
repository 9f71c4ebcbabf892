"""The table of what was recommended, and the vectors of items' texts. No queries."""

from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from apps.recommender.store.item_tables import Key
from core.database import Base


class AnswerRow(Base):
    """One answer, for off-policy estimates. Goes with its visitor.

    request: the id that feedback names;  place: which list it was;  at: Unix seconds UTC
    items: a list of [item id, how likely the policy was to show it there], best first
    asked: what the list was asked for with, as `Given.asked` says; None where nothing was left to chance
    """

    __tablename__ = "recommend_answers"
    __table_args__ = (
        Index("ix_recommend_answers_at", "at"),
        Index("ix_recommend_answers_visitor_key", "visitor_key"),
    )

    request: Mapped[str] = mapped_column(String(64), primary_key=True)
    visitor_key: Mapped[int | None] = mapped_column(ForeignKey("recommend_visitors.key", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(160))
    at: Mapped[float] = mapped_column(Double)
    items: Mapped[list[Any]] = mapped_column(JSON)
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ItemVectorRow(Base):
    """The vector of an item's text. number: grows with each that is written, so that other processes follow

    space: fingerprint of the encoder;  digest: of the text;  vector: float16, little-endian
    """

    __tablename__ = "recommend_item_vectors"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    item_key: Mapped[int] = mapped_column(ForeignKey("recommend_items.key"), unique=True)
    space: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
