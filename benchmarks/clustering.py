"""How well `trivium support cluster` finds intents without their number, against k-means on the backbone's vectors.

python -m benchmarks.clustering --data banking.turns.jsonl --seeds 5

Rows of "text" and "label". Accuracy is that of DSTC11's intent induction (one-to-one matching). The baselines see
the same rows: k-means with the number of groups by silhouette, as the challenge's organisers chose it, and with the
true number; and our grouping of the backbone's vectors. --seed draws the baselines; the command's own seed is
SEED. --seeds also groups with the seeds 0, 1, … and gives the mean, lowest and highest accuracy.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from apps.customer_service.pipeline.clustering import cluster_messages
from core.backend.encoder import Encoder, Floats
from core.backend.intents import open_intent_encoder
from core.backend.open import open_encoder
from core.clustering.messages import SEED, cluster
from core.errors import Invalid
from core.evaluation.clustering import accuracy, contingency, measure_clustering
from core.rows import read_rows
from core.settings import read_settings

FROM, TO, STEP = 5, 50, 5  # groups that silhouette chooses among; then every number around the best
STARTS = 3


def k_means(vectors: Floats, k: int, seed: int) -> list[int]:
    """returns: a group a row"""
    from sklearn.cluster import KMeans

    found: list[int] = KMeans(k, n_init=STARTS, random_state=seed).fit_predict(vectors).tolist()
    return found


def by_silhouette(vectors: Floats, seed: int) -> list[int]:
    """k-means with the number of groups whose mean silhouette is highest."""
    from sklearn.metrics import silhouette_score

    tried: dict[int, tuple[float, list[int]]] = {}

    def best(ks: Sequence[int]) -> int:
        for k in ks:
            if k not in tried and 1 < k < len(vectors):
                groups = k_means(vectors, k, seed)
                tried[k] = (float(silhouette_score(vectors, groups, metric="cosine")), groups)
        return max(tried, key=lambda k: tried[k][0])

    near = best(range(FROM, TO + 1, STEP))
    return tried[best(range(near - STEP + 1, near + STEP))][1]


def figures(labels: Sequence[str], groups: Sequence[int]) -> dict[str, Any]:
    """Figures with intervals, and how many groups there are."""
    return {
        "groups": len(set(groups)),
        **{name: figure.as_dict() for name, figure in measure_clustering(labels, groups).items()},
    }


def encoded(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """returns: (n, d)"""
    return np.asarray(encoder.encode(texts), np.float32)


def over_seeds(texts: Sequence[str], labels: Sequence[str], vectors: Floats, seeds: int) -> dict[str, Any]:
    """How much of the accuracy is chance. seeds: how many, 1 or more"""
    found = []
    for seed in range(seeds):
        groups = cluster(texts, vectors, seed).groups.tolist()
        found.append(accuracy(contingency(labels, groups).astype(np.float64)))
    return {"seeds": seeds, "mean": float(np.mean(found)), "lowest": min(found), "highest": max(found)}


def study(texts: Sequence[str], labels: Sequence[str], seed: int, seeds: int) -> dict[str, Any]:
    """Cluster as the command does, then the baselines on the same rows."""
    settings = read_settings()
    reader = open_intent_encoder(settings)
    try:
        began = time.perf_counter()
        found = cluster_messages(texts, reader)
        seconds = time.perf_counter() - began
        known = encoded(reader, texts)
    finally:
        reader.close()
    backbone = open_encoder(settings.model_copy(update={"precision": "f32"}))  # the baselines get the exact vectors
    try:
        plain = encoded(backbone, texts)
    finally:
        backbone.close()
    true = len(set(labels))
    return {
        "n": len(texts),
        "true_groups": true,
        "seconds": round(seconds, 1),
        "seed": SEED,
        "ours": figures(labels, found.groups.tolist()),
        "accuracy_over_seeds": over_seeds(texts, labels, known, seeds) if seeds else None,
        "baselines": {
            "our grouping of the backbone's vectors": figures(labels, cluster(texts, plain).groups.tolist()),
            "k-means, k by silhouette": figures(labels, by_silhouette(plain, seed)),
            "k-means, true k": figures(labels, k_means(plain, true, seed)),
            "k-means on the intent model, k by silhouette": figures(labels, by_silhouette(known, seed)),
        },
        "clusters": [{"label": each.label, "size": each.size} for each in found.clusters],
    }


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", required=True, type=Path)
    asked.add_argument("--seed", type=int, default=7, help="of the baselines")
    asked.add_argument("--seeds", type=int, default=0, help="group with so many further seeds")
    chosen = asked.parse_args(arguments)
    rows = [row.fields for row in read_rows(chosen.data)]
    if not rows or not all(isinstance(row.get(key), str) for row in rows for key in ("text", "label")):
        raise Invalid(f'{chosen.data.name} needs rows with "text" and "label"', remedy="give labelled messages")
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    print(json.dumps(study(texts, labels, chosen.seed, chosen.seeds), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
