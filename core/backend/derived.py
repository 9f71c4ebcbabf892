"""Folders that are computed once from weights and kept: by another process, so that no server imports torch."""

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from core.backend.registry.durable import locked
from core.errors import Misconfigured


def made_once(
    folder: Path, is_sound: Callable[[Path], bool], module: str, arguments: Callable[[Path], Sequence[str]], what: str
) -> Path:
    """The folder, made when it is missing or no longer sound. Of several processes one makes it, the others wait.

    module: run as `python -m module …`;  arguments: of the draft that it shall fill;  what: "the model could not be …"
    raises: Misconfigured with the last line of what the process said
    """
    if is_sound(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent / f".{folder.name}.lock"):
        if not is_sound(folder):
            _make(folder, module, arguments, what)
    return folder


def _make(folder: Path, module: str, arguments: Callable[[Path], Sequence[str]], what: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    draft = folder.parent / f".draft-{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        command = [sys.executable, "-m", module, *arguments(draft)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise Misconfigured(f"{what} ({last[0]})", remedy="check that it is an encoder's, or import it again")
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
