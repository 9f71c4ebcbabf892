"""Items on the wire and in files."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from apps.recommender.schemas.moments import Moment
from apps.recommender.schemas.words import Attributes, Category, Id, categories_of, clean_text, is_empty

Title = Annotated[str, BeforeValidator(clean_text), StringConstraints(min_length=1, max_length=2_000)]
Description = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=100_000)]
Categories = Annotated[list[Category], Field(max_length=50), BeforeValidator(categories_of)]


def _url(written: object) -> object:
    if is_empty(written):
        return ""
    if not isinstance(written, str) or not written.strip().lower().startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return clean_text(written)


def _none_if_empty(written: object) -> object:
    return None if is_empty(written) else written


Price = Annotated[float | None, Field(ge=0, allow_inf_nan=False), BeforeValidator(_none_if_empty)]
Stock = Annotated[int | None, Field(ge=0, lt=2**63), BeforeValidator(_none_if_empty)]
ImageUrl = Annotated[str, StringConstraints(max_length=2_000), BeforeValidator(_url)]


class Item(BaseModel):
    """An item, whole: what is left out has no value. Fields that are not listed here become attributes.

    categories: a list; in a table also "A|B";  stock: null where nobody counts it
    available_from, available_until: ISO 8601 or seconds since 1970; it is recommended between them only
    hidden: never recommended, but learned from
    """

    model_config = ConfigDict(extra="forbid")

    id: Id
    title: Title
    description: Description = ""
    categories: Categories = []
    attributes: Attributes = {}
    price: Price = None
    stock: Stock = None
    available_from: Moment = None
    available_until: Moment = None
    hidden: bool = False
    image_url: ImageUrl = ""

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.available_from and self.available_until and self.available_from >= self.available_until:
            raise ValueError("available_from must lie before available_until")
        return self

    def columns(self) -> dict[str, Any]:
        """As the catalogue keeps it."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(name for name in Item.model_fields if name != "id")


class ItemPatch(BaseModel):
    """What is to change of an item; what is left out stays. attributes: as a whole"""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None
    categories: Categories | None = None
    attributes: Attributes | None = None
    price: Price = None
    stock: Stock = None
    available_from: Moment = None
    available_until: Moment = None
    hidden: bool | None = None
    image_url: ImageUrl | None = None


class ItemShown(BaseModel):
    """An item of the catalogue. known: false for an id that only events have named so far

    events: how many name it, where one item is asked for
    """

    id: str
    title: str
    description: str
    categories: list[str]
    attributes: dict[str, Any]
    price: float | None
    stock: int | None
    available_from: datetime | None
    available_until: datetime | None
    hidden: bool
    image_url: str
    known: bool
    created_at: datetime
    updated_at: datetime
    events: int | None = None
