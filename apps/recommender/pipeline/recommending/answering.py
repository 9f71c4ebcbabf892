"""Recommendations for users and sessions, from what the database says this moment. Ranks by what other steps say."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from apps.recommender.errors import NoSuchItem
from apps.recommender.pipeline.recommending.arms import Arms, Tried
from apps.recommender.pipeline.recommending.keeping import Log
from apps.recommender.pipeline.recommending.listing import Listed, Listing, make_list
from apps.recommender.pipeline.recommending.models import Models
from apps.recommender.pipeline.recommending.past import NONE, Past, past_of
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import Signal
from apps.recommender.schemas.recommend import Filters, Place, Recommendations, Wish
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.answers import Given, drop_answers, keep_answers
from apps.recommender.store.following import read_revisions
from apps.recommender.store.history import NOBODY, History, read_moment
from core.app import Services

CATCHES_UP_EVERY_S = 5  # so that the first request after a bulk import or a promotion finds it read
ENCODES_EVERY_S = 2


@dataclass(frozen=True)
class Moment:
    """What one request reads once: n items, the time, whose it is."""

    n: int
    now: float
    history: History
    past: Past


class Answering:
    """What one process answers with."""

    def __init__(self, services: Services, settings: RecommenderSettings) -> None:
        self.services, self.settings = services, settings
        # One request, one thread: where cores are busy, OpenBLAS's threads waited for one another for seconds.
        threadpool_limits(1, user_api="blas")
        # Requests of one process compute in turn. Python computes one at a time anyway; sixteen threads that took the
        # interpreter from each other needed twice the processor. What waits for the database waits outside of it.
        self.turn = threading.RLock()
        self.shelf = Shelf(services, settings)
        self.models = Models(services, settings)
        self.arms = Arms(services, self.models)
        self.log: Log[Given] = Log("recommend-answers", partial(keep_answers, services.database))
        services.closing.callback(self.log.close)
        services.closing.callback(self.arms.log.close)

    def schedule(self) -> None:
        """What is done behind the requests' backs: texts are encoded, old answers forgotten."""
        scheduler = self.services.scheduler
        scheduler.every("recommender.catch-up", CATCHES_UP_EVERY_S, self.prepare, everywhere=True)
        scheduler.every("recommender.open-arms", CATCHES_UP_EVERY_S, self.arms.look, everywhere=True)
        scheduler.every("recommender.encode-texts", ENCODES_EVERY_S, self.shelf.encode_all)
        if self.settings.answers_kept_days:
            scheduler.every("recommender.forget-answers", 86_400, self._forget)

    def prepare(self) -> None:
        """Read what changed and make ready what requests would wait for."""
        self.shelf.catch_up()
        n = self.shelf.catalogue.n
        self.shelf.popularity(n)
        self.shelf.texts.encode(n)
        self.models.prepare(self.shelf, n)

    def _forget(self) -> None:
        before = self.services.clock().timestamp() - 86_400 * self.settings.answers_kept_days
        drop_answers(self.services.database, before)

    def for_visitor(self, kind: str, name: str, filters: Filters, wish: Wish) -> Recommendations:
        """What a user or session may want next. Of whom nothing is known: what is popular."""
        moment = self.moment(wish.context, kind, name)
        place: Place = "users" if kind == "user" else "sessions"
        tried = self.arms.of(place, moment.history, kind, name, wish)
        with self.turn:
            signals = tried.model.signals(moment.past, self.shelf, moment.n, moment.now)
            ranked_by = tried.model.name if len(signals) > 1 else "popular"
            return self.answered(place, ranked_by, signals, moment, filters, tried.wish, tried=tried)

    def moment(self, context: Sequence[str] = (), kind: str = "", name: str = "") -> Moment:
        """Catch up with the database, then read whose request it is."""
        with self.services.database.reading() as connection:
            if kind:
                found, history = read_moment(connection, kind, name, self.settings.history_events)
            else:
                found, history = read_revisions(connection), NOBODY
        self.shelf.catch_up(found)
        n, now = self.shelf.catalogue.n, self.services.clock().timestamp()
        past = (
            past_of(history.events, context, self.shelf.catalogue, n, self.settings, now) if kind or context else NONE
        )
        return Moment(n, now, history, past)

    def place_of(self, item: str, n: int) -> int:
        """raises: NoSuchItem"""
        place = self.shelf.catalogue.place.get(item, n)
        if place >= n or not self.shelf.catalogue.live[place]:
            raise NoSuchItem(item)
        return place

    def answered(
        self,
        place: Place,
        model: str,
        signals: Sequence[Signal],
        moment: Moment,
        filters: Filters,
        wish: Wish,
        *,
        only: NDArray[np.bool_] | None = None,
        confined: str = "",
        without: Sequence[int] = (),
        explore: bool = True,
        tried: Tried | None = None,
    ) -> Recommendations:
        """Make the list, keep it for estimates, give it."""
        request = secrets.token_hex(12)
        share = self.settings.explore_share if wish.explore is None else wish.explore
        share = share if explore else 0.0
        asked = Listing(
            place=place,
            n=moment.n,
            now=moment.now,
            signals=signals,
            filters=filters,
            wish=wish,
            past=moment.past,
            left_out=[*without, *([] if wish.seen else moment.past.seen)],
            only=only,
            confined=confined,
            chance=np.random.default_rng(int(request[:8], 16)),
            explore=share,
        )
        with self.turn:
            listed = make_list(asked, self.shelf)
        if wish.keep:
            said = {"filters": _said(filters), "wish": _said(wish)} if share else None
            self._keep(Given(request, moment.history.key or None, place, model, moment.now, [], said), moment, listed)
        if tried is not None:
            self.arms.gone_out(tried, moment.history)
        return Recommendations(
            request=request,
            model=model,
            known=moment.history.known,
            events=len(moment.past),
            qualifying=listed.qualifying,
            items=listed.items,
            note=listed.note,
            experiments=[] if tried is None else tried.told,
        )

    def _keep(self, given: Given, moment: Moment, listed: Listed) -> None:
        if not self.settings.answers_kept_days or moment.history.consent is False:
            return
        shown = [[one.id, round(chance, 6)] for one, chance in zip(listed.items, listed.chances, strict=True)]
        self.log.add(given._replace(items=shown))


def _said(asked: Filters | Wish) -> dict[str, Any]:
    return asked.model_dump(mode="json", exclude_defaults=True, exclude={"experiment", "arm", "keep"})


def open_answering(services: Services) -> Answering:
    """What answers over these services; one a process: see `Services.once`."""
    return Answering(services, RecommenderSettings.of(services.settings))
