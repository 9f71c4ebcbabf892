"""Two versions against each other: which is better, and whether chance may have made the difference. Draws nothing."""

from __future__ import annotations

from typing import Literal, NamedTuple

from apps.recommender.schemas.versions import FOUND, Figure, VersionShown
from core.evaluation import intervals


class Difference(NamedTuple):
    """How far one figure lies above another, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["better", "worse", "open"]:
        """Open: chance may have made it."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "open"


def difference(one: Figure, other: Figure) -> Difference:
    """See `core.evaluation.intervals.difference`; versions of one shop are measured partly on the same people.

    >>> one, other = Figure(value=0.3, low=0.28, high=0.32, n=2000), Figure(value=0.2, low=0.18, high=0.22, n=2000)
    >>> difference(one, other).verdict, difference(one, one).verdict
    ('better', 'open')
    """
    first, second = (intervals.Figure(**figure.model_dump()) for figure in (one, other))
    return Difference(*intervals.difference(first, second))


def compared(one: VersionShown, other: VersionShown) -> tuple[Literal["better", "worse", "open"], str, str]:
    """One version against another. returns: the verdict; it as a headline; what it stands on, in a sentence or two"""
    if FOUND not in one.figures or FOUND not in other.figures:
        return "open", f"{one.ref} and {other.ref} cannot be compared", "One of them was not measured."
    found = difference(one.figures[FOUND], other.figures[FOUND])
    stands_on = f"Of 100 people, {_people(found)} find what they want next among their first ten items."
    if one.fingerprint != other.fingerprint:
        stands_on += " The two were measured on different events, so part of it may come from those."
    headline = {
        "better": f"{one.ref} is better than {other.ref}",
        "worse": f"{one.ref} is worse than {other.ref}",
        "open": f"{one.ref} and {other.ref} are about as good",
    }[found.verdict]
    chance = "chance may explain that" if found.verdict == "open" else "more than chance would explain"
    return found.verdict, headline, stands_on.replace(" items.", f" items: {chance}.", 1)


def of_100(figure: Figure) -> str:
    """A share as people of a hundred, with its interval.

    >>> of_100(Figure(value=0.1234, low=0.11, high=0.135, n=610))
    '12.3 of 100 (11.0 to 13.5)'
    """
    return f"{100 * figure.value:.1f} of 100 ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def plain(figure: Figure) -> str:
    """Any other figure with its interval.

    >>> plain(Figure(value=0.1234, low=0.11, high=0.135, n=610))
    '0.123 (0.110 to 0.135)'
    """
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _people(found: Difference) -> str:
    """How many more or fewer of a hundred, with the interval."""
    more = "more" if found.value >= 0 else "fewer"
    low, high = (100 * found.low, 100 * found.high) if found.value >= 0 else (-100 * found.high, -100 * found.low)
    opposite = "fewer" if more == "more" else "more"
    from_ = f"{-low:.1f} {opposite} to {high:.1f} {more}" if low < 0 else f"{low:.1f} to {high:.1f}"
    return f"{100 * abs(found.value):.1f} {more} ({from_})"
