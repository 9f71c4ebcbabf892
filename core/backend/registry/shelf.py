"""Which models, versions and pointers there are, as the disk says now. Writes nothing but folders and locks."""

import difflib
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from core.backend.registry.card import Card
from core.backend.registry.contents import CARD
from core.backend.registry.durable import locked
from core.backend.registry.errors import NoSuchModel, NoSuchVersion
from core.backend.registry.pointer import Pointer, read_pointer
from core.backend.registry.versions import NAME, Version, check_name

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_DELETED = re.compile(r"([1-9][0-9]{0,8})\.deleted")
_log = logging.getLogger(__name__)


class Shelf:
    """The folder of all models, with those that came with the package.

    shipped: finished version directories; each is version 0 of the name on its card
    """

    def __init__(self, folder: Path, shipped: Sequence[Path]) -> None:
        self.folder = folder
        self._shipped = tuple(shipped)

    def names(self) -> list[str]:
        """Every name that has a version, in order."""
        found = set(self._in_package)
        if self.folder.is_dir():
            found |= {path.name for path in self.folder.iterdir() if re.fullmatch(NAME, path.name)}
        return sorted(name for name in found if self.numbers(name))

    def numbers(self, name: str) -> list[int]:
        """The versions of a name, in order; none when it is unknown."""
        found = [0] if name in self._in_package else []
        folder = self.folder / name
        if folder.is_dir():
            found += [int(path.name) for path in folder.iterdir() if _NUMBER.fullmatch(path.name) and path.is_dir()]
        return sorted(found)

    def held(self, name: str) -> list[int]:
        """As `numbers`. raises: BadReference; NoSuchModel, naming near ones"""
        if not (held := self.numbers(check_name(name))):
            raise NoSuchModel(name, difflib.get_close_matches(name, self.names()))
        return held

    def held_with(self, version: Version) -> list[int]:
        """What is held now, under the lock. raises: NoSuchVersion when another process deleted the version meanwhile"""
        held = self.numbers(version.name)
        if version.number not in held:
            raise NoSuchVersion(version.name, version.number, held, deleted=True)
        return held

    def deleted(self, name: str) -> list[int]:
        """Numbers that were taken once."""
        folder = self.folder / name
        found = (_DELETED.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
        return [int(match[1]) for match in found if match]

    def active(self, name: str, held: Sequence[int]) -> int:
        """The number that the pointer names; without a pointer, the oldest there is. raises: DamagedPointer"""
        pointer = read_pointer(self.folder / name)
        return pointer.version if pointer else held[0]

    def before(self, name: str) -> Pointer | None:
        """The pointer as it would be after going back; None where nothing was active before. raises: DamagedPointer"""
        pointer = read_pointer(self.folder / name)
        before, numbers = list(pointer.before) if pointer else [], self.numbers(name)
        while before:
            number = before.pop()
            if pointer and number != pointer.version and number in numbers:
                return Pointer(version=number, before=tuple(before))
        return None

    def version(self, name: str, number: int) -> Version:
        """A version that is held."""
        return Version(name, number, self.folder / name / str(number) if number else self._in_package[name])

    @contextmanager
    def alone(self, name: str) -> Iterator[Path]:
        """Hold a name's lock: yields its folder, while nobody else writes to it."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            yield folder

    @cached_property
    def _in_package(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in self._shipped:
            try:
                name = Card.model_validate_json((path / CARD).read_bytes()).name
            except (OSError, ValidationError):
                _log.warning("a model that came with the package has no readable card")
                name = path.name  # so that asking for it says what is damaged
            if re.fullmatch(NAME, name):
                found[name] = path
        return found
