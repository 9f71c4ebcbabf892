"""What may befall a training: kill -9, Ctrl-C, a full disk, a second one at once, other data. Real processes."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.backend.models import open_registry
from core.settings import Settings
from tests.core.training.processes import OFTEN, ended, interrupt, started, until
from tests.core.training.tiny import messages, registered, written

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk"),
]


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A hundred steps and more, each of which is saved."""
    data = written(tmp_path / "rows.jsonl", messages(8))
    return [*OFTEN, "train", "intent", "--data", str(data), "--name", "desk", "--epochs", "60", "--json"]


def saved(home: Path, stage: str = "") -> list[Path]:
    """Checkpoints. stage: of this one alone"""
    return list((home / "training").rglob(f"{stage}/run-0/latest.safetensors" if stage else "latest.safetensors"))


def nothing_published(home: Path) -> bool:
    """No version, and no draft of one."""
    models = home / "models"
    return registered(Settings(home=home)) == [] and not list(models.glob(".drafts/*"))


def test_what_is_stopped_and_killed_goes_on_to_the_same_bytes(command: list[str], backbone: Path, tmp_path: Path):
    home = tmp_path / "home"
    stopped = started(command, home, backbone)
    until(lambda: saved(home), stopped)
    interrupt(stopped)
    status, out, err = ended(stopped)
    assert (status, out) == (130, ""), err
    assert err.splitlines()[-1] == "Stopped. The same command goes on where it was last saved."
    assert "Traceback" not in err
    assert nothing_published(home)

    killed = started(command, home, backbone)
    until(lambda: saved(home, "fold-3"), killed)
    killed.send_signal(signal.SIGSTOP)  # it holds its lock meanwhile
    status, out, err = ended(started(command, home, backbone))
    assert (status, out) == (1, "")
    assert "Error: The same training is running already: wait for it, or choose another name or seed." in err
    killed.send_signal(signal.SIGKILL)
    assert ended(killed)[0] == -signal.SIGKILL
    assert nothing_published(home)

    told, files = [], []
    for place in (home, tmp_path / "other"):
        status, out, err = ended(started(command, place, backbone))
        assert status == 0, err
        told.append(json.loads(out)["metrics"])
        version = open_registry(Settings(home=place)).open("desk")
        assert version.ref == "desk@1"
        files.append(
            {name: (version.path / name).read_bytes() for name in version.manifest.files if "safetensors" in name}
        )
        assert not list((place / "training").iterdir())
    assert told[0] == told[1]
    assert len(files[0]) == 2
    assert files[0] == files[1]


def test_data_that_change_meanwhile_are_not_published(command: list[str], backbone: Path, tmp_path: Path):
    home = tmp_path / "home"
    process = started(command, home, backbone)
    until(lambda: saved(home), process)
    process.send_signal(signal.SIGSTOP)
    written(tmp_path / "rows.jsonl", messages(9))
    process.send_signal(signal.SIGCONT)
    status, out, err = ended(process)
    assert (status, out) == (1, "")
    assert "Error: Rows.jsonl changed while it was trained on: start again; nothing was published." in err
    assert nothing_published(home)


@pytest.mark.parametrize(
    ("words", "kilobytes", "sentence"),
    [
        (OFTEN, 200, "Error: The state of the training could not be saved"),
        (("-m", "core.cli"), 100, "Error: The disk is full, nothing was kept under"),
    ],
)
def test_a_full_disk_is_said_and_nothing_half_written_stays(
    command: list[str], backbone: Path, tmp_path: Path, words: tuple[str, str], kilobytes: int, sentence: str
):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
    mount = f"mount -t tmpfs -o size={kilobytes}k tmpfs {disk}"
    if subprocess.run([*mounted, mount], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    script = f'{mount}; set +e; "$@"; status=$?; cd {disk}/home; find models training -type f; exit $status'
    process = started([*words, *command[2:]], disk / "home", backbone, before=[*mounted, script, "sh"])
    status, left, err = ended(process)
    assert (status, left) == (1, "")
    assert sentence in err
    assert "free some" in err
    assert "Traceback" not in err
