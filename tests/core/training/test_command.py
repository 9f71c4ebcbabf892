"""`trivium train`: the same steps whatever is learned, and what is said where a step cannot be taken."""

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from core.backend.checkpoint import Checkpoint
from core.backend.models import open_registry
from core.cli import build_cli
from core.errors import TriviumError
from core.settings import Settings, read_settings
from core.tasks import BUILT_IN, Task
from core.training import command, loop
from core.training.backbone import PooledBackbone
from core.training.command import Order, run
from core.training.objectives import OBJECTIVES
from core.training.pairs import read_pairs
from core.training.recipe import Recipe
from core.training.retrieve import fit_retriever
from core.training.runs import train_runs
from tests.core.training.tiny import PulledPlug, questions, stop_at, written


def quiet(*_: object) -> None:
    """Shows nothing."""


def labelled(path: Path) -> Path:
    """The first word of a passage's subject is the label."""
    rows = [{"text": row["query"], "label": str(row["passage"]).split()[1][:-1]} for row in questions(96)]
    return written(path, [row for row in rows if row["label"] in ("card", "loan", "rent")])


def test_every_task_of_our_own_can_be_trained():
    assert {task.objective for task in BUILT_IN} == set(OBJECTIVES)


def test_labels_are_learned_by_the_same_steps(tiny: Settings, tmp_path: Path):
    data, said = labelled(tmp_path / "rows.jsonl"), list[str]()
    chosen = {"epochs": 10, "learning_rate": 3e-3, "batch": 8, "agreement": 0}
    report = run(Order(task="intent", data=[data], name="wants", chosen=chosen), tiny, said.append, quiet)
    assert report["labels"] == 3
    assert report["metrics"]["accuracy"]["value"] > 0.8
    assert "of 3 labels." in said[0]
    version = open_registry(tiny).get("wants")
    assert version.card.labels == ["card", "loan", "rent"]
    assert version.card.notes.startswith("Calibrated on ")
    assert {"head.json", "head.safetensors", "encoder/model.safetensors"} <= set(version.manifest.files)


def test_a_finished_run_leaves_no_checkpoints(tiny: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    data = written(tmp_path / "pairs.jsonl", questions(40))
    order = Order(task="retrieval", data=[data], name="finder", chosen={"epochs": 3, "batch": 8})
    with pytest.raises(PulledPlug):
        run(order, tiny, quiet, stop_at(2))
    assert list((tiny.home / "training").rglob("*.safetensors"))
    run(order, tiny, quiet, quiet)
    assert not list((tiny.home / "training").rglob("*.safetensors"))


def test_a_kind_that_nobody_trains_is_said_to_be_one(tiny: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "find_task", lambda *_: Task("talk", "To sing.", objective="sing"))  # type: ignore[arg-type]
    with pytest.raises(TriviumError, match="use a task of the kind classify or regress or retrieve or fill-mask"):
        run(Order(task="talk", data=[], name="talker"), tiny, quiet, quiet)


def test_averaged_runs_begin_alike(checkpoint: Checkpoint, tmp_path: Path):
    begun: list[dict[str, torch.Tensor]] = []
    recipe = Recipe(method="lora", runs=2, epochs=1)

    class Seen(Exception):
        """Two networks were made."""

    def begin(_: int) -> tuple[PooledBackbone, loop.Lesson, None]:
        network = PooledBackbone(checkpoint, recipe)
        begun.append({name: value.detach().clone() for name, value in network.trained().items()})
        if len(begun) == 2:
            raise Seen
        return network, Nothing(), None

    with pytest.raises(Seen):
        train_runs(begin, recipe, tmp_path, "Training", quiet)
    assert all(torch.equal(begun[0][name], begun[1][name]) for name in begun[0])


class Nothing:
    """A lesson without examples."""

    size = 0

    def begin(self, epoch: int) -> None:
        """Nothing."""

    def length(self, example: int) -> int:
        return 1

    def loss(self, batch: object) -> torch.Tensor:
        raise AssertionError


def test_two_runs_are_averaged_for_encoders_too(checkpoint: Checkpoint, tmp_path: Path):
    pairs = read_pairs([written(tmp_path / "pairs.jsonl", questions(40))])
    recipe = Recipe(epochs=1, batch=16, learning_rate=1e-3)
    single = [
        fit_retriever(pairs, None, checkpoint, recipe, tmp_path / "one").network.trained(),
        fit_retriever(
            pairs, None, checkpoint, recipe.model_copy(update={"runs": 2}), tmp_path / "two"
        ).network.trained(),
    ]
    assert not all(torch.equal(single[0][name], single[1][name]) for name in single[0])


def test_the_command_trains_and_tells_what_to_do_with_an_encoder(
    backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRIVIUM_MODEL", str(backbone))
    cli, data = build_cli()[0], written(tmp_path / "pairs.jsonl", [*questions(40), questions(1)[0]])
    words = ["train", "retrieval", "--data", str(data), "--name", "finder", "--epochs", "1"]
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert "finder@1 is trained" in done.stdout
    assert "hit_at_1_of_the_backbone" in done.stdout
    assert "rows say the same again and are used once" in done.stderr
    rows = written(tmp_path / "rows.jsonl", [{"text": "lost card", "label": "card"}])
    for asked, sentence in (
        (["predict", "--out", str(tmp_path / "out.jsonl")], r"gives no labels.*trivium models export finder@1 DIR"),
        (["evaluate"], r'rows.jsonl has no "passage"'),
    ):
        with pytest.raises(TriviumError, match=sentence):
            CliRunner().invoke(cli, [*asked, "--model", "finder", "--data", str(rows)], catch_exceptions=False)
    card = json.loads((open_registry(read_settings()).get("finder").path / "card.json").read_text())
    assert card["objective"] == "retrieve"
