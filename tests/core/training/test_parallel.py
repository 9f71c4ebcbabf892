"""Several processes train as one would, and none is left behind when one of them ends: real ones, by torchrun."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.backend.models import open_registry
from core.settings import Settings
from tests.core.training.abreast import CASES
from tests.core.training.processes import OFTEN, TWO, ended, started, until
from tests.core.training.tiny import messages, registered, sentences, written

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc"),
]
APART = 1e-3  # of the way that training has gone; 2e-6 was measured, and 0.2 where shares weigh alike


def weights(folder: Path) -> np.ndarray:
    """All weights in one row."""
    files = sorted(folder.rglob("*.safetensors"))
    assert files
    return np.concatenate([value.ravel() for path in files for _, value in sorted(load_file(path).items())])


@pytest.fixture(scope="module")
def trained(backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each case, by one process and by two."""
    data = tmp_path_factory.mktemp("abreast")
    written(data / "intent.jsonl", messages(24)[:71])
    written(data / "intent-valid.jsonl", messages(8, seed=4))
    texts = [text.rsplit(maxsplit=number % 5)[0] for number, text in enumerate(sentences(89))]
    written(data / "mlm.jsonl", [{"text": text} for text in dict.fromkeys(texts)])
    for name, words in (("one", ()), ("two", TWO)):
        (data / name).mkdir()
        asked = [*words, "-m", "tests.core.training.abreast", str(backbone), str(data), str(data / name)]
        status, _, err = ended(started(asked, data / "home", backbone))
        assert status == 0, err
    return data


@pytest.mark.parametrize("case", CASES)
def test_two_processes_learn_what_one_learns(trained: Path, backbone: Path, case: str):
    one, two = (weights(trained / number / case / "encoder") for number in ("one", "two"))
    begun = load_file(backbone / "model.safetensors")
    ended = load_file(trained / "one" / case / "encoder" / "model.safetensors")
    way = np.concatenate([(ended[name] - begun[name]).ravel() for name in sorted(ended)])
    assert np.linalg.norm(two - one) < APART * np.linalg.norm(way)


def ranks(parent: int) -> dict[str, int]:
    """rank → process id, of what torchrun has started"""
    found = {}
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        about = dict(part.partition("=")[::2] for part in Path(f"/proc/{pid}/environ").read_text().split("\0"))
        found[about.get("RANK", "")] = int(pid)
    return found


def test_a_killed_process_stops_all_and_the_same_command_ends_as_if_it_had_not_been(backbone: Path, tmp_path: Path):
    data, valid = written(tmp_path / "rows.jsonl", messages(16)), written(tmp_path / "valid.jsonl", messages(8, seed=4))
    given = ["--data", str(data), "--valid", str(valid)]  # so that nothing is trained four times more to calibrate
    command = [*TWO, *OFTEN, "train", "intent", *given, "--name", "desk", "--epochs", "30", "--json"]
    homes = tmp_path / "killed", tmp_path / "whole"
    process = started(command, homes[0], backbone)
    until(lambda: list((homes[0] / "training").rglob("latest.safetensors")), process)
    os.kill(ranks(process.pid)["1"], signal.SIGKILL)
    status, out, err = ended(process)
    assert (status, out) == (1, "")
    assert err.count("Error: The training has stopped, since one of its processes ended") == 1
    assert "it goes on where it was last saved." in err
    assert registered(Settings(home=homes[0])) == []

    told, heads = [], []
    for home in homes:
        status, out, err = ended(started(command, home, backbone))
        assert status == 0, err
        told.append(json.loads(out))  # one process speaks
        version = open_registry(Settings(home=home)).open("desk")
        heads.append([(version.path / name).read_bytes() for name in ("head.safetensors", "encoder/model.safetensors")])
        assert version.card.command.startswith("torchrun --nproc-per-node 2 -m core.cli train intent")
    assert told[0]["metrics"] == told[1]["metrics"]
    assert heads[0] == heads[1]


def test_what_cannot_be_read_is_said_once(backbone: Path, tmp_path: Path):
    command = [*TWO, *OFTEN, "train", "intent", "--data", str(tmp_path / "none.csv"), "--name", "desk"]
    status, _, err = ended(started(command, tmp_path / "home", backbone))
    assert status == 1
    assert err.count("Error: There is no file") == 1
    assert err.count("the training has stopped") == 0
