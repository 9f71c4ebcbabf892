"""One evaluation: hide events, fit on the rest, rank with the model and the baselines. Reads no files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from apps.recommender.errors import NothingToLearn
from apps.recommender.pipeline.evaluating.measuring import measure, rank
from apps.recommender.pipeline.evaluating.page import page
from apps.recommender.pipeline.model.cooccurrence import ease, item_knn
from apps.recommender.pipeline.model.fitting import TooFewEvents, fit, unit_rows
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.holding_out import Aim, HeldOut, last_events, later, new_items
from apps.recommender.pipeline.model.popularity import popular, recently_popular
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, Signal
from core.evaluation.intervals import Figure

Split = Literal["leave-one-out", "temporal", "new-items"]
DAYS_30 = 30 * 86_400.0
OURS = "blend"


@dataclass(frozen=True)
class Evaluation:
    """What was found. figures: ranker → measure → figure;  seconds: of our training"""

    split: Split
    users: int
    items: int
    events: int
    figures: dict[str, dict[str, Figure]]
    seconds: float
    about: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "split": self.split,
            "users": self.users,
            "items": self.items,
            "events": self.events,
            "training_seconds": round(self.seconds, 1),
            "ties": "of equal scores the item with the lower number counts as better",
            "figures": {
                ranker: {name: figure.as_dict() for name, figure in found.items()}
                for ranker, found in self.figures.items()
            },
            "about": self.about,
        }

    def to_html(self) -> str:
        """One page."""
        return page(self)


def evaluate(
    histories: Histories,
    text: Floats | None,
    *,
    split: Split,
    most: int,
    seed: int,
    budget_s: float,
    since: float | None = None,
    recipe: Recipe | None = None,
    show: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
) -> Evaluation:
    """Hide, fit, rank, measure.

    split: "new-items" hides all events of a tenth of the items, and each user's last event; for the temporal one the
        model is trained for what comes later, for the others for what comes next
    budget_s: seconds of `clock`;  most: users measured, at random
    since: Unix seconds from which on is hidden, for the temporal split
    raises: NothingToLearn
    """
    if split == "temporal":
        held = later(histories, most, seed, since=since)
    elif split == "new-items":
        held = new_items(histories, most, seed)
    else:
        held = last_events(histories, most, seed, least=2)
    if not len(held.users):
        raise NothingToLearn("nobody is left to measure on")
    try:
        aim: Aim = "later" if split == "temporal" else "next"
        fitted = fit(held.past, text, aim=aim, seed=seed, budget_s=budget_s, recipe=recipe, show=show, clock=clock)
    except TooFewEvents as error:
        raise NothingToLearn(str(error)) from error
    unit = None if text is None else unit_rows(text)
    ours = fitted.recommender
    rankers: dict[str, Signal] = {OURS: ours, **ours.signals, **baselines(held)}
    if split == "new-items":
        rankers["blend, nothing added for new items"] = replace(ours, blend=replace(ours.blend, unseen=0.0))
        rankers["baseline: popular, told what was hidden"] = ByPopularity(popular(histories))
    figures: dict[str, dict[str, Figure]] = {}
    for name, signal in rankers.items():
        show(f"ranking by {name}")
        figures[name] = measure(rank(signal, held), held, unit)
    return Evaluation(
        split=split,
        users=len(held.users),
        items=histories.item_count,
        events=len(held.past.item),
        figures=figures,
        seconds=fitted.seconds,
        about=dict(fitted.recommender.about),
    )


def baselines(held: HeldOut) -> dict[str, Signal]:
    """What every recommender is measured against, by the literature's usual knobs."""
    penalty = float(np.clip(len(held.past.item) / max(1, held.past.item_count) * 5, 50, 500))
    return {
        "baseline: popular": ByPopularity(popular(held.past)),
        "baseline: popular in 30 days": ByPopularity(_last_month(held.past)),
        "baseline: ItemKNN": ByNeighbours(item_knn(held.past, shrink=10, neighbours=200), 1.0),
        "baseline: EASE": ByNeighbours(ease(held.past, penalty=penalty), 1.0),
    }


def _last_month(histories: Histories) -> Floats:
    last = float(histories.seconds.max())
    lately = histories.keep(histories.seconds >= last - DAYS_30)
    # Where the last month is empty of an item, how popular it was before breaks the tie.
    before = recently_popular(histories, half_life_s=3 * DAYS_30) / len(histories.item)
    return np.asarray(popular(lately) + 1e-3 * before, dtype=np.float32)
