"""Documents in files: rows of CSV, JSON Lines and Parquet, texts, pages; in bounded memory. Writes nothing."""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from apps.finance_sentiment.pipeline.capturing import Captured
from apps.finance_sentiment.pipeline.pages import read_page
from apps.finance_sentiment.pipeline.web_text import web_text
from apps.finance_sentiment.schemas.moments import parse_moment
from core.errors import Invalid, TooLarge
from core.ingest.decode import decode
from core.rows import BadRow, read_rows

ROWS = (".csv", ".jsonl", ".jsonl.gz", ".parquet")
WHOLE = (".txt", ".html", ".htm")
"""Kinds of files that are one document each."""
MOST_WHOLE_BYTES = 20_000_000

Told = Callable[[BadRow], None]


def is_readable(path: Path) -> bool:
    """Whether a file's ending is one that is read here."""
    return path.name.lower().endswith((*ROWS, *WHOLE))


def read_documents(path: Path, told: Told | None = None) -> Iterator[tuple[int, Captured]]:
    """The documents of a file in order, each with its line.

    Rows have a `title` or a `text`, and may have `id`, `url` and `published_at`; other columns are left alone.
    told: takes each row that cannot be used, and the next is read; without it the first one is raised
    raises: Invalid for a file that cannot be read at all; BadRow
    """
    name = path.name.lower()
    if name.endswith(WHOLE):
        yield 1, _whole(path)
        return
    if not name.endswith(ROWS):
        kinds = ", ".join((*ROWS, *WHOLE))
        raise Invalid(f"{path.name} is of no known kind", remedy=f"give a file of one of these: {kinds}")
    for row in read_rows(path, column=None, told=told):
        try:
            found = from_fields(row.fields)
        except ValueError as error:
            bad = BadRow(path, row.line, str(error))
            if told is None:
                raise bad from error
            told(bad)
            continue
        yield row.line, found


def from_fields(fields: Mapping[Any, Any]) -> Captured:
    """raises: ValueError with the end of a sentence about the row"""
    if None in fields:
        raise ValueError("has more values than columns")
    title, text = _written(fields, "title"), _written(fields, "text")
    if not title and not text:
        raise ValueError("has neither a title nor a text")
    try:
        published_at = parse_moment(fields.get("published_at"))
    except ValueError as error:
        raise ValueError("has a published_at that is neither ISO 8601 nor seconds since 1970") from error
    return Captured(
        title, text, external_id=_written(fields, "id"), url=_written(fields, "url"), published_at=published_at
    )


def _written(fields: Mapping[Any, Any], name: str) -> str:
    value = fields.get(name)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value.strip()
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"has a {name} that is no text")


def _whole(path: Path) -> Captured:
    if not path.is_file():
        raise Invalid(f"there is no file {path}", remedy="check the path")
    if path.stat().st_size > MOST_WHOLE_BYTES:
        raise TooLarge(f"{path.name} holds more than {MOST_WHOLE_BYTES // 1_000_000} MB", remedy="split it")
    data = path.read_bytes()
    if path.name.lower().endswith(".txt"):
        return Captured("", decode(path.name, data))
    return read_page(web_text(data), "")
