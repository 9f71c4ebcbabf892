"""The tables of experiments. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apps.recommender.store.item_tables import Key
from core.database import Base, UTCDateTime


class ExperimentRow(Base):
    """An experiment. arms: as the schema `Arm` writes them;  guardrails: as `GuardrailEdit` does

    slots: (1,000,) the arm's position of each;  lane_slots: those of the lane that are this experiment's
    state: draft, running or stopped
    """

    __tablename__ = "recommend_experiments"
    __table_args__ = (Index("ix_recommend_experiments_state", "state", "lane"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    hypothesis: Mapped[str] = mapped_column(Text)
    lane: Mapped[str] = mapped_column(String(32))
    traffic: Mapped[float] = mapped_column(Double)
    arms: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    slots: Mapped[list[int]] = mapped_column(JSON)
    lane_slots: Mapped[list[int]] = mapped_column(JSON)
    metric: Mapped[str] = mapped_column(String(16))
    window_hours: Mapped[float] = mapped_column(Double)
    guardrails: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    alpha: Mapped[float] = mapped_column(Double)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())


class ExposureRow(Base):
    """That a visitor saw an arm, once for all times. first_at: Unix seconds UTC"""

    __tablename__ = "recommend_exposures"
    __table_args__ = (Index("ix_recommend_exposures_visitor_key", "visitor_key"),)

    experiment_id: Mapped[str] = mapped_column(
        ForeignKey("recommend_experiments.id", ondelete="CASCADE"), primary_key=True
    )
    visitor_key: Mapped[int] = mapped_column(
        Key, ForeignKey("recommend_visitors.key", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    arm: Mapped[str] = mapped_column(String(32), primary_key=True)
    first_at: Mapped[float] = mapped_column(Double)


class ArmListsRow(Base):
    """How many lists an arm has made, and whether it can. See `store.arm_lists.Lists`."""

    __tablename__ = "recommend_arm_lists"

    experiment_id: Mapped[str] = mapped_column(
        ForeignKey("recommend_experiments.id", ondelete="CASCADE"), primary_key=True
    )
    arm: Mapped[str] = mapped_column(String(32), primary_key=True)
    made: Mapped[int] = mapped_column(BigInteger)
    without: Mapped[int] = mapped_column(BigInteger)
    well_at: Mapped[float] = mapped_column(Double)
    unable_at: Mapped[float] = mapped_column(Double)
    because: Mapped[str] = mapped_column(Text)


class ExperimentChangeRow(Base):
    """One change of an experiment. version: that came of it;  before, after: the fields that changed, by name"""

    __tablename__ = "recommend_experiment_changes"

    experiment_id: Mapped[str] = mapped_column(
        ForeignKey("recommend_experiments.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
