"""The sample data, filled up to a size at which speed can be measured. Run as a process of its own; prints a key.

python -m core.cli.filling PASSAGES
"""

import random
import sys
from collections.abc import Sequence

from core.cli.opening import opened_services
from core.cli.serving import prepare
from core.retrieval.collections import Collection
from core.retrieval.documents import UNANSWERED, Document, Passage
from core.settings import read_settings

BATCH = 500
PAGE = 1_000
SEED = 7


def fill(collection: Collection, passages: int) -> int:
    """Add documents of one passage until there are so many passages: the words of those at hand, in another order.

    So lengths, words and metadata are as in the rest, and none of them answers anything.
    returns: how many were added
    """
    rows = collection.page(limit=PAGE)
    held = [one for one in collection.documents([row.key for row in rows]) if not one.metadata.get(UNANSWERED)]
    missing = max(0, passages - len(collection.passage_ids())) if held else 0
    chance = random.Random(SEED)  # noqa: S311  a sample, no secret
    made = [_shuffled(chance.choice(held), f"filler-{n}", chance) for n in range(missing)]
    for at in range(0, len(made), BATCH):
        collection.put(made[at : at + BATCH])
    return missing


def _shuffled(document: Document, key: str, chance: random.Random) -> Document:
    passage = chance.choice(document.passages)
    pieces = [passage.text[start:end].split() for start, end in passage.sentences] or [passage.text.split()]
    words = [word for piece in pieces for word in piece]
    chance.shuffle(words)
    sentences: list[tuple[int, int]] = []
    text = ""
    for piece in pieces:
        said = " ".join(words[: len(piece)])
        del words[: len(piece)]
        start = len(text) + bool(text)
        text = f"{text} {said}" if text else said
        sentences.append((start, start + len(said)))
    made = Passage(f"{key}#0", text, 0, len(text), sentences=tuple(sentences))
    return Document(key, text[:60], text, metadata=document.metadata, passages=(made,), kind=document.kind)


def main(arguments: Sequence[str]) -> None:
    """Prepare, fill, print."""
    settings = read_settings()
    key = prepare(settings)
    with opened_services(settings) as services:
        for known in services.collections.names():
            fill(services.collections.get(known.name), int(arguments[0]))
        services.collections.save()
    print(key)  # for the process that measures


if __name__ == "__main__":
    main(sys.argv[1:])
