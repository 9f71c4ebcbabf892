"""A house of its own for a measurement: an empty database, and the converted model that is there already."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import Settings


@contextmanager
def scratch_home(settings: Settings) -> Iterator[Settings]:
    """Settings of a new home that goes afterwards. Converting the model is not part of what is measured."""
    with tempfile.TemporaryDirectory(prefix="trivium-bench-") as folder:
        home = Path(folder)
        runtimes = settings.home / "runtimes"
        runtimes.mkdir(parents=True, exist_ok=True)
        (home / "runtimes").symlink_to(runtimes)
        yield settings.model_copy(update={"home": home, "database_url": None})
