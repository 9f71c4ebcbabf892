"""Other wordings that lead to a document: what its authors know customers say. Searched, never quoted.

In front matter `also_asked:` with a list, in a row a field `also_asked`: a list, or wordings separated by " | ".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.ingest.characters import clean, squeeze
from core.retrieval.documents import Document

FIELD = "also_asked"
MOST = 50
LONGEST = 300  # characters


def read_aliases(value: Any) -> tuple[str, ...]:
    """The wordings in a metadata value, each once.

    raises: ValueError saying what is wrong with them

    >>> read_aliases("where is it | is it lost?")
    ('where is it', 'is it lost?')
    """
    if value is None or value == "":
        return ()
    wordings = value.split(" | ") if isinstance(value, str) else value
    if not isinstance(wordings, list) or not all(isinstance(wording, str) for wording in wordings):
        raise ValueError(f"'{FIELD}' is neither text nor a list of texts")
    found = tuple(dict.fromkeys(squeeze(clean(wording)) for wording in wordings))
    if len(found) > MOST or any(len(wording) > LONGEST for wording in found):
        raise ValueError(f"'{FIELD}' holds more than {MOST} wordings, or one of more than {LONGEST} characters")
    return tuple(wording for wording in found if wording)


def with_aliases(document: Document, aliases: Sequence[str]) -> Document:
    """The document with further wordings for each of its passages."""
    if not aliases:
        return document
    passages = tuple(
        replace(passage, aliases=tuple(dict.fromkeys((*passage.aliases, *aliases)))) for passage in document.passages
    )
    return replace(document, passages=passages)
