"""How good recommendations are on public sets, in the published protocol, against popularity, ItemKNN and EASE.

python -m benchmarks.recommend FOLDER                       leave-one-out: each user's last event is hidden
python -m benchmarks.recommend FOLDER --days 30             temporal: what is new to each user in the last 30 days

FOLDER holds events.jsonl(.gz) and items.jsonl(.gz). All items are ranked but those that a user had before; equal times
are ordered by item id, as numbers where they are numbers. Everything is chosen on events before the hidden ones.
Prints one JSON object.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from apps.recommender.pipeline.evaluating.running import evaluate
from apps.recommender.pipeline.learning import encoded, text_of
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.schemas.columns import natural_order
from core.backend.open import open_encoder
from core.rows import read_rows
from core.settings import read_settings

DAY_S = 86_400.0


def _file(folder: Path, stem: str) -> Path:
    packed = folder / f"{stem}.jsonl.gz"
    return packed if packed.exists() else folder / f"{stem}.jsonl"


def _seconds(moment: str | float) -> float:
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else float(moment)


def read(folder: Path) -> tuple[Histories, list[str]]:
    """Events in order, and the text of each item."""
    rows = [row.fields for row in read_rows(_file(folder, "events"), column=None)]
    about = {str(row.fields["id"]): row.fields for row in read_rows(_file(folder, "items"), column=None)}
    found = list({*about, *(str(row["item"]) for row in rows)})
    items = [found[at] for at in natural_order(found)]
    named = list({str(row["user"]) for row in rows})
    users = {named[at]: place for place, at in enumerate(natural_order(named))}
    place = {name: at for at, name in enumerate(items)}
    user = np.array([users[str(row["user"])] for row in rows], dtype=np.int32)
    item = np.array([place[str(row["item"])] for row in rows], dtype=np.int32)
    seconds = np.array([_seconds(row["timestamp"]) for row in rows])
    order = np.lexsort((item, seconds, user))
    histories = Histories.gather(user[order], item[order], seconds[order], user_count=len(users), item_count=len(items))
    texts = [
        text_of(str(row.get("title", "")), row.get("categories") or (), str(row.get("description", "")))
        for row in (about.get(name, {}) for name in items)
    ]
    return histories, texts


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
    parser.add_argument("--users", type=int, default=1_000_000, help="most users to measure on")
    parser.add_argument("--budget-minutes", type=float, default=20.0, help="0: without the network")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="write the report as a page")
    given = parser.parse_args(arguments)
    histories, texts = read(given.folder)
    found = evaluate(
        histories,
        vectors_of(texts),
        split="leave-one-out" if given.days is None else "temporal",
        most=given.users,
        seed=given.seed,
        budget_s=given.budget_minutes * 60,
        since=None if given.days is None else float(histories.seconds.max()) - given.days * DAY_S,
        show=lambda line: print(line, file=sys.stderr, flush=True),
    )
    if given.out is not None:
        given.out.write_text(found.to_html(), encoding="utf-8")
    print(json.dumps(found.as_dict(), indent=1))


if __name__ == "__main__":
    main()
