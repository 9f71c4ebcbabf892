"""The rules that people wrote: of whom, when; how often each would have told; make, change, switch off, remove."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.moods import signed
from apps.finance_sentiment.dashboard.rule_form import filled_rule
from apps.finance_sentiment.schemas.channels import ChannelList
from apps.finance_sentiment.schemas.rules import (
    MoodChange,
    MoodLevel,
    Preview,
    PreviewQuery,
    Rule,
    RuleEdit,
    RuleList,
    Unforeseen,
    VolumeLevel,
    Who,
)
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import label
from ui.widgets import empty_place, show_problem, waiting

PATH = "/v1/finance/rules"

_PROBLEM, _OPEN = "finance.rule-problem", "rule"
NEW = "new"


def show_rules(client: Client) -> None:
    """Draw the list, and beside it the rule that is open."""
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
    try:
        with waiting("Reading the rules…"):
            rules = client.get(PATH, RuleList).items
            channels = {one.id: one.name for one in client.get("/v1/finance/channels", ChannelList).items}
    except ApiProblem as problem:
        show_problem(problem)
        return
    opened = going.place(_OPEN)
    listed, beside = st.columns([4, 5], gap="medium")
    with listed:
        st.caption(
            "What breaks a company's habit is told without any rule. Rules are for what you want to know besides."
        )
        if not rules:
            empty_place("There are no rules yet.", "Press *New rule*, try it on the last 30 days, then save it.")
        for rule in rules:
            _show_line(client, rule)
        st.button(
            "New rule",
            type="secondary" if opened else "primary",
            icon=":material/add:",
            on_click=going.put,
            kwargs={_OPEN: NEW},
        )
    found = next((one for one in rules if one.id == opened), None)
    if opened == NEW or found is not None:
        with beside, st.container(border=True, key="mood-rule"):
            _show_editor(client, found, channels)


def in_words(rule: Rule | RuleEdit | PreviewQuery) -> str:
    """What a rule says.

    >>> in_words(PreviewQuery(who=Who(kind="all"), what=MoodLevel(kind="mood", below=-0.3, window_minutes=240)))
    'All companies: mood below \u22120.30 over 4 h'
    """
    return f"{who_in_words(rule.who)}: {what_in_words(rule.what)}"


def who_in_words(who: Who) -> str:
    """Of which companies."""
    if who.kind == "entities":
        return ", ".join(who.entities[:4]) + (" …" if len(who.entities) > 4 else "")
    return {"sector": f"Sector {who.sector}", "watchlist": "The watchlist", "all": "All companies"}[who.kind]


def what_in_words(what: MoodLevel | MoodChange | VolumeLevel | Unforeseen) -> str:
    """When."""
    if isinstance(what, Unforeseen):
        return "whatever was not foreseen"
    hours = f"{what.window_minutes / 60:g} h"
    if isinstance(what, MoodLevel):
        side, score = ("below", what.below) if what.below is not None else ("above", what.above)
        told = f"mood {side} {signed(score or 0.0)} over {hours}"
    elif isinstance(what, MoodChange):
        way = {"fall": "falls", "rise": "rises", "either": "moves"}[what.direction]
        against = "the time before" if what.against == "before" else "usual"
        told = f"mood {way} by {what.by:g} in {hours} against {against}"
    else:
        parts = [f"{what.at_least} stories"] if what.at_least else []
        parts += [f"{what.times_usual:g} times the usual volume"] if what.times_usual else []
        told = f"{' and '.join(parts)} in {hours}"
    some = [*what.keywords.all, *what.keywords.any]
    if some:
        told += f", with {', '.join(some[:3])}"
    return told + (f", without {', '.join(what.keywords.none[:3])}" if what.keywords.none else "")


def _show_line(client: Client, rule: Rule) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.toggle(
            "On",
            value=rule.enabled,
            key=f"finance.rule-on.{rule.id}.{rule.version}",
            label_visibility="collapsed",
            on_change=_switch,
            args=(client, rule),
        )
        st.button(
            f"**{label(rule.name, most=60)}** :gray[{label(in_words(rule))}]",
            key=f"finance.rule.{rule.id}",
            type="tertiary",
            on_click=going.put,
            kwargs={_OPEN: rule.id},
        )


def _switch(client: Client, rule: Rule) -> None:
    fields = rule.model_dump(exclude={"id", "created_at", "updated_at"})
    _try(lambda: client.replace(f"{PATH}/{rule.id}", RuleEdit(**fields | {"enabled": not rule.enabled}), Rule))


def _show_editor(client: Client, rule: Rule | None, channels: dict[str, str]) -> None:
    st.markdown(f"**{label(rule.name, most=80)}**" if rule else "**A new rule**")
    with st.form(f"finance.rule-form.{rule.id if rule else NEW}", border=False):
        fields = filled_rule(client, rule, channels)
        with st.container(horizontal=True):
            tried = st.form_submit_button("Try it on the last 30 days", icon=":material/history:")
            saved = st.form_submit_button("Save", type="primary")
    with st.container(horizontal=True):
        st.button("Close", key="finance.rule-close", on_click=going.put, kwargs={_OPEN: None})
        if rule is not None:
            st.button("Remove", icon=":material/delete:", on_click=_remove, args=(client, rule.id))
    if not (tried or saved):
        return
    try:
        edit = RuleEdit(**fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = " ".join(str(part) for part in first["loc"])
        st.warning(f"{label(where or 'The rule')}: {label(str(first['msg']).removeprefix('Value error, '), most=300)}.")
        return
    try:
        if tried:
            with waiting("Replaying the last 30 days…"):
                query = PreviewQuery(who=edit.who, what=edit.what)
                _show_preview(client.post(f"{PATH}/preview", query, Preview))
        else:
            if rule is None:
                client.post(PATH, edit, Rule)
            else:
                client.replace(f"{PATH}/{rule.id}", edit, Rule)
            going.put(**{_OPEN: None})
            st.rerun()
    except ApiProblem as problem:
        show_problem(problem)


def _show_preview(preview: Preview) -> None:
    st.markdown(
        f"It would have told **{preview.alerts} times** in {preview.days:.0f} days, {preview.per_week:.1f} a week, "
        f"of {preview.entities} companies."
    )
    for firing in preview.firings[:5]:
        local, _ = moment(firing.opened_at, st.context.timezone)
        st.caption(f"{label(local)} · {label(firing.headline, most=140)}")


def _remove(client: Client, rule: str) -> None:
    _try(lambda: client.delete(f"{PATH}/{rule}"))
    going.put(**{_OPEN: None})


def _try(step: Any) -> None:
    try:
        step()
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
