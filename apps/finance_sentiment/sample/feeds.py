"""The sample's outlets as RSS on a port of this machine, so that a demo without internet has news. No one else's."""

import hashlib
import threading
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from apps.finance_sentiment.sample.archive import OUTLETS, SampleDocument
from apps.finance_sentiment.sample.fresh import FreshNews
from core.clock import Clock

HOST = "127.0.0.1"
MOST_ITEMS = 40
ROBOTS = b"User-agent: *\nAllow: /\n"


class SampleFeeds:
    """A small server of feeds: `/demo-morning-wire.xml` and so on. Its news begins when it starts."""

    def __init__(self, port: int, clock: Clock) -> None:
        """port: 0 takes a free one. raises: OSError when it is taken"""
        news, lock = FreshNews(clock()), threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outlet = self.path.strip("/").removesuffix(".xml")
                if self.path == "/robots.txt":
                    self._answer(200, "text/plain", ROBOTS)
                elif outlet in OUTLETS:
                    now = clock()
                    with lock:
                        items = [one for one in news.until(now) if one.source == outlet][-MOST_ITEMS:]
                    self._feed(rss(outlet, items))
                else:
                    self._answer(404, "text/plain", b"There is no such feed.\n")

            def _feed(self, body: bytes) -> None:
                tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
                if self.headers.get("If-None-Match") == tag:
                    self._answer(304, "", b"", tag)
                else:
                    self._answer(200, "application/rss+xml; charset=utf-8", body, tag)

            def _answer(self, status: int, kind: str, body: bytes, tag: str = "") -> None:
                self.send_response(status)
                if kind:
                    self.send_header("Content-Type", kind)
                if tag:
                    self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Who reads the sample is of no interest."""

        self._server = ThreadingHTTPServer((HOST, port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="sample-feeds", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening; closing twice does nothing more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def feed_url(outlet: str, port: int) -> str:
    """Where an outlet's feed is.

    >>> feed_url("demo-morning-wire", 8765)
    'http://127.0.0.1:8765/demo-morning-wire.xml'
    """
    return f"http://{HOST}:{port}/{outlet}.xml"


def rss(outlet: str, items: Sequence[SampleDocument]) -> bytes:
    """An outlet's feed, newest first. It changes only with its items, so a conditional read is answered with 304."""
    title = escape(OUTLETS[outlet])
    home = f"https://{outlet.removeprefix('demo-')}.example/"
    entries = "".join(_item(one) for one in reversed(items))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{title}</title><link>{home}</link><description>{title}: sample news, all of it invented</description>"
        f"<ttl>1</ttl>{entries}</channel></rss>\n"
    ).encode()


def _item(one: SampleDocument) -> str:
    return (
        f"<item><title>{escape(one.title)}</title><link>{escape(one.url)}</link>"
        f'<guid isPermaLink="false">{escape(one.external_id)}</guid>'
        f"<pubDate>{format_datetime(one.published_at)}</pubDate><description>{escape(one.text)}</description></item>"
    )
