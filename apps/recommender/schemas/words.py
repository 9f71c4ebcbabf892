"""Ids, texts and attributes as they come in: cleaned, bounded, or refused in a sentence."""

import json
import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

MOST_ID = 200
MOST_ATTRIBUTES = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNKEPT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
Plain = str | int | float | bool


def clean_id(written: object) -> object:
    """An id as text: numbers are written out, as CSV and Parquet hold them either way.

    raises: ValueError for one that is empty, too long or holds what no database keeps

    >>> clean_id(17), clean_id(17.0), clean_id(" a/b ")
    ('17', '17', 'a/b')
    """
    if isinstance(written, float) and written.is_integer():
        written = int(written)
    text = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
    if not isinstance(text, str):
        raise ValueError("must be text or a whole number")
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    if len(text) > MOST_ID:
        raise ValueError(f"has more than {MOST_ID} characters")
    if not text.isprintable() and _CONTROL.search(text):
        raise ValueError("holds control characters or broken Unicode")
    return text


def optional_id(written: object) -> object:
    """The same, or None where nothing is written."""
    return None if is_empty(written) else clean_id(written)


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


Id = Annotated[str, BeforeValidator(clean_id)]
OptionalId = Annotated[str | None, BeforeValidator(optional_id)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=200)]
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Attributes = Annotated[dict[AttributeName, Plain | list[str]], BeforeValidator(attributes_of)]


def text(most: int, least: int = 0) -> Any:
    """A type of text with so many characters."""
    return Annotated[str, BeforeValidator(clean_text), StringConstraints(min_length=least, max_length=most)]
