"""Made archives in hours, with planted events and with what must not be told. No text and no model: sums only."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apps.finance_sentiment.pipeline.signal_levels import Bucket

START_H = 493_848  # a Monday in 2026, hours since 1970
WEEK_H = 168

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Event:
    """Something planted. entity: its number;  begins: hour of the archive in which it begins;  ends: with its tail

    told: the hour from which delay is counted: it begins then, or, of what builds up, has come half the way
    expected: whether it is to be told
    """

    kind: str
    entity: int
    begins: int
    told: int
    ends: int
    expected: bool


@dataclass(frozen=True)
class Archive:
    """hours[entity][hour] = bucket or None where nothing was;  events: what was planted"""

    hours: list[list[Bucket | None]]
    events: list[Event]
    weeks: float

    def steps(self) -> Iterator[tuple[int, dict[str, Bucket]]]:
        """Each hour with the companies that had anything in it."""
        for at in range(len(self.hours[0])):
            yield (
                START_H + at,
                {str(n): bucket for n, series in enumerate(self.hours) if (bucket := series[at]) is not None},
            )


TOLD = ("recall", "rumour", "surprise", "turn")


def make(seed: int, *, companies: int = 100, weeks: int = 16, quiet_weeks: int = 4, strength: float = 1.0) -> Archive:
    """An archive of so many companies.

    Sizes are lognormal (a median of a document in three hours, the largest five an hour); volume has hours, weekends,
    clusters (a slow random walk of its rate) and is overdispersed; mood wanders. quiet_weeks: without events, at first
    """
    rng = np.random.default_rng(seed)
    length = weeks * WEEK_H
    hour = (START_H + np.arange(length)) % 24
    day = ((START_H + np.arange(length) + 72) % WEEK_H) // 24
    hours: list[list[Bucket | None]] = []
    events: list[Event] = []
    gaps = np.zeros(length, bool)
    for begin in rng.integers(quiet_weeks * WEEK_H, length - 48, size=max(1, weeks // 6)):
        gaps[begin : begin + int(rng.integers(12, 40))] = True  # all sources away
    surge = np.ones(length)
    surge[int(length * 0.7) :] = 1.6  # a new feed: everybody has more from then on
    for number in range(companies):
        rate = float(np.clip(rng.lognormal(math.log(0.33), 1.1), 0.02, 5.0))
        peak = rng.choice([2, 8, 14])  # Tokyo, London, New York
        course = 0.35 + 1.3 * np.exp(3.0 * (np.cos((hour - peak) / 24 * 2 * math.pi) - 1))
        course *= np.where(day >= 5, rng.uniform(0.2, 0.6), 1.0)
        course /= course.mean()
        walk = _walk(rng, length, half_h=18, sd=rng.uniform(0.1, 0.5))
        mean = rate * course * np.exp(walk - walk.var() / 2) * surge
        mood = np.clip(rng.normal(0.08, 0.12) + _walk(rng, length, half_h=48, sd=rng.uniform(0.05, 0.15)), -0.6, 0.6)
        extra = np.zeros(length)
        extra_mood = np.zeros(length)
        events += _plant(rng, number, rate, quiet_weeks, extra, extra_mood, mood, strength)
        size = 1.0 / rng.uniform(0.1, 0.6)
        base = rng.negative_binomial(size, size / (size + mean))
        more = rng.poisson(extra * np.maximum(1.0, course))  # newsrooms write of it when they write
        base[gaps], more[gaps] = 0, 0
        hours.append([_bucket(rng, at, int(base[at]), float(mood[at]), int(more[at]), float(extra_mood[at]))
                      for at in range(length)])  # fmt: skip
    shown = [event for event in events if not gaps[event.begins : event.told + 3].any()]
    return Archive(hours, shown, float(weeks - 2))


def _walk(rng: np.random.Generator, length: int, *, half_h: float, sd: float) -> Floats:
    keep = 0.5 ** (1.0 / half_h)
    steps = rng.normal(0, sd * math.sqrt(1 - keep * keep), size=length)
    values = np.empty(length)
    value = rng.normal(0, sd)
    for at in range(length):
        value = keep * value + steps[at]
        values[at] = value
    return values


def _plant(
    rng: np.random.Generator,
    number: int,
    rate: float,
    quiet_weeks: int,
    extra: Floats,
    extra_mood: Floats,
    mood: Floats,
    strength: float,
) -> list[Event]:
    """One event for each company, and one bait for some, far from each other. Copies would be echoes: no volume."""
    events, length = [], len(extra)
    kind = str(rng.choice(TOLD))
    if kind == "turn" and rate < 0.5:
        kind = "recall"  # a mood that turns where hardly anything is written cannot be told
    first = quiet_weeks * WEEK_H
    begin = int(rng.integers(first, length - 11 * 24))
    if kind == "recall":
        top, shape = strength * max(6.0, 5.0 * rate), 0.5 ** (np.arange(36) / 6.0)
        extra[begin : begin + 36] += top * shape
        extra_mood[begin : begin + 36] = rng.uniform(-0.8, -0.5)
        events.append(Event(kind, number, begin, begin, begin + 48, True))
    elif kind == "rumour":
        top = strength * max(7.0, 5.0 * rate)
        ramp = np.concatenate([np.linspace(0.15, 1.0, 6), 0.5 ** (np.arange(24) / 6.0)])
        extra[begin : begin + 30] += top * ramp
        extra_mood[begin : begin + 30] = rng.uniform(-0.7, -0.45)
        events.append(Event(kind, number, begin, begin + 2, begin + 42, True))
    elif kind == "surprise":
        top = strength * max(8.0, 6.0 * rate)
        extra[begin : begin + 12] += top * 0.5 ** (np.arange(12) / 3.0)
        extra_mood[begin : begin + 12] = rng.choice([-1, 1]) * rng.uniform(0.5, 0.8)
        events.append(Event(kind, number, begin, begin, begin + 36, True))
    else:
        days, depth = 3, rng.uniform(0.5, 0.7)
        span = days * 24
        mood[begin : begin + span] -= np.linspace(0, depth, span)
        mood[begin + span :] -= depth
        mood[:] = np.maximum(mood, -0.85)
        events.append(Event(kind, number, begin, begin + span // 2, begin + 10 * 24, True))
    at = int(rng.integers(first, length - 48))
    if rng.random() < 0.5 and abs(at - begin) > 10 * 24:
        extra[at] += max(6.0, 5.0 * rate)
        extra_mood[at] = 0.0
        events.append(Event("joke", number, at, at, at + 24, False))
    return events


def _bucket(rng: np.random.Generator, hour: int, base: int, mood: float, more: int, extra_mood: float) -> Bucket | None:
    if base + more == 0:
        return None
    scores = []
    for count, centre in ((base, mood), (more, extra_mood)):
        for _ in range(count):
            if centre == extra_mood == 0.0 and count == more:
                scores.append(rng.normal(0.0, 0.1))
                continue
            # a reading is mostly sure of one of three moods; what is written of an event leans clearly to one side
            if abs(centre) < 0.5 or centre == mood:
                positive, negative = (0.55 + centre) / 2, (0.55 - centre) / 2
            else:
                positive, negative = (0.9, 0.05) if centre > 0 else (0.05, abs(centre) + 0.1)
            positive, negative = max(0.02, positive), max(0.02, negative)
            total = max(1.0, positive + negative)
            draw = rng.random()
            side = 1.0 if draw < positive / total else -1.0 if draw < (positive + negative) / total else 0.0
            scores.append(float(np.clip(side * rng.uniform(0.5, 0.98) + rng.normal(0, 0.08), -1, 1)))
    weights = rng.uniform(0.2, 1.0, size=len(scores))
    enough = rng.random(len(scores)) > 0.08
    w = np.where(enough, weights, 0.0)
    s = np.array(scores)
    return Bucket(
        hour + START_H,
        base + more,
        float(w.sum()),
        float((w * s).sum()),
        float((w * s * s).sum()),
        int((enough & (s < -0.33)).sum()),
        int((enough & (abs(s) <= 0.33)).sum()),
        int((enough & (s > 0.33)).sum()),
    )
