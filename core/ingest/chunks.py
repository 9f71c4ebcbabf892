"""Cut a document into passages that one encoder window can hold and one reader can follow. Cuts where authors pause."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from core.ingest.blocks import Block, Placed, lay_out
from core.ingest.sections import Section, sections, weigh
from core.ingest.sentences import Span, split_sentences
from core.retrieval.documents import Document, Passage

CAP = 240  # word pieces, 190 English words; the encoder reads 256 and gets the headings, too
TARGET = 190  # word pieces, 150 words; passages end up between 120 and 180 words where the text allows it
SHORT_ITEM = 40  # word pieces, 30 words; "1. Open the app. A window appears." is one step, so one quotable unit
MANY = 2_000  # atoms of one section
_CUT_IN_BLOCK = 900  # costs as much as missing the target by 30 pieces: rather cut between two blocks


@dataclass(frozen=True, slots=True)
class _Atom:
    """What no passage boundary may cut.

    start, end: in the document's text;  units: quotable stretches, likewise
    inner: whether it continues the block of the atom before
    columns: names of the table that it continues without their line
    """

    start: int
    end: int
    weight: int
    units: tuple[Span, ...]
    inner: bool = False
    columns: tuple[str, ...] = ()
    page: int = 0


def compose(
    key: str, title: str, blocks: Sequence[Block], *, source: str, metadata: Mapping[str, Any] | None = None
) -> Document:
    """A document from the blocks of one file; its passages are called key#0, key#1, …

    A document that holds nothing but headings has no passages.
    """
    text, placed = lay_out(blocks)
    passages = cut(text, placed, name=lambda n: f"{key}#{n}")
    return Document(key=key, title=title, text=text, source=source, metadata=metadata or {}, passages=passages)


def cut(
    text: str, placed: Sequence[Placed], *, name: Callable[[int], str], above: tuple[str, ...] = ()
) -> tuple[Passage, ...]:
    """Cut a laid-out text into passages of at most `CAP` word pieces; they do not overlap.

    Lines with headings and column names belong to a passage's text where they are inside it, but to no sentence:
    they are context, not an answer.
    name: the key of the n-th passage;  above: titles above all of it
    """
    passages: list[Passage] = []
    for section in sections(placed):
        for atoms in _pack(_coarse(list(_atoms(text, section)))):
            heading = (*above, *section.path)
            if atoms[0].page:
                heading += (f"page {atoms[0].page}",)
            if atoms[0].columns:
                heading += (f"columns: {' | '.join(atoms[0].columns)}",)
            passages.append(_passage(text, atoms, name(len(passages)), heading))
    return tuple(passages)


def _passage(text: str, atoms: Sequence[_Atom], key: str, heading: tuple[str, ...]) -> Passage:
    start, end = atoms[0].start, atoms[-1].end
    units = tuple((a - start, b - start) for atom in atoms for a, b in atom.units)
    return Passage(key=key, text=text[start:end], start=start, end=end, heading=heading, sentences=units)


def _atoms(text: str, section: Section) -> Iterator[_Atom]:
    """The section's body in pieces of at most `CAP` word pieces, none of them empty."""
    lead: list[_Atom] = []  # heading lines and a sentence that introduces what follows
    runs = [list(run) for _, run in groupby(section.body, key=lambda piece: _run_of(piece))]
    for at, run in enumerate(runs):
        leads = at + 1 < len(runs) and _introduces(run, runs[at + 1])
        pieces = list(_pieces(text, run))
        whole = _merged([*lead, *pieces])
        if leads and whole.weight <= CAP // 2:
            lead = [whole]
        elif whole.weight <= CAP:
            yield whole
            lead = []
        else:
            first = _merged([*lead, pieces[0]])
            yield from [first, *pieces[1:]] if first.weight <= CAP else [*lead, *pieces]
            lead = []


def _run_of(piece: Placed) -> tuple[str, int]:
    """Items form one run, whatever their number; every other block is a run of its own."""
    return ("item", 0) if piece.block.kind == "item" else (piece.block.kind, piece.start)


def _introduces(run: Sequence[Placed], following: Sequence[Placed]) -> bool:
    last = run[-1].block
    if last.kind == "heading":
        return True
    listed = following[0].block.kind in {"item", "table", "code"}
    return last.kind == "paragraph" and listed and last.text.endswith((":", "\uff1a"))


