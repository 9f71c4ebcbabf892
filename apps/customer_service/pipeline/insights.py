"""The supervisor's figures over one cohort, each with numerator, denominator and the period before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args

import numpy as np

from apps.customer_service.pipeline.listing import page_of
from apps.customer_service.schemas.conversations import ConversationDetail
from apps.customer_service.schemas.insights import (
    FigureName,
    FigureOverTime,
    FirstReplies,
    Period,
    Ratings,
    Reason,
    Share,
    Side,
    Summary,
)
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store import insights
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.insights import Cohort
from core.errors import Invalid
from core.evaluation.intervals import Share as Counted
from core.paging import Page

FIGURES: tuple[FigureName, ...] = get_args(FigureName)
USUAL = timedelta(days=28)
LONGEST = timedelta(days=3_660)


class NoPeriod(Invalid):
    """A period that ends before it begins, or is longer than anybody looks at."""

    def __init__(self) -> None:
        super().__init__(
            f"the period does not fit: `from` must be before `to`, by at most {LONGEST.days} days",
            remedy="correct one of the two",
        )


class NotOfThisFigure(Invalid):
    """A reason or a score where it says nothing."""

    def __init__(self) -> None:
        super().__init__(
            "`reason` goes with the figure handoff and `score` with rated",
            remedy="leave it out, or choose the other figure",
        )


@dataclass(frozen=True)
class _Taken:
    """What was counted of one cohort."""

    counts: Mapping[FigureName, tuple[int, int]]
    scores: Mapping[int, int]
    reasons: Mapping[str, int]
    first_replies_s: Sequence[float]
    waiting_since: datetime | None


def cohort_of(
    now: datetime,
    settings: SupportSettings,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    collection: str | None = None,
    previews: bool = False,
) -> Cohort:
    """The conversations that are asked about: of the last 28 days unless told otherwise.

    raises: NoPeriod
    """
    end = end or now
    try:
        start = start or end - USUAL
        if not timedelta(0) < end - start <= LONGEST:
            raise NoPeriod
        _ = start - (end - start), end + timedelta(days=settings.reopened_within_days)
    except OverflowError:
        raise NoPeriod from None
    return Cohort(
        start,
        end,
        now,
        reopened_within=timedelta(days=settings.reopened_within_days),
        quiet_after=timedelta(hours=settings.quiet_after_hours),
        collection=collection,
        previews=previews,
    )


def summary(conversations: Conversations, cohort: Cohort) -> Summary:
    """All figures, and those of the equally long period before."""
    length = cohort.end - cohort.start
    earlier = replace(cohort, start=cohort.start - length, end=cohort.start)
    now, before = _take(conversations, cohort), _take(conversations, earlier)
    return Summary(
        period=Period(start=cohort.start, end=cohort.end),
        before=Period(start=earlier.start, end=earlier.end),
        collection=cohort.collection,
        as_of=cohort.now,
        settles_at=cohort.end + cohort.reopened_within,
        reopened_within_days=cohort.reopened_within / timedelta(days=1),
        quiet_after_hours=cohort.quiet_after / timedelta(hours=1),
        chats=now.counts["coverage"][1],
        chats_before=before.counts["coverage"][1],
        figures=[
            FigureOverTime(name=name, before=share(*before.counts[name]), **share(*now.counts[name]).model_dump())
            for name in FIGURES
        ],
        ratings=_ratings(now),
        ratings_before=_ratings(before),
        first_replies=_first_replies(now),
        first_replies_before=_first_replies(before),
        longest_wait_s=(cohort.now - now.waiting_since).total_seconds() if now.waiting_since else None,
        reasons=[
            Reason(reason=name, n=n, denominator=now.counts["handoff"][0], before=before.reasons.get(name, 0))
            for name, n in sorted(now.reasons.items(), key=lambda each: (-each[1], each[0]))
        ],
    )


def chats(
    conversations: Conversations,
    cohort: Cohort,
    figure: FigureName,
    side: Side,
    *,
    reason: str | None,
    score: int | None,
    cursor: str | None,
    limit: int,
) -> Page[ConversationDetail]:
    """The very conversations behind a figure, the newest first.

    raises: NotOfThisFigure, BadCursor
    """
    if (reason is not None and figure != "handoff") or (score is not None and figure != "rated"):
        raise NotOfThisFigure
    return page_of(conversations, cohort.behind(figure, side, reason=reason, score=score), cursor, limit)


def share(numerator: int, denominator: int) -> Share:
    """
    >>> share(8, 10).share, share(0, 0).share
    (0.8, None)
    """
    counted = Counted(numerator, denominator)
    low, high = counted.interval()
    known = denominator > 0
    return Share(
        numerator=numerator,
        denominator=denominator,
        share=round(counted.value, 4) if known else None,
        low=round(low, 4) if known else None,
        high=round(high, 4) if known else None,
    )


def _take(conversations: Conversations, cohort: Cohort) -> _Taken:
    with conversations.database.session() as session:
        return _Taken(
            insights.count(session, cohort, FIGURES),
            insights.scores(session, cohort),
            insights.reasons(session, cohort),
            insights.first_replies_s(session, cohort),
            insights.waiting_since(session, cohort),
        )


def _ratings(taken: _Taken) -> Ratings:
    n = sum(taken.scores.values())
    total = sum(score * given for score, given in taken.scores.items())
    return Ratings(
        n=n,
        denominator=taken.counts["rated"][1],
        mean=round(total / n, 3) if n else None,
        distribution={score: taken.scores.get(score, 0) for score in range(1, 6)},
    )


def _first_replies(taken: _Taken) -> FirstReplies:
    seconds = taken.first_replies_s
    median, p90 = np.percentile(seconds, [50, 90]).tolist() if seconds else (None, None)
    return FirstReplies(n=len(seconds), denominator=taken.counts["answered_by_a_person"][1], median_s=median, p90_s=p90)
