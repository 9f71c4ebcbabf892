"""What may lie in a version: plain data of known kinds under plain relative paths. Nothing that could run code."""

import re
import shutil
from pathlib import Path

from core.backend.registry.errors import RefusedFile

ENDINGS = (".json", ".safetensors", ".txt", ".md", ".model")
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
MANIFEST, CARD, PAGE = "manifest.json", "card.json", "README.md"
_LONGEST = 200  # characters of a path
_PLAIN = re.compile(r"[A-Za-z0-9_+=@ ,()-][A-Za-z0-9_.+=@ ,()-]*")


def objection(path: str) -> str | None:
    """Why a file of this path, relative with '/', may not lie in a version; None when it may.

    >>> objection("adapter/weights.safetensors"), objection("../weights.safetensors")
    (None, 'its path is not a plain one')
    """
    if len(path) > _LONGEST or not all(_PLAIN.fullmatch(part) for part in path.split("/")):
        return "its path is not a plain one"
    if path.lower().endswith(PICKLED):
        return "pickled files can run code and are never opened: save the weights as safetensors"
    if not path.endswith(ENDINGS):
        return f"a version holds only {' '.join(ENDINGS)}"
    return None


def is_hidden(path: str) -> bool:
    """Whether a system left it there: .DS_Store, ._name and the like, which are passed over, never copied.

    >>> is_hidden("adapter/.DS_Store"), is_hidden("../x"), is_hidden("adapter.json")
    (True, False, False)
    """
    return any(part.startswith(".") and part not in (".", "..") for part in path.split("/"))


def files_in(folder: Path) -> list[str]:
    """Paths of the files in a folder, relative, in order; hidden ones are passed over.

    raises: RefusedFile for a link, a special file, a pickled one or one of unknown kind
    """
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise RefusedFile(relative, "it is a link or a special file")
        if path.is_dir() or is_hidden(relative):
            continue
        if why := objection(relative):
            raise RefusedFile(relative, why)
        found.append(relative)
    return found


def drop_hidden(folder: Path) -> None:
    """Delete what a system left in a folder of ours."""
    for path in sorted(folder.rglob(".*")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
