"""How well unforeseen change is told: on the Numenta Anomaly Benchmark's tweet counts, and on made series.

python -m benchmarks.anomalies --data FOLDER

FOLDER holds `windows.json` (NAB's combined windows) and each of its series as `AAPL.csv` and so on. Prints one JSON
object: NAB's standard profile for the detector, for it with parts left out, for NAB's Gaussian window and for silence;
then what is left when settings and threshold are chosen on four series and scored on the fifth.

python -m benchmarks.anomalies --made 100

So many made series of each kind (`benchmarks/anomaly_series.py`): false alarms where nothing happens, and the share of
planted spikes and shifts that the score reaches ALARM for within two buckets.
"""

import argparse
import csv
import itertools
import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from apps.finance_sentiment.pipeline.detecting import ALARM, Detector, Tuning
from benchmarks.anomaly_scoring import NEVER, Floats, Series, normalised, sweep, weights
from benchmarks.anomaly_series import make
from core.evaluation.intervals import share

VARIANTS = {
    "detector": Tuning(),
    "without seasons": Tuning(seasons=False),
    "one row only": Tuning(horizons=(1,)),
    "three horizons": Tuning(horizons=(1, 3, 12)),
    "what was told is forgotten": Tuning(told_share=0.0),
    "told counts in full": Tuning(told_share=1.0),
}
GRID = [
    Tuning(told_days=told, level_days=level, tail_days=tail, told_share=share_, horizons=horizons)
    for told, level, tail, share_, horizons in itertools.product(
        (1.0, 2.0), (3.5, 7.0), (7.0, 14.0), (0.7, 0.8, 1.0), ((1,), (1, 6))
    )
]


def read_series(folder: Path) -> list[Series]:
    """NAB's series with their windows, in the order of their names."""
    windows: dict[str, list[list[str]]] = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    series = []
    for path, spans in sorted(windows.items()):
        name = Path(path).stem.rsplit("_", 1)[-1]
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        times = tuple(row["timestamp"] for row in rows)
        found = tuple((times.index(first[:19]), times.index(last[:19])) for first, last in spans)
        series.append(Series(name, times, np.array([float(row["value"]) for row in rows]), found))
    return series


def detected(one: Series, tuning: Tuning) -> Floats:
    """The detector's scores (n,)."""
    detector = Detector(tuning=tuning)
    times = [datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() for each in one.timestamps]
    return np.array([detector.step(*row) for row in zip(times, one.values.tolist(), strict=True)])


def gaussian(one: Series, width: int = 1_000) -> Floats:
    """NAB's windowedGaussian: 1 minus the normal tail beyond the value, over the `width` rows before it."""
    values = one.values
    sums, squares = (np.concatenate([[0.0], np.cumsum(each)]) for each in (values, values**2))
    scores = np.zeros(len(values))
    for row in range(1, len(values)):
        first = max(0, row - width)
        mean = (sums[row] - sums[first]) / (row - first)
        deviation = math.sqrt(max(0.0, (squares[row] - squares[first]) / (row - first) - mean**2)) or 1e-6
        scores[row] = 1.0 - 0.5 * math.erfc(abs(values[row] - mean) / deviation / math.sqrt(2.0))
    return scores


def figure(series: Sequence[Series], scores: Mapping[str, Floats]) -> dict[str, Any]:
    """NAB's figure at its best threshold over all series, and each series' at that threshold."""
    found = sweep(series, scores)
    best = found.best()
    each = {one.name: _at([one], scores, best) for one in series}
    return {"score": round(_at(series, scores, best), 2), "threshold": round(best, 4), "each": each}


def left_out(series: Sequence[Series], trials: Sequence[Mapping[str, Floats]]) -> float:
    """NAB's figure when setting and threshold of each series are those that are best on the others."""
    raw = 0.0
    for one in series:
        others = [other for other in series if other is not one]
        sweeps = [(sweep(others, scores), scores) for scores in trials]
        best, scores = max(sweeps, key=lambda pair: float(pair[0].scores.max()))
        raw += sweep([one], scores).at(min(best.best(), NEVER))
    return round(normalised(raw, _windows(series)), 2)


