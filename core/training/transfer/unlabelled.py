"""Read texts that nobody has labelled, for a teacher to label. Knows no model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.outcomes import Labelled
from core.rows import BadRow
from core.tasks import Task
from core.training.examples import fields_of, rows_of
from core.training.held_out import same
from core.training.sources import Source, gather


@dataclass(frozen=True)
class Unlabelled:
    """Texts without labels, each once."""

    rows: tuple[Labelled, ...]
    sources: tuple[Source, ...]

    def without(self, others: Sequence[Labelled]) -> "Unlabelled":
        """Those that do not stand among others."""
        there = {(same(row.text), same(row.entity)) for row in others}
        kept = tuple(row for row in self.rows if (same(row.text), same(row.entity)) not in there)
        return Unlabelled(kept, self.sources)


def read_unlabelled(paths: Sequence[Path], task: Task) -> Unlabelled:
    """Rows `{"text", "entity"?}`, or as the task reads, or lines of a .txt file; a label there is not looked at.

    raises: Invalid naming the file or line that cannot be used, Unusable when there is no text
    """
    rows, sources = gather(
        paths, lambda path: _read(path, task), lacking="text", remedy='put lines into it, or rows with a "text"'
    )
    return Unlabelled(tuple(dict.fromkeys(rows)), sources)


def _read(path: Path, task: Task) -> Iterator[Labelled]:
    in_lines = path.name.lower().endswith(".txt")
    for row in rows_of(path, task):
        fields = fields_of(path, row, task)
        text, entity = fields.get("text"), fields.get("entity")
        if in_lines and isinstance(text, str) and not text.strip():
            continue
        if not isinstance(text, str) or not text.strip():
            raise BadRow(path, row.line, 'has no "text"')
        named = entity.strip() if task.with_entity and isinstance(entity, str) else ""
        yield Labelled(text=text.strip(), entity=named)
