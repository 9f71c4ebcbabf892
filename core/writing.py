"""Write a result file whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import TriviumError


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write beside and rename, so that a full disk leaves what was there.

    raises: TriviumError when it cannot be written
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise TriviumError(
            f"{path} cannot be written ({error.strerror})", remedy="check the folder and disk"
        ) from error
