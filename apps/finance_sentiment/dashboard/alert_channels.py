"""Where alerts go beside the inbox: webhooks, e-mail, a test for each; what was not delivered; what is muted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from pydantic import ValidationError

from apps.finance_sentiment.dashboard.wire import Nothing
from apps.finance_sentiment.schemas.alerts import MuteList
from apps.finance_sentiment.schemas.channels import Channel, ChannelEdit, ChannelList, ChannelWithSecret, Delivery
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import label
from ui.widgets import copy_button, empty_place, show_problem, waiting

CHANNELS, DELIVERIES, MUTES = "/v1/finance/channels", "/v1/finance/deliveries", "/v1/finance/mutes"
KINDS = {"webhook": "Webhook", "email": "E-mail"}
BODIES = {"trivium": "All facts, as JSON", "slack": "A text, as Slack takes it"}
TROUBLED = {"dead": "given up", "unsure": "may have arrived"}

_PROBLEM, _SECRET = "finance.channel-problem", "finance.channel-secret"


def show_channels(client: Client) -> None:
    """Draw the page."""
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
    if made := st.session_state.get(_SECRET):
        _show_secret(made)
    try:
        with waiting("Reading the channels…"):
            channels = client.get(CHANNELS, ChannelList).items
        _show_list(client, channels)
        with st.expander("Add a channel", icon=":material/add:"):
            _show_adding(client)
        _show_troubled(client)
        _show_mutes(client)
    except ApiProblem as problem:
        show_problem(problem)


def _show_list(client: Client, channels: list[Channel]) -> None:
    st.caption("Every alert stands in the inbox. Channels tell people elsewhere.")
    if not channels:
        empty_place("Nothing is sent anywhere yet.", "Add a webhook (Slack's, or your own) or e-mail addresses below.")
    for channel in channels:
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
            where = channel.url or ", ".join(channel.addresses)
            what = "unforeseen changes, and rules that name it" if channel.signals else "rules that name it"
            state = "" if channel.active else " · switched off"
            st.markdown(
                f"**{label(channel.name, most=60)}** {KINDS[channel.kind]} to {label(where, most=70)}"
                f" :gray[{what}{state}]",
                width="stretch",
            )
            st.button(
                "Send a test",
                key=f"finance.channel-test.{channel.id}",
                icon=":material/send:",
                on_click=_test,
                args=(client, channel),
            )
            with st.popover("Remove", icon=":material/delete:"):
                st.write("What waits for it is not sent any more.")
                st.button(
                    "Remove it",
                    key=f"finance.channel-remove.{channel.id}",
                    type="primary",
                    on_click=_try,
                    args=(lambda one=channel: client.delete(f"{CHANNELS}/{one.id}"), "Removed."),
                )


def _test(client: Client, channel: Channel) -> None:
    try:
        sent = client.post(f"{CHANNELS}/{channel.id}/test", Nothing(), Delivery)
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
        return
    if sent.state == "done":
        st.toast("The test has arrived.", icon=":material/check:")
    else:
        st.toast(f"The test did not arrive: {label(sent.problem or sent.state, most=200)}", icon=":material/error:")


def _show_adding(client: Client) -> None:
    with st.form("finance.add-channel", border=False):
        kind = st.segmented_control(
            "Kind", list(KINDS), default="webhook", required=True, format_func=KINDS.__getitem__
        )
        name = st.text_input("Name", max_chars=120)
        where = st.text_input("Address", help="https://… of a webhook, or e-mail addresses with commas between.")
        body = st.selectbox("A webhook gets", list(BODIES), format_func=BODIES.__getitem__)
        signals = st.toggle("Unforeseen changes go there without a rule", value=True)
        if not st.form_submit_button("Add", type="primary"):
            return
    addresses = [one.strip() for one in where.split(",") if one.strip()]
    try:
        edit = ChannelEdit(
            name=name,
            kind="email" if kind == "email" else "webhook",
            url="" if kind == "email" else where,
            addresses=addresses if kind == "email" else [],
            body="slack" if body == "slack" else "trivium",
            signals=signals,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        st.warning(f"{label(str(first['msg']).removeprefix('Value error, '), most=300)}.")
        return
    try:
        st.session_state[_SECRET] = client.post(CHANNELS, edit, ChannelWithSecret)
    except ApiProblem as problem:
        show_problem(problem)
        return
    st.rerun()


def _show_secret(made: ChannelWithSecret) -> None:
    if not made.secret:
        st.session_state.pop(_SECRET)
        return
    with st.container(border=True):
        st.markdown(f"**{label(made.name)}** signs its messages with this secret. It is shown this once.")
        st.code(made.secret, language=None)
        with st.container(horizontal=True):
            copy_button("Copy", made.secret, "finance.channel-secret-copy")
            st.button("I have it", on_click=st.session_state.pop, args=(_SECRET, None))


def _show_troubled(client: Client) -> None:
    for state, words in TROUBLED.items():
        page = client.get(DELIVERIES, Page[Delivery], state=state, limit=20)
        if not page.items:
            continue
        st.markdown(f"**Not delivered: {words}**")
        for one in page.items:
            with st.container(horizontal=True, vertical_alignment="center"):
                when, _ = moment(one.created_at, st.context.timezone)
                st.markdown(
                    f"{label(one.channel_name)}: {one.event}, {label(when)} :gray[{label(one.problem or '')}]",
                    width="stretch",
                )
                st.button(
                    "Send again",
                    key=f"finance.resend.{one.id}",
                    on_click=_try,
                    args=(lambda one=one: client.tell(f"{DELIVERIES}/{one.id}/resend", Nothing()), "It is sent again."),
                )


def _show_mutes(client: Client) -> None:
    mutes = client.get(MUTES, MuteList).items
    if not mutes:
        return
    st.markdown("**Muted**")
    for one in mutes:
        with st.container(horizontal=True, vertical_alignment="center"):
            until, _ = moment(one.until, st.context.timezone)
            whom = " · ".join(part for part in (one.entity, one.rule) if part)
            by = f" :gray[by {label(one.by)}]" if one.by else ""
            st.markdown(f"{label(whom)} until {label(until)}{by}", width="stretch")
            st.button(
                "Unmute",
                key=f"finance.unmute.{one.id}",
                on_click=_try,
                args=(lambda one=one: client.delete(f"{MUTES}/{one.id}"), "Unmuted."),
            )


def _try(step: Callable[[], Any], done: str) -> None:
    try:
        step()
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
    else:
        st.toast(done)
