"""A training that is killed: nothing half is served, and the same command goes on to the same weights."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from apps.recommender.errors import TrainingRuns
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.resuming import Kept, trail
from apps.recommender.pipeline.model.training import train
from apps.recommender.pipeline.trainings import alone, last_training
from core.errors import Invalid
from core.testing.fakes import FixedClock

RECIPE = Recipe(width=16, longest=8, tokens=64, epochs=12, dropout=0.2, hide=0.1, average=0.9)


def shop() -> Histories:
    chance = np.random.default_rng(3)
    user, item = np.repeat(np.arange(50), 6), chance.integers(0, 20, 300)
    return Histories.gather(user, item, np.arange(300) * 60.0, user_count=50, item_count=20)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So that sums are made in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Stopped(Exception):
    """In the place of a kill."""


def test_a_stopped_network_goes_on_to_the_same_weights(tmp_path):
    whole = train(shop(), None, RECIPE, seed=5)

    def stop(progress, _):
        if progress.epoch == 8:
            raise Stopped

    kept = Kept(tmp_path / "network.safetensors", every_s=0)
    with pytest.raises(Stopped):
        train(shop(), None, RECIPE, seed=5, place=kept, told=stop)
    assert kept.epoch == 7
    epochs = []
    again = Kept(tmp_path / "network.safetensors", every_s=0)
    torch.manual_seed(99)  # chance comes from the checkpoint
    resumed = train(shop(), None, RECIPE, seed=5, place=again, told=lambda at, _: epochs.append(at.epoch))
    assert epochs == [8, 9, 10, 11, 12]
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), resumed.parameters(), strict=True))
    finished = train(shop(), None, RECIPE, seed=5, place=Kept(tmp_path / "network.safetensors"), told=stop)
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), finished.parameters(), strict=True))


CHILD = """
    import sys, time
    from pathlib import Path
    import torch
    torch.set_num_threads(1)
    from apps.recommender.pipeline.model.resuming import Kept
    from apps.recommender.pipeline.model.training import train
    from tests.apps.recommender.test_training_resumed import RECIPE, shop

    def told(progress, _):
        print(progress.epoch, flush=True)
        time.sleep(0.2)

    train(shop(), None, RECIPE, seed=5, place=Kept(Path(sys.argv[1]), every_s=0), told=told)
"""


def test_a_killed_process_leaves_where_it_was(tmp_path):
    path = tmp_path / "network.safetensors"
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path)], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= 5:
            child.send_signal(signal.SIGKILL)
            break
    child.wait(60)
    child.stdout.close()
    kept = Kept(path)
    resumed = train(shop(), None, RECIPE, seed=5, place=kept)
    whole = train(shop(), None, RECIPE, seed=5)
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_what_was_left_of_other_data_is_removed(tmp_path):
    lines: list[str] = []

    def stop_within(data: str) -> None:
        with trail(tmp_path, "shop", lines.append, data=data, seed=1) as first:
            train(shop(), None, RECIPE, seed=1, place=first.of("all", RECIPE.as_dict()))
            raise Stopped

    for _ in range(2):
        with pytest.raises(Stopped):
            stop_within("a")
    folder = tmp_path / "training" / "recommend-shop"
    [left] = folder.iterdir()
    assert lines == ["A training of the same data was stopped: it goes on where it was."]
    with trail(tmp_path, "shop", lines.append, data="b", seed=1):
        assert not left.exists()
    assert not folder.exists()
    assert len(lines) == 1


def test_one_training_of_a_name_at_a_time(tmp_path, clock: FixedClock):
    with alone(tmp_path, "shop", clock) as diary:
        diary.tell("epoch 1")
        said = last_training(tmp_path, "shop")
        assert said is not None
        assert (said.running, said.line) == (True, "epoch 1")
        with pytest.raises(TrainingRuns), alone(tmp_path, "shop", clock):
            pass
        with alone(tmp_path, "other", clock):
            pass
        diary.end("done", "shop@1")
    said = last_training(tmp_path, "shop")
    assert said is not None
    assert (said.running, said.version, said.failed) == (False, "shop@1", False)
    with pytest.raises(Invalid), alone(tmp_path, "shop", clock):
        raise Invalid("no events")
    said = last_training(tmp_path, "shop")
    assert said is not None
    assert (said.failed, "No events" in said.outcome) == (True, True)
    assert last_training(tmp_path, "never") is None


def test_a_killed_trainer_blocks_nobody(tmp_path: Path, clock: FixedClock):
    script = f"""
        import time
        from pathlib import Path
        from apps.recommender.pipeline.trainings import alone
        from core.clock import system_clock
        with alone(Path({str(tmp_path)!r}), "shop", system_clock):
            print("in", flush=True)
            time.sleep(600)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"in\n"
    with pytest.raises(TrainingRuns), alone(tmp_path, "shop", clock):
        pass
    child.kill()
    child.wait(60)
    child.stdout.close()
    said = last_training(tmp_path, "shop")
    assert said is not None
    assert (said.running, said.failed) == (False, True)
    with alone(tmp_path, "shop", clock) as diary:
        diary.end("done")
