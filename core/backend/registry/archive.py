"""Versions as `.tar.gz`, to be carried elsewhere. Takes from an archive only plain files of known kinds."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, cast

from core.backend.registry.contents import is_hidden, objection
from core.backend.registry.errors import CannotImport, RefusedFile

MOST_BYTES = 4 * 1024**3
MOST_FILES = 1_000
_HEADER = 64 * 1024  # bytes that tarfile may read to find the next member; ours need 512
_STEP = 1024 * 1024


def pack(folder: Path, files: Iterable[str], target: IO[bytes], *, top: str, modified_s: int) -> None:
    """Write files as a .tar.gz in which everything stands under `top/`. Like files give like bytes."""
    # level 1: all-MiniLM's weights shrink to 92 % in 2.4 s of one core; level 9 takes 3.6 s for half a percent more
    with (
        gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=1, mtime=modified_s) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(files):
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size, member.mtime, member.mode = (folder / path).stat().st_size, modified_s, 0o644
            with (folder / path).open("rb") as file:
                tar.addfile(member, file)


def unpack(archive: Path, into: Path, most_bytes: int = MOST_BYTES) -> Path:
    """Unpack into a folder that is empty.

    most_bytes: most that all files may have together
    returns: the folder with the files: `into`, or the only folder in it
    raises: RefusedFile for a member that may not lie in a version; CannotImport for what is no archive or too large
    """
    try:
        raw = archive.open("rb")
    except OSError as error:
        raise CannotImport(archive.name, f"it cannot be opened ({(error.strerror or '').lower()})") from error
    try:
        with raw, gzip.open(raw) as packed:
            _unpack(_Metered(packed), into, most_bytes, archive.name)
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError, OverflowError) as error:
        raise CannotImport(archive.name, "it is not a whole .tar.gz") from error
    inside = list(into.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else into


def _unpack(source: "_Metered", into: Path, most_bytes: int, name: str) -> None:
    source.allowance = _HEADER
    seen = 0
    with tarfile.open(fileobj=cast("IO[bytes]", source), mode="r:") as tar:  # it reads, seeks and tells, no more
        while (member := tar.next()) is not None:
            seen += 1
            most_bytes -= member.size
            if member.size < 0 or most_bytes < 0 or seen > MOST_FILES:
                raise CannotImport(name, "it holds more than a model may")
            if (path := _checked(member)) is not None and (content := tar.extractfile(member)) is not None:
                source.allowance = member.size + _HEADER
                _write(content, into / path, path)
            source.allowance = _HEADER


def _checked(member: tarfile.TarInfo) -> str | None:
    """The path of a file that may be taken, None for what is passed over."""
    path = member.name.removeprefix("./")
    if ".." in path.split("/") or PurePosixPath(path).is_absolute():
        raise RefusedFile(path, "it points out of the archive")
    if member.type == tarfile.DIRTYPE:
        return None
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.sparse is not None:
        raise RefusedFile(path, "it is a link or a special file")
    if is_hidden(path):
        return None
    if why := objection(path):
        raise RefusedFile(path, why)
    return path


def _write(content: IO[bytes], target: Path, path: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            while step := content.read(_STEP):
                file.write(step)
    except (FileExistsError, NotADirectoryError) as error:
        raise RefusedFile(path, "it is in the archive twice") from error


class _Metered(io.RawIOBase):
    """Reads no more than it is allowed to: tarfile would take a header of any size into memory.

    It also goes back no further than tarfile must, one byte: Python 3.11's goes in circles on negative sizes.
    """

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self._furthest = 0
        self.allowance = 0

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self.allowance:
            raise tarfile.ReadError("a header is too large")
        self.allowance -= size
        found = self._source.read(size)
        self._furthest = max(self._furthest, self._source.tell())
        return found

    def seek(self, to: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or to < self._furthest - 1:
            raise tarfile.ReadError("a size is negative")
        return self._source.seek(to)

    def tell(self) -> int:
        return self._source.tell()
