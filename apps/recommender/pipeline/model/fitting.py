"""From histories and texts to a recommender: signals learned, knobs and blend chosen on held-out events."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from apps.recommender.pipeline.model.blend import Blend, fit_blend
from apps.recommender.pipeline.model.choosing import choose_fade, choose_linear, recipe_for
from apps.recommender.pipeline.model.cooccurrence import ease, item_knn, strongest, transitions
from apps.recommender.pipeline.model.histories import Floats, Histories, Longs
from apps.recommender.pipeline.model.holding_out import Aim, HeldOut, Nature, hold_out, nature_of
from apps.recommender.pipeline.model.linear import KEPT, next_item_weights
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.popularity import popular, recently_popular
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.recommender import Recommender
from apps.recommender.pipeline.model.resuming import Kept, Trail
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText, Signal
from apps.recommender.pipeline.model.training import train
from apps.recommender.pipeline.model.unseen import unseen_of, welcome

HELD = 2_000
"""Users of whom something is hidden to choose by."""
BUDGET_S = 20 * 60.0
SHARE_OF_NETWORK, SHARE_BEFORE_AGAIN = 0.82, 0.42
"""Of the budget: for the network that is kept as it is, and for one that has to be trained again on all events, since
the newest tenth of the time was hidden from it.
"""
DAYS = (7.0, 30.0, 90.0)
"""Half-lives of what is popular lately."""
PENALTIES = (100.0, 400.0, 1_600.0)
"""Ridges of EASE, in events."""
DAY_S = 86_400.0

Show = Callable[[str], None]


class TooFewEvents(ValueError):
    """Nobody has enough events to hide one."""


@dataclass(frozen=True)
class Fitted:
    """A recommender, and what was found on the way.

    found: for each held-out user, the place of each item wanted among those recommended; see `held`
    """

    recommender: Recommender
    held: HeldOut
    recommended: Longs
    nature: Nature
    seconds: float


def fit(
    histories: Histories,
    text: Floats | None,
    *,
    aim: Aim = "next",
    seed: int = 7,
    budget_s: float = BUDGET_S,
    recipe: Recipe | None = None,
    show: Show = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
    trail: Trail | None = None,
) -> Fitted:
    """Learn everything.

    text: (n, d) vectors of the items' texts, or None;  recipe: of the network, None for what fits the data
    aim: what knobs and blend are chosen for; where events come in baskets it is always what comes later
    budget_s: seconds of `clock` after which the network's training is cut short; the closed forms take what they need
    trail: where the networks stand on disk, so that a killed training goes on
    raises: TooFewEvents
    """
    started = clock()
    nature = nature_of(histories)
    held = hold_out(histories, HELD, seed, aim)
    if len(held.users) < 2:
        before = "an event in the newest tenth of the time, and one before it"
        raise TooFewEvents(f"at least two users need {before if held.kind == 'later' else 'three events each'}")
    show(f"{nature.events:,} events of {nature.users:,} users with {nature.items:,} items; {held.kind} held out")
    halves = np.random.default_rng(seed).permutation(len(held.users))
    knobs = _choose(held, halves, text, show, baskets=held.kind == "later")
    recipe = recipe or recipe_for(held.past, nature)
    signals = _closed(held.past, text, knobs)
    spent = clock() - started
    share = SHARE_BEFORE_AGAIN if held.kind == "later" else SHARE_OF_NETWORK
    network_s = max(0.0, budget_s - spent) * share
    begun = clock()
    kept = None if trail is None else trail.of("held-out", recipe.as_dict())
    networks = [_train(held.past, text, recipe, seed, begun + network_s, show, clock, kept)] if network_s > 0 else []
    took = max(clock() - begun, kept.seconds if kept else 0.0)
    started -= took - (clock() - begun)  # what a process before this one spent
    if networks:
        signals["sequence"] = BySequence(networks)
    blend, recommended = _cross_fitted(signals, held, text, halves, seed)
    show("weights of the blend: " + ", ".join(f"{n} {w:.2f}" for n, w in zip(blend.names, blend.weights, strict=True)))
    show(f"added to the score of an item that nobody has had: {blend.unseen:.2f}")
    # All events now. The network is trained again only where time is left for it: without the few events that were
    # held out it is as good, but for small data every event counts.
    signals = _closed(histories, text, knobs)
    if networks:
        if clock() - started + 1.1 * took < budget_s:
            kept = None if trail is None else trail.of("all", recipe.as_dict())
            networks = [_train(histories, text, recipe, seed, clock() + took * 1.5, show, clock, kept)]
        signals["sequence"] = BySequence(networks)
    about: dict[str, Any] = {"knobs": knobs, "recipe": recipe.as_dict(), "held_out": held.kind}
    unseen = unseen_of(histories, text)
    recommender = Recommender(signals, blend, histories.item_count, about=about, unseen=unseen)
    return Fitted(recommender, held, recommended, nature, clock() - started)


def _choose(held: HeldOut, users: Longs, text: Floats | None, show: Show, *, baskets: bool) -> dict[str, float]:
    linear, _ = choose_linear(held, users, show)
    knobs = {f"linear_{name}": value for name, value in linear.items()}
    knn = item_knn(held.past, shrink=10, neighbours=200)
    knobs["knn_fade"], _ = choose_fade(lambda fade: ByNeighbours(knn, fade), (1.0, 0.95, 0.8, 0.6), held, users)
    if text is not None:
        unit = unit_rows(text)
        knobs["text_fade"], _ = choose_fade(lambda fade: ByText(unit, fade), (0.95, 0.8, 0.5), held, users)
    if baskets:  # what is had at once has no order, which all but EASE and ItemKNN read something into
        knobs["ease_penalty"], _ = choose_fade(lambda penalty: _ease(held.past, penalty), PENALTIES, held, users)
    lately = {days: recently_popular(held.past, half_life_s=days * DAY_S) for days in DAYS}
    knobs["recent_days"], _ = choose_fade(lambda days: ByPopularity(lately[days]), DAYS, held, users)
    return knobs


def _closed(histories: Histories, text: Floats | None, knobs: Mapping[str, float]) -> dict[str, Signal]:
    """All signals but the network, learned from these histories."""
    counts = np.maximum(histories.counts(), 1).astype(np.float32)
    weights = next_item_weights(histories, fade=knobs["linear_fade"], penalty=knobs["linear_penalty"])
    signals: dict[str, Signal] = {
        "linear": ByNeighbours(weights, knobs["linear_fade"], counts ** np.float32(knobs["linear_power"])),
        "together": ByNeighbours(item_knn(histories, shrink=10, neighbours=200), knobs["knn_fade"]),
        "after": ByNeighbours(transitions(histories, reach=3, fade=0.7, shrink=3, neighbours=200), 0.5),
        "popular": ByPopularity(popular(histories)),
        "recent": ByPopularity(recently_popular(histories, half_life_s=knobs["recent_days"] * DAY_S)),
    }
    if text is not None:
        signals["text"] = ByText(unit_rows(text), knobs["text_fade"])
    if "ease_penalty" in knobs:
        signals["ease"] = _ease(histories, knobs["ease_penalty"])
    return signals


def _ease(histories: Histories, penalty: float) -> ByNeighbours:
    return ByNeighbours(strongest(ease(histories, penalty=penalty, weight=histories.weight), KEPT), 1.0)


def _train(
    histories: Histories,
    text: Floats | None,
    recipe: Recipe,
    seed: int,
    until: float,
    show: Show,
    clock: Callable[[], float],
    kept: Kept | None,
) -> Network:
    return train(
        histories,
        text,
        recipe,
        seed=seed,
        until=until,
        clock=clock,
        place=kept,
        told=lambda at, _: show(f"network, epoch {at.epoch} of {at.epochs}: loss {at.loss:.3f}, {at.seconds:.0f} s"),
    )


@torch.no_grad()
def _cross_fitted(
    signals: Mapping[str, Signal], held: HeldOut, text: Floats | None, halves: Longs, seed: int
) -> tuple[Blend, Longs]:
    """The blend of all held-out users, and what each would be recommended by a blend that was fitted on the others.

    returns: the blend, and (h, 10) items
    """

    def say(histories: Histories) -> dict[str, Floats]:
        return {name: signal.score(histories) for name, signal in signals.items()}

    whole = fit_blend(say, held.past.of_users(held.users), held.wanted)
    whole = replace(whole, unseen=welcome(whole, signals, held, text, seed))
    unseen = unseen_of(held.past, text)
    middle = len(halves) // 2
    recommended = np.empty((len(held.users), 10), dtype=np.int64)
    for fitted_on, measured_on in ((halves[:middle], halves[middle:]), (halves[middle:], halves[:middle])):
        one = fit_blend(say, held.past.of_users(held.users[fitted_on]), [held.wanted[at] for at in fitted_on])
        one = replace(one, unseen=whole.unseen)
        asked = held.past.of_users(held.users[measured_on])
        recommended[measured_on] = Recommender(signals, one, asked.item_count, unseen=unseen).recommend(asked, 10)
    return whole, recommended


def unit_rows(vectors: Floats) -> Floats:
    """Each row divided by its length; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
