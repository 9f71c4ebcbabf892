"""How far the served explanations (a word left out) agree with integrated gradients, and what each costs.

python -m benchmarks.explanations --model mood --data rows.jsonl [--rows 200]
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import open_classifier
from core.backend.explain import Reason, explain
from core.backend.models import open_registry
from core.errors import Invalid
from core.outcomes import Labelled
from core.rows import read_rows
from core.settings import Settings, read_settings
from core.training.gradients import Agreement, Baseline, agreement, open_reference

BASELINES: tuple[Baseline, ...] = ("[PAD]", "[MASK]")


def measure(
    model: str, rows: Sequence[Labelled], settings: Settings
) -> tuple[dict[str, Agreement | None], dict[str, float]]:
    """returns: the agreement for each pair of methods, and the seconds a text of each method"""
    base = open_checkpoint(settings)
    version = open_registry(settings).open(model)
    classifier = open_classifier(version, base, settings)
    try:
        explain(classifier, rows[:4])  # the first shapes are compiled
        began = time.perf_counter()
        served = explain(classifier, rows)
        seconds = {"a word left out": (time.perf_counter() - began) / len(rows)}
    finally:
        classifier.close()
    reference = open_reference(version, base, settings.home)
    found: dict[str, list[tuple[Reason, ...]]] = {}
    for baseline in BASELINES:
        began = time.perf_counter()
        found[baseline] = reference.explain(rows, baseline=baseline)
        seconds[f"gradients from {baseline}"] = (time.perf_counter() - began) / len(rows)
    pairs = {f"a word left out, gradients from {name}": agreement(served, there) for name, there in found.items()}
    pairs["gradients from one and the other"] = agreement(found["[PAD]"], found["[MASK]"])
    return pairs, seconds


def main(arguments: Sequence[str]) -> None:
    """Print both tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--model", required=True)
    asked.add_argument("--data", required=True, type=Path)
    asked.add_argument("--rows", type=int, default=200)
    chosen = asked.parse_args(arguments)
    rows = [
        Labelled(text=str(row.fields["text"]), entity=str(row.fields.get("entity") or ""))
        for row in read_rows(chosen.data)
    ]
    if not rows:
        raise Invalid(f"{chosen.data.name} has no rows", remedy="give at least one")
    random.Random(7).shuffle(rows)
    pairs, seconds = measure(chosen.model, rows[: chosen.rows], read_settings())
    for name, found in pairs.items():
        if found is None:
            print(f"{name}: no text has three words of different weight")
            continue
        order, top = found.order, found.top
        print(
            f"{name}: Spearman {order.value:.3f} [{order.low:.3f}, {order.high:.3f}], "
            f"top {found.k} {top.value:.3f} [{top.low:.3f}, {top.high:.3f}] (by chance {found.by_chance:.3f}), "
            f"{order.n} texts"
        )
    for name, each in seconds.items():
        print(f"{name}: {1_000 * each:.1f} ms a text")


if __name__ == "__main__":
    main(sys.argv[1:])
