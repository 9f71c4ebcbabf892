"""Alerts and mutes over HTTP; a job of the leader evaluates."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from apps.finance_sentiment.pipeline import alert_pages, moments
from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.schemas.alerts import (
    ALERT_PATTERN,
    Alert,
    AlertDetail,
    Mute,
    MuteEdit,
    MuteList,
    Noted,
    Snooze,
    State,
)
from apps.finance_sentiment.schemas.entities import ENTITY_PATTERN
from apps.finance_sentiment.schemas.rules import RULE_PATTERN, Severity
from apps.finance_sentiment.store.alerts import Alerts, Wanted
from apps.finance_sentiment.store.rules import Mutes
from core.app import Services
from core.auth.access import Caller, require
from core.errors import Invalid
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize

AlertPath = Annotated[str, Path(pattern=ALERT_PATTERN)]
Writer = Annotated[Caller, Depends(require("finance:write"))]


class MuteOfNothing(Invalid):
    """A mute that names neither a company nor a rule."""

    def __init__(self) -> None:
        super().__init__("a mute names a company, a rule or both", remedy="name `entity`, `rule` or both")


def add_routes(router: APIRouter, services: Services, watch: Watch) -> None:
    """List, show, acknowledge, snooze, close, reopen; mutes."""
    _add_alerts(router, Alerts(services.database, services.clock), watch)
    _add_mutes(router, Mutes(services.database, services.clock))


def _add_alerts(router: APIRouter, alerts: Alerts, watch: Watch) -> None:
    readers = [Depends(require("finance:read"))]

    def shown(alert: str) -> AlertDetail:
        return alert_pages.detail(*alerts.get(alert))

    @router.get("/alerts", dependencies=readers)
    def list_alerts(
        state: Annotated[list[State] | None, Query(description="one or more; none: all")] = None,
        entity: Annotated[str | None, Query(pattern=ENTITY_PATTERN)] = None,
        rule: Annotated[str | None, Query(pattern=RULE_PATTERN)] = None,
        severity: Severity | None = None,
        since: Annotated[datetime | None, Query(alias="from", description="opened at or after")] = None,
        until: Annotated[datetime | None, Query(alias="to", description="opened before")] = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Alert]:
        """List alerts, the latest first."""
        first, last = moments.span(since, until)
        wanted = Wanted(tuple(state or ()), entity, rule, severity, None, first, last)
        return alert_pages.alerts(alerts, wanted, cursor, limit)

    @router.get("/alerts/{alert}", dependencies=readers)
    def show_alert(alert: AlertPath) -> AlertDetail:
        """Show an alert with its history."""
        return shown(alert)

    @router.post("/alerts/{alert}/acknowledge")
    def acknowledge_alert(alert: AlertPath, caller: Writer, noted: Noted | None = None) -> AlertDetail:
        """Take care of an alert: no more reminders."""
        alerts.acknowledge(alert, caller.name, (noted or Noted()).note)
        return shown(alert)

    @router.post("/alerts/{alert}/snooze", dependencies=[Depends(idempotent)])
    def snooze_alert(alert: AlertPath, caller: Writer, wish: Snooze) -> AlertDetail:
        """Silence an alert for a while; then there is a reminder, where it still lasts."""
        alerts.snooze(alert, timedelta(minutes=wish.minutes), caller.name, wish.note)
        return shown(alert)

    @router.post("/alerts/{alert}/close")
    def close_alert(alert: AlertPath, caller: Writer, noted: Noted | None = None) -> AlertDetail:
        """End an alert; it comes again only when what began it has ended and begins anew."""
        alerts.close(alert, caller.name, (noted or Noted()).note)
        return shown(alert)

    @router.post("/alerts/{alert}/reopen")
    def reopen_alert(alert: AlertPath, caller: Writer, noted: Noted | None = None) -> AlertDetail:
        """Take an alert up again."""
        alerts.reopen(alert, caller.name, (noted or Noted()).note, watch.settings.remind_after(0))
        return shown(alert)


def _add_mutes(router: APIRouter, mutes: Mutes) -> None:
    readers, writers = [Depends(require("finance:read"))], [Depends(require("finance:write"))]

    @router.get("/mutes", dependencies=readers)
    def list_mutes() -> MuteList:
        """List the mutes in force."""
        return MuteList(items=[alert_pages.mute(row) for row in mutes.all()])

    @router.post("/mutes", dependencies=[Depends(idempotent)], status_code=201)
    def add_mute(edit: MuteEdit, caller: Writer) -> Mute:
        """Have nothing new told of a company, of a rule, or of a rule for a company, for a while."""
        if edit.entity is None and edit.rule is None:
            raise MuteOfNothing
        lasts = timedelta(hours=edit.hours)
        return alert_pages.mute(mutes.add(edit.entity, edit.rule, lasts, caller.name, edit.reason))

    @router.delete("/mutes/{mute}", dependencies=writers, status_code=204)
    def remove_mute(mute: Annotated[str, Path(pattern=r"^mute_[0-9a-f]{16}$")]) -> None:
        """End a mute."""
        mutes.remove(mute)
