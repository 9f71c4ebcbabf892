"""Warnings about the knowledge that a person put aside."""

import logging

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from apps.customer_service.store.knowledge_tables import DismissalRow
from core.clock import Clock
from core.database import Database

_log = logging.getLogger(__name__)


class Dismissals:
    """All of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def of(self, collection: str) -> set[str]:
        """returns: ids of the warnings that were put aside"""
        with self.database.session() as session:
            return set(session.scalars(select(DismissalRow.warning).where(DismissalRow.collection == collection)))

    def add(self, collection: str, warning: str, by: str) -> None:
        """Put a warning aside; doing so twice changes nothing. by: name of the key"""
        row = DismissalRow(collection=collection, warning=warning, key_name=by[:200], dismissed_at=self.clock())
        try:
            with self.database.session(write=True) as session:
                if session.get(DismissalRow, (collection, warning)) is None:
                    session.add(row)
        except IntegrityError:
            _log.debug("the warning was put aside by another process at the same moment")

    def take_back(self, collection: str, warning: str) -> None:
        """Show a warning again."""
        with self.database.session(write=True) as session:
            session.execute(
                delete(DismissalRow).where(DismissalRow.collection == collection, DismissalRow.warning == warning)
            )
