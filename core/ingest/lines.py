# ruff: noqa: RUF001  this file is about look-alike punctuation
"""What a line of plain text is: an item, a wrapped line, a heading's number. Looks at no more than two lines."""

import re

BULLET = re.compile(r"[ \t]*(?:[•◦▪‣●○■·*+–—-])[ \t]+(?=\S)")
NUMBER = re.compile(r"[ \t]*(?:\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])[ \t]+(?=\S)")
ENDS_SENTENCE = re.compile(r"[.!?:;…。！？｡؟।][\"'”’»)\]」』]*$")

_UNFINISHED = re.compile(r"(?:,|\b(?:a|an|the|and|or|of|to|in|on|at|by|for|from|with|as|is|are))$", re.IGNORECASE)

NARROW = 40  # characters; a paragraph this narrow is an address or a verse: its line breaks are meant


def starts_item(line: str) -> bool:
    """Whether the line opens an item of a list.

    >>> starts_item("- bring the box"), starts_item("2) call us"), starts_item("-5 °C")
    (True, True, False)
    """
    return bool(BULLET.match(line) or NUMBER.match(line))


def is_wrapped(line: str, following: str, width: int, *, slack: float = 1.0) -> bool:
    """Whether the break after `line` is there only because the page was full.

    width: characters of the paragraph's longest line
    slack: share of the width that a full line must reach; below 1 for proportional type

    >>> is_wrapped("a line that goes on to the very edge of", "the page", width=44)
    True
    >>> is_wrapped("14 Harbour Row", "Leith, Edinburgh and the rest of Scotland", width=44)
    False
    """
    line, following = line.rstrip(), following.lstrip()
    if width < NARROW or not line or not following or starts_item(following):
        return False
    if len(line) + 1 + len(following.split(maxsplit=1)[0]) > width * slack:
        return True
    unfinished = bool(_UNFINISHED.search(line)) or (following[0].islower() and not ENDS_SENTENCE.search(line))
    return unfinished and len(line) > width / 2


def ends_sentence(line: str) -> bool:
    """Whether the line ends with the mark of a sentence or with a colon.

    >>> ends_sentence('He said "stop."'), ends_sentence("Delivery times")
    (True, False)
    """
    return bool(ENDS_SENTENCE.search(line.rstrip()))
