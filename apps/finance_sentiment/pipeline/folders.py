"""Watched folders: which may be watched, and which of their files are new. Each file is read once, by its content."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from apps.finance_sentiment.errors import BadFolder
from apps.finance_sentiment.pipeline.document_files import is_readable
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.source_tables import SourceFileRow
from core.settings import Settings

RESTS_S = 2.0
"""A file that changed later than so many seconds ago may still be written."""


@dataclass(frozen=True)
class NewFile:
    """A file whose content was not read before. stamp: when it was changed, nanoseconds;  digest: of its content"""

    path: Path
    size: int
    stamp: int
    digest: str

    def noted(self, source: str, documents: int, reason: str, now: datetime) -> SourceFileRow:
        """As it is noted once it was read, or could not be."""
        return SourceFileRow(
            source_id=source,
            digest=self.digest,
            name=self.path.name,
            size=self.size,
            stamp=self.stamp,
            documents=documents,
            reason=reason,
            read_at=now,
        )


def roots(house: Settings) -> tuple[Path, ...]:
    """Folders in and below which sources may watch."""
    return FinanceSettings.of(house).watched_folders or (house.home / "inbox",)


def allowed(address: str, within: Sequence[Path]) -> Path:
    """A folder's own path, links followed. raises: BadFolder where it may not be watched, or is none"""
    path = Path(address).expanduser()
    try:
        found = path.resolve()
    except (OSError, ValueError, RuntimeError):
        raise BadFolder("the folder's path cannot be read", remedy="check it") from None
    if not path.is_absolute() or not any(found.is_relative_to(root.resolve()) for root in within):
        places = ", ".join(map(str, within))
        raise BadFolder(
            f"folders may be watched in {places:.300} only",
            remedy="use one there, or add yours to the setting `watched_folders`",
        )
    if not found.is_dir():
        raise BadFolder(f"there is no folder {address:.200}", remedy="make it, or check the path")
    return found


def new_files(folder: Path, known: Iterable[SourceFileRow], now: datetime) -> Iterator[NewFile]:
    """Files of a folder that are not known, by name. What lies in folders below, or leads elsewhere, is left alone."""
    seen = {(row.name, row.size, row.stamp) for row in known}
    digests = {row.digest for row in known}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink() or not path.is_file() or not is_readable(path):
            continue
        try:
            state = path.stat()
        except FileNotFoundError:
            continue  # taken away since the folder was listed
        if (path.name, state.st_size, state.st_mtime_ns) in seen or now.timestamp() - state.st_mtime < RESTS_S:
            continue
        digest = _digest(path, state.st_size, state.st_mtime_ns)
        if digest not in digests:
            digests.add(digest)
            yield NewFile(path, state.st_size, state.st_mtime_ns, digest)


def stands(folder: Path, row: SourceFileRow) -> bool:
    """Whether a file lies there still as it was noted."""
    try:
        state = (folder / row.name).stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (row.size, row.stamp)


def _digest(path: Path, size: int, stamp: int) -> str:
    try:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError:  # who reads it will say why it cannot be opened; until it changes it is noted by what is seen of it
        return hashlib.sha256(f"{path.name}\n{size}\n{stamp}".encode()).hexdigest()
