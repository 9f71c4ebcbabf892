"""What a process that serves holds in memory, kept up to date: catalogue, texts, trends, rules.

Each request asks the database for four counters and takes in what changed since: answers are as new as the last commit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np

from apps.recommender.pipeline.learning import text_of
from apps.recommender.pipeline.recommending.catalogue import Catalogue
from apps.recommender.pipeline.recommending.signals import Signal, by_amounts, largest, leveled
from apps.recommender.pipeline.recommending.texts import ItemTexts
from apps.recommender.pipeline.recommending.trends import Trends
from apps.recommender.schemas.rules import Rule
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.following import Revisions, read_arrived, read_revisions
from apps.recommender.store.item_vectors import ItemVector, read_texts, read_vectors, write_vectors
from apps.recommender.store.learning import read_items
from apps.recommender.store.rules import Rules
from core.app import Services

AT_ONCE = 20_000  # items that are read at a time
AT_REQUEST = 32
"""New items whose texts a request encodes itself, some milliseconds each; more are left to the background."""
IN_BACKGROUND = 256  # texts that are encoded and kept at a time
LOOKS_EVERY_S = 1.0  # for vectors that another process made
SORTED = 20_000
"""Of the most popular items, or a twentieth of all: to sort a million took a tenth of a second after each new event."""
ANEW_EVERY_S = 600.0
"""After erasures and merges popularity is summed anew this often at most: it tells of nobody."""


class Shelf:
    """The memory of one process. Reading is free of locks; one thread at a time takes changes in."""

    def __init__(self, services: Services, settings: RecommenderSettings) -> None:
        self._services, self._settings = services, settings
        self._database = services.database
        self.catalogue = Catalogue()
        self.texts = ItemTexts(services.encoder.dim)
        self.trends = Trends(settings)
        self.rules: dict[str, Rule] = {}
        self._seen = Revisions(-1, -1, -1, -1)
        self._counted = Revisions(-1, -1, -1, -1)
        self._counted_at = self._summed_at = self._looked_at = -1e9
        self._popularity: tuple[tuple[float, int, int, int], Signal] | None = None
        self._lock, self._counting, self._looking = threading.Lock(), threading.Lock(), threading.Lock()

    def catch_up(self, found: Revisions | None = None) -> None:
        """Take in what was committed until now. found: where the database stands, if it was asked already"""
        if found is None:
            with self._database.reading() as connection:
                found = read_revisions(connection)
        if found.items != self._seen.items or found.rules != self._seen.rules:
            with self._lock:
                self._follow(found)
        self._look_for_vectors()
        self._count(found)

    def popularity(self, n: int) -> Signal:
        """What everybody wants, as it is now; made once until it changes. The same for all requests."""
        trends = self.trends
        known = trends.at, trends.last, self.catalogue.revision, n
        made = self._popularity
        if made is None or made[0] != known:
            wanted = np.log1p(trends.popular(n)).astype(np.float32, copy=False)
            amounts = leveled(wanted, self.catalogue.live[:n])
            made = known, by_amounts("popular", amounts, largest(amounts, max(SORTED, n // 20)))
            self._popularity = made
        return made[1]

    def rules_of(self, ids: Sequence[str] | None) -> list[Rule]:
        """Rules by their ids, without those that were taken away; None: all."""
        rules = self.rules
        return list(rules.values()) if ids is None else [rule for key, rule in rules.items() if key in ids]

    def encode_missing(self, most: int = IN_BACKGROUND) -> int:
        """Encode texts that nobody has, keep their vectors for all processes. returns: how many"""
        with self._lock:
            self._read_vectors()
            places = self.texts.missing(self.catalogue, most)
            if not places:
                return 0
            keys: list[int] = self.catalogue.keys[places].tolist()
        texts = read_texts(self._database, keys)
        rows = [text_of(*texts[key]) for key in keys]
        encoded = np.asarray(self._services.encoder.encode(rows), dtype="<f2")
        digests = [row.tobytes() for row in self.catalogue.digests[places]]
        made = [ItemVector(*one) for one in zip(keys, digests, (row.tobytes() for row in encoded), strict=True)]
        write_vectors(self._database, self._services.encoder.fingerprint, made)
        with self._lock:
            self._read_vectors()
        return len(made)

    def encode_all(self) -> None:
        """Encode until nothing is missing or the server stops."""
        self.catch_up()
        while not self._services.stopping.is_set() and self.encode_missing():
            pass

    def _follow(self, found: Revisions) -> None:
        if found.items != self._seen.items:
            self._read_items()
            self.texts.forget_changed(self.catalogue)
            self._looked_at = -1e9
        if found.rules != self._seen.rules:
            rows = Rules(self._database, self._services.clock).all()
            self.rules = {str(row.key): Rule.model_construct(**row.values) for row in rows}
        self._seen = found

    def _read_items(self) -> None:
        after, key, revision = self.catalogue.revision, 0, None
        while True:
            with self._database.session() as session:
                rows = read_items(session, after=after, after_key=key, most=AT_ONCE)
            self.catalogue.apply(rows)
            revision = rows.revision if revision is None else revision  # what changes meanwhile is read once more
            if len(rows) < AT_ONCE:
                break
            key = int(rows.keys[-1])
        self.catalogue.revision = revision

    def _look_for_vectors(self) -> None:
        """Vectors that are missing may have been made meanwhile; a few are made here, at once."""
        if self._looked() and not self._looking.locked():
            return
        with self._looking:  # who comes while another thread encodes a few texts waits for them
            if self._looked():
                return
            with self._lock:
                missing = self.texts.missing(self.catalogue, AT_REQUEST + 1)
                if missing:
                    self._read_vectors()
                    missing = self.texts.missing(self.catalogue, AT_REQUEST + 1)
            if 0 < len(missing) <= AT_REQUEST:
                self.encode_missing(AT_REQUEST)
            self._looked_at = time.monotonic()

    def _looked(self) -> bool:
        return time.monotonic() - self._looked_at < LOOKS_EVERY_S

    def _read_vectors(self) -> None:
        while True:
            last, rows = read_vectors(self._database, self._services.encoder.fingerprint, self.texts.last)
            self.texts.take(rows, self.catalogue)
            self.texts.last = last
            if not rows:
                return

    def _count(self, found: Revisions) -> None:
        """Add events that arrived to popularity; the first time, all of them."""
        now = time.monotonic()
        first = self._counted.events < 0
        if found[1:3] == self._counted[1:3] or now - self._counted_at < self._settings.popularity_every_s:
            return
        if not self._counting.acquire(blocking=first or not self._settings.popularity_every_s):
            return
        try:
            if found[1:3] == self._counted[1:3]:  # another thread did it
                return
            anew = found.moves != self._counted.moves and now - self._summed_at > ANEW_EVERY_S
            trends = Trends(self._settings) if anew else self.trends
            with self._database.session() as session:
                arrived = read_arrived(session, trends.last)
            with self._lock:
                self._read_items()  # events may name items that are newer than what was read
            trends.add(arrived, self.catalogue, self._services.clock().timestamp())
            moves = found.moves if anew else self._counted.moves
            self.trends, self._counted, self._counted_at = trends, found._replace(moves=moves), now
            self._summed_at = now if anew else self._summed_at
        finally:
            self._counting.release()
