"""What is there already, by id: for whoever adds and must overwrite nothing."""

from sqlalchemy import func, or_, select

from apps.recommender.store.event_tables import EventRow
from apps.recommender.store.item_tables import ItemRow
from apps.recommender.store.visitor_tables import USER, VisitorRow
from core.database import Database


def items_ever(database: Database) -> set[str]:
    """Ids of items that were sent at some time, those too that were removed since."""
    with database.session() as session:
        return set(session.scalars(select(ItemRow.id).where(or_(ItemRow.known, ItemRow.removed))))


def known_users(database: Database) -> set[str]:
    """Ids of users that were sent."""
    with database.session() as session:
        return set(session.scalars(select(VisitorRow.id).where(VisitorRow.kind == USER, VisitorRow.known)))


def latest_event(database: Database) -> float | None:
    """When the last event happened: Unix seconds; None where none did."""
    with database.session() as session:
        return session.scalar(select(func.max(EventRow.at)))
