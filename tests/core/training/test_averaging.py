"""The mean of several versions: its weights, its figures, and what has no mean."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from typer.testing import CliRunner

from core.backend.models import open_registry
from core.cli import build_cli
from core.settings import Settings
from core.training.command import Order, run
from tests.core.training.test_command import labelled, quiet
from tests.core.training.tiny import written

pytestmark = pytest.mark.integration

CHOSEN = {"epochs": 6, "learning_rate": 3e-3, "batch": 8, "agreement": 0, "adapter_rank": 4}


@pytest.fixture
def rows(tiny: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions that learned from the same rows by other chance; and the rows."""
    monkeypatch.setenv("TRIVIUM_HOME", str(tiny.home))
    monkeypatch.setenv("TRIVIUM_MODEL", tiny.model)
    data = labelled(tmp_path / "rows.jsonl")
    for seed in (1, 2):
        order = Order(task="intent", data=[data], name="wants", chosen={**CHOSEN, "seed": seed})
        run(order, tiny, quiet, quiet)
    return data


def averaged(*words: str) -> tuple[int, str]:
    cli, _ = build_cli()
    done = CliRunner().invoke(cli, ["models", "average", *words])
    return (
        done.exit_code,
        done.output if done.exception is None or done.exit_code == 0 else f"{done.output}{done.exception}",
    )


def weights(tiny: Settings, ref: str) -> dict[str, np.ndarray]:
    """The change of each matrix, put together again."""
    held = load_file(open_registry(tiny).get(ref).path / "adapter" / "adapter_model.safetensors")
    return {
        name: held[name.replace("lora_A", "lora_B")].astype("f4") @ value.astype("f4")
        for name, value in held.items()
        if "lora_A" in name
    }


def test_a_mean_lies_between_its_parts_and_is_measured_anew(rows: Path, tiny: Settings):
    status, output = averaged("wants@1", "wants@2", "--name", "wants", "--valid", str(rows), "--json")
    assert status == 0, output
    report = json.loads(output[output.index("{") :])
    assert report["model"] == "wants@3"
    assert report["metrics"]["accuracy"]["value"] > 0.5
    card = open_registry(tiny).get("wants@3").card
    assert "0.5 of wants@1, made by" in card.notes
    one, other, mean = (weights(tiny, f"wants@{number}") for number in (1, 2, 3))
    for name, change in mean.items():
        wanted = (one[name] + other[name]) / 2  # of rank 8 at most, of which the nearest of rank 4 is kept
        assert np.linalg.norm(change - wanted) < np.linalg.norm(wanted)


def test_all_of_one_version_is_that_version(rows: Path, tiny: Settings):
    shares = ("--share", "0.999999", "--share", "0.000001")
    status, output = averaged("wants@1", "wants@2", *shares, "--name", "wants", "--valid", str(rows))
    assert status == 0, output
    for name, change in weights(tiny, "wants@3").items():
        assert change == pytest.approx(weights(tiny, "wants@1")[name], abs=2e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wants@1", "--name", "wants"], "One version is its own mean"),
        (["wants@1", "wants@2", "--name", "wants", "--share", "0.5"], "2 versions are named, but 1 shares"),
        (["wants@1", "wants@2", "--name", "wants", "--share", "2", "--share", "-1"], "not positive and 1 together"),
        (["wants@1", "wants@9", "--name", "wants"], "Version 9 of 'wants' does not exist"),
    ],
)
def test_what_has_no_mean_is_told_in_a_sentence(rows: Path, words: list[str], said: str):
    status, output = averaged(*words, "--valid", str(rows))
    assert status != 0
    assert said in output


def test_versions_of_other_labels_are_not_mixed(rows: Path, tiny: Settings, tmp_path: Path):
    fewer = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    two = written(tmp_path / "two.jsonl", [row for row in fewer if row["label"] != "rent"])
    run(Order(task="intent", data=[two], name="wants", chosen=CHOSEN), tiny, quiet, quiet)
    status, output = averaged("wants@1", "wants@3", "--name", "wants", "--valid", str(rows))
    assert status != 0
    assert "another list of labels" in output
