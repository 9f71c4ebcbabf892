"""Which conversations stand behind each of the supervisor's figures, as conditions in SQL; counting with the same ones.

A figure and the list behind it use one condition, so they cannot differ. All of them are true or false of the
conversation as it stands at `now`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, extract, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from apps.customer_service.schemas.insights import FigureName, Side
from apps.customer_service.store.feedback import FeedbackRow
from apps.customer_service.store.tables import ConversationRow, EntryRow

Condition = ColumnElement[bool]

PREVIEW = "preview"  # channel of the chats that the desk's own page makes
NO_REASON = "unknown"


@dataclass(frozen=True)
class Cohort:
    """Conversations that began in a period and in which a customer asked something.

    start, end: of the period, the end not included;  collection: None for all
    now: when the figures are taken;  reopened_within: coming back so soon means that it was not resolved
    quiet_after: a customer of the desk itself who has not written for so long has what they came for
    previews: whether the chats that the desk's own page makes count
    """

    start: datetime
    end: datetime
    now: datetime
    reopened_within: timedelta
    quiet_after: timedelta
    collection: str | None = None
    previews: bool = False

    def conditions(self) -> list[Condition]:
        """What makes a conversation belong here."""
        conditions = [
            ConversationRow.created_at >= self.start,
            ConversationRow.created_at < self.end,
            asked_something(),
        ]
        return [*conditions, *self.sources()]

    def sources(self) -> list[Condition]:
        """Where a conversation must come from, whenever it began."""
        conditions: list[Condition] = []
        if self.collection is not None:
            conditions.append(ConversationRow.collection == self.collection)
        if not self.previews:
            conditions.append(ConversationRow.channel != PREVIEW)
        return conditions

    def counted(self, figure: FigureName) -> Condition:
        """What makes a conversation count for a figure."""
        match figure:
            case "coverage":
                return covered()
            case "containment":
                return not_(had_a_person())
            case "autonomous_resolution":
                return resolved_alone(self)
            case "handoff":
                return had_a_person()
            case "rated":
                return ConversationRow.csat.is_not(None)
            case "answered_by_a_person":
                return and_(had_a_person(), ConversationRow.first_reply_at.is_not(None))
            case "waiting":
                return and_(had_a_person(), ConversationRow.state.in_(("queued", "reopened")))

    def measured(self, figure: FigureName) -> Condition:
        """Among which conversations of the cohort a figure is taken."""
        return had_a_person() if figure in {"answered_by_a_person", "waiting"} else true()

    def behind(
        self, figure: FigureName, side: Side, *, reason: str | None = None, score: int | None = None
    ) -> list[Condition]:
        """Conditions of the list behind a figure. reason: of the handoff;  score: of the customer's rating"""
        conditions = [*self.conditions(), self.measured(figure)]
        if side != "all":
            counted = self.counted(figure)
            conditions.append(counted if side == "counted" else not_(counted))
        if reason is not None:
            conditions.append(func.coalesce(ConversationRow.reason, NO_REASON) == reason)
        if score is not None:
            conditions.append(ConversationRow.csat == score)
        return conditions


def asked_something() -> Condition:
    """A customer asked something: the desk replied as to a question, did not reply (yet), or a person came into it."""
    replied = _said(EntryRow.role == "bot", is_question())
    silent = or_(ConversationRow.pending.is_not(None), not_(_said(EntryRow.role == "bot")))
    return and_(_said(EntryRow.role == "customer"), or_(replied, silent, had_a_person()))


def is_question() -> Condition:
    """Of a reply: it is to a question, not to small talk, to the wish for a person or to what nobody can read."""
    return _kind(EntryRow) == "question"


def covered() -> Condition:
    """The desk itself answered at least one question."""
    return _said(EntryRow.role == "bot", _action() == "answer", is_question())


def had_a_person() -> Condition:
    """A person was asked for, took it, or wrote."""
    asked = ConversationRow.handed_over_at.is_not(None)
    return or_(asked, ConversationRow.assigned_at.is_not(None), _said(EntryRow.role == "agent"))


