"""How the supervisor's figures read: their names, what each is of, and how they changed. Speaks to no API."""

from __future__ import annotations

from dataclasses import dataclass

from apps.customer_service.schemas.insights import FigureName, FigureOverTime, FirstReplies, Ratings, Summary
from ui.moments import duration

NONE = "none"  # where there is nothing to take a figure from


@dataclass(frozen=True)
class Shown:
    """One figure on the page. change: against the period before, with its unit; None where there was nothing

    better: whether more of it is better, None where neither is;  explained: what exactly is counted
    """

    name: FigureName
    title: str
    value: str
    of: str
    change: str | None
    better: bool | None
    explained: str


_WORDS: dict[FigureName, tuple[str, bool | None, str]] = {
    "coverage": ("Answered at least once", True, "Chats in which the desk itself answered at least one question."),
    "containment": ("Without a person", True, "Chats in which no person was asked for, took it, or wrote."),
    "autonomous_resolution": (
        "Resolved by the desk",
        True,
        "Chats without a person in which the desk's last word was an answer that nobody called bad, that were closed "
        "or in which the customer has been quiet since, and that were not opened again soon after.",
    ),
    "handoff": ("With a person", None, "Chats in which a person was asked for, took it, or wrote."),
    "rated": ("Customers' rating", True, "Mean of the ratings from 1 to 5."),
    "answered_by_a_person": (
        "A person's first reply",
        False,
        "Median time from when a person was asked for to the first thing a person wrote.",
    ),
    "waiting": ("Waiting now", False, "Chats of the period whose customer waits for a person now."),
}


def shown(summary: Summary) -> list[Shown]:
    """The figures in the order of the page."""
    return [_shown(summary, figure) for figure in summary.figures]


def percent(share: float | None) -> str:
    """
    >>> percent(0.456), percent(None)
    ('46 %', 'none')
    """
    return NONE if share is None else f"{100 * share:.0f} %"


def _shown(summary: Summary, figure: FigureOverTime) -> Shown:
    title, better, explained = _WORDS[figure.name]
    of = f"{figure.numerator:,} of {figure.denominator:,} chats"
    if figure.name == "rated":
        return Shown(figure.name, title, *_rating(summary.ratings, summary.ratings_before), better, explained)
    if figure.name == "answered_by_a_person":
        replies = _replies(summary.first_replies, summary.first_replies_before)
        return Shown(figure.name, title, *replies, better, explained)
    if figure.name == "waiting":
        longest = f"{of}; the longest {duration(summary.longest_wait_s)}" if summary.longest_wait_s is not None else of
        return Shown(figure.name, title, f"{figure.numerator:,}", longest, None, better, explained)
    change = None
    if figure.share is not None and figure.before.share is not None:
        change = f"{100 * (figure.share - figure.before.share):+.0f} points, from {percent(figure.before.share)}"
    if figure.low is not None and figure.high is not None:
        of += f"; {percent(figure.low)} to {percent(figure.high)}"
    return Shown(figure.name, title, percent(figure.share), of, change, better, explained)


def _rating(now: Ratings, before: Ratings) -> tuple[str, str, str | None]:
    value = NONE if now.mean is None else f"{now.mean:.1f} of 5"
    change = None
    if now.mean is not None and before.mean is not None:
        change = f"{now.mean - before.mean:+.1f}, from {before.mean:.1f}"
    return value, f"{now.n:,} of {now.denominator:,} chats rated", change


def _replies(now: FirstReplies, before: FirstReplies) -> tuple[str, str, str | None]:
    of = f"{now.n:,} of {now.denominator:,} chats with a person"
    if now.median_s is None or now.p90_s is None:
        return NONE, of, None
    change = None
    if before.median_s is not None:
        later = now.median_s - before.median_s
        change = f"{'-' if later < 0 else '+'}{duration(abs(later))}, from {duration(before.median_s)}"
    return duration(now.median_s), f"{of}; nine of ten within {duration(now.p90_s)}", change
