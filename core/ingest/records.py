"""Read CSV and JSON Lines into records, each with its place in the file. Knows nothing of what the fields mean."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, TooLarge

_SEPARATORS = ",;\t|"
_DEEPEST = 16  # lists and objects inside each other


@dataclass(frozen=True, slots=True)
class Record:
    """One row. line: where it begins, from 1;  row: as a spreadsheet counts (a CSV header is row 1)"""

    line: int
    row: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be used."""

    line: int
    reason: str


def csv_records(name: str, text: str, *, wanted: Sequence[Sequence[str]]) -> Iterator[Record | Fault]:
    """Rows of a CSV file with a header; commas, semicolons, tabs or bars stand between the cells.

    Empty cells and blank lines are left out.
    wanted: sets of columns (lower case) of which the header must have one
    raises: Invalid naming the columns found and the ones needed
    """
    if text[:4].lower() == "sep=" and "\n" in text:  # Excel's own first line
        text = "\n" + text.split("\n", 1)[1]
    header, separator = _header(name, text, wanted)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    row, line = 0, 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            row += 1
            if row == 1:
                continue
            extra = [cell for column, cell in _paired(header, cells) if not column and cell.strip()]
            if extra:
                yield Fault(begins, f"the value '{extra[0][:30]}' stands under no column name")
                continue
            yield Record(begins, row, {column: cell for column, cell in _paired(header, cells) if cell.strip()})
    except csv.Error as error:
        yield Fault(line, _csv_reason(error))


def _paired(header: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at, cell in enumerate(cells):
        yield header[at] if at < len(header) else "", cell


def _header(name: str, text: str, wanted: Sequence[Sequence[str]]) -> tuple[list[str], str]:
    """The names of the columns, and the separator under which the header has what is wanted."""
    found: list[tuple[list[str], str]] = []
    for separator in _SEPARATORS:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
            first = next((row for row in rows if any(cell.strip() for cell in row)), [])
        except csv.Error:
            continue
        found.append(([cell.strip() for cell in first], separator))
    for header, separator in found:
        names = [column.lower() for column in header]
        if any(set(columns) <= set(names) for columns in wanted):
            if twice := next((column for column in header if column and names.count(column.lower()) > 1), ""):
                raise Invalid(f"'{name}' has two columns named '{twice}'", remedy="rename one of them")
            return header, separator
    widest = max((header for header, _ in found), key=len, default=[])
    if not any(widest):
        raise Invalid(f"'{name}' is empty", remedy="put a header and at least one row into it")
    have = ", ".join(column[:40] for column in widest[:12] if column)
    need = " or ".join(" and ".join(f"'{column}'" for column in columns) for columns in wanted)
    raise Invalid(f"'{name}' has the columns {have}, but needs {need}", remedy="rename the columns in its first line")


def _csv_reason(error: csv.Error) -> str:
    said = str(error)
    if "field larger" in said:
        return f"a cell has more than {csv.field_size_limit():,} characters or a quotation mark is never closed"
    if "unexpected end" in said:
        return "a quotation mark is never closed"
    return "a quotation mark inside a cell is not doubled"


def json_records(name: str, text: str) -> Iterator[Record | Fault]:
    """Objects of a JSON Lines file; blank lines are left out.

    raises: Invalid for one JSON array
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_constant=_refuse_constant)
            if isinstance(value, dict):
                _check_depth(value)
        except RecursionError:
            yield Fault(number, "its JSON nests too deeply")
            continue
        except ValueError as error:
            if number == 1 and line.strip() in {"[", "[{"}:
                raise _is_array(name) from error
            yield Fault(number, f"it is not JSON ({_json_reason(error)})")
            continue
        if isinstance(value, dict):
            yield Record(number, number, value)
        elif number == 1 and isinstance(value, list) and value and isinstance(value[0], dict):
            raise _is_array(name)
        else:
            yield Fault(number, f"it is {_JSON_NAMES[type(value)]}, not an object")


_JSON_NAMES = {
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a constant",
    type(None): "null",
}


def _is_array(name: str) -> Invalid:
    return Invalid(f"'{name}' is one JSON array, not JSON Lines", remedy="write one object on each line")


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _json_reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.colno}"
    return str(error)


def _check_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise RecursionError


def unpack(name: str, data: bytes, max_bytes: int) -> bytes:
    """The content of a gzip file.

    raises: TooLarge when it unpacks to more than `max_bytes`;  Invalid when it is not whole
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            content = packed.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"'{name}' is not a whole gzip file", remedy="pack it again with gzip") from error
    if len(content) > max_bytes:
        raise TooLarge(
            f"'{name}' unpacks to more than the {megabytes(max_bytes)} that one file may have",
            remedy="split it, or raise TRIVIUM_MAX_UPLOAD_BYTES",
        )
    return content


def megabytes(count: int) -> str:
    """A size in words.

    >>> megabytes(50_000_000), megabytes(1_500)
    ('50 MB', '1,500 bytes')
    """
    return f"{count / 1e6:,.0f} MB" if count >= 10_000_000 else f"{count:,} bytes"
