"""What every format is read into: headings, paragraphs, items, tables, code. Knows how they look as plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

from core.ingest.characters import clean, squeeze

Kind = Literal["heading", "paragraph", "item", "table", "code"]

LONGEST_TITLE = 300  # characters of a title or heading; a longer one is a paragraph in a heading's clothes
_MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document as a reader sees it.

    text: rendered: "• item", "2. item", "a | b | c" lines
    level: of a heading, 1 is the outermost; of an item, 0 is the outermost
    columns: names of a table's columns, which are then also its first line
    page: of a PDF, from 1; 0 where there are no pages
    verbatim: whether line breaks may be mere wrapping; elsewhere they are meant
    """

    kind: Kind
    text: str
    level: int = 0
    columns: tuple[str, ...] = ()
    page: int = 0
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a block stands in the text of its document: text[start:end]."""

    block: Block
    start: int
    end: int


def lay_out(blocks: Sequence[Block]) -> tuple[str, list[Placed]]:
    """Write blocks below each other: items on lines of their own, a blank line between all others.

    >>> lay_out([Block("heading", "Fees", 1), Block("item", "• none")])[0]
    'Fees\\n\\n• none'
    """
    pieces: list[str] = []
    placed: list[Placed] = []
    at = 0
    for block in blocks:
        if placed:
            gap = "\n" if block.kind == placed[-1].block.kind == "item" else "\n\n"
            pieces.append(gap)
            at += len(gap)
        pieces.append(block.text)
        placed.append(Placed(block, at, at + len(block.text)))
        at += len(block.text)
    return "".join(pieces), placed


@dataclass(slots=True)
class _List:
    number: int | None  # of the next item; None: bullets
    marker_due: bool = False


@dataclass(slots=True)
class BlockWriter:
    """Collects the blocks of one document; keeps count of lists, so that readers only report what they meet."""

    blocks: list[Block] = field(default_factory=list)
    page: int = 0  # that the next blocks stand on
    _lists: list[_List] = field(default_factory=list)

    def heading(self, level: int, text: str) -> None:
        """level: 1 to 6. Inside a list, a heading is only an item."""
        text = squeeze(clean(text))
        if self._lists or len(text) > LONGEST_TITLE:
            self.paragraph(text)
        elif text:
            self.blocks.append(Block("heading", text, level, page=self.page))

    def paragraph(self, text: str) -> None:
        """text: may hold line breaks that are meant. Becomes an item inside a list."""
        lines = [squeeze(line) for line in clean(text).split("\n")]
        text = "\n".join(line for line in lines if line)
        if not text:
            return
        if not self._lists:
            self.blocks.append(Block("paragraph", text, page=self.page))
            return
        depth, inner = len(self._lists) - 1, self._lists[-1]
        marker = ("•" if inner.number is None else f"{inner.number}.") if inner.marker_due else ""
        inner.marker_due = False
        text = f"{marker} {text}" if marker else f"  {text}"
        indent = "  " * min(depth, 10)  # a hundred levels deep, the indent would outweigh the text
        self.blocks.append(Block("item", indent + text.replace("\n", "\n  " + indent), depth))

    def item(self, marker: str, text: str) -> None:
        """An item whose marker is written already, of a list without levels."""
        if text := squeeze(clean(text)):
            self.blocks.append(Block("item", f"{marker} {text}", page=self.page))

    def code(self, text: str) -> None:
        """text: kept as it stands, save blank lines around it"""
        if text := clean(text).strip("\n").rstrip():
            self.blocks.append(Block("code", text))

    def table(self, rows: Sequence[Sequence[str]], *, header: bool) -> None:
        """rows: cells as text;  header: whether the first row names the columns"""
        grid = [tuple(squeeze(clean(cell)) for cell in row[:_MOST_COLUMNS]) for row in rows]
        grid = [row for row in grid if any(row)]
        if len(grid) < 2 or max(map(len, grid)) < 2:
            for row in grid:
                self.paragraph(": ".join(filter(None, row)))
            return
        columns = grid.pop(0) if header else ()
        lines = [" | ".join(filter(None, columns))] if header else []
        lines += [_row(row, columns) for row in grid]
        self.blocks.append(Block("table", "\n".join(lines), columns=columns))

    def open_list(self, start: int | None) -> None:
        """start: number of the first item; None for bullets"""
        self._lists.append(_List(start))

    def close_list(self) -> None:
        """End the innermost list."""
        self._lists.pop()

    def open_item(self) -> None:
        """Begin the next item of the innermost list."""
        self._lists[-1].marker_due = True

    def close_item(self) -> None:
        """End the item, so that the next one counts on."""
        inner = self._lists[-1]
        if inner.number is not None:
            inner.number += 1

    @property
    def in_list(self) -> bool:
        """Whether a list is open."""
        return bool(self._lists)


def _row(cells: Sequence[str], columns: Sequence[str]) -> str:
    """One line of a table that says what its values mean when it is quoted alone.

    Two columns read as name and value. With three or more, "2% | £0" could mean anything, so cells carry the name of
    their column.

    >>> _row(["Cash abroad", "2%", "£0"], ["Service", "Free plan", "Plus"])
    'Cash abroad | Free plan: 2% | Plus: £0'
    """
    if len(columns) < 3:
        return " | ".join(filter(None, cells))
    named = [
        f"{column}: {cell}" if column else cell
        for column, cell in zip_longest(columns[1:], cells[1:], fillvalue="")
        if cell
    ]
    return " | ".join([*filter(None, cells[:1]), *named])
