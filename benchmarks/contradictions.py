"""How well warnings about contradictions and near-duplicates tell pairs of statements apart, against two baselines.

python -m benchmarks.contradictions            the reporting half
python -m benchmarks.contradictions --half tune
python -m benchmarks.contradictions --passages 10000    seconds for a base of made-up rows, all of it and one new row

Pairs are written for this project; odd ones of each label were tuned on, even ones are reported. The baselines, in
the same run: every pair that the encoder finds near and that holds different numbers or one denial more; and every pair
that the encoder finds near. Their cosine is the best on the tuning half.
"""

import argparse
import csv
import json
import random
import re
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.statements import contradiction, read_statement
from apps.customer_service.pipeline.warnings import Watch, is_duplicate
from core.backend.open import open_encoder
from core.evaluation.intervals import Share
from core.migrations import upgrade
from core.retrieval.documents import Document, Passage
from core.retrieval.embedding import embed
from core.services import close_services, open_services
from core.settings import Settings, read_settings

PAIRS = Path(__file__).with_name("contradictions.tsv")
KINDS = ("contradiction", "duplicate")


@dataclass(frozen=True)
class Pair:
    """Two statements under their titles. passage, sentence: cosines of the vectors as the index holds them"""

    label: str
    topics: tuple[str, str]
    texts: tuple[str, str]
    passage: float = 0.0
    sentence: float = 0.0


