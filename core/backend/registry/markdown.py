"""Markdown that no text breaks out of: front matter, tables, lines."""

import json
import re
from collections.abc import Iterable, Sequence


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    """A heading and a table below it, line by line."""
    yield from ("", f"## {title}", "")
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(line(str(cell)).replace('|', chr(92) + '|') for cell in row)} |"


def yaml(value: object) -> str:
    """A value of the front matter. JSON is YAML, so that no text in a card can break out of its place."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]", lambda odd: f"\\u{ord(odd[0]):04x}", text)


def line(text: str) -> str:
    """A text on one line.

    >>> line(" two  words ")
    'two words'
    """
    return " ".join(text.split())
