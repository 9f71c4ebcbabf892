"""kill -9, a full disk and several processes at once: never half a version, never a torn pointer."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.backend.registry import DiskFull, Registry
from core.testing.fakes import FixedClock
from tests.core.backend.registry.samples import WEIGHTS, all_paths, publish

ROUNDS = int(os.environ.get("TRIVIUM_TEST_KILLS", "6"))  # 20 for the published figure

START = """
import sys
from itertools import count
from pathlib import Path
from core.backend.registry import Registry
from core.testing.fakes import FixedClock
from tests.core.backend.registry.samples import publish

registry = Registry(Path(sys.argv[1]), FixedClock())
print("ready", flush=True)
"""

WORK = (
    START
    + """
for n in count():
    version = publish(registry, content=f"{n} " * 50_000)
    print(version.number, flush=True)
    registry.promote(version.ref)
    if n % 3 == 2:
        registry.rollback("mood")
        registry.delete(f"mood@{version.number}")
"""
)

PUBLISH_TEN = START + "sys.stdin.readline()\nfor n in range(10): print(publish(registry, content=f'{n}').number)"


def started(code: str, home: Path) -> subprocess.Popen[str]:
    root = str(Path(__file__).parents[4])
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.integration
def test_a_kill_at_any_moment_leaves_whole_versions_and_a_whole_pointer(registry: Registry, tmp_path, clock):
    chance, seen = random.Random(20_26), 0
    for at in range(ROUNDS):
        process = started(WORK, tmp_path / "home")
        assert process.stdout is not None
        printed = [int(process.stdout.readline())] if at else []  # the first kill may come before any version
        time.sleep(chance.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        printed += [int(line) for line in process.communicate()[0].splitlines() if line]
        assert process.returncode == -signal.SIGKILL
        fresh = Registry(tmp_path / "home", clock)
        if not (at or fresh.names()):
            continue
        numbers = [version.number for version in fresh.versions("mood")]
        for version in fresh.versions("mood"):
            version.verify()
            assert version.card.version == version.number
        assert fresh.active("mood").number in numbers
        assert not printed or max(numbers) >= printed[-1] - 1  # only the one just deleted may be gone
        assert publish(fresh).number > seen  # the lock is free, and no number comes back
        seen = fresh.get("mood@latest").number
    clock.advance(days=3_650)
    with registry.draft("mood"):  # the kills' leftovers go with the next draft after a day
        assert len(list((registry.folder / ".drafts").iterdir())) == 2  # the draft and its lock


@pytest.mark.integration
def test_processes_that_publish_at_once_all_succeed_with_numbers_of_their_own(registry: Registry, tmp_path: Path):
    processes = [started(PUBLISH_TEN, tmp_path / "home") for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    numbers = [int(line) for process in processes for line in process.communicate()[0].split()]
    assert sorted(numbers) == list(range(1, 31))
    assert registry.active("mood").number == 1
    for version in registry.versions("mood"):
        version.verify()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the disk be full at the n-th moment at which something is forced to it."""

    def full_at(moment: int) -> None:
        left = iter(range(moment))

        def fsync(_: int) -> None:
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", fsync)

    return full_at


def test_a_disk_that_gets_full_while_publishing_leaves_the_old_state_or_the_new(registry: Registry, disk):
    publish(registry, content="old")
    for moment in range(20):
        disk(moment)
        newest = registry.get("mood@latest").number
        with suppress(DiskFull):
            published = publish(registry, content="new", promote=True)
            assert registry.active("mood") == published
            assert published.number == newest + 1
            return
        for version in registry.versions("mood"):
            version.verify()
        assert registry.active("mood").number in range(1, newest + 2)
        assert not {path for path in all_paths(registry.folder) if path.endswith(".part") or ".drafts/" in path}
    pytest.fail("publishing forces more to disk than expected")


def test_a_disk_that_gets_full_while_training_is_told_in_a_sentence(registry: Registry):
    with pytest.raises(DiskFull, match="free some space"):
        _train(registry, OSError(errno.ENOSPC, "No space left on device"))
    assert registry.names() == []
    assert all_paths(registry.folder) == {".drafts"}


def _train(registry: Registry, fails_with: BaseException) -> None:
    with registry.draft("mood") as draft:
        (draft / WEIGHTS).write_text("half")
        raise fails_with


def test_an_export_to_a_full_disk_leaves_no_part(registry: Registry, disk, tmp_path: Path):
    publish(registry)
    disk(0)
    for export, target in ((registry.export, "out"), (registry.export_archive, "out.tar.gz")):
        with pytest.raises(DiskFull):
            export("mood", tmp_path / target)
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


def test_ctrl_c_while_publishing_leaves_nothing(registry: Registry, monkeypatch: pytest.MonkeyPatch):
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.backend.registry.registry.sync_tree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(registry)
    assert registry.names() == []
    assert all_paths(registry.folder / ".drafts") == set()


def test_a_draft_whose_folder_is_taken_away_ends_quietly(registry: Registry, clock: FixedClock):
    with registry.draft("mood") as draft:
        draft.rmdir()
    assert all_paths(registry.folder / ".drafts") == set()
