"""The database: one engine, short sessions, one unit of work at a time. Knows no tables but the shared base."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from core.errors import Misconfigured, Overloaded, TriviumError

THREADS = 40  # that answer requests in one process: what anyio allows


class Base(DeclarativeBase):
    """All tables of core and apps. Names of constraints are fixed, so migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time in every database (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; a time without a zone is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite dropped."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Database:
    """One engine over SQLite (WAL) or PostgreSQL."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise Misconfigured("the database URL cannot be read", remedy="check TRIVIUM_DATABASE_URL") from error
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        try:
            self.engine: Engine = self._create(parsed)
        except NoSuchModuleError as error:
            raise Misconfigured(
                f"no database of kind {parsed.drivername!r} is supported", remedy="use sqlite:/// or postgresql://"
            ) from error

    def _create(self, parsed: URL) -> Engine:
        if self.is_sqlite:
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True, **_pool(parsed))
            event.listen(engine, "connect", _set_pragmas)
            event.listen(engine, "begin", _begin)
            return engine
        return create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=16, hide_parameters=True)

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One unit of work: committed at the end, rolled back on any error.

        write: take SQLite's write lock at once, so that what is read inside stays true until the commit
        raises: Overloaded when the database is locked or away
        """
        try:
            with self.engine.connect() as connection:
                if write and self.is_sqlite:
                    connection = connection.execution_options(trivium_write=True)
                with Session(bind=connection, expire_on_commit=False) as session, session.begin():
                    yield session
        except OperationalError as error:
            raise _explain(error) from error
        except PoolTimeout as error:
            raise _all_in_use() from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A bare connection for one small query; what a session adds costs more than such a query itself.

        raises: Overloaded when the database is locked or away
        """
        try:
            with self.engine.connect() as connection:
                yield connection.execution_options(trivium_single=True) if self.is_sqlite else connection
        except OperationalError as error:
            raise _explain(error) from error
        except PoolTimeout as error:
            raise _all_in_use() from error

    def scrub(self) -> None:
        """Let nothing that was deleted stay in SQLite's files: what was committed goes into the database, the log ends
        empty. Deleted rows themselves are overwritten as they go (`secure_delete`). Nothing to do on PostgreSQL, whose
        own VACUUM frees the room.

        raises: Overloaded when readers held the log for half a minute; what was deleted stays deleted
        """
        if not self.is_sqlite:
            return
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection  # outside of any transaction
            held, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if held:
            raise Overloaded(
                "all is deleted, but readers keep the database's log, which still holds it", remedy="do it once more"
            )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _pool(url: URL) -> dict[str, int]:
    """One connection for each thread that answers requests: one beyond the pool is opened and closed for each use,
    which costs more than the query. In memory there is only one.
    """
    in_memory = not url.database or url.database == ":memory:"
    return {} if in_memory else {"pool_size": THREADS, "max_overflow": 8}


def _set_pragmas(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN below, so that writers can take the lock first
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "secure_delete=ON",  # a customer who is erased must not stay in pages that are free
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    options = connection.get_execution_options()
    if not options.get("trivium_single"):  # one query is a transaction of its own
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("trivium_write") else "BEGIN")


def _all_in_use() -> TriviumError:
    return Overloaded("all connections to the database are in use", remedy="try again in a second")


def _explain(error: OperationalError) -> TriviumError:
    cause = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
    if "no such table" in cause:
        return Misconfigured("the database has no tables yet", remedy="run `trivium db upgrade`")
    if "disk" in cause or "full" in cause:
        return Overloaded(f"the database could not write ({cause})", remedy="free some disk space and try again")
    return Overloaded(f"the database did not answer ({cause})", remedy="check that it runs, then try again")
