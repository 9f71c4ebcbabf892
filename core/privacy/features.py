"""A text as words, and each word as the things a linear tagger may look at. Knows no weights.

What is computed here is part of a trained tagger: a change that alters a feature needs new weights and a new `VERSION`.
"""

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.privacy.spans import Span

VERSION = 1
_WORDS = re.compile(r"[^\W\d_]+|\d+|\n|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Word:
    """Letters, figures, a line break or one other character, with its place in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lists:
    """Words that are known beforehand, as hashes. given: first names;  family: last names;  common: no names"""

    given: Collection[int] = frozenset()
    family: Collection[int] = frozenset()
    common: Collection[int] = frozenset()


def hashed(feature: str) -> int:
    """returns: 32 bits, the same on every machine

    >>> hashed("w=anna")
    4266426694
    """
    return zlib.crc32(feature.encode())


def words_of(text: str) -> list[Word]:
    """The words of a text in order; blanks are left out, line breaks are not.

    >>> [word.text for word in words_of("Flat 7b, Elm St.")]
    ['Flat', '7', 'b', ',', 'Elm', 'St', '.']
    """
    return [Word(match.group(), match.start(), match.end()) for match in _WORDS.finditer(text)]


def features_of(text: str, words: Sequence[Word], hints: Sequence[Span], lists: Lists) -> list[list[str]]:
    """What there is to see at each word: itself, its form and ends, its neighbours, the lists, what patterns say.

    hints: what patterns found in the text, without overlaps
    """
    lower = [word.text.lower() for word in words]
    shapes = [_shape(word.text) for word in words]
    known = [_known(word, lists) for word in lower]
    told = _told(words, hints)
    case = _case(text)
    rows: list[list[str]] = []
    count = len(words)
    for at, word in enumerate(words):
        value, shape = lower[at], shapes[at]
        glued = at > 0 and words[at - 1].end == word.start
        row = [
            "*",
            f"w={value}",
            f"s={shape}",
            f"s{case}={shape}",
            f"k={known[at]}",
            f"k{case}={known[at]}{shape[:2]}",
            f"h={told[at]}",
            f"g={glued}",
            f"gs={glued}{shape}",
        ]
        if value.isalpha() and len(value) > 2:
            row += [f"p3={value[:3]}", f"e2={value[-2:]}", f"e3={value[-3:]}"]
            if len(value) > 4:
                row += [f"e4={value[-4:]}", f"e5={value[-5:]}"]
        for step in (-3, -2, -1, 1, 2, 3):
            there = at + step
            if not 0 <= there < count:
                row.append(f"{step}|" + ("^" if there < 0 else "$"))
                continue
            row += [f"{step}w={lower[there]}", f"{step}k={known[there]}{shapes[there][:2]}"]
            if abs(step) < 3:
                row += [f"{step}s={shapes[there]}", f"{step}h={told[there]}"]
        before = lower[at - 1] if at else "^"
        after = lower[at + 1] if at + 1 < count else "$"
        two = lower[at - 2] if at > 1 else "^"
        row += [
            f"b-={before}|{value}",
            f"b--={two}|{before}",
            f"b+={after}|{known[at]}{shape[:2]}",
            f"b-k={before}|{known[at]}{shape[:2]}",
            f"b--k={two}|{before}|{known[at]}{shape[:2]}",
            f"kk={known[at - 1] if at else '^'}|{known[at]}|{known[at + 1] if at + 1 < count else '$'}",
            f"ss={shapes[at - 1] if at else '^'}|{shape}|{shapes[at + 1] if at + 1 < count else '$'}",
        ]
        rows.append(row)
    return rows


def _shape(word: str) -> str:
    """Figures by their number, letters by their case.

    >>> [_shape(word) for word in ("Anna", "USA", "x", "1984", "McGee", ",")]
    ['Xx', 'XX', 'x', '4', 'XxXx', ',']
    """
    if word.isdigit():
        return str(min(len(word), 9))
    if not word.isalpha():
        return word
    if len(word) == 1:
        return "X" if word.isupper() else "x"
    if word.isupper():
        return "XX"
    if word.islower():
        return "xx"
    return "Xx" if word[0].isupper() and word[1:].islower() else "XxXx"


def _known(word: str, lists: Lists) -> str:
    """On which lists a word stands.

    >>> _known("7", Lists())
    '-'
    """
    if not word.isalpha():
        return "-"
    code = hashed(word)
    return ("G" if code in lists.given else "") + ("F" if code in lists.family else "") + (
        "C" if code in lists.common else ""
    ) or "?"


def _told(words: Sequence[Word], hints: Sequence[Span]) -> list[str]:
    told = ["-"] * len(words)
    at = 0
    for hint in sorted(hints):
        while at < len(words) and words[at].end <= hint.start:
            at += 1
        first = True
        while at < len(words) and words[at].start < hint.end:
            told[at] = ("B" if first else "I") + hint.type
            first = False
            at += 1
    return told


def _case(text: str) -> str:
    """How a text is written: capitals say nothing where there are none, or nothing else.

    >>> _case("hi im jonas"), _case("HELP ME"), _case("Hi, I am Jonas")
    ('l', 'u', 'm')
    """
    if text == text.lower():
        return "l"
    return "u" if text == text.upper() else "m"
