"""What is usual for a company: how many documents in an hour of the week, and in which mood. Tells no surprise.

All of it learns as it goes, forgets by half-lives and counts what strays far as less far, so that an event does not
become the usual. A company of which little is known borrows the course of the week from all companies together.
"""

import math
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from pydantic import Field

HOURS, DAYS, WEEK = 24, 7, 168
RATE_HALF_DAYS = 14.0
COURSE_HALF_DAYS = 42.0
MOOD_HALF_DAYS = 60.0
SHRINK_COURSE = 6.0  # documents that speak for the common course
SHRINK_WEEK = 20.0
SHRINK_SPREAD = 25.0
SPREAD, LEAST_SPREAD = 0.5, 0.1  # of counts beyond chance: variance = mean + spread x mean squared
CLIP = 4.0  # standard deviations: what is farther off counts as so far
SHRINK_MOOD = 4.0  # documents
TOLD_COUNTS = 0.25
SHARE = 0.3  # of negative and of positive documents
VARIANCE, LEAST_VARIANCE = 0.25, 0.05  # of one document's score
WANDER, LEAST_WANDER = 0.015, 0.003  # variance of the mood of a day beyond that of its documents
SHRINK_WANDER = 10.0  # days
INDEPENDENT = 0.85  # as many documents count, as they have different weights


def hour_of_week(hour: int) -> int:
    """hour: since 1970;  returns: 0 on Monday at midnight UTC

    >>> hour_of_week(0) // 24  # 1970 began on a Thursday
    3
    """
    return (hour + 72) % WEEK


def _bins(number: int) -> list[float]:
    return [0.0] * number


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a company had in one bucket, as in the archive's hours. hour: of its beginning, since 1970"""

    hour: int
    volume: int = 0
    weight: float = 0.0
    weighted: float = 0.0
    squared: float = 0.0
    negative: int = 0
    neutral: int = 0
    positive: int = 0

    @property
    def documents(self) -> int:
        """Those with a mood."""
        return self.negative + self.neutral + self.positive


class Said(NamedTuple):
    """The mood of a bucket that had any. told: it fell into a time of which was told"""

    hour: int
    weight: float
    weighted: float
    squared: float
    negative: int
    neutral: int
    positive: int
    told: bool

    @property
    def documents(self) -> int:
        """Those with a mood."""
        return self.negative + self.neutral + self.positive


@dataclass(slots=True)
class Course:
    """The week of all companies together. seen, expected: decayed documents in each hour of the week"""

    seen: Annotated[list[float], Field(min_length=WEEK, max_length=WEEK)] = field(default_factory=lambda: _bins(WEEK))
    expected: Annotated[list[float], Field(min_length=WEEK, max_length=WEEK)] = field(
        default_factory=lambda: _bins(WEEK)
    )

    def usual(self, hour: int) -> float:
        """The hour's share of the mean, 1 while nothing is known."""
        at = hour_of_week(hour)
        return (self.seen[at] + SHRINK_WEEK) / (self.expected[at] + SHRINK_WEEK)

    def learn(self, hour: int, seen: float, expected: float) -> None:
        """expected: what the companies' levels alone said"""
        at, keep = hour_of_week(hour), 0.5 ** (7.0 / COURSE_HALF_DAYS)
        self.seen[at] = keep * self.seen[at] + seen
        self.expected[at] = keep * self.expected[at] + expected