def read_pairs(path: Path = PAIRS) -> dict[str, list[Pair]]:
    """returns: the pairs of each half, "tune" and "report" """
    halves: dict[str, list[Pair]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            seen[row["label"]] += 1
            pair = Pair(
                row["label"], (row["topic one"], row["topic two"]), (row["statement one"], row["statement two"])
            )
            halves["tune" if seen[row["label"]] % 2 else "report"].append(pair)
    return halves


def embedded(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with the cosines that the index would find."""
    documents = [
        Document(str(at), topic, text, passages=(Passage(str(at), text, 0, len(text), (topic,), ((0, len(text)),)),))
        for at, (topic, text) in enumerate(
            (topic, text) for pair in pairs for topic, text in zip(pair.topics, pair.texts, strict=True)
        )
    ]
    encoder = open_encoder(read_settings())
    try:
        vectors = [one for [one] in embed(documents, encoder)]
    finally:
        encoder.close()
    found = []
    for at, pair in enumerate(pairs):
        one, other = vectors[2 * at], vectors[2 * at + 1]
        sentence = float(one.details[0].astype(np.float32) @ other.details[0].astype(np.float32))
        found.append(Pair(pair.label, pair.topics, pair.texts, float(one.passage @ other.passage), sentence))
    return found


def ours(pair: Pair) -> str:
    """What the desk says of a pair."""
    one, other = (read_statement(text, topic) for text, topic in zip(pair.texts, pair.topics, strict=True))
    if contradiction(one, other, pair.sentence):
        return "contradiction"
    return "duplicate" if is_duplicate(*pair.texts, pair.passage) else "none"


def near_and_different(pair: Pair, least: float) -> str:
    """Baseline: near for the encoder, with other numbers or one denial more or less."""
    if pair.sentence < least:
        return "none"
    numbers = [set(re.findall(r"\d+(?:\.\d+)?", text)) for text in pair.texts]
    denials = [len(re.findall(r"\b(?:no|not|never|cannot)\b|n't", text.lower())) % 2 for text in pair.texts]
    return "contradiction" if numbers[0] != numbers[1] or denials[0] != denials[1] else "duplicate"


def near(pair: Pair, least: float) -> str:
    """Baseline: near for the encoder."""
    return "contradiction" if pair.sentence >= least else "none"


def figures(pairs: Sequence[Pair], said: Sequence[str]) -> dict[str, Any]:
    """Precision and recall of each kind, with 95 % Wilson intervals."""
    told = list(zip(pairs, said, strict=True))
    return {
        kind: {
            "precision": Share(sum(p.label == s == kind for p, s in told), sum(s == kind for _, s in told)).as_dict(),
            "recall": Share(
                sum(p.label == s == kind for p, s in told), sum(p.label == kind for p, _ in told)
            ).as_dict(),
        }
        for kind in KINDS
        if kind in said
    }


def best_cosine(pairs: Sequence[Pair], rule: Callable[[Pair, float], str]) -> float:
    """The cosine at which a baseline has its best F1 for contradictions."""

    def f1(least: float) -> float:
        said = [rule(pair, least) for pair in pairs]
        right = sum(p.label == s == "contradiction" for p, s in zip(pairs, said, strict=True))
        return 2 * right / (said.count("contradiction") + sum(p.label == "contradiction" for p in pairs))

    return max((round(0.4 + 0.02 * step, 2) for step in range(30)), key=f1)


class WordVectors:
    """An encoder whose vectors are sums of a random one for each word: as long as real ones, near where words are
    shared, and at no cost, for what is timed is the comparing."""

    dim, fingerprint = 384, "word-vectors"

    def __init__(self) -> None:
        self._of: dict[str, Any] = {}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """returns: words of each text"""
        return [len(text.split()) for text in texts]

    def encode(self, texts: Sequence[str]) -> Any:
        """texts: n;  returns: (n, 384), unit rows"""
        rows = np.stack([sum(self._word(word) for word in text.lower().split()) for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def _word(self, word: str) -> Any:
        if word not in self._of:
            self._of[word] = np.random.default_rng(zlib.crc32(word.encode())).normal(size=self.dim)
        return self._of[word]


def seconds(passages: int) -> dict[str, Any]:
    """Compare a whole base, then one row that came anew. Each row is a sentence about one of `passages` / 4 things."""
    makers = (
        "Aldo Brix Corva Delmi Ebro Fenna Gort Hale Ivo Juno Kemp Lyra Moss Nadir Orla Pell Quill Rowan Sable".split()
    )
    things = (
        "kettle lamp chair kite clock stove radio boat tent drill scarf mirror pump fan desk sofa vase bike".split()
    )
    asked = (
        "The {0} comes with a {1} year warranty for all of its parts.",
        "Spare parts of the {0} are kept in stock for {1} years.",
        "The {0} may be returned to us within {1} days of delivery.",
        "A repair of the {0} takes up to {1} working days.",
    )
    chance = random.Random(7)
    rows = []
    for at in range(passages):
        about = at // 4
        name = f"{makers[about % 19]} {things[about // 19 % 18]} {about // 342}"
        rows.append({"id": str(at), "title": name, "text": asked[at % 4].format(name, chance.randint(2, 60))})
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Settings(home=Path(folder)), encoder=WordVectors())
        try:
            upgrade(services.database, [])
            base, watch = services.collections.ensure("made-up"), Watch()
            for at in range(0, passages, 500):
                import_rows(rows[at : at + 500], base)
            base.search("warranty")  # the view is built
            began, worked = time.perf_counter(), time.process_time()
            found = len(watch.warnings(base))
            whole, of_processor = time.perf_counter() - began, time.process_time() - worked
            import_rows([{**rows[0], "id": "new"}], base)
            base.search("warranty")
            began, worked = time.perf_counter(), time.process_time()
            again = len(watch.warnings(base))
            return {
                "passages": passages,
                "seconds": round(whole, 2),
                "processor_seconds": round(of_processor, 2),
                "warnings": found,
                "seconds_for_one_new_row": round(time.perf_counter() - began, 3),
                "processor_seconds_for_one_new_row": round(time.process_time() - worked, 3),
                "warnings_then": again,
            }
        finally:
            close_services(services)


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--half", choices=["tune", "report"], default="report")
    asked.add_argument("--wrong", action="store_true", help="name the pairs that are told wrongly")
    asked.add_argument("--passages", type=int, help="measure the time for a base of this size instead")
    chosen = asked.parse_args(arguments)
    if chosen.passages:
        print(json.dumps(seconds(chosen.passages), indent=1))
        return
    halves = read_pairs()
    tune, pairs = embedded(halves["tune"]), embedded(halves[chosen.half])
    found = {"half": chosen.half, "pairs": len(pairs), "ours": figures(pairs, [ours(pair) for pair in pairs])}
    for rule in (near_and_different, near):
        least = best_cosine(tune, rule)
        told = figures(pairs, [rule(pair, least) for pair in pairs])
        found[f"baseline: {rule.__name__.replace('_', ' ')}"] = {"cosine": least, **told}
    if chosen.wrong:
        found["wrong"] = [[ours(p), p.label, *p.texts, round(p.sentence, 2)] for p in pairs if ours(p) != p.label]
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
