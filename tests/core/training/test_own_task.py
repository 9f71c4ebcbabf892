"""A stranger's app brings a task with a reader: the guide's code and commands, from installing to HTTP."""

import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.app import installed_apps
from core.cli import build_cli
from core.errors import Misconfigured, TriviumError
from core.migrations import upgrade
from core.outcomes import Labelled
from core.services import close_services, open_services
from core.settings import read_settings
from core.tasks import Task
from core.testing.api import api_client
from core.testing.contract import check_app
from core.training.examples import read_asked, read_examples
from tests.core.training.tiny import messages, written
from tests.guides import ROOT, guide, lines, typed

EXAMPLE = ROOT / "docs" / "examples" / "tickets"
GUIDE = guide("own-task")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example, installed by pip into a folder from which Python imports."""
    shutil.copytree(EXAMPLE, tmp_path / "source")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-build-isolation", "--quiet"]
    subprocess.run(
        [*pip, "--disable-pip-version-check", "--target", tmp_path / "site", tmp_path / "source"], check=True
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    importlib.invalidate_caches()


def tickets(path: Path, each: int, seed: int) -> None:
    """Write a file as the help desk exports it."""
    rows = [(*str(row["text"]).split(maxsplit=2), row["label"]) for row in messages(each, seed)]
    lines = [
        "number,subject,body,team",
        *(f"{at},{one} {two},{more},{team}" for at, (one, two, more, team) in enumerate(rows)),
    ]
    path.write_text("\n".join(lines) + "\n")


def test_the_guide_shows_the_files_that_are_tested():
    for name in ("tickets.py", "pyproject.toml"):
        assert (EXAMPLE / name).read_text(encoding="utf-8").strip() in GUIDE


@pytest.mark.integration
@pytest.mark.usefixtures("installed")
def test_a_strangers_task_trains_predicts_evaluates_explains_and_serves(
    backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRIVIUM_MODEL", str(backbone))
    tickets(tmp_path / "tickets.csv", each=16, seed=3)
    tickets(tmp_path / "new.csv", each=8, seed=4)
    apps, broken = installed_apps()
    [app] = [app for app in apps if app.name == "tickets"]
    assert not broken
    check_app(app)

    trained, _, evaluated = (typed(line).stdout for line in lines(GUIDE))
    assert "tickets@1 is trained, and in use" in trained
    assert "accuracy" in evaluated
    rows = [json.loads(line) for line in (tmp_path / "answered.jsonl").read_text().splitlines()]
    assert [row["number"] for row in rows] == [str(at) for at in range(24)]
    assert sum(row["prediction"] == row["team"] for row in rows) > 16
    for row in rows:
        assert row["text"] == f"{row['subject']}. {row['body']}"
        assert {word["text"] for word in row["explanation"]} == set(re.findall(r"\w+", row["text"]))

    services = open_services(read_settings())
    try:
        upgrade(services.database, apps)
        with api_client(services, apps) as client:
            query = {"model": "tickets", "input": rows[0]["text"], "explain": True}
            [general] = client.post("/v1/classify", json=query).json()["data"]
            asked = {name: rows[0][name] for name in ("subject", "body")}
            own = client.post("/v1/tickets/team", json=asked).json()
            assert client.post("/v1/tickets/team", json={"subject": "my card"}).status_code == 422
    finally:
        close_services(services)
    assert general["label"] == own["label"] == rows[0]["prediction"]
    assert general["confidence"] == pytest.approx(rows[0]["confidence"], abs=0.02)
    assert own["confidence"] == pytest.approx(general["confidence"], abs=1e-5)
    assert general["explanation"]


def no_number(fields: Mapping[str, Any]) -> Labelled:
    """Refuses a row in words of its own."""
    raise ValueError("has a number that is none")


@pytest.mark.parametrize(
    ("reader", "sentence"),
    [
        (lambda fields: Labelled(fields["body"]), 'Line 1 of rows.jsonl has no "body"'),
        (no_number, "Line 1 of rows.jsonl has a number that is none"),
        (lambda fields: Labelled(fields["subject"].strip()), "cannot be read by the task (AttributeError: 'int'"),
        (lambda _: None, "cannot be read by the task (TypeError: the reader gave no row)"),
        (lambda fields: Labelled(fields["subject"]), 'Line 1 of rows.jsonl has no "text"'),
    ],
)
def test_a_row_that_a_reader_cannot_read_is_named(tmp_path: Path, reader: Callable[..., Labelled], sentence: str):
    path, task = written(tmp_path / "rows.jsonl", [{"subject": 7}]), Task("ticket", "Teams.", reader=reader)
    for read in (lambda: read_examples([path], task), lambda: read_asked(path, task)):
        with pytest.raises(TriviumError) as raised:
            read()
        assert sentence in str(raised.value)


def test_a_reader_without_labels_to_read_is_refused():
    with pytest.raises(Misconfigured, match="has a reader but no labels"):
        Task("search", "Finds.", objective="retrieve", reader=no_number)


def test_a_model_of_an_app_that_is_gone_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from core.backend.models import open_registry
    from tests.core.backend.registry.samples import publish

    publish(open_registry(read_settings()))  # of the task "mood"
    rows = written(tmp_path / "rows.jsonl", [{"text": "hi"}])
    words = ["predict", "--model", "mood", "--data", str(rows), "--out", str(tmp_path / "out.jsonl")]
    with pytest.raises(TriviumError, match=r"no task 'mood'.*or install its app"):
        CliRunner().invoke(build_cli()[0], words, catch_exceptions=False)
