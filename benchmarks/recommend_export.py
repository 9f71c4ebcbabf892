"""How fast lists for all users are written: what `trivium recommend export` does once its events are read.

python -m benchmarks.recommend_export
python -m benchmarks.recommend_export --items 100000 --users 20000

Made data: users with 20 events each on average, lengths and items unequal as they are in shops; a made version of full
size: a network of two layers, width 128, 50 events; neighbours of the linear model (500 each, of 14,000 items) and of
two more kinds (200 each, of all items), texts of 128 numbers, popularity twice. Its numbers are by chance, which costs
what learned ones cost. Prints users a second on the wall, and for each second of a processor, which tells more on a
machine that others use as well; the most memory; and how far the first lists are those of the plain way, which scores
everything for everybody.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

from apps.recommender.pipeline.exporting import export
from apps.recommender.pipeline.learning import Learnable
from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.blocks import Shape
from apps.recommender.pipeline.model.files import load, save
from apps.recommender.pipeline.model.fitting import unit_rows
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.recommender import Recommender
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText, Signal

SEED, WIDTH, TEXT, LONGEST, MODELLED = 7, 128, 128, 50, 14_000
COMPARED = 500
PAUSE_S = 3_000.0


def made_recommender(items: int, chance: np.random.Generator) -> Recommender:
    """Numbers by chance, sizes as `trivium recommend train` makes them."""
    torch.manual_seed(SEED)
    text = chance.standard_normal((items, TEXT), dtype=np.float32)
    shape = Shape(items=items, text=TEXT, width=WIDTH, longest=LONGEST, relative=True, gaps=True)
    network = Network(shape, torch.from_numpy(text), torch.ones(items)).eval()
    amounts = np.floor(3 * chance.pareto(1, items)).astype(np.float32)
    recent = np.floor(amounts * chance.random(items, dtype=np.float32))
    signals: dict[str, Signal] = {
        "linear": ByNeighbours(
            _neighbours(items, MODELLED, 500, chance), 0.8, np.maximum(amounts, 1) ** np.float32(0.2)
        ),
        "together": ByNeighbours(_neighbours(items, items, 200, chance), 0.9),
        "after": ByNeighbours(_neighbours(items, items, 200, chance), 0.5),
        "popular": ByPopularity(amounts),
        "recent": ByPopularity(recent),
        "text": ByText(unit_rows(text), 0.8),
        "sequence": BySequence([network]),
    }
    weights = np.array([0.5, 0.3, 0.2, 0.1, 0.1, 0.2, 0.9])
    return Recommender(signals, Blend(tuple(signals), weights, weights / 10, 3.0), items)


def _neighbours(items: int, rows: int, each: int, chance: np.random.Generator) -> sparse.csr_matrix:
    rows, each = min(rows, items), min(each, items)
    columns = (chance.zipf(1.05, (rows, each)) + chance.integers(0, items, (rows, each))) % items
    starts = np.minimum(np.arange(items + 1), rows).astype(np.int64) * each
    numbers = chance.random(rows * each, dtype=np.float32)
    found = sparse.csr_matrix((numbers, np.sort(columns.astype(np.int32), 1).ravel(), starts), shape=(items, items))
    found.sum_duplicates()
    return found


def made_histories(users: int, items: int, each: float, chance: np.random.Generator) -> Histories:
    """Lengths and items as unequal as in shops."""
    lengths = np.minimum(chance.geometric(1 / each, users), 500)
    user = np.repeat(np.arange(users, dtype=np.int32), lengths)
    item = ((chance.zipf(1.2, len(user)) - 1) % items).astype(np.int32)
    seconds = np.cumsum(chance.exponential(PAUSE_S, len(user)))
    return Histories.gather(user, item, seconds, user_count=users, item_count=items)


def plain_lists(recommender: Recommender, histories: Histories, k: int) -> list[list[int]]:
    """Of the first users, everything scored."""
    first = np.arange(min(COMPARED, len(histories)), dtype=np.int32)
    found: list[list[int]] = recommender.recommend(histories.of_users(first), k).tolist()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--events", type=float, default=20.0, help="of a user, on average")
    parser.add_argument("--k", type=int, default=50)
    chosen = parser.parse_args(arguments)
    chance = np.random.default_rng(SEED)
    histories = made_histories(chosen.users, chosen.items, chosen.events, chance)
    names, users = [f"item-{at}" for at in range(chosen.items)], [f"user-{at}" for at in range(chosen.users)]
    with tempfile.TemporaryDirectory(prefix="trivium-bench-") as folder:
        save(Path(folder), made_recommender(chosen.items, chance), names, None)
        stored, target = load(Path(folder)), Path(folder) / "lists.jsonl"
        learned = Learnable(histories, users, names, [])
        began, worked = time.perf_counter(), time.process_time()
        export(stored, learned, users, target, k=chosen.k, exclude_seen=True)
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
        with target.open(encoding="utf-8") as lines:
            first = [json.loads(line)["items"] for line, _ in zip(lines, range(COMPARED), strict=False)]
        plain = [[names[at] for at in row if at >= 0] for row in plain_lists(stored.recommender, histories, chosen.k)]
    pairs = list(zip(first, plain, strict=True))
    found = {
        "items": chosen.items,
        "users": chosen.users,
        "k": chosen.k,
        "users_a_second": round(chosen.users / seconds),
        "users_a_processor_second": round(chosen.users / processor),
        "most_memory_mb": most,
        "lists_compared": len(pairs),
        "same_items": round(float(np.mean([len(set(ours) & set(theirs)) / len(theirs) for ours, theirs in pairs])), 5),
        "same_places": round(float(np.mean([np.mean(np.array(ours) == theirs) for ours, theirs in pairs])), 5),
    }
    json.dump(found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
