"""Open what a command needs, and close it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.app import installed_apps
from core.settings import Settings, read_settings

if TYPE_CHECKING:
    from core.app import Services
    from core.database import Database
    from core.tasks import Task


@contextmanager
def opened_services(settings: Settings | None = None) -> Iterator[Services]:
    """Settings, database (migrated) and encoder, for commands that work beside a running server."""
    from core.migrations import upgrade
    from core.services import close_services, open_services

    services = open_services(settings or read_settings())
    try:
        upgrade(services.database, installed_apps()[0])
        yield services
    finally:
        close_services(services)


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database alone, migrated."""
    from core.database import Database
    from core.migrations import upgrade

    database = Database(read_settings().database)
    try:
        upgrade(database, installed_apps()[0])
        yield database
    finally:
        database.close()


def known_task(name: str) -> Task:
    """A task of core's own or of an installed app.

    raises: NoSuchTask
    """
    from core.tasks import find_task

    return find_task(name, [task for app in installed_apps()[0] for task in app.tasks])
