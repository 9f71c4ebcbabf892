"""What several processes need at once is computed by one of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.backend.derived import made_once
from core.errors import Misconfigured

MODULE = """
import sys, time
from pathlib import Path
draft, log = map(Path, sys.argv[1:])
with log.open("a") as file:
    file.write("made\\n")
time.sleep(0.5)
if log.with_name("refuse").exists():
    sys.exit("there is no room")
(draft / "whole").touch()
"""


def whole(folder: Path) -> bool:
    return (folder / "whole").exists()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "making_it.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "making_it"


def test_of_four_that_need_it_one_makes_it(tmp_path: Path, module: str):
    log, folder = tmp_path / "log", tmp_path / "made" / "it"

    def make(_: int) -> Path:
        return made_once(folder, whole, module, lambda draft: (str(draft), str(log)), "it could not be made")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(make, range(4))) == [folder] * 4
    assert log.read_text() == "made\n"
    (folder / "whole").unlink()
    assert whole(make(0))
    assert log.read_text() == "made\n" * 2


def test_what_fails_leaves_nothing_and_is_tried_again(tmp_path: Path, module: str):
    log, folder = tmp_path / "log", tmp_path / "made" / "it"
    (tmp_path / "refuse").touch()
    with pytest.raises(Misconfigured, match=r"It could not be made \(there is no room\)"):
        made_once(folder, whole, module, lambda draft: (str(draft), str(log)), "it could not be made")
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == []
    (tmp_path / "refuse").unlink()
    assert whole(made_once(folder, whole, module, lambda draft: (str(draft), str(log)), "it could not be made"))
