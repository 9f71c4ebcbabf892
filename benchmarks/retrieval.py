"""How well the desk finds and refuses on public sets, against the backbone alone, BM25 and reciprocal-rank fusion.

python -m benchmarks.retrieval --xquad FOLDER     passages.jsonl and questions.jsonl
python -m benchmarks.retrieval --dstc FOLDER      knowledge.jsonl and dialogues.jsonl

Everything is imported into a scratch database and searched as the desk does it. Of the dialogues one half, drawn with
a fixed seed, was used for choosing and the confidence is fitted on it; the other is reported. --fitted FILE keeps that
confidence: so apps/customer_service/pipeline/calibration-subjects.json is made. --shipped goes by that file instead.
Prints one JSON object.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from apps.customer_service.pipeline.asking import verdict, weigh
from apps.customer_service.pipeline.calibrating import calibrate
from apps.customer_service.pipeline.confidence import calibration_of
from apps.customer_service.pipeline.evaluation import read_questions
from apps.customer_service.pipeline.knowledge import import_paths
from apps.customer_service.schemas.asking import Turn
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.cli.opening import opened_services
from core.errors import Invalid
from core.evaluation.intervals import bootstrapped, share
from core.retrieval.collections import Collection
from core.retrieval.fusion import Weights
from core.rows import read_rows
from core.settings import read_settings

SEED = 11  # draws the half of the dialogues that was used for choosing
RESAMPLES = 2_000
DEPTH = 100  # of each ranking that reciprocal ranks are summed over
RANK_OFFSET = 60  # Cormack, Clarke & Büttcher, 2009
BACKBONE, WORDS = "passage vectors alone", "words alone (BM25)"
BASELINES = {BACKBONE: Weights(1, 0, 0, 0, 0), WORDS: Weights(0, 0, 0, 1, 0)}
Figures = dict[str, Any]


def rankings(collection: Collection, text: str) -> dict[str, list[str]]:
    """What the baselines find for one question, by document."""
    lists = {
        name: [hit.document for hit in collection.search(text, DEPTH, weights=weights)]
        for name, weights in BASELINES.items()
    }
    summed: dict[str, float] = {}
    for ranked in lists.values():
        for place, document in enumerate(dict.fromkeys(ranked), start=1):
            summed[document] = summed.get(document, 0.0) + 1 / (RANK_OFFSET + place)
    return {**lists, "reciprocal-rank fusion": sorted(summed, key=lambda document: -summed[document])}


def hits_at(found: Sequence[Sequence[str]], right: Sequence[str], ks: Sequence[int]) -> Figures:
    """found: a question a line, best first;  right: the document of each"""
    return {
        f"hit@{k}": share(
            np.array([good in list(dict.fromkeys(ids))[:k] for ids, good in zip(found, right, strict=True)])
        ).as_dict()
        for k in ks
    }


def passages(services: Services, folder: Path) -> Figures:
    """Find the passage that a question was asked about."""
    collection = imported(services, folder / "passages.jsonl", "passages")
    rows = [row.fields for row in read_rows(folder / "questions.jsonl", column=None)]
    right = [str(row["document"]) for row in rows]
    ours: list[list[str]] = []
    others: dict[str, list[list[str]]] = {}
    for row in rows:
        ours.append([hit.document for hit in weigh(collection, str(row["question"]), ()).hits])
        for name, ids in rankings(collection, str(row["question"])).items():
            others.setdefault(name, []).append(ids)
    return {
        "n": len(rows),
        **hits_at(ours, right, (1, 5)),
        "baselines": {name: hits_at(found, right, (1, 5)) for name, found in others.items()},
    }


def dialogues(services: Services, folder: Path, fitted: Path | None, *, shipped: bool) -> Figures:
    """Find the entry that the last turn of a spoken dialogue asks for, or say that it asks for none.

    Detection is the action: anything but `handoff` says that the base answers. R@k is that of the track: the harmonic
    mean of precision and recall over the turns that were taken for questions. `found@k` is over all that are questions.

    fitted: where the confidence that was fitted is to be kept;  shipped: go by the shipped one
    """
    collection = imported(services, folder / "knowledge.jsonl", "dialogues")
    settings = SupportSettings()
    held = [row.fields for row in read_rows(folder / "dialogues.jsonl", column=None)]
    tuning, rows = halves(held)
    if shipped:
        calibration = calibration_of(collection)
    else:
        calibration = calibrate(read_questions(map(dict, tuning)), collection, most_refused=None)
    if fitted is not None:
        fitted.write_text(calibration.to_json(), encoding="utf-8")
    asked = np.array([bool(row["answerable"]) for row in rows])
    said: list[bool] = []
    sure: list[float] = []
    ranked: dict[str, list[list[str]]] = {}
    seconds = 0.0
    for row in rows:
        *turns, last = [Turn(role=turn["role"], text=turn["text"]) for turn in row["turns"]]
        began = time.perf_counter()
        evidence = weigh(collection, last.text, turns)
        probability, action = verdict(evidence, calibration, settings)
        seconds += time.perf_counter() - began
        said.append(action != "handoff")
        sure.append(probability)
        ranked.setdefault("ours", []).append([hit.document for hit in evidence.hits])
        whole = " ".join([*(turn.text for turn in turns[-2:]), last.text])
        for name, ids in rankings(collection, whole).items():
            ranked.setdefault(name, []).append(ids)
    wanted = [set(row["documents"]) for row in rows]
    at = {
        k: np.array([bool(good & set(ids[:k])) for good, ids in zip(wanted, ranked["ours"], strict=True)])
        for k in (1, 5)
    }
    taken, confidence = np.array(said), np.array(sure)
    figures = {
        "detection_f1": resampled(lambda rows: harmonic(taken[rows], asked[rows], asked[rows]), len(rows)),
        "detection_precision": share(asked[taken]).as_dict(),
        "detection_recall": share(taken[asked]).as_dict(),
        **{
            f"R@{k}": resampled(lambda rows, k=k: harmonic(taken[rows], asked[rows], at[k][rows]), len(rows))  # type: ignore[misc]
            for k in at
        },
        **{f"found@{k}": share(right[asked]).as_dict() for k, right in at.items()},
        "brier_score": round(float(np.mean((confidence - asked) ** 2)), 4),
        "ms_a_dialogue": round(1_000 * seconds / len(rows), 2),
    }
    baselines = {
        name: {
            f"found@{k}": share(
                np.array([bool(good & set(ids[:k])) for good, ids in zip(wanted, lists, strict=True)])[asked]
            ).as_dict()
            for k in (1, 5)
        }
        for name, lists in ranked.items()
        if name != "ours"
    }
    baselines["every turn taken for a question"] = {
        "detection_f1": resampled(
            lambda rows: harmonic(np.ones(len(rows), np.bool_), asked[rows], asked[rows]), len(rows)
        )
    }
    return {"n": len(rows), "questions": int(asked.sum()), **figures, "baselines": baselines}


def harmonic(taken: np.ndarray[Any, Any], asked: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> float:
    """2PR / (P + R), where a turn counts as right that was taken for a question, is one, and was found."""
    hits = float((taken & asked & right).sum())
    total = float(taken.sum() + asked.sum())
    return 2 * hits / total if total else 0.0


def resampled(measured: Callable[[np.ndarray[Any, Any]], float], n: int) -> Figures:
    """A figure over rows with its bootstrap interval. measured: from positions of rows"""
    chance = np.random.default_rng(7)
    values = np.array([measured(chance.integers(0, n, n)) for _ in range(RESAMPLES)])
    return bootstrapped(measured(np.arange(n)), values, n).as_dict()


def halves(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """returns: what is used for choosing, what is reported"""
    order = list(range(len(rows)))
    random.Random(SEED).shuffle(order)
    half = len(rows) // 2
    tuning, reported = sorted(order[:half]), sorted(order[half:])
    return [rows[place] for place in tuning], [rows[place] for place in reported]


def imported(services: Services, path: Path, name: str) -> Collection:
    """A collection that holds a file's rows."""
    collection = services.collections.ensure(name)
    tally = import_paths([path], collection, services.settings.max_upload_bytes, lambda _: None)
    if tally.failed:
        raise Invalid(f"{path.name} cannot be read ({tally.failed[0].error})", remedy="give the set as it is described")
    return collection


def main(arguments: Sequence[str]) -> None:
    """Print the figures of the sets that were named."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--xquad", type=Path)
    asked.add_argument("--dstc", type=Path)
    asked.add_argument("--fitted", type=Path, help="file to keep the confidence in that the dialogues are judged by")
    asked.add_argument("--shipped", action="store_true", help="judge the dialogues by the shipped confidence")
    asked.add_argument("--home", type=Path, help="folder that is kept, so that a second run need not embed again")
    given = asked.parse_args(arguments)
    if not (given.xquad or given.dstc):
        asked.error("name a folder with --xquad or --dstc")
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch)
        settings = read_settings().model_copy(update={"home": home, "database_url": f"sqlite:///{home}/measured.db"})
        with opened_services(settings) as services:
            figures: Figures = {}
            if given.xquad:
                figures["xquad"] = passages(services, given.xquad)
            if given.dstc:
                figures["dstc"] = dialogues(services, given.dstc, given.fitted, shipped=given.shipped)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
