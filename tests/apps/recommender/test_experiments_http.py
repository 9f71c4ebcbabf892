"""Experiments over HTTP and at the console."""

import json

from starlette.testclient import TestClient
from typer.testing import CliRunner

from apps.recommender.commands import build_commands
from core.app import Services

HALVES = [{"name": "now", "share": 0.5}, {"name": "new", "share": 0.5, "model": "sequence@3"}]
BASE = "/v1/recommend/experiments"


def made(client: TestClient) -> str:
    answer = client.post(BASE, json={"name": "New model", "arms": HALVES, "guardrails": [{"metric": "conversion"}]})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_an_experiment_is_made_started_looked_at_and_stopped(client: TestClient):
    name = made(client)
    assert client.get(f"{BASE}/{name}").json()["state"] == "draft"
    assert client.get(f"{BASE}/{name}/assignment?user=u1").json()["arm"] is None
    started = client.patch(f"{BASE}/{name}", json={"state": "running"}).json()
    assert (started["state"], started["version"]) == ("running", 2)
    arm = client.get(f"{BASE}/{name}/assignment?user=u1").json()["arm"]["name"]
    shown = client.post(f"{BASE}/{name}/exposures", json={"user": "u1"}).json()
    assert shown["arm"]["name"] == arm in ("now", "new")
    found = client.get(f"{BASE}/{name}/results").json()
    assert sum(one["exposed"] for one in found["arms"]) == 1
    assert found["verdict"].startswith("Too early to tell")
    client.patch(f"{BASE}/{name}", json={"state": "stopped"})
    assert [one["state"] for one in client.get(BASE).json()["items"]] == ["stopped"]
    assert client.post(f"{BASE}/{name}/exposures", json={"user": "u2"}).json()["arm"] is None


def test_mistakes_are_told_in_a_sentence(client: TestClient):
    name = made(client)
    assert client.get(f"{BASE}/exp_0000000000000000").status_code == 404
    wrong = client.post(BASE, json={"name": "x", "arms": [HALVES[0]]})
    assert wrong.status_code == 422
    nobody = client.post(f"{BASE}/{name}/exposures", json={})
    assert nobody.status_code == 422
    assert "name a user or a session" in nobody.text
    assert client.get(f"{BASE}/{name}/assignment").status_code == 422
    control = client.patch(f"{BASE}/{name}", json={"arms": {"now": "stopped"}})
    assert control.status_code == 409
    assert "is the control" in control.json()["detail"]


def test_the_console_lists_starts_stops_and_tells(client: TestClient, services: Services, monkeypatch):
    name = made(client)
    monkeypatch.setenv("TRIVIUM_HOME", str(services.settings.home))

    def told(*asked: str) -> dict:
        done = CliRunner().invoke(build_commands(), ["experiments", *asked, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert [one["id"] for one in told("list")["items"]] == [name]
    assert told("start", name)["state"] == "running"
    assert told("results", name)["arms"][1]["arm"] == "new"
    assert told("guard") == {"stopped": []}
    assert told("stop", name)["state"] == "stopped"
    plain = CliRunner().invoke(build_commands(), ["experiments", "results", name])
    assert "Too early to tell" in plain.output


def test_guardrails_change_while_it_runs_and_what_they_were_is_kept(client: TestClient):
    name = made(client)
    client.patch(f"{BASE}/{name}", json={"state": "running"})
    rails = [{"metric": "dislikes", "may_change": 0.2}, {"metric": "revenue", "may_change": 0.1}]
    changed = client.patch(f"{BASE}/{name}", json={"guardrails": rails, "version": 2}).json()
    assert (changed["guardrails"], changed["version"], changed["state"]) == (rails, 3, "running")
    assert client.patch(f"{BASE}/{name}", json={"guardrails": [], "version": 2}).status_code == 409
    assert client.patch(f"{BASE}/{name}", json={"guardrails": [{"metric": "speed"}]}).status_code == 422
    last, first = client.get(f"{BASE}/{name}/changes").json()["items"]
    assert last["before"] == {"guardrails": [{"metric": "conversion", "may_change": 0.05}]}
    assert last["after"] == {"guardrails": rails}
    assert (first["before"], first["after"]) == ({"state": "draft"}, {"state": "running"})
    assert client.get(f"{BASE}/exp_0000000000000000/changes").status_code == 404
    client.patch(f"{BASE}/{name}", json={"arms": {"new": "stopped"}})
    assert client.get(f"{BASE}/{name}/changes").json()["items"][0]["after"] == {"stopped": {"new": "stopped by hand"}}


def test_guardrails_are_shown_and_changed_at_the_console(client: TestClient, services: Services, monkeypatch):
    name = made(client)
    monkeypatch.setenv("TRIVIUM_HOME", str(services.settings.home))

    def told(*asked: str) -> str:
        done = CliRunner().invoke(build_commands(), ["experiments", *asked])
        assert done.exit_code == 0, done.output
        return done.output

    assert "conversion may change by 5%" in told("guardrails", name)
    assert "dislikes may change by 20%" in told("guardrails", name, "--may-change", "dislikes=0.2")
    assert client.get(f"{BASE}/{name}").json()["guardrails"] == [{"metric": "dislikes", "may_change": 0.2}]
    assert "Nothing is guarded" in told("guardrails", name, "--none")
    assert "guardrails" in told("changes", name)
    wrong = CliRunner().invoke(build_commands(), ["experiments", "guardrails", name, "--may-change", "speed=2"])
    assert wrong.exit_code == 2
    assert "is no guardrail" in wrong.output
