"""A series from file to file through the detector, row by row in constant memory. Decides nothing about the rows."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from apps.finance_sentiment.errors import BadObservation
from apps.finance_sentiment.pipeline.detecting import ALARM, Detector
from core.errors import Invalid
from core.rows import BadRow, Row, read_rows
from core.writing import drafted

COLUMNS = ("timestamp", "value")


@dataclass(frozen=True)
class Told:
    """What a series held. missing: rows without a value;  alarms: rows with a score of at least ALARM"""

    rows: int
    missing: int
    alarms: int


def detect_file(source: Path, target: Path) -> Told:
    """Give each row of a CSV its anomaly score; timestamps and values come back as they were written.

    Timestamps are ISO 8601 (without an offset: UTC) or seconds since 1970, none before the one above; equal ones are
    taken one after the other. A row with an empty value comes back with the score 0 and is not learnt from.
    raises: Invalid and BadRow for what is no such series, and then nothing is written; TriviumError for a full disk
    """
    if not source.name.lower().endswith(".csv"):
        raise Invalid(f"{source.name} is not a CSV file", remedy="give a .csv file with `timestamp,value`")
    if target.resolve() == source.resolve():
        raise Invalid(f"{target.name} is the series itself", remedy="name another file for the scores")
    with drafted(target) as draft, draft.open("w", encoding="utf-8", newline="") as lines:
        return _copy(source, lines)


def _copy(source: Path, lines: TextIO) -> Told:
    written = csv.writer(lines, lineterminator="\n")
    written.writerow((*COLUMNS, "anomaly_score"))
    detector = Detector()
    rows = missing = alarms = 0
    aware: bool | None = None
    for row in _rows(source):
        at, text = _cell(row, source, "timestamp"), _cell(row, source, "value")
        time, has_offset = _time(at, row, source)
        if aware is not None and has_offset is not aware:
            raise BadRow(source, row.line, "has an offset from UTC and others have none, or the other way about")
        aware = has_offset
        try:
            score = detector.step(time, _value(text, row, source))
        except BadObservation as error:
            if detector.seen is not None and time < detector.seen:
                raise BadRow(source, row.line, f"is out of order: {at} comes after a later time") from error
            raise BadRow(source, row.line, f"cannot be used: {error.fact}") from error
        written.writerow((at, text, f"{score:.6f}"))
        rows, missing, alarms = rows + 1, missing + (not text), alarms + (score >= ALARM)
    if not rows:
        raise Invalid(f"{source.name} has no rows", remedy="give a .csv file with `timestamp,value` and rows")
    return Told(rows, missing, alarms)


def _rows(source: Path) -> Iterator[Row]:
    return read_rows(source, column=None)


def _cell(row: Row, source: Path, column: str) -> str:
    cell = row.fields.get(column)
    if cell is None:
        if column not in row.fields:
            found = ", ".join(str(name) for name in row.fields)
            raise Invalid(
                f"{source.name} has no column {column!r}, only {found:.100}",
                remedy="give a file with `timestamp,value`",
            )
        raise BadRow(source, row.line, f"has no {column}")
    return str(cell).strip()


def _time(text: str, row: Row, source: Path) -> tuple[float, bool | None]:
    """Seconds since 1970, and whether an offset from UTC stood there; None for seconds."""
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        if not math.isfinite(seconds):
            raise BadRow(source, row.line, f"has the timestamp {text!r:.40}, which is no time")
        return seconds, None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRow(
            source, row.line, f"has the timestamp {text!r:.40}, which is neither ISO 8601 nor seconds since 1970"
        ) from error
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC).timestamp(), False
    return moment.timestamp(), True


def _value(text: str, row: Row, source: Path) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise BadRow(source, row.line, f"has the value {text!r:.40}, which is not a number") from error
    if not math.isfinite(value):
        raise BadRow(source, row.line, f"has the value {text!r:.40}; leave it empty when it is missing")
    return value
