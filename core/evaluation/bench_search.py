"""`trivium bench search`: one exact query over our view against raw FAISS flat search, in the same run and process."""

import time
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np

from core.retrieval.filters import parse_filter
from core.retrieval.view import Entry, View

K = 10
ROUNDS = 60


def run(n: int = 100_000, dim: int = 384, seed: int = 7) -> dict[str, object]:
    """n random unit vectors, alternating queries; medians in milliseconds, ratios to raw FAISS."""
    chance = np.random.default_rng(seed)
    vectors = chance.standard_normal((n, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = vectors[chance.integers(0, n, ROUNDS)] + 0.3 * chance.standard_normal((ROUNDS, dim), dtype=np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)

    raw = faiss.IndexFlatIP(dim)
    raw.add(vectors)
    view = _view(vectors)
    percent = parse_filter({"field": "percent", "operator": "==", "value": 7})
    half = parse_filter({"field": "percent", "operator": "<", "value": 50})

    chosen = np.flatnonzero(np.arange(n) % 100 == 7)
    narrow = faiss.IndexFlatIP(dim)
    narrow.add(vectors[chosen])
    times: dict[str, list[float]] = {"raw": [], "ours": [], "percent": [], "half": []}
    for query in queries:
        _, positions = _timed(times["raw"], lambda q=query: raw.search(q[None], K))  # type: ignore[misc]
        ours = _timed(times["ours"], lambda q=query: view.nearest(q, K))  # type: ignore[misc]
        filtered = _timed(times["percent"], lambda q=query: view.nearest(q, K, percent))  # type: ignore[misc]
        _timed(times["half"], lambda q=query: view.nearest(q, K, half))  # type: ignore[misc]
        if [i for i, _ in ours] != positions[0].tolist():
            raise AssertionError("our top 10 differ from raw FAISS")
        if [i for i, _ in filtered] != chosen[narrow.search(query[None], K)[1][0]].tolist():
            raise AssertionError("our filtered top 10 differ from raw FAISS over the filtered vectors")
    medians = {name: float(np.median(values)) * 1e3 for name, values in times.items()}
    return {
        "vectors": n,
        "queries": ROUNDS,
        "raw_faiss_ms": round(medians["raw"], 2),
        "ours_ms": round(medians["ours"], 2),
        "ours_to_raw": round(medians["ours"] / medians["raw"], 2),
        "filter_keeps_1_percent_ms": round(medians["percent"], 2),
        "filter_keeps_1_percent_to_unfiltered": round(medians["percent"] / medians["ours"], 2),
        "filter_keeps_half_ms": round(medians["half"], 2),
        "filter_keeps_half_to_unfiltered": round(medians["half"] / medians["ours"], 2),
        "exact": "every top 10 equal to raw FAISS",
    }


def _view(vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> View:
    view = View(vectors.shape[1])
    none = np.zeros((0, vectors.shape[1]), np.float16)
    view.apply(
        [Entry(i, i, "", {"percent": i % 100}, 0, vector, none) for i, vector in enumerate(vectors)], [], revision=1
    )
    return view


def _timed(into: list[float], call: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = call()
    into.append(time.perf_counter() - start)
    return result
