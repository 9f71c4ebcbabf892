"""What may be measured of a visitor: a sum above and a sum below the line. Knows no arms."""

from collections.abc import Callable
from typing import NamedTuple

from apps.recommender.schemas.experiments import Metric
from apps.recommender.settings import CLICK, DISLIKE, IMPRESSION
from apps.recommender.store.exposures import Done

PURCHASE = "purchase"


class Measure(NamedTuple):
    """above, below: of one visitor;  is_share: whether it lies in 0 … 1;  rises: whether more of it is harm

    words: how it is called in a sentence
    """

    above: Callable[[Done], float]
    below: Callable[[Done], float]
    is_share: bool
    rises: bool
    words: str


def _clicks(done: Done) -> float:
    # A click is never counted without its impression: a shop that sends fewer impressions than clicks is not at 120 %.
    return float(min(done.recommended.get(CLICK, 0), done.recommended.get(IMPRESSION, 0)))


MEASURES: dict[Metric, Measure] = {
    "click_rate": Measure(
        _clicks,
        lambda done: float(done.recommended.get(IMPRESSION, 0)),
        True,
        False,
        "the share of impressions that are clicked",
    ),
    "conversion": Measure(
        lambda done: float(done.all.get(PURCHASE, 0) > 0), lambda _: 1.0, True, False, "the share of buyers"
    ),
    "revenue": Measure(lambda done: done.values.get(PURCHASE, 0.0), lambda _: 1.0, False, False, "revenue a visitor"),
    "dislikes": Measure(
        lambda done: float(done.all.get(DISLIKE, 0) > 0), lambda _: 1.0, True, True, "the share who dislike"
    ),
}
TYPES = (CLICK, IMPRESSION, PURCHASE, DISLIKE)
"""Events that are needed for all of them."""
