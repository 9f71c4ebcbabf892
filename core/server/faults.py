"""What pydantic found wrong with a request, in plain words. Quotes nothing that was sent, as its messages may."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

OURS = "trivium."
"""Error types that begin so carry a message of our own, made with `PydanticCustomError`."""

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


class Fault(BaseModel):
    """One thing that does not fit. field: where, like "body.texts.0";  problem: what, in plain words"""

    field: str
    problem: str


_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "json_invalid": "is not valid JSON",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "string_unicode": "holds characters that are not valid Unicode",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "has more than {max_length} characters",
    "string_pattern_mismatch": "does not have the expected form",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "list_type": "must be a list",
    "too_short": "needs at least {min_length} entries",
    "too_long": "has more than {max_length} entries",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be a JSON object sent as application/json",
    "dataclass_type": "must be an object",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "none_required": "must be null",
    "datetime_type": "must be a time in ISO 8601",
    "datetime_parsing": "must be a time in ISO 8601",
    "datetime_from_date_parsing": "must be a time in ISO 8601",
    "timezone_aware": "must be a time with its time zone",
    "date_parsing": "must be a date as YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a date as YYYY-MM-DD",
    "uuid_parsing": "must be a UUID",
    "url_parsing": "must be a URL",
}


def plain_fault(found: Mapping[str, Any]) -> Fault:
    """Translate one of pydantic's findings.

    >>> plain_fault({"type": "string_too_short", "loc": ("body", "name"), "ctx": {"min_length": 2}}).problem
    'needs at least 2 characters'
    """
    kind, context = str(found.get("type")), found.get("ctx") or {}
    location = found.get("loc", ())
    if kind == "json_invalid":
        location = location[:1]  # what follows is a position in the text
    if kind == "value_error":  # raised by an app's own validator, whose words are ours and quote nothing
        problem = str(context.get("error", "does not fit"))
    elif kind.startswith(OURS):
        problem = str(found.get("msg"))
    else:
        problem = _WORDS.get(kind, "does not fit").format_map(context)
    return Fault(field=_place(location), problem=problem)


def _place(location: Sequence[str | int]) -> str:
    # Only what looks like a field's name is shown: a key of a sent object could be anybody's words.
    parts = (str(p) if isinstance(p, int) or _FIELD.fullmatch(str(p)) else "…" for p in location)
    return ".".join(parts) or "request"
