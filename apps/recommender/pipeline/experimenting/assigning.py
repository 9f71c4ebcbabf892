"""Which arm somebody sees: by a hash, so that it is the same in every process and at every visit. Keeps nothing.

A unit (a user or an anonymous session) falls into one of 1,000 slots; slots belong to arms. Slots rather than ranges of
the hash, so that a change of shares moves no more slots than it must: whoever's arm keeps its share keeps the arm.
Slots as in Tang, Agarwal, O'Brien and Meyer, 2010, "Overlapping experiment infrastructure: more, better, faster
experimentation" (KDD); a lane is what they call a layer.
"""

from collections.abc import Collection, Sequence
from hashlib import blake2b

SLOTS = 1_000
NOBODY = -1  # a slot that belongs to no arm


def slot_of(unit: str, salt: str) -> int:
    """The slot of a user or session. salt: the experiment's or the lane's; with another salt, slots are independent

    returns: 0 … SLOTS - 1

    >>> slot_of("u-1", "spring") == slot_of("u-1", "spring"), slot_of("u-1", "spring") == slot_of("u-1", "summer")
    (True, False)
    """
    # The length stands before the salt, so that ("a", "bc") and ("ab", "c") differ.
    digest = blake2b(f"{len(salt)}:{salt}:{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % SLOTS


def allot(shares: Sequence[float], before: Sequence[int] | None = None) -> list[int]:
    """Give slots to arms by their shares, moving as few as possible.

    shares: (arms,), each 0 … 1, together at most 1; what is left belongs to nobody
    before: (SLOTS,), whose slots they were: an arm's position, or NOBODY;  None: nobody's
    returns: (SLOTS,), the same with the new shares
    raises: ValueError for shares that are none

    >>> first = allot([0.5, 0.5]); later = allot([0.5, 0.3, 0.2], first)
    >>> all(new == old or (old, new) == (1, 2) for old, new in zip(first, later))
    True
    """
    if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
        raise ValueError("shares must lie between 0 and 1, and together must not exceed 1")
    wanted = _counts(shares)
    slots = [NOBODY] * SLOTS if before is None else [one if one < len(shares) else NOBODY for one in before]
    held = [0] * len(shares)
    for at in _scattered():
        arm = slots[at]
        if arm != NOBODY:
            if held[arm] == wanted[arm]:
                slots[at] = NOBODY  # what is too much is given back
            else:
                held[arm] += 1
    needing = [arm for arm, count in enumerate(wanted) for _ in range(count - held[arm])]
    free = (at for at in _scattered() if slots[at] == NOBODY)
    for at, arm in zip(free, needing, strict=False):
        slots[at] = arm
    return slots


def arm_of(unit: str, salt: str, slots: Sequence[int]) -> int | None:
    """The position of a unit's arm; None where it belongs to none. slots: as `allot` gave them"""
    arm = slots[slot_of(unit, salt)]
    return None if arm == NOBODY else arm


def claim(taken: Collection[int], share: float) -> list[int] | None:
    """Slots of a lane for one more experiment, none of which another has; None where there is no room.

    taken: slots of those that run in the lane;  share: of the lane's units, 0 … 1

    >>> first = claim([], 0.6); second = claim(first, 0.4)
    >>> len(first), len(second), set(first) & set(second), claim(first, 0.5)
    (600, 400, set(), None)
    """
    held = set(taken)
    free = [at for at in _scattered() if at not in held]
    wanted = round(share * SLOTS)
    return sorted(free[:wanted]) if wanted <= len(free) else None


def _counts(shares: Sequence[float]) -> list[int]:
    """Whole slots whose sum is that of the shares; the largest remainders are rounded up."""
    exact = [share * SLOTS for share in shares]
    counts = [int(one + 1e-9) for one in exact]
    missing = min(SLOTS, round(sum(exact))) - sum(counts)
    by_remainder = sorted(range(len(shares)), key=lambda at: (counts[at] - exact[at], at))
    for at in by_remainder[:missing]:
        counts[at] += 1
    return counts


def _scattered() -> list[int]:
    """All slots in an order that jumps about. 617 has no factor in common with 1,000."""
    return [(step * 617) % SLOTS for step in range(SLOTS)]
