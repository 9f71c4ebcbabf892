"""What the sample desk does with a question after talk about something else, and with one that goes on.

python -m benchmarks.switching --part test

Before each single question of the part come none, one or two exchanges about other subjects, drawn with a fixed seed
from the same part's answerable questions, each with the desk's own answer. Follow-ups have the turns that they were
written with. Prints one JSON object. How a message is taken was chosen on the part "tune".
"""

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from apps.customer_service.pipeline.asking import ask, weigh
from apps.customer_service.sample import load, questions
from apps.customer_service.schemas.asking import AskQuery, Turn
from apps.customer_service.settings import SupportSettings
from core.cli.opening import opened_services
from core.evaluation.intervals import share
from core.evaluation.scratch import scratch_home
from core.retrieval.collections import Collection
from core.settings import read_settings

SEED = 3
Row = Mapping[str, Any]


def exchanges(row: Row, others: Sequence[Row], collection: Collection, count: int, chance: random.Random) -> list[Turn]:
    """So many questions about other documents than the row's, with what the desk says to them."""
    own = set(row.get("documents") or ())
    elsewhere = [other for other in others if not own & set(other["documents"])]
    turns: list[Turn] = []
    for other in chance.sample(elsewhere, count):
        said = ask(AskQuery(question=other["text"]), collection, SupportSettings())
        turns += [Turn(role="user", text=other["text"]), Turn(role="agent", text=said.answer)]
    return turns


def after(rows: Sequence[Row], others: Sequence[Row], collection: Collection, count: int) -> dict[str, Any]:
    """How many are answered from a right document, and how many handed over."""
    chance = random.Random(SEED)
    right, refused = [], []
    for row in rows:
        query = AskQuery(question=row["text"], turns=exchanges(row, others, collection, count, chance))
        said = ask(query, collection, SupportSettings())
        right.append(said.action == "answer" and said.citations[0].document in (row.get("documents") or ()))
        refused.append(said.action == "handoff")
    return {"answered_right": share(np.array(right)).as_dict(), "handed_over": share(np.array(refused)).as_dict()}


def follow_ups(rows: Sequence[Row], collection: Collection) -> dict[str, Any]:
    """Whether a right document is among the first one and three, with the turns and on the last one alone."""
    figures: dict[str, Any] = {}
    for name, heard in (("with_turns", True), ("last_turn_alone", False)):
        found = [
            [
                hit.document
                for hit in weigh(collection, row["text"], [Turn(**t) for t in row["turns"]] if heard else ()).hits
            ]
            for row in rows
        ]
        for k in (1, 3):
            at = [bool(set(row["documents"]) & set(ids[:k])) for row, ids in zip(rows, found, strict=True)]
            figures[f"{name}_in_{k}"] = share(np.array(at)).as_dict()
    return figures


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("tune", "test"), default="test")
    part = parser.parse_args(arguments).part
    rows = list(questions(part))
    single = [row for row in rows if not row.get("turns")]
    known = [row for row in single if row.get("documents")]
    unanswerable = [row for row in single if not row.get("documents")]
    with scratch_home(read_settings()) as settings, opened_services(settings) as services:
        load(services)
        collection = services.collections.get("support")
        print(
            json.dumps(
                {
                    "part": part,
                    **{
                        f"after_{count}": {
                            "answerable": after(known, known, collection, count),
                            "unanswerable": after(unanswerable, known, collection, count),
                        }
                        for count in (0, 1, 2)
                    },
                    "follow_ups": follow_ups([row for row in rows if row.get("turns")], collection),
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main(sys.argv[1:])
