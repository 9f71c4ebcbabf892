"""Write a result file whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import TriviumError


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write beside and rename, so that a full disk leaves what was there.

    raises: TriviumError when it cannot be written
    """
    with drafted(path) as draft:
        draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """A file beside, to be written; renamed at the end, or removed on any error.

    raises: TriviumError when it cannot be written
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        yield draft
        draft.replace(path)
    except OSError as error:
        raise TriviumError(
            f"{path} cannot be written ({error.strerror})", remedy="check the folder and disk"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
