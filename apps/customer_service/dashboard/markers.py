"""The [1] of an answer: drawn as marks of its citations, or left out. What cites nothing stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Collection

from ui.text import escaped

_MARKER = re.compile(r" ?\[(\d+)\]")


def with_markers(answer: str, citations: Collection[int]) -> str:
    """An answer as HTML. citations: their numbers

    >>> with_markers("It costs £5. [1] [9]", [1])
    'It costs £5.<span class="cited">1</span> [9]'
    """
    return _replaced(escaped(answer), citations, '<span class="cited">{}</span>')


def without_markers(answer: str, citations: Collection[int]) -> str:
    """An answer as a customer gets it."""
    return _replaced(answer, citations, "")


def _replaced(text: str, citations: Collection[int], by: str) -> str:
    numbers = {str(number) for number in citations}
    return _MARKER.sub(lambda found: by.format(found[1]) if found[1] in numbers else found[0], text)
