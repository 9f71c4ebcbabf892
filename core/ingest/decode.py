"""Bytes become text: the encoding is known or nearly certain, or the file is refused. Never replaces a character."""

import codecs
import re

from core.errors import Invalid
from core.ingest.characters import clean

_MARKS = (  # byte-order marks; UTF-32's begins like UTF-16's, so it comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a rich-text (RTF) document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3", "an SQLite database"),
)
# What exporters write today; the old DOS and Mac pages only ever win by accident.
_CANDIDATES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "koi8_r"]
_CANDIDATES_WIDE = ["cp932", "gb18030", "big5", "cp949", "euc_jp"]
# Measured on 17 short texts in 12 languages: with these limits every accepted guess was right and three were refused.
_LEAST_COHERENCE = 0.4
_LEAST_LEAD = 0.02
_MOST_CHAOS = 0.05


def sniff(data: bytes) -> str:
    """What a file is by its first bytes, in words; empty for what may be text.

    >>> sniff(b"%PDF-1.7"), sniff(b"# Title")
    ('a PDF', '')
    """
    return next((words for magic, words in _BINARY if data.startswith(magic)), "")


def decode(name: str, data: bytes, *, declared: str = "") -> str:
    """The text of a file, cleaned of hidden characters.

    name: as it stands in errors;  declared: an encoding that the file itself names, tried after UTF-8
    raises: Invalid for binary, for NUL characters and where the encoding is a guess
    """
    if kind := sniff(data):
        raise Invalid(
            f"'{name}' is {kind}, whatever its name says", remedy="save it in the format of its extension and try again"
        )
    text = _unicode(name, data)
    if text is None and declared:
        text = _strictly(data, declared)
    if text is None:
        text = _guess(data)
    if text is None:
        raise Invalid(f"'{name}' is not UTF-8 text", remedy="save it as UTF-8 and try again")
    if "\0" in text:
        raise Invalid(
            f"'{name}' holds NUL characters, so it is not plain text", remedy="save it as UTF-8 text and try again"
        )
    return clean(text)


def declared_in_html(data: bytes) -> str:
    """The encoding that a page names in its head, as a codec that cannot do harm; empty without one.

    >>> declared_in_html(b'<meta charset="ISO-8859-1">')
    'cp1252'
    """
    found = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]{2,20})", data[:2048], re.IGNORECASE)
    label = found.group(1).decode("ascii", "replace").lower() if found else ""
    if label in {"iso-8859-1", "latin1", "us-ascii", "ascii"}:
        return "cp1252"  # what browsers do with these labels (WHATWG Encoding Standard)
    legible = r"(windows|cp)-?125\d|iso-8859-\d{1,2}|koi8-[ru]|shift[_-]jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5"
    return label if re.fullmatch(legible, label) else ""


def _unicode(name: str, data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strictly(data, encoding)
            if text is None:
                raise Invalid(f"'{name}' is broken {encoding.upper()} text", remedy="save it as UTF-8 and try again")
            return text
    return _strictly(data, "utf-8")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _guess(data: bytes) -> str | None:
    """The text where one encoding leads clearly, else None: a wrong guess turns "£3.95" into "Ł3.95" unnoticed."""
    from charset_normalizer import from_bytes  # only files that are not UTF-8 pay for it

    matches = list(from_bytes(data, cp_isolation=[*_CANDIDATES, *_CANDIDATES_WIDE]))
    if not matches or matches[0].chaos > _MOST_CHAOS:
        return None
    best = matches[0]
    text = str(best)
    certain = best.coherence >= _LEAST_COHERENCE or (best.encoding in _CANDIDATES_WIDE and len(text) >= 12)
    rivals = [
        rival
        for rival in matches[1:]
        if rival.chaos < best.chaos + _MOST_CHAOS
        and rival.coherence > best.coherence - _LEAST_LEAD
        and str(rival) != text
    ]
    return text if certain and not rivals else None
