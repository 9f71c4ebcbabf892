"""Texts on their way into the archive: made plain, dated, numbered, each kept once. Reads no mood, fetches nothing."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apps.finance_sentiment.pipeline.plain_text import cut, headed, plain_line, plain_text
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.archive_tables import MOST_ID
from apps.finance_sentiment.store.documents import Documents, Kept, NewDocument
from core.ingest.characters import squeeze

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Older dates are what programs write when they know none: 1970-01-01, year 1."""
MOST_URL = 2_000
MOST_RAW = 2_000_000
"""Characters, markup and all, that are read at least; ten times what is kept where that is more."""
_WORD = re.compile(r"\w+")
_HIDDEN = re.compile(r"[\x00-\x20\x7f]+")


@dataclass(frozen=True, slots=True)
class Captured:
    """A text as a source gave it, markup and all.

    external_id: what the source calls it; empty where it says nothing
    published_at: aware; None where the source says nothing
    """

    title: str
    text: str = ""
    external_id: str = ""
    url: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True)
class Captures:
    """What became of texts.

    ids: of each document, in order; None for a text without a word
    new: those that nobody had brought before;  known: how many were known;  empty: how many held nothing
    undated: of the new ones, how many count from the moment of capture
    """

    ids: list[int | None] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    known: int = 0
    empty: int = 0
    undated: int = 0


def capture(
    documents: Documents, captured: Sequence[Captured], source: str, now: datetime, settings: FinanceSettings
) -> Captures:
    """Keep texts of a source, all in one transaction; doing it twice changes nothing.

    source: its id;  now: when they became known here
    """
    ready = [prepared(one, now, settings) for one in captured]
    return captures(ready, documents.add(source, [one for one in ready if one is not None]))


def captures(ready: Sequence[NewDocument | None], kept: Kept) -> Captures:
    """What became of texts. ready: as `prepared` gave them;  kept: what the archive says to those that are no None"""
    numbers = iter(kept.ids)
    ids = [next(numbers) if one is not None else None for one in ready]
    new = set(kept.new)
    undated = {number for number, one in zip(ids, ready, strict=True) if one is not None and not one.dated}
    return Captures(ids, kept.new, len(set(kept.ids) - new), ids.count(None), len(undated & new))


def prepared(one: Captured, now: datetime, settings: FinanceSettings) -> NewDocument | None:
    """A text as it is kept; None where it holds no title and no text.

    A date that is missing or cannot be becomes `now`. What is longer than `most_characters` is cut at a sentence.
    """
    most = settings.most_characters
    read = max(MOST_RAW, 10 * most)
    title, text = headed(plain_line(one.title[:MOST_RAW]), plain_text(one.text[:read]))
    if not title:
        return None
    if squeeze(text) == title:
        text = ""  # many feeds say the headline twice
    text = cut(text, most, max(0, len(one.text) - read))
    tolerance = timedelta(minutes=settings.future_minutes)
    published_at, dated = settled(one.published_at, now, tolerance)
    url = _HIDDEN.sub("", one.url)[:MOST_URL]
    url = url if url.lower().startswith(("https://", "http://")) else ""  # a page makes a link of it
    digest = digest_of(f"{title}\n{text}" if text else title)
    return NewDocument(
        external_id=name_of(one.external_id, url, digest),
        url=url,
        title=title,
        text=text,
        published_at=published_at,
        dated=dated,
        fetched_at=now,
        digest=digest,
    )


def settled(published: datetime | None, fetched: datetime, tolerance: timedelta) -> tuple[datetime, bool]:
    """When a text counts, and whether that is what its source said.

    published: None, or a date that cannot be (before 1980, in the future by more than `tolerance`): `fetched` counts
    """
    if published is None or not EARLIEST <= published <= fetched + tolerance:
        return fetched, False
    return published, True


def digest_of(text: str) -> str:
    """The same for texts with the same words in the same order, however they are set.

    >>> digest_of("Ashgrove: profit UP!") == digest_of("ashgrove  profit, up")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = " ".join(_WORD.findall(folded)) or squeeze(folded)  # a text of signs alone is told from others by them
    return hashlib.sha256(words.encode()).hexdigest()


def name_of(external_id: str, url: str, digest: str) -> str:
    """What a document is called within its source: the source's own id, else its address, else its digest.

    A name of more than 512 characters is kept as its own digest.
    """
    name = _HIDDEN.sub(" ", external_id).strip() or url
    if not name:
        return f"sha256:{digest}"
    return name if len(name) <= MOST_ID else f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
