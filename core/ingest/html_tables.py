"""The grid of an HTML table: spans filled in, header rows folded into column names. Tells data from page layout."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.ingest.blocks import Block, BlockWriter

_WIDEST_SPAN = 50
_LONGEST_SPAN = 1000  # rows; what the HTML standard's own limit of 65534 would do to memory is nobody's table
_WIDEST_TABLE = 100  # columns
_LONG_CELL = 1000  # characters; a cell with this much prose is a column of a page


@dataclass(slots=True)
class _Cell:
    blocks: list[Block]
    is_header: bool
    columns: int
    rows: int

    @property
    def text(self) -> str:
        return "; ".join(block.text.strip().removeprefix("• ").replace("\n", " ") for block in self.blocks)


@dataclass(slots=True)
class Table:
    """An open table: rows and cells in the order in which the page brings them."""

    rows: list[list[_Cell]] = field(default_factory=list)
    holds_table: bool = False

    def add_row(self) -> None:
        """Begin a row."""
        self.rows.append([])

    def add_cell(self, blocks: list[Block], *, is_header: bool, columns: str | None, rows: str | None) -> None:
        """columns, rows: the cell's `colspan` and `rowspan` as written"""
        if not self.rows:
            self.add_row()
        wide, long = _span(columns, _WIDEST_SPAN), _span(rows, _LONGEST_SPAN)
        self.rows[-1].append(_Cell(blocks, is_header, wide, long))

    def write(self, writer: BlockWriter) -> None:
        """Report the table; one that only lays out a page gives the blocks of its cells instead."""
        cells = [cell for row in self.rows for cell in row]
        if self.holds_table or any(_is_layout(cell) for cell in cells):
            writer.blocks.extend(block for cell in cells for block in cell.blocks)
            return
        grid = _filled(self.rows)
        if grid is None:
            writer.table([[cell.text for cell in row] for row in self.rows], header=False)
            return
        heads = 0
        while heads < len(self.rows) and self.rows[heads] and all(cell.is_header for cell in self.rows[heads]):
            heads += 1
        if 0 < heads < len(grid):
            writer.table([_folded(grid[:heads]), *grid[heads:]], header=True)
        else:
            writer.table(grid, header=False)


def _is_layout(cell: _Cell) -> bool:
    prose = sum(len(block.text) for block in cell.blocks) > _LONG_CELL
    return prose or any(block.kind in {"heading", "code"} for block in cell.blocks)


def _span(written: str | None, most: int) -> int:
    digits = (written or "").strip()[:6]
    return min(max(int(digits), 1), most) if digits.isascii() and digits.isdigit() else 1


def _filled(rows: Sequence[Sequence[_Cell]]) -> list[list[str]] | None:
    """Text of every place in the grid: a cell that spans several rows or columns stands in each of them.

    returns: None when the spans cover out of all proportion: which cell is below which name is then unknown
    """
    own = sum(len(cell.text) for row in rows for cell in row)
    spare = 4 * own + 10_000  # characters that spans may repeat: a few bytes of markup must not fill the memory
    grid: list[list[str]] = []
    reaching: dict[int, tuple[int, str]] = {}  # column: rows that a cell above still covers, its text
    for row in rows:
        line: list[str] = []
        for cell in row:
            text = cell.text
            _take_from_above(line, reaching)
            for _ in range(cell.columns):
                if cell.rows > 1 and len(line) < _WIDEST_TABLE:
                    reaching[len(line)] = (cell.rows - 1, text)
                line.append(text)
        _take_from_above(line, reaching)
        del line[_WIDEST_TABLE:]
        spare -= sum(map(len, line)) - sum(len(cell.text) for cell in row)
        if spare < 0:
            return None
        grid.append(line)
    return grid


def _take_from_above(line: list[str], reaching: dict[int, tuple[int, str]]) -> None:
    while len(line) in reaching:
        left, text = reaching.pop(len(line))
        if left > 1:
            reaching[len(line)] = (left - 1, text)
        line.append(text)


def _folded(heads: Sequence[Sequence[str]]) -> list[str]:
    """One name a column from several header rows: "Free plan", "a month" become "Free plan a month"."""
    width = max(map(len, heads))
    names: list[str] = []
    for column in range(width):
        parts = [row[column] for row in heads if column < len(row) and row[column]]
        names.append(" ".join(dict.fromkeys(parts)))
    return names
