"""Labels in their own words: with no example at all, and beside examples."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.classifier import open_classifier
from core.backend.models import open_registry
from core.backend.open import open_encoder
from core.cli import build_cli
from core.errors import TriviumError
from core.evaluation.classification import measure
from core.outcomes import Labelled
from core.settings import Settings
from core.tasks import find_task
from core.training.command import Order, run
from core.training.objectives.elsewhere import Elsewhere
from core.training.recipe import Recipe
from core.training.transfer.labels import read_labels
from core.training.transfer.zero_shot import fit_zero_shot
from tests.core.training.tiny import THINGS, messages, written

ROWS = messages(24)
TEST = [Labelled(row["text"], row["label"]) for row in messages(60, seed=4) if row not in ROWS]
MEANT = [{"label": label, "description": " ".join(words)} for label, words in THINGS.items()]


def quiet(*_: object) -> None:
    """Says nothing."""


def accuracy(settings: Settings, ref: str) -> float:
    """Of a version, on other texts."""
    classifier = open_classifier(open_registry(settings).open(ref), open_checkpoint(settings), settings)
    predictions = classifier.predict(TEST)
    classifier.close()
    return measure(TEST, predictions)["accuracy"].value


def test_words_alone_make_a_version_that_answers_and_says_that_it_is_not_calibrated(tiny: Settings, tmp_path: Path):
    said: list[str] = []
    labels = written(tmp_path / "labels.jsonl", MEANT)
    order = Order(task="intent", data=(), name="desk", elsewhere=Elsewhere(labels))
    report = run(order, tiny, said.append, quiet)
    assert report["metrics"] == {}
    assert accuracy(tiny, "desk@1") > 0.6  # a third by chance
    version = open_registry(tiny).get("desk")
    assert (version.card.method, version.card.metrics, version.card.labels) == ("zero-shot", {}, sorted(THINGS))
    assert "not calibrated, it refuses nothing, and nothing was measured" in version.card.notes
    assert [data.name for data in version.card.data] == ["labels.jsonl"]
    assert not {path.split("/")[0] for path in version.manifest.files} & {"encoder", "adapter"}
    assert "3 labels in their own words" in said[0]


def test_with_validation_rows_it_is_calibrated_and_measured(tiny: Settings, tmp_path: Path):
    labels = written(tmp_path / "labels.jsonl", MEANT)
    valid = written(tmp_path / "valid.jsonl", [*ROWS, {"text": "today it is", "label": None}])
    order = Order(task="intent", data=(), valid=(valid,), name="desk", elsewhere=Elsewhere(labels))
    report = run(order, tiny, quiet, quiet)
    assert report["metrics"]["accuracy"]["n"] == len(ROWS) + 1
    card = open_registry(tiny).get("desk").card
    assert f"Calibrated on {len(ROWS) + 1} validation rows" in card.notes
    about = json.loads((open_registry(tiny).get("desk").path / "head.json").read_text())
    assert about["temperature"] != 1.0
    assert about["refuse_below"] > -1.0


def test_a_labels_vector_is_the_mean_of_its_templates(checkpoint: Checkpoint, tiny: Settings, tmp_path: Path):
    labels = read_labels(
        written(tmp_path / "labels.jsonl", [{"label": "my_card"}, {"label": "cat0"}]), find_task("intent")
    )
    recipe = Recipe(method="zero-shot", templates=("{}", "where is the {}"))
    head = fit_zero_shot(labels, None, checkpoint, recipe).head
    encoder = open_encoder(tiny.model_copy(update={"precision": "f32"}))
    vectors = encoder.encode(["my card", "where is the my card"])
    encoder.close()
    mean = vectors.mean(axis=0)
    assert head.about.labels == ("cat0", "my_card")
    assert float(head.labels[1] @ mean / np.linalg.norm(mean)) > 0.999


def test_a_label_without_examples_is_learned_from_its_words(tiny: Settings, tmp_path: Path):
    said: list[str] = []
    labels = written(tmp_path / "labels.jsonl", MEANT)
    data = written(tmp_path / "rows.jsonl", [row for row in ROWS if row["label"] != "parcel"])
    order = Order(
        task="intent",
        data=(data,),
        name="desk",
        chosen={"epochs": 6, "learning_rate": 1e-3, "batch": 16},
        elsewhere=Elsewhere(labels),
    )
    report = run(order, tiny, said.append, quiet)
    assert (report["labels"], report["labels_without_examples"]) == (3, 1)
    assert report["metrics"]["accuracy"]["n"] == 48  # what was held out are examples, never words of labels
    card = open_registry(tiny).get("desk").card
    assert card.labels == sorted(THINGS)
    assert "Learned from their words alone, and hardly measured: parcel." in card.notes
    assert {data.name for data in card.data} == {"rows.jsonl", "labels.jsonl"}
    classifier = open_classifier(open_registry(tiny).open("desk"), open_checkpoint(tiny), tiny)
    [found] = classifier.predict([Labelled(" ".join(THINGS["parcel"]))])
    classifier.close()
    assert found.most_probable()[0] == "parcel"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"label": "a"}], "names fewer than two labels"),
        ([{"name": "a"}], 'Line 1 of labels.jsonl has no "label"'),
        ([{"label": "a"}, {"label": " a "}], "Line 2 of labels.jsonl names the label 'a' again"),
        ([{"label": "a", "description": 3}], 'has a "description" that is no text'),
        ([{"label": "a-b"}, {"label": "a_b"}], "'a-b' and 'a_b' are described alike"),
        (
            [{"label": "card"}, {"label": "other"}],
            "have the label 'parcel' and 1 more, which labels.jsonl does not name",
        ),
        (
            [*MEANT[1:], {"label": "card", "description": ROWS[1]["text"]}],
            "describes 'card' by a text that is an example of 'refund'",
        ),
    ],
)
def test_labels_that_cannot_be_used_are_named(tiny: Settings, tmp_path: Path, rows: list[object], sentence: str):
    labels = written(tmp_path / "labels.jsonl", rows)
    data = written(tmp_path / "rows.jsonl", ROWS)
    with pytest.raises(TriviumError) as raised:
        run(Order(task="intent", data=(data,), name="desk", elsewhere=Elsewhere(labels)), tiny, quiet, quiet)
    assert sentence in str(raised.value)


def test_a_label_that_the_task_does_not_know_is_named(tiny: Settings, tmp_path: Path):
    labels = written(tmp_path / "labels.jsonl", [{"label": "positive"}, {"label": "bullish"}])
    order = Order(task="sentiment", data=(), name="mood", elsewhere=Elsewhere(labels))
    with pytest.raises(TriviumError, match="'bullish', none of the task's"):
        run(order, tiny, quiet, quiet)


def test_what_the_task_itself_asks_of_a_training_is_no_hindrance(tiny: Settings, tmp_path: Path):
    labels = written(tmp_path / "labels.jsonl", [{"label": "positive"}, {"label": "negative"}])
    report = run(Order(task="sentiment", data=(), name="mood", elsewhere=Elsewhere(labels)), tiny, quiet, quiet)
    assert report["recipe"]["templates"] == ["{}", "The news is {}.", "The mood is {}."]


def test_the_command_needs_no_examples_but_something(backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIVIUM_MODEL", str(backbone))
    cli, labels = build_cli()[0], written(tmp_path / "labels.jsonl", MEANT)
    rows, words = written(tmp_path / "rows.jsonl", ROWS), ["train", "intent", "--name", "desk"]
    done = CliRunner().invoke(cli, [*words, "--labels", str(labels)], catch_exceptions=False)
    assert "desk@1 is trained" in done.stdout
    for more, sentence in (
        ([], "Give --data FILE, or --labels FILE"),
        (["--labels", str(labels), "--epochs", "3"], "--epochs is for training"),
        (["--labels", str(labels), "--teacher", "desk"], "--teacher goes with examples"),
        (["--data", str(rows), "--method", "zero-shot"], "--method zero-shot trains nothing"),
    ):
        with pytest.raises(TriviumError, match=f"(?i){sentence}"):
            CliRunner().invoke(cli, [*words, *more], catch_exceptions=False)
