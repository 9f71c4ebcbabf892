"""How good recommendations are on public sets, in the published protocol, against popularity, ItemKNN and EASE.

python -m benchmarks.recommend FOLDER                       leave-one-out: each user's last event is hidden
python -m benchmarks.recommend FOLDER --days 30             temporal: what is new to each user in the last 30 days
python -m benchmarks.recommend FOLDER --cold                all events of a tenth of the items are hidden too

FOLDER holds events.jsonl(.gz) and items.jsonl(.gz). All items are ranked but those that a user had before; equal times
are ordered by item id, as numbers where they are numbers. Everything is chosen on events before the hidden ones.
With `OMP_NUM_THREADS=1` and `--processor` the budget is of one core, however busy the machine is.
Prints one JSON object.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from apps.recommender.pipeline.evaluating.running import Split, evaluate
from apps.recommender.pipeline.learning import encoded, text_of
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.text_space import TextSpace
from benchmarks.recommend_data import events_of
from core.backend.open import open_encoder
from core.settings import read_settings

DAY_S = 86_400.0


def read(folder: Path) -> tuple[Histories, list[str]]:
    """Events in order, and the text of each item."""
    data = events_of(folder)
    texts = [
        text_of(str(row.get("title", "")), row.get("categories") or (), str(row.get("description", "")))
        for row in data.about
    ]
    return data.histories, texts


def vectors_of(texts: Sequence[str]) -> Floats:
    """(n, w), as the network reads them."""
    encoder = open_encoder(read_settings())
    try:
        vectors = encoded(texts, encoder)
    finally:
        encoder.close()
    return TextSpace.of(vectors).project(vectors)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, hide, fit, rank, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=float, help="hide the last so many days instead of each user's last event")
    parser.add_argument("--cold", action="store_true", help="also hide all events of a tenth of the items")
    parser.add_argument("--users", type=int, default=1_000_000, help="most users to measure on")
    parser.add_argument("--budget-minutes", type=float, default=20.0, help="0: without the network")
    parser.add_argument(
        "--processor", action="store_true", help="count this process's seconds on processors, not the wall's"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="write the report as a page")
    given = parser.parse_args(arguments)
    if given.cold and given.days is not None:
        parser.error("--cold hides each user's last event: leave --days out")
    split: Split = "new-items" if given.cold else "leave-one-out" if given.days is None else "temporal"
    histories, texts = read(given.folder)
    found = evaluate(
        histories,
        vectors_of(texts),
        split=split,
        most=given.users,
        seed=given.seed,
        budget_s=given.budget_minutes * 60,
        since=None if given.days is None else float(histories.seconds.max()) - given.days * DAY_S,
        clock=time.process_time if given.processor else time.monotonic,
        show=lambda line: print(line, file=sys.stderr, flush=True),
    )
    if given.out is not None:
        given.out.write_text(found.to_html(), encoding="utf-8")
    print(json.dumps(found.as_dict(), indent=1))


if __name__ == "__main__":
    main()
