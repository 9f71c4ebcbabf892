"""Alerts, rules, channels, mutes and messages over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.finance_sentiment.app import app
from apps.finance_sentiment.pipeline.delivering import Courier
from core.app import Services
from core.auth import create_key
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.finance_sentiment.alert_house import MONDAY, AlertHouse
from tests.apps.finance_sentiment.receivers import receiver

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
BURST = {"kind": "volume", "at_least": 2, "window_minutes": 60}


@dataclass
class Desk:
    client: TestClient
    house: AlertHouse
    services: Services

    def post(self, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        answer = self.client.post(f"/v1/finance{path}", json=body)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def get(self, path: str, status: int = 200, **query: Any) -> dict[str, Any]:
        answer = self.client.get(f"/v1/finance{path}", params=query)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def rule(self, **more: Any) -> dict[str, Any]:
        return self.post("/rules", {"name": "Burst", "who": {"kind": "all"}, "what": BURST, **more}, 201)

    def burst(self, entity: str, at: Any) -> None:
        for minute in (0, 1):
            self.house.write(entity, at + minute * MINUTE, -0.5)
        self.house.look(at + 2 * MINUTE)


@pytest.fixture
def desk(settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock.now = MONDAY
    monkeypatch.setattr(Courier, "look", lambda _: None)  # the server's own job would send at moments of its own
    monkeypatch.setattr("apps.finance_sentiment.pipeline.rounds.Rounds.watch", lambda _: True)
    services = open_services(settings, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    house = AlertHouse(services.database, clock)
    house.company("acme")
    house.company("bolt", sector="Tools", watched=False)
    with api_client(services, [app]) as client:
        yield Desk(client, house, services)
    close_services(services)


def test_an_alert_is_listed_shown_and_taken_care_of(desk: Desk):
    rule = desk.rule(severity="high")
    desk.burst("acme", MONDAY)
    [alert] = desk.get("/alerts", state="open")["items"]
    assert (alert["rule"], alert["rule_name"], alert["severity"]) == (rule["id"], "Burst", "high")
    path = f"/alerts/{alert['id']}"
    assert desk.post(f"{path}/acknowledge", {"note": "on it"})["state"] == "acknowledged"
    assert desk.post(f"{path}/snooze", {"minutes": 60})["state"] == "snoozed"
    assert desk.post(f"{path}/close")["state"] == "closed"
    assert desk.post(f"{path}/reopen")["state"] == "open"
    history = desk.get(path)["history"]
    assert [one["step"] for one in history] == ["opened", "acknowledged", "snoozed", "closed", "reopened"]
    assert (history[1]["by"], history[1]["note"]) == ("test", "on it")


def test_alerts_are_paged_the_latest_first_and_filtered(desk: Desk):
    desk.rule()
    for day in range(3):
        for entity in ("acme", "bolt"):
            desk.burst(entity, MONDAY + day * DAY)
        desk.house.look(MONDAY + day * DAY + 3 * HOUR)
    found, cursor = [], None
    while True:
        page = desk.get("/alerts", limit=4, **({"cursor": cursor} if cursor else {}))
        found += [(one["entity"], one["opened_at"][:10]) for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 6
    assert [day for _, day in found] == sorted((day for _, day in found), reverse=True)
    assert {one["entity"] for one in desk.get("/alerts", entity="bolt")["items"]} == {"bolt"}
    since, until = "2026-03-03T00:00:00Z", "2026-03-04T00:00:00"
    assert len(desk.get("/alerts", **{"from": since, "to": until})["items"]) == 2
    assert len(desk.get("/alerts", state=["open", "acknowledged"])["items"]) == 0
    assert desk.get("/alerts", 422, **{"from": until, "to": since})["detail"].startswith("`from` lies behind")


def test_a_closed_alert_is_reopened_before_it_is_acknowledged(desk: Desk):
    desk.rule()
    desk.burst("acme", MONDAY)
    path = f"/alerts/{desk.get('/alerts')['items'][0]['id']}"
    desk.post(f"{path}/close")
    told = desk.post(f"{path}/acknowledge", status=409)
    assert told["detail"] == "An alert that is closed cannot be acknowledged."


def test_a_rule_is_made_read_changed_and_removed(desk: Desk):
    made = desk.rule()
    edit = {"name": "Burst", "who": {"kind": "watchlist"}, "what": BURST, "enabled": False, "version": 1}
    changed = desk.client.put(f"/v1/finance/rules/{made['id']}", json=edit).json()
    assert (changed["version"], changed["enabled"], changed["who"]["kind"]) == (2, False, "watchlist")
    late = desk.client.put(f"/v1/finance/rules/{made['id']}", json=edit)
    assert (late.status_code, "you read version 1" in late.json()["detail"]) == (409, True)
    assert desk.client.delete(f"/v1/finance/rules/{made['id']}").status_code == 204
    assert desk.get("/rules") == {"items": []}
    desk.get(f"/rules/{made['id']}", 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": {"kind": "mood"}},
        {"what": {"kind": "mood", "below": -0.2, "above": 0.2}},
        {"what": {"kind": "mood", "below": -1.5}},
        {"what": {"kind": "volume"}},
        {"what": {"kind": "mood_change", "by": 0}},
        {"what": {"kind": "volume", "at_least": 1, "window_minutes": 1}},
        {"what": {"kind": "weather"}},
        {"who": {"kind": "entities"}},
        {"who": {"kind": "all", "entities": ["acme"]}},
        {"severity": "loud"},
        {"name": " "},
    ],
)
def test_a_rule_that_says_nothing_sensible_is_refused(desk: Desk, wrong: dict[str, Any]):
    desk.post("/rules", {"name": "Burst", "who": {"kind": "all"}, "what": BURST, **wrong}, 422)


def test_a_rule_names_only_what_is_there(desk: Desk):
    told = desk.post("/rules", {"name": "x", "who": {"kind": "entities", "entities": ["nobody"]}, "what": BURST}, 409)
    assert "nobody" in told["detail"]


def test_a_preview_tells_how_often_a_rule_would_have_told(desk: Desk):
    desk.house.quiet("acme", 20)
    for back in (3, 9):
        for minute in (0, 5, 9):
            desk.house.write("acme", MONDAY - back * DAY + 2 * HOUR + minute * MINUTE, title="Acme recall")
    told = desk.post("/rules/preview", {"who": {"kind": "all"}, "what": {**BURST, "at_least": 3}})
    assert (told["alerts"], told["step_minutes"], round(told["days"])) == (2, 30, 20)
    assert [one["opened_at"][:10] for one in told["firings"]] == ["2026-02-27", "2026-02-21"]
    assert all(one["closed_at"] for one in told["firings"])
    words = {**BURST, "keywords": {"any": ["recall"]}}
    assert desk.post("/rules/preview", {"who": {"kind": "all"}, "what": words})["alerts"] == 2
    assert desk.post("/rules/preview", {"who": {"kind": "sector", "sector": "Tools"}, "what": BURST})["alerts"] == 0
    assert desk.post("/rules/preview", {"what": {"kind": "signal"}})["alerts"] == 0
    assert desk.get("/alerts")["items"] == []


def test_a_preview_of_an_empty_archive_is_no_alert(desk: Desk):
    told = desk.post("/rules/preview", {"who": {"kind": "all"}, "what": BURST})
    assert (told["alerts"], told["per_week"], told["days"]) == (0, 0, 0)


def test_a_channel_is_made_tested_and_its_secret_shown_once(desk: Desk):
    with receiver() as hook:
        made = desk.post("/channels", {"name": "Desk", "kind": "webhook", "url": hook.url}, 201)
        assert made["secret"].startswith("whsec_")
        assert "secret" not in desk.get(f"/channels/{made['id']}")
        tested = desk.post(f"/channels/{made['id']}/test")
        assert (tested["state"], tested["event"], tested["channel_name"]) == ("done", "test", "Desk")
        assert len(hook.got) == 1
    dead = desk.post(f"/channels/{made['id']}/test")
    assert (dead["state"], dead["problem"]) == ("dead", "no connection")
    assert [one["state"] for one in desk.get("/deliveries", state=["dead", "unsure"])["items"]] == ["dead"]
    again = desk.post(f"/deliveries/{dead['id']}/resend")
    assert (again["state"], again["attempts"]) == ("waiting", 0)
    desk.post(f"/deliveries/{dead['id']}/resend", status=409)
    assert desk.client.delete(f"/v1/finance/channels/{made['id']}").status_code == 204
    assert desk.get("/deliveries")["items"] == []


@pytest.mark.parametrize(
    ("edit", "status", "words"),
    [
        ({"kind": "webhook", "url": "http://inner.example/"}, 422, "https"),
        ({"kind": "webhook", "url": "https://10.0.0.1/"}, 422, "not public"),
        ({"kind": "webhook", "url": "ftp://x.example/"}, 422, "cannot be read"),
        ({"kind": "webhook"}, 422, "has a `url`"),
        ({"kind": "email", "addresses": ["ann@bank.example"]}, 409, "no mail server is set"),
        ({"kind": "email", "addresses": ["ann"]}, 422, ""),
        ({"kind": "email", "addresses": ["a@b.example\nBcc: c@d.example"]}, 422, ""),
    ],
)
def test_a_channel_that_cannot_work_is_refused(desk: Desk, edit: dict[str, Any], status: int, words: str):
    answer = desk.client.post("/v1/finance/channels", json={"name": "Desk", **edit})
    assert answer.status_code == status, answer.text
    assert words.lower() in answer.text.lower()


def test_mutes_are_set_listed_and_ended(desk: Desk):
    made = desk.post("/mutes", {"entity": "acme", "hours": 2, "reason": "merger talk"}, 201)
    assert (made["entity"], made["by"]) == ("acme", "test")
    assert [one["id"] for one in desk.get("/mutes")["items"]] == [made["id"]]
    assert desk.client.delete(f"/v1/finance/mutes/{made['id']}").status_code == 204
    assert desk.get("/mutes")["items"] == []
    assert "names a company" in desk.post("/mutes", {}, 422)["detail"]
    desk.post("/mutes", {"entity": "nobody"}, 409)


def test_who_may_only_read_changes_nothing(desk: Desk):
    key = create_key(desk.services.database, "eve", ["finance:read"], known_scopes=app.scopes, now=MONDAY).key
    desk.client.headers["Authorization"] = f"Bearer {key}"
    assert desk.get("/alerts") == {"items": [], "next_cursor": None}
    desk.post("/rules/preview", {"what": BURST})
    desk.post("/rules", {"name": "x", "what": BURST}, 403)
    desk.post("/mutes", {"entity": "acme"}, 403)
    desk.post("/channels", {"name": "x", "kind": "webhook", "url": "http://localhost:9/"}, 403)
