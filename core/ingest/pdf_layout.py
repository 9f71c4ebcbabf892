"""Make text flow again: from the lines of printed pages to headings, paragraphs and items. Knows no file format."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from statistics import median

from core.ingest.blocks import BlockWriter
from core.ingest.lines import ends_sentence
from core.ingest.text import write_group


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. y: height of its base above the page's foot, size: of its type; both in points"""

    text: str
    y: float
    size: float


_HEADING_RATIO = 1.12  # to the body's type; 11 on 10 points is emphasis, 12 on 10 a heading
_LONGEST_HEADING = 25  # words
_GAP_RATIO = 1.3  # to the usual distance of lines
_FULL_LINE = 0.85  # of the widest; type is proportional, so characters say less than in a text file
_EDGE = 2  # lines at the top and at the foot that may be headers and footers
_PAGE_NUMBER = re.compile(r"\W*(?:page|seite|p\.)?\s*\d{1,4}(?:\s*(?:of|von|/)\s*\d{1,4})?\W*", re.IGNORECASE)
# First halves that keep their hyphen where a line breaks after them: "four-hour", "sign-in".
_COMPOUNDING = frozenset(
    "self non well high low long short full half part first second third last all in on off up multi"
    " real end cross sign pick one two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy"
    " eighty ninety".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def write_pages(pages: Sequence[Sequence[Line]], writer: BlockWriter) -> None:
    """Report what the pages say, without running headers, footers and page numbers.

    pages: lines in reading order, from page 1
    """
    if not any(pages):
        return
    body = _body_size([line for page in pages for line in page])
    pages = _without_furniture(pages, body * _HEADING_RATIO)
    lines = [line for page in pages for line in page]
    sizes = sorted({line.size for line in lines if line.size > body * _HEADING_RATIO}, reverse=True)
    bridge = _bridge(lines)
    groups = _groups(pages, _usual_distance(lines, body))
    for group, following in zip_longest(groups, groups[1:]):
        writer.page = group.page
        texts = [line.text for line in group.lines]
        # Large type with no text of its own below it is a row of a table or a line of a title page.
        if group.size in sizes and _is_title(texts) and following and following.size < group.size:
            writer.heading(min(1 + sizes.index(group.size), 6), _flow(texts, bridge))
        else:
            write_group(texts, writer, width=group.width, slack=_FULL_LINE, bridge=bridge)


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines that stand together. page: where they begin;  width: characters of that page's longest line"""

    page: int
    width: int
    lines: list[Line]

    @property
    def size(self) -> float:
        return self.lines[0].size


def _groups(pages: Sequence[Sequence[Line]], distance: float) -> list[_Group]:
    groups: list[_Group] = []
    for number, page in enumerate(pages, start=1):
        width = max((len(line.text) for line in page), default=0)
        for at, line in enumerate(page):
            above = groups[-1].lines[-1] if groups else None
            if above is None or not _continues(above, line, distance, same_page=at > 0):
                groups.append(_Group(number, width, []))
            groups[-1].lines.append(line)
    return groups


def _continues(above: Line, line: Line, distance: float, *, same_page: bool) -> bool:
    if abs(above.size - line.size) > 0.1 * above.size:
        return False
    drop = above.y - line.y
    if same_page and drop >= 0:
        return drop <= distance * _GAP_RATIO
    return not ends_sentence(above.text) and line.text[:1].islower()  # the next column or page


def _is_title(texts: Sequence[str]) -> bool:
    words = sum(len(text.split()) for text in texts)
    return words <= _LONGEST_HEADING and any(c.isalpha() for text in texts for c in text)


def _body_size(lines: Sequence[Line]) -> float:
    """The size of type in which most characters are set."""
    characters: Counter[float] = Counter()
    for line in lines:
        characters[line.size] += len(line.text)
    return characters.most_common(1)[0][0]


def _usual_distance(lines: Sequence[Line], body: float) -> float:
    """Between neighbouring lines of body type, in points."""
    drops = [
        above.y - line.y
        for above, line in pairwise(lines)
        if above.size == line.size == body and 0 < above.y - line.y < 3 * body
    ]
    return median(drops) if drops else 1.2 * body


def _without_furniture(pages: Sequence[Sequence[Line]], largest: float) -> list[list[Line]]:
    """Drop lines at a page's edge that are a page number or come back on many pages, and tables of contents.

    largest: size of type up to which a line at the edge is no heading
    """
    edges = [{line for line in _edge(page) if line.size <= largest} for page in pages]
    seen = Counter(key for edge in edges for key in {_pattern(line) for line in edge})
    often = max(3, 0.4 * len(pages))  # even and odd pages may differ

    def is_furniture(line: Line) -> bool:
        return seen[_pattern(line)] >= often or (len(pages) > 1 and bool(_PAGE_NUMBER.fullmatch(line.text)))

    return [
        [line for line in page if not (line in edge and is_furniture(line)) and not _is_contents_entry(line.text)]
        for page, edge in zip(pages, edges, strict=True)
    ]


def _is_contents_entry(text: str) -> bool:
    """A title, a row of dots and a page: "Fees . . . . . . 24"."""
    return text.rstrip("0123456789ivxlc").replace(" ", "").endswith("....")


def _edge(page: Sequence[Line]) -> set[Line]:
    by_height = sorted(page, key=lambda line: line.y)
    return {*by_height[:_EDGE], *by_height[-_EDGE:]}


def _pattern(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())


def _flow(texts: Sequence[str], bridge: Callable[[str, str], str]) -> str:
    return "".join([*(bridge(line, following) for line, following in pairwise(texts)), *texts[-1:]])


def _bridge(lines: Sequence[Line]) -> Callable[[str, str], str]:
    """How wrapped lines of this document are joined: a hyphen goes unless the document spells the word with one."""
    words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text.rstrip("-")))

    def bridge(line: str, following: str) -> str:
        first = re.match(r"[^\W\d_]+", following)
        last = re.search(r"([^\W\d_]+)[-\u2010]$", line)
        if not (first and last and first.group()[0].islower()):
            return line + " "
        head, tail = last.group(1).lower(), first.group().lower()
        whole, compound = words[head + tail], words[f"{head}-{tail}"]
        keeps = compound > whole or (compound == whole and head in _COMPOUNDING)
        return line if keeps else line[:-1]

    return bridge
