"""Fetch an address of the web, guarded: where to, how much, how long, whether its site wants it. Reads no meaning.

The whole of it, name server, handshake, redirects and robots.txt, ends when its time is up, whatever the server does.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.metadata import version
from typing import NoReturn

import anyio
import anyio.to_thread
import httpx

from apps.finance_sentiment.errors import FetchFailed
from apps.finance_sentiment.pipeline.guarding import Guard, Target
from apps.finance_sentiment.pipeline.robots import AGENT, MOST_BYTES, Robots
from apps.finance_sentiment.pipeline.unpacking import ACCEPTED, Unpacker
from apps.finance_sentiment.settings import CapturingSettings
from core.clock import Clock

MOST_REDIRECTS = 5
WANTED = "application/rss+xml, application/atom+xml, application/xml;q=.9, text/html;q=.8, */*;q=.5"
LONGEST_WAIT_S = 86_400.0
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True)
class Fetched:
    """An answer.

    url: where it came from in the end;  changed: False where the server says it is as it was; `body` is empty then
    content_type, etag, last_modified: as the server writes them; empty where it does not
    """

    url: str
    changed: bool
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""


class Fetcher:
    """Fetches, from any thread. context: whose certificates count; by default those that browsers trust"""

    def __init__(
        self,
        settings: CapturingSettings,
        clock: Clock,
        *,
        guard: Guard | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._guard = guard or Guard(settings.allow_private_addresses, settings.allowed_hosts)
        self._context = context or httpx.create_ssl_context(trust_env=False)
        self._robots = Robots(clock)
        contact = f" ({settings.contact})" if settings.contact else ""
        self._headers = {"User-Agent": f"{AGENT}/{version('trivium')}{contact}", "Accept-Encoding": ACCEPTED}

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Fetch an address. Not to be called where an event loop runs.

        etag, last_modified: what came with what is known; where nothing changed, the answer says so and is short
        raises: AddressRefused, FetchFailed
        """
        return anyio.run(self._timed, url, etag, last_modified)

    async def _timed(self, url: str, etag: str, last_modified: str) -> Fetched:
        headers = {"Accept": WANTED}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        try:
            with anyio.fail_after(self._settings.fetch_seconds):
                async with httpx.AsyncClient(
                    verify=self._context,
                    trust_env=False,
                    timeout=self._settings.fetch_seconds,
                    limits=httpx.Limits(max_keepalive_connections=0),  # one name's connection is not another's
                ) as client:
                    return await self._follow(client, url, headers)
        except (TimeoutError, httpx.TimeoutException):
            raise FetchFailed(
                f"there was no whole answer within {self._settings.fetch_seconds:g} s", remedy="it is tried again later"
            ) from None
        except httpx.HTTPError as error:
            _explain(error)

    async def _follow(self, client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> Fetched:
        for _ in range(MOST_REDIRECTS + 1):
            target = await self._target(url)
            await self._robots.check(target.url, partial(self._robots_of, client, target.beside("/robots.txt")))
            answer = await self._send(client, target, headers)
            try:
                if answer.status_code not in _REDIRECTS:
                    return await self._read(answer, target)
                url = _location(answer, target)
            finally:
                await answer.aclose()
        raise FetchFailed(f"there are more than {MOST_REDIRECTS} redirects", remedy="give the address they lead to")

    async def _robots_of(self, client: httpx.AsyncClient, target: Target) -> tuple[int, bytes]:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._send(client, target, {})
            try:
                if answer.status_code in _REDIRECTS:
                    target = await self._target(_location(answer, target))
                    continue
                if not answer.is_success:
                    return answer.status_code, b""
                return answer.status_code, await _first_bytes(answer)
            finally:
                await answer.aclose()
        return 404, b""  # RFC 9309: after five redirects it counts as missing

    async def _target(self, url: str) -> Target:
        return await anyio.to_thread.run_sync(self._guard.target, url, abandon_on_cancel=True)

    async def _send(self, client: httpx.AsyncClient, target: Target, headers: Mapping[str, str]) -> httpx.Response:
        own = {**self._headers, **headers, "Host": target.authority}
        for at, number in enumerate(target.numbers, start=1):
            request = client.build_request(
                "GET", target.pinned(number), headers=own, extensions={"sni_hostname": target.host}
            )
            try:
                return await client.send(request, stream=True, follow_redirects=False)
            except httpx.ConnectError:
                if at == len(target.numbers):
                    raise
        raise AssertionError("a target has an address")

    async def _read(self, answer: httpx.Response, target: Target) -> Fetched:
        said = answer.headers
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(str(target.url), changed=False, etag=said.get("ETag", ""))
        if not answer.is_success:
            raise self._refusal(answer)
        unpacker = Unpacker(said.get("Content-Encoding", ""), self._settings.fetch_most_bytes)
        async for piece in answer.aiter_raw():
            unpacker.feed(piece)
        return Fetched(
            str(target.url),
            changed=True,
            body=unpacker.body(),
            content_type=said.get("Content-Type", ""),
            etag=said.get("ETag", "")[:500],
            last_modified=said.get("Last-Modified", "")[:100],
        )

    def _refusal(self, answer: httpx.Response) -> FetchFailed:
        status = answer.status_code
        wait_s = _wait(answer.headers.get("Retry-After", ""), self._clock())
        if status == httpx.codes.GONE:
            return FetchFailed("it is gone for good (410)", remedy="remove it or give its new address", gone=True)
        if status == httpx.codes.NOT_FOUND:
            return FetchFailed("there is nothing at this address (404)", remedy="check the address")
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return FetchFailed(f"the server refuses to give it ({status})", remedy="ask its owner")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return FetchFailed("the server asks to be left alone for a while (429)", wait_s=wait_s)
        if status >= 500:
            return FetchFailed(f"the server is in trouble ({status})", remedy="it is tried again later", wait_s=wait_s)
        return FetchFailed(f"the server answers {status}", remedy="check the address", wait_s=wait_s)


async def _first_bytes(answer: httpx.Response) -> bytes:
    """As much of a robots.txt as is read; the rest is left on the wire."""
    unpacker = Unpacker(answer.headers.get("Content-Encoding", ""), 4 * MOST_BYTES)
    read = 0
    async for piece in answer.aiter_raw():
        unpacker.feed(piece)
        read += len(piece)
        if read >= MOST_BYTES:
            return unpacker.so_far()[:MOST_BYTES]
    return unpacker.body()[:MOST_BYTES]


def _location(answer: httpx.Response, target: Target) -> str:
    place = answer.headers.get("Location", "")
    try:
        if place:
            return str(target.url.join(place))
    except httpx.InvalidURL:
        pass
    raise FetchFailed("a redirect does not say where to", remedy="check the address")


def _wait(written: str, now: datetime) -> float | None:
    """Seconds that a `Retry-After` asks for, a day at most; None where it is missing or cannot be read."""
    text = written.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def _explain(error: httpx.HTTPError) -> NoReturn:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise FetchFailed(
                f"the server's certificate is not trusted ({cause.verify_message})", remedy="tell its owner"
            ) from error
        if isinstance(cause, ssl.SSLError):
            raise FetchFailed("no safe connection could be made", remedy="check the address") from error
        cause = cause.__cause__ or cause.__context__
    if "location header" in str(error):  # httpx looks at it even where it does not follow
        raise FetchFailed("a redirect does not say where to", remedy="check the address") from error
    if isinstance(error, httpx.ConnectError):
        raise FetchFailed("no connection could be made", remedy="it is tried again later") from error
    raise FetchFailed("the connection broke off, or what answers speaks no HTTP", remedy="try again later") from error
