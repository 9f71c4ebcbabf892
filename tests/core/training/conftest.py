"""A tiny backbone in a directory, and a recipe that is quick with it."""

from pathlib import Path

import pytest

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.settings import Settings
from tests.core.training.tiny import save_backbone


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an untrained encoder."""
    return save_backbone(tmp_path_factory.mktemp("backbone"))


@pytest.fixture
def tiny(settings: Settings, backbone: Path) -> Settings:
    """Settings under which that encoder is the backbone, unconverted: that would take longer than most trainings."""
    return settings.model_copy(update={"model": str(backbone), "runtime": "torch"})


@pytest.fixture
def checkpoint(tiny: Settings) -> Checkpoint:
    """That encoder."""
    return open_checkpoint(tiny)
