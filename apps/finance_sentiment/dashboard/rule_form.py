"""The fields of a rule: of whom, what, over how long, with which words, how severe, who is told."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.finance_sentiment.dashboard.overview import read_overview
from apps.finance_sentiment.schemas.rules import MoodChange, MoodLevel, Rule, VolumeLevel
from ui.client import Client

WHOM = {"watchlist": "The watchlist", "all": "All companies", "sector": "A sector", "entities": "These companies"}
WHAT = {
    "mood-below": "Mood is below",
    "mood-above": "Mood is above",
    "mood_change": "Mood changes by",
    "volume": "Stories are many",
}
WINDOWS = {"30 minutes": 30, "1 hour": 60, "4 hours": 240, "12 hours": 720, "1 day": 1_440, "3 days": 4_320}
KEPT_S = 60.0
SEVERITY = ("low", "medium", "high")


def filled_rule(client: Client, rule: Rule | None, channels: dict[str, str]) -> dict[str, Any]:
    """Draw the fields, filled with the rule that is changed. returns: what they say, for `RuleEdit`"""
    overview = read_overview(client, KEPT_S)
    names = {one.entity: one.name for one in overview}
    name = st.text_input("Name", rule.name if rule else "", max_chars=120)
    who = _who(rule, names, sorted({one.sector for one in overview if one.sector}))
    what = _what(rule)
    left, right = st.columns(2)
    severity = left.selectbox("Severity", SEVERITY, index=SEVERITY.index(rule.severity) if rule else 1)
    told = right.multiselect(
        "Told beside the inbox",
        list(channels),
        default=[one for one in rule.channels if one in channels] if rule else [],
        format_func=lambda one: channels[one],
        help="Channels are made under *Where alerts go*.",
    )
    made = {"name": name, "who": who, "what": what, "severity": severity, "channels": told}
    return made | ({"enabled": rule.enabled, "version": rule.version} if rule else {})


def _who(rule: Rule | None, names: dict[str, str], sectors: list[str]) -> dict[str, Any]:
    known = rule.who if rule else None
    kind = st.selectbox(
        "Of", list(WHOM), index=list(WHOM).index(known.kind) if known else 0, format_func=WHOM.__getitem__
    )
    with st.expander("Which companies, or which sector", expanded=bool(known and known.kind in ("sector", "entities"))):
        entities = st.multiselect(
            "Companies (for “These companies”)",
            list(names),
            default=[one for one in known.entities if one in names] if known else [],
            format_func=lambda one: names[one],
        )
        sector = st.selectbox(
            "Sector (for “A sector”)",
            sectors,
            index=sectors.index(known.sector) if known and known.sector in sectors else None,
        )
    made: dict[str, Any] = {"kind": kind}
    if kind == "entities":
        made["entities"] = entities
    if kind == "sector":
        made["sector"] = sector or ""
    return made


def _what(rule: Rule | None) -> dict[str, Any]:
    known = rule.what if rule else None
    kind, value, times = _current(known)
    first, second, third = st.columns(3)
    chosen = first.selectbox("When", list(WHAT), index=list(WHAT).index(kind), format_func=WHAT.__getitem__)
    amount = second.number_input(
        "Amount", value=value, step=0.05, help="Of the mood from \u22121 to 1; of stories, at least so many."
    )
    windows = list(WINDOWS)
    minutes = getattr(known, "window_minutes", 240)
    over = third.selectbox(
        "Over", windows, index=list(WINDOWS.values()).index(minutes) if minutes in WINDOWS.values() else 2
    )
    with st.expander("More: evidence, words, direction"):
        usual = st.number_input(
            "Times the usual volume (for stories)", min_value=1.1, value=times, step=0.5, help="Empty: any volume."
        )
        direction = st.selectbox("Direction (for a change)", ["fall", "rise", "either"], index=_direction(known))
        least = st.number_input("Texts with a mood, at least", 1, 1_000, getattr(known, "min_documents", 3))
        words = getattr(known, "keywords", None)
        some = st.text_input("With any of these words, commas between", ", ".join(words.any) if words else "")
        none = st.text_input("Without these words", ", ".join(words.none) if words else "")
    made: dict[str, Any] = {
        "window_minutes": WINDOWS[over or "4 hours"],
        "min_documents": least,
        "keywords": {"any": _split(some), "none": _split(none), "all": words.all if words else []},
    }
    if chosen == "mood_change":
        return made | {"kind": "mood_change", "by": abs(amount), "direction": direction}
    if chosen == "volume":
        return made | {"kind": "volume", "at_least": max(1, round(amount)), "times_usual": usual}
    return made | {"kind": "mood", "below" if chosen == "mood-below" else "above": amount}


def _current(known: object) -> tuple[str, float, float | None]:
    """What the fields begin with. returns: kind, amount, times the usual"""
    if isinstance(known, MoodChange):
        return "mood_change", known.by, None
    if isinstance(known, VolumeLevel):
        return "volume", float(known.at_least or 1), known.times_usual
    if isinstance(known, MoodLevel) and known.above is not None:
        return "mood-above", known.above, None
    return "mood-below", known.below if isinstance(known, MoodLevel) and known.below is not None else -0.3, None


def _direction(known: object) -> int:
    return ["fall", "rise", "either"].index(known.direction) if isinstance(known, MoodChange) else 0


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]
