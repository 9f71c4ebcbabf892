"""A registry in a folder of its own."""

from pathlib import Path

import pytest

from core.backend.registry import Registry
from core.testing.fakes import FixedClock


@pytest.fixture
def registry(tmp_path: Path, clock: FixedClock) -> Registry:
    return Registry(tmp_path / "home", clock)
