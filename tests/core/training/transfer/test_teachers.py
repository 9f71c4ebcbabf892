"""Distillation: a student learns what its teachers say, also of texts that nobody labelled."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import WrongBackbone, open_classifier
from core.backend.models import open_registry
from core.errors import TriviumError
from core.outcomes import Labelled
from core.settings import Settings
from core.training.classify import distillation
from core.training.command import Order, run
from core.training.loop import Progress
from core.training.objectives.elsewhere import Elsewhere
from core.training.sources import Changed
from core.training.transfer import teachers
from core.training.transfer.teachers import ask, find_teachers
from tests.core.training.tiny import messages, registered, save_backbone, written

LABELS = ["card", "parcel", "refund"]
ROWS = messages(24)
FEW = ROWS[:12]
TEXTS = [row for row in messages(60, seed=4) if row not in ROWS]
TEST = [Labelled(row["text"], row["label"]) for row in messages(60, seed=5) if row not in [*ROWS, *TEXTS]]


def quiet(*_: object) -> None:
    """Says nothing."""


def made(folder: Path, name: str, rows: list[dict[str, object]], base: str = "", **more: Any) -> Order:
    """more: `chosen` of the recipe, and what comes from elsewhere"""
    data, valid = written(folder / f"{name}.jsonl", rows), written(folder / "valid.jsonl", ROWS[36:])
    chosen = {"epochs": 8, "learning_rate": 2e-3, "batch": 16, **more.pop("chosen", {})}
    return Order("intent", (data,), name, (valid,), chosen=chosen, base=base, elsewhere=Elsewhere(**more))


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    return partial(made, tmp_path)


@pytest.fixture(scope="module")
def house(backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a good teacher, trained once for all tests."""
    folder = tmp_path_factory.mktemp("house")
    settings = Settings(home=folder / "home", model=str(backbone), runtime="torch")
    run(made(folder, "big", ROWS), settings, quiet, quiet)
    return settings.home


@pytest.fixture
def taught(tiny: Settings, house: Path) -> Settings:
    """Settings of a house of the test's own with that teacher."""
    shutil.copytree(house, tiny.home, dirs_exist_ok=True)
    return tiny


def said(settings: Settings, ref: str, rows: list[Labelled]) -> np.ndarray:
    classifier = open_classifier(open_registry(settings).open(ref), open_checkpoint(settings), settings)
    shares = np.array([[one.probabilities[label] for label in LABELS] for one in classifier.predict(rows)])
    classifier.close()
    return shares


def test_the_loss_is_the_divergence_of_the_softened_probabilities():
    taught = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]).log()
    counted = torch.tensor([True, True])
    assert distillation(taught + 3.0, taught, counted, 2.0).item() == pytest.approx(0.0, abs=1e-6)
    p = np.sqrt([0.7, 0.2, 0.1]) / np.sqrt([0.7, 0.2, 0.1]).sum()
    expected = 4 * (p * np.log(p * 3)).sum() / 2  # T² · KL against an even student, the second row passed over
    found = distillation(torch.zeros(2, 3), taught, torch.tensor([True, False]), 2.0).item()
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_student_with_a_teacher_and_texts_is_better_than_one_without(
    taught: Settings, order: Callable[..., Order], tmp_path: Path
):
    texts = written(tmp_path / "texts.jsonl", [{"text": row["text"]} for row in [*TEXTS, *FEW]])
    lines: list[str] = []
    run(order("alone", FEW), taught, quiet, quiet)
    report = run(order("small", FEW, teachers=["big"], unlabelled=[texts]), taught, lines.append, quiet)
    assert (report["unlabelled"], report["teachers"]) == (len(TEXTS), 1)  # the examples' own texts are no others
    truth = np.array([LABELS.index(str(row.label)) for row in TEST])
    right = {ref: (said(taught, ref, TEST).argmax(axis=1) == truth).mean() for ref in ("big", "small", "alone")}
    assert right["alone"] + 0.05 < right["small"], right
    card, teacher = open_registry(taught).get("small").card, open_registry(taught).get("big")
    assert f"Taught by big@1 (fingerprint {teacher.fingerprint})." in card.notes
    assert "big@1 was trained on rows that are measured" not in card.notes
    assert {data.name for data in card.data} == {"small.jsonl", "texts.jsonl"}
    assert card.recipe["distillation_alpha"] == 0.5


