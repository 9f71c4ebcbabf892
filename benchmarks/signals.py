"""How well unforeseen events are told, on made archives with planted events and with what must not be told.

python -m benchmarks.signals --seeds 4

So many archives of 100 companies over 16 weeks (`benchmarks/signal_series.py`), of other seeds than those on which
thresholds were chosen. Prints one JSON object: for each kind of event how many were found within its time, and after
how many hours; false alarms a week in 100 companies with a 95 % interval; the same for events half as strong; and for a
z-score of volume over the four weeks before, and for `trivium finance detect` on volume. Hours are counted from an
event's first hour, for what builds up from the hour in which it has come half the way; 0 is that hour's own end.
"""

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from apps.finance_sentiment.pipeline.detecting import ALARM, Detector
from apps.finance_sentiment.pipeline.signal_panel import Panel
from benchmarks.anomalies import poisson
from benchmarks.signal_series import START_H, Archive, make
from core.evaluation.intervals import share

FIRST_SEED = 3_000
WINDOW_H, CALM_H = 4 * 168, 6
ON_TIME_H = 2
Z_SCORES = (4.0, 6.0, 9.0)

Opened = dict[int, list[int]]
"""For each company the hours, from the archive's beginning, in which an alarm began."""


def panel(archive: Archive) -> Opened:
    """What the monitor tells."""
    found: Opened = defaultdict(list)
    watching = Panel()
    for hour, buckets in archive.steps():
        for entity, verdict in watching.step(hour, buckets).items():
            if verdict.step == "opened":
                found[int(entity)].append(hour - START_H)
    return found


def z_scores(least: float) -> Callable[[Archive], Opened]:
    """Alarms where the volume of an hour lies so many standard deviations above the mean of the four weeks before."""

    def told(archive: Archive) -> Opened:
        found: Opened = {}
        for entity, series in enumerate(archive.hours):
            volume = np.array([one.volume if one is not None else 0 for one in series], float)
            sums, squares = np.cumsum(volume), np.cumsum(volume * volume)
            mean = (sums[WINDOW_H - 1 : -1] - np.concatenate([[0.0], sums[: -WINDOW_H - 1]])) / WINDOW_H
            square = (squares[WINDOW_H - 1 : -1] - np.concatenate([[0.0], squares[: -WINDOW_H - 1]])) / WINDOW_H
            spread = np.sqrt(np.maximum(square - mean * mean, 1e-9))
            high = (volume[WINDOW_H:] - mean) / np.maximum(spread, 0.1) >= least
            found[entity] = _begun(np.flatnonzero(high) + WINDOW_H)
        return found

    return told


def detector(archive: Archive) -> Opened:
    """Alarms of `trivium finance detect` on the volume."""
    found: Opened = {}
    for entity, series in enumerate(archive.hours):
        one = Detector()
        scores = [
            one.step((START_H + at) * 3_600.0, float(bucket.volume if bucket is not None else 0))
            for at, bucket in enumerate(series)
        ]
        found[entity] = _begun(np.flatnonzero(np.array(scores) >= ALARM))
    return found


def figures(archives: Sequence[Archive], told: Callable[[Archive], Opened]) -> dict[str, Any]:
    """Events found, on time, their delays; false alarms with their interval."""
    delays: dict[str, list[int | None]] = defaultdict(list)
    false, weeks = 0, 0.0
    for archive in archives:
        opened = told(archive)
        meant: set[tuple[int, int]] = set()
        for event in archive.events:
            hits = [at for at in opened.get(event.entity, []) if event.begins <= at <= event.ends]
            delays[event.kind].append(hits[0] - event.told if hits else None)
            if event.expected:
                meant.update((event.entity, at) for at in hits)
        false += sum((entity, at) not in meant for entity, hours in opened.items() for at in hours)
        weeks += archive.weeks * len(archive.hours) / 100
    kinds: dict[str, Any] = {}
    for kind, some in sorted(delays.items()):
        found = [one for one in some if one is not None]
        kinds[kind] = {
            "n": len(some),
            "found": share(np.array([one is not None for one in some])).as_dict(),
            f"within_{ON_TIME_H}": sum(one <= ON_TIME_H for one in found),
            "median_delay_h": statistics.median(found) if found else None,
            "most_delay_h": max(found, default=None),
        }
    low, high = poisson(false)
    return {
        "events": kinds,
        "false_alarms": false,
        "a_week_in_100_companies": round(false / weeks, 2),
        "interval": [round(low / weeks, 2), round(high / weeks, 2)],
    }


def measured(seeds: Iterable[int]) -> dict[str, Any]:
    """All figures."""
    numbers = list(seeds)
    archives = [make(seed) for seed in numbers]
    began = time.process_time()
    shipped = figures(archives, panel)
    seconds = time.process_time() - began
    hours = sum(len(archive.hours) * len(archive.hours[0]) for archive in archives)
    weak = [make(seed, strength=0.5) for seed in numbers]
    return {
        "archives": len(archives),
        "monitor": shipped,
        "company_hours_a_cpu_second": round(hours / seconds),
        "monitor, events half as strong": figures(weak, panel),
        **{f"z-score of volume from {least:g} on": figures(archives, z_scores(least)) for least in Z_SCORES},
        f"trivium finance detect on volume, from {ALARM:g} on": figures(archives, detector),
    }


def _begun(hours: "np.typing.NDArray[np.int_]") -> list[int]:
    """The first of hours that lie less than six apart."""
    found: list[int] = []
    last = -CALM_H - 1
    for at in hours.tolist():
        if at - last > CALM_H:
            found.append(at)
        last = at
    return found


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4, metavar="COUNT", help="archives")
    asked = parser.parse_args(arguments)
    json.dump(measured(range(FIRST_SEED, FIRST_SEED + asked.seeds)), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
