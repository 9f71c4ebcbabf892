"""The inbox: open alerts first; one beside the list with its numbers, its stories, its sentences and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import streamlit as st
from pydantic import BaseModel

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.alert_lines import SIGNS, alert_line
from apps.finance_sentiment.dashboard.moods import sign, signed
from apps.finance_sentiment.schemas.alerts import Alert, AlertDetail, AlertStep, Change, MuteEdit, Noted, Snooze
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.holding import forget
from ui.moments import moment
from ui.paging import cursor_of, show_paging
from ui.text import escaped, label
from ui.widgets import empty_place, show_problem, waiting, words

PATH = "/v1/finance/alerts"
PAGE_SIZE = 15
NOW, HISTORY = "Needs someone", "All, newest first"
WAITING = ("open", "acknowledged", "snoozed")
SNOOZES = {"1 hour": 60, "4 hours": 240, "1 day": 1_440, "3 days": 4_320}  # minutes
MUTES = {"1 day": 24, "1 week": 168, "30 days": 720}  # hours

_PROBLEM = "finance.alert-problem"


def show_inbox(client: Client) -> None:
    """Draw it."""
    which = st.segmented_control(
        "Show",
        [NOW, HISTORY],
        default=NOW,
        required=True,
        key="alerts",
        bind="query-params",
        label_visibility="collapsed",
    )
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
    try:
        with waiting("Reading the alerts…"):
            listed, following = _read(client, which == HISTORY)
    except ApiProblem as problem:
        show_problem(problem)
        return
    chosen = going.place("alert")
    if not listed and not chosen:
        if which == NOW:
            empty_place(
                "No alert is open.", "Alerts appear here when the mood or the volume of a company breaks its habit."
            )
        else:
            empty_place("There has been no alert yet.", "They begin once some days of news have been read.")
        return
    chosen = chosen or listed[0].id
    left, right = st.columns([4, 6], gap="medium")
    with left:
        with st.container(gap="xsmall"):
            for alert in listed:
                _show_line(alert, is_chosen=alert.id == chosen)
        if which == HISTORY:
            show_paging("alerts", following)
    with right:
        _show_alert(client, chosen)


def _read(client: Client, history: bool) -> tuple[list[Alert], str | None]:
    """What stands in the list. returns: and where its next page begins"""
    if history:
        page = client.get(PATH, Page[Alert], limit=PAGE_SIZE, cursor=cursor_of("alerts"))
        return page.items, page.next_cursor
    return [one for state in WAITING for one in client.get(PATH, Page[Alert], state=state, limit=50).items], None


def _show_line(alert: Alert, *, is_chosen: bool) -> None:
    state = "" if alert.state == "open" else f" :gray[· {alert.state}]"
    st.button(
        alert_line(alert, datetime.now(UTC)) + state,
        key=f"finance.alert.{alert.id}",
        type="tertiary",
        icon=":material/chevron_right:" if is_chosen else SIGNS[alert.severity],
        on_click=going.put,
        kwargs={"alert": alert.id},
    )


def _show_alert(client: Client, chosen: str) -> None:
    with st.container(border=True, gap="small", key="mood-alert"):
        try:
            alert = client.get(f"{PATH}/{quote(chosen, safe='')}", AlertDetail)
        except ApiProblem as problem:
            show_problem(problem)
            return
        st.subheader(label(alert.headline, most=200), anchor=False)
        for change in alert.facts.changes:
            st.markdown(changed(change))
        st.caption(_told(alert))
        _show_steps(client, alert)
        _show_stories(alert)
        _show_sentences(alert)
        _show_history(alert)


def changed(change: Change) -> str:
    """One figure with its baseline and how rare that is.

    >>> changed(Change(measure="volume", value=14, baseline=2.0, unit="stories", hours=3, compared_with="usual hours"))
    '**Volume:** 14 stories in 3 h, against 2.0 (usual hours)'
    """
    if change.measure == "mood":
        name, value = "Mood", signed(change.value)
        before = "" if change.baseline is None else signed(change.baseline)
    else:
        name, value = "Volume", f"{change.value:g} {label(change.unit)}"
        before = "" if change.baseline is None else f"{change.baseline:.1f}"
    against = f", against {before} ({label(change.compared_with)})" if before else ""
    return f"**{name}:** {value} in {change.hours:g} h{against}{_rarity(change.surprise)}"


def _rarity(surprise: float | None) -> str:
    if surprise is None or surprise < 1:
        return ""
    return (
        "; by chance less than once in a million" if surprise >= 6 else f"; by chance once in {10 ** int(surprise):,}"
    )


def _told(alert: Alert) -> str:
    zone = st.context.timezone
    parts = [f"{alert.state}", f"since {moment(alert.opened_at, zone)[0]}", f"{alert.severity} severity"]
    parts.append(f"rule “{label(alert.rule_name, most=60)}”" if alert.rule_name else "not foreseen")
    if alert.closed_at is None:
        parts.append("still so" if alert.lasts else "over by now")
    if alert.acknowledged_by:
        parts.append(f"taken by {label(alert.acknowledged_by, most=40)}")
    if alert.snoozed_until and alert.state == "snoozed":
        parts.append(f"silent until {moment(alert.snoozed_until, zone)[0]}")
    if alert.closed_at:
        why = f" ({label(alert.closed_because)})" if alert.closed_because else ""
        parts.append(f"closed {moment(alert.closed_at, zone)[0]}{why}")
    return " · ".join(parts)


def _show_steps(client: Client, alert: Alert) -> None:
    path = f"{PATH}/{alert.id}"
    with st.container(horizontal=True, gap="small"):
        if alert.state in ("open", "snoozed"):
            st.button(
                "Acknowledge",
                type="primary",
                icon=":material/check:",
                help="You have seen it: no more reminders. It stays until it ends.",
                on_click=_act,
                args=(client, f"{path}/acknowledge", Noted()),
            )
        if alert.state in ("open", "acknowledged"):
            with st.popover("Snooze", icon=":material/snooze:"):
                for name, minutes in SNOOZES.items():
                    st.button(
                        f"For {name}",
                        key=f"finance.snooze.{minutes}",
                        width="stretch",
                        on_click=_act,
                        args=(client, f"{path}/snooze", Snooze(minutes=minutes)),
                    )
        if alert.state == "closed":
            st.button("Open again", icon=":material/undo:", on_click=_act, args=(client, f"{path}/reopen", Noted()))
        else:
            with st.popover("More", icon=":material/notifications_off:"):
                for name, hours in MUTES.items():
                    st.button(
                        f"No alerts of this company for {name}",
                        key=f"finance.mute.{hours}",
                        width="stretch",
                        on_click=_act,
                        args=(client, "/v1/finance/mutes", MuteEdit(entity=alert.entity, hours=hours)),
                    )
                st.button("Close this alert", width="stretch", on_click=_act, args=(client, f"{path}/close", Noted()))
        st.button(
            "Company",
            icon=":material/monitoring:",
            on_click=going.go,
            args=(going.COMPANY,),
            kwargs={"company": alert.entity, "story": None, "document": None},
        )


def _act(client: Client, path: str, body: BaseModel) -> None:
    try:
        client.tell(path, body)
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
    forget()


def _show_stories(alert: Alert) -> None:
    if not alert.facts.stories:
        return
    st.markdown("**The stories that drive it**")
    with st.container(gap=None):
        _show_story_lines(alert)


def _show_story_lines(alert: Alert) -> None:
    for story in alert.facts.stories:
        copies = f" :gray[· {story.echoes} {'copy' if story.echoes == 1 else 'copies'}]" if story.echoes else ""
        st.button(
            f"{sign(story.mood)} {label(story.title)}{copies}".strip(),
            key=f"finance.alert-story.{story.document}",
            type="tertiary",
            on_click=going.go,
            args=(going.COMPANY,),
            kwargs={"company": alert.entity, "story": story.story, "document": story.document},
        )


def _show_sentences(alert: Alert) -> None:
    if alert.facts.sentences:
        st.markdown("**In their words**")
    for one in alert.facts.sentences[:5]:
        words(escaped(one.text), "quotation")


def _show_history(alert: AlertDetail) -> None:
    if not alert.history:
        return
    with st.expander("What happened to it"):
        st.html(history(alert.history, st.context.timezone))


def history(events: Sequence[AlertStep], zone: str | None) -> str:
    """The steps of an alert as a list."""
    rows = []
    for event in events:
        local, utc = moment(event.at, zone)
        by = f", by {event.by}" if event.by else ""
        note = f": {event.note}" if event.note else ""
        rows.append(f'<li><time title="{escaped(utc)}">{escaped(local)}</time> {escaped(event.step + by + note)}</li>')
    return f'<ul class="facts">{"".join(rows)}</ul>'
