"""The shop's rules: pins, boosts and bans, of which items, in which lists, from when until when."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st
from pydantic import ValidationError

from apps.recommender.dashboard import going
from apps.recommender.dashboard.experiment_form import first_fault
from apps.recommender.dashboard.rule_form import KINDS, filled_rule
from apps.recommender.dashboard.titles import title_of
from apps.recommender.schemas.rules import Rule, RuleShown
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import escaped, label
from ui.widgets import empty_place, show_problem, waiting, words

PATH = f"{going.PATH}/rules"
NEW, OPEN = "new", "rule"
MOST_NAMED = 8


def show_rules(client: Client) -> None:
    """Draw the list, and beside it the rule that is open."""
    try:
        with waiting("Reading the rules…"):
            rules = client.get(PATH, Page[RuleShown]).items
    except ApiProblem as problem:
        show_problem(problem)
        return
    opened = going.place(OPEN)
    listed, beside = st.columns([4, 5], gap="large")
    with listed:
        st.caption(
            "A rule holds from the next request on, whatever the model says. A pinned item must still be available and "
            "pass the filters of the list."
        )
        if not rules:
            empty_place("There are no rules yet.", "Press *New rule* to pin, boost or ban items.")
        with st.container(gap=None):
            for rule in rules:
                _show_line(rule)
        st.button(
            "New rule",
            type="secondary" if opened else "primary",
            icon=":material/add:",
            key="recommend.rule-new",
            on_click=going.put,
            kwargs={OPEN: NEW},
        )
    found = next((rule for rule in rules if str(rule.id) == opened), None)
    if opened == NEW or found is not None:
        with beside, st.container(border=True, key="recommend-rule"):
            _show_editor(client, found)


def in_words(rule: Rule) -> str:
    """What a rule does.

    >>> in_words(Rule(name="Tents", kind="pin", items=["a", "b"], position=1))
    'pins a, b from place 1 on'
    >>> in_words(Rule(name="No", kind="boost", categories=["Toys"], strength=-0.5, lists=["popular"]))
    'boosts Toys by -0.5 in popular'
    """
    about = [*rule.items, *rule.categories, *rule.attributes]
    named = ", ".join(about[:3]) + (f" and {len(about) - 3} more" if len(about) > 3 else "")
    said = {"pin": f"pins {named} from place {rule.position} on", "ban": f"bans {named}"}.get(rule.kind)
    said = said or f"boosts {named} by {rule.strength:+g}"
    return f"{said} in {', '.join(rule.lists)}" if rule.lists else said


def when_in_words(rule: Rule, timezone: str | None) -> str:
    """From when until when; empty where always.

    >>> when_in_words(Rule(name="x", kind="ban", items=["a"], ends_at="2026-01-02T00:00:00Z"), None)
    'until 2 Jan 2026, 00:00'
    """
    begins = f"from {moment(rule.starts_at, timezone)[0]}" if rule.starts_at else ""
    ends = f"until {moment(rule.ends_at, timezone)[0]}" if rule.ends_at else ""
    return f"{begins} {ends}".strip()


def state_of(rule: RuleShown, now: datetime) -> str:
    """Whether it counts now, in a word."""
    if rule.active:
        return "counts now"
    return "comes later" if rule.starts_at and rule.starts_at > now else "is over"


def _show_line(rule: RuleShown) -> None:
    st.button(
        f"{label(rule.name, most=60)} :gray[{state_of(rule, datetime.now(UTC))}]",
        key=f"recommend.rule.{rule.id}",
        type="tertiary",
        icon=KINDS[rule.kind].icon,
        on_click=going.put,
        kwargs={OPEN: str(rule.id)},
    )
    told = [in_words(rule), when_in_words(rule, st.context.timezone)]
    words(escaped(", ".join(part for part in told if part)), "why under-icon")


def _show_editor(client: Client, rule: RuleShown | None) -> None:
    st.markdown(f"**{label(rule.name, most=80)}**" if rule else "**A new rule**")
    fields = filled_rule(rule, prefix=str(rule.id) if rule else NEW)
    _show_items(client, fields["items"])
    with st.container(horizontal=True):
        saved = st.button("Save", type="primary", key="recommend.rule-save")
        st.button("Close", key="recommend.rule-close", on_click=going.put, kwargs={OPEN: None})
        if rule is not None:
            st.button(
                "Remove",
                icon=":material/delete:",
                key="recommend.rule-remove",
                on_click=_remove,
                args=(client, rule.id),
            )
    if not saved:
        return
    try:
        said = Rule.model_validate(fields)
        if rule is None:
            client.post(PATH, said, RuleShown)
        else:
            client.replace(f"{PATH}/{rule.id}", said, RuleShown)
    except ValidationError as error:
        st.warning(first_fault(error))
    except ApiProblem as problem:
        show_problem(problem)
    else:
        going.put(**{OPEN: None})
        st.rerun()


def _show_items(client: Client, items: list[str]) -> None:
    """Say what the ids are called, so that a mistyped one is seen before it is saved."""
    if not items:
        return
    try:
        titles = {one: title_of(client, one) for one in items[:MOST_NAMED]}
    except ApiProblem as problem:
        show_problem(problem)
        return
    named = [f"{label(one)}: {label(title, most=60)}" for one, title in titles.items() if title != one]
    if named:
        st.caption(f"{'; '.join(named)}{f'; and {len(items) - MOST_NAMED} more' if len(items) > MOST_NAMED else ''}")
    if unknown := [label(one) for one, title in titles.items() if title == one]:
        st.warning(f"The catalogue has no {', '.join(unknown)}: the rule waits until it is sent.")


def _remove(client: Client, rule: int) -> None:
    try:
        client.delete(f"{PATH}/{rule}")
    except ApiProblem as problem:
        going.note(problem)
        return
    going.put(**{OPEN: None})
