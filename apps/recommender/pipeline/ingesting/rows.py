"""Rows of files and bodies, each with its line; a broken one is told, and the next is read. Knows no field."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import Invalid
from core.rows import read_rows

KINDS = (".jsonl", ".jsonl.gz", ".csv", ".parquet")
JSON_LINES = (".jsonl", ".jsonl.gz")
LONGEST_LINE = 4_000_000  # bytes; a file without line ends must not fill the memory

Told = Callable[[int, str], None]
"""Takes the line of a row that cannot be used, and why."""


class Row(NamedTuple):
    """line: from 1"""

    line: int
    fields: Mapping[str, Any]


def read_file(path: Path, told: Told) -> Iterator[Row]:
    """The rows of a file in order, by its ending.

    raises: Invalid for a file that is missing, damaged or of an unknown kind; rows before the damage were given
    """
    name = path.name.lower()
    if not path.is_file():
        raise Invalid(f"there is no file {path}", remedy="check the path")
    if not name.endswith(KINDS):
        raise Invalid(f"{path.name} is of no known kind", remedy=f"give a file of one of these: {', '.join(KINDS)}")
    if name.endswith(JSON_LINES):
        try:
            with gzip.open(path) if name.endswith(".gz") else path.open("rb") as lines:
                yield from read_lines(_bounded(lines), told)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Invalid(
                f"{path.name} is damaged; what stands before the damage was read", remedy="pack it again"
            ) from error
        return
    for row in read_rows(path, column=None, told=lambda bad: told(*_apart(bad.fact))):
        yield Row(row.line, row.fields)


def read_lines(lines: Iterable[bytes], told: Told) -> Iterator[Row]:
    """The objects of JSON Lines; blank lines are left out."""
    for number, line in enumerate(lines, start=1):
        if line.isspace() or not line:
            continue
        if len(line) > LONGEST_LINE:
            told(number, f"is longer than {LONGEST_LINE // 1_000_000} MB")
            continue
        try:
            fields = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError:
            told(number, "is not UTF-8")
        except (ValueError, RecursionError):
            told(number, "is not JSON")
        else:
            if isinstance(fields, dict):
                yield Row(number, fields)
            else:
                told(number, "is not a JSON object")


def read_listed(listed: Iterable[object], told: Told) -> Iterator[Row]:
    """The objects of a list; the place in it stands for the line."""
    for number, fields in enumerate(listed, start=1):
        if isinstance(fields, dict):
            yield Row(number, fields)
        else:
            told(number, "is not a JSON object")


def count_rows(path: Path) -> int | None:
    """About how many rows a file has, for a progress bar; None where it cannot be told."""
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            from pyarrow import parquet

            return int(parquet.read_metadata(path).num_rows)
        with gzip.open(path) if name.endswith(".gz") else path.open("rb") as data:
            lines = sum(part.count(b"\n") for part in iter(lambda: data.read(1 << 20), b""))
    except (OSError, EOFError, ValueError, zlib.error):
        return None
    return lines - name.endswith(".csv")


def _bounded(lines: Any) -> Iterator[bytes]:
    """Lines of a file; of one that is too long, only its beginning is held."""
    while line := lines.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line = lines.readline(LONGEST_LINE + 1)


def _apart(fact: str) -> tuple[int, str]:
    """`line 7 of events.csv is not CSV` in its parts."""
    head, _, rest = fact.partition(" of ")
    return int(head.split()[1]), rest.partition(" ")[2]
