"""A text as words with their places, and names as paths through those words (a trie). Knows no company's meaning."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Payload = TypeVar("Payload")

APOSTROPHE = "\u2019"  # as typesetters write it

_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[ .&'\u2019\-]{0,3}")
_SENTENCE = re.compile(r"[.!?:;\n|\u201c\u201d\"]|[-\u2013\u2014] ")
_PLURAL = 3  # letters without which "s" is no ending
_ABBREVIATION = 2  # letters: "J.P. Morgan" goes on behind a full stop, "Apple. Orchards" does not


def fold(word: str) -> str:
    """Letters without case and accents.

    >>> fold("Nestlé")
    'nestle'
    """
    small = word.casefold()
    if small.isascii():
        return small
    return "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))


def _joint(gap: str) -> str:
    """What stands between two words of a name, as far as it matters: "&" and apostrophes do."""
    if "&" in gap:
        return "&"
    return "'" if "'" in gap or APOSTROPHE in gap else ""


@dataclass(slots=True)
class Words:
    """A text's words. starts, ends: where each stands; folded: without case; gaps: what stands before each"""

    text: str
    raw: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def begins_sentence(self, at: int) -> bool:
        """Whether word `at` stands first in a sentence, so that its capital says nothing."""
        return at == 0 or (_SENTENCE.search(self.gaps[at]) is not None and not self._abbreviated(at))

    def _abbreviated(self, at: int) -> bool:
        return self.gaps[at] == ". " and len(self.raw[at - 1]) <= _ABBREVIATION


def words_of(text: str) -> Words:
    """Cut a text into words.

    >>> words_of("J&J wins").folded
    ['j', 'j', 'wins']
    """
    words, before = Words(text), 0
    for found in _WORD.finditer(text):
        word, (start, end) = found[0], found.span()
        words.raw.append(word)
        words.folded.append(fold(word))
        words.starts.append(start)
        words.ends.append(end)
        words.gaps.append(text[before:start])
        before = end
    return words


def phrase_of(text: str) -> str:
    """Words without case, one space before, between and after: a phrase is then found as a part of a longer one.

    >>> phrase_of("Old Navy")
    ' old navy '
    """
    return f" {' '.join(words_of(text).folded)} "


@dataclass(slots=True)
class _Node(Generic[Payload]):
    children: dict[str, "_Node[Payload]"] = field(default_factory=dict)
    payloads: list[Payload] = field(default_factory=list)


class Trie(Generic[Payload]):
    """Names as paths of words. Finds the longest name at each place in one pass, however many names there are."""

    def __init__(self) -> None:
        self._root: _Node[Payload] = _Node()

    def add(self, name: str, payload: Payload) -> None:
        """name: with at least one letter or figure"""
        words, node = words_of(name), self._root
        for at, word in enumerate(words.folded):
            key = (_joint(words.gaps[at]) if at else "") + word
            node = node.children.setdefault(key, _Node())
        if node is not self._root:
            node.payloads.append(payload)

    def find_plural(self, words: Words, at: int) -> list[Payload]:
        """Names of one word that word `at` is with an "s": "Wipros margin", as headlines write a genitive."""
        word = words.folded[at]
        node = self._root.children.get(word[:-1]) if len(word) > _PLURAL and word[-1] == "s" else None
        return node.payloads if node is not None else []

    def find(self, words: Words, at: int) -> Iterator[tuple[int, list[Payload]]]:
        """Names that begin with word `at`, the longest first. yields: the place behind the last word, payloads"""
        node = self._root.children.get(words.folded[at])
        if node is None:
            return
        found = [(at + 1, node.payloads)] if node.payloads else []
        end, n = at + 1, len(words.folded)
        while end < n and node.children:
            gap = words.gaps[end]
            if not _GAP.fullmatch(gap) or (". " in gap and len(words.raw[end - 1]) > _ABBREVIATION):
                break
            child = node.children.get(_joint(gap) + words.folded[end])
            if child is None:
                break
            node, end = child, end + 1
            if node.payloads:
                found.append((end, node.payloads))
        yield from reversed(found)
