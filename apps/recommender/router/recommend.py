"""Recommendations over HTTP: for users and sessions, around items, for everybody, by text, and of candidates."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from apps.recommender.pipeline.recommending import lists
from apps.recommender.pipeline.recommending.answering import Answering
from apps.recommender.schemas.recommend import (
    ASKED_EXPERIMENT,
    DEEPEST,
    MOST_K,
    Filters,
    Ranked,
    RankQuery,
    Recommendations,
    Wish,
)
from apps.recommender.schemas.words import MOST_ID
from core.auth.access import require

Named = Annotated[str, Path(min_length=1, max_length=MOST_ID)]
Many = Annotated[list[str], Query()]


@dataclass(frozen=True)
class Asked:
    """What a request asks of its list."""

    filters: Filters
    wish: Wish


async def _asked(  # not `def`: that would cost each request a second thread
    request: Request,
    k: Annotated[int, Query(ge=1, le=MOST_K, description="how many items")] = 10,
    offset: Annotated[int, Query(ge=0, le=DEEPEST, description="how many of the best to pass over")] = 0,
    category: Annotated[Many, Query(description="in one of these categories; may be given several times")] = [],  # noqa: B006
    attribute: Annotated[
        Many, Query(description="`name:value` or `name:low..high`; values of one name are alternatives")
    ] = [],  # noqa: B006
    min_price: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
    max_price: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
    exclude: Annotated[Many, Query(description="not these items")] = [],  # noqa: B006
    context: Annotated[Many, Query(description="items on the screen or in the basket now")] = [],  # noqa: B006
    seen: Annotated[bool, Query(description="whether what the user had already may stand in the list")] = False,
    diversity: Annotated[float, Query(ge=0, le=1, description="0: by score; 1: as unlike each other as can be")] = 0,
    novelty: Annotated[float, Query(ge=0, le=5, description="how much common items are pushed down")] = 0,
    most_per_category: Annotated[int | None, Query(ge=1, description="most items of one category")] = None,
    explore: Annotated[float | None, Query(ge=0, le=0.5, description="share of places filled by chance")] = None,
    model: Annotated[
        str | None,
        Query(min_length=1, max_length=160, description="`text`, `popular` or a version; none: the active one"),
    ] = None,
    experiment: Annotated[
        str | None,
        Query(
            pattern=ASKED_EXPERIMENT,
            description="with `arm`: make the list by this arm, whoever asks, without counting it; `none`: by no "
            "experiment. Left out: by the visitor's own arms",
        ),
    ] = None,
    arm: Annotated[str | None, Query(min_length=1, max_length=32, description="an arm of `experiment`")] = None,
    keep: Annotated[
        bool, Query(description="`false`: keep neither the answer nor that an arm was shown, for who only looks")
    ] = True,
) -> Asked:
    filters = Filters(
        categories=category, attributes=attribute, min_price=min_price, max_price=max_price, exclude=exclude
    )
    said = {
        "k": k,
        "offset": offset,
        "diversity": diversity,
        "novelty": novelty,
        "most_per_category": most_per_category,
        "context": context,
        "seen": seen,
        "explore": explore,
        "model": model,
        "experiment": experiment,
        "arm": arm,
        "keep": keep,
    }
    # Only what the request names is set: the rest may be said by an experiment.
    return Asked(filters, Wish(**{name: value for name, value in said.items() if name in request.query_params}))


Asking = Annotated[Asked, Depends(_asked)]
Who = Annotated[str | None, Query(min_length=1, max_length=MOST_ID)]


def add_routes(router: APIRouter, house: Answering) -> None:
    """All lists. To be added before `/items/{item}`, which would take their paths."""
    readers = [Depends(require("recommend:read"))]

    @router.get("/users/{user:path}", dependencies=readers)
    def recommend_to_user(user: Named, asked: Asking) -> Recommendations:
        """Recommend items to a user, as of the last event that was taken in. Strangers get what is popular."""
        return house.for_visitor("user", user, asked.filters, asked.wish)

    @router.get("/sessions/{session:path}", dependencies=readers)
    def recommend_to_session(session: Named, asked: Asking) -> Recommendations:
        """Recommend items to an anonymous session; after sign-in, to its user."""
        return house.for_visitor("session", session, asked.filters, asked.wish)

    @router.get("/items/{item:path}/similar", dependencies=readers)
    def similar_items(item: Named, asked: Asking) -> Recommendations:
        """Items like an item, by their texts: new ones too."""
        return lists.similar(house, item, asked.filters, asked.wish)

    @router.get("/items/{item:path}/bought-together", dependencies=readers)
    def bought_together(item: Named, asked: Asking) -> Recommendations:
        """Items that were bought by the same people at about the same time."""
        return lists.bought_together(house, item, asked.filters, asked.wish)

    @router.get("/trending", dependencies=readers)
    def trending(asked: Asking) -> Recommendations:
        """Items that are wanted more than usually."""
        return lists.wanted(house, "trending", asked.filters, asked.wish)

    @router.get("/popular", dependencies=readers)
    def popular(asked: Asking) -> Recommendations:
        """Items that are wanted most; older events count less."""
        return lists.wanted(house, "popular", asked.filters, asked.wish)

    @router.get("/new", dependencies=readers)
    def newest(asked: Asking) -> Recommendations:
        """Items that came last."""
        return lists.wanted(house, "new", asked.filters, asked.wish)

    @router.get("/search", dependencies=readers)
    def search(
        q: Annotated[str, Query(min_length=1, max_length=500, pattern=r"\S")],
        asked: Asking,
        user: Who = None,
        session: Who = None,
    ) -> Recommendations:
        """Search the catalogue by meaning and words; with `user` or `session`, what suits them comes first."""
        kind, name = ("user", user) if user else ("session", session or "")
        return lists.search(house, q, kind if name else "", name, asked.filters, asked.wish)

    @router.post("/rank", dependencies=readers)
    def rank(query: RankQuery) -> Ranked:
        """Put candidates in order for a user or session."""
        return lists.rank(house, query)
