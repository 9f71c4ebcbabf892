"""Lists that begin with an item, a text, or nothing at all: similar, bought together, wanted, new, searched, ranked."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.answering import Answering, Moment
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.reasons import ITEM
from apps.recommender.pipeline.recommending.signals import by_amounts, by_products, by_text, leveled, nothing
from apps.recommender.pipeline.recommending.words import words_of
from apps.recommender.schemas.recommend import (
    MOST_K,
    Filters,
    Place,
    Ranked,
    RankQuery,
    Recommendations,
    Wish,
)
from apps.recommender.store.following import read_together

Floats = NDArray[np.float32]
NEWEST = 500  # events of an item that say what it is bought with
RARE = 10.0  # added to how much an item is wanted, so that two chance meetings do not come first
NEAR = 0.25
"""Cosine from which an item has to do with a query: all-MiniLM's median over pairs of unlike titles is about 0.05."""
DEEP = 20_000
"""Items whose meaning is compared with a query's, in large catalogues: those that a shortlist proposes."""
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
        popular = house.shelf.popularity(about.n)
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
    at = house.shelf.catalogue.places_of_keys(np.array(list(counts), dtype=np.int64))
    here = (at >= 0) & (at < moment.n)
    met[at[here]] = np.array(list(counts.values()), dtype=np.float32)[here]
    scores = met / np.sqrt(house.shelf.trends.popular(moment.n) + RARE)
    signal = by_amounts("together", scores.astype(np.float32), because=lambda _: [place])
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
        signal = by_amounts("trending", leveled(shelf.trends.trending(n), live))
    elif place == "new":
        begins = shelf.catalogue.begins[:n]
        began = np.where(
            np.isfinite(begins), np.maximum(shelf.catalogue.created[:n], begins), shelf.catalogue.created[:n]
        )
        amounts = ((began - moment.now) / 86_400).astype(np.float32)  # days, below 0
        signal = by_amounts("new", leveled(amounts, live))
    else:
        signal = shelf.popularity(n)
    return house.answered(place, signal.kind, [signal], moment, filters, wish, explore=False)


def search(house: Answering, text: str, kind: str, name: str, filters: Filters, wish: Wish) -> Recommendations:
    """Items that a text asks for: by meaning and by words, and a little by what the user did. kind: "" for nobody"""
    [query] = house.services.encoder.encode([text])  # (d,)
    moment = house.moment(wish.context, kind, name)
    shelf, n = house.shelf, moment.n
    basis, narrow = shelf.texts.searched
    taste = query @ basis  # (d,) @ (d, w) -> (w,)
    has, held = shelf.texts.has[:n], _worded(house, text, n)
    signals = [by_products("similar", narrow, taste, 1.0, nothing, has)]
    if held.any():
        signals.append(by_amounts("words", leveled(held)).weighed(WORDS_WEIGHT))
    only = held > 0
    among = narrow.propose(taste, DEEP)
    places = np.flatnonzero(has) if among is None else among[among < n]
    places = places[has[places]]
    only[places[narrow.products(taste, places) >= NEAR]] = True
    tried = house.arms.of("search", moment.history, kind, name, wish)
    if len(moment.past):
        personal = tried.model.signals(moment.past, shelf, n, moment.now)
        signals += [one.weighed(PERSONAL_WEIGHT) for one in personal if one.kind != "popular"]
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
    one = Past(*alone, [ITEM], np.ones(1, dtype=np.bool_), moment.past.seen, [], alone[1])
    return Moment(moment.n, moment.now, moment.history, one)


def _worded(house: Answering, text: str, n: int) -> Floats:
    """(n,), how rare the words are that a title has of a query's, added up: 0 where it has none."""
    held = np.zeros(n, dtype=np.float32)
    for word in dict.fromkeys(words_of(text)):
        places = house.shelf.catalogue.words.places(word)
        places = places[places < n]
        if len(places):
            held[places] += math.log(1 + n / len(places))
    return held
