"""Parse what a person typed into a schema, with a sentence for what does not fit."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import Invalid

Schema = TypeVar("Schema", bound=BaseModel)


class DoesNotFit(Invalid):
    """Values that a schema refuses."""


def parse(schema: type[Schema], values: Mapping[str, Any]) -> Schema:
    """raises: DoesNotFit naming each value that does not fit, without repeating it"""
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors(include_input=False))
        raise DoesNotFit(faults, remedy="correct it and try again") from error


def moment(text: str | None) -> datetime | None:
    """A day or a time as a person types it; without a zone it is UTC. raises: Invalid

    >>> moment("2026-01-31"), moment(None)
    (datetime.datetime(2026, 1, 31, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("a time cannot be read", remedy="write 2026-01-31 or 2026-01-31T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
