"""All companies side by side: what moves them all at once is nobody's signal. Opens nothing; a backtest uses it too."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.finance_sentiment.pipeline.signal_levels import Bucket, Course
from apps.finance_sentiment.pipeline.signal_verdicts import Tuning, Verdict
from apps.finance_sentiment.pipeline.signals import Follower

ENOUGH = 8.0  # usual documents of all others: below that they say nothing of the market
AWAY = 0.1  # of the usual: then sources were away, and nothing is learnt
QUIET_ENOUGH = 12.0


@dataclass
class Panel:
    """The companies of an archive by id, and their common course of the week. bucket_hours: divides 24"""

    bucket_hours: int = 1
    tuning: Tuning = field(default_factory=Tuning)
    course: Course = field(default_factory=Course)
    followers: dict[str, Follower] = field(default_factory=dict)

    def step(self, hour: int, buckets: Mapping[str, Bucket]) -> dict[str, Verdict]:
        """Judge one finished bucket of every company, from what came before it.

        hour: of the bucket's beginning, since 1970;  buckets: of those companies that had anything
        returns: a verdict for each company that is followed; those that are new are followed from here on
        """
        for entity in buckets:
            if entity not in self.followers:
                self.followers[entity] = Follower(bucket_hours=self.bucket_hours)
        empty = Bucket(hour)
        usual = {entity: follower.expected(hour, self.course) for entity, follower in self.followers.items()}
        counted = {entity: min(float(bucket.volume), 4.0 * usual[entity] + 2.0) for entity, bucket in buckets.items()}
        expected, seen = sum(usual.values()), sum(counted.values())
        away = expected >= QUIET_ENOUGH and seen < AWAY * expected
        verdicts = {}
        for entity, follower in self.followers.items():
            others = expected - usual[entity]
            market = 1.0
            if others >= ENOUGH:
                market = max(1.0, (seen - counted.get(entity, 0.0)) / others)
            bucket = buckets.get(entity, empty)
            verdicts[entity] = follower.step(bucket, self.course, market, self.tuning, learn=not away)
        if not away:
            common = self.course.usual(hour)
            self.course.learn(hour, seen, expected / common)
        return verdicts
