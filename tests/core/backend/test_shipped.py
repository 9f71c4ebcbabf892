"""What comes with the package is whole, small, licensed, and what trainings begin with."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.models import open_registry
from core.backend.shipped import shipped_versions
from core.backend.trained import of_labels, opened_model
from core.outcomes import Labelled
from core.settings import Settings
from core.tasks import BUILT_IN, find_task
from core.training.bases import further
from core.training.recipe import Recipe

MOST_BYTES = 20_000_000
FREE = {"mit", "apache-2.0", "cc-by-3.0", "cc-by-4.0", "cdla-permissive-2.0", "odc-by"}


def test_every_shipped_version_is_what_was_published(settings: Settings):
    registry = open_registry(settings)
    names = registry.names()
    assert len(names) == len(shipped_versions()) > 0
    for name in names:
        version = registry.open(f"{name}@0")  # raises when a byte is another
        made = version.card.command
        if made.startswith("trivium models average "):  # then the notes say how each part was trained
            assert version.card.notes.count("made by `trivium train ") == made.count("--share ") > 1
        else:
            assert made.startswith("trivium train ")
        assert {data.licence for data in version.card.data} <= FREE


def test_together_they_are_small():
    sizes = [path.stat().st_size for folder in shipped_versions() for path in folder.rglob("*") if path.is_file()]
    assert 0 < sum(sizes) < MOST_BYTES


def test_what_a_task_begins_with_is_shipped(settings: Settings):
    shipped = set(open_registry(settings).names())
    assert {task.start for task in BUILT_IN} - {""} <= shipped


def test_another_backbone_and_small_methods_begin_with_themselves(settings: Settings):
    registry, intent, bundled = open_registry(settings), find_task("intent"), open_checkpoint(settings)
    another = replace(bundled, fingerprint="another")
    assert further(another, intent, Recipe(), registry, settings.home) is another
    for method in ("lora", "head"):
        chosen = Recipe.model_validate({"method": method})
        assert further(bundled, intent, chosen, registry, settings.home) is bundled


@pytest.mark.integration
def test_a_whole_training_begins_with_what_is_known_of_its_trade(warm_home: Path):
    settings = Settings(home=warm_home)
    registry, intent, bundled = open_registry(settings), find_task("intent"), open_checkpoint(settings)
    begun = further(bundled, intent, Recipe(), registry, warm_home)
    assert isinstance(begun, Checkpoint)
    assert (begun.dim, begun.pooling) == (bundled.dim, bundled.pooling)
    assert begun.fingerprint != bundled.fingerprint


@pytest.mark.integration
def test_what_is_shipped_can_be_asked(warm_home: Path):
    with opened_model("assistant-intents", Settings(home=warm_home, precision="float")) as model:
        said = of_labels(model).predict([Labelled("how do I say thank you in Spanish"), Labelled("asdf qwer")])
    assert [one.label for one in said] == ["translate", None]
