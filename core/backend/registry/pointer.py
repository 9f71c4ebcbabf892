"""Which version of a model is active, and which were before: one small file, replaced at once."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.backend.registry.durable import drop_parts, replace_file
from core.backend.registry.errors import DamagedPointer

FILE = "active.json"
MOST_BEFORE = 100

Number = Annotated[int, Field(ge=0)]


class Pointer(BaseModel):
    """version: the active one;  before: those that were active until then, latest last"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Number
    before: tuple[Number, ...] = ()

    def moved(self, version: int) -> "Pointer":
        """The pointer after a promotion.

        >>> Pointer(version=1).moved(3).moved(2)
        Pointer(version=2, before=(1, 3))
        """
        return Pointer(version=version, before=(*self.before, self.version)[-MOST_BEFORE:])


def read_pointer(folder: Path) -> Pointer | None:
    """The pointer in a model's folder, None when there is none.

    raises: DamagedPointer
    """
    try:
        return Pointer.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise DamagedPointer(folder.name) from error


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Replace the pointer. Only under the model's lock."""
    drop_parts(folder, FILE)
    replace_file(folder / FILE, pointer.model_dump_json().encode())
