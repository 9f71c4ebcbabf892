"""Companies on the wire and in a file."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

ENTITY_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
WRITTEN = r"^[^\x00-\x1f]*[^\W_\x00-\x1f][^\x00-\x1f]*$"
"""With a letter or figure, and on one line."""
TICKER_PATTERN = r"^[A-Z]{2,12}:[A-Z0-9][A-Z0-9.&-]{0,14}$"


def _capitals(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


EntityId = Annotated[str, StringConstraints(pattern=ENTITY_PATTERN)]
Ticker = Annotated[str, StringConstraints(pattern=TICKER_PATTERN), BeforeValidator(_capitals)]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$"), BeforeValidator(_capitals)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120, pattern=WRITTEN)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=60, pattern=WRITTEN)]


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
    country: Country = ""
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


class Watching(BaseModel):
    """Whether a company is on the watchlist."""

    model_config = ConfigDict(extra="forbid")

    watched: bool


class Imported(BaseModel):
    """What an import did."""

    added: int
    replaced: int


class LinkQuery(BaseModel):
    """Texts in which companies are looked for; the first line of each is its title."""

    model_config = ConfigDict(extra="forbid")

    texts: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=100_000)]], Field(min_length=1, max_length=256)
    ]


class MentionShown(BaseModel):
    """A place where a text names a company. start, end: characters;  relevance: of the text to it, 0 to 100"""

    entity: str
    name: str
    text: str
    start: int
    end: int
    relevance: int


class Linked(BaseModel):
    """The companies that one text names, in the order in which they stand."""

    mentions: list[MentionShown]


class LinkedTexts(BaseModel):
    """One item for each text, in order."""

    items: list[Linked]
