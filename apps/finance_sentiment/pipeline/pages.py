"""The main text of a web page, without menus, notices and comments. Fetches nothing, guesses no date."""

import re
from datetime import datetime

from apps.finance_sentiment.errors import FetchFailed
from apps.finance_sentiment.pipeline.capturing import Captured, digest_of
from apps.finance_sentiment.pipeline.plain_text import plain_line, tidy
from apps.finance_sentiment.schemas.moments import parse_moment

LEAST_CHARACTERS, MOST_CHARACTERS = 60, 3_000_000
"""Of a text: less is a menu's leftovers; of a page, markup and all."""
MOST_TAGS = 20_000
"""A long page of news has 6,000; what the extractor needs grows with the square: 20,000 take it 5 s of one core."""

_HEADING = re.compile(r"<h1\b[^<>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_META = re.compile(r"<meta\b[^<>]*>", re.IGNORECASE)
_CONTENT = re.compile(r"""\bcontent\s*=\s*["']([^"'<>]*)["']""", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def read_page(html: str, url: str) -> Captured:
    """The main text of a page. Its id is its text, so that it is new where the text has changed.

    published_at: when the page says it was changed last, else published; None where it names a day only, or nothing
    raises: FetchFailed where there is no main text, or too much of everything
    """
    if len(html) > MOST_CHARACTERS or html.count("<") > 2 * MOST_TAGS:
        raise FetchFailed("the page holds more than a page does", remedy="add its feed instead, if it has one")
    text = _main_text(html)
    if len(text) < LEAST_CHARACTERS:
        raise FetchFailed("no main text was found on the page", remedy="add its feed instead, if it has one")
    return Captured(
        title=_title(html),
        text=text,
        external_id=f"sha256:{digest_of(text)}",
        url=url,
        published_at=_moment(html, "modified") or _moment(html, "published"),
    )


def _main_text(html: str) -> str:
    import trafilatura  # 0.2 s, and only pages need it

    found = trafilatura.bare_extraction(html, include_comments=False, include_tables=True, favor_precision=True)
    text = "" if found is None else (found.get("text") if isinstance(found, dict) else found.text)
    return tidy(text or "")


def _title(html: str) -> str:
    for pattern in (_HEADING, _TITLE):
        found = pattern.search(html)
        if found and (title := plain_line(found.group(1))):
            return title
    return ""


def _moment(html: str, kind: str) -> datetime | None:
    """kind: modified or published"""
    for meta in _META.findall(html):
        if f"{kind}_time" in meta.lower() and (found := _CONTENT.search(meta)):
            return _full(found.group(1))
    linked = re.search(rf'"date{kind.title()}"\s*:\s*"([^"]{{4,40}})"', html)
    return _full(linked.group(1)) if linked else None


def _full(written: str) -> datetime | None:
    if not _MOMENT.match(written.strip()):
        return None
    try:
        return parse_moment(written)
    except ValueError:
        return None
