"""Train a recommender on what is in the store and publish it as a version of the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from apps.recommender.errors import NothingToLearn
from apps.recommender.pipeline.evaluating.measuring import rank
from apps.recommender.pipeline.learning import Learnable
from apps.recommender.pipeline.model.choosing import gains
from apps.recommender.pipeline.model.files import save
from apps.recommender.pipeline.model.fitting import Fitted, TooFewEvents, fit
from apps.recommender.pipeline.model.histories import Floats
from apps.recommender.pipeline.model.popularity import popular
from apps.recommender.pipeline.model.signals import ByPopularity
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.schemas.versions import BY_POPULARITY, FOUND, NEAR
from core.backend.encoder import Encoder
from core.backend.registry import Card, Registry, Version
from core.backend.registry.card import Backbone, Dataset, Machine, Metric
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts, share

RESAMPLES = 1_000
OBJECTIVE = "recommend"


@dataclass(frozen=True)
class Trained:
    """A version, and how good it is on what was held out from it."""

    version: Version
    figures: Mapping[str, Figure]
    seconds: float


def train(
    learned: Learnable,
    vectors: Floats,
    registry: Registry,
    encoder: Encoder,
    *,
    encoder_name: str,
    name: str,
    seed: int,
    budget_s: float,
    promote: bool,
    now: datetime,
    command: str,
    show: Callable[[str], None],
) -> Trained:
    """vectors: (n, d), of the items' texts;  budget_s: wall clock after which the network is cut short

    raises: NothingToLearn; DiskFull, CannotWrite
    """
    space = TextSpace.of(vectors) if np.any(vectors) else None
    text = None if space is None else space.project(vectors)
    began = time.monotonic()
    try:
        fitted = fit(learned.histories, text, seed=seed, budget_s=budget_s, show=show)
    except TooFewEvents as error:
        raise NothingToLearn(str(error)) from error
    figures = figures_of(fitted)
    seconds = time.monotonic() - began
    from core.training.publish import machine

    card = Card(
        task="recommend",
        objective=OBJECTIVE,
        base=Backbone(name=encoder_name, fingerprint=encoder.fingerprint),
        method="causal Transformer and closed forms, blended",
        recipe={"seed": seed, "budget_minutes": budget_s / 60, **fitted.recommender.about},
        seeds=[seed],
        data=[Dataset(name="events", sha256=learned.fingerprint, rows=len(learned.histories.item))],
        metrics={k: Metric(value=f.value, low=f.low, high=f.high, n=f.n) for k, f in figures.items()},
        trained_at=now,
        seconds=round(seconds, 1),
        machine=Machine.model_validate(machine()),
        command=command,
        notes=f"Measured on the {fitted.held.kind} of {len(fitted.held.users):,} users by full ranking of all "
        f"{learned.histories.item_count:,} items, what a user had before left out. The weights of the blend were "
        "fitted on the other half of these users; the knobs of the closed forms were chosen on all of them.",
    )
    with registry.draft(name) as draft:
        save(draft, fitted.recommender, learned.items, space)
        version = registry.publish(name, draft, card, promote=promote)
    return Trained(version, figures, seconds)


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
