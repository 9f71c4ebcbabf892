"""Files that are whole or absent, also after a crash, and locks that end with their process (POSIX). Knows no model."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from core.backend.registry.errors import CannotWrite, DiskFull

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Say in a sentence what the system refuses.

    raises: DiskFull; CannotWrite when it is `where`, what it lies in or what lies in it that cannot be written
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(where) from error
        what = Path(os.fsdecode(error.filename or ""))
        if error.errno in _FORBIDDEN and (what.is_relative_to(where) or where.is_relative_to(what)):
            raise CannotWrite(where, error.strerror or "") from error
        raise
    except SafetensorError as error:  # it tells the system's number in words only
        if any(f"(os error {code})" in str(error) for code in _FULL):
            raise DiskFull(where) from error
        raise


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock that the system takes back when the process ends, however it ends.

    path: a file, made when missing
    yields: whether it is held; always so with `wait`
    """
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(descriptor)


def write_file(path: Path, content: bytes) -> None:
    """Write and force to disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file at once: a reader sees the old content or the new, never a part."""
    draft = part_beside(path)
    try:
        write_file(draft, content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def part_beside(path: Path) -> Path:
    """A free hidden name in the same folder, for what is not finished yet."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")


def drop_parts(folder: Path, name: str) -> None:
    """Remove what killed processes left of `name` beside it. Only under the lock that guards writing it."""
    for left in folder.glob(f".{name}.*.part"):
        with suppress(OSError):
            left.unlink()


def sync(path: Path) -> None:
    """Force a file's content, or a folder's list of names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force all files and folders in it to disk, and the folder itself last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)
