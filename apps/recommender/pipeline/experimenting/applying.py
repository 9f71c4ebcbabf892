"""What an arm changes in a list: its settings, where the request names none of its own. Knows no visitor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from apps.recommender.schemas.experiments import Arm
from apps.recommender.schemas.recommend import Place

SETTINGS = frozenset({"model", "diversity", "novelty", "explore", "most_per_category", "rules"})
"""Of an arm, by the names that they have in a request."""
COUNTING: dict[Place, frozenset[str]] = {
    "users": SETTINGS,
    "sessions": SETTINGS,
    "search": SETTINGS - {"explore"},
    "rank": SETTINGS - {"explore", "most_per_category"},  # every candidate is to be ranked
}
"""Lists that are made for somebody, and the settings that mean something in them."""


def settings_of(arm: Arm) -> dict[str, Any]:
    """What an arm says, by name.

    >>> settings_of(Arm(name="varied", share=0.5, diversity=0.4))
    {'diversity': 0.4}
    """
    return {name: value for name in sorted(SETTINGS) if (value := getattr(arm, name)) is not None}


def varied(arms: Iterable[Arm]) -> frozenset[str]:
    """What an experiment is about: all that any of its arms says.

    >>> sorted(varied([Arm(name="a", share=0.5), Arm(name="b", share=0.5, model="text", explore=0.1)]))
    ['explore', 'model']
    """
    return frozenset(name for arm in arms for name in settings_of(arm))


def takes_part(about: Collection[str], place: Place, named: Collection[str]) -> bool:
    """Whether an experiment has a say in a list. The same for all of its arms, so that they stay comparable.

    about: what the experiment varies, nothing where all arms are alike;  named: settings that the request names
    """
    return not about or bool((set(about) & COUNTING[place]) - set(named))
