"""Read texts with numbers for training: what is wrong with them is said before an hour is spent. Knows no model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from statistics import fmean

from core.outcomes import Valued
from core.rows import BadRow, Row, read_rows
from core.tasks import Task
from core.training.conformal import FEWEST
from core.training.held_out import same
from core.training.sources import Source, Unusable, fingerprint, gather

LARGEST = 1e100  # beyond it, squares no longer fit into a float


@dataclass(frozen=True)
class Values:
    """Texts with numbers. repeated: rows that said the same again, used once

    disagreeing: rows of texts that stand there with several numbers; such a text is used once, with their mean
    """

    rows: tuple[Valued, ...]
    sources: tuple[Source, ...]
    repeated: int = 0
    disagreeing: int = 0

    @property
    def fingerprint(self) -> str:
        """Names the data."""
        return fingerprint(self.sources)


def read_values(paths: Sequence[Path], task: Task) -> Values:
    """Rows `{"text", "value", "entity"?}`; the column may be called `label` too.

    A text with several numbers is no mistake, as one with several labels would be: people rate differently, and of what
    they say the mean is the best guess.

    raises: Invalid naming the file or line that cannot be used, Unusable when nothing is left
    """
    rows, sources = gather(
        paths, lambda path: _read(path, task), lacking="rows", remedy='put rows with a "text" and a "value" into it'
    )
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        found.setdefault((row.text, row.entity), []).append(row.value)
    kept = tuple(Valued(text, fmean(values), entity) for (text, entity), values in found.items())
    disagreeing = [values for values in found.values() if len(set(values)) > 1]
    repeated = sum(len(values) - 1 for values in found.values() if len(set(values)) == 1)
    return Values(kept, sources, repeated, sum(map(len, disagreeing)))


def check_varied(examples: Values) -> None:
    """raises: Unusable when all numbers are the same"""
    values = {row.value for row in examples.rows}
    if len(values) < 2:
        raise Unusable(
            f"all examples have the value {values.pop():g}" if values else "no examples are left",
            remedy="give texts with different values, so that there is something to learn",
        )


def check_enough(measured: Values) -> None:
    """raises: Unusable when there are too few rows to take an interval from"""
    if len(measured.rows) < FEWEST:
        raise Unusable(
            f"there are only {len(measured.rows)} different texts to measure with",
            remedy=f"give at least {FEWEST}, from which the interval around a number is taken",
        )


def without(examples: Values, measured: Values) -> Values:
    """The rows whose texts are not measured with: an interval from rows that were trained on would be too narrow."""
    held = {(same(row.text), same(row.entity)) for row in measured.rows}
    kept = tuple(row for row in examples.rows if (same(row.text), same(row.entity)) not in held)
    return replace(examples, rows=kept)


def _read(path: Path, task: Task) -> Iterator[Valued]:
    for row in read_rows(path):
        text, entity = row.fields.get("text"), row.fields.get("entity")
        if not isinstance(text, str) or not text.strip():
            raise BadRow(path, row.line, 'has no "text"')
        named = entity.strip() if task.with_entity and isinstance(entity, str) else ""
        yield Valued(text.strip(), _number(path, row), named)


def _number(path: Path, row: Row) -> float:
    name = "value" if "value" in row.fields else "label"
    given = row.fields.get(name)
    if given is None or (isinstance(given, str) and not given.strip()):
        raise BadRow(path, row.line, 'has no "value"; leave out rows without one')
    try:
        if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
            raise ValueError  # true and lists are no numbers either
        number = float(given)
    except (ValueError, OverflowError) as error:
        raise BadRow(path, row.line, f"has a {name} that is no number, {given!r:.80}; write it like 4.5") from error
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise BadRow(path, row.line, f"has a {name} that is not finite, or larger than {LARGEST:g}")
    return number
