"""What can go wrong with a registered model, each with what to do about it. Touches no file."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import Conflict, Invalid, Misconfigured, NotFound, TriviumError


class BadReference(Invalid):
    """Words that cannot name a model or a version."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"{ref!r:.80} cannot name a model",
            remedy="write NAME, NAME@3, NAME@active or NAME@latest; a name has up to 64 lower-case letters, digits, "
            "'-', '_' or '.' and starts with a letter or digit",
        )


class NoSuchModel(NotFound):
    """No version of that name. near: names that look like it"""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        nearest = f"the nearest there is: {', '.join(near)}" if near else "`trivium models list` shows what there is"
        super().__init__(f"there is no model {name!r}", remedy=nearest)
        self.near = list(near)


class NoSuchVersion(NotFound):
    """The model has no such version. held: the versions that it has"""

    def __init__(self, name: str, number: int, held: Sequence[int], *, deleted: bool = False) -> None:
        state = "was deleted" if deleted else "does not exist"
        super().__init__(f"version {number} of {name!r} {state}", remedy=f"there is {', '.join(map(str, held))}")


class DamagedModel(TriviumError):
    """A file of a version is not what was published."""

    def __init__(self, name: str, number: int, file: str, what: str) -> None:
        super().__init__(
            f"model {name}@{number} is damaged, {file} {what}",
            remedy=f"import it again, or roll back with `trivium models rollback {name}`",
        )
        self.file = file


class DamagedPointer(TriviumError):
    """The small file that says which version is active cannot be understood."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"active.json of model {name!r} cannot be read",
            remedy=f"say which version is active with `trivium models promote {name}@latest`",
        )


class NewerFormat(Misconfigured):
    """Written by a later release."""

    def __init__(self, ref: str, number: int) -> None:
        super().__init__(
            f"model {ref} is stored in format {number}, which is newer than this release", remedy="upgrade it"
        )


class RefusedFile(Invalid):
    """A file that may not lie in a version."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path!r:.200} is refused, {why}", remedy="leave it out and try again")


class EmptyDraft(Invalid):
    """Nothing to publish."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no file to publish as {name!r}", remedy="write the model into the draft first")


class CannotImport(Invalid):
    """An archive or directory that is not an exported version."""

    def __init__(self, source: str, why: str, remedy: str = "export or fetch it again") -> None:
        super().__init__(f"cannot import {source}, {why}", remedy=remedy)


class ActiveVersion(Conflict):
    """The active version cannot be deleted. only: there is no other one"""

    def __init__(self, name: str, number: int, *, only: bool) -> None:
        if only:
            super().__init__(f"model {name}@{number} is the only one of its name", remedy="say that it may go: force")
        else:
            super().__init__(f"model {name}@{number} is active", remedy="promote another version first, or roll back")


class ShippedVersion(Conflict):
    """What came with the package is read-only."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"model {name}@0 came with the package and stays", remedy="promote a version of your own instead"
        )


class NothingBefore(Conflict):
    """No version was active before the present one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no version of {name!r} that is still here was active before",
            remedy=f"choose one with `trivium models promote {name}@NUMBER`",
        )


class TargetTaken(Conflict):
    """Exporting never writes over anything."""

    def __init__(self, target: Path) -> None:
        super().__init__(f"{target} exists already", remedy="name a new file, or a directory that is new or empty")


class DiskFull(TriviumError):
    """No space left. Nothing half-written stays."""

    status = 507

    def __init__(self, where: Path) -> None:
        super().__init__(f"the disk is full, nothing was kept under {where}", remedy="free some space and try again")


class CannotWrite(Misconfigured):
    """A folder that this process cannot write to. why: the system's words"""

    def __init__(self, where: Path, why: str) -> None:
        super().__init__(f"{where} cannot be written ({why.lower()})", remedy="check it and its permissions")
