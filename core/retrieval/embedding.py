"""Which texts of a passage get a vector, and how they are put to the encoder. Writes nothing."""

from collections.abc import Sequence

import numpy as np

from core.backend.encoder import Encoder, Floats
from core.retrieval.documents import Document, Passage
from core.retrieval.reading import Vectors


def texts_of(passage: Passage, title: str) -> list[str]:
    """The passage under its headings first, then its sentences, then its aliases.

    A sentence is embedded behind its document's title: alone it often does not say what it is about ("Free from £40.").
    On the sample desk that raised "right document in three" from .83 to .88 (docs/decisions/0006).
    """
    above = [part for part in passage.heading if part not in passage.text]
    whole = "\n".join([*above, passage.text])
    topic = f"{title} - " if title in passage.heading else ""  # else it was made from the text itself
    return [whole, *(topic + passage.text[a:b] for a, b in passage.sentences), *passage.aliases]


def embed(documents: Sequence[Document], encoder: Encoder) -> list[list[Vectors]]:
    """returns: for each document the vectors of its passages, in order"""
    texts = [texts_of(passage, document.title) for document in documents for passage in document.passages]
    rows = encoder.encode([text for group in texts for text in group])
    cuts = np.cumsum([len(group) for group in texts])[:-1]
    groups = iter(np.split(rows, cuts) if texts else [])
    return [[_split(next(groups)) for _ in document.passages] for document in documents]


def _split(rows: Floats) -> Vectors:
    return Vectors(rows[0], rows[1:].astype(np.float16))
