"""Companies in SQL. Which of them a text speaks of is the pipeline's."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apps.finance_sentiment.errors import EditedMeanwhile, NoSuchEntity, TooManyEntities
from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.store.entity_tables import STATE, EntityRow, EntityStateRow
from core.clock import Clock
from core.database import Database

MOST = 20_000  # listed companies of the world's larger exchanges; all of them are held in memory


class Entities:
    """All companies of one database. Every change locks the state row, so changes come one after the other."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def revision(self) -> int:
        """Counts the changes of the list; one small query."""
        with self.database.reading() as connection:
            return connection.execute(select(EntityStateRow.revision).where(EntityStateRow.id == STATE)).scalar_one()

    def all(self, *, watched: bool | None = None) -> list[EntityRow]:
        """By name. watched: only those that are, or are not, on the watchlist"""
        asked = select(EntityRow).where(EntityRow.removed.is_(False)).order_by(EntityRow.name, EntityRow.id)
        if watched is not None:
            asked = asked.where(EntityRow.watched.is_(watched))
        with self.database.session() as session:
            return list(session.scalars(asked))

    def ever(self) -> list[str]:
        """Ids of all that are in the list, and of those that were removed from it."""
        with self.database.session() as session:
            return list(session.scalars(select(EntityRow.id)))

    def get(self, entity: str) -> EntityRow:
        """raises: NoSuchEntity"""
        with self.database.session() as session:
            return _held(session, entity)

    def put(self, entity: str, edit: EntityEdit) -> EntityRow:
        """Make a company or replace it. raises: EditedMeanwhile, TooManyEntities"""
        with self.database.session(write=True) as session:
            _locked(session).revision += 1
            row = self._put(session, entity, edit, "own")
            self._check_room(session)
        return row

    def put_all(self, edits: Mapping[str, EntityEdit]) -> tuple[int, int]:
        """Make companies or replace them, all or none. returns: how many are new, and how many were replaced

        raises: EditedMeanwhile, TooManyEntities
        """
        with self.database.session(write=True) as session:
            _locked(session).revision += 1
            held = set(session.scalars(select(EntityRow.id).where(EntityRow.removed.is_(False))))
            for entity, edit in edits.items():
                self._put(session, entity, edit, "own")
            self._check_room(session)
        return len(edits.keys() - held), len(edits.keys() & held)

    def bring_shipped(self, edits: Mapping[str, EntityEdit], checksum: str) -> int:
        """Read the shipped list in, once for each of its versions. What a person changed or removed stays as it is.

        returns: how many rows were written
        """
        with self.database.reading() as connection:  # nearly always there is nothing to do, so no lock is taken
            held = connection.execute(select(EntityStateRow.shipped).where(EntityStateRow.id == STATE)).scalar_one()
        if held == checksum:
            return 0
        with self.database.session(write=True) as session:
            state = _locked(session)
            if state.shipped == checksum:
                return 0
            theirs = {row.id: row for row in session.scalars(select(EntityRow))}
            written = 0
            for entity, edit in edits.items():
                row = theirs.get(entity)
                if row is None or (row.origin == "shipped" and not row.removed):
                    watched = row.watched if row is not None else edit.watched
                    self._put(session, entity, edit.model_copy(update={"watched": watched}), "shipped")
                    written += 1
            state.shipped, state.revision = checksum, state.revision + 1
        return written

    def watch(self, entity: str, watched: bool) -> EntityRow:
        """Put a company on the watchlist, or take it off. raises: NoSuchEntity"""
        return self.watch_all([entity], watched)[0]

    def watch_all(self, entities: Sequence[str], watched: bool) -> list[EntityRow]:
        """The same for several, all or none. raises: NoSuchEntity"""
        with self.database.session(write=True) as session:
            _locked(session).revision += 1
            rows = [_held(session, entity) for entity in entities]
            for row in rows:
                row.watched, row.version, row.updated_at = watched, row.version + 1, self.clock()
        return rows

    def remove(self, entity: str) -> None:
        """raises: NoSuchEntity"""
        with self.database.session(write=True) as session:
            _locked(session).revision += 1
            row = _held(session, entity)
            row.removed, row.watched, row.version, row.updated_at = True, False, row.version + 1, self.clock()

    def _put(self, session: Session, entity: str, edit: EntityEdit, origin: str) -> EntityRow:
        row = session.get(EntityRow, entity)
        now = 0 if row is None or row.removed else row.version
        if edit.version is not None and edit.version != now:
            raise EditedMeanwhile(entity, edit.version, now)
        if row is None:
            row = EntityRow(id=entity, version=0)
            session.add(row)
        for name, value in edit.model_dump(exclude={"version"}).items():
            setattr(row, name, value)
        row.origin, row.removed, row.updated_at = origin, False, self.clock()
        row.version += 1
        return row

    @staticmethod
    def _check_room(session: Session) -> None:
        session.flush()
        held = select(func.count()).select_from(EntityRow).where(EntityRow.removed.is_(False))
        if (session.scalar(held) or 0) > MOST:
            raise TooManyEntities(MOST)


def _locked(session: Session) -> EntityStateRow:
    return session.scalars(select(EntityStateRow).where(EntityStateRow.id == STATE).with_for_update()).one()


def _held(session: Session, entity: str) -> EntityRow:
    row = session.get(EntityRow, entity)
    if row is None or row.removed:
        raise NoSuchEntity(entity)
    return row