def resolved_alone(cohort: Cohort) -> Condition:
    """The desk's last word but small talk was an answer that nobody called bad; no person; it is over, stayed so."""
    last = aliased(EntryRow)
    by_desk = (last.kind == "message", last.role == "bot", _kind(last) != "small_talk")
    newest = (
        select(func.max(last.number))
        .where(last.conversation_id == ConversationRow.id, *by_desk)
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    bad = (
        exists()
        .where(
            FeedbackRow.conversation_id == ConversationRow.id, FeedbackRow.thumb == "down", FeedbackRow.number >= newest
        )
        .correlate(ConversationRow)
    )
    quiet = and_(
        ConversationRow.state == "bot",
        ConversationRow.pending.is_(None),
        ConversationRow.customer_at <= cohort.now - cohort.quiet_after,
    )
    return and_(
        not_(had_a_person()),
        _said(EntryRow.role == "bot", _action() == "answer", is_question(), EntryRow.number == newest),
        not_(bad),
        or_(ConversationRow.state == "resolved", quiet),
        not_(_came_back(cohort.reopened_within)),
    )


def _came_back(within: timedelta) -> Condition:
    """It was resolved, and opened again so soon."""
    closed, opened = aliased(EntryRow), aliased(EntryRow)
    apart_s = extract("epoch", opened.created_at) - extract("epoch", closed.created_at)
    return (
        exists()
        .where(
            closed.conversation_id == ConversationRow.id,
            opened.conversation_id == ConversationRow.id,
            closed.kind == "state",
            opened.kind == "state",
            closed.data["after"].as_string() == "resolved",
            opened.data["before"].as_string() == "resolved",
            closed.number < opened.number,
            apart_s <= within.total_seconds(),
        )
        .correlate(ConversationRow)
    )


def _said(*what: Condition) -> Condition:
    own = EntryRow.conversation_id == ConversationRow.id
    return exists().where(own, EntryRow.kind == "message", *what).correlate(ConversationRow)


def _action() -> ColumnElement[str]:
    action: ColumnElement[str] = EntryRow.data["action"].as_string()
    return action


def _kind(entry: type[EntryRow]) -> ColumnElement[str]:
    """What a reply was to; those that were written before this was kept were all to questions."""
    return func.coalesce(entry.data["kind"].as_string(), "question")


def count(session: Session, cohort: Cohort, figures: Sequence[FigureName]) -> dict[FigureName, tuple[int, int]]:
    """Numerator and denominator of each figure, in one look."""
    asked = []
    for figure in figures:
        measured, counted = cohort.measured(figure), cohort.counted(figure)
        asked += [_number_of(and_(measured, counted)), _number_of(measured)]
    row = session.execute(select(*asked).select_from(ConversationRow).where(*cohort.conditions())).one()
    return {figure: (int(row[2 * at]), int(row[2 * at + 1])) for at, figure in enumerate(figures)}


def scores(session: Session, cohort: Cohort) -> dict[int, int]:
    """How many customers gave each score."""
    rated = select(ConversationRow.csat, func.count()).where(*cohort.behind("rated", "counted"))
    counted = session.execute(rated.group_by(ConversationRow.csat))
    return {score: int(n) for score, n in counted if score is not None}


def reasons(session: Session, cohort: Cohort) -> dict[str, int]:
    """Why a person was asked for, the last time in each conversation; how often each."""
    reason = func.coalesce(ConversationRow.reason, NO_REASON)
    handed = select(reason, func.count()).where(*cohort.behind("handoff", "counted"))
    return {str(name): int(n) for name, n in session.execute(handed.group_by(reason))}


def first_replies_s(session: Session, cohort: Cohort) -> list[float]:
    """Seconds from when a person was first asked for, or came by themselves, to the first thing a person wrote."""
    asked_at = func.coalesce(
        ConversationRow.handed_over_at, ConversationRow.assigned_at, ConversationRow.first_reply_at
    )
    answered = cohort.behind("answered_by_a_person", "counted")
    apart_s = extract("epoch", ConversationRow.first_reply_at) - extract("epoch", asked_at)
    return [max(0.0, float(seconds)) for seconds in session.scalars(select(apart_s).where(*answered))]


def waiting_since(session: Session, cohort: Cohort) -> datetime | None:
    """Since when the one who waits longest has been waiting."""
    return session.scalar(select(func.min(ConversationRow.queued_at)).where(*cohort.behind("waiting", "counted")))


def _number_of(condition: Condition) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
