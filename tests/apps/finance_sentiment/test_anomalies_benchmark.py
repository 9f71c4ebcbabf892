"""The benchmark of unforeseen change reads NAB's folder and measures what it says."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from benchmarks import anomalies
from benchmarks.anomaly_scoring import Series, scaled_sigmoid
from benchmarks.anomaly_series import make


def nab_like(folder: Path) -> Path:
    """Two made series with a window about each planted spike, in NAB's form."""
    windows = {}
    for seed, name in enumerate(("A", "B")):
        made = make("spike", seed=seed, weeks=3, every_s=3_600, mean=20, factor=30)
        times = [datetime.fromtimestamp(time, tz=UTC).strftime("%Y-%m-%d %H:%M:%S") for time in made.times]
        rows = "".join(f"{time},{value:.0f}\n" for time, value in zip(times, made.values, strict=True))
        (folder / f"{name}.csv").write_text(f"timestamp,value\n{rows}")
        windows[f"made/{name}.csv"] = [[f"{times[made.event - 10]}.000000", f"{times[made.event + 10]}.000000"]]
    (folder / "windows.json").write_text(json.dumps(windows))
    return folder


def test_a_folder_gives_series_with_their_windows(tmp_path: Path):
    first, second = anomalies.read_series(nab_like(tmp_path))
    assert (first.name, second.name) == ("A", "B")
    assert len(first.values) == 3 * 7 * 24
    assert first.windows[0][1] - first.windows[0][0] == 20


def test_planted_spikes_score_more_than_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(anomalies, "GRID", anomalies.GRID[:2])
    found = anomalies.on_nab(nab_like(tmp_path))
    assert found["windows"] == 2
    assert found["figures"]["detector"]["score"] > 80
    assert found["figures"]["silence"]["score"] == 0.0
    assert found["shipped settings, threshold from the other series"] <= found["figures"]["detector"]["score"]


def test_alarms_are_counted_inside_and_outside_of_windows():
    times = tuple(f"2026-01-{1 + at // 24:02d}T{at % 24:02d}:00:00" for at in range(200))
    scores = np.zeros(200)
    scores[[5, 100, 102, 150]] = 0.5  # in probation, twice in the window, outside
    got = anomalies.alarms_at([Series("a", times, np.zeros(200), ((99, 110),))], {"a": scores}, 0.5)
    assert got == {"threshold": 0.5, "windows": 1, "rows_outside": 1, "a_week": round(168 / 169, 2)}


def test_the_gaussian_window_is_one_minus_the_normal_tail():
    values = np.array([1.0, 3.0, 5.0])
    got = anomalies.gaussian(Series("a", ("0", "1", "2"), values, ()))
    assert got[0] == 0.0
    assert got[2] == pytest.approx(1 - 0.5 * math.erfc(3.0 / math.sqrt(2)))  # before it: mean 2, deviation 1


def test_what_is_left_out_is_not_chosen_on():
    one, other = (Series(name, tuple("0" * 40), np.zeros(40), ((10, 13),)) for name in "ab")
    early, late = np.zeros(40), np.zeros(40)
    early[10], late[13] = 0.9, 0.9
    # the first setting is better on a, the second on b: each series is scored with the other's best
    trials = [{"a": early, "b": late}, {"a": late, "b": early}]
    swapped = anomalies.left_out([one, other], trials)
    own = anomalies.left_out([one, other], [{"a": early, "b": early}])
    assert own == pytest.approx(100.0)
    last_row = scaled_sigmoid(-0.25) / scaled_sigmoid(-1.0)
    assert swapped == pytest.approx(100 * (1 + last_row) / 2, abs=0.01)


def test_made_series_are_counted(capsys: pytest.CaptureFixture[str]):
    anomalies.main(["--made", "2"])
    told = json.loads(capsys.readouterr().out)
    assert told["made, 3600 s, mean 200"]["spike of 10 times"]["n"] == 2


def test_nothing_asked_is_a_wrong_usage(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        anomalies.main([])
    assert ended.value.code == 2
    assert "--data" in capsys.readouterr().err
