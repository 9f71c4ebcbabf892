"""Parse what a person typed into a schema, with a sentence for what does not fit."""

from collections.abc import Mapping
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
