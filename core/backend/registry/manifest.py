"""What a version consists of, byte for byte: a size and a SHA-256 for every file. Trusts no path that it reads."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.backend.registry.contents import MANIFEST, files_in, objection
from core.backend.registry.errors import RefusedFile

FORMAT = 1


def _plain(path: str) -> str:
    if why := objection(path):
        raise ValueError(why)
    return path


class Stored(BaseModel):
    """One file. bytes: its size"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class Manifest(BaseModel):
    """All files of a version but the manifest itself. files: relative path → what it was when published"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    files: dict[Annotated[str, AfterValidator(_plain)], Stored]

    def fault(self, folder: Path) -> tuple[str, str] | None:
        """The first file that is not as it was published, and what is wrong with it; None when all are.

        Links are refused before their target is read, and files that nobody published are a fault too.
        """
        try:
            present = set(files_in(folder)) - {MANIFEST}
        except RefusedFile as error:
            return "the folder", f"holds a file that does not belong there ({error.fact})"
        for path, stored in self.files.items():
            if path not in present:
                return path, "is missing"
            if (folder / path).stat().st_size != stored.bytes:
                return path, "has another size than when it was published"
            if digest(folder / path) != stored.sha256:
                return path, "does not match its checksum"
        if strange := sorted(present - self.files.keys()):
            return strange[0], "is not in the manifest"
        return None

    def fingerprint(self, without: Iterable[str]) -> str:
        """One SHA-256 for the content of all files but those named."""
        left = sorted(self.files.keys() - set(without))
        return hashlib.sha256("\n".join(f"{self.files[path].sha256} {path}" for path in left).encode()).hexdigest()


def measure(folder: Path, paths: Iterable[str]) -> dict[str, Stored]:
    """Size and SHA-256 of files in a folder."""
    return {path: Stored(sha256=digest(folder / path), bytes=(folder / path).stat().st_size) for path in paths}


def digest(path: Path) -> str:
    """returns: the SHA-256 of a file, in hex"""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
