"""Lists for all users in a file: whole or not there, gone on with after a kill, made anew by the next run."""

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from apps.recommender.errors import ExportRuns
from apps.recommender.pipeline import exporting
from apps.recommender.pipeline.exporting import export
from apps.recommender.pipeline.learning import Learnable
from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.files import Stored, load, save
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.recommender import Recommender
from apps.recommender.pipeline.model.signals import ByPopularity
from core.backend.registry.durable import locked
from core.backend.registry.errors import CannotWrite

USERS, ITEMS = 600, 40
STRANGER = "a stranger"


@pytest.fixture
def learned() -> Learnable:
    chance = np.random.default_rng(5)
    user = np.repeat(np.arange(USERS, dtype=np.int32), 4)
    item = chance.integers(0, ITEMS, len(user)).astype(np.int32)
    seconds = np.arange(len(user), dtype=np.float64)
    histories = Histories.gather(user, item, seconds, user_count=USERS, item_count=ITEMS)
    return Learnable(histories, [f"u{at}" for at in range(USERS)], [f"ü-{at}" for at in range(ITEMS)], [])


@pytest.fixture
def stored(tmp_path: Path, learned: Learnable) -> Stored:
    amounts = np.arange(ITEMS, dtype=np.float32)
    one = np.ones(1)
    blend = Blend(("popular",), one, 0 * one, 1.0)
    save(tmp_path, Recommender({"popular": ByPopularity(amounts)}, blend, ITEMS), learned.items, None)
    return load(tmp_path)


def rows(target: Path) -> list[dict]:
    if target.suffix == ".parquet":
        return parquet.read_table(target).to_pylist()
    return [json.loads(line) for line in target.read_text("utf-8").splitlines()]


class Killed(BaseException):
    """In place of a signal: nothing between here and the caller takes it for an error."""


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_file_stands_when_it_is_whole_and_a_stopped_run_goes_on(
    kind: str, tmp_path: Path, stored: Stored, learned: Learnable
):
    users, target = [*learned.users, STRANGER], tmp_path / "out" / f"lists.{kind}"
    target.parent.mkdir()
    asked = {"k": 3, "exclude_seen": True, "version": "recommender@1"}

    def stop(done: int) -> None:
        if done > 256:
            raise Killed

    with pytest.raises(Killed):
        export(stored, learned, users, target, show=stop, **asked)
    assert not target.exists()
    [part] = target.parent.iterdir()
    part.write_bytes(part.read_bytes()[:-9])  # as a kill in the midst of a line leaves it
    before = export(stored, learned, users, target, **asked)
    assert 256 <= before < len(users) - 1
    assert list(target.parent.iterdir()) == [target]
    found = rows(target)
    assert [row["user"] for row in found] == users
    assert all(len(set(row["items"])) == 3 for row in found)
    assert found[-1]["items"] == ["ü-39", "ü-38", "ü-37"]
    had = {learned.items[item] for item in learned.histories.item[learned.histories.of(0)]}
    assert not had & set(found[0]["items"])


def test_the_next_run_writes_all_lists_anew(tmp_path: Path, stored: Stored, learned: Learnable):
    target = tmp_path / "lists.jsonl"
    export(stored, learned, learned.users, target, k=3, exclude_seen=False, version="recommender@1")

    def stop(done: int) -> None:
        if done:
            raise Killed

    with pytest.raises(Killed):
        export(stored, learned, learned.users, target, k=5, exclude_seen=False, show=stop)
    assert {len(row["items"]) for row in rows(target)} == {3}, "a stopped run leaves the last lists"
    for k in (4, 4):
        assert export(stored, learned, learned.users, target, k=k, exclude_seen=False, version="recommender@2") == 0
    assert {len(row["items"]) for row in rows(target)} == {4}
    assert not list(tmp_path.glob(".lists*")), "what stopped runs left is gone"


def test_two_that_write_the_same_lists(
    tmp_path: Path, stored: Stored, learned: Learnable, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "lists.jsonl"
    lists = exporting._lists

    def meanwhile(*given: object) -> object:
        monkeypatch.setattr(exporting, "_lists", lists)
        with pytest.raises(ExportRuns, match=r"Another process writes these lists to lists\.jsonl"):
            export(stored, learned, learned.users, target, k=3, exclude_seen=False)
        export(stored, learned, learned.users, target, k=5, exclude_seen=False)  # other lists, in the same file
        return lists(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(exporting, "_lists", meanwhile)
    export(stored, learned, learned.users, target, k=3, exclude_seen=False)
    assert {len(row["items"]) for row in rows(target)} == {3}, "who ends last"
    with locked(target, wait=False) as held:
        assert held


def test_a_folder_that_is_missing_is_named(tmp_path: Path, stored: Stored, learned: Learnable):
    with pytest.raises(CannotWrite, match="nowhere"):
        export(stored, learned, learned.users, tmp_path / "nowhere" / "lists.jsonl", k=3, exclude_seen=False)
