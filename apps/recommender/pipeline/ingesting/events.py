"""Rows of events, checked against what the settings allow, each with the digest under which it is kept once."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps.recommender.pipeline.ingesting.fitting import Faults, Unfit, fit
from apps.recommender.pipeline.ingesting.rows import Row
from apps.recommender.schemas.events import Event
from apps.recommender.settings import CLICK, COMMENT, RATING, RecommenderSettings
from apps.recommender.store.events import NewEvent
from apps.recommender.store.visitor_tables import SESSION, USER
from core.clock import Clock

_FIELDS = frozenset(Event.model_fields)
MOST_IGNORED = 20


class EventReader:
    """Reads the rows of one file or body.

    now_if_untimed: whether an event without a time happens at present, as over HTTP; in a file it is refused, since
        the same file would bring it again tomorrow
    of_requests: whether each must name the request of the recommendation that it came of, and is a click by default
    """

    def __init__(
        self, settings: RecommenderSettings, clock: Clock, *, now_if_untimed: bool, of_requests: bool = False
    ) -> None:
        self.faults = Faults()
        self.ignored: set[str] = set()
        self._settings = settings
        self._clock = clock
        self._now_if_untimed = now_if_untimed
        self._of_requests = of_requests
        self._seen: set[bytes] = set()
        self._again: dict[bytes, int] = {}

    def read(self, rows: Iterable[Row]) -> Iterator[NewEvent]:
        """The events in order; what cannot be used is counted in `faults`."""
        latest = self._clock().timestamp()
        for at, (line, fields) in enumerate(rows):
            if at % 1_000 == 0:
                latest = self._clock().timestamp()
            self.faults.received += 1
            try:
                yield self._event(fields, latest)
            except Unfit as unfit:
                self.faults.tell(line, str(unfit))

    def _event(self, fields: Mapping[Any, Any], now: float) -> NewEvent:
        if not fields.keys() <= _FIELDS and len(self.ignored) < MOST_IGNORED:
            self.ignored |= {str(name)[:40] for name in fields.keys() - _FIELDS}
        event = fit(Event, {"type": CLICK, **fields} if self._of_requests else fields)
        if self._of_requests and not event.request:
            raise Unfit("request is missing: feedback names the request of its recommendation")
        seconds = event.timestamp
        if seconds is None:
            if not self._now_if_untimed:
                raise Unfit("timestamp is missing")
            seconds = now
        elif seconds > now + 60 * self._settings.future_minutes:
            raise Unfit("timestamp lies in the future")
        if event.user is not None:
            who = (USER, event.user)
        elif event.session is not None:
            who = (SESSION, event.session)
        else:
            raise Unfit("user is missing; an anonymous visitor has a session instead")
        check(event, self._settings)
        waits = event.type == COMMENT and event.value is None
        text = event.text if event.type == COMMENT else ""
        digest = self._digest(event, who, seconds)
        return NewEvent(digest, who, event.item, event.type, event.value, seconds, text, event.request, waits)

    def _digest(self, event: Event, who: tuple[str, str], seconds: float) -> bytes:
        if event.id is not None:
            return digest_of_id(event.id)
        said = f"{who[0]}\x00{who[1]}\x00{event.item}\x00{event.type}\x00{seconds!r}\x00{event.value!r}\x00{event.text}"
        digest = _hash(said)
        if digest not in self._seen:
            self._seen.add(digest)
            return digest
        # The second of two rows that are alike is another event, and stays one when the file is read again.
        self._again[digest] = number = self._again.get(digest, 0) + 1
        return _hash(f"{said}\x00{number}")


def check(event: Event, settings: RecommenderSettings) -> None:
    """raises: Unfit for a type that does not exist, and for a value that its type does not have"""
    if event.type not in settings.event_types:
        raise Unfit(f"type is none of {', '.join(settings.event_types)}; the setting `event_types` takes more")
    if event.type == RATING:
        low, high = settings.rating_from, settings.rating_to
        if event.value is None:
            raise Unfit("value is missing: a rating needs one")
        if not low <= event.value <= high:
            raise Unfit(f"a rating of {event.value:g} lies outside of {low:g} to {high:g}")
    elif event.type == COMMENT:
        if event.value is None and not event.text:
            raise Unfit("text is missing: a comment needs one, or its mood as value")
        if event.value is not None and not -1 <= event.value <= 1:
            raise Unfit("value of a comment is its mood, and lies in -1 to 1")


def digest_of_id(event: str) -> bytes:
    """Under which an event with an id of its own is kept."""
    return _hash(f"\x00{event}")


def _hash(said: str) -> bytes:
    return hashlib.blake2b(said.encode(), digest_size=16).digest()
