"""The models that were trained here, came with the package or were imported: publish, find, choose, carry elsewhere.

TRIVIUM_HOME/models/<name>/<number>/ holds files, manifest.json, card.json and README.md and is never changed;
<name>/active.json says which number is active. A number appears by one rename, the pointer by another, so a kill at any
moment leaves the old state or the new. Numbers are never used twice: <number>.deleted stays behind.
"""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from core.backend.registry.archive import MOST_BYTES, unpack
from core.backend.registry.card import Card
from core.backend.registry.contents import CARD, MANIFEST, PAGE, drop_hidden, files_in
from core.backend.registry.drafts import discard, draft_in
from core.backend.registry.durable import sync, sync_tree, write_file, writing
from core.backend.registry.errors import (
    ActiveVersion,
    CannotImport,
    DamagedModel,
    DamagedPointer,
    EmptyDraft,
    NewerFormat,
    NoSuchVersion,
    NothingBefore,
    ShippedVersion,
)
from core.backend.registry.exports import copy_files, export_archive, export_folder
from core.backend.registry.manifest import Manifest, measure
from core.backend.registry.pointer import FILE, Pointer, read_pointer, write_pointer
from core.backend.registry.shelf import Shelf
from core.backend.registry.versions import Version, check_name, parse_ref
from core.clock import Clock

Stamp = tuple[int, int, int]
"""When a pointer was last replaced: time of change in ns, size, inode."""

OWN = (MANIFEST, CARD, PAGE)


