"""Versions copied out of the registry: as a directory or as one archive, all of it or nothing. Changes no model."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.backend.registry.archive import pack
from core.backend.registry.contents import MANIFEST
from core.backend.registry.durable import part_beside, sync, sync_tree, writing
from core.backend.registry.errors import DamagedModel, TargetTaken
from core.backend.registry.versions import Version


def export_folder(version: Version, target: Path) -> Path:
    """Copy the files into a directory that does not exist or is empty.

    returns: the directory, as an absolute path
    raises: TargetTaken, DamagedModel, DiskFull, CannotWrite
    """
    empty = target.is_dir() and not target.is_symlink() and not any(target.iterdir())
    with _appearing(target, free=empty) as part:
        copy_files(version.path, part, [MANIFEST, *version.manifest.files])
        if fault := version.manifest.fault(part):
            raise DamagedModel(version.name, version.number, *fault)
        sync_tree(part)
    return target.absolute()


def export_archive(version: Version, target: Path) -> Path:
    """Write the files as one .tar.gz; the same version gives the same bytes.

    returns: the archive, as an absolute path
    raises: TargetTaken, DamagedModel, DiskFull, CannotWrite
    """
    files, trained_s = [MANIFEST, *version.manifest.files], int(version.card.trained_at.timestamp())
    with _appearing(target) as part, part.open("xb") as file:
        pack(version.path, files, file, top=f"{version.name}-{version.number}", modified_s=trained_s)
        file.flush()
        os.fsync(file.fileno())
    return target.absolute()


def copy_files(source: Path, target: Path, files: Sequence[str]) -> None:
    """Copy these files, with their folders, into a directory, which is made when missing."""
    target.mkdir(exist_ok=True)
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / path)


@contextmanager
def _appearing(target: Path, *, free: bool = False) -> Iterator[Path]:
    """A path beside the target to write to; it becomes the target at the end, or goes when anything fails.

    free: the target is known to be nothing that could be lost
    """
    target = target.absolute()
    if not free and (target.exists() or target.is_symlink()):
        raise TargetTaken(target)
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = part_beside(target)
        try:
            yield part
            part.rename(target)
        finally:
            shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        sync(target.parent)
