"""How often an experiment is wrong when somebody looks after every visitor, and how soon it finds what is there.

python -m benchmarks.recommend_experiments
python -m benchmarks.recommend_experiments --walks 2000

Visitors of two arms come in turn, each buys or not. After every pair of visitors from the hundredth on, the difference
is looked at: by the interval that an experiment tells, and by an ordinary 95 % interval. Printed for each pair of
rates: the share of walks in which the arms were ever called different (with its 95 % Wilson interval), and the median
number of visitors of both arms until the experiment said so.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.recommender.pipeline.experimenting.deciding import LEAST_HITS, LEAST_USERS, TIGHT_AT, boundary
from core.evaluation.intervals import Share

WALKS, PAIRS, SEED = 1_000, 5_000, 7
RATES = ((0.3, 0.3), (0.1, 0.1), (0.03, 0.03), (0.01, 0.01), (0.10, 0.12), (0.10, 0.15), (0.03, 0.05))


def walk(control: float, arm: float, walks: int, pairs: int) -> dict[str, Any]:
    """What is found for two rates."""
    rng = np.random.default_rng(SEED)
    counts = np.arange(1, pairs + 1, dtype=np.float64)
    reach = np.array([boundary(int(2 * count), 0.05, TIGHT_AT) for count in counts])
    ever, ordinary, first = 0, 0, []
    for _ in range(walks):
        hits = [(rng.random(pairs) < rate).cumsum() for rate in (control, arm)]
        p, q = hits[0] / counts, hits[1] / counts
        variance = (p * (1 - p) + q * (1 - q)) / np.maximum(counts - 1, 1)
        looked = (counts >= LEAST_USERS) & (hits[0] + hits[1] >= LEAST_HITS) & (variance > 0)
        z = np.abs(q - p) / np.sqrt(np.where(variance > 0, variance, 1.0))
        told = np.flatnonzero(looked & (z > reach))
        ordinary += bool((looked & (z > 1.959964)).any())
        if len(told):
            ever += 1
            first.append(int(2 * counts[told[0]]))
    return {
        "control": control,
        "arm": arm,
        "called_different": Share(ever, walks).as_dict(),
        "by_an_ordinary_interval": Share(ordinary, walks).as_dict(),
        "visitors_until_then": int(np.median(first)) if first else None,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--walks", type=int, default=WALKS, help="walks of each pair of rates")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="visitors of each arm in a walk")
    asked = parser.parse_args(arguments)
    found = [walk(control, arm, asked.walks, asked.pairs) for control, arm in RATES]
    json.dump({"walks": asked.walks, "pairs": asked.pairs, "found": found}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
