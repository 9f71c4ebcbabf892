"""One published version: where it lies, what is written about it, whether it is still what it was. Changes nothing."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from core.backend.registry.card import Card
from core.backend.registry.contents import CARD, MANIFEST, PAGE
from core.backend.registry.errors import BadReference, DamagedModel, NewerFormat
from core.backend.registry.manifest import FORMAT, Manifest

NAME = r"[a-z0-9][a-z0-9_.-]{0,63}"
_REF = re.compile(rf"({NAME})(?:@(active|latest|0|[1-9][0-9]{{0,8}}))?")

Read = TypeVar("Read", bound=BaseModel)


@dataclass(frozen=True)
class Version:
    """A version of a model; nobody changes its files. number: 1, 2, 3, …; 0 for the one that came with the package"""

    name: str
    number: int
    path: Path

    @property
    def shipped(self) -> bool:
        """Whether it came with the package."""
        return self.number == 0

    @property
    def ref(self) -> str:
        """What to call it: 'mood@3'."""
        return f"{self.name}@{self.number}"

    @cached_property
    def card(self) -> Card:
        """What is known about it.

        raises: DamagedModel, NewerFormat
        """
        return self._read(CARD, Card)

    @cached_property
    def manifest(self) -> Manifest:
        """Its files.

        raises: DamagedModel, NewerFormat
        """
        return self._read(MANIFEST, Manifest)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what the model is: its files without card and page. Survives export, import and renaming."""
        return self.manifest.fingerprint(without=(CARD, PAGE))

    def verify(self) -> None:
        """Read every byte and compare; 90 MB take 0.1 s.

        raises: DamagedModel naming the file
        """
        if fault := self.manifest.fault(self.path):
            raise DamagedModel(self.name, self.number, *fault)

    def _read(self, file: str, schema: type[Read]) -> Read:
        try:
            raw = (self.path / file).read_bytes()
            plain = from_json(raw)
            found = plain.get("format") if isinstance(plain, dict) else None
            if isinstance(found, int) and found > FORMAT:
                raise NewerFormat(self.ref, found)
            return schema.model_validate_json(raw)
        except OSError as error:
            raise DamagedModel(self.name, self.number, file, "cannot be read") from error
        except (ValidationError, ValueError) as error:
            raise DamagedModel(self.name, self.number, file, "cannot be understood") from error


def parse_ref(ref: str) -> tuple[str, str]:
    """Take a reference apart.

    raises: BadReference

    >>> parse_ref("mood"), parse_ref("mood@3")
    (('mood', 'active'), ('mood', '3'))
    """
    if (found := _REF.fullmatch(ref)) is None:
        raise BadReference(ref)
    return found[1], found[2] or "active"


def check_name(name: str) -> str:
    """raises: BadReference when it cannot name a model"""
    if not re.fullmatch(NAME, name):
        raise BadReference(name)
    return name
