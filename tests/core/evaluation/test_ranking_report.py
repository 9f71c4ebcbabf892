"""What `trivium evaluate` says of an encoder that finds: beside the backbone, on queries that it has not seen."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli import build_cli
from core.evaluation.ranking_report import Asked, build_ranking_report
from core.settings import Settings
from core.training.command import Order, run
from tests.core.training.conftest import backbone, tiny  # noqa: F401
from tests.core.training.tiny import questions, written


def quiet(*_: object) -> None:
    """Shows nothing."""


def test_the_worst_come_first_with_what_was_found_instead():
    asked = [
        Asked("fees?", frozenset({"fees are 2 %"}), ("fees are 2 %", "cards")),
        Asked("cards?", frozenset({"cards"}), ("fees are 2 %", "cards")),
        Asked("a loan?", frozenset({"loans"}), ("fees are 2 %", "cards")),
    ]
    before = [("cards", "fees are 2 %")] * 3
    report = build_ranking_report(asked, model="finder@1", passages=3, baseline="plain", baseline_ranked=before)
    assert [(miss.query, miss.rank) for miss in report.misses] == [("a loan?", 0), ("cards?", 2)]
    assert report.figures["hit@1"].value == pytest.approx(1 / 3)
    assert report.comparison.mrr.candidate == pytest.approx(0.5)
    assert report.comparison.mrr.baseline == pytest.approx(0.5)
    assert "| a loan? | fees are 2 % | loans | far down |" in report.to_markdown()
    page = report.to_html()
    assert "<h2>Compared with plain</h2>" in page
    assert not re.search("https?://", page.replace("http://www.w3.org", ""))


@pytest.mark.integration
def test_a_trained_encoder_is_measured_beside_the_backbone_and_an_older_version(
    tiny: Settings,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    data = written(tmp_path / "pairs.jsonl", questions())
    chosen = {"epochs": 12, "batch": 16, "learning_rate": 3e-3}
    for _ in range(2):
        run(Order(task="retrieval", data=[data], name="finder", chosen=chosen), tiny, quiet, quiet)
        chosen = {**chosen, "seed": 8}
    monkeypatch.setenv("TRIVIUM_HOME", str(tiny.home))
    monkeypatch.setenv("TRIVIUM_MODEL", tiny.model)

    def evaluated(*words: str) -> dict[str, object]:
        done = CliRunner().invoke(
            build_cli()[0], ["evaluate", "--model", "finder@1", "--data", str(data), *words, "--json"]
        )
        assert done.exit_code == 0, done.output
        return dict(json.loads(done.stdout))

    report = evaluated("--html", str(tmp_path / "report.html"))
    comparison = report["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["verdict"] == "better"
    assert report["passages"] == 8
    assert "Not found first" in (tmp_path / "report.html").read_text()
    assert evaluated("--compare", "finder@2")["baseline"] == "finder@2"
    refused = CliRunner().invoke(build_cli()[0], ["evaluate", "--model", "finder", "--data", str(data), "--audit"])
    assert isinstance(refused.exception, Exception)
    assert "--audit is for labels" in str(refused.exception)
