"""Ids, texts and attributes as they come in: cleaned, bounded, or refused in a sentence."""

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

MOST_ID = 200
MOST_ATTRIBUTES = 200

_UNKEPT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
Plain = str | int | float | bool


def tidy(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its empty cells and unkept characters; whole numbers as such, which Parquet holds as 17.0.

    >>> tidy({"item": 17.0, "session": " ", "text": "so\\x00 good", "value": float("nan")})
    {'item': 17, 'text': 'so good'}
    """
    return {str(name): _tidied(value) for name, value in fields.items() if not is_empty(value)}


def _tidied(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return clean_text(value)


def is_empty(written: object) -> bool:
    """Whether a cell holds nothing.

    >>> is_empty(None), is_empty(" "), is_empty(float("nan")), is_empty(0)
    (True, True, True, False)
    """
    if written is None:
        return True
    if isinstance(written, str):
        return not written or written.isspace()
    return isinstance(written, float) and math.isnan(written)


def clean_text(written: object) -> object:
    """A text without the characters that no database keeps.

    >>> clean_text(" \\U0001f9e6 Socks\\x00 ")
    '🧦 Socks'
    """
    if isinstance(written, str):
        return (written if written.isprintable() else _UNKEPT.sub("", written)).strip()
    return written


def categories_of(written: object) -> object:
    """Categories as a list: tables hold them as `A|B`, or as a JSON list. Each once, in order.

    >>> categories_of("Home | Kitchen|Home"), categories_of('["Home"]')
    (['Home', 'Kitchen'], ['Home'])
    """
    if is_empty(written):
        return []
    if isinstance(written, str):
        listed = _parsed(written) if written.lstrip().startswith("[") else written.split("|")
        written = listed if isinstance(listed, list) else [written]
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        raise ValueError("must be a list of texts")
    return list(dict.fromkeys(name for one in written if (name := str(clean_text(one)))))


def attributes_of(written: object) -> object:
    """Attributes as an object; a table's cell may hold it as JSON. raises: ValueError"""
    if is_empty(written):
        return {}
    if isinstance(written, str):
        written = _parsed(written)
    if not isinstance(written, dict):
        raise ValueError("must be an object")
    if len(written) > MOST_ATTRIBUTES:
        raise ValueError(f"has more than {MOST_ATTRIBUTES} entries")
    return {str(name): attribute_of(value) for name, value in written.items() if not is_empty(value)}


def attribute_of(value: Any) -> Plain | list[str]:
    """One attribute: text, a number, true or false, or a list of texts. raises: ValueError"""
    if isinstance(value, str):
        return str(clean_text(value))
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list) and all(isinstance(one, Plain) for one in value):
        return [str(clean_text(str(one))) for one in value]
    raise ValueError("holds a value that is neither a text, a number, true or false, nor a list of texts")


def _parsed(written: str) -> Any:
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise ValueError("is not valid JSON") from error


Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_ID, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(coerce_numbers_to_str=True),
]
"""What a shop calls an item, a user, a session or an event; numbers are written out."""
Category = Annotated[str, StringConstraints(min_length=1, max_length=200)]
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Attributes = Annotated[dict[AttributeName, Plain | list[str]], BeforeValidator(attributes_of)]
