"""Comments that wait for their mood. Reads none of them."""

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from apps.recommender.store.event_tables import CommentRow, EventRow
from apps.recommender.store.state import locked, parts
from core.database import Database


class Comments:
    """All comments of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def waiting(self, most: int) -> list[tuple[int, str]]:
        """Numbers and texts of comments that nobody has read, the first ones first."""
        asked = select(CommentRow.event_id, CommentRow.text).where(CommentRow.model.is_(None))
        with self.database.session() as session:
            rows = session.execute(asked.order_by(CommentRow.event_id).limit(most))
            return [(number, text) for number, text in rows]

    def count_waiting(self) -> int:
        """How many comments nobody has read."""
        with self.database.reading() as connection:
            asked = select(func.count()).select_from(CommentRow).where(CommentRow.model.is_(None))
            return connection.execute(asked).scalar_one()

    def keep(self, moods: Mapping[int, float], model: str) -> int:
        """Keep moods as values of their events. Those that another process kept, or that are gone, are left alone.

        moods: number of the event -> mood in [-1, 1];  returns: how many were kept
        """
        with self.database.session(write=True) as session:
            state = locked(session)
            still = _still_waiting(session, list(moods))
            for number in still:
                session.execute(update(EventRow).where(EventRow.id == number).values(value=moods[number]))
                session.execute(update(CommentRow).where(CommentRow.event_id == number).values(model=model))
            if still:
                state.events += len(still)
                state.moves += 1
        return len(still)


def _still_waiting(session: Session, numbers: list[int]) -> list[int]:
    found: list[int] = []
    for part in parts(numbers):
        asked = select(CommentRow.event_id).where(CommentRow.event_id.in_(part), CommentRow.model.is_(None))
        found += session.scalars(asked.order_by(CommentRow.event_id))
    return found
