"""The letters of an answer from the web, whose encoding is often named wrongly. Loses no text that can be read."""

import codecs
import re

from apps.finance_sentiment.errors import FetchFailed
from core.ingest.decode import sniff

_MARKS = (  # byte-order marks; UTF-32's begins like UTF-16's, so it comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMED = re.compile(r"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_LEGIBLE = re.compile(
    r"utf-?(8|16|32)([-_]?[lb]e)?|(windows|cp)-?125\d|iso-8859-\d{1,2}|koi8-[ru]|shift[_-]jis|euc-(jp|kr)|gb2312|gbk"
    r"|gb18030|big5|us-ascii|ascii|latin1"
)
_BROWSERS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""What browsers do with these labels (WHATWG Encoding Standard)."""
_MOST_BROKEN = 0.002
"""Share of letters that may be broken in text that is UTF-8 all the same."""


def web_text(body: bytes, content_type: str = "") -> str:
    """The text of an answer.

    UTF-8 wherever the bytes are UTF-8, whatever they are said to be; then what the server or the text itself says; then
    a guess. What is broken here and there keeps its place as U+FFFD.
    content_type: as the server writes it
    raises: FetchFailed for what is no text
    """
    if kind := sniff(body):
        raise FetchFailed(f"what lies there is {kind}, no text", remedy="check the address")
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    text = _strictly(body, "utf-8")
    if text is not None and "\0" not in text:
        return text
    for encoding in (_named(content_type), _named(body[:2048].decode("latin-1"))):
        found = _strictly(body, encoding) if encoding else None
        if found is not None and "\0" not in found:
            return found
    loosely = body.decode("utf-8", "replace")
    if "\0" not in loosely and loosely.count("\ufffd") <= max(3, _MOST_BROKEN * len(loosely)):
        return loosely
    return _guessed(body)


def _named(text: str) -> str:
    found = _NAMED.search(text)
    label = found.group(1).lower() if found else ""
    return _BROWSERS.get(label, label) if _LEGIBLE.fullmatch(label) else ""


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _guessed(body: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(body).best()
    if best is None or "\0" in str(best):
        raise FetchFailed("what lies there is no text", remedy="check the address")
    return str(best)
