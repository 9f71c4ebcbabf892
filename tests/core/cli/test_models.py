"""`trivium models`: what it prints, what it asks, with what status it ends."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.backend.registry import Metric, Registry
from core.cli import build_cli, main
from core.clock import system_clock
from core.settings import read_settings
from tests.core.backend.registry.samples import publish

CLI = build_cli()[0]


@pytest.fixture
def registry() -> Registry:
    """The registry that the commands open: that of TRIVIUM_HOME."""
    return Registry(read_settings().home, system_clock)


def run(*words: object, answer: str = "") -> Result:
    return CliRunner().invoke(CLI, ["models", *map(str, words)], input=answer, catch_exceptions=False)


def printed(*words: object) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def status(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["trivium", "models", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_backbone_comes_first_then_every_version(registry: Registry):
    publish(registry)
    publish(registry, promote=True)
    backbone, *rows = printed("list")["models"]
    shipped, (first, second) = rows[:-2], rows[-2:]
    assert all(row["shipped"] and row["version"] == 0 for row in shipped)
    assert (backbone["name"], backbone["dimensions"]) == ("all-minilm-l6-v2", 384)
    assert (first["name"], first["version"], first["active"]) == ("mood", 1, False)
    assert (second["task"], second["trained_at"], second["active"]) == ("mood", "2026-01-01T12:00:00Z", True)
    assert second["metric"] == {"name": "macro_f1", "value": 0.81234, "low": 0.78, "high": 0.84, "n": 500}
    shown = run("list").stdout
    assert "all-minilm-l6-v2" in shown
    assert "macro_f1 0.8123 [0.78, 0.84]" in shown


def test_a_damaged_card_is_listed_as_such(registry: Registry):
    (publish(registry).path / "card.json").write_text("{")
    assert printed("list")["models"][-1]["damaged"] is True
    assert "its card is damaged" in run("list").stdout


def test_a_card_is_shown_as_markdown_or_json(registry: Registry):
    version = publish(registry)
    assert run("show", "mood").stdout.startswith("---\nlicense: ")
    shown = printed("show", "mood@1")
    assert (shown["version"], shown["active"], shown["fingerprint"]) == (1, True, version.fingerprint)
    assert shown["card"]["method"] == "lora"
    assert shown["files"]["head.safetensors"]["bytes"] == 7


def test_two_cards_stand_side_by_side(registry: Registry):
    publish(registry)
    publish(registry, metrics={"macro_f1": Metric(value=0.9, low=0.8, high=1, n=500)}, data=[])
    found = printed("compare", "mood@1", "mood@2")
    assert (found["a"], found["b"], found["same_data"]) == ("mood@1", "mood@2", False)
    assert found["metrics"]["macro_f1"]["difference"] == pytest.approx(0.08766)
    done = run("compare", "mood@1", "mood@2")
    assert "0.8123 [0.78, 0.84], n = 500" in done.stdout
    assert "+0.08766" in done.stdout
    assert "may not be comparable" in done.stderr


def test_promotion_and_rollback_say_what_is_active(registry: Registry):
    publish(registry)
    publish(registry)
    assert run("promote", "mood").stderr == "mood@2 is active.\n"
    assert run("rollback", "mood").stderr == "mood@1 is active again.\n"
    assert registry.active("mood").number == 1


@pytest.mark.parametrize("target", ["mood", "mood.tar.gz", "mood.tgz"])
def test_what_is_exported_can_be_imported(registry: Registry, tmp_path: Path, target: str):
    publish(registry)
    assert run("export", "mood", tmp_path / target).stdout == f"{tmp_path / target}\n"
    done = run("import", tmp_path / target)
    assert (done.stdout, done.stderr) == ("mood@2\n", "It is not active yet: `trivium models promote mood@2`.\n")
    assert run("import", tmp_path / target, "--name", "tone").output == "tone@1\n"


def test_deleting_asks_first(registry: Registry):
    publish(registry)
    kept = run("delete", "mood", answer="n\n")
    assert kept.exit_code == 1
    assert "Delete mood@1 with all its files and with it the model?" in kept.output
    assert registry.names() == ["mood"]
    assert run("delete", "mood", "--yes").stderr == "mood@1 is gone.\n"
    assert registry.names() == []


def test_failing_ends_with_1_and_wrong_usage_with_2(registry: Registry, monkeypatch, capsys):
    publish(registry)
    publish(registry)
    assert status(monkeypatch, "show", "moood") == 1
    assert "Error: There is no model 'moood': the nearest there is: mood." in capsys.readouterr().err
    assert status(monkeypatch, "delete", "mood", "--yes") == 1
    assert status(monkeypatch, "rollback", "mood") == 1
    assert status(monkeypatch, "show", "../mood") == 2
    assert status(monkeypatch, "import", "nowhere.tar.gz") == 2
    assert status(monkeypatch, "show", "mood") == 0
