"""Who saw which arm, and what they did then, in SQL. What follows from it is the pipeline's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from apps.recommender.store import visitors
from apps.recommender.store.arm_lists import Arm, Lists, add_lists
from apps.recommender.store.erased import erased_at
from apps.recommender.store.event_tables import EventRow, EventTypeRow, FeedbackRow
from apps.recommender.store.experiment_tables import ExperimentRow, ExposureRow
from apps.recommender.store.item_tables import STATE, StateRow
from apps.recommender.store.state import add_missing
from apps.recommender.store.visitor_tables import VisitorRow
from core.database import Database


class Exposure(NamedTuple):
    """Somebody to whom an arm was shown. who: kind and id;  at: Unix seconds UTC"""

    experiment: str
    who: tuple[str, str]
    arm: str
    at: float


@dataclass
class Done:
    """What one visitor did within the window. recommended: with an item that a recommendation showed"""

    recommended: dict[str, int] = field(default_factory=dict)
    all: dict[str, int] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A visitor of an experiment, a merged session being the user's. first_at: Unix seconds UTC

    arms: that were shown;  done: None while the window is open
    """

    arms: tuple[str, ...]
    first_at: float
    done: Done | None


class Exposures:
    """All exposures of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def log(self, exposures: Collection[Exposure], now: datetime, lists: Mapping[Arm, Lists] | None = None) -> None:
        """Keep who saw what; what is known stays. Of those who do not consent, or were erased since, nothing is kept.

        lists: that were made meanwhile, to be counted in the same transaction
        """
        with self.database.session(write=True) as session:
            if lists:
                add_lists(session, lists)
            exposures = _of_living(session, exposures)
            names = {one.who for one in exposures}
            held = visitors.find(session, names)
            if strangers := sorted(names - held.keys()):
                visitors.add_unknown(session, strangers, now)
                held |= visitors.find(session, strangers)
            rows = [
                {
                    "experiment_id": one.experiment,
                    "visitor_key": held[one.who].key,
                    "arm": one.arm,
                    "first_at": one.at,
                }
                for one in exposures
                if held[one.who].consent is not False
            ]
            add_missing(session, ExposureRow, rows)

    def read(self, experiment: ExperimentRow, types: Collection[str], now: float) -> list[Seen]:
        """All who saw the experiment, with what those did whose window is over. now: Unix seconds UTC"""
        window = experiment.window_hours * 3_600
        who = func.coalesce(VisitorRow.user_key, VisitorRow.key).label("who")
        shown = (
            select(who, ExposureRow.arm, func.min(ExposureRow.first_at).label("first_at"))
            .join(VisitorRow, VisitorRow.key == ExposureRow.visitor_key)
            .where(ExposureRow.experiment_id == experiment.id)
            .group_by(who, ExposureRow.arm)
        )
        firsts = shown.subquery()
        first = (
            select(firsts.c.who, func.min(firsts.c.first_at).label("first_at"), func.count().label("arms"))
            .group_by(firsts.c.who)
            .subquery()
        )
        counted = (
            select(
                EventRow.visitor_key,
                EventTypeRow.name,
                func.count(),
                func.coalesce(func.sum(case((FeedbackRow.event_id.is_not(None), 1), else_=0)), 0),
                func.coalesce(func.sum(EventRow.value), 0.0),
            )
            .join(first, first.c.who == EventRow.visitor_key)
            .join(EventTypeRow, EventTypeRow.key == EventRow.type)
            .outerjoin(FeedbackRow, FeedbackRow.event_id == EventRow.id)
            .where(
                first.c.arms == 1,
                first.c.first_at + window <= now,
                EventRow.at >= first.c.first_at,
                EventRow.at < first.c.first_at + window,
                EventTypeRow.name.in_(types),
            )
            .group_by(EventRow.visitor_key, EventTypeRow.name)
        )
        arms: dict[int, list[str]] = {}
        since: dict[int, float] = {}
        done: dict[int, Done] = {}
        with self.database.session() as session:
            for key, arm, at in session.execute(shown):
                arms.setdefault(key, []).append(arm)
                since[key] = min(at, since.get(key, at))
            for key, name, count, recommended, value in session.execute(counted):
                one = done.setdefault(key, Done())
                one.all[name], one.recommended[name], one.values[name] = count, int(recommended), float(value)
        return [
            Seen(tuple(sorted(some)), since[key], done.get(key, Done()) if since[key] + window <= now else None)
            for key, some in sorted(arms.items())
        ]


def _of_living(session: Session, exposures: Collection[Exposure]) -> list[Exposure]:
    """Without what was shown before somebody was erased."""
    secret = session.scalars(select(StateRow.secret).where(StateRow.id == STATE)).one()
    gone = erased_at(session, secret, {one.who for one in exposures})
    return [one for one in exposures if one.who not in gone or one.at > gone[one.who].timestamp()]
