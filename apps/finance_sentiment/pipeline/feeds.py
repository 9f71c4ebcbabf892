"""RSS and Atom feeds: what they hold, as far as they can be read. Fetches nothing."""

import calendar
import io
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser

from apps.finance_sentiment.errors import FetchFailed
from apps.finance_sentiment.pipeline.capturing import Captured
from apps.finance_sentiment.pipeline.fetching import Fetched
from apps.finance_sentiment.pipeline.plain_text import plain_line
from apps.finance_sentiment.pipeline.web_text import web_text
from apps.finance_sentiment.pipeline.xml_guard import check_xml

LONGEST_TTL_S = 86_400.0
MOST_ENTRIES = 10_000
_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BEGINS = re.compile(r"<(?:\w+:)?(?:item|entry)\b")
_ENDS = re.compile(r"</(?:rss|feed|rdf:RDF)\s*>", re.IGNORECASE)
_LINKED = re.compile(
    r"""<link\b(?=[^<>]*\btype\s*=\s*["']?application/(?:rss|atom)\+xml)[^<>]*?\bhref\s*=\s*["']?([^"'\s<>]+)""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Feed:
    """A feed. captured: its entries, in its order

    every_s: seconds that it asks to be left alone between two looks; None: it says nothing
    whole: False where it is broken and was read as far as it goes
    """

    title: str
    captured: list[Captured]
    every_s: float | None
    whole: bool


def read_feed(fetched: Fetched) -> Feed:
    """The entries of a feed. Where it breaks off, its last entry is left for the next time, when it may be whole.

    raises: FetchFailed for what is no feed, or one that holds a trap
    """
    text = _DECLARATION.sub("", web_text(fetched.body, fetched.content_type).replace("\0", ""))
    whole = check_xml(text)
    if len(_BEGINS.findall(text)) > MOST_ENTRIES:
        raise FetchFailed(f"the feed holds more than {MOST_ENTRIES} entries", remedy="check the address")
    # An open file, as a text could be taken for an address; the encoding is settled here.
    said = {"content-type": "application/xml; charset=utf-8", "content-location": fetched.url}
    found = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers=said,
        sanitize_html=False,  # all markup goes later
        resolve_relative_uris=False,  # those in texts; links are resolved
    )
    if not found.get("version") and not found.entries:
        raise _no_feed(text)
    entries = found.entries if whole or _ENDS.search(text) else found.entries[:-1]
    return Feed(
        title=plain_line(str(found.feed.get("title", ""))),
        captured=[_captured(entry) for entry in entries],
        every_s=_every(found.feed),
        whole=whole,
    )


def _captured(entry: Mapping[str, Any]) -> Captured:
    texts = [str(one.get("value", "")) for one in entry.get("content", [])]
    texts.append(str(entry.get("summary", "")))
    return Captured(
        title=str(entry.get("title", "")),
        text=max(texts, key=len),
        external_id=str(entry.get("id", "") or ""),
        url=str(entry.get("link", "") or ""),
        published_at=_published(entry),
    )


def _published(entry: Mapping[str, Any]) -> datetime | None:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if name in entry and isinstance(entry[name], time.struct_time):
            try:
                return datetime.fromtimestamp(calendar.timegm(entry[name]), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _every(feed: Mapping[str, Any]) -> float | None:
    """Seconds by `<ttl>` (minutes) or `<sy:updatePeriod>`, a day at most."""
    minutes = str(feed.get("ttl", "")).strip()
    if minutes.isascii() and minutes.isdigit() and int(minutes[:9]) > 0:
        return min(60.0 * int(minutes[:9]), LONGEST_TTL_S)
    period = _PERIODS_S.get(str(feed.get("sy_updateperiod", "")).strip().lower())
    if period is None:
        return None
    times = str(feed.get("sy_updatefrequency", "1")).strip()
    often = int(times[:6]) if times.isascii() and times.isdigit() else 1
    return min(period / max(often, 1), LONGEST_TTL_S)


def _no_feed(text: str) -> FetchFailed:
    if linked := _LINKED.search(text):
        return FetchFailed("what lies there is a web page", remedy=f"its feed is {linked.group(1):.200}")
    return FetchFailed("what lies there is no feed", remedy="check the address, or add it as a page")
