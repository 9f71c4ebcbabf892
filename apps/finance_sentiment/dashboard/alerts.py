"""Alerts: the inbox with what changed and why, the rules that people wrote, and where alerts are sent."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard.alert_channels import show_channels
from apps.finance_sentiment.dashboard.alert_inbox import show_inbox
from apps.finance_sentiment.dashboard.alert_rules import show_rules
from ui.client import Client

INBOX, RULES, SENDING = PARTS = ("Inbox", "Rules", "Where alerts go")


def show_alerts(client: Client) -> None:
    """Draw the page."""
    part = st.segmented_control(
        "Part", PARTS, default=INBOX, required=True, key="part", bind="query-params", label_visibility="collapsed"
    )
    if part == RULES:
        show_rules(client)
    elif part == SENDING:
        show_channels(client)
    else:
        show_inbox(client)
