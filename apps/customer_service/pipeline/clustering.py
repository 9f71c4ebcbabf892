"""What customers ask about, grouped: for files of messages and for questions that could not be answered."""

from collections.abc import Sequence
from typing import Protocol

from core.backend.encoder import Floats
from core.clustering.messages import Clustering, alike, cluster


class Reads(Protocol):
    """What turns messages into vectors: an encoder."""

    def encode(self, texts: Sequence[str]) -> Floats: ...


def cluster_messages(texts: Sequence[str], reader: Reads) -> Clustering:
    """Group messages by what they want, without being told how many wants there are. Each gets a group.

    reader: `core.backend.intents.open_intent_encoder` tells wants apart best; any encoder serves
    """
    places = alike(texts)
    # In the order of what they say, so that batches, and with them the last digits of vectors, do not depend on the file.
    distinct = reader.encode([texts[at[0]] for at in places])
    row_of = {at: row for row, same in enumerate(places) for at in same}
    return cluster(texts, distinct[[row_of[at] for at in range(len(texts))]])
