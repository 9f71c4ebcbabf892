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
STOPS = frozenset({"-run", "-allow", "-say"})
Weight = Callable[[str], float]

FEATURES = (
    "shared", "covered", "names_shared", "names_apart", "name_more", "subject_apart", "numbers_shared",
    "numbers_apart", "number_more", "periods_apart", "sides_apart", "stopped_more", "sides_shared", "sides_other",
    "body_shared", "body_equal", "body_apart",
)  # fmt: skip
WEIGHTS: dict[str, float] = {
    "bias": -3.56,
    "shared": 2.9,
    "covered": 1.18,
    "names_shared": 1.19,
    "names_apart": -3.84,
    "name_more": -0.48,
    "subject_apart": 0.32,
    "numbers_shared": 3.87,
    "numbers_apart": -6.55,
    "number_more": -2.38,
    "periods_apart": -6.02,
    "sides_apart": -4.22,
    "stopped_more": -0.8,
    "sides_shared": 2.1,
    "sides_other": -0.9,
    "body_shared": 3.94,
    "body_equal": 2.17,
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
    common_names = (names_a | names_b) & both
    subject_apart = bool(a.subject and b.subject and a.subject not in b.terms and b.subject not in a.terms)
    numbers = a.numbers & b.numbers
    opposed = _opposed(a, b)
    body, long = _bodies(one, other)
    equal = body >= EQUAL_BODY  # then headlines only stress other things
    return {
        "shared": shared / max(size_a + size_b - shared, 1e-9),
        "covered": shared / max(min(size_a, size_b), 1e-9),
        "names_shared": min(len(common_names), 3) / 3,
        "names_apart": float(bool(only_a and only_b) and not equal),
        "name_more": float(bool(only_a) != bool(only_b) and not equal),
        "subject_apart": float(subject_apart and not equal),
        "numbers_shared": min(len(numbers), 2) / 2,
        "numbers_apart": float(bool(a.numbers - b.numbers and b.numbers - a.numbers)),
        "number_more": float(bool(a.numbers) != bool(b.numbers) and not equal),
        "periods_apart": float(_periods_apart(a, b)),
        "sides_apart": float(opposed),
        "stopped_more": float(not opposed and bool((a.sides ^ b.sides) & STOPS)),
        "sides_shared": float(bool(a.sides & b.sides)),
        "sides_other": float(bool(a.sides and b.sides) and not opposed and not (a.sides & b.sides)),
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
