"""What websites ask of programs (robots.txt, RFC 9309), remembered for a day. Fetches by the way it is handed."""

import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from protego import Protego

from apps.finance_sentiment.errors import FetchFailed
from core.clock import Clock

AGENT = "trivium-market-mood"
KEPT, KEPT_TROUBLE = timedelta(hours=24), timedelta(minutes=10)
MOST_BYTES = 512_000
"""As much as the standard asks to be read; the rest is left."""
MOST_SITES = 1_000

Read = Callable[[], Awaitable[tuple[int, bytes]]]
"""Fetches the site's robots.txt: the answer's status, and its body where that is 2xx."""


@dataclass(frozen=True)
class _Rules:
    rules: Protego | None
    trouble: int | None
    until: datetime


class Robots:
    """Whether an address may be fetched, as its site says. Several threads may ask at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sites: OrderedDict[str, _Rules] = OrderedDict()
        self._lock = threading.Lock()

    async def check(self, url: httpx.URL, read: Read) -> None:
        """raises: FetchFailed where the site does not want it, or cannot say so; and what `read` raises"""
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        found = self._known(site)
        if found is None:
            found = await self._asked(read)
            with self._lock:
                self._sites[site] = found
                self._sites.move_to_end(site)
                while len(self._sites) > MOST_SITES:
                    self._sites.popitem(last=False)
        if found.trouble is not None:
            raise FetchFailed(
                f"the site cannot say what programs may fetch (robots.txt answers {found.trouble})",
                remedy="it is asked again later",
            )
        if found.rules is not None and not found.rules.can_fetch(str(url), AGENT):
            raise FetchFailed(
                "the site does not want programs to fetch this address (robots.txt)",
                remedy="ask its owner, or remove it",
            )

    def _known(self, site: str) -> _Rules | None:
        with self._lock:
            found = self._sites.get(site)
        return found if found is not None and self._clock() < found.until else None

    async def _asked(self, read: Read) -> _Rules:
        status, body = await read()
        now = self._clock()
        if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
            return _Rules(None, status, now + KEPT_TROUBLE)
        if status >= 400:
            return _Rules(None, None, now + KEPT)
        return _Rules(Protego.parse(body.decode("utf-8", "replace")), None, now + KEPT)
