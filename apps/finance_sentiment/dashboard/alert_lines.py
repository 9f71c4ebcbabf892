"""Alerts in a line each; those that are open stand on top of the watchlist."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.schemas.alerts import Alert
from core.paging import Page
from ui.client import Client
from ui.holding import held
from ui.moments import ago
from ui.text import label

KEPT_S = 10.0
MOST_ON_TOP = 3
OPEN = "open"
SIGNS = {"high": ":material/error:", "medium": ":material/notifications_active:", "low": ":material/info:"}


def read_alerts(client: Client, **query: str | int | None) -> list[Alert]:
    """Alerts, newest first. raises: ApiProblem"""
    name = f"finance.alerts-{sorted((key, str(value)) for key, value in query.items())}"
    return held(name, KEPT_S, lambda: client.get("/v1/finance/alerts", Page[Alert], **query).items)


def show_open_alerts(client: Client) -> None:
    """Draw those that nobody has taken yet, if there are any."""
    alerts = read_alerts(client, state=OPEN, limit=MOST_ON_TOP + 1)
    if not alerts:
        st.caption(":material/check_circle: No alert is open.")
        return
    with st.container(border=True, gap=None, key="mood-open-alerts"):
        for alert in alerts[:MOST_ON_TOP]:
            if st.button(
                alert_line(alert, datetime.now(UTC)),
                key=f"finance.open-alert.{alert.id}",
                type="tertiary",
                icon=SIGNS[alert.severity],
                on_click=going.go,
                args=(going.ALERTS,),
                kwargs={"alert": alert.id},
            ):
                st.rerun()
        if len(alerts) > MOST_ON_TOP and st.button(
            "More open alerts", type="tertiary", key="finance.open-alerts", on_click=going.go, args=(going.ALERTS,)
        ):
            st.rerun()


def alert_line(alert: Alert, now: datetime) -> str:
    """The label of a button. The API's headline begins with the company's name."""
    name, told = alert.entity_name, alert.headline
    rest = told[len(name) :].lstrip(" :,") if told.startswith(name) else told
    return f"**{label(name, most=40)}** {label(rest)} :gray[· {ago(alert.opened_at, now)}]"
