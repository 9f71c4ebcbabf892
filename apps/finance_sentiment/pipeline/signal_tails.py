"""How surprising a count or a share is, in decades: the negative decimal logarithm of its chance. Knows no time."""

import math

NEVER = 30.0  # decades; more is not told apart
_NEGLIGIBLE = 1e-12


def count_surprise(seen: int, expected: float, spread: float) -> float:
    """Decades by which so many or more are unlikely, of a negative binomial.

    expected: its mean, above 0;  spread: its variance is `expected + spread * expected**2`
    returns: 0 where `seen` is no more than expected

    >>> round(count_surprise(1, 0.001, 0.0001), 1), count_surprise(3, 3.0, 0.5)
    (3.0, 0.0)
    """
    if seen <= expected:
        return 0.0
    size = 1.0 / spread
    ratio = expected / (expected + size)
    first = (
        math.lgamma(seen + size)
        - math.lgamma(size)
        - math.lgamma(seen + 1)
        + size * math.log(size / (expected + size))
        + seen * math.log(ratio)
    )
    term, rest, count = 1.0, 1.0, seen
    while term > _NEGLIGIBLE * rest:
        term *= ratio * (count + size) / (count + 1)
        rest += term
        count += 1
    return min(NEVER, max(0.0, -(first + math.log(rest)) / math.log(10.0)))


def share_surprise(found: int, of: int, usual: float, alike: float) -> float:
    """Decades by which so many of so many or more are unlikely, of a beta-binomial.

    usual: the share that is expected, in (0, 1)
    alike: correlation between any two, in (0, 1): what one event moves is no independent evidence
    returns: 0 where `found` is no more than expected

    >>> round(share_surprise(6, 6, 0.3, 0.0001), 2), share_surprise(1, 6, 0.3, 0.05)
    (3.14, 0.0)
    """
    if found <= of * usual:
        return 0.0
    strength = 1.0 / alike - 1.0
    a, b = usual * strength, (1.0 - usual) * strength
    first = (
        math.lgamma(of + 1)
        - math.lgamma(found + 1)
        - math.lgamma(of - found + 1)
        + math.lgamma(found + a)
        + math.lgamma(of - found + b)
        - math.lgamma(of + strength)
        + math.lgamma(strength)
        - math.lgamma(a)
        - math.lgamma(b)
    )
    term, rest = 1.0, 1.0
    for count in range(found, of):
        term *= (of - count) * (count + a) / ((count + 1) * (of - count - 1 + b))
        rest += term
        if term < _NEGLIGIBLE * rest:
            break
    return min(NEVER, max(0.0, -(first + math.log(rest)) / math.log(10.0)))
