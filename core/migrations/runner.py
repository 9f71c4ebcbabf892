"""Bring the tables up to date: core's history first, then each app's. Knows no table.

Every history has a version table of its own, so an app that cannot be imported today does not keep the others from
being migrated. All of it happens in one transaction under a lock: of four processes that start at once one migrates
and three find nothing to do, and a process that is killed in the middle leaves the tables as they were.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from core.errors import Misconfigured, Overloaded

if TYPE_CHECKING:
    from core.app import App
    from core.database import Database

HOUSE = Path(__file__).parent
LOCK = 0x7472_6976_6975_6D01  # "trivium" and a one: PostgreSQL's advisory locks are numbers

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class History:
    """One line of migrations. name: "core" or the app's; also the branch label of its first revision"""

    name: str
    folder: Path

    @property
    def version_table(self) -> str:
        """Where the database keeps how far this history has come."""
        return "alembic_version" if self.name == "core" else f"alembic_version_{self.name}"

    @staticmethod
    def includes(name: str | None, kind: str, _: Any) -> bool:
        """Whether an automatic comparison looks at this; the version tables belong to no model."""
        return not (kind == "table" and name is not None and name.startswith("alembic_version"))

    def config(self) -> Config:
        """Alembic's own settings for this history."""
        config = Config(attributes={"history": self})
        config.set_main_option("script_location", _escaped(HOUSE))
        config.set_main_option("version_locations", _escaped(self.folder))
        config.set_main_option("path_separator", "newline")  # so that a folder may hold spaces and colons
        return config

    def scripts(self) -> ScriptDirectory:
        """The revisions in the folder.

        raises: Misconfigured when there is no folder, or its revisions fork
        """
        if not self.folder.is_dir():
            raise Misconfigured(f"{self.name} has no folder {self.folder}", remedy="correct `migrations` of the app")
        scripts = ScriptDirectory.from_config(self.config())
        try:
            heads = scripts.get_heads()
        except CommandError as error:
            raise Misconfigured(
                f"the migrations of {self.name} do not fit together", remedy="check their down_revision"
            ) from error
        if len(heads) != 1:
            raise Misconfigured(f"the migrations of {self.name} end in {len(heads)} heads", remedy="leave one")
        return scripts


def histories(apps: Iterable[App]) -> list[History]:
    """Core's history, then those of the apps that have tables."""
    own = [History(app.name, app.migrations) for app in apps if app.migrations is not None]
    return [History("core", HOUSE / "versions"), *own]


def pending(database: Database, apps: Iterable[App]) -> list[str]:
    """Revisions that the database lacks, oldest first, each "core 0001: what it does".

    raises: Misconfigured when the database is newer than the installed version; Overloaded when it does not answer
    """
    with _connected(database) as connection:
        return [line for history in histories(apps) for line in _pending(connection, history)]


def upgrade(database: Database, apps: Iterable[App]) -> list[str]:
    """Bring all tables up to date; safe to call from any number of processes at once.

    returns: the revisions that this call applied, as `pending` writes them
    raises: Misconfigured when the database is newer than the installed version; Overloaded when it does not answer
    """
    with _locked(database) as connection:
        applied = []
        for history in histories(apps):
            lacking = _pending(connection, history)
            if lacking:
                config = history.config()
                config.attributes["connection"] = connection
                command.upgrade(config, "heads")
                _log.info("tables brought up to date", extra={"app": history.name, "revisions": len(lacking)})
            applied += lacking
    return applied


def _pending(connection: Connection, history: History) -> list[str]:
    scripts = history.scripts()
    context = MigrationContext.configure(connection, opts={"version_table": history.version_table})
    done = context.get_current_heads()
    try:
        lacking = list(scripts.iterate_revisions("heads", done or "base"))
    except RevisionError as error:
        raise Misconfigured(
            f"the tables of {history.name} are at revision {', '.join(done)}, which this version does not know",
            remedy="install the version that wrote them, or a later one",
        ) from error
    return [f"{history.name} {script.revision}: {script.doc}" for script in reversed(lacking)]


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    with _explained():
        connection = database.engine.connect()
    with connection:
        try:
            yield connection
        except OperationalError as error:
            if not error.connection_invalidated:
                raise
            raise _silent() from error  # cut off in the middle; all of it was rolled back


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    """One connection in one transaction that no other migration shares."""
    with _connected(database) as connection:
        if not database.is_sqlite:
            with connection.begin():
                with _explained():
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                yield connection
            return
        # SQLite changes a table by copying and dropping it; with foreign keys on, the drop would empty its children.
        # The switch is ignored inside a transaction, so it goes to the driver before one begins.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with _explained():
                transaction = connection.execution_options(trivium_write=True).begin()
            with transaction:
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise Misconfigured("a migration left references to missing rows", remedy="report it as a bug")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _explained() -> Iterator[None]:
    """Around opening and locking: what a migration itself does wrong must be seen as it is."""
    try:
        yield
    except OperationalError as error:
        raise _silent() from error


def _silent() -> Overloaded:
    return Overloaded("the database did not answer", remedy="check that it runs, then try again")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")  # the option is read by configparser
