"""Chain texts that tell the same to one story, across sources. Reads no mood, and undoes nothing that a person did.

A text joins the story of the likeliest text before it, or begins a new one. What is compared is kept in memory; whose
story a text belongs to is asked of SQL each time, so that what a person joined or split holds at once.
"""

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from apps.finance_sentiment.pipeline import story_index
from apps.finance_sentiment.pipeline.story_headlines import LONGEST
from apps.finance_sentiment.pipeline.story_index import StoryIndex
from apps.finance_sentiment.pipeline.story_likeness import print_of
from apps.finance_sentiment.store import stories as store
from apps.finance_sentiment.store.archive_tables import DocumentRow, StoryRow
from core.clock import Clock
from core.database import Database
from core.errors import Misconfigured

LEAST_WORDS = 4  # of a title without a text that alone can be a copy: "Market update" is not
OUT_OF_ORDER = 1_000  # ids that may be committed after a larger one, by several processes that capture at once


class Stories:
    """The stories of one database, as one process continues them. Only one process reads documents at a time.

    window_hours: two texts that were published further apart are not one story
    """

    def __init__(self, database: Database, clock: Clock, window_hours: float = 72.0) -> None:
        """raises: Misconfigured for a window that is not positive"""
        if not window_hours > 0:
            raise Misconfigured(f"the window of a story is {window_hours:g} hours", remedy="give a positive number")
        self.database = database
        self.clock = clock
        self.window_hours = window_hours
        self._lock = threading.Lock()
        self._index: StoryIndex | None = None
        self._behind = 0  # up to this id all that has a story is in the index
        self._unsure: set[int] = set()  # in the index, but their transaction may have failed

    def assign(self, session: store.Session, documents: Sequence[DocumentRow]) -> None:
        """Give each document a story, in order, and tell which are echoes; all in the session's transaction.

        documents: with ids; one that has a story keeps it
        """
        with self._lock:
            index = self._caught_up(session)
            fresh = [row for row in documents if row.story_id is None]
            chosen = self._candidates(session, index, fresh)
            self._write(session, fresh, chosen)

    def _caught_up(self, session: store.Session) -> StoryIndex:
        if self._index is None:
            self._index = StoryIndex(self.window_hours)
            self._hold(store.newest_told(session, story_index.MOST_KEPT))
        else:
            present = store.told_behind(session, self._behind)
            for document in self._unsure.difference(present) & self._index.prints.keys():
                self._index.remove(document)
            self._hold(store.told_by_id(session, [one for one in present if self._index.wants(one)]))
        self._unsure.clear()
        waiting = store.first_waiting(session)
        last = self._index.last
        self._behind = max(0, (last if waiting is None else min(last, waiting - 1)) - OUT_OF_ORDER)
        return self._index

    def _hold(self, told: Iterable[store.Told]) -> None:
        assert self._index is not None
        for one in told:
            self._index.add(one.id, print_of(one.title, one.text, _hour(one.published_at)))

    def _candidates(self, session: store.Session, index: StoryIndex, fresh: Sequence[DocumentRow]) -> list[list[int]]:
        """For each document the ids of those before it that tell the same, the likeliest first."""
        chosen = []
        for row, copied in zip(fresh, self._copies(session, fresh), strict=True):
            text = print_of(row.title, row.text, _hour(row.published_at))
            chosen.append(copied or index.alike(text))
            index.add(row.id, text)
            self._unsure.add(row.id)
        return chosen

    def _copies(self, session: store.Session, fresh: Sequence[DocumentRow]) -> list[list[int]]:
        window = timedelta(hours=self.window_hours)
        before: dict[str, list[tuple[int, datetime]]] = {}
        for one in store.copies(session, list({row.digest for row in fresh if _says_enough(row)})):
            before.setdefault(one.digest, []).append((one.id, one.published_at))
        exact = []
        for row in fresh:
            same = before.setdefault(row.digest, []) if _says_enough(row) else []
            exact.append([document for document, at in same if abs(at - row.published_at) <= window])
            same.append((row.id, row.published_at))
        return exact

    def _write(self, session: store.Session, fresh: Sequence[DocumentRow], chosen: Sequence[Sequence[int]]) -> None:
        here = {row.id for row in fresh}
        outside = {document for each in chosen for document in each if document not in here}
        known = store.stories_of(session, sorted(outside))
        held = store.held(session, sorted(set(known.values())))
        story_of = {document: held[story] for document, story in known.items()}
        begun: list[StoryRow] = []
        for row, candidates in zip(fresh, chosen, strict=True):
            story = next((story_of[one] for one in candidates if one in story_of), None)
            row.echo = story is not None
            if story is None:
                title = row.title.strip() or row.text.strip()[:LONGEST]
                story = StoryRow(title=title, first_at=row.published_at, last_at=row.published_at, documents=0)
                begun.append(story)
            story.documents += 1
            story.first_at = min(story.first_at, row.published_at)
            story.last_at = max(story.last_at, row.published_at)
            story_of[row.id] = story
        session.add_all(begun)
        session.flush()  # the database gives the ids
        for row in fresh:
            row.story_id = story_of[row.id].id


def _says_enough(row: DocumentRow) -> bool:
    return bool(row.text.strip()) or len(row.title.split()) >= LEAST_WORDS


def _hour(moment: datetime) -> float:
    return moment.timestamp() / 3_600
