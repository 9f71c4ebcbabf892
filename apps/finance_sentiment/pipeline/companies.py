"""Companies from a file, and the list that comes with the app. Every bad row is named with its line; all or nothing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from apps.finance_sentiment.errors import BadEntityFile
from apps.finance_sentiment.schemas.entities import EntityEdit, EntityId
from core.errors import Invalid
from core.rows import Row, read_rows

SHIPPED = Path(__file__).parent.parent / "companies.csv"
LISTS = ("tickers", "aliases", "context", "anticontext")
COLUMNS = ("id", "name", *LISTS, "exchange", "sector", "country", "watched")
NEEDED = ("id", "name")
SEPARATOR = "|"

_TRUE = {"true", "yes", "1", "x"}
_FALSE = {"", "false", "no", "0"}
_id = TypeAdapter(EntityId)


def read_companies(path: Path) -> dict[str, EntityEdit]:
    """The companies of a CSV, by id.

    Columns: id and name; where they are there, tickers (AAPL or NASDAQ:AAPL), exchange (of tickers that name none),
    sector, country (two letters), aliases, context, anticontext, watched (yes or no). Several values are parted by "|".
    raises: Invalid for a file that is missing or not a CSV; BadEntityFile naming each bad row
    """
    if not path.name.lower().endswith(".csv"):
        raise Invalid(f"{path.name} is not a CSV", remedy="give a .csv file")
    rows = list(read_rows(path, column="id"))
    if not rows:
        raise Invalid(f"{path.name} holds no rows", remedy="give a company in each row")
    _check_columns(path, rows[0])
    found: dict[str, EntityEdit] = {}
    lines: dict[str, int] = {}
    faults: list[str] = []
    for row in rows:
        entity = str(row.fields.get("id") or "").strip()
        wrong = list(_faults(row, entity))
        if entity in lines:
            wrong.append(f"id {entity!r:.70} stands in line {lines[entity]} already")
        if not wrong:
            try:
                found[entity] = EntityEdit.model_validate(_values(row))
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                wrong.append(f"{'.'.join(map(str, first['loc'])) or 'the row'}: {first['msg']}")
        lines.setdefault(entity, row.line)
        faults += [f"line {row.line}, {fault}" for fault in wrong]
    if faults:
        raise BadEntityFile(path, faults)
    return found


def shipped() -> tuple[dict[str, EntityEdit], str]:
    """The list that comes with the app, and its checksum."""
    return read_companies(SHIPPED), hashlib.sha256(SHIPPED.read_bytes()).hexdigest()


def _check_columns(path: Path, row: Row) -> None:
    given = {name for name in row.fields if isinstance(name, str)}
    if lacking := [name for name in NEEDED if name not in given]:
        raise Invalid(f"{path.name} has no column `{lacking[0]}`", remedy=f"name its columns {', '.join(COLUMNS)}")
    if strange := sorted(given - set(COLUMNS)):
        raise Invalid(
            f"{path.name} has a column {strange[0]!r:.70} that means nothing here",
            remedy=f"name its columns {', '.join(COLUMNS)}",
        )


def _faults(row: Row, entity: str) -> Iterator[str]:
    if None in row.fields:  # the reader of CSV keeps surplus values there
        yield "more values than columns"
    try:
        _id.validate_python(entity)
    except ValidationError:
        yield "id: small letters, figures, dots and hyphens are allowed" if entity else "id: is empty"
    if str(row.fields.get("watched") or "").strip().lower() not in _TRUE | _FALSE:
        yield "watched: say yes or no"


def _values(row: Row) -> dict[str, object]:
    given = {name: str(row.fields.get(name) or "").strip() for name in COLUMNS}
    values: dict[str, object] = {name: given[name] for name in ("name", "sector", "country")}
    for name in LISTS:
        values[name] = [part.strip() for part in given[name].split(SEPARATOR) if part.strip()]
    exchange = given["exchange"]
    values["tickers"] = [
        ticker if ":" in ticker or not exchange else f"{exchange}:{ticker}"
        for ticker in map(str.strip, given["tickers"].split(SEPARATOR))
        if ticker
    ]
    return {**values, "watched": given["watched"].lower() in _TRUE}
