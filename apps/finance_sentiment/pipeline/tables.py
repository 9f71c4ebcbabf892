"""Rows as a CSV or Parquet file. No cell of a CSV is taken for a formula by a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "time", "whole", "number", "yes"]
Columns = Mapping[str, Kind]
Row = Mapping[str, Any]

AT_ONCE = 1_000  # rows in memory
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these a cell begins that Excel, LibreOffice or Google Sheets may calculate; the last four are full-width."""


def safe_cell(value: Any) -> Any:
    """A cell that stays text. Text that would begin a formula gets an apostrophe, as spreadsheets write it themselves.

    >>> safe_cell("=HYPERLINK(A1)"), safe_cell(" -1+1"), safe_cell(-0.5), safe_cell("up 3%")
    ("'=HYPERLINK(A1)", "' -1+1", -0.5, 'up 3%')
    """
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    cleaned = value.replace("\x00", "")
    return f"'{cleaned}" if cleaned.lstrip(" ").startswith(FORMULA) else cleaned


def csv_lines(rows: Iterable[Row], columns: Columns) -> Iterator[str]:
    """The file in parts, with its header."""
    source = iter(rows)
    yield _written([list(columns)])
    while some := list(islice(source, AT_ONCE)):
        yield _written([[safe_cell(row[name]) for name in columns] for row in some])


def write_parquet(rows: Iterable[Row], columns: Columns, target: Path) -> int:
    """returns: how many rows were written"""
    import pyarrow as pa
    from pyarrow import parquet

    types = {
        "text": pa.string(),
        "time": pa.timestamp("us", tz="UTC"),
        "whole": pa.int64(),
        "number": pa.float64(),
        "yes": pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    source, written = iter(rows), 0
    with parquet.ParquetWriter(target, schema) as writer:
        while some := list(islice(source, AT_ONCE)):
            writer.write_table(pa.Table.from_pylist([{name: row[name] for name in columns} for row in some], schema))
            written += len(some)
    return written


def _written(cells: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue()