@dataclass(slots=True)
class Volume:
    """How many documents one company has in a bucket.

    seen, exposure: decayed documents, and buckets by the weight that the course gives them
    hours, hours_expected (24), days, days_expected (7): its own course of day and week, against the common one
    off, base: decayed squares from which the spread is estimated
    """

    seen: float = 0.0
    exposure: float = 0.0
    hours: Annotated[list[float], Field(min_length=HOURS, max_length=HOURS)] = field(
        default_factory=lambda: _bins(HOURS)
    )
    hours_expected: Annotated[list[float], Field(min_length=HOURS, max_length=HOURS)] = field(
        default_factory=lambda: _bins(HOURS)
    )
    days: Annotated[list[float], Field(min_length=DAYS, max_length=DAYS)] = field(default_factory=lambda: _bins(DAYS))
    days_expected: Annotated[list[float], Field(min_length=DAYS, max_length=DAYS)] = field(
        default_factory=lambda: _bins(DAYS)
    )
    off: float = 0.0
    base: float = 0.0

    @property
    def rate(self) -> float:
        """Documents in a mean bucket; half a document in 48 buckets speaks for a quiet company."""
        return (self.seen + 0.5) / (self.exposure + 48.0)

    @property
    def spread(self) -> float:
        """How much wider than chance counts scatter."""
        return max(LEAST_SPREAD, (self.off + SHRINK_SPREAD * SPREAD) / (self.base + SHRINK_SPREAD))

    def own(self, hour: int) -> tuple[float, float]:
        """Its own factors for the hour of the day and for the weekday."""
        at, day = hour % HOURS, hour_of_week(hour) // HOURS
        return (
            (self.hours[at] + SHRINK_COURSE) / (self.hours_expected[at] + SHRINK_COURSE),
            (self.days[day] + SHRINK_COURSE) / (self.days_expected[day] + SHRINK_COURSE),
        )

    def expected(self, hour: int, common: float) -> float:
        """common: the course's factor"""
        by_hour, by_day = self.own(hour)
        return self.rate * common * by_hour * by_day

    def learn(self, hour: int, seen: int, common: float, bucket_hours: int, *, told: bool) -> float:
        """returns: the documents as they were counted, those far beyond the usual left out

        told: during an event no more than usual counts
        """
        rate, (by_hour, by_day) = self.rate, self.own(hour)
        mean = rate * common * by_hour * by_day
        reach = 0.0 if told else CLIP * math.sqrt(mean + self.spread * mean * mean) + 0.5
        counted = min(float(seen), mean + reach)
        keep = 0.5 ** (bucket_hours / (24.0 * RATE_HALF_DAYS))
        self.seen = keep * self.seen + counted
        self.exposure = keep * self.exposure + common * by_hour * by_day
        at, day = hour % HOURS, hour_of_week(hour) // HOURS
        keep = 0.5 ** (1.0 / COURSE_HALF_DAYS)
        self.hours[at] = keep * self.hours[at] + counted
        self.hours_expected[at] = keep * self.hours_expected[at] + rate * common * by_day
        keep = 0.5 ** (7.0 / COURSE_HALF_DAYS / (HOURS // bucket_hours))
        self.days[day] = keep * self.days[day] + counted
        self.days_expected[day] = keep * self.days_expected[day] + rate * common * by_hour
        keep = 0.5 ** (bucket_hours / (24.0 * COURSE_HALF_DAYS))
        self.off = keep * self.off + (counted - mean) ** 2 - mean
        self.base = keep * self.base + mean * mean
        return counted

    def settle(self, times: float) -> None:
        """Take the level of the last days for the level: so many times the old one."""
        self.seen *= times


@dataclass(slots=True)
class Mood:
    """In which mood one company is spoken of.

    hour: of the last bucket that it has learnt from
    weight, weighted: decayed sums over documents;  off: of their squared distance from the mean
    negative, positive, documents: decayed numbers
    wander_sum, wander_days: decayed squares of what a day's mean strays beyond its documents, and how many days
    day, day_documents, day_weight, day_weighted: sums of the day that is running
    """

    hour: int = 0
    weight: float = 0.0
    weighted: float = 0.0
    off: float = 0.0
    negative: float = 0.0
    positive: float = 0.0
    documents: float = 0.0
    wander_sum: float = 0.0
    wander_days: float = 0.0
    day: int = 0
    day_documents: float = 0.0
    day_weight: float = 0.0
    day_weighted: float = 0.0

    @property
    def mean(self) -> float:
        """The usual score, drawn towards neutral while little is known."""
        return self.weighted / (self.weight + SHRINK_MOOD)

    def usual_share(self, positive: bool) -> float:
        """The usual share of positive documents, or of negative ones."""
        found = self.positive if positive else self.negative
        return min(0.98, max(0.02, (found + SHRINK_MOOD * SHARE) / (self.documents + SHRINK_MOOD)))

    @property
    def alike(self) -> float:
        """Correlation between the moods of two documents of the same day."""
        return self.wander / (self.wander + self.variance)

    @property
    def variance(self) -> float:
        """Of one document's score."""
        return max(LEAST_VARIANCE, (self.off + SHRINK_MOOD * VARIANCE) / (self.weight + SHRINK_MOOD))

    @property
    def wander(self) -> float:
        """Variance of a day's mood beyond that of its documents."""
        return max(LEAST_WANDER, (self.wander_sum + SHRINK_WANDER * WANDER) / (self.wander_days + SHRINK_WANDER))

    def learn(self, said: Said) -> None:
        """What was said while something was told counts a quarter."""
        keep = 0.5 ** ((said.hour - self.hour) / (24.0 * MOOD_HALF_DAYS)) if self.hour else 1.0
        self.hour = said.hour
        mean, variance = self.mean, self.variance
        self.weight, self.weighted, self.off = keep * self.weight, keep * self.weighted, keep * self.off
        self.negative, self.positive = keep * self.negative, keep * self.positive
        self.documents = keep * self.documents
        if said.hour // HOURS != self.day:
            self._end_day(mean, variance)
            self.day = said.hour // HOURS
        share = TOLD_COUNTS if said.told else 1.0
        self.weight += share * said.weight
        self.weighted += share * said.weighted
        self.off += share * max(0.0, said.squared - 2.0 * mean * said.weighted + mean * mean * said.weight)
        self.negative += share * said.negative
        self.positive += share * said.positive
        self.documents += share * said.documents
        self.day_documents += share * said.documents
        self.day_weight += share * said.weight
        self.day_weighted += share * said.weighted

    def _end_day(self, mean: float, variance: float) -> None:
        keep = 0.5 ** (1.0 / MOOD_HALF_DAYS)
        self.wander_sum, self.wander_days = keep * self.wander_sum, keep * self.wander_days
        if self.day_documents >= 1.0 and self.day_weight > 0.0:
            expected = variance / (INDEPENDENT * self.day_documents)
            off = min((self.day_weighted / self.day_weight - mean) ** 2, CLIP * CLIP * (expected + self.wander))
            share = self.day_documents / (self.day_documents + 4.0)  # a day of one document says little
            self.wander_sum += share * (off - expected)
            self.wander_days += share
        self.day_documents = self.day_weight = self.day_weighted = 0.0

    def settle(self, mean: float, negative: float, positive: float) -> None:
        """Take the mood of the last days for the usual one. negative, positive: shares"""
        self.weighted = mean * (self.weight + SHRINK_MOOD)
        self.negative = negative * (self.documents + SHRINK_MOOD) - SHRINK_MOOD * SHARE
        self.positive = positive * (self.documents + SHRINK_MOOD) - SHRINK_MOOD * SHARE
