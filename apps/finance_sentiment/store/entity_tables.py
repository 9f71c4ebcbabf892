"""The tables of companies. No queries."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime

STATE = 1  # the only row of its table


class EntityRow(Base):
    """A company that is looked for in texts.

    tickers: "EXCHANGE:SYMBOL", the main one first;  aliases: one that ends in "?" counts only in context
    origin: shipped or own;  removed: nobody sees it any more, what was found about it keeps its name
    """

    __tablename__ = "finance_entities"
    __table_args__ = (Index("ix_finance_entities_watched", "watched"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    tickers: Mapped[list[str]] = mapped_column(JSON)
    sector: Mapped[str] = mapped_column(String(80))
    country: Mapped[str] = mapped_column(String(2))
    aliases: Mapped[list[str]] = mapped_column(JSON)
    context: Mapped[list[str]] = mapped_column(JSON)
    anticontext: Mapped[list[str]] = mapped_column(JSON)
    watched: Mapped[bool] = mapped_column(Boolean)
    origin: Mapped[str] = mapped_column(String(16))
    removed: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())


class EntityStateRow(Base):
    """One row, which every change of the list locks first.

    revision: counts changes, so that other processes notice;  shipped: checksum of the shipped list that was read in
    """

    __tablename__ = "finance_entity_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)
    shipped: Mapped[str] = mapped_column(String(64))
