"""Read plain texts to learn words from; a line that cannot be used is named first. Knows no model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.rows import BadRow, read_rows
from core.training.held_out import hold_out
from core.training.sources import Source, Unusable, fingerprint, gather

FEWEST = 20  # different texts


@dataclass(frozen=True)
class Texts:
    """Texts, each once, in order. repeated: how many were left out because they stood there before"""

    rows: tuple[str, ...]
    sources: tuple[Source, ...]
    repeated: int = 0

    @property
    def fingerprint(self) -> str:
        """Names the data."""
        return fingerprint(self.sources)


def read_texts(paths: Sequence[Path]) -> Texts:
    """Lines of a .txt file, of which empty ones part others, or rows `{"text"}`.

    raises: Invalid naming the file or line that cannot be used, Unusable when there is no text
    """
    rows, sources = gather(paths, _read, lacking="text", remedy='put lines into it, or rows with a "text"')
    kept = tuple(dict.fromkeys(rows))
    return Texts(kept, sources, len(rows) - len(kept))


def check_enough(texts: Texts) -> None:
    """raises: Unusable when there are too few texts"""
    if len(texts.rows) < FEWEST:
        raise Unusable(f"there are only {len(texts.rows)} different texts", remedy=f"give at least {FEWEST} of them")


def texts_apart(texts: Texts, valid: Texts | None, seed: int) -> tuple[list[str], list[str]]:
    """Texts to learn from and texts to measure with; none stands in both.

    raises: Unusable when nothing is left to learn from
    """
    held = list(valid.rows) if valid is not None else [texts.rows[at] for at in hold_out(len(texts.rows), seed)]
    among = set(held)
    learned = [text for text in texts.rows if text not in among]
    if not learned:
        raise Unusable("every text stands among the validation rows too", remedy="give other texts to learn from")
    return learned, held


def _read(path: Path) -> Iterator[str]:
    in_lines = path.name.lower().endswith(".txt")
    for row in read_rows(path):
        text = row.fields.get("text")
        if in_lines and isinstance(text, str) and not text.strip():
            continue
        if not isinstance(text, str) or not text.strip():
            raise BadRow(path, row.line, 'has no "text"')
        yield text.strip()
