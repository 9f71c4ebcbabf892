"""Train a recommender on what is in the store and publish it as a version of the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np

from apps.recommender.errors import NothingToLearn
from apps.recommender.pipeline.comparing import LEARNED_UNTIL, compare
from apps.recommender.pipeline.evaluating.measuring import rank
from apps.recommender.pipeline.learning import Learnable
from apps.recommender.pipeline.model.choosing import gains
from apps.recommender.pipeline.model.files import save
from apps.recommender.pipeline.model.fitting import Fitted, TooFewEvents, fit
from apps.recommender.pipeline.model.histories import Floats
from apps.recommender.pipeline.model.holding_out import Aim
from apps.recommender.pipeline.model.popularity import popular
from apps.recommender.pipeline.model.resuming import trail
from apps.recommender.pipeline.model.signals import ByPopularity
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.trainings import NEWEST_EVENT
from apps.recommender.schemas.versions import BY_POPULARITY, FOUND, NEAR
from core.backend.encoder import Encoder
from core.backend.registry import Card, Registry, Version
from core.backend.registry.card import Backbone, Dataset, Machine, Metric
from core.backend.registry.errors import NoSuchModel
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts, share

RESAMPLES = 1_000
OBJECTIVE = "recommend"
Promote = Literal["never", "always", "if_not_worse"]


@dataclass(frozen=True)
class Order:
    """What is asked for. aim: see `fit`;  command: as it was given

    budget_s: wall clock after which the network is cut short
    promote: whether the new version answers at once: never, always, or if it is not worse than the one that answers
    newest_event: number of the event that was taken in last, so that new ones can be counted
    """

    name: str
    aim: Aim
    seed: int
    budget_s: float
    promote: Promote
    command: str
    newest_event: int = 0


@dataclass(frozen=True)
class Trained:
    """A version, and how good it is on what was held out from it. outcome: in a sentence"""

    version: Version
    figures: Mapping[str, Figure]
    seconds: float
    outcome: str


def train(
    learned: Learnable,
    vectors: Floats,
    registry: Registry,
    encoder: Encoder,
    order: Order,
    *,
    encoder_name: str,
    now: datetime,
    home: Path,
    show: Callable[[str], None],
) -> Trained:
    """Train, measure, publish. Killed at any moment it leaves nothing half: the same call goes on where it was.

    vectors: (n, d), of the items' texts;  home: where it is kept how far the networks are
    raises: NothingToLearn; DiskFull, CannotWrite
    """
    about = {"data": learned.fingerprint, "seed": order.seed, "encoder": encoder.fingerprint, "budget": order.budget_s}
    about |= {"aim": order.aim}
    space = TextSpace.of(vectors) if np.any(vectors) else None
    text = None if space is None else space.project(vectors)
    began = time.monotonic()
    with trail(home, order.name, show, **about) as kept:
        try:
            fitted = fit(
                learned.histories,
                text,
                aim=order.aim,
                seed=order.seed,
                budget_s=order.budget_s,
                show=show,
                trail=kept,
            )
        except TooFewEvents as error:
            raise NothingToLearn(str(error)) from error
        figures = figures_of(fitted)
        promote, told = _decide(fitted, learned, registry, order, figures)
        seconds = time.monotonic() - began
        card = Card(
            task="recommend",
            objective=OBJECTIVE,
            base=Backbone(name=encoder_name, fingerprint=encoder.fingerprint),
            method="causal Transformer and closed forms, blended",
            recipe={
                "seed": order.seed,
                "budget_minutes": order.budget_s / 60,
                LEARNED_UNTIL: float(learned.histories.seconds.max()),
                NEWEST_EVENT: order.newest_event,
                **fitted.recommender.about,
            },
            seeds=[order.seed],
            data=[Dataset(name="events", sha256=learned.fingerprint, rows=len(learned.histories.item))],
            metrics={k: Metric(value=f.value, low=f.low, high=f.high, n=f.n) for k, f in figures.items()},
            trained_at=now,
            seconds=round(seconds, 1),
            machine=_machine(),
            command=order.command,
            notes=f"Measured on the {fitted.held.kind} of {len(fitted.held.users):,} users by full ranking of all "
            f"{learned.histories.item_count:,} items, what a user had before left out. The weights of the blend were "
            "fitted on the other half of these users; the knobs of the closed forms were chosen on all of them."
            + f" {told}".rstrip(),
        )
        with registry.draft(order.name) as draft:
            save(draft, fitted.recommender, learned.items, space)
            version = registry.publish(order.name, draft, card, promote=promote)
    return Trained(version, figures, seconds, f"{version.ref} is published. {told}".rstrip())


def _decide(
    fitted: Fitted, learned: Learnable, registry: Registry, order: Order, figures: dict[str, Figure]
) -> tuple[bool, str]:
    """Whether the new version is to answer, and why, in a sentence. figures: are given those of the comparison"""
    if order.promote != "if_not_worse":
        return order.promote == "always", "It answers from now on." if order.promote == "always" else ""
    try:
        active = registry.active(order.name)
    except NoSuchModel:
        return True, "It is the first, so it answers from now on."
    found = compare(fitted, learned.histories, learned.items, active)
    if isinstance(found, str):
        return False, f"{found[0].upper()}{found[1:]}; {active.ref} goes on answering."
    figures["newest events: ndcg@10"] = found.ours
    figures[f"newest events: ndcg@10 of {found.other}"] = found.theirs
    figures["newest events: difference"] = found.difference
    if found.worse:
        return False, f"{found.sentence}: worse, so {active.ref} goes on answering."
    return True, f"{found.sentence}: not worse, so it answers from now on."


def _machine() -> Machine:
    from core.training.publish import machine

    return Machine.model_validate(machine())


def figures_of(fitted: Fitted, seed: int = 7) -> dict[str, Figure]:
    """nDCG@10 and hit@10 of the held-out users, and what popularity alone would reach, with 95 % intervals."""
    each = gains(fitted.recommended, fitted.held.wanted)
    n = len(each)
    ones = np.ones(n, dtype=np.int64)
    drawn = np.concatenate([block @ each / n for block in drawn_counts(ones, RESAMPLES, seed)])
    plain = gains(rank(ByPopularity(popular(fitted.held.past)), fitted.held).lists, fitted.held.wanted)
    return {
        NEAR: bootstrapped(float(each.mean()), drawn, n),
        FOUND: share(each > 0).figure(),
        BY_POPULARITY: share(plain > 0).figure(),
    }
