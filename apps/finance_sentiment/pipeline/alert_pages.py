"""Alerts, mutes, rules, channels and messages as they are sent."""

from apps.finance_sentiment.pipeline import moments
from apps.finance_sentiment.schemas.alerts import Alert, AlertDetail, AlertStep, Facts, Mute
from apps.finance_sentiment.schemas.channels import Channel, Delivery
from apps.finance_sentiment.schemas.rules import Rule, Who
from apps.finance_sentiment.store.alert_tables import AlertRow, AlertStepRow, MuteRow, RuleRow
from apps.finance_sentiment.store.alerts import Alerts, Held, Wanted
from apps.finance_sentiment.store.deliveries import Deliveries
from apps.finance_sentiment.store.delivery_tables import ChannelRow, DeliveryRow
from core.paging import Page

_SAME = (
    "id",
    "kind",
    "severity",
    "state",
    "headline",
    "lasts",
    "opened_at",
    "updated_at",
    "closed_at",
    "closed_because",
    "acknowledged_by",
    "snoozed_until",
    "reminders",
    "remind_at",
)


def alerts(held: Alerts, wanted: Wanted, cursor: str | None, limit: int) -> Page[Alert]:
    """Alerts, the latest first. raises: BadCursor"""
    rows = held.page(wanted, moments.place_of(cursor), limit + 1)
    return moments.page(rows, limit, alert, lambda one: (one.alert.opened_at, one.alert.id))


def alert(held: Held) -> Alert:
    """One alert."""
    return Alert.model_validate(_alert(held))


def detail(held: Held, steps: list[AlertStepRow]) -> AlertDetail:
    """One alert with its history."""
    history = [AlertStep(number=one.number, at=one.at, step=one.step, by=one.by, note=one.note) for one in steps]
    return AlertDetail.model_validate({**_alert(held), "history": history})


def _alert(held: Held) -> dict[str, object]:
    row: AlertRow = held.alert
    return {
        **{name: getattr(row, name) for name in _SAME},
        "rule": row.rule_id,
        "rule_name": held.rule.name if held.rule is not None else None,
        "entity": row.entity_id,
        "entity_name": held.entity.name,
        "facts": Facts.model_validate(row.facts),
    }


def mute(row: MuteRow) -> Mute:
    """One mute."""
    return Mute(
        id=row.id,
        entity=row.entity_id,
        rule=row.rule_id,
        until=row.until,
        by=row.by,
        reason=row.reason,
        created_at=row.created_at,
    )


def rule(row: RuleRow) -> Rule:
    """One rule."""
    same = ("id", "name", "severity", "channels", "enabled", "version", "created_at", "updated_at")
    return Rule.model_validate(
        {**{name: getattr(row, name) for name in same}, "who": Who.model_validate(row.who), "what": row.what}
    )


def channel(row: ChannelRow) -> Channel:
    """One channel, without its secret."""
    return Channel.model_validate(row, from_attributes=True)


def deliveries(
    held: Deliveries,
    states: tuple[str, ...],
    channel: str | None,
    alert: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Delivery]:
    """Messages, the newest first. raises: BadCursor"""
    rows = held.page(states, channel, alert, moments.place_of(cursor), limit + 1)
    return moments.page(rows, limit, lambda one: delivery(*one), lambda one: (one[0].created_at, one[0].id))


def delivery(row: DeliveryRow, channel: ChannelRow) -> Delivery:
    """One message."""
    same = ("id", "event", "state", "attempts", "status", "problem", "created_at")
    return Delivery.model_validate(
        {
            **{name: getattr(row, name) for name in same},
            "channel": row.channel_id,
            "channel_name": channel.name,
            "alert": row.alert_id,
            "due_at": row.due_at if row.state == "waiting" else None,
        }
    )
