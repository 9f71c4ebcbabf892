"""The key of `trivium demo`: made once, kept in a file that only its owner reads. Not for production."""

import os
from datetime import datetime
from pathlib import Path

from core.auth.keys import create_key, find_key
from core.auth.scopes import ADMIN
from core.database import Database

FILE = "demo-key"


def demo_key(database: Database, home: Path, now: datetime) -> str:
    """A key that works, the same at every start: read from the file, or made when the file's key is not in force.

    home: folder of the state; the key lies there in the clear, readable by its owner alone (mode 600)
    """
    path = home / FILE
    if path.exists():
        kept = path.read_text(encoding="ascii", errors="replace").strip()
        found = find_key(database, kept)
        if found is not None and found.is_valid(now):
            return kept
    made = create_key(database, "demo", [ADMIN], known_scopes=(), now=now)
    home.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{made.key}\n")
    return made.key
