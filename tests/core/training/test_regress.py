"""From texts with numbers to a version that says a number and an interval: really trained, on a tiny backbone."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.app import App
from core.backend import value_head
from core.backend.checkpoint import open_checkpoint
from core.backend.models import open_registry
from core.backend.regressor import Regressor
from core.backend.trained import open_trained
from core.cli import build_cli
from core.errors import TriviumError
from core.outcomes import Valued
from core.settings import Settings
from core.tasks import Task
from core.training import command, loop
from core.training.command import Order, run
from tests.core.training.tiny import PulledPlug, messages, rated, stop_at, written

pytestmark = pytest.mark.integration
ROWS = rated(60)
TEST = [Valued(**row) for row in rated(80, seed=6) if row not in ROWS]
CHOSEN = {"epochs": 8, "learning_rate": 2e-3, "batch": 8}


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    path = written(tmp_path / "rows.jsonl", ROWS)

    def make(task: str = "regression", **chosen: object) -> Order:
        return Order(task=task, data=(path,), name="cards", chosen=chosen or CHOSEN)

    return make


def quiet(*_: object) -> None:
    """Says nothing."""


@pytest.mark.parametrize(
    ("chosen", "files"),
    [
        (CHOSEN, {"encoder/model.safetensors"}),
        ({**CHOSEN, "method": "lora"}, {"adapter/adapter_model.safetensors"}),
        ({"method": "head"}, set()),
    ],
)
def test_what_was_held_out_is_said_well(
    tiny: Settings, order: Callable[..., Order], chosen: dict[str, object], files: set[str]
):
    report = run(order(**chosen), tiny, quiet, quiet)
    assert list(report["metrics"]) == ["mae", "rmse", "r2", "spearman", "mae_of_the_mean"]
    assert report["metrics"]["r2"]["value"] > 0.6
    version = open_registry(tiny).open("cards")
    assert files | {value_head.WEIGHTS, value_head.ABOUT} <= set(version.manifest.files)
    assert version.card.labels == []
    assert "The metrics are of 60 rows that were not trained on" in version.card.notes
    assert 'pipeline_tag: "text-classification"' in version.card.to_markdown()


def test_numbers_of_new_texts_lie_in_their_intervals(tiny: Settings, order: Callable[..., Order]):
    run(order(), tiny, quiet, quiet)
    trained = open_trained(open_registry(tiny).open("cards"), open_checkpoint(tiny), tiny)
    assert isinstance(trained, Regressor)
    said = trained.predict(TEST)
    trained.close()
    truth, values = np.array([row.value for row in TEST]), np.array([one.value for one in said])
    assert 1 - ((truth - values) ** 2).mean() / truth.var() > 0.6
    assert np.mean([one.low <= row.value <= one.high for one, row in zip(said, TEST, strict=True)]) > 0.8
    assert np.ptp([one.high - one.low for one in said]) < 1e-9, "the interval is as wide for every text"


def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    tiny: Settings, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "REPORT_EVERY_S", 0.0)
    quick = {**CHOSEN, "epochs": 2}
    for stage in ("Calibrating (2 of 4)", "Training"):
        with pytest.raises(PulledPlug):
            run(order(**quick), tiny, quiet, stop_at(5, stage))
    other = tiny.model_copy(update={"home": tmp_path / "other"})
    assert run(order(**quick), tiny, quiet, quiet)["metrics"] == run(order(**quick), other, quiet, quiet)["metrics"]
    heads = [
        [
            (open_registry(house).get("cards").path / name).read_bytes()
            for name in (value_head.WEIGHTS, value_head.ABOUT)
        ]
        for house in (tiny, other)
    ]
    assert heads[0] == heads[1]
    assert not list((tiny.home / "training").iterdir())


def test_an_app_brings_a_task_of_numbers(tiny: Settings, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch):
    task = Task("urgency", "How urgent a message is.", objective="regress", recipe={"method": "head"})
    desk = App("desk", "Desk", "", "/v1/desk", "Reads.", router=quiet, tasks=(task,))  # type: ignore[arg-type]
    monkeypatch.setattr(command, "installed_apps", lambda: ([desk], []))
    report = run(Order(task="urgency", data=order().data, name="urgency"), tiny, quiet, quiet)
    assert (report["task"], report["recipe"]["method"]) == ("urgency", "head")
    card = open_registry(tiny).get("urgency").card
    assert (card.objective, next(iter(card.metrics))) == ("regress", "mae")


@pytest.mark.parametrize("chosen", [CHOSEN, {"method": "head"}])
def test_an_outlier_does_not_rule(tiny: Settings, tmp_path: Path, chosen: dict[str, object]):
    wild = written(tmp_path / "wild.jsonl", [*ROWS, {"text": "card please", "value": 250.0}])
    metrics = run(Order("regression", (wild,), "wild", chosen=chosen), tiny, quiet, quiet)["metrics"]
    assert metrics["spearman"]["value"] > 0.7


def test_the_commands_train_predict_and_compare(
    tiny: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Callable[..., Order]
):
    monkeypatch.setenv("TRIVIUM_HOME", str(tiny.home))
    monkeypatch.setenv("TRIVIUM_MODEL", tiny.model)
    data = str(order().data[0])
    labels = written(tmp_path / "labels.jsonl", messages(4))
    cli, runner = build_cli()[0], CliRunner()

    def do(*words: str) -> str:
        done = runner.invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    head = ("train", "regression", "--data", data, "--name", "cards", "--method", "head")
    assert "cards@1 is trained" in do(*head)
    told = json.loads(do(*head, "--valid", str(written(tmp_path / "valid.jsonl", ROWS[:20])), "--json"))
    assert (told["model"], told["rows"], told["metrics"]["mae"]["n"]) == ("cards@2", 40, 20)
    out, page, text = tmp_path / "out.jsonl", tmp_path / "page.html", tmp_path / "page.md"
    do("predict", "--model", "cards@1", "--data", data, "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["text"] for row in rows] == [row["text"] for row in ROWS]
    assert rows[0].keys() == {"text", "value", "prediction", "low", "high"}
    assert all(row["low"] < row["prediction"] < row["high"] for row in rows)
    pages = ("--html", str(page), "--markdown", str(text))
    told = json.loads(do("evaluate", "--model", "cards@1", "--data", data, "--compare", "cards@2", *pages, "--json"))
    assert told["comparison"]["n"] == 60
    assert told["figures"]["interval_coverage"]["n"] == 60
    assert "Compared with cards@2" in page.read_text()
    assert "## Largest errors" in text.read_text()
    assert "Against cards@2: " in do("evaluate", "--model", "cards@1", "--data", data, "--compare", "cards@2")

    do("train", "intent", "--data", str(labels), "--name", "desk", "--method", "head", "--epochs", "1")
    for words, sentence in (
        (("predict", "--model", "cards@1", "--data", data, "--out", str(out), "--explain"), "--explain is for labels"),
        (("evaluate", "--model", "cards@1", "--data", data, "--audit"), "--audit is for labels"),
        (("evaluate", "--model", "cards@1", "--data", data, "--compare", "desk"), "desk@1 gives no numbers"),
        (("evaluate", "--model", "desk", "--data", str(labels), "--compare", "cards@1"), "cards@1 gives no labels"),
    ):
        with pytest.raises(TriviumError, match=sentence):
            runner.invoke(cli, words, catch_exceptions=False)
