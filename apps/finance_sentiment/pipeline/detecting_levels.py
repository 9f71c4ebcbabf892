"""What a series is expected to be: a robust running level, without or with the usual course of hours and weekdays."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from apps.finance_sentiment.pipeline.detecting_tails import Tail

LEVEL = 0.9  # the level is the running 90 % quantile: of .5, .75 and .9 on NAB 71.9, 72.2 and 73.6 on average
LEAST_SPREAD = 0.05
CLIP = 4.0  # spreads: what is farther off counts as so far


@dataclass(slots=True)
class Pace:
    """How fast to learn in this row.

    level, tail: shares of the new;  day_bin, week_bin: the least share of the new in a bin of hour or weekday
    told: the share of what was told that is no news;  fade: of what was told, since the row before
    lasting: rows after which a changed level is the level
    """

    level: float
    tail: float
    day_bin: float
    week_bin: float
    told: float
    fade: float
    lasting: int


@dataclass(slots=True)
class Level:
    """A running level with its spread, its tails and how well it has foretold.

    moved: by how much the last row made a lasting change the level (it was told when it began), mostly 0
    rows: how many it has learnt from;  loss: decayed pinball loss of the 90 % quantile, in the values' own scale
    """

    centre: float
    rows: int = 0
    spread: float = 0.3
    loss: float = 0.0
    moved: float = 0.0
    up: Tail = field(default_factory=Tail)
    down: Tail = field(default_factory=Tail)

    def step(self, value: float, pace: Pace) -> float:
        """The new excess of this value on either side, in mean excesses. Learns from it afterwards."""
        residual = value - self.centre
        size = min(abs(residual), CLIP * self.spread)
        self.rows += 1
        first = 1.0 / (self.rows + 1)  # of few rows, each counts alike
        memory, step = max(pace.tail, first), 2.0 * self.spread * max(pace.level, first)
        news = max(
            self.up.step(residual, step, memory, pace.told, pace.fade),
            self.down.step(-residual, step, memory, pace.told, pace.fade),
        )
        self.loss += memory * (size * (LEVEL if residual > 0.0 else 1.0 - LEVEL) - self.loss)
        self.spread = max(LEAST_SPREAD, self.spread + memory * (size - self.spread))
        self.centre += step * LEVEL if residual > 0.0 else -step * (1.0 - LEVEL)
        self.moved = 0.0
        if self.up.run >= pace.lasting:
            self.moved = self.up.settle()
        elif self.down.run >= pace.lasting:
            self.moved = -self.down.settle()
        self.centre += self.moved
        return news


@dataclass(slots=True)
class Season:
    """The usual differences between hours of the day and between weekdays, in UTC.

    mean: slow mean of the values;  hours (24), weekdays (7): differences from it;  seen: rows in each bin, hours first
    """

    mean: float
    hours: Annotated[list[float], Field(min_length=24, max_length=24)] = field(default_factory=lambda: [0.0] * 24)
    weekdays: Annotated[list[float], Field(min_length=7, max_length=7)] = field(default_factory=lambda: [0.0] * 7)
    seen: Annotated[list[int], Field(min_length=31, max_length=31)] = field(default_factory=lambda: [0] * 31)

    def usual(self, time: float) -> float:
        """time: seconds since 1970"""
        return self.hours[int(time // 3600) % 24] + self.weekdays[int(time // 86400) % 7]

    def learn(self, value: float, time: float, spread: float, pace: Pace) -> None:
        """Move this hour's and this weekday's difference towards the value; outliers count as four spreads."""
        hour, day = int(time // 3600) % 24, int(time // 86400) % 7
        left = value - self.mean - self.hours[hour] - self.weekdays[day]
        left = max(-CLIP * spread, min(CLIP * spread, left))
        self.seen[hour] += 1
        self.seen[24 + day] += 1
        self.hours[hour] += max(pace.day_bin, 1.0 / (self.seen[hour] + 1)) * left
        self.weekdays[day] += max(pace.week_bin, 1.0 / (self.seen[24 + day] + 24)) * left
        self.mean += pace.level * left


@dataclass(slots=True)
class Horizon:
    """The series, averaged over about so many rows, with a level that knows no seasons and one that does."""

    rows: int
    average: float
    plain: Level
    seasonal: Level
    season: Season

    def trust(self) -> float:
        """How much the seasonal level is believed, in [0, 1]: twice the share of the loss that it saves.

        Believed in full or not at all, NAB's score was 77 to 71 or 85; the mean of both, 83.
        """
        if self.plain.loss <= 0.0:
            return 0.0
        return min(1.0, max(0.0, 2.0 * (1.0 - self.seasonal.loss / self.plain.loss)))
