"""Read plain text: paragraphs, lists, underlined and numbered headings. Wrapped lines are joined."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from core.ingest.blocks import LONGEST_TITLE, BlockWriter
from core.ingest.chunks import compose
from core.ingest.decode import decode
from core.ingest.lines import BULLET, NUMBER, ends_sentence, is_wrapped, starts_item
from core.retrieval.documents import Document

_UNDERLINE = {"=": 1, "-": 2, "~": 3, "^": 4}
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,5})\.?[ \t]+(?=[^\W\d_])")
_LONGEST_HEADING = 12  # words


def read_text(name: str, data: bytes) -> Document:
    """Read one text file. The title is its first heading, else the file's name.

    raises: Invalid for what is not text
    """
    writer = BlockWriter()
    write_text(decode(name, data).split("\n"), writer)
    title = next((block.text for block in writer.blocks if block.kind == "heading"), PurePosixPath(name).stem)
    return compose(name, title[:LONGEST_TITLE], writer.blocks, source=name)


def write_text(lines: Sequence[str], writer: BlockWriter) -> None:
    """Report the blocks of plain text."""
    groups = _groups(lines)
    for at, group in enumerate(groups):
        following = groups[at + 1] if at + 1 < len(groups) else []
        if level := _underlined(group):
            writer.heading(level, group[0])
            write_group(group[2:], writer)
        elif level := _numbered(group, following):
            writer.heading(level, group[0])
        else:
            write_group(group, writer)


def with_space(line: str, following: str) -> str:
    """How wrapped lines of a text file are joined."""
    return line + " "


def write_group(
    lines: Sequence[str],
    writer: BlockWriter,
    *,
    width: int = 0,
    slack: float = 1.0,
    bridge: Callable[[str, str], str] = with_space,
) -> None:
    """Report lines that stand together: a paragraph, the items of a list, or both.

    width, slack: as in `lines.is_wrapped`; width 0 stands for the longest of the lines
    bridge: what is written of a wrapped line before the one that follows
    """
    width = width or max(map(len, lines), default=0)
    parts: list[str] = []  # of the open paragraph or item
    for at, line in enumerate(lines):
        if not parts:
            parts.append(line.rstrip())
            continue
        in_item = starts_item(parts[0])
        if starts_item(line):
            _write_piece("".join(parts), writer)
            parts = [line.rstrip()]
        elif is_wrapped(lines[at - 1], line, width, slack=slack) or (in_item and line[0].isspace()):
            parts[-1] = bridge(parts[-1], line.strip())
            parts.append(line.strip())
        elif in_item:
            _write_piece("".join(parts), writer)
            parts = [line.rstrip()]
        else:
            parts += ["\n", line.strip()]
    _write_piece("".join(parts), writer)


def _write_piece(piece: str, writer: BlockWriter) -> None:
    if marker := BULLET.match(piece):
        writer.item("•", piece[marker.end() :])
    elif marker := NUMBER.match(piece):
        writer.item(marker.group().strip(), piece[marker.end() :])
    else:
        writer.paragraph(piece)


def _groups(lines: Sequence[str]) -> list[list[str]]:
    """Lines between blank lines."""
    groups: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _underlined(group: Sequence[str]) -> int:
    """Level of a heading with a line of ===, ---, ~~~ or ^^^ under it; 0 for anything else."""
    if len(group) < 2:
        return 0
    rule = group[1].strip()
    drawn = len(rule) >= 3 and len(set(rule)) == 1 and len(rule) * 2 >= len(group[0].strip())
    return _UNDERLINE.get(rule[0], 0) if drawn and len(group[0].split()) <= 2 * _LONGEST_HEADING else 0


def _numbered(group: Sequence[str], following: Sequence[str]) -> int:
    """Level of a heading such as "2.1 Refunds": a short line of its own, before text that is not the next item.

    returns: 0 for anything else
    """
    found = _NUMBERED.match(group[0]) if len(group) == 1 else None
    if not found or not following or ends_sentence(group[0]) or len(group[0].split()) > _LONGEST_HEADING:
        return 0
    depth = found.group(1).count(".") + 1
    one_of_a_list = depth == 1 and bool(_NUMBERED.match(following[0]))
    return 0 if one_of_a_list else min(depth, 6)
