"""Lists that begin with an item, a text, or nothing at all: similar, bought together, wanted, new, searched, ranked."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.answering import Answering, Moment
from apps.recommender.pipeline.recommending.catalogue import words_of
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.reasons import ITEM
from apps.recommender.pipeline.recommending.signals import Signal, by_popularity, by_text, leveled, nothing
from apps.recommender.schemas.recommend import (
    MOST_K,
    Filters,
    Place,
    Ranked,
    RankQuery,
    ReasonKind,
    Recommendations,
    Wish,
)
from apps.recommender.store.following import read_together

Floats = NDArray[np.float32]
NEWEST = 500  # events of an item that say what it is bought with
RARE = 10.0  # added to how much an item is wanted, so that two chance meetings do not come first
NEAR = 0.25
"""Cosine from which an item has to do with a query: all-MiniLM's median over pairs of unlike titles is about 0.05."""
WORDS_WEIGHT, PERSONAL_WEIGHT = 1.0, 0.3
OF_A_WISH = {"model", "experiment", "arm", "keep"}


def similar(house: Answering, item: str, filters: Filters, wish: Wish) -> Recommendations:
    """Items whose text is like that of an item. raises: NoSuchItem"""
    moment = house.moment(wish.context)
    about = _about(house, item, moment)
    place = int(about.past.places[0])
    like = by_text(house.shelf.texts, about.past, 1.0, about.n)
    if like is None:
        only = house.shelf.catalogue.labels.mask(
            (("", name) for name in house.shelf.catalogue.labels.carried(place, "")), about.n
        )
        popular = by_popularity(house.shelf.trends.popular(about.n), 1.0, house.shelf.catalogue.live[: about.n])
        lacks = "Its text is not read yet, and nothing else is in its categories."
        return house.answered(
            "similar", "popular", [popular], about, filters, wish, only=only, confined=lacks, without=[place]
        )
    return house.answered("similar", "text", [like], about, filters, wish, without=[place])


def bought_together(house: Answering, item: str, filters: Filters, wish: Wish) -> Recommendations:
    """Items that the same people had at about the same time as an item. raises: NoSuchItem"""
    settings = house.settings
    moment = _about(house, item, house.moment(wish.context))
    place = int(moment.past.places[0])
    counts = read_together(
        house.services.database, item, list(settings.basket_types), NEWEST, 60 * settings.basket_minutes
    )
    met = np.zeros(moment.n, dtype=np.float32)
    for key, count in counts.items():
        at = house.shelf.catalogue.place_of_key.get(key, moment.n)
        if at < moment.n:
            met[at] = count
    scores = met / np.sqrt(house.shelf.trends.popular(moment.n) + RARE)
    signal = Signal("together", scores.astype(np.float32), lambda _: [place])
    none = "Nothing was bought together with it so far."
    return house.answered(
        "bought-together", "together", [signal], moment, filters, wish, only=met > 0, confined=none, without=[place]
    )


def wanted(house: Answering, place: Place, filters: Filters, wish: Wish) -> Recommendations:
    """What is popular, trending or new, for everybody."""
    moment = house.moment(wish.context)
    shelf, n = house.shelf, moment.n
    live = shelf.catalogue.live[:n]
    if place == "trending":
        amounts, kind = shelf.trends.trending(n), "trending"
    elif place == "new":
        begins = shelf.catalogue.begins[:n]
        began = np.where(
            np.isfinite(begins), np.maximum(shelf.catalogue.created[:n], begins), shelf.catalogue.created[:n]
        )
        amounts, kind = ((began - moment.now) / 86_400).astype(np.float32), "new"  # days, below 0
    else:
        amounts, kind = np.log1p(shelf.trends.popular(n)), "popular"
    signal = Signal(_kind(kind), leveled(amounts, live), nothing)
    return house.answered(place, kind, [signal], moment, filters, wish, explore=False)


def _kind(kind: str) -> ReasonKind:
    match kind:
        case "trending":
            return "trending"
        case "new":
            return "new"
        case _:
            return "popular"


def search(house: Answering, text: str, kind: str, name: str, filters: Filters, wish: Wish) -> Recommendations:
    """Items that a text asks for: by meaning and by words, and a little by what the user did. kind: "" for nobody"""
    [query] = house.services.encoder.encode([text])  # (d,)
    moment = house.moment(wish.context, kind, name)
    shelf, n = house.shelf, moment.n
    basis, narrow = shelf.texts.searched
    near = (query @ basis) @ narrow[:, :n]  # (w,) @ (w, n) -> (n,)
    has = shelf.texts.has[:n]
    signals = [Signal("similar", leveled(near, has), nothing)]
    held = _worded(house, text, n)
    if held.any():
        signals.append(Signal("words", np.float32(WORDS_WEIGHT) * leveled(held), nothing))
    only = (near >= NEAR) & has | (held > 0)
    tried = house.arms.of("search", moment.history, kind, name, wish)
    if len(moment.past):
        personal = tried.model.signals(moment.past, shelf, n, moment.now)
        own = [one for one in personal if one.kind != "popular"]
        signals += [Signal(one.kind, np.float32(PERSONAL_WEIGHT) * one.amounts, one.because) for one in own]
    none = "Nothing in the catalogue is about that."
    return house.answered(
        "search", "text", signals, moment, filters, tried.wish, only=only, confined=none, explore=False, tried=tried
    )


def rank(house: Answering, query: RankQuery) -> Ranked:
    """Order candidates for a user or session."""
    kind, name = ("user", query.user) if query.user else ("session", query.session or "")
    moment = house.moment(query.context, kind if name else "", name)
    wanted_ids = list(dict.fromkeys(query.items))
    wish = Wish(k=min(MOST_K, len(wanted_ids)), seen=True, **query.model_dump(include=OF_A_WISH, exclude_unset=True))
    tried = house.arms.of("rank", moment.history, kind if name else "", name, wish)
    model, n = tried.model, moment.n
    signals = model.signals(moment.past, house.shelf, n, moment.now)
    places = house.shelf.catalogue.places(wanted_ids, n)
    only = np.zeros(n, dtype=np.bool_)
    only[places] = True
    named = model.name if len(signals) > 1 else "popular"
    made = house.answered("rank", named, signals, moment, Filters(), tried.wish, only=only, explore=False, tried=tried)
    ranked = {one.id for one in made.items}
    live = house.shelf.catalogue.live
    known = {house.shelf.catalogue.ids[place] for place in places if live[place]}
    return Ranked(
        request=made.request,
        model=made.model,
        items=[one for one in made.items if one.id in known],
        unknown=[one for one in wanted_ids if one not in known],
        unavailable=[one for one in wanted_ids if one in known and one not in ranked],
        experiments=made.experiments,
    )


def _about(house: Answering, item: str, moment: Moment) -> Moment:
    """The same moment, as if the item were all that anybody did."""
    place = house.place_of(item, moment.n)
    alone = np.array([place]), np.ones(1, dtype=np.float32), np.array([moment.now])
    one = Past(*alone, [ITEM], np.ones(1, dtype=np.bool_), moment.past.seen, [])
    return Moment(moment.n, moment.now, moment.history, one)


def _worded(house: Answering, text: str, n: int) -> Floats:
    """(n,), how rare the words are that a title has of a query's, added up: 0 where it has none."""
    held = np.zeros(n, dtype=np.float32)
    for word in dict.fromkeys(words_of(text)):
        places = house.shelf.catalogue.words.places(("", word))
        places = places[places < n]
        if len(places):
            held[places] += math.log(1 + n / len(places))
    return held
