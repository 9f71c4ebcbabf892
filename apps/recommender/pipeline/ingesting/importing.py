"""Files of items, users and events into the store. A process that dies midway is simply run again."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Protocol

from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.rows import count_rows, read_file
from apps.recommender.pipeline.ingesting.taking import Show, take_events, take_items, take_users, usable
from apps.recommender.schemas.taking import TakenEvents, TakenItems, TakenUsers
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.events import Events
from apps.recommender.store.items import Items
from apps.recommender.store.visitors import Visitors
from core.clock import Clock
from core.database import Database


class Progress(Protocol):
    """Shows how far long work is. Yields what takes the amount done so far."""

    def __call__(self, title: str, total: int | None) -> AbstractContextManager[Show]: ...


def import_items(database: Database, clock: Clock, paths: Sequence[Path], progress: Progress) -> dict[Path, TakenItems]:
    """Keep the items of files. raises: Invalid for a file that cannot be read; NothingUsable; NothingSent"""
    taken = {}
    for path in paths:
        with progress("Importing items", count_rows(path)) as show:
            taken[path] = usable(take_items(Items(database, clock), partial(read_file, path), show))
    return taken


def import_users(database: Database, clock: Clock, paths: Sequence[Path], progress: Progress) -> dict[Path, TakenUsers]:
    """Keep the users of files. raises: as `import_items`"""
    taken = {}
    for path in paths:
        with progress("Importing users", count_rows(path)) as show:
            taken[path] = usable(take_users(Visitors(database, clock), partial(read_file, path), show))
    return taken


def import_events(
    database: Database, clock: Clock, settings: RecommenderSettings, paths: Sequence[Path], progress: Progress
) -> dict[Path, TakenEvents]:
    """Keep the events of files. raises: as `import_items`"""
    taken = {}
    for path in paths:
        reader = EventReader(settings, clock, now_if_untimed=False)
        with progress("Importing events", count_rows(path)) as show:
            taken[path] = usable(take_events(Events(database, clock), reader, partial(read_file, path), show))
    return taken
