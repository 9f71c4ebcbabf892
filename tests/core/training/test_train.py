"""From a file of examples to a version that answers: really trained, on a backbone of 30,000 weights."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import open_classifier
from core.backend.models import open_registry
from core.cli import build_cli
from core.evaluation.classification import measure
from core.outcomes import Labelled
from core.settings import Settings
from core.training.command import Order, run
from core.training.loop import Progress
from tests.core.training.tiny import messages, registered, written

pytestmark = pytest.mark.integration
ROWS = messages(24)
TEST = [Labelled(row["text"], row["label"]) for row in messages(60, seed=4) if row not in ROWS]


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    path = written(tmp_path / "rows.jsonl", ROWS)

    def make(**chosen: object) -> Order:
        chosen = {"epochs": 12, "learning_rate": 2e-3, **chosen}
        return Order(task="intent", data=(path,), name="desk", chosen=chosen)

    return make


def quiet(*_: object) -> None:
    """Says nothing."""


@pytest.mark.parametrize("method", ["full", "lora", "head"])
def test_a_trained_version_tells_the_labels_apart(tiny: Settings, order: Callable[..., Order], method: str):
    report = run(order(method=method), tiny, quiet, quiet)
    assert (report["model"], report["active"]) == ("desk@1", True)
    version = open_registry(tiny).open("desk")
    classifier = open_classifier(version, open_checkpoint(tiny), tiny)
    predictions = classifier.predict(TEST)
    classifier.close()
    assert measure(TEST, predictions)["accuracy"].value > {"full": 0.9, "lora": 0.8, "head": 0.5}[method]
    assert all(abs(sum(said.probabilities.values()) - 1) < 1e-5 for said in predictions)
    assert version.card.data[0].rows == len(ROWS)
    assert version.card.metrics["accuracy"].n == len(ROWS)


def test_an_exported_encoder_opens_in_transformers_with_the_same_vectors(
    tiny: Settings, order: Callable[..., Order], tmp_path: Path
):
    import torch
    from transformers import AutoModel

    run(order(), tiny, quiet, quiet)
    registry = open_registry(tiny)
    folder = registry.export("desk", tmp_path / "out")
    classifier = open_classifier(registry.open("desk"), open_checkpoint(tiny), tiny)
    ours = classifier.encode(TEST[:5])
    ids = [classifier._encoder._tokens([row.text])[0] for row in TEST[:5]]
    classifier.close()
    model = AutoModel.from_pretrained(folder / "encoder", add_pooling_layer=False).eval()
    with torch.no_grad():
        theirs = torch.stack([model(torch.tensor([row])).last_hidden_state[0].mean(dim=0) for row in ids])
    theirs = torch.nn.functional.normalize(theirs, dim=-1).numpy()
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_an_exported_adapter_opens_in_peft_with_the_same_vectors(
    tiny: Settings, order: Callable[..., Order], tmp_path: Path
):
    import torch
    from peft import PeftModel
    from transformers import AutoModel

    run(order(method="lora"), tiny, quiet, quiet)
    registry = open_registry(tiny)
    folder = registry.export("desk", tmp_path / "out")
    base = AutoModel.from_pretrained(tiny.model, add_pooling_layer=False)
    model = PeftModel.from_pretrained(base, folder / "adapter").eval()
    classifier = open_classifier(registry.open("desk"), open_checkpoint(tiny), tiny)
    [ours] = classifier.encode(TEST[:1])
    [ids] = classifier._encoder._tokens([TEST[0].text])
    classifier.close()
    with torch.no_grad():
        theirs = torch.nn.functional.normalize(
            model(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(dim=0), dim=-1
        )
    assert float(ours @ theirs.numpy()) > 0.999


class Cut(Exception):
    """As if the power failed."""


@pytest.mark.parametrize("extra", [{}, {"agreement": 1.0}, {"adversarial": "pgd"}, {"accumulate": 2}, {"runs": 2}])
def test_a_run_that_was_cut_off_ends_as_one_that_was_not(
    tiny: Settings,
    order: Callable[..., Order],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    extra: dict[str, object],
):
    monkeypatch.setattr("core.training.loop.CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr("core.training.loop.REPORT_EVERY_S", 0.0)
    chosen = {"epochs": 3, "agreement": 0.0, **extra}
    seen: list[int] = []

    def cut_in_the_middle(stage: str, progress: Progress) -> None:
        seen.append(progress.step)
        if len(seen) in (5, 17):
            raise Cut

    for _ in range(2):
        with pytest.raises(Cut):
            run(order(**chosen), tiny, quiet, cut_in_the_middle)
    assert registered(tiny) == []
    resumed = run(order(**chosen), tiny, quiet, quiet)
    whole = run(order(**chosen), tiny.model_copy(update={"home": tmp_path / "other"}), quiet, quiet)
    assert resumed["metrics"] == whole["metrics"]
    heads = [
        (open_registry(settings).open("desk").path / "head.safetensors").read_bytes()
        for settings in (tiny, tiny.model_copy(update={"home": tmp_path / "other"}))
    ]
    assert heads[0] == heads[1]
    assert not list((tiny.home / "training").iterdir())


def test_the_commands_train_predict_and_compare(
    tiny: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Callable[..., Order]
):
    monkeypatch.setenv("TRIVIUM_HOME", str(tiny.home))
    monkeypatch.setenv("TRIVIUM_MODEL", tiny.model)
    data = str(order().data[0])
    cli, runner = build_cli()[0], CliRunner()

    def do(*words: str) -> str:
        done = runner.invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    told = json.loads(do("train", "intent", "--data", data, "--name", "desk", "--epochs", "2", "--json"))
    assert (told["model"], told["labels"]) == ("desk@1", 3)
    do("train", "intent", "--data", data, "--name", "desk", "--epochs", "2", "--method", "head", "--seed", "5")
    out = tmp_path / "out.jsonl"
    do("predict", "--model", "desk@1", "--data", data, "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["text"] for row in rows] == [row["text"] for row in ROWS]
    assert set(rows[0]["probabilities"]) == {"card", "parcel", "refund"}
    page = tmp_path / "page.html"
    told = json.loads(
        do("evaluate", "--model", "desk@1", "--data", data, "--compare", "desk@2", "--html", str(page), "--json")
    )
    assert "comparison" in told
    assert "desk@1" in page.read_text()


def test_a_seed_gives_the_same_model_again(tiny: Settings, order: Callable[..., Order], tmp_path: Path):
    vectors = []
    for home in ("one", "two"):
        settings = tiny.model_copy(update={"home": tmp_path / home})
        run(order(epochs=2), settings, quiet, quiet)
        version = open_registry(settings).open("desk")
        classifier = open_classifier(version, open_checkpoint(settings), settings)
        vectors.append(classifier.head.labels)
        classifier.close()
    assert np.array_equal(*vectors)


def test_a_damaged_checkpoint_is_logged_and_the_run_ends_as_if_it_had_not_been(
    tiny: Settings,
    order: Callable[..., Order],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr("core.training.loop.CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr("core.training.loop.REPORT_EVERY_S", 0.0)

    def cut(_: str, progress: Progress) -> None:
        if progress.step == 4:
            raise Cut

    with pytest.raises(Cut):
        run(order(epochs=2), tiny, quiet, cut)
    [path] = (tiny.home / "training").rglob("latest.safetensors")
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    resumed = run(order(epochs=2), tiny, quiet, quiet)
    assert "a checkpoint is damaged" in caplog.text
    assert (
        resumed["metrics"]
        == run(order(epochs=2), tiny.model_copy(update={"home": tmp_path / "b"}), quiet, quiet)["metrics"]
    )