def _pieces(text: str, run: Sequence[Placed]) -> Iterator[_Atom]:
    """Items, rows, lines or sentences of a run, each small enough; the run's first piece is not `inner`."""
    for at, placed in enumerate(run):
        for n, atom in enumerate(_block_pieces(text, placed)):
            yield replace(atom, page=placed.block.page, inner=at + n > 0)


def _block_pieces(text: str, placed: Placed) -> Iterator[_Atom]:
    block, start, end = placed.block, placed.start, placed.end
    if block.kind == "heading":
        yield _Atom(start, end, weigh(block.text), ())
    elif block.kind == "table":
        yield from _table_pieces(text, placed)
    elif block.kind == "code":
        lines = _lines(text, start, end)
        yield from _fitting(text, [(lines[0][0], end)] if weigh(block.text) <= CAP else lines)
    else:
        units = [(start + a, start + b) for a, b in split_sentences(block.text, wrapped=block.verbatim)]
        weight = weigh(block.text)
        if block.kind == "item" and weight <= CAP:
            whole = (units[0][0], units[-1][1])
            yield _Atom(*whole, weight, (whole,) if weight <= SHORT_ITEM else tuple(units))
        else:
            yield from _fitting(text, units)


def _table_pieces(text: str, placed: Placed) -> Iterator[_Atom]:
    columns = placed.block.columns
    rows = _lines(text, placed.start, placed.end)
    titles = rows.pop(0) if columns else None
    for n, row in enumerate(_fitting(text, rows)):
        if titles and n == 0:
            yield replace(row, start=titles[0], weight=row.weight + weigh(text[slice(*titles)]))
        else:
            yield replace(row, columns=columns)


def _lines(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    for line in text[start:end].split("\n"):
        if line.strip():
            spans.append((start + len(line) - len(line.lstrip()), start + len(line.rstrip())))
        start += len(line) + 1
    return spans


def _fitting(text: str, units: Sequence[Span]) -> Iterator[_Atom]:
    """One atom a unit; a unit that is longer than a passage may be is cut between words, or else anywhere."""
    for start, end in units:
        weight = weigh(text[start:end])
        if weight <= CAP:
            yield _Atom(start, end, weight, ((start, end),))
            continue
        for a, b in _slices(text, start, end):
            yield _Atom(a, b, weigh(text[a:b]), ((a, b),))


def _slices(text: str, start: int, end: int) -> Iterator[Span]:
    longest = 6 * CAP  # characters
    while start < end:
        stop = min(end, start + longest)
        while weigh(text[start:stop]) > CAP:
            stop = start + (stop - start) // 2
        if stop < end and (space := max(text.rfind(" ", start, stop), text.rfind("\n", start, stop))) > start:
            stop = space
        yield start, stop
        start = stop
        while start < end and text[start].isspace():
            start += 1


def _merged(atoms: Sequence[_Atom]) -> _Atom:
    units = tuple(unit for atom in atoms for unit in atom.units)
    return replace(atoms[0], end=atoms[-1].end, weight=sum(atom.weight for atom in atoms), units=units)


def _coarse(atoms: Sequence[_Atom]) -> Sequence[_Atom]:
    """Fewer atoms where there are thousands of tiny ones: `_pack` looks at all that a passage may hold."""
    if len(atoms) < MANY:
        return atoms
    coarse = [atoms[0]]
    for atom in atoms[1:]:
        joined = coarse[-1].weight + atom.weight <= TARGET // 10
        coarse[-1:] = [_merged([coarse[-1], atom])] if joined else [coarse[-1], atom]
    return coarse


def _pack(atoms: Sequence[_Atom]) -> list[Sequence[_Atom]]:
    """Share atoms out to passages so that the squared distances from `TARGET` are least (as TeX breaks lines)."""
    best = [0.0]  # best[i]: least cost of the first i atoms
    came = [0]  # came[i]: where the last passage of that solution begins
    for end in range(1, len(atoms) + 1):
        cost, begin = float("inf"), end - 1
        weight = 0
        for start in range(end - 1, -1, -1):
            weight += atoms[start].weight
            if weight > CAP and start < end - 1:
                break
            penalty = _CUT_IN_BLOCK if atoms[start].inner else 0
            price = best[start] + (weight - TARGET) ** 2 + penalty
            if price < cost:
                cost, begin = price, start
        best.append(cost)
        came.append(begin)
    packed: list[Sequence[_Atom]] = []
    end = len(atoms)
    while end:
        packed.append(atoms[came[end] : end])
        end = came[end]
    return packed[::-1]
