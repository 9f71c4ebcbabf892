"""One row into its schema, or a sentence that says why it does not fit. Quotes nothing that was sent."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from apps.recommender.schemas.taking import MOST_TOLD, RowFault
from apps.recommender.schemas.words import Attributes, attribute_of, is_empty

Schema = TypeVar("Schema", bound=BaseModel)
MOST_FAULTS = 3  # of one row that are told


class Unfit(ValueError):
    """A row that cannot be used; the words are the end of a sentence about it."""


class Faults:
    """The rows of one file or body that were left out.

    received: how many rows there are, whatever became of them;  told: the first that were left out;  count: all of them
    """

    def __init__(self) -> None:
        self.received = 0
        self.told: list[RowFault] = []
        self.count = 0

    def unreadable(self, line: int, problem: str) -> None:
        """Count a row of which not even the fields can be told."""
        self.received += 1
        self.tell(line, problem)

    def tell(self, line: int, problem: str) -> None:
        """Count a row, and keep its sentence if it is among the first."""
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self.told.append(RowFault(line=line, problem=problem))


def fit(schema: type[Schema], fields: Mapping[str, Any]) -> Schema:
    """raises: Unfit"""
    try:
        return schema.model_validate(fields)
    except ValidationError as error:
        raise Unfit(_sentence(error)) from error


def with_attributes(schema: type[BaseModel], fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Fields that the schema has, without empty ones; all others become attributes. raises: Unfit"""
    if None in fields:
        raise Unfit("has more values than columns")
    known: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in fields.items():
        if not is_empty(value):
            (known if name in schema.model_fields else others)[str(name)] = value
    if not others:
        return known
    try:
        others = {name: attribute_of(value) for name, value in others.items()}
    except ValueError as error:
        raise Unfit(f"{error}; put it into `attributes`, or leave it out") from error
    own = known.get("attributes", {})
    if isinstance(own, str):  # a cell of a table
        own = fit(_Attributes, {"attributes": own}).attributes
    known["attributes"] = {**others, **own} if isinstance(own, dict) else own
    return known


class _Attributes(BaseModel):
    attributes: Attributes


def _sentence(error: ValidationError) -> str:
    from core.server.faults import plain_fault  # a row that fits needs none of it

    told = []
    for found in error.errors(include_url=False, include_input=False)[:MOST_FAULTS]:
        fault = plain_fault(found)
        told.append(fault.problem if not found["loc"] else f"{fault.field} {fault.problem}")
    return "; ".join(told)