def test_several_teachers_are_asked_for_their_mean(taught: Settings, order: Callable[..., Order]):
    run(order("other", ROWS, chosen={"seed": 9, "epochs": 2}), taught, quiet, quiet)
    found = find_teachers(["big", "other@1"], LABELS, open_registry(taught), [taught])
    logs = ask(found, TEST[:20], LABELS, quiet).logs
    mean = (said(taught, "big", TEST[:20]) + said(taught, "other", TEST[:20])) / 2
    assert np.abs(np.exp(logs) - mean).max() < 1e-4


def test_a_student_may_stand_on_another_backbone_than_its_teacher(
    taught: Settings, order: Callable[..., Order], tmp_path: Path
):
    run(order("light", ROWS, chosen={"method": "lora", "epochs": 1}), taught, quiet, quiet)
    (tmp_path / "smaller").mkdir()
    smaller = save_backbone(tmp_path / "smaller", layers=1)
    run(order("small", FEW, base=str(smaller), teachers=["light"], chosen={"epochs": 1}), taught, quiet, quiet)
    card = open_registry(taught).get("small").card
    assert card.base.fingerprint != open_checkpoint(taught).fingerprint
    elsewhere = taught.model_copy(update={"model": str(smaller)})
    with pytest.raises(WrongBackbone, match="light@1 was trained on the backbone"):
        run(order("small", FEW, teachers=["light"]), elsewhere, quiet, quiet)


def test_what_does_not_go_together_is_said_before_any_work(
    taught: Settings, order: Callable[..., Order], tmp_path: Path
):
    texts = written(tmp_path / "texts.jsonl", [{"text": "my card"}])
    bad = written(tmp_path / "bad.jsonl", [{"text": "my card"}, {"text": " "}])
    more = [*FEW, {"text": "my cat", "label": "cat"}]
    fewer = [row for row in FEW if row["label"] != "card"]
    for one, sentence in (
        (
            order("cats", more, teachers=["big"]),
            "the examples have the label 'cat', which the teacher big@1 does not know",
        ),
        (order("s", FEW, unlabelled=[texts]), "name who shall, with --teacher"),
        (order("s", FEW, teachers=["nobody"]), "nobody"),
        (order("s", FEW, teachers=["big"], unlabelled=[bad]), 'Line 2 of bad.jsonl has no "text"'),
    ):
        with pytest.raises(TriviumError) as raised:
            run(one, taught, quiet, quiet)
        assert sentence.lower() in str(raised.value).lower()
    with pytest.raises(TriviumError, match="teacher big@1 knows the label 'card', which the examples do not have"):
        find_teachers(["big"], sorted({str(row["label"]) for row in fewer}), open_registry(taught), [taught])
    with pytest.raises(TriviumError, match="--teacher is for tasks of labels, and retrieval is none"):
        run(Order("retrieval", (texts,), "f", elsewhere=Elsewhere(teachers=["big"])), taught, quiet, quiet)


class Cut(Exception):
    """As if the power failed."""


def test_a_run_that_was_cut_off_asks_no_teacher_again_and_ends_the_same(
    taught: Settings, order: Callable[..., Order], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.training.loop.CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr("core.training.loop.REPORT_EVERY_S", 0.0)
    texts = written(tmp_path / "texts.jsonl", TEXTS)
    asked: list[int] = []
    counting = teachers.ask

    def count(*about: object) -> object:
        asked.append(1)
        return counting(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(teachers, "ask", count)

    def cut(stage: str, at: Progress) -> None:
        if stage == "Training" and at.step == 5:
            raise Cut

    asking = order("small", FEW, teachers=["big"], unlabelled=[texts], chosen={"epochs": 2})
    with pytest.raises(Cut):
        run(asking, taught, quiet, cut)
    run(asking, taught, quiet, quiet)
    assert len(asked) == 1
    run(asking, taught, quiet, quiet)
    versions = open_registry(taught).versions("small")
    assert versions[0].fingerprint == versions[1].fingerprint


def test_texts_that_change_meanwhile_are_noticed(taught: Settings, order: Callable[..., Order], tmp_path: Path):
    texts = written(tmp_path / "texts.jsonl", TEXTS)

    def change(stage: str, _: Progress) -> None:
        if stage == "Training":
            written(texts, FEW)

    with pytest.raises(Changed, match=r"(?i)texts\.jsonl changed while it was trained on"):
        run(order("small", FEW, teachers=["big"], unlabelled=[texts], chosen={"epochs": 1}), taught, quiet, change)
    assert registered(taught) == ["big"]
