"""The server trains by itself or at a request: when, what a child that dies leaves, and who answers meanwhile."""

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import core.services
from apps.recommender.commands import build_commands
from apps.recommender.errors import TrainingRuns
from apps.recommender.pipeline import retraining
from apps.recommender.pipeline.comparing import Compared
from apps.recommender.pipeline.retraining import Retraining
from apps.recommender.pipeline.trainings import alone, hold, last_training
from apps.recommender.settings import RecommenderSettings
from core.app import Services
from core.evaluation.intervals import Figure
from core.services import open_services
from core.testing.fakes import FixedClock, LetterEncoder

AT = 1_700_000_000


def ring(users: range, start: int = AT) -> list[dict[str, Any]]:
    """User k begins at item k and goes round."""
    return [
        {"user": f"u{user}", "item": f"i{(user + at) % 12}", "type": "click", "timestamp": start + 60 * at + user}
        for user in users
        for at in range(6)
    ]


def send(client: TestClient, rows: list[dict[str, Any]]) -> None:
    assert client.post("/v1/recommend/events", json=rows).json()["added"] == len(rows)


def told(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/recommend/versions/training").json()
    return found


def test_when_the_server_trains_by_itself(client, services: Services, clock: FixedClock, monkeypatch):
    begun: list[int] = []
    monkeypatch.setattr(Retraining, "begin", lambda _: begun.append(1))
    chosen = RecommenderSettings(retrain_every_hours=24, retrain_least_events=100)
    home, name = services.settings.home, chosen.served_model
    house = Retraining(services, chosen)
    assert not house.look()  # nothing is new
    send(client, ring(range(20)))
    assert not Retraining(services, RecommenderSettings(retrain_least_events=1)).look()  # off unless it is set
    assert house.look()
    with alone(home, name, clock) as diary:
        assert not house.look()  # one runs
        diary.end("done", "recommender@1")
    clock.now += timedelta(hours=23)
    assert not house.look()
    clock.now += timedelta(hours=2)
    assert house.look()
    os.close(hold(home, name))
    assert len(begun) == 2


def test_a_killed_training_is_gone_on_with_after_ten_minutes(services, client, clock: FixedClock, monkeypatch):
    begun: list[int] = []
    monkeypatch.setattr(Retraining, "begin", lambda _: begun.append(1))
    house = Retraining(services, RecommenderSettings(retrain_every_hours=24, retrain_least_events=1))
    send(client, ring(range(3)))
    manager = alone(services.settings.home, "recommender", clock)
    manager.__enter__()
    saved = (services.settings.home / "training" / "recommend-recommender.json").read_bytes()
    manager.__exit__(None, None, None)
    (services.settings.home / "training" / "recommend-recommender.json").write_bytes(saved)  # as a kill leaves it
    last = last_training(services.settings.home, "recommender")
    assert last is not None
    assert (last.running, last.failed, last.ended_at) == (False, True, None)
    clock.now += timedelta(minutes=9)
    assert not house.look()
    clock.now += timedelta(minutes=2)
    assert house.look()


def test_nobody_trained_yet(client):
    assert told(client) == {"last": None, "every_hours": 0.0, "promote": "if_not_worse"}


def test_a_request_trains_in_a_process_of_its_own(client, services: Services, monkeypatch, caplog):
    caplog.set_level("INFO")  # as a server logs
    light(monkeypatch)
    send(client, ring(range(40)))
    answer = client.post("/v1/recommend/versions/train")
    assert answer.status_code == 202
    assert answer.json()["running"]
    again = client.post("/v1/recommend/versions/train")
    assert again.status_code == 409
    assert "running already" in again.json()["detail"]
    last = wait(client)
    log = (services.settings.home / "training" / "recommend-recommender.log").read_text("utf-8")
    assert last["version"] == "recommender@1", log
    assert "It is the first" in last["outcome"]
    assert client.get("/v1/recommend/users/u1?seen=true").json()["model"] == "recommender@1"


def test_a_new_version_is_compared_on_what_came_since(client, services: Services):
    send(client, ring(range(40)))
    assert trained("--promote-if-not-worse")["outcome"].endswith("It is the first, so it answers from now on.")
    too_few = trained("--promote-if-not-worse")
    assert "Too few to compare: 0 of the users held out" in too_few["outcome"]
    assert "recommender@1 goes on answering" in too_few["outcome"]
    send(client, ring(range(40), AT + 86_400))
    third = trained("--promote-if-not-worse")
    assert "On the newest events of 40 users" in third["outcome"]
    assert {"newest events: ndcg@10", "newest events: difference"} <= third["figures"].keys()
    shown = client.get("/v1/recommend/versions").json()["items"][0]
    assert third["outcome"].removeprefix("recommender@3 is published. ") in shown["notes"]
    assert shown["active"] == (": not worse" in third["outcome"])


def test_what_is_worse_than_chance_would_explain_does_not_answer():
    def compared(value: float, low: float, high: float) -> Compared:
        theirs = Figure(0.1, 0.09, 0.11, 500)
        return Compared("recommender@1", Figure(0.1 + value, 0, 1, 500), theirs, Figure(value, low, high, 500))

    assert not compared(0.01, -0.01, 0.03).worse
    assert not compared(-0.004, -0.02, 0.01).worse
    assert compared(-0.02, -0.03, -0.01).worse
    assert compared(-0.02, -0.05, 0.01).worse  # nobody can be sure, but a fifth would be lost


def test_what_cannot_be_learned_from_is_told(client, services: Services, monkeypatch):
    light(monkeypatch)
    assert client.post("/v1/recommend/versions/train").status_code == 202
    last = wait(client)
    assert last["failed"]
    assert "nothing to learn from" in last["outcome"]
    assert retraining.Retraining(services, RecommenderSettings()).told().last is not None


@pytest.mark.parametrize("moment", ["training", "publishing", "promotion"])
def test_a_killed_training_leaves_the_old_version_answering(client, services: Services, moment: str):
    things = [{"id": f"i{at}", "title": f"Thing {at}"} for at in range(12)]
    assert client.post("/v1/recommend/items", json=things).status_code == 200
    send(client, ring(range(40)))
    trained()
    send(client, ring(range(40), AT + 86_400))
    assert run(services, KILLS[moment]) == -signal.SIGKILL
    answer = client.get("/v1/recommend/users/u1?seen=true").json()
    assert answer["model"] == "recommender@1"
    assert answer["items"]
    registry = services.registry
    for version in registry.versions("recommender"):
        registry.open(version.ref)  # whole, or it would say so
    assert not told(client)["last"]["running"]
    trained("--promote")
    assert client.get("/v1/recommend/users/u1?seen=true").json()["model"] == registry.get("recommender@latest").ref


def trained(*words: str) -> dict[str, Any]:
    """`trivium recommend train`, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.services, "open_services", functools.partial(open_services, encoder=LetterEncoder()))
        done = CliRunner().invoke(
            build_commands(), ["train", "--budget-minutes", "0", "--json", *words], catch_exceptions=False
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


LIGHT = """
    import functools, sys
    import core.services
    from core.testing.fakes import LetterEncoder
    core.services.open_services = functools.partial(core.services.open_services, encoder=LetterEncoder())
    {kill}
    from core.cli import main
    sys.argv[0] = "trivium"
    main()
"""
DIE = "lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)"
KILLS = {
    "training": f"""
    import os, signal
    from apps.recommender.pipeline.model import fitting
    fitting.fit_blend = {DIE}
    """,
    "publishing": f"""
    import os, signal
    from core.backend.registry import registry
    registry.sync_tree = {DIE}
    """,
    "promotion": f"""
    import os, signal
    from core.backend.registry import registry
    registry.write_pointer = {DIE}
    """,
}


def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process that trains have an encoder without weights."""
    script, plain = textwrap.dedent(LIGHT.replace("{kill}", "pass")), Retraining._command

    def command(self: Retraining, lock: int) -> list[str]:
        return [sys.executable, "-c", script, *(word for word in plain(self, lock)[3:] if word != "--in-background")]

    monkeypatch.setattr(Retraining, "_command", command)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def run(services: Services, kill: str) -> int:
    """`trivium recommend train --promote` in a process of its own. returns: its exit status"""
    script = textwrap.dedent(LIGHT.replace("{kill}", kill.strip() or "pass"))
    arguments = ["recommend", "train", "--promote", "--budget-minutes", "0.02", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment(services),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    if done.returncode == 0:
        assert json.loads(done.stdout)["model"] == "recommender"
    return done.returncode


def environment(services: Services) -> dict[str, str]:
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "TRIVIUM_HOME": str(services.settings.home),
        "TRIVIUM_DATABASE_URL": services.settings.database,
    }


def wait(client: TestClient) -> dict[str, Any]:
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline:
        last: dict[str, Any] = told(client)["last"]
        if not last["running"]:
            return last
        time.sleep(0.2)
    raise AssertionError("the training did not end")


def test_a_lock_that_is_held_is_refused(tmp_path):
    lock = hold(tmp_path, "shop")
    with pytest.raises(TrainingRuns):
        hold(tmp_path, "shop")
    os.close(lock)
    os.close(hold(tmp_path, "shop"))
