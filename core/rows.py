"""Rows of a file, one after the other, in bounded memory: JSON Lines, CSV, Parquet, lines of text. Gives no meaning."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Invalid

BATCH = 4_096  # rows of a Parquet file in memory at a time
LONGEST_CELL = 10_000_000  # characters of a cell of CSV; Python's own limit is 131,072, which long articles pass


@dataclass(frozen=True, slots=True)
class Row:
    """One row. line: where it stands in the file, from 1"""

    line: int
    fields: Mapping[str, Any]


class BadRow(Invalid):
    """A row that cannot be used."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"line {line} of {path.name} {why}", remedy="correct it and try again; nothing was written")


Told = Callable[[BadRow], None]


def read_rows(source: Path, column: str | None = "text", told: Told | None = None) -> Iterator[Row]:
    """The rows of a file in order, by its ending: .jsonl, .jsonl.gz, .csv, .parquet; a line of .txt is a `text`.

    column: the one that a table must have; None when the caller checks each row
    told: takes each line that cannot be read, and the next is read; without it the first one is raised
    raises: Invalid for a file that is missing, damaged, of an unknown kind or not UTF-8; BadRow
    """
    name = source.name.lower()
    if not source.is_file():
        raise Invalid(f"there is no file {source}", remedy="check the path")
    if name.endswith(".parquet"):
        yield from _read_parquet(source, column)
        return
    kinds = {".jsonl": _read_jsonl, ".jsonl.gz": _read_jsonl, ".csv": _read_csv, ".txt": _read_lines}
    reader = next((reader for ending, reader in kinds.items() if name.endswith(ending)), None)
    if reader is None:
        raise Invalid(
            f"{source.name} is of no known kind", remedy="give a .jsonl, .jsonl.gz, .csv, .parquet or .txt file"
        )
    try:
        with (
            gzip.open(source) if name.endswith(".gz") else source.open("rb") as data,
            io.TextIOWrapper(data, encoding="utf-8-sig", newline="") as lines,
        ):
            yield from reader(source, lines, column, told)
    except UnicodeDecodeError as error:
        raise Invalid(f"{source.name} is not UTF-8", remedy="save it as UTF-8 and try again") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Invalid(f"{source.name} is damaged", remedy="pack it again") from error


def _read_jsonl(path: Path, lines: io.TextIOBase, _: str | None, told: Told | None) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = _object(path, number, line)
        except BadRow as bad:
            if told is None:
                raise
            told(bad)
            continue
        yield Row(number, fields)


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRow(path, number, "is not JSON") from error
    if not isinstance(row, dict):
        raise BadRow(path, number, "is not a JSON object")
    return row


def _read_csv(path: Path, lines: io.TextIOBase, column: str | None, told: Told | None) -> Iterator[Row]:
    csv.field_size_limit(max(LONGEST_CELL, csv.field_size_limit()))
    rows = csv.DictReader(lines)
    try:
        named = rows.fieldnames or []
    except csv.Error as error:
        raise BadRow(path, 1, f"is not CSV ({error})") from error
    if column is not None and column not in named:
        raise BadRow(path, 1, f"names no column `{column}`")
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            bad = BadRow(path, rows.reader.line_num, f"is not CSV ({error})")
            if told is None:
                raise bad from error
            told(bad)
            continue
        if row is None:
            return
        yield Row(rows.line_num, row)


def _read_lines(_: Path, lines: io.TextIOBase, column: str | None, told: Told | None) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        yield Row(number, {column or "text": line.rstrip("\r\n")})


def _read_parquet(source: Path, column: str | None) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(source)
        if column is not None and column not in file.schema_arrow.names:
            raise Invalid(f"{source.name} has no column `{column}`", remedy=f"name the column `{column}`")
        number = 0
        for batch in file.iter_batches(BATCH):
            for row in batch.to_pylist():
                number += 1
                yield Row(number, row)
    except pa.ArrowInvalid as error:
        raise Invalid(f"{source.name} is not a Parquet file", remedy="write it again") from error
