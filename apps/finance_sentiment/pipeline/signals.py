"""Tell unforeseen change of one company's volume and mood, bucket by bucket, from what came before. Opens nothing.

Volume is told by a negative binomial around what is usual in this hour of the week, mood by a bound on how far a mean
of so many scores can stray; both over the last one to 48 hours, so that what breaks at once and what builds up are
both seen. What is unusual in both at once needs to be less so in each. A burst of documents in no unusual mood is
told only when it lasts into the next bucket: most of these are a joke or a date in the calendar.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from apps.finance_sentiment.errors import BadDetectorState
from apps.finance_sentiment.pipeline.signal_levels import Bucket, Course, Mood, Said, Volume
from apps.finance_sentiment.pipeline.signal_tails import count_surprise, share_surprise
from apps.finance_sentiment.pipeline.signal_verdicts import Change, Tuning, Verdict

Saved = TypeVar("Saved")

WINDOWS_H = (1, 2, 4, 8, 24, 48, 96, 168, 336)
SHORT_H, SLOW_H, SLOW_TO_H = 4, 24, 96
ALIKE_H = 96
SETTLES_H, SETTLES_BY = 96, 8  # documents
VOLUME_WINDOWS_H = 8  # beyond that a level has changed, which is learnt and not told
MOODS_KEPT_H = WINDOWS_H[-1]
LEARNT_AFTER_H = 12
"""What begins now must not have changed the usual by the time it can be told."""
KEPT_H = 2 * LEARNT_AFTER_H


class Past(NamedTuple):
    """The volume of a bucket of late. expected: documents;  common: the course's factor;  learn: whether to learn it"""

    hour: int
    volume: int
    expected: float
    common: float
    learn: bool


