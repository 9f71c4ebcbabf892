# ruff: noqa: RUF001  this file is about look-alike letters
"""A text as a model may read it: letters folded, look-alikes, leetspeak and spelt-out words undone. Changes nothing.

Each view keeps where its letters stand in the original, so that what is found in it can be fenced there.
"""

import base64
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

MOST_READ = 200_000  # characters of one text; a longer one is read in its beginning, and callers cut before

_LOOKALIKES = dict(
    zip(
        "асеіјорѕухһԁԛԝгтпкмнвьзбαεικνορτυχγωηɩɪʀɴʏɢʜʟᴀʙᴄᴅᴇᴊᴋᴍᴏᴘѵӏıǃ",
        "aceijopsyxhdqwrtnkmhbb36aeikvoptuxywniirnyghlabcdejkmopvlii",
        strict=True,
    )
)
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_HIDDEN_CATEGORIES = {"Mn", "Me", "Cf", "Cn"}
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5")
_MIXED = re.compile(r"[a-z][а-яѐ-џѕіјһԁԛԝα-ωɩ-ʟᴀ-ᴘѵӏ]|[а-яѐ-џѕіјһԁԛԝα-ωɩ-ʟᴀ-ᴘѵӏ][a-z]")
_LEET_WORD = re.compile(r"[a-z][0134578@$!|]+[a-z]|[0134578@$!|]+[a-z]{2}|[a-z]{2}[0134578]+$")
_LONGEST_WORD = 40  # characters; what is longer is an address or a key
_SPELT = re.compile(r"(?<!\w)\w(?:[ ._*-]{1,3}\w(?!\w)){5,}")
_TURNED = re.compile(
    "|".join(word[::-1] for word in ("ignore", "disregard", "instructions", "system prompt", "forget"))
)
_ROTATED = re.compile(
    "|".join(
        codecs.encode(word, "rot13") for word in ("ignore", "disregard", "instructions", "system prompt", "forget")
    )
)
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}){12,}(?!\w)")
_ESCAPED = ((re.compile(r"%[0-9a-fA-F]{2}"), unquote), (re.compile(r"(?:&#x?[0-9a-fA-F]{2,6};){2}"), html.unescape))


@dataclass(frozen=True)
class View:
    """places: for each letter of `text`, where it stands in the original"""

    text: str
    places: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the view stands in the original. end > start"""
        first, last = self.places[start], self.places[end - 1]
        return min(first, last), max(first, last) + 1


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    if letter in _FILLERS:
        return ""
    decomposed = unicodedata.normalize("NFKD", letter)
    kept = "".join(c for c in decomposed if unicodedata.category(c) not in _HIDDEN_CATEGORIES)
    return " " if kept.isspace() and kept != "\n" else kept.lower()


def fold(text: str) -> str:
    """Letters without accents, hidden characters and fancy forms, in small.

    >>> fold("Précédentes i\\u200bgn")
    'precedentes ign'
    """
    return "".join(map(_folded, text))


def views(text: str) -> Iterator[View]:
    """Ways to read a text, the plain one first."""
    text = text[:MOST_READ]
    plain = _plain(text)
    yield plain
    mixed = bool(_MIXED.search(plain.text))
    if mixed:
        plain = View("".join(_LOOKALIKES.get(c, c) for c in plain.text), plain.places)
        yield plain
    if (spelt := re.sub(r"\S+", _without_leet, plain.text)) != plain.text:
        yield View(spelt, plain.places)
    if _SPELT.search(plain.text):
        yield _joined(plain)
    if _TURNED.search(plain.text):
        yield View(plain.text[::-1], tuple(reversed(plain.places)))
    if _ROTATED.search(plain.text):
        yield View(codecs.encode(plain.text, "rot13"), plain.places)


def decoded(text: str) -> Iterator[tuple[int, int, str]]:
    """Stretches that are words in another notation (base64, hex, percent signs, entities): start, end, the words."""
    text = text[:MOST_READ]
    for notation, from_notation in ((_BASE64, _from_base64), (_HEX, bytes.fromhex)):
        for found in notation.finditer(text):
            if words := _words(from_notation(found[0])):
                yield found.start(), found.end(), words
    if "%" in text or "&#" in text:
        for line in re.finditer(r"[^\n]+", text):
            for sign, read in _ESCAPED:
                if sign.search(line[0]):
                    yield line.start(), line.end(), read(line[0])


def _plain(text: str) -> View:
    if text.isascii():
        return View(text.lower(), range(len(text)))
    pieces = [_folded(letter) for letter in text]
    return View("".join(pieces), tuple(at for at, piece in enumerate(pieces) for _ in piece))


def _without_leet(word: re.Match[str]) -> str:
    text = word[0]
    return text.translate(_LEET) if len(text) <= _LONGEST_WORD and _LEET_WORD.search(text) else text


def _joined(view: View) -> View:
    """Words that are spelt letter by letter put together; a wider gap parts two words."""
    kept: list[int] = []
    at = 0
    for found in _SPELT.finditer(view.text):
        kept += range(at, found.start())
        for gap in re.finditer(r"(\w)([ ._*-]*)", found[0]):
            kept.append(found.start() + gap.start())
            if len(gap[2]) > 1:
                space = gap[2].find(" ")
                kept.append(found.start() + gap.start(2) + max(space, 0))
        at = found.end()
    kept += range(at, len(view.text))
    return View("".join(view.text[k] for k in kept), tuple(view.places[k] for k in kept))


def _from_base64(token: str) -> bytes:
    token = token.rstrip("=").replace("-", "+").replace("_", "/")
    token = token[: len(token) - (len(token) % 4 == 1)]
    return base64.b64decode(token + "=" * (-len(token) % 4))


def _words(data: bytes) -> str:
    """Bytes as text where they are text; empty where they are a number, a key or a picture."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() and " " in text else ""
