"""Sums over any stretch of the archive, for rules: each stretch is asked for once, each text matched once."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime

from apps.finance_sentiment.pipeline.rules import Matcher
from apps.finance_sentiment.schemas.rules import Texts
from apps.finance_sentiment.store.looking import Look
from apps.finance_sentiment.store.observing import Sums, added

MOST_REMEMBERED = 200_000  # document and keywords


class Matches:
    """Which documents fit which keywords, remembered: a document's words do not change."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int], bool] = OrderedDict()

    def fitting(self, look: Look, texts: Texts, documents: Collection[int]) -> set[int]:
        """Those of the documents that count."""
        key = texts.model_dump_json()
        unknown = [one for one in documents if (key, one) not in self._known]
        if unknown:
            matcher = Matcher(texts)
            for number, text in look.texts(unknown).items():
                self._known[key, number] = matcher.fits(text)
        fits = {one for one in documents if self._known.get((key, one))}
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return fits


class ArchiveWindows:
    """The windows of one look. entities: only these; None: all"""

    def __init__(self, look: Look, matches: Matches, entities: Collection[str] | None) -> None:
        self._look = look
        self._matches = matches
        self._entities = entities
        self._sums: dict[tuple[datetime, datetime, str], Mapping[str, Sums]] = {}
        self._began: tuple[datetime | None] | None = None

    def sums(self, since: datetime, until: datetime, texts: Texts) -> Mapping[str, Sums]:
        """See `rules.Windows`."""
        key = (since, until, "" if texts.is_empty else texts.model_dump_json())
        if key not in self._sums:
            if texts.is_empty:
                self._sums[key] = self._look.sums(since, until, self._entities)
            else:
                briefs = self._look.readings(since, until, self._entities)
                fitting = self._matches.fitting(self._look, texts, {one.document for one in briefs})
                self._sums[key] = added(one for one in briefs if one.document in fitting)
        return self._sums[key]

    def began(self) -> datetime | None:
        """See `rules.Windows`."""
        if self._began is None:
            self._began = (self._look.began(),)
        return self._began[0]
