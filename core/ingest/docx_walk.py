"""Walk the body of a Word document and report what a reader sees. Opens no file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from core.ingest.blocks import BlockWriter
from core.ingest.characters import squeeze
from core.ingest.html_tables import Table

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same once more, for old Word
_UNSEEN = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}txbxContent", _FALLBACK})
_WRAPPERS = frozenset(f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_MARKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_HEADING = re.compile(r"heading ([1-9])$", re.IGNORECASE)
_MOST_LEVELS = 9


@dataclass(frozen=True)
class _Look:
    """What a style says of its paragraphs. heading: level, 0 for none;  list, level: of the list they belong to"""

    heading: int = 0
    list: str = ""
    level: int = 0


@dataclass
class Walk:
    """One pass over a document."""

    document: WordDocument
    writer: BlockWriter  # of the innermost open cell, or the document's
    looks: dict[str, _Look] = field(default_factory=dict)  # by style id
    bullets: set[tuple[str, int]] = field(default_factory=set)  # (list, level) that have marks, not numbers
    counted: Counter[tuple[str, int]] = field(default_factory=Counter)  # items so far: numbers go on behind a paragraph
    open: list[str] = field(default_factory=list)  # lists that are open, by level

    def run(self) -> None:
        """Report every block of the body."""
        self._learn_styles()
        self._learn_lists()
        self._blocks(self.document.element.body)
        self._close_lists(0)

    def _learn_styles(self) -> None:
        styles = {_attribute(style, "styleId"): style for style in self.document.styles.element.iter(f"{_W}style")}
        for name in styles:
            look, seen, at = _Look(), set[str](), name
            while at in styles and at not in seen:  # what a style does not say, the one that it is based on says
                seen.add(at)
                look = _merged(look, _look_of(styles[at]))
                at = _value(styles[at], "basedOn")
            self.looks[name] = look

    def _learn_lists(self) -> None:
        part = next((r.target_part for r in self.document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if part is None:
            return
        kinds: dict[str, set[int]] = {}
        for abstract in part.element.iter(f"{_W}abstractNum"):
            marked = [level for level in abstract.iter(f"{_W}lvl") if _value(level, "numFmt") in {"bullet", "none"}]
            kinds[_attribute(abstract, "abstractNumId")] = {_number(_attribute(level, "ilvl")) for level in marked}
        for number in part.element.iter(f"{_W}num"):
            levels = kinds.get(_value(number, "abstractNumId"), set())
            self.bullets |= {(_attribute(number, "numId"), level) for level in levels}

    def _blocks(self, parent: Any) -> None:
        for child in parent:
            if child.tag == f"{_W}p":
                self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                self._close_lists(0)
                self._table(child)
            elif child.tag in _WRAPPERS:
                self._blocks(child)

    def _paragraph(self, paragraph: Any) -> None:
        text = "".join(_seen(paragraph))
        own = paragraph.find(f"{_W}pPr")
        style = self.looks.get(_value(own, "pStyle"), _Look()) if own is not None else _Look()
        look = _merged(_look_of(paragraph), style)
        if text.strip():
            if look.heading:
                self._close_lists(0)
                self.writer.heading(min(look.heading, 6), text)
            elif look.list and look.list != "0":  # 0 takes a paragraph out of its style's list
                self._item(look.list, min(look.level, _MOST_LEVELS - 1), text)
            else:
                self._close_lists(0)
                self.writer.paragraph(text)
        for box in paragraph.iter(f"{_W}txbxContent"):
            between = takewhile(lambda above: above is not paragraph, box.iterancestors())
            if not any(above.tag in {_FALLBACK, box.tag} for above in between):
                self._blocks(box)

    def _item(self, name: str, level: int, text: str) -> None:
        keep = level + 1 if len(self.open) > level and self.open[level] == name else level
        self._close_lists(keep)
        while len(self.open) <= level:
            at = (name, len(self.open))
            self.writer.open_list(None if at in self.bullets else self.counted[at] + 1)
            self.open.append(name)
        self.writer.open_item()
        self.writer.paragraph(text)
        self.writer.close_item()
        self.counted[name, level] += 1
        for deeper in range(level + 1, _MOST_LEVELS):
            self.counted[name, deeper] = 0

    def _close_lists(self, keep: int) -> None:
        while len(self.open) > keep:
            self.writer.close_list()
            self.open.pop()

    def _table(self, table: Any) -> None:
        rows = [list(_cells(row)) for row in _children(table, "tr")]
        lengths = _lengths(rows)
        heads = _header_rows(table)
        grid, outer, lists = Table(), self.writer, self.open
        for at, row in enumerate(rows):
            grid.add_row()
            for column, wide, cell in row:
                length = lengths.get((at, column), 1)
                if not length:
                    continue  # covered from above
                self.writer, self.open = BlockWriter(), []
                self._blocks(cell)
                self._close_lists(0)
                blocks = self.writer.blocks
                grid.holds_table = grid.holds_table or any(block.kind == "table" for block in blocks)
                grid.add_cell(blocks, is_header=at < heads, columns=str(wide), rows=str(length))
        self.writer, self.open = outer, lists
        grid.write(self.writer)


def _seen(paragraph: Any) -> Iterator[str]:
    """What a reader sees of a paragraph, links and what was inserted included; text boxes are read by themselves."""
    waiting = list(reversed(paragraph))
    while waiting:
        node = waiting.pop()
        if node.tag in _UNSEEN or (node.tag == f"{_W}r" and _is_hidden(node)):
            continue
        if node.tag == f"{_W}t":
            yield node.text or ""
        elif node.tag in _MARKS:
            yield _MARKS[node.tag]
        else:
            waiting += reversed(node)


def _is_hidden(run: Any) -> bool:
    own = run.find(f"{_W}rPr")
    return own is not None and any(
        (found := own.find(f"{_W}{name}")) is not None and _attribute(found, "val") not in {"0", "false", "off"}
        for name in ("vanish", "strike", "dstrike")
    )


def _cells(row: Any) -> Iterator[tuple[int, int, Any]]:
    """yields: column where a cell begins, how many it is wide, the cell"""
    column = 0
    for cell in _children(row, "tc"):
        own = cell.find(f"{_W}tcPr")
        wide = max(1, min(_number(_value(own, "gridSpan"), 1), 60)) if own is not None else 1
        yield column, wide, cell
        column += wide


def _lengths(rows: list[list[tuple[int, int, Any]]]) -> dict[tuple[int, int], int]:
    """Rows that each cell covers, by (row, column); 0 where the one above covers it."""
    lengths: dict[tuple[int, int], int] = {}
    begun: dict[int, tuple[int, int]] = {}  # column: the cell that reaches down
    for at, row in enumerate(rows):
        reaching: dict[int, tuple[int, int]] = {}
        for column, _, cell in row:
            own = cell.find(f"{_W}tcPr")
            merge = own.find(f"{_W}vMerge") if own is not None else None
            if merge is None:
                continue
            if _attribute(merge, "val") != "restart" and column in begun:
                lengths[at, column] = 0
                lengths[begun[column]] += 1
                reaching[column] = begun[column]
            else:
                lengths[at, column] = 1
                reaching[column] = (at, column)
        begun = reaching
    return lengths


def _header_rows(table: Any) -> int:
    """Rows that repeat on every page are headers; else the first one, where all of its cells hold short bold text."""
    marked = 0
    rows = list(_children(table, "tr"))
    for row in rows:
        own = row.find(f"{_W}trPr")
        if own is None or own.find(f"{_W}tblHeader") is None:
            break
        marked += 1
    if marked or len(rows) < 2:
        return marked
    look = table.find(f"{_W}tblPr/{_W}tblLook")
    styled = table.find(f"{_W}tblPr/{_W}tblStyle")
    asks = look is not None and (_attribute(look, "firstRow") in {"1", "true"} or _bit(_attribute(look, "val")))
    cells = [squeeze("".join(t for p in cell.iter(f"{_W}p") for t in _seen(p))) for _, _, cell in _cells(rows[0])]
    bold = all(_is_bold(cell) for _, _, cell in _cells(rows[0]))
    short = all(len(cell) <= 60 and not cell.endswith((".", "!", "?")) for cell in cells)
    return int(short and any(cells) and (bold or (asks and styled is not None)))


def _is_bold(cell: Any) -> bool:
    runs = [run for run in cell.iter(f"{_W}r") if run.find(f"{_W}t") is not None]
    return all(run.find(f"{_W}rPr/{_W}b") is not None for run in runs)


def _bit(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9A-Fa-f]{4}", value)) and bool(int(value, 16) & 0x20)


def _look_of(element: Any) -> _Look:
    """What a paragraph or style says by itself."""
    own = element.find(f"{_W}pPr")
    named = _HEADING.match(_value(element, "name"))
    heading = int(named[1]) if named else int(_value(element, "name").lower() == "title")
    if own is None:
        return _Look(heading)
    outline = _value(own, "outlineLvl")
    if outline.isdigit() and not heading:
        heading = int(outline) + 1 if int(outline) < _MOST_LEVELS else 0  # 9 is body text
    numbering = own.find(f"{_W}numPr")
    if numbering is None:
        return _Look(heading)
    return _Look(heading, _value(numbering, "numId"), _number(_value(numbering, "ilvl")))


def _merged(own: _Look, inherited: _Look) -> _Look:
    heading = own.heading or inherited.heading
    return _Look(heading, own.list, own.level) if own.list else _Look(heading, inherited.list, inherited.level)


def _children(parent: Any, name: str) -> Iterator[Any]:
    """Elements of this name right below, or inside what only wraps them."""
    for child in parent:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, name)


def _value(parent: Any, name: str) -> str:
    found = parent.find(f"{_W}{name}") if parent is not None else None
    return _attribute(found, "val") if found is not None else ""


def _attribute(element: Any, name: str) -> str:
    return str(element.get(f"{_W}{name}", ""))


def _number(written: str, otherwise: int = 0) -> int:
    return int(written) if written.isascii() and written.isdigit() else otherwise
