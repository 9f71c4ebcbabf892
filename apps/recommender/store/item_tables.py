"""The tables of items, and the counters that other processes follow. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Double, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime

Key = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives; SQLite counts only columns of type INTEGER up by itself."""

MOST_ID = 200  # characters of an item's, user's or session's id
STATE = 1  # the only row of its table


class ItemRow(Base):
    """An item, or the id of one that only events have named so far (`known` is False then).

    stock: None where nobody counts it;  removed: no longer in the catalogue; the id and its events stay
    revision: of the catalogue's change that wrote this row last
    """

    __tablename__ = "recommend_items"
    __table_args__ = (Index("ix_recommend_items_revision", "revision"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(MOST_ID), unique=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    categories: Mapped[list[str]] = mapped_column(JSON)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    price: Mapped[float | None] = mapped_column(Double)
    stock: Mapped[int | None] = mapped_column(BigInteger)
    available_from: Mapped[datetime | None] = mapped_column(UTCDateTime())
    available_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    hidden: Mapped[bool] = mapped_column(Boolean)
    image_url: Mapped[str] = mapped_column(Text)
    known: Mapped[bool] = mapped_column(Boolean)
    removed: Mapped[bool] = mapped_column(Boolean)
    revision: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())


class StateRow(Base):
    """One row, which every change locks first: what one process acknowledged, another sees in the same order.

    items: grows with each change of items;  events: with each change of events
    moves: with each erasure and merge, after which events that were read may stand elsewhere or nowhere
    secret: under which ids of erased people are hashed
    """

    __tablename__ = "recommend_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    items: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(BigInteger)
    moves: Mapped[int] = mapped_column(BigInteger)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
