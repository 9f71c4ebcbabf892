# ruff: noqa: RUF001  this file is about look-alike punctuation
"""Split text into the units that may be quoted: sentences, items, rows. Offsets, never copies; rules, no model."""

import re
from collections.abc import Iterator
from itertools import pairwise

from core.ingest.lines import is_wrapped, starts_item

Span = tuple[int, int]

_CLOSERS = "\"'”’»›)\\]}*_"
_MARKS = ".!?…‽⁇⁈⁉؟۔।"
_STOP = re.compile(
    # Needs white space after it, which decimals, URLs and e-mails do not have; starts once a run, so it stays linear.
    rf"(?<![{_MARKS}])[{_MARKS}]++[{_CLOSERS}]*+(?=\s)"
    r"|[。！？｡．]+[」』”’）】》]*"
)
_OPENERS = "\"'“‘«‹([{¿¡*_"

# Never the end of a sentence, whatever follows.
_TITLES = frozenset(
    "mr mrs ms mx dr prof st rev hon gen col capt lt sgt messrs e.g i.e eg ie viz cf vs ca approx incl excl est".split()
)
# Not the end before a number or a code: "No. 12", "p. 4", "Tel. 0800".
_COUNTED = frozenset(
    "no nos nr p pp fig figs sec art ch vol tel ext para ref eq max min abs ed"
    " jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun".split()
)
# The end only when the next word opens a sentence: "Acme Ltd. The offer", but "Acme Ltd. London".
_NAMES = frozenset("inc ltd co corp plc llc bros jr sr dept ave rd blvd ph.d b.sc m.sc".split())
_OPENING_WORDS = frozenset(
    "the a an this that these those it its he she we you they i our your their there here if when where while who what"
    " which why how in on at by for from to with as after before during until since once however also but and or so"
    " yet then no not yes please do does did is are was were can could may might must should will would have has had"
    " all any each every some many most both either neither only otherwise".split()
)
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_CAMEL = re.compile(r"[a-z]{1,2}[A-Z]")  # iPhone, eBay: a sentence may open with them
_ITEM_NUMBER = re.compile(r"^\W*(?:\d{1,3}|[a-zA-Z])$|[:;]\s*\(?[1aA]$")  # "2" opening a unit, "1" after "Steps:"
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")


def split_sentences(text: str, *, wrapped: bool = True) -> list[Span]:
    """Find the units of a text that make sense when quoted alone.

    Line breaks end a unit unless the line is only wrapped; items of a list and rows of a table ("a | b") are never
    joined with their neighbours. A row is never cut.
    wrapped: whether lines may be wrapped at all; otherwise every line break is meant
    returns: (start, end) of each unit, ascending, not overlapping, covering every character that is not white space

    >>> text = "It costs £3.95, e.g. for a book. Is it fast? Yes."
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['It costs £3.95, e.g. for a book.', 'Is it fast?', 'Yes.']
    """
    units: list[Span] = []
    for start, end in _lines(text, wrapped=wrapped):
        is_row = " | " in text[start:end]
        units.extend([(start, end)] if is_row else _sentences(text, start, end))
    return list(_without_debris(text, units))


def _lines(text: str, *, wrapped: bool) -> Iterator[Span]:
    """Stretches between the line breaks that mean something, trimmed."""
    at = 0
    for gap in [*_PARAGRAPH.finditer(text), None]:
        stop = gap.start() if gap else len(text)
        yield from _trimmed(text, _unwrapped(text, at, stop, wrapped=wrapped))
        at = gap.end() if gap else stop


def _unwrapped(text: str, start: int, stop: int, *, wrapped: bool) -> Iterator[Span]:
    lines: list[Span] = []
    at = start
    for line in text[start:stop].split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    width = max(len(text[a:b].rstrip()) for a, b in lines)
    opened = start
    for (a, b), (c, d) in pairwise(lines):
        line, following = text[a:b], text[c:d]
        row = " | " in line or " | " in following
        if not wrapped or row or starts_item(following) or not is_wrapped(line, following, width):
            yield opened, b
            opened = c
    yield opened, stop


def _trimmed(text: str, spans: Iterator[Span]) -> Iterator[Span]:
    for start, end in spans:
        body = text[start:end]
        if stripped := body.strip():
            start += len(body) - len(body.lstrip())
            yield start, start + len(stripped)


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    opened = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() < end and _ends(text, opened, stop, end):
            yield opened, stop.end()
            opened = stop.end()
            while opened < end and text[opened].isspace():
                opened += 1
    if opened < end:
        yield opened, end


def _ends(text: str, opened: int, stop: re.Match[str], end: int) -> bool:
    mark = stop.group()
    if mark[0] in "。！？｡．؟۔।":
        return True
    following = text[stop.end() : min(end, stop.end() + 80)].split(maxsplit=1)
    if not following:
        return True
    word = following[0].lstrip(_OPENERS)
    quoted = mark[-1] in _CLOSERS
    lower = word[:1].islower() and not _CAMEL.match(word)
    opens_quote = following[0][0] in "¿¡"
    if "?" in mark or "!" in mark:
        return not (lower and quoted)  # "Really?" he asked
    if lower and not opens_quote:
        return False
    if quoted or mark[:2] in {"..", "…"} or len(mark) > 1:
        return True
    return not _is_abbreviation(text[opened : stop.start()], word)


def _is_abbreviation(before: str, word: str) -> bool:
    """Whether the full stop after `before` belongs to its last word. word: what follows, without opening quotes"""
    if _ITEM_NUMBER.search(before[-40:]):
        return True
    tail = before[-40:].split()
    token = tail[-1].lstrip(_OPENERS + "/–-") if tail else ""
    name = token.lower()
    opens = word.rstrip(",.;:!?'’").lower() in _OPENING_WORDS
    if name in _TITLES:
        return True
    if name in _COUNTED:
        return word[:1].isdigit() or (len(word) > 1 and any(c.isdigit() for c in word))
    if name in _NAMES or _ACRONYM.match(token):
        return not opens
    return len(token) == 1 and token.isalpha() and token.isupper() and not opens  # an initial: "J. Smith"


def _without_debris(text: str, units: list[Span]) -> Iterator[Span]:
    """Join units that hold no letter or digit ("—", "***") to the one before, so that none is quoted alone."""
    held: Span | None = None
    for start, end in units:
        wordless = not any(c.isalnum() for c in text[start:end])
        if held is None:
            held = (start, end)
        elif wordless or not any(c.isalnum() for c in text[held[0] : held[1]]):
            held = (held[0], end)
        else:
            yield held
            held = (start, end)
    if held is not None:
        yield held
