"""The table of rules: what a shop pins, boosts or bans. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Double, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from apps.recommender.store.item_tables import Key
from core.database import Base, UTCDateTime


class RuleRow(Base):
    """A rule. revision: grows with each change of any rule;  removed: kept, so that the revision never falls"""

    __tablename__ = "recommend_rules"
    __table_args__ = (Index("ix_recommend_rules_revision", "revision"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(8))
    items: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    attributes: Mapped[list[str]] = mapped_column(JSON)
    lists: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int | None] = mapped_column(Integer)
    strength: Mapped[float | None] = mapped_column(Double)
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    removed: Mapped[bool] = mapped_column(Boolean)
    revision: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())

    @property
    def values(self) -> dict[str, Any]:
        """What the shop said."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = (
    "name",
    "kind",
    "items",
    "categories",
    "attributes",
    "lists",
    "position",
    "strength",
    "starts_at",
    "ends_at",
)
