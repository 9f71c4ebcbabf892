"""Shops and rows that nobody planned for, by command and over HTTP: told in a sentence, or simply served."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import core.services
from apps.recommender.app import app
from apps.recommender.commands import build_commands
from apps.recommender.errors import NothingToLearn, TrainingRuns
from apps.recommender.pipeline.evaluating.running import evaluate
from apps.recommender.pipeline.ingesting.moods import CommentReader
from apps.recommender.pipeline.model.fitting import fit
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.trainings import alone
from core.clock import system_clock
from core.errors import Invalid
from core.services import close_services, open_services
from core.settings import read_settings
from core.testing.api import api_client
from core.testing.fakes import LetterEncoder
from tests.apps.recommender.conftest import written

AT = 1_700_000_000
PARTY = "🎉🎈🥳"


@pytest.fixture(autouse=True)
def _no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommentReader, "read_some", lambda _: 0)
    monkeypatch.setattr(core.services, "open_services", functools.partial(open_services, encoder=LetterEncoder()))


def typed(*words: object) -> Result:
    done = CliRunner().invoke(build_commands(), list(map(str, words)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def visits(item: str, users: int = 4, each: int = 4) -> list[dict[str, Any]]:
    return [
        {"user": f"u{user}", "item": item, "type": "click", "timestamp": AT + 60 * at + user}
        for user in range(users)
        for at in range(each)
    ]


def test_a_shop_of_one_item_with_an_emoji_for_a_title_has_everything(tmp_path: Path):
    items = written(tmp_path / "items.jsonl", {"id": PARTY, "title": PARTY, "description": "🎂"})
    events = written(tmp_path / "events.jsonl", *visits(PARTY))
    assert typed("import", "--items", items, "--events", events, "--no-moods").exit_code == 0
    assert json.loads(typed("train", "--budget-minutes", 0, "--json").stdout)["version"] == 1
    figures = json.loads(typed("evaluate", "--budget-minutes", 0, "--json").stdout)["figures"]
    assert figures["blend"]["hit@10"]["n"] == 4
    out = tmp_path / "lists.jsonl"
    assert typed("export", "--k", 10_000, "--out", out).exit_code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert rows == [{"user": f"u{user}", "items": [PARTY]} for user in range(4)]
    services = open_services(read_settings(), encoder=LetterEncoder())
    try:
        with api_client(services, [app]) as client:
            answer = client.get("/v1/recommend/users/u1", params={"seen": True}).json()
            assert ([one["id"] for one in answer["items"]], answer["model"]) == ([PARTY], "recommender@1")
            assert "seen already" in client.get("/v1/recommend/users/u1").json()["note"]
            assert client.get(f"/v1/recommend/items/{PARTY}/similar").json()["items"] == []
            found = client.get("/v1/recommend/search", params={"q": PARTY})
            assert found.status_code == 200
    finally:
        close_services(services)


@pytest.mark.parametrize("items", [1, 2])
def test_so_small_a_catalogue_is_learned_from_and_measured(items: int):
    user, item = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4) % items
    histories = Histories.gather(user, item, np.arange(16) * 60.0, user_count=4, item_count=items)
    fitted = fit(histories, None, seed=1, budget_s=0)
    assert fitted.recommender.recommend(histories, 3, exclude_seen=False)[:, :items].min() == 0
    assert (fitted.recommender.recommend(histories, 3) == -1).all()
    found = evaluate(histories, None, split="leave-one-out", most=10, seed=1, budget_s=0)
    assert found.figures["blend"]["hit@10"].n == 4


def test_a_user_with_100000_events_is_learned_from():
    user = np.concatenate([np.repeat(np.arange(30), 5), np.full(100_000, 30)])
    item = np.concatenate([(np.repeat(np.arange(30), 5) + np.tile(np.arange(5), 30)) % 40, np.arange(100_000) % 35])
    histories = Histories.gather(user, item, np.arange(len(user)) * 60.0, user_count=31, item_count=40)
    fitted = fit(histories, None, seed=1, budget_s=0)
    left = fitted.recommender.recommend(histories, 10)[30]
    assert set(left[left >= 0].tolist()) <= set(range(35, 40))


def test_nothing_to_learn_from_is_told():
    with pytest.raises(NothingToLearn, match="no event speaks for an item"):
        typed("train", "--budget-minutes", 0)


def test_one_event_each_is_too_little_and_nothing_is_left_behind(tmp_path: Path):
    assert typed("import", "--events", written(tmp_path / "events.jsonl", *visits("a", each=1))).exit_code == 0
    with pytest.raises(NothingToLearn, match="two users need three events"):
        typed("train", "--budget-minutes", 0)
    assert not (read_settings().home / "models" / "recommender").exists()


def test_a_second_training_is_refused_while_one_runs(tmp_path: Path):
    typed("import", "--events", written(tmp_path / "events.jsonl", *visits("a")))
    with (
        alone(read_settings().home, "recommender", system_clock),
        pytest.raises(TrainingRuns, match="is running already: wait until it has ended"),
    ):
        typed("train", "--budget-minutes", 0)
    assert typed("train", "--budget-minutes", 0).exit_code == 0


@pytest.mark.parametrize("k", [0, -1, 10_001, "many"])
def test_a_length_that_no_list_has_is_a_wrong_usage(tmp_path: Path, k: object):
    assert typed("export", "--k", k, "--out", tmp_path / "lists.jsonl").exit_code == 2


def test_a_file_whose_fifth_line_is_broken_loses_that_line_only(tmp_path: Path):
    rows: list[Any] = visits("a", each=3)
    rows[4] = '{"user": "u1", "item": "a", "ty'
    done = typed("import", "--events", written(tmp_path / "events.jsonl", *rows), "--no-moods")
    assert "11 events are new" in done.stderr
    assert "events.jsonl, line 5: is not JSON." in done.stderr


def test_an_empty_file_is_told(tmp_path: Path):
    (tmp_path / "events.jsonl").write_bytes(b"")
    with pytest.raises(Invalid, match="There is no row"):
        typed("import", "--events", tmp_path / "events.jsonl")


def test_ratings_and_times_of_every_kind_in_one_bulk(opened: Any):
    good = [AT, AT * 1_000, "2023-11-14T23:13:20+01:00", "2023-11-14T22:13:20Z"]
    rows = [
        *({"user": "u", "item": f"i{at}", "type": "view", "timestamp": time} for at, time in enumerate(good)),
        {"user": "u", "item": "i", "type": "rating", "value": 11, "timestamp": AT},
        {"user": "u", "item": "i", "type": "view", "timestamp": "2099-01-01T00:00:00Z"},
        {"user": "u", "item": "i", "type": "view", "timestamp": 4_000_000_000},
        {"user": "u", "item": "i", "type": "view", "timestamp": 4_000_000_000_000},
        {"user": "u", "item": "i", "type": "view", "timestamp": "yesterday"},
    ]
    answer = opened.post("/v1/recommend/events", json=rows)
    assert answer.status_code == 207
    assert answer.json()["added"] == 4
    assert opened.get("/v1/recommend/data").json()["unknown_items"] == 4  # none was sent as an item yet
    told = [(fault["line"], fault["problem"]) for fault in answer.json()["faults"]]
    assert told == [
        (5, "a rating of 11 lies outside of 0.5 to 5"),
        (6, "timestamp lies in the future"),
        (7, "timestamp lies in the future"),
        (8, "timestamp lies in the future"),
        (9, "timestamp must be a time in ISO 8601, or seconds or milliseconds since 1970"),
    ]
    kept = opened.get("/v1/recommend/events", params={"user": "u"}).json()["items"]
    assert {one["timestamp"] for one in kept} == {"2023-11-14T22:13:20Z"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    services = open_services(read_settings(), encoder=LetterEncoder())
    from core.migrations import upgrade

    upgrade(services.database, [app])
    with api_client(services, [app]) as client:
        yield client
    close_services(services)
