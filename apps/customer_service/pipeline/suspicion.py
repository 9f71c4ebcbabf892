"""Look over documents at import: sentences that are aimed at a model instead of a reader. Changes nothing."""

from collections.abc import Iterable, Iterator

from apps.customer_service.schemas.knowledge import SuspiciousText
from core.retrieval.documents import Document
from core.safety.injections import find_injections

LONGEST_EXCERPT = 200  # characters


def look_over(documents: Iterable[Document]) -> Iterator[SuspiciousText]:
    """What a person should look at, in the documents' order. Such sentences are never quoted as an answer."""
    for document in documents:
        for passage in document.passages:
            for found in find_injections(passage.text):
                yield SuspiciousText(
                    document=document.key,
                    start=passage.start + found.start,
                    end=passage.start + found.end,
                    kind=found.kind,
                    text=passage.text[found.start : found.end][:LONGEST_EXCERPT],
                )
