"""The files that training reads: which bytes they had, and whether they still have them. Knows no rows."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.errors import Conflict, Invalid

Item = TypeVar("Item")


class Unusable(Invalid):
    """Examples from which nothing can be learned."""


class Changed(Conflict):
    """A data file is not what it was when training began."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} changed while it was trained on", remedy="start again; nothing was published")


@dataclass(frozen=True)
class Source:
    """A data file. sha256: of its bytes;  rows: how many it gave"""

    path: Path
    sha256: str
    rows: int

    def check(self) -> None:
        """raises: Changed when the file has other bytes now"""
        if not self.path.is_file() or digest(self.path) != self.sha256:
            raise Changed(self.path)


def gather(
    paths: Sequence[Path], read: Callable[[Path], Iterable[Item]], *, lacking: str, remedy: str
) -> tuple[list[Item], tuple[Source, ...]]:
    """What all the files hold, in order, and which bytes they had.

    lacking: what is missing when there is nothing in any of them, e.g. "rows"
    raises: what reading raises; Unusable when there is nothing
    """
    items: list[Item] = []
    sources = []
    for path in paths:
        before = len(items)
        items += read(path)
        sources.append(Source(path, digest(path), len(items) - before))
    if paths and not items:
        raise Unusable(f"{paths[0].name} has no {lacking}", remedy=remedy)
    return items, tuple(sources)


def digest(path: Path) -> str:
    """returns: the SHA-256 of a file's bytes"""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(sources: Sequence[Source]) -> str:
    """Names the data: SHA-256 over the files' own."""
    return hashlib.sha256(" ".join(source.sha256 for source in sources).encode()).hexdigest()
