"""How well code tells a sentence that a passage supports from one that it does not.

python -m benchmarks.grounding

The pairs (benchmarks/grounding.jsonl) were written for this by hand over passages of the sample desk; kinds of
unsupported ones: a changed number, name, negation or limit, facts of one passage swapped, something from outside.
Half of the passages choose the thresholds, the other half is reported: no passage is in both. Baselines of the same
run: keeping every sentence that cites something, and the cosine alone with its own best threshold on the same half.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from apps.customer_service import sample
from core.backend.encoder import Encoder, Floats
from core.backend.open import open_encoder
from core.evaluation.intervals import Share
from core.generation.supported import Judgement, Thresholds, judge
from core.ingest.files import FailedSource, read_sources
from core.retrieval.documents import Passage
from core.settings import read_settings

PAIRS = Path(__file__).with_suffix(".jsonl")
SEED = 7
STEP = 0.05
LEAST_PRECISION = 0.95  # on the tuning half: of twenty sentences that are shown, at most one may be unsupported
NOTHING = Thresholds(0.0, 0.0)


@dataclass(frozen=True)
class Pair:
    """A sentence, whether its passage supports it, and what the code saw."""

    passage: str
    supported: bool
    kind: str
    seen: Judgement


class Remembering:
    """Encodes every text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, Floats]()

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n;  returns: (n, d), unit rows"""
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def passages() -> dict[str, tuple[str, Passage]]:
    """returns: by key, each passage of the sample desk with its document's title"""
    found: dict[str, tuple[str, Passage]] = {}
    for document in read_sources(sample.sources(), max_bytes=10_000_000):
        assert not isinstance(document, FailedSource), document
        found.update({passage.key: (document.title, passage) for passage in document.passages})
    return found


def read_pairs(encoder: Encoder) -> list[Pair]:
    """All pairs, judged without thresholds."""
    held, remembering = passages(), Remembering(encoder)
    rows: list[dict[str, Any]] = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    remembering.encode([row["sentence"] for row in rows])
    pairs = []
    for row in rows:
        title, passage = held[row["passage"]]
        seen = judge(row["sentence"], passage, title, remembering, NOTHING)
        pairs.append(Pair(row["passage"], row["supported"], row["kind"], seen))
    return pairs


def halves(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """returns: to choose with, to report; no passage in both"""
    keys = sorted({pair.passage for pair in pairs})
    random.Random(SEED).shuffle(keys)
    tuning = set(keys[::2])
    return [p for p in pairs if p.passage in tuning], [p for p in pairs if p.passage not in tuning]


def keeps(thresholds: Thresholds) -> Callable[[Pair], bool]:
    """What is kept with them."""
    return lambda pair: (
        pair.seen.supported and pair.seen.cosine >= thresholds.cosine and pair.seen.coverage >= thresholds.coverage
    )


def by_cosine(least: float) -> Callable[[Pair], bool]:
    """What is kept by the cosine alone."""
    return lambda pair: pair.seen.cosine >= least


def precision_and_recall(pairs: Sequence[Pair], kept: Callable[[Pair], bool]) -> tuple[Share, Share]:
    """Of what is kept, how much is supported; of what is supported, how much is kept."""
    right = sum(pair.supported and kept(pair) for pair in pairs)
    return Share(right, sum(map(kept, pairs))), Share(right, sum(pair.supported for pair in pairs))


def choose(pairs: Sequence[Pair]) -> Thresholds:
    """The most sentences kept at LEAST_PRECISION, or near it where none reaches it; of like ones the strictest."""
    grid = [round(STEP * at, 2) for at in range(6, 20)]

    def worth(thresholds: Thresholds) -> tuple[bool, float, float, float]:
        precision, recall = precision_and_recall(pairs, keeps(thresholds))
        reached = precision.n > 0 and precision.value >= LEAST_PRECISION
        best = recall.value if reached else precision.value if precision.n else 0.0
        return reached, best, precision.value if precision.n else 0.0, thresholds.cosine + thresholds.coverage

    return max((Thresholds(a, b) for a, b in product(grid, grid)), key=worth)


def choose_cosine(pairs: Sequence[Pair]) -> float:
    """The cosine with the best F1."""

    def f1(least: float) -> float:
        precision, recall = precision_and_recall(pairs, by_cosine(least))
        return 2 * precision.hits / (precision.n + recall.n)

    return max((round(0.01 * at, 2) for at in range(30, 100)), key=f1)


def report(tuning: Sequence[Pair], held: Sequence[Pair]) -> dict[str, Any]:
    """Figures of the held half."""

    def figures(kept: Callable[[Pair], bool], rows: Sequence[Pair] = held) -> dict[str, Any]:
        precision, recall = precision_and_recall(rows, kept)
        return {"precision": precision.as_dict(), "recall": recall.as_dict()}

    chosen, cosine, in_force = choose(tuning), choose_cosine(tuning), Thresholds()
    kinds = sorted({pair.kind for pair in held if not pair.supported})
    return {
        "pairs": len(tuning) + len(held),
        "chosen_on_the_tuning_half": {"cosine": chosen.cosine, "coverage": chosen.coverage},
        "in_force": {"cosine": in_force.cosine, "coverage": in_force.coverage},
        "tuning_half": figures(keeps(in_force), tuning),
        "held_half": figures(keeps(in_force)),
        "baseline_every_cited_sentence": figures(lambda _: True),
        "baseline_cosine_alone": {"threshold": cosine, **figures(by_cosine(cosine))},
        "unsupported_kept_by_kind": {
            kind: Share(
                sum(keeps(in_force)(p) for p in held if p.kind == kind and not p.supported),
                sum(p.kind == kind and not p.supported for p in held),
            ).as_dict()
            for kind in kinds
        },
    }


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.parse_args(arguments)
    encoder = open_encoder(read_settings())
    try:
        pairs = read_pairs(encoder)
    finally:
        encoder.close()
    print(json.dumps(report(*halves(pairs)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
