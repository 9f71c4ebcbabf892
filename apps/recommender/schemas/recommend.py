"""What is asked of the recommender, and what it answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from apps.recommender.schemas.words import Category, Id

MOST_K = 1_000
DEEPEST = 2_000
"""Places that are ranked: offset + k."""
Place = Literal["users", "sessions", "similar", "bought-together", "trending", "popular", "new", "search", "rank"]
"""Which list it is."""
Written = Annotated[str, Field(min_length=3, max_length=300)]
"""An attribute filter: `name:value` or `name:low..high`."""
NO_EXPERIMENT = "none"
ASKED_EXPERIMENT = rf"^(exp_[0-9a-f]{{16}}|{NO_EXPERIMENT})$"


class Filters(BaseModel):
    """Which items may stand in the list; what is empty asks for nothing.

    categories: one of them at least;  attributes: values of the same name are alternatives, other names must hold too
    exclude: these items not
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    categories: list[Category] = Field(default=[], max_length=50)
    attributes: list[Written] = Field(default=[], max_length=50)
    min_price: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    max_price: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    exclude: list[Id] = Field(default=[], max_length=1_000)


class Wish(BaseModel):
    """How the list shall be.

    diversity: λ of maximal marginal relevance, 0: by score alone, 1: as unlike each other as can be
    novelty: how much common items are pushed down, in standard deviations of popularity
    most_per_category: items of one category, none: as many as there are
    context: items that are on the screen or in the basket now; they count as the newest events, and are left out
    seen: whether items that the user already had may stand in it
    explore: share of places that go to an item by chance; none: as the setting says
    model: "text", "popular" or a version such as "recommender@2"; none: the active version
    rules: ids of those that count; none: all
    experiment, arm: to be shown whatever the visitor's arm is, and not counted;  "none": no experiment at all
    keep: whether the answer, and that an arm was shown, are kept
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    k: int = Field(default=10, ge=1, le=MOST_K)
    offset: int = Field(default=0, ge=0, le=DEEPEST)
    diversity: float = Field(default=0.0, ge=0, le=1)
    novelty: float = Field(default=0.0, ge=0, le=5)
    most_per_category: int | None = Field(default=None, ge=1)
    context: list[Id] = Field(default=[], max_length=50)
    seen: bool = False
    explore: float | None = Field(default=None, ge=0, le=0.5)
    model: str | None = Field(default=None, min_length=1, max_length=160)
    rules: list[str] | None = None
    experiment: str | None = Field(default=None, pattern=ASKED_EXPERIMENT)
    arm: str | None = Field(default=None, min_length=1, max_length=32)
    keep: bool = True


ReasonKind = Literal[
    "sequence", "similar", "together", "popular", "trending", "new", "words", "pinned", "boosted", "explored"
]


class Reason(BaseModel):
    """Why an item stands where it stands: what counted most for it.

    text: a sentence for people;  because: items of the user that it follows from
    share: of all that spoke for the item, how much this was, in [0, 1]
    """

    kind: ReasonKind
    text: str
    because: list[str] = []
    share: float = 1.0


class Recommended(BaseModel):
    """An item of the list. score: comparable within the list only"""

    id: str
    title: str
    score: float
    reason: Reason


class ArmShown(BaseModel):
    """An experiment's arm by which a list was made. counted: as an exposure; not where it was asked for by name"""

    experiment: str
    arm: str
    counted: bool


class Recommendations(BaseModel):
    """A list, best first.

    request: what feedback names;  model: what ranked: a version, "text" (likeness and popularity) or "popular"
    known: whether anything was heard of the user or session
    events: of the user that counted;  qualifying: items that pass all filters
    note: why it is shorter than asked, empty where it is not
    experiments: the arms by which it was made, of one experiment a lane at most
    """

    request: str
    model: str
    known: bool = True
    events: int = 0
    qualifying: int
    items: list[Recommended]
    note: str = ""
    experiments: list[ArmShown] = []


class RankQuery(BaseModel):
    """Candidates to be ranked for a user or a session; for nobody by popularity.

    model, experiment, arm, keep: as in the other lists
    """

    model_config = ConfigDict(extra="forbid")

    items: list[Id] = Field(min_length=1, max_length=1_000)
    user: Id | None = None
    session: Id | None = None
    context: list[Id] = Field(default=[], max_length=50)
    model: str | None = Field(default=None, min_length=1, max_length=160)
    experiment: str | None = Field(default=None, pattern=ASKED_EXPERIMENT)
    arm: str | None = Field(default=None, min_length=1, max_length=32)
    keep: bool = True


class Ranked(BaseModel):
    """Candidates, best first. unknown: not in the catalogue;  unavailable: hidden, out of stock, banned or disliked

    experiments: the arms by which they were ranked
    """

    request: str
    model: str
    items: list[Recommended]
    unknown: list[str]
    unavailable: list[str]
    experiments: list[ArmShown] = []
