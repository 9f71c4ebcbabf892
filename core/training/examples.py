"""Read examples for training: what is wrong with them is said before an hour is spent. Knows no model."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.outcomes import Labelled
from core.rows import BadRow, Row, read_rows
from core.tasks import Reader, Task
from core.training.held_out import same
from core.training.sources import Source, Unusable, fingerprint, gather

LONGEST_LABEL = 200  # characters


@dataclass(frozen=True)
class Examples:
    """Labelled texts. repeated: rows that said the same again, used once

    conflicting: rows left out because the same text stands there under several labels
    """

    rows: tuple[Labelled, ...]
    sources: tuple[Source, ...]
    repeated: int = 0
    conflicting: int = 0

    @property
    def labels(self) -> list[str]:
        """Every label that occurs, sorted; out of scope is none."""
        return sorted({row.label for row in self.rows if row.label is not None})

    @property
    def fingerprint(self) -> str:
        """Names the data."""
        return fingerprint(self.sources)


def read_examples(paths: Sequence[Path], task: Task) -> Examples:
    """Rows `{"text", "label", "entity"?}`, or those that the task's reader knows; a label of null is out of scope.

    raises: Invalid naming the file or line that cannot be used, Unusable when nothing is left
    """
    rows, sources = gather(
        paths, lambda path: _read(path, task), lacking="rows", remedy='put rows with a "text" and a "label" into it'
    )
    found: dict[tuple[str, str], Counter[str | None]] = {}
    for row in rows:
        found.setdefault((row.text, row.entity), Counter())[row.label] += 1
    kept = tuple(
        Labelled(text=text, label=next(iter(labels)), entity=entity)
        for (text, entity), labels in found.items()
        if len(labels) == 1
    )
    conflicting = sum(labels.total() for labels in found.values() if len(labels) > 1)
    repeated = len(rows) - len(kept) - conflicting
    return Examples(kept, sources, repeated, conflicting)


def check_trainable(examples: Examples, task: Task) -> None:
    """raises: Unusable when there are fewer than two labels, or one that the task does not know"""
    labels = examples.labels
    if task.labels and (odd := [label for label in labels if label not in task.labels]):
        raise Unusable(
            f"the label {odd[0]!r:.80} is none of the task's ({', '.join(task.labels)})", remedy="correct the file"
        )
    if len(labels) < 2:
        only = f"only the label {labels[0]!r:.80}" if labels else "no label"
        raise Unusable(
            f"the examples have {only}", remedy="give at least two labels, so that there is a choice to learn"
        )


def check_known(examples: Examples, labels: Sequence[str]) -> None:
    """raises: Unusable when rows for measuring have a label that was not trained"""
    if odd := sorted(set(examples.labels) - set(labels)):
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        raise Unusable(
            f"the label {odd[0]!r:.80}{more} does not occur in training",
            remedy="correct its spelling, add examples of it, or label such rows null (out of scope)",
        )


def without(examples: Examples, measured: Examples) -> Examples:
    """Leave out what stands among the rows that are measured with.

    raises: Unusable when a label would then have no example
    """
    held = {(same(row.text), same(row.entity)) for row in measured.rows}
    kept = tuple(row for row in examples.rows if (same(row.text), same(row.entity)) not in held)
    left = replace(examples, rows=kept)
    if gone := sorted(set(examples.labels) - set(left.labels)):
        raise Unusable(
            f"every example of {gone[0]!r:.80} stands among the validation rows too",
            remedy="leave --valid out, and a part is held out by itself; or give other rows to measure with",
        )
    return left


def read_asked(path: Path, task: Task) -> tuple[list[Row], list[Labelled]]:
    """The rows of a file as they stand there, and each as the task reads it, without its label.

    raises: Invalid naming the file or line that cannot be used
    """
    rows = list(rows_of(path, task))
    return rows, [_asked(path, row, task) for row in rows]


def _asked(path: Path, row: Row, task: Task) -> Labelled:
    fields = fields_of(path, row, task)
    if not isinstance(text := fields.get("text"), str):
        raise BadRow(path, row.line, 'has no "text"')
    return Labelled(text=text, entity=str(fields.get("entity") or "") if task.with_entity else "")


def _read(path: Path, task: Task) -> Iterator[Labelled]:
    for row in rows_of(path, task):
        fields = fields_of(path, row, task)
        text, label, entity = (fields.get(name) for name in ("text", "label", "entity"))
        if not isinstance(text, str) or not text.strip():
            raise BadRow(path, row.line, 'has no "text"')
        if "label" not in fields:
            raise BadRow(path, row.line, 'has no "label"; write null for out of scope')
        if isinstance(label, bool | int):  # class numbers
            label = str(label)
        if label is not None and not isinstance(label, str):
            raise BadRow(path, row.line, "has a label that is neither a text nor null")
        if label is not None and len(label) > LONGEST_LABEL:
            raise BadRow(path, row.line, f"has a label of more than {LONGEST_LABEL} characters")
        if label is not None and not label.strip():
            label = None  # how a CSV file writes null
        if entity is not None and not (task.with_entity and isinstance(entity, str)):
            entity = None
        yield Labelled(text=text.strip(), label=label.strip() if label else None, entity=(entity or "").strip())


def rows_of(path: Path, task: Task) -> Iterator[Row]:
    """raises: as `core.rows.read_rows`; a column "text" is asked for where no reader knows others"""
    return read_rows(path, "text" if task.reader is None else None)


def fields_of(path: Path, row: Row, task: Task) -> Mapping[str, Any]:
    """A row by the names that training knows. raises: BadRow when the task's reader cannot read it"""
    return row.fields if task.reader is None else asdict(_by(task.reader, path, row))


def _by(reader: Reader, path: Path, row: Row) -> Labelled:
    try:
        if not isinstance(found := reader(row.fields), Labelled):
            raise TypeError("the reader gave no row")
        return found
    except KeyError as error:
        raise BadRow(path, row.line, f'has no "{error.args[0]}"') from error
    except ValueError as error:
        raise BadRow(path, row.line, str(error)) from error
    except Exception as error:  # a stranger's reader may stumble in any way over a row; which one it was must be said
        raise BadRow(path, row.line, f"cannot be read by the task ({type(error).__name__}: {error})") from error
