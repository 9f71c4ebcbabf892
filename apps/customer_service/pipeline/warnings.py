"""Warnings about the knowledge: passages that say nearly the same twice, statements that contradict each other.

Looks at the vectors that the index holds; what one process compared once it does not compare again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from textwrap import shorten
from threading import Lock

from apps.customer_service.pipeline.statements import LEAST_COSINE, Statement, contradiction, read_statement
from apps.customer_service.pipeline.values import Value, differ, read_values
from apps.customer_service.pipeline.visibility import VALID_FROM, VALID_UNTIL
from apps.customer_service.schemas.warnings import Side, Warning_
from core.paging import Page, decode_cursor, encode_cursor
from core.retrieval.collections import Collection
from core.retrieval.documents import UNANSWERED, Hit, Metadata
from core.retrieval.searching import Near
from core.retrieval.words import terms_of

NEIGHBOURS = 12  # passages that each one is compared with
LEAST_PASSAGE = 0.5  # cosine below which two passages are not compared; their sentences can be nearer
DUPLICATE_COSINE = 0.8
DUPLICATE_WORDS = 0.75  # share of the words that both have
FEWEST_WORDS = 5  # "Yes, always." in two documents is no news
MOST_COMPARED = 60  # sentences of one passage


@dataclass(frozen=True)
class Finding:
    """A warning, and the passages (ids of rows) that it came from."""

    warning: Warning_
    one: int
    other: int


@dataclass
class Compared:
    """What was found in a collection so far."""

    revision: int = -1
    passages: frozenset[int] = frozenset()
    findings: list[Finding] = field(default_factory=list)


class Watch:
    """The warnings of all collections, as far as this process compared them."""

    def __init__(self) -> None:
        self._compared: dict[int, Compared] = {}
        self._turn = Lock()

    def warnings(self, collection: Collection) -> list[Warning_]:
        """All warnings that hold now, contradictions first, then by documents."""
        state, now = collection.state(), collection.home.clock()
        with self._turn:
            known = self._compared.get(state.id, Compared())
            if known.revision != state.revision:
                known = _followed(known, collection, state.revision)
                self._compared[state.id] = known
        return _sorted(found.warning for found in known.findings if _holds(found.warning, now))

    def page(
        self, collection: Collection, dismissed: set[str], cursor: str | None, limit: int, *, aside: bool
    ) -> Page[Warning_]:
        """aside: those that were put aside instead of the others"""
        place = decode_cursor(cursor, at=int)
        at = int(place["at"]) if place else 0
        found = [warning for warning in self.warnings(collection) if (warning.id in dismissed) == aside]
        more = at + limit < len(found)
        return Page(items=found[at : at + limit], next_cursor=encode_cursor(at=at + limit) if more else None)


def about(collection: Collection, keys: Sequence[str]) -> list[Warning_]:
    """Warnings that some documents are part of, as after an import; compares those documents alone."""
    now = collection.home.clock()
    pairs = collection.near_pairs(NEIGHBOURS, LEAST_PASSAGE, keys=keys)
    return _sorted(found.warning for found in _findings(pairs) if _holds(found.warning, now))


def in_a_line(warning: Warning_) -> str:
    """A warning for a terminal."""
    one, other = warning.one, warning.other
    if warning.kind == "duplicate":
        return f"Nearly the same twice: {one.document} and {other.document}"
    quotes = (f"{side.document}: {shorten(side.text, 100, placeholder='…')!r}" for side in (one, other))
    return f"Contradiction ({warning.about}): {'; '.join(quotes)}"


def is_duplicate(one: str, other: str, cosine: float) -> bool:
    """Whether two passages say the same in nearly the same words. cosine: of their vectors"""
    if cosine < DUPLICATE_COSINE:
        return False
    (mine, words), (theirs, other_words) = _gist(one), _gist(other)
    if min(len(words) + len(mine), len(other_words) + len(theirs)) < FEWEST_WORDS or differ(mine, theirs):
        return False
    return len(words & other_words) >= DUPLICATE_WORDS * len(words | other_words)


@lru_cache(maxsize=20_000)
def _gist(text: str) -> tuple[tuple[Value, ...], frozenset[str]]:
    """The values of a passage and its words without them; each is compared with a dozen others."""
    values, rest = read_values(text)
    return tuple(values), frozenset(terms_of(rest))


def _followed(known: Compared, collection: Collection, revision: int) -> Compared:
    alive = frozenset(collection.passage_ids())
    fresh = alive - known.passages
    pairs = collection.near_pairs(NEIGHBOURS, LEAST_PASSAGE, fresh=fresh) if fresh else []
    kept = [found for found in known.findings if found.one in alive and found.other in alive]
    together = {found.warning.id: found for found in (*kept, *_findings(pairs))}
    return Compared(revision, alive, list(together.values()))


def _findings(pairs: Iterable[Near]) -> list[Finding]:
    read: dict[tuple[str, int], Statement] = {}
    found: dict[str, Finding] = {}
    for pair in pairs:
        one, other = pair.one, pair.other
        apart = one.document == other.document or one.metadata.get(UNANSWERED) or other.metadata.get(UNANSWERED)
        if apart or not _meet(one.metadata, other.metadata):
            continue
        for warning in _of_pair(pair, read):
            found.setdefault(warning.id, Finding(warning, pair.ids[0], pair.ids[1]))
    return list(found.values())


def _of_pair(pair: Near, read: dict[tuple[str, int], Statement]) -> list[Warning_]:
    one, other = pair.one, pair.other
    told: list[Warning_] = []
    for a in range(min(len(one.passage.sentences), MOST_COMPARED)):
        for b in range(min(len(other.passage.sentences), MOST_COMPARED)):
            cosine = float(pair.sentences[a, b])
            if cosine >= LEAST_COSINE and (kind := contradiction(_read(one, a, read), _read(other, b, read), cosine)):
                told.append(_warning("contradiction", kind, cosine, _side(one, a), _side(other, b)))
    if not told and is_duplicate(one.passage.text, other.passage.text, pair.cosine):
        told.append(_warning("duplicate", "", pair.cosine, _side(one), _side(other)))
    return told


def _read(hit: Hit, at: int, read: dict[tuple[str, int], Statement]) -> Statement:
    name = (hit.passage.key, at)
    if name not in read:
        start, end = hit.passage.sentences[at]
        read[name] = read_statement(hit.passage.text[start:end], " ".join((hit.title, *hit.passage.heading)))
    return read[name]


def _side(hit: Hit, sentence: int | None = None) -> Side:
    start, end = (0, len(hit.passage.text)) if sentence is None else hit.passage.sentences[sentence]
    return Side(
        document=hit.document,
        title=hit.title,
        source=hit.source,
        text=hit.passage.text[start:end],
        start=hit.passage.start + start,
        end=hit.passage.start + end,
        audience="internal" if hit.metadata.get("audience") == "internal" else "public",
        valid_until=hit.metadata.get(VALID_UNTIL),
    )


def _warning(kind: str, about: str, cosine: float, one: Side, other: Side) -> Warning_:
    """Its id changes with what is said: a warning that was put aside comes back when a statement changes."""
    first, second = sorted((one, other), key=lambda side: (side.document, side.start))
    content = "\n".join([kind, first.document, first.text, second.document, second.text])
    return Warning_(
        id=hashlib.sha256(content.encode()).hexdigest()[:32],
        kind="duplicate" if kind == "duplicate" else "contradiction",
        about=about,
        similarity=round(cosine, 4),
        one=first,
        other=second,
    )


def _meet(one: Metadata, other: Metadata) -> bool:
    """Whether there is a time at which both are valid: a price that follows another does not contradict it."""
    begins = max(str(meta.get(VALID_FROM) or "") for meta in (one, other))
    ends = min(str(meta.get(VALID_UNTIL) or "9") for meta in (one, other))
    return begins <= ends


def _holds(warning: Warning_, now: datetime) -> bool:
    """Whether neither side is over."""
    ends = [side.valid_until for side in (warning.one, warning.other) if side.valid_until]
    return all(datetime.fromisoformat(end) >= now for end in ends)


def _sorted(warnings: Iterable[Warning_]) -> list[Warning_]:
    order: Mapping[str, int] = {"contradiction": 0, "duplicate": 1}
    return sorted(warnings, key=lambda warning: (order[warning.kind], warning.one.document, warning.other.document))
