"""A new version beside the one that answers, on the newest events that neither learned from. Publishes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.recommender.pipeline.exporting import renumbered
from apps.recommender.pipeline.model.choosing import gains
from apps.recommender.pipeline.model.files import NotARecommender, load
from apps.recommender.pipeline.model.fitting import Fitted
from apps.recommender.pipeline.model.histories import Histories
from core.backend.registry import Version
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts

LEARNED_UNTIL = "learned_until"
"""In a card's recipe: Unix seconds of the newest event that a version knows."""
LEAST_USERS = 30
TOLERATED = 0.05
"""Share of the other's figure that may be lost while the interval of the difference holds 0."""
RESAMPLES = 1_000


@dataclass(frozen=True)
class Compared:
    """nDCG@10 of both for the same users, and the difference. other: reference of the version that answers"""

    other: str
    ours: Figure
    theirs: Figure
    difference: Figure

    @property
    def worse(self) -> bool:
        """Whether the interval lies below 0, or the loss is more than is tolerated."""
        return self.difference.high < 0 or self.difference.value < -TOLERATED * self.theirs.value

    @property
    def sentence(self) -> str:
        """For a person."""
        gain = self.difference
        return (
            f"On the newest events of {self.ours.n:,} users: nDCG@10 {self.ours.value:.4f} against "
            f"{self.theirs.value:.4f} of {self.other}, difference {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
        )


def compare(fitted: Fitted, histories: Histories, items: Sequence[str], other: Version) -> Compared | str:
    """Rank for users whose hidden event came after all that the other version knows.

    histories: all events, from which `fitted` hid some;  items: their names by number
    returns: a sentence when they cannot be compared
    """
    try:
        stored = load(other.path)
    except NotARecommender:
        return f"{other.ref} cannot be opened, so there is nothing to compare with"
    held = fitted.held
    # A history is in order of time, so the first event that is hidden follows those that are left.
    first = histories.seconds[histories.starts[held.users] + held.past.lengths[held.users]]
    known = other.card.recipe.get(LEARNED_UNTIL)
    fresh = np.flatnonzero(first > known) if isinstance(known, int | float) else np.arange(len(first))
    if len(fresh) < LEAST_USERS:
        return f"too few to compare: {len(fresh)} of the users held out did something after {other.ref} was trained"
    asked = renumbered(held.past.of_users(held.users[fresh]), items, stored.items)
    place = {name: at for at, name in enumerate(items)}
    number = np.array([*(place.get(name, -1) for name in stored.items), -1], dtype=np.int64)  # the last one is of -1
    theirs = gains(number[stored.recommender.recommend(asked, 10)], [held.wanted[at] for at in fresh])
    ours = gains(fitted.recommended[fresh], [held.wanted[at] for at in fresh])
    return Compared(other.ref, _figure(ours), _figure(theirs), _figure(ours - theirs))


def _figure(each: np.ndarray, seed: int = 7) -> Figure:
    n = len(each)
    drawn = np.concatenate([block @ each / n for block in drawn_counts(np.ones(n, dtype=np.int64), RESAMPLES, seed)])
    return bootstrapped(float(each.mean()), drawn, n)