@dataclass(slots=True)
class Follower:
    """Follows one company. A step takes some ten microseconds; `state()` and `restored()` carry it over a restart.

    recent: buckets of the last day, the newest last;  moods: those of two weeks that had any
    buckets: how many it has seen;  after: the hour up to which all was told when the last alarm ended
    is_slow: what is open turned over days;  open_for, calm_for: buckets
    peak: the most that was told of late, decades above the alarm;  burst_before: of volume, in the bucket before
    """

    version: Literal[1] = 1
    bucket_hours: Annotated[int, Field(ge=1, le=24)] = 1
    volume: Volume = field(default_factory=Volume)
    mood: Mood = field(default_factory=Mood)
    recent: Annotated[list[Past], Field(max_length=KEPT_H)] = field(default_factory=list)
    moods: Annotated[list[Said], Field(max_length=MOODS_KEPT_H)] = field(default_factory=list)
    buckets: int = 0
    after: int = -1
    is_open: bool = False
    is_slow: bool = False
    open_for: int = 0
    calm_for: int = 0
    peak: float = 0.0
    burst_before: float = 0.0

    def expected(self, hour: int, course: Course) -> float:
        """Documents that are usual in the bucket that begins at this hour."""
        return self.volume.expected(hour, course.usual(hour))

    def step(self, bucket: Bucket, course: Course, market: float, tuning: Tuning, *, learn: bool = True) -> Verdict:
        """Judge a finished bucket by those before it, then learn from it.

        market: how many times the usual all other companies have now, at least 1
        learn: False where nothing came for anybody, because sources were away
        """
        common = course.usual(bucket.hour)
        expected = self.volume.expected(bucket.hour, common) * market
        self.recent.append(Past(bucket.hour, bucket.volume, expected, common, learn))
        del self.recent[: -KEPT_H // self.bucket_hours]
        if bucket.documents:
            self.moods.append(
                Said(
                    bucket.hour,
                    bucket.weight,
                    bucket.weighted,
                    bucket.squared,
                    bucket.negative,
                    bucket.neutral,
                    bucket.positive,
                    self.is_open,
                )
            )
        self.buckets += 1
        self.peak *= 0.5 ** (self.bucket_hours / tuning.fade_hours)
        verdict = self._judge(bucket, tuning)
        self._learn(bucket.hour)
        return verdict

    def state(self) -> dict[str, Any]:
        """All that it knows, for JSON."""
        found: dict[str, Any] = _FOLLOWER.dump_python(self)
        return found

    @classmethod
    def restored(cls, state: object) -> "Follower":
        """raises: BadDetectorState for what `state()` of this version did not give"""
        return _restored(_FOLLOWER, state)

    def _judge(self, bucket: Bucket, tuning: Tuning) -> Verdict:
        if not self.is_open and bucket.volume == 0 and bucket.weight == 0.0:
            self.burst_before = 0.0
            return Verdict(None, _NOTHING)
        changes = self._changes(tuning)
        most = max(changes, key=lambda one: one.surprise)
        burst, before = changes[0].volume_surprise, self.burst_before
        self.burst_before = burst
        if self.is_open:
            return self._go_on(most, changes, tuning)
        if self.buckets * self.bucket_hours < 24.0 * tuning.known_days:
            return Verdict(None, most)
        alarm = tuning.both + self.peak
        both = [one for one in changes if one.mood_surprise >= tuning.mood and one.surprise >= alarm]
        if both:
            return self._open(max(both, key=lambda one: one.surprise), tuning)
        slow = [one for one in changes if one.hours >= SLOW_H and one.mood_surprise >= tuning.slow + self.peak]
        slow = [one for one in slow if one.mood is not None and abs(one.mood - one.usual) >= tuning.slow_shift]
        if slow:
            self.is_slow = True
            return self._open(max(slow, key=lambda one: one.mood_surprise), tuning)
        if burst >= tuning.burst + self.peak and before >= tuning.lasting:
            return self._open(changes[1] if len(changes) > 1 else changes[0], tuning)
        if before >= tuning.burst + self.peak and burst >= tuning.lasting:
            return self._open(changes[1] if len(changes) > 1 else changes[0], tuning)
        return Verdict(None, most)

    def _open(self, change: Change, tuning: Tuning) -> Verdict:
        self.is_open, self.open_for, self.calm_for = True, 0, 0
        self.peak = max(self.peak, change.surprise - tuning.both, 0.0)
        return Verdict("opened", change)

    def _go_on(self, most: Change, changes: list[Change], tuning: Tuning) -> Verdict:
        self.open_for += 1
        self.peak = max(self.peak, min(4.0, most.surprise - tuning.both))
        # what broke at once is over when the last hours are calm; the days before still hold it
        reach = SLOW_TO_H if self.is_slow else SHORT_H
        late = [one for one in changes if one.hours <= max(reach, self.bucket_hours)]
        is_calm = all(one.surprise < (tuning.calm if one.hours < SLOW_H else tuning.slow_calm) for one in late)
        self.calm_for = self.calm_for + 1 if is_calm else 0
        if self.open_for * self.bucket_hours >= 24 * tuning.lasts_days:
            return self._end("usual", most)
        if self.calm_for * self.bucket_hours >= tuning.calm_hours:
            return self._end("calm", most)
        return Verdict("lasts", most)

    def _end(self, why: Literal["calm", "usual"], change: Change) -> Verdict:
        if why == "usual":
            self._settle()
        self.is_open = self.is_slow = False
        self.open_for, self.calm_for, self.after = 0, 0, self.recent[-1].hour
        return Verdict("closed", change, why)

    def _settle(self) -> None:
        volume, expected = sum(one.volume for one in self.recent), sum(one.expected for one in self.recent)
        if volume > expected > 0.0:
            self.volume.settle(min(4.0, volume / expected))
        late = [one for one in self.moods if one.hour > self.recent[-1].hour - SETTLES_H]
        weight, documents = (
            sum(one.weight for one in late),
            sum(one.negative + one.neutral + one.positive for one in late),
        )
        if documents >= SETTLES_BY and weight > 0.0:
            negative, positive = sum(one.negative for one in late), sum(one.positive for one in late)
            mean = sum(one.weighted for one in late) / weight
            self.mood.settle(mean, negative / documents, positive / documents)
            self.mood.hour = self.recent[-1].hour  # what lies before is not the usual any more

    def _learn(self, hour: int) -> None:
        """Learn from what lies long enough back, of the mood the longer, the more is known."""
        back = 1 + LEARNT_AFTER_H // self.bucket_hours
        if len(self.recent) >= back and (past := self.recent[-back]).learn:
            self.volume.learn(past.hour, past.volume, past.common, self.bucket_hours, told=self.is_open)
        known = self.buckets * self.bucket_hours
        lag = min(MOODS_KEPT_H, max(LEARNT_AFTER_H, known // 4))
        for said in self.moods:
            if said.hour > hour - lag:
                break
            if said.hour > self.mood.hour:
                self.mood.learn(said)
        while self.moods and self.moods[0].hour <= hour - MOODS_KEPT_H:
            del self.moods[0]

    def _changes(self, tuning: Tuning) -> list[Change]:
        """One for each window, the shortest first; those that would reach into what was told end there."""
        now, told = self.recent[-1].hour + self.bucket_hours, self.after + self.bucket_hours
        changes: list[Change] = []
        at, weight, weighted, negative, neutral, positive = len(self.moods), 0.0, 0.0, 0, 0, 0
        for window in WINDOWS_H:
            if window < self.bucket_hours or window % self.bucket_hours:
                continue
            hours = min(window, now - told) if self.after >= 0 else window
            while at and self.moods[at - 1].hour >= now - hours:
                at -= 1
                said = self.moods[at]
                weight, weighted = weight + said.weight, weighted + said.weighted
                negative, neutral, positive = negative + said.negative, neutral + said.neutral, positive + said.positive
            volume: int | None = None
            expected: float | None = None
            of_volume = 0.0
            if hours <= max(VOLUME_WINDOWS_H, self.bucket_hours):
                late = self.recent[-(hours // self.bucket_hours) :]
                volume, expected = sum(one.volume for one in late), sum(one.expected for one in late)
                if volume >= 2:
                    of_volume = min(tuning.cap, count_surprise(volume, max(expected, 1e-6), self.volume.spread))
            mood = weighted / weight if weight > 0.0 else None
            of_mood = self._of_mood(mood, negative, neutral, positive, hours, tuning)
            documents = negative + neutral + positive
            changes.append(Change(hours, volume, expected, mood, self.mood.mean, documents, of_volume, of_mood))
            if hours < window:
                break
        return changes

    def _of_mood(
        self, mood: float | None, negative: int, neutral: int, positive: int, hours: int, tuning: Tuning
    ) -> float:
        documents = negative + neutral + positive
        if mood is None or documents < tuning.evidence or abs(mood - self.mood.mean) < tuning.shift:
            return 0.0
        better = mood > self.mood.mean
        # the mood wanders for days on end: only what is many days apart tells of it anew
        alike = max(1e-4, self.mood.alike / max(1.0, hours / ALIKE_H) ** 0.5)
        usual = self.mood.usual_share(better)
        return min(tuning.cap, share_surprise(positive if better else negative, documents, usual, alike))


_FOLLOWER = TypeAdapter(Follower)
_COURSE = TypeAdapter(Course)
_NOTHING = Change(1, 0, 0.0, None, 0.0, 0, 0.0, 0.0)


def course_state(course: Course) -> dict[str, Any]:
    """All that a course knows, for JSON."""
    return asdict(course)


def restored_course(state: object) -> Course:
    """raises: BadDetectorState for what `course_state` did not give"""
    return _restored(_COURSE, state)


def _restored(adapter: "TypeAdapter[Saved]", state: object) -> Saved:
    try:
        return adapter.validate_json(json.dumps(state, allow_nan=False))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadDetectorState(".".join(map(str, first["loc"])) or "state", first["msg"]) from error
    except (TypeError, ValueError) as error:
        raise BadDetectorState("state", str(error)) from error
