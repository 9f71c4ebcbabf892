"""Tell unforeseen change in a series as it comes: no labels, no sampling interval, little memory. Opens no files.

Values are taken to a scale that is linear near zero and logarithmic far away. Over two horizons the detector follows a
level, and another that knows hours and weekdays, and the tails of what strays from them; the second is believed as far
as it foretells better. The score says how much farther out a row lies than what was told of late: z mean excesses make
z / (z + 6), so 0.5 is a row that the fitted tail expects about once in 8,000 (5 % of exp(-6)).
"""

import json
import math
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from statistics import fmean, median
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from apps.finance_sentiment.errors import BadDetectorState, BadObservation
from apps.finance_sentiment.pipeline.detecting_levels import Horizon, Level, Pace, Season

DAY_S = 86_400.0
HALF = 6.0  # mean excesses at which the score is 0.5
LARGEST = 1e100
LEAST_ROWS, MOST_ROWS = 100, 1_500  # before the first score
SEASON_AFTER_DAYS = 8.0  # each hour and each weekday was there
RELEARN = 8  # then what the seasonal level has learnt of its tails counts an eighth
ALARM = 0.47
"""From here on a score is an alarm, for at most one false one a week in 100 series. Chosen on 300 made series of other
seeds than `python -m benchmarks.anomalies --made` measures; NAB's series have a far lower best threshold."""


@dataclass(slots=True)
class Tuning:
    """How long the detector remembers, in days, and the fewest rows that make up for rare ones.

    level, tail: of the level and of the tails;  told: until what was told has faded to 1/e
    told_share: the share of what was told that news must surpass;  horizons: averages over about so many rows
    seasons: whether hours and weekdays are learnt
    """

    level_days: float = 7.0
    level_rows: float = 500.0
    tail_days: float = 14.0
    tail_rows: float = 1_000.0
    told_days: float = 1.0
    told_rows: float = 3.0
    told_share: float = 0.8
    horizons: tuple[int, ...] = (1, 6)
    seasons: bool = True


@dataclass(slots=True)
class Detector:
    """One series' detector. A step takes microseconds; `state()` and `restored()` carry it over a restart.

    waiting: rows before the first score, as (seconds since 1970, value);  unit: where the scale turns logarithmic
    last: time of the last value, seen: of the last row
    interval: usual seconds between rows;  season_known: each hour and weekday was there
    """

    version: Literal[1] = 1
    tuning: Tuning = field(default_factory=Tuning)
    waiting: Annotated[list[tuple[float, float]], Field(max_length=MOST_ROWS)] = field(default_factory=list)
    began: float | None = None
    last: float | None = None
    seen: float | None = None
    unit: Annotated[float, Field(gt=0)] = 1.0
    interval: Annotated[float, Field(gt=0)] = 1.0
    season_known: bool = False
    horizons: list[Horizon] = field(default_factory=list)

    def step(self, time: float, value: float | None) -> float:
        """The anomaly score of this row in [0, 1], from it and the rows before; 0 while too little is known.

        time: seconds since 1970, not before the last;  value: None when it is missing
        raises: BadObservation for a time before the last one and for a value that is no number
        """
        if not math.isfinite(time) or (self.seen is not None and time < self.seen):
            raise BadObservation(f"the time {time} is before the last one, {self.seen}")
        if value is not None and not -LARGEST <= value <= LARGEST:
            raise BadObservation(f"the value {value} is not a number between ±{LARGEST:g}")
        self.seen = time
        if value is None:
            return 0.0
        began = self.began = time if self.began is None else self.began
        if self.horizons:
            news = self._learn(time, value)
            self.last = time
            return news / (news + HALF)
        self.waiting.append((time, value))
        self.last = time
        if len(self.waiting) >= LEAST_ROWS and (time - began >= DAY_S or len(self.waiting) == MOST_ROWS):
            self._begin()
        return 0.0

    def state(self) -> dict[str, Any]:
        """All that it knows, for JSON."""
        return asdict(self)

    @classmethod
    def restored(cls, state: object) -> "Detector":
        """raises: BadDetectorState for what `state()` of this version did not give"""
        try:
            return TypeAdapter(cls).validate_json(json.dumps(state, allow_nan=False))
        except ValidationError as error:
            first = error.errors()[0]
            raise BadDetectorState(".".join(map(str, first["loc"])) or "state", first["msg"]) from error
        except (TypeError, ValueError) as error:
            raise BadDetectorState("state", str(error)) from error

    def _begin(self) -> None:
        """Choose unit and interval from the rows that waited, then learn from these."""
        values = [value for _, value in self.waiting]
        middle = median(values)
        steps = [abs(b - a) for a, b in pairwise(values) if b != a]
        self.unit = max(fmean(abs(value - middle) for value in values), min(steps, default=0.0)) or 1.0
        gaps = [b - a for (a, _), (b, _) in pairwise(self.waiting) if b > a]
        self.interval = median(gaps) if gaps else 1.0
        start = self._scaled(values[0])
        self.horizons = [
            Horizon(rows, values[0], Level(start), Level(start), Season(self._scaled(middle)))
            for rows in self.tuning.horizons
        ]
        self.last, waiting, self.waiting = self.waiting[0][0], self.waiting, []
        for time, value in waiting:
            self._learn(time, value)
            self.last = time

    def _scaled(self, value: float) -> float:
        return math.asinh(value / (2.0 * self.unit))

    def _learn(self, time: float, value: float) -> float:
        """The strongest news of this row over the horizons, in mean excesses."""
        pace = self._pace(time)
        known_days = (time - (self.began or time)) / DAY_S
        if self.tuning.seasons and not self.season_known and known_days >= SEASON_AFTER_DAYS:
            self.season_known = True
            for one in self.horizons:  # what it took for noise before was the season
                one.seasonal.rows //= RELEARN
        most = 0.0
        for one in self.horizons:
            one.average += 2.0 / (one.rows + 1) * (value - one.average)
            scaled = self._scaled(one.average)
            plain = one.plain.step(scaled, pace)
            seasonal = one.seasonal.step(scaled - one.season.usual(time), pace)
            one.season.mean += one.plain.moved
            one.season.learn(scaled, time, one.plain.spread, pace)
            trust = one.trust() if self.season_known else 0.0
            most = max(most, trust * seasonal + (1.0 - trust) * plain)
        return most

    def _pace(self, time: float) -> Pace:
        elapsed = time - (self.last if self.last is not None else time)
        if elapsed > 0.0:  # a running median of the gaps: half a percent up or down
            self.interval *= 1.005 if elapsed > self.interval else 0.995 if elapsed < self.interval else 1.0
        a_day = DAY_S / self.interval
        tuning = self.tuning
        told = max(tuning.told_days * DAY_S, tuning.told_rows * self.interval)
        return Pace(
            level=1.0 / max(tuning.level_days * a_day, tuning.level_rows),
            tail=1.0 / max(tuning.tail_days * a_day, tuning.tail_rows),
            day_bin=1.0 / (14.0 * max(1.0, a_day / 24.0)),
            week_bin=1.0 / (6.0 * max(1.0, a_day)),
            told=tuning.told_share,
            fade=math.exp(-elapsed / told),
            lasting=max(24, int(a_day)),
        )
