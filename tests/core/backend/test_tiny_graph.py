"""A tiny Transformer, really converted: a version with an encoder of its own, explanations to a file, the benchmark."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.explanations import main
from core.backend.checkpoint import read_checkpoint
from core.backend.head import Head, HeadAbout
from core.backend.registry import Registry
from core.backend.serving import Classifiers, Opener
from core.cli import build_cli
from core.clock import system_clock
from core.outcomes import Labelled
from core.settings import Settings
from core.testing.fakes import LetterEncoder
from tests.core.backend.classifiers import publish_head, tiny_bert

pytestmark = pytest.mark.integration

LABELS = Head(HeadAbout(("up", "down"), 20.0, 1.0, -1.0), np.eye(2, 32, dtype=np.float32))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the tiny graph is converted once, by the first test that opens it."""
    home = tmp_path_factory.mktemp("home")
    base = read_checkpoint("tiny", tiny_bert(home / "tiny"), home)
    publish_head(Registry(home, system_clock), "shared", LABELS, fingerprint=base.fingerprint)
    publish_head(Registry(home, system_clock), "own", LABELS, encoder=base.path)
    return home


@pytest.fixture
def tiny(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TRIVIUM_HOME", str(home))
    monkeypatch.setenv("TRIVIUM_MODEL", str(home / "tiny"))
    monkeypatch.setenv("TRIVIUM_PRECISION", "float")
    monkeypatch.setenv("TRIVIUM_THREADS", "1")
    return Settings()


def test_a_version_with_an_encoder_of_its_own_opens_it_and_gives_it_back(tiny: Settings):
    registry = Registry(tiny.home, system_clock)
    classifiers = Classifiers(registry, Opener(tiny, LetterEncoder()), most=1, clock=system_clock)
    rows = [Labelled("profit rises"), Labelled("a loss for ford", entity="ford")]
    with classifiers.get("own") as own, classifiers.get("shared") as shared:  # not the letters' backbone: its own, too
        assert own.encode(rows).shape == (2, 32)
        np.testing.assert_allclose(own.encode(rows), shared.encode(rows), atol=1e-5)
        assert classifiers.refs() == ["shared@1"]
    classifiers.close()


def test_predictions_of_a_file_come_with_explanations(tiny: Settings, tmp_path: Path):
    (tmp_path / "rows.jsonl").write_text('{"text": "profit rises", "id": 1}\n{"text": "a loss", "entity": "loss"}\n')
    line = ["predict", "--model", "shared", "--data", "rows.jsonl", "--out", "said.jsonl", "--explain"]
    done = CliRunner().invoke(build_cli()[0], line, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    said = [json.loads(line) for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert [[word["text"] for word in row["explanation"]] for row in said] == [["profit", "rises"], ["a"]]
    assert said[0]["id"] == 1
    assert sum(abs(word["weight"]) for word in said[0]["explanation"]) == pytest.approx(1, abs=1e-5)


def test_the_benchmark_prints_how_far_explanations_agree(
    tiny: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    texts = ["profit rises now", "the market falls not very", "a loss"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    main(["--model", "shared", "--data", "rows.jsonl"])
    printed = capsys.readouterr().out
    assert "a word left out, gradients from [PAD]: Spearman" in printed
    assert "2 texts" in printed
    assert printed.count("ms a text") == 3