def alarms_at(series: Sequence[Series], scores: Mapping[str, Floats], threshold: float) -> dict[str, float]:
    """Windows found; rows outside of all and after probation with at least this score, also per week of a series."""
    found = outside = 0
    weeks = 0.0
    for one in series:
        inside = weights(len(one.values), one.windows)[1]
        alarm = scores[one.name] >= threshold
        found += len(set(inside[alarm & (inside >= 0)].tolist()))
        outside += int((alarm & (inside == -1)).sum())
        first, last = (datetime.fromisoformat(one.timestamps[at]) for at in (int((inside == -2).sum()), -1))
        weeks += (last - first).total_seconds() / 604_800
    return {"threshold": threshold, "windows": found, "rows_outside": outside, "a_week": round(outside / weeks, 2)}


def on_nab(folder: Path) -> dict[str, Any]:
    """All figures on NAB's series."""
    series = read_series(folder)
    figures = {name: figure(series, _scores(series, tuning)) for name, tuning in VARIANTS.items()}
    figures["NAB's Gaussian window"] = figure(series, {one.name: gaussian(one) for one in series})
    figures["silence"] = figure(series, {one.name: np.full(len(one.values), 0.5) for one in series})
    trials = [_scores(series, tuning) for tuning in GRID]
    spread = sorted(figure(series, scores)["score"] for scores in trials)
    shipped = _scores(series, Tuning())
    return {
        "series": len(series),
        "windows": _windows(series),
        "rows": sum(len(one.values) for one in series),
        "figures": figures,
        "shipped settings, threshold from the other series": left_out(series, [shipped]),
        "settings and threshold from the other series": left_out(series, trials),
        f"all {len(GRID)} settings": {"least": spread[0], "median": spread[len(spread) // 2], "most": spread[-1]},
        "at the shipped alarm threshold": round(_at(series, shipped, ALARM), 2),
        "at thresholds": [alarms_at(series, shipped, threshold) for threshold in (0.27, 0.3, 0.35, 0.4, ALARM)],
    }


def on_made(count: int, every_s: int, mean: float, weeks: int = 8) -> dict[str, Any]:
    """False alarms a week in 100 series with a 95 % interval; shares of planted events found within two buckets."""

    def scored(**asked: Any) -> tuple[list[float], int]:
        made = make(**asked, weeks=weeks, every_s=every_s, mean=mean)
        detector = Detector()
        rows = zip(made.times.tolist(), made.values.tolist(), strict=True)
        return [detector.step(*row) for row in rows], made.event or 0

    quiet = (scored(kind="none", seed=50_000 + seed)[0] for seed in range(count))
    alarms = sum(score >= ALARM for scores in quiet for score in scores)
    per_week = 100.0 / (count * weeks)
    figures: dict[str, Any] = {
        "false_alarms": alarms,
        "a_week_in_100_series": round(alarms * per_week, 2),
        "interval": [round(bound * per_week, 2) for bound in poisson(alarms)],
    }
    for kind, factor in (("spike", 5.0), ("spike", 10.0), ("shift", 5.0), ("shift", 10.0)):
        found = []
        for seed in range(count):
            scores, event = scored(kind=kind, seed=10_000 + seed, factor=factor)
            found.append(max(scores[event : event + 3]) >= ALARM)
        figures[f"{kind} of {factor:g} times"] = share(np.array(found)).as_dict()
    return figures


def poisson(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a Poisson mean (Garwood 1936)."""
    from scipy.stats import chi2

    return (float(chi2.ppf(0.025, 2 * count) / 2) if count else 0.0, float(chi2.ppf(0.975, 2 * count + 2) / 2))


def _scores(series: Sequence[Series], tuning: Tuning) -> dict[str, Floats]:
    return {one.name: detected(one, tuning) for one in series}


def _windows(series: Sequence[Series]) -> int:
    return sum(len(one.windows) for one in series)


def _at(series: Sequence[Series], scores: Mapping[str, Floats], threshold: float) -> float:
    return round(normalised(sweep(series, scores).at(threshold), _windows(series)), 2)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="NAB's series")
    parser.add_argument("--made", type=int, metavar="COUNT", help="made series of each kind")
    asked = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    if asked.data is None and not asked.made:
        parser.error("give --data FOLDER, --made COUNT or both")
    if asked.data is not None:
        figures["nab"] = on_nab(asked.data)
    if asked.made:
        for every_s, mean in ((3_600, 2.0), (3_600, 20.0), (3_600, 200.0)):
            figures[f"made, {every_s} s, mean {mean:g}"] = on_made(asked.made, every_s, mean)
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
