"""Whether two texts tell the same story: from what their headlines and bodies share and where they differ.

A weighted sum of features through a logistic function. The weights were fitted by `python -m benchmarks.stories --fit`
on the half of the written pairs that is not reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.finance_sentiment.pipeline.story_headlines import Headline, headline_of, read_headline, shingles
from apps.finance_sentiment.pipeline.story_vocabulary import TWO_SIDED

BODY_WORDS = 120  # of a body that are compared: what is new stands at its beginning
LEAST_SHINGLES = 12  # of either body, so that what they share says something
EQUAL_BODY, OTHER_BODY = 0.85, 0.25  # shares of runs from which bodies are copies, and up to which they are others
NOT = "-not"
Weight = Callable[[str], float]

FEATURES = (
    "shared", "covered", "names_apart", "numbers_shared",
    "numbers_apart", "number_more", "periods_apart", "sides_apart", "sides_shared", "polarity_apart", "negated",
    "body_shared", "body_equal", "body_apart",
)  # fmt: skip
WEIGHTS: dict[str, float] = {
    "bias": -3.06,
    "shared": 2.51,
    "covered": 1.48,
    "names_apart": -2.99,
    "numbers_shared": 2.85,
    "numbers_apart": -4.85,
    "number_more": -1.78,
    "periods_apart": -4.29,
    "sides_apart": -3.46,
    "sides_shared": 1.65,
    "polarity_apart": -0.34,
    "negated": -2.04,
    "body_shared": 2.73,
    "body_equal": 1.89,
    "body_apart": 0.0,
}
LEAST = 0.0  # log odds above which two texts are one story


@dataclass(frozen=True, slots=True)
class Print:
    """What is kept of a text.

    line: its headline, cleaned;  hour: when it was published, hours since 1970;  body: checksums of runs of words
    """

    line: str
    headline: Headline
    hour: float
    body: NDArray[np.uint32]

    @property
    def keys(self) -> frozenset[str]:
        """What it is looked up by."""
        head = self.headline
        return head.terms | head.numbers | head.initials


def print_of(title: str, text: str, hour: float) -> Print:
    """Read a text once."""
    body = np.array(shingles(text, BODY_WORDS), dtype=np.uint32)
    line = headline_of(title, text)
    return Print(line, read_headline(line), hour, body)


def features(one: Print, other: Print, weight: Weight) -> dict[str, float]:
    """What speaks for one story and against it, most of it in [0, 1]. weight: of a term by its rarity

    covered: of the shorter headline's terms, the share that the longer has;  apart: both have what the other lacks
    more: only one of the two has any
    """
    a, b = one.headline, other.headline
    names_a, names_b = _meant(a, b), _meant(b, a)
    terms_a = {term for term in a.terms if term not in b.initials}
    terms_b = {term for term in b.terms if term not in a.initials}
    both = terms_a & terms_b
    size_a, size_b, shared = (sum(map(weight, terms)) for terms in (terms_a, terms_b, both))
    only_a, only_b = names_a - b.terms, names_b - a.terms
    numbers = a.numbers & b.numbers
    opposed = _opposed(a, b)
    body, long = _bodies(one, other)
    equal = body >= EQUAL_BODY  # then headlines only stress other things
    return {
        "shared": shared / max(size_a + size_b - shared, 1e-9),
        "covered": shared / max(min(size_a, size_b), 1e-9),
        "names_apart": float(bool(only_a and only_b) and not equal),
        "numbers_shared": min(len(numbers), 2) / 2,
        "numbers_apart": float(bool(a.numbers - b.numbers and b.numbers - a.numbers)),
        "number_more": float(bool(a.numbers) != bool(b.numbers) and not equal),
        "periods_apart": float(_periods_apart(a, b)),
        "sides_apart": float(opposed),
        "sides_shared": float(bool(a.sides & b.sides)),
        "polarity_apart": float(not opposed and _polarity(a) * _polarity(b) < 0),
        "negated": float((NOT in a.sides) != (NOT in b.sides)),
        "body_shared": body,
        "body_equal": float(equal),
        "body_apart": float(long and body <= OTHER_BODY),
    }


def odds(found: Mapping[str, float]) -> float:
    """Log odds that two texts tell one story. found: their features"""
    return WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in found.items())


def _meant(one: Headline, other: Headline) -> set[str]:
    """Names of one, without what the initials of the other stand for."""
    return {name for name in one.names if name not in other.initials}


def _opposed(a: Headline, b: Headline) -> bool:
    """Whether one says a thing and the other its opposite, and neither says both."""
    for axis in {side[1:] for side in a.sides ^ b.sides}:
        ways = {f"+{axis}", f"-{axis}"}
        apart = ways <= a.sides | b.sides and not ways <= a.sides and not ways <= b.sides
        if apart and (axis not in TWO_SIDED or a.subject == b.subject):
            return True
    return False


def _polarity(one: Headline) -> int:
    """1 where all it says goes up, on or ahead, -1 where all goes down, off or against, else 0."""
    signs = {side[0] for side in one.sides if side != NOT}
    return 0 if len(signs) != 1 else 1 if signs == {"+"} else -1


def _periods_apart(a: Headline, b: Headline) -> bool:
    """Whether both name a period of one kind, and not the same."""
    mine, theirs = a.periods - b.periods, b.periods - a.periods
    return bool(mine and theirs)


def _bodies(one: Print, other: Print) -> tuple[float, bool]:
    """returns: the share of the shorter body that stands in the longer, and whether both are long enough to tell"""
    short = min(len(one.body), len(other.body))
    if short < LEAST_SHINGLES:
        return 0.0, False
    return len(np.intersect1d(one.body, other.body, assume_unique=True)) / short, True
