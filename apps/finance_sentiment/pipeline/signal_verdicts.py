"""Where alarms of unforeseen change lie, and what is said of a bucket. Judges nothing."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tuning:
    """Where alarms lie, in decades of chance.

    both: of volume and mood together;  mood: the least of mood in that;  burst: of volume alone, lasting: in the
    bucket before;  shift: the least change of mood that is told;  evidence: the fewest documents that make a mood
    calm, calm_hours: below so much for so long, it is over;  lasts_days: after which it is the usual
    slow, slow_shift, slow_calm: the same of mood alone over days
    cap: more decades than that do not count;  known_days: before the first alarm
    fade_hours: half-life of what was told
    """

    both: float = 5.25
    mood: float = 1.2
    burst: float = 4.75
    lasting: float = 2.0
    shift: float = 0.25
    evidence: int = 3
    slow: float = 4.25
    slow_shift: float = 0.3
    calm: float = 1.5
    slow_calm: float = 2.5
    calm_hours: int = 6
    lasts_days: int = 3
    cap: float = 6.0
    known_days: float = 7.0
    fade_hours: float = 12.0


@dataclass(frozen=True, slots=True)
class Change:
    """What is unusual now, over the window that says it most clearly.

    hours: of the window;  volume, expected: documents in it, and as many as usual; None beyond eight hours
    mood, usual: mean scores, None without evidence;  documents: those in it that have a mood
    volume_surprise, mood_surprise: decades
    """

    hours: int
    volume: int | None
    expected: float | None
    mood: float | None
    usual: float
    documents: int
    volume_surprise: float
    mood_surprise: float

    @property
    def surprise(self) -> float:
        """Decades of both together."""
        return self.volume_surprise + self.mood_surprise


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bucket changed. step: None: nothing was and is told;  why: of a closed one, calm or usual"""

    step: Literal["opened", "lasts", "closed"] | None
    change: Change
    why: Literal["calm", "usual"] | None = None
