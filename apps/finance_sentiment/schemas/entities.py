"""Companies on the wire and in a file."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

ENTITY_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
TICKER_PATTERN = r"^[A-Z]{2,12}:[A-Z0-9][A-Z0-9.&-]{0,14}$"

EntityId = Annotated[str, StringConstraints(pattern=ENTITY_PATTERN)]
Ticker = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=TICKER_PATTERN)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120, pattern=r"\w")]
Word = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)]


class EntityEdit(BaseModel):
    """A company, as a person writes it.

    tickers: "EXCHANGE:SYMBOL" each, the main one first
    aliases: what people write; one that ends in "?" is also an ordinary word or name, and counts only in context
    context, anticontext: words near a doubtful name that speak for the company, and for something else
    watched: whether it is on the watchlist;  version: the one that was read, where the change depends on it
    """

    model_config = ConfigDict(extra="forbid")

    name: Wording
    tickers: Annotated[list[Ticker], Field(max_length=12)] = []
    sector: Line = ""
    country: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^([A-Z]{2})?$")] = ""
    aliases: Annotated[list[Wording], Field(max_length=60)] = []
    context: Annotated[list[Word], Field(max_length=60)] = []
    anticontext: Annotated[list[Word], Field(max_length=60)] = []
    watched: bool = False
    version: int | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in ("tickers", "aliases", "context", "anticontext"):
            values = getattr(self, name)
            if len({value.lower() for value in values}) < len(values):
                raise ValueError(f"{name} names the same twice")
        return self


class Entity(BaseModel):
    """A company. origin: "shipped" with the app, or "own";  version: counts its changes"""

    id: str
    name: str
    tickers: list[str]
    sector: str
    country: str
    aliases: list[str]
    context: list[str]
    anticontext: list[str]
    watched: bool
    origin: str
    version: int
    updated_at: datetime