class Registry:
    """All models of one home. Opening it reads nothing; every question is answered from the disk as it is now.

    shipped: finished version directories inside the package; they are version 0 of the name on their card
    """

    def __init__(self, home: Path, clock: Clock, shipped: Sequence[Path] = ()) -> None:
        self.folder = home / "models"
        self._clock = clock
        self._shelf = Shelf(self.folder, shipped)
        self._drafts = self.folder / ".drafts"  # no name starts with a dot
        self._sound: set[tuple[str, int, int]] = set()

    # -- finding

    def names(self) -> list[str]:
        """Every name that has a version, in order."""
        return self._shelf.names()

    def versions(self, name: str) -> list[Version]:
        """All versions of a name, oldest first.

        raises: NoSuchModel, BadReference
        """
        return [self._shelf.version(name, number) for number in self._shelf.held(name)]

    def active(self, name: str) -> Version:
        """The version in use: the one promoted last, else the oldest there is.

        raises: NoSuchModel, NoSuchVersion when somebody removed it by hand, DamagedPointer, BadReference
        """
        return self.get(f"{check_name(name)}@active")

    def get(self, ref: str) -> Version:
        """Find a version; its files are not checked: see `open`.

        ref: "name" or "name@active", "name@latest", "name@3"
        raises: NoSuchModel naming near ones, NoSuchVersion, DamagedPointer, BadReference
        """
        name, which = parse_ref(ref)
        held = self._shelf.held(name)
        match which:
            case "latest":
                number = held[-1]
            case "active":
                number = self._shelf.active(name, held)
            case _:
                number = int(which)
        if number not in held:
            raise NoSuchVersion(name, number, held, deleted=number in self._shelf.deleted(name))
        return self._shelf.version(name, number)

    def open(self, ref: str) -> Version:
        """Find a version and make sure that its files are what was published. Checked once a process and file.

        raises: as `get`, and DamagedModel naming the file
        """
        version = self.get(ref)
        stamps = _stamps(version)  # taken before the files are read: what changes meanwhile is read again next time
        if not stamps <= self._sound:
            version.verify()
            self._sound |= stamps
        return version

    def before(self, name: str) -> int | None:
        """The version to which `rollback` would go back; None where there is none.

        raises: NoSuchModel, DamagedPointer, BadReference
        """
        self._shelf.held(name)
        pointer = self._shelf.before(name)
        return pointer.version if pointer else None

    def active_stamp(self, name: str) -> Stamp | None:
        """Changes with every promotion and rollback; costs one stat.

        returns: None while there is only what came with the package, and for unknown names
        raises: BadReference
        """
        try:
            about = os.stat(self.folder / check_name(name) / FILE)
        except FileNotFoundError:
            return None
        return about.st_mtime_ns, about.st_size, about.st_ino

    # -- making

    def draft(self, name: str) -> AbstractContextManager[Path]:
        """A fresh directory to write a model into, for `publish`; removed at the end with what is still in it.

        raises: BadReference, DiskFull (also for what the caller writes), CannotWrite
        """
        return draft_in(self._drafts, check_name(name), self._clock())

    def publish(self, name: str, draft: Path, card: Card, *, promote: bool = False) -> Version:
        """Make what lies in a draft the next version. The first of its name becomes active, later ones with `promote`.

        draft: from `draft`, or a folder in it; its manifest.json, card.json and README.md are written here
        card: comes out with this name and the version's number
        raises: EmptyDraft, RefusedFile, BadReference, DiskFull, CannotWrite
        """
        if not draft.is_relative_to(self._drafts):
            raise ValueError("publish takes a folder that draft() gave")
        with writing(self.folder):
            drop_hidden(draft)
            files = measure(draft, [path for path in files_in(draft) if path not in OWN])
            if not files:
                raise EmptyDraft(name)
            with self._shelf.alone(check_name(name)) as folder:
                held = self._shelf.numbers(name)
                number = max([*held, *self._shelf.deleted(name), 0]) + 1
                # by validation, not model_copy, which would let a wrong name through
                card = Card.model_validate({**card.model_dump(), "name": name, "version": number})
                write_file(draft / CARD, f"{card.model_dump_json(indent=2)}\n".encode())
                write_file(draft / PAGE, card.to_markdown().encode())
                files |= measure(draft, (CARD, PAGE))
                manifest = Manifest(files=dict(sorted(files.items())))
                write_file(draft / MANIFEST, f"{manifest.model_dump_json(indent=2)}\n".encode())
                sync_tree(draft)
                draft.rename(folder / str(number))
                sync(folder)
                if not held:
                    write_pointer(folder, Pointer(version=number))
                elif promote:
                    self._point(name, number)
        return self._shelf.version(name, number)

    # -- choosing

    def promote(self, ref: str) -> Version:
        """Make a version the active one. Its files are checked first; promoting the active one changes nothing.

        ref: as for `get`, but a bare name means its latest version
        raises: as `open`, and DiskFull, CannotWrite
        """
        version = self.open(ref) if "@" in ref else self.open(f"{ref}@latest")
        with writing(self.folder), self._shelf.alone(version.name):
            self._shelf.held_with(version)
            self._point(version.name, version.number)
        return version

    def rollback(self, name: str) -> Version:
        """Go back to the version that was active before; twice goes two back.

        raises: NothingBefore, DamagedModel when that one is not sound, NoSuchModel, DiskFull, CannotWrite
        """
        self._shelf.held(name)
        with writing(self.folder), self._shelf.alone(name) as folder:
            if (pointer := self._shelf.before(name)) is None:
                raise NothingBefore(name)
            version = self.open(f"{name}@{pointer.version}")
            write_pointer(folder, pointer)
            return version

    def delete(self, ref: str, *, force: bool = False) -> Version:
        """Delete a version for good; its number is not used again.

        force: also when it is the only one of its name
        returns: what it was; its files are gone
        raises: ActiveVersion, ShippedVersion, as `get`, CannotWrite
        """
        version = self.get(ref)
        if version.shipped:
            raise ShippedVersion(version.name)
        with writing(self.folder), self._shelf.alone(version.name) as folder:
            held = self._shelf.held_with(version)
            only = len(held) == 1
            if (only and not force) or (not only and self._shelf.active(version.name, held) == version.number):
                raise ActiveVersion(version.name, version.number, only=only)
            write_file(folder / f"{version.number}.deleted", b"")
            sync(folder)
            discard(version.path, self._drafts)
            if only:
                (folder / FILE).unlink(missing_ok=True)
            sync(folder)
        return version

    # -- carrying elsewhere

    def export(self, ref: str, target: Path) -> Path:
        """Copy a version's files, checked, into a directory that does not exist or is empty. All of it or nothing.

        returns: the directory, as an absolute path
        raises: TargetTaken, as `open`, DiskFull, CannotWrite
        """
        return export_folder(self.open(ref), target)

    def export_archive(self, ref: str, target: Path) -> Path:
        """Write a version as one .tar.gz, which `import_archive` takes elsewhere. All of it or nothing.

        returns: the archive, as an absolute path
        raises: TargetTaken, as `open`, DiskFull, CannotWrite
        """
        return export_archive(self.open(ref), target)

    def import_(self, path: Path, name: str | None = None) -> Version:
        """Publish an exported version, a directory or a .tar.gz, as the next version of its name.

        name: another name than the one on its card
        raises: CannotImport, RefusedFile, BadReference, NewerFormat, DiskFull, CannotWrite
        """
        if not path.is_dir():
            return self.import_archive(path, name)
        with self.draft(name or "import") as draft:
            files = files_in(path)
            for needed in (MANIFEST, CARD):
                if needed not in files:
                    raise CannotImport(path.resolve().name, f"it lacks {needed}")
            copy_files(path, draft, files)
            return self._adopt(draft, name, path.resolve().name)

    def import_archive(self, path: Path, name: str | None = None, *, most_bytes: int = MOST_BYTES) -> Version:
        """As `import_`, for a .tar.gz. most_bytes: most that its files may have together"""
        with self.draft(name or "import") as draft:
            return self._adopt(unpack(path, draft, most_bytes), name, path.name)

    def _adopt(self, root: Path, name: str | None, source: str) -> Version:
        found = Version(name or "import", 0, root)
        try:
            if fault := found.manifest.fault(root):
                raise CannotImport(source, f"{fault[0]} {fault[1]}")
            card = found.card
        except DamagedModel as damage:
            raise CannotImport(source, f"its {damage.file} cannot be read") from damage
        except NewerFormat as newer:
            raise CannotImport(source, "it was written by a newer release", remedy="upgrade this one") from newer
        return self.publish(name or card.name, root, card)

    def _point(self, name: str, number: int) -> None:
        folder = self.folder / name
        try:
            present = read_pointer(folder) or Pointer(version=self._shelf.numbers(name)[0])
        except DamagedPointer:  # a promotion mends it
            write_pointer(folder, Pointer(version=number))
            return
        if present.version != number:
            write_pointer(folder, present.moved(number))


def _stamps(version: Version) -> set[tuple[str, int, int]]:
    """Path, size and time of change of every file; a missing one has none, so it is never known to be sound."""
    found: set[tuple[str, int, int]] = set()
    for path in (MANIFEST, *version.manifest.files):
        try:
            about = (version.path / path).stat()
        except OSError:
            return {("", -1, -1)}
        found.add((str(version.path / path), about.st_size, about.st_mtime_ns))
    return found
