"""Folders in which versions are made: gone when left, swept when their process was killed. Publishes nothing."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from core.backend.registry.durable import locked, writing

DAY_S = 86_400.0


@contextmanager
def draft_in(folder: Path, name: str, now: datetime) -> Iterator[Path]:
    """A fresh directory in `folder`, removed at the end with all that is still in it. Sweeps leftovers first."""
    with writing(folder.parent):
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder, now)
        path = folder / f"{name}-{secrets.token_hex(6)}"
        lock = _lock_of(path)
        with locked(lock):
            try:
                path.mkdir()
                yield path
            finally:
                shutil.rmtree(path, ignore_errors=True)
                lock.unlink(missing_ok=True)


def discard(path: Path, folder: Path) -> None:
    """Take a directory away at once, then delete it; a kill in between leaves it to the next sweep."""
    folder.mkdir(parents=True, exist_ok=True)
    gone = folder / f"deleted-{secrets.token_hex(6)}"
    path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def sweep(folder: Path, now: datetime) -> None:
    """Remove drafts that are older than a day and whose process is gone: a long training keeps its lock."""
    for path in folder.iterdir():
        draft = path.with_name(path.name.removesuffix(".lock"))
        try:
            if (path != draft and draft.exists()) or now.timestamp() - path.stat().st_mtime < DAY_S:
                continue
        except FileNotFoundError:  # another process sweeps too
            continue
        lock = _lock_of(draft)
        with locked(lock, wait=False) as free:
            if free:
                shutil.rmtree(draft, ignore_errors=True)
                lock.unlink(missing_ok=True)


def _lock_of(draft: Path) -> Path:
    return draft.with_name(f"{draft.name}.lock")
