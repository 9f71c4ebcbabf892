"""Words that others wrote, shown as they are: no markup of theirs is ever obeyed. Knows nothing of Streamlit."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

_PUNCTUATION = re.compile(r"([!-/;-@\[-`{-~])")  # ASCII punctuation but the colon
_CODE = re.compile(r"(`[^`\n]+`)")
_WORD_JOINER = "\u2060"  # invisible, no width


def plain(words: str) -> str:
    r"""Disarm Markdown in somebody's words, for the places where Streamlit cannot switch it off.

    A backslash stops Markdown. Streamlit looks for `:red[`, `:smile:` and `:material/…:` after that, so a colon is kept
    from what follows by a character that nobody sees.

    >>> plain("[a](b) $x$")
    '\\[a\\]\\(b\\) \\$x\\$'
    """
    return _PUNCTUATION.sub(r"\\\1", words).replace(":", f":{_WORD_JOINER}")


def shortened(words: str, most: int) -> str:
    """The beginning of a text, on one line. most: characters; longer ones end in an ellipsis

    >>> shortened("a  b", most=3), shortened("abcd", most=3)
    ('a b', 'ab…')
    """
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def label(words: str, most: int = 120) -> str:
    """Prepare somebody's words for the label of a button or a tooltip: one plain line of at most so many characters."""
    return plain(shortened(words, most))


def prose(words: str) -> str:
    r"""Prepare a sentence of ours that may quote others: `commands` stay code, all else is plain.

    >>> prose("Run `trivium serve` *now*")
    'Run `trivium serve` \\*now\\*'
    """
    return "".join(piece if at % 2 else plain(piece) for at, piece in enumerate(_CODE.split(words)))


def escaped(words: str) -> str:
    """Prepare somebody's words for HTML, as content or inside a quoted attribute.

    >>> escaped('<img src="x">')
    '&lt;img src=&quot;x&quot;&gt;'
    """
    return html.escape(words.replace("\x00", "\ufffd"))


@dataclass(frozen=True)
class Span:
    """A stretch of a text to be marked: text[start:end]. number: of the citation;  is_chosen: the one in focus"""

    start: int
    end: int
    number: int
    is_chosen: bool = False


def marked(text: str, spans: Sequence[Span], offset: int = 0) -> str:
    """Write text as HTML with its spans in `<mark>`, the chosen one with the class `chosen`.

    offset: where `text` begins in the text that the spans count in
    Where spans overlap, the chosen one wins, then the later.

    >>> marked("a < b", [Span(0, 1, number=1)])
    '<mark data-number="1">a</mark> &lt; b'
    """
    owners: list[Span | None] = [None] * len(text)
    for span in sorted(spans, key=lambda span: span.is_chosen):
        start, end = (min(max(at - offset, 0), len(text)) for at in (span.start, span.end))
        owners[start:end] = [span] * (end - start)  # a negative count is an empty list
    pieces: list[str] = []
    for owner, run in groupby(zip(owners, text, strict=True), key=itemgetter(0)):
        words = escaped("".join(letter for _, letter in run))
        style = ' class="chosen"' if owner and owner.is_chosen else ""
        pieces.append(f'<mark{style} data-number="{owner.number}">{words}</mark>' if owner else words)
    return "".join(pieces)
