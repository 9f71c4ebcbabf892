"""The commands in README and guides exist, and the ones a newcomer types first do what is written there."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer.main

from core.backend.models import open_registry
from core.cli import build_cli
from tests.apps.customer_service.real_servers import town
from tests.core.generation.conftest import train_talker
from tests.core.generation.misbehaving import Misbehaving
from tests.guides import ROOT, blocks, guide, lines, needs_curl, requested, typed
from tests.ui.support_desk import listening

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands() -> list[str]:
    """Every `trivium …` that stands in a page, in code."""
    found: list[str] = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += re.findall(r"^(trivium [^\n|]+)$", text, flags=re.MULTILINE)
        found += re.findall(r"`(trivium [a-z][^`|…]*)`", text)
    return sorted(set(found))


@pytest.mark.parametrize("line", commands())
def test_a_command_in_the_docs_exists_with_its_options(line: str):
    command = typer.main.get_command(build_cli()[0])
    words = [word for word in shlex.split(line)[1:] if word != "…"]
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands") or not words, f"no such command: {line}"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.integration
def test_the_guide_to_training_works_from_its_first_line_to_its_last(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = tmp_path / "home"
    home.mkdir()
    (warm_home / "runtimes").mkdir(exist_ok=True)
    (home / "runtimes").symlink_to(warm_home / "runtimes")
    monkeypatch.setenv("TRIVIUM_HOME", str(home))
    written = lines(guide("training"))
    assert len(written) > 8
    for line in written:
        match shlex.split(line):
            case ["cp", source, target]:
                shutil.copyfile(ROOT / source, tmp_path / target)
            case _:
                typed(line)
    rows = [json.loads(line) for line in (tmp_path / "labelled.jsonl").read_text().splitlines()]
    known = [row for row in rows if row["label"]]
    assert sum(row["prediction"] == row["label"] for row in known) / len(known) > 0.7
    assert "<svg" in (tmp_path / "report.html").read_text()


@pytest.mark.integration
def test_the_guide_to_chat_models_works_with_a_server_and_with_a_directory(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", f"sqlite:///{tmp_path / 'guide.db'}")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "refunds.md").write_text("# Refunds\n\nRefunds take five working days.\n")
    house = train_talker(tmp_path / "models")
    open_registry(house).export("talker", tmp_path / "out")
    (tmp_path / "out" / "decoder").rename(tmp_path / "models" / "my-writer")
    parts = blocks(guide("chat-models"))
    assert len(parts) == 2
    told = []
    server = Misbehaving(says="Refunds take five working days. [1]")
    with listening(server.app()) as url:
        for part in parts:
            with monkeypatch.context() as shell:
                for line in part.splitlines():
                    match shlex.split(line):
                        case ["export", setting]:
                            name, _, value = setting.partition("=")
                            shell.setenv(name, value.replace("http://127.0.0.1:11434", url))
                        case _:
                            said = typed(line).stdout
                told.append(json.loads(said))
    assert (told[0]["source"], told[0]["answer"]) == ("model", "Refunds take five working days. [1]")
    assert (told[1]["source"], told[1]["fallback"]) == ("extractive", "refused"), "128 tokens hold no sources"
    assert server.asked[0]["model"] == "qwen3:4b"


@pytest.mark.integration
def test_the_readmes_first_commands_work(warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", f"sqlite:///{tmp_path / 'docs.db'}")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "refunds.md").write_text("# Refunds\n\nRefunds take five working days.\n")
    (tmp_path / "questions.jsonl").write_text('{"text": "how long do refunds take?", "n": 1}\n')
    readme = [line for line in commands() if "--collection handbook" in line]
    assert len(readme) == 3
    for line in sorted(readme, key=lambda line: "import" not in line):
        typed(line)
    assert '"n": 1, "hits": [{"id": "refunds.md#0"' in (tmp_path / "hits.jsonl").read_text()


@pytest.mark.integration
@needs_curl
def test_the_guide_to_conversations_works_from_its_first_line_to_its_last(warm_home: Path, tmp_path: Path):
    written = lines(guide("support-desk").split("\n## Conversations\n")[1].split("\n## ")[0])
    assert len(written) == 9
    row = {"id": "fees", "question": "What does it cost to pay in euros?", "answer": "Paying in euros costs £0.30."}
    with town(f"sqlite:///{tmp_path / 'desk.db'}", warm_home) as houses:
        server = houses.start()
        assert server.client.post("/v1/support/documents", json={"documents": [row]}).status_code == 201
        names = {"API": str(server.client.base_url).rstrip("/"), "KEY": houses.key, "CHAT": ""}
        said = []
        for line in written:
            said.append(requested(line, names))
            if not names["CHAT"]:
                names["CHAT"] = json.loads(said[0])["conversation"]["id"]
    assert "£0.30" in json.loads(said[1])["reply"]["text"]
    assert "event: message" in said[2]
    assert "id: 3" in said[3]
    assert "id: 2" not in said[3].splitlines()
    assert json.loads(said[4])["items"][0]["number"] == 3
    assert json.loads(said[6])["state"] == "queued"
    assert [one["id"] for one in json.loads(said[8])["items"]] == [names["CHAT"]]


@pytest.mark.integration
def test_the_guide_to_the_knowledge_works_as_it_stands(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", f"sqlite:///{tmp_path / 'docs.db'}")
    [head] = blocks(guide("knowledge"), "yaml")
    folder = tmp_path / "help-centre"
    folder.mkdir()
    head = head.replace("2026-07-01", "2020-01-01").replace("2026-12-31", "2099-12-31")
    (folder / "fee.md").write_text(f"{head}# Fee\n\nWe may waive the fee of £9.\n")
    (folder / "hours.md").write_text("# Hours\n\nWe are open from 9 to 5.\n")
    *imports, asks = sorted(
        (line for line in commands() if "--collection desk" in line), key=lambda line: "ask" in line
    )
    assert len(imports) == 3
    for line in sorted(imports, key=len):
        assert "0 removed" in typed(line).output
    inside = json.loads(typed(f"{asks} --json").stdout)
    assert inside["answer"].startswith("We may waive the fee of £9.")
    assert asks.count(" --internal") == 1
    outside = json.loads(typed(f"{asks.replace(' --internal', '')} --json").stdout)
    assert outside["collection"] == "desk"
    said = json.dumps(outside, ensure_ascii=False)
    assert not [secret for secret in ("£9", "fee.md", "waive the fee of") if secret in said]
