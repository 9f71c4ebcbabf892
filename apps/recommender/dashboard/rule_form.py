"""The fields of a rule: what it does, of which items, in which lists, between which days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, get_args

import streamlit as st

from apps.recommender.schemas.recommend import Place
from apps.recommender.schemas.rules import RuleShown


class Kind(NamedTuple):
    """What a rule may do. says: for the choice;  icon: of its line"""

    says: str
    icon: str


KINDS = {
    "pin": Kind("Pin: stands at a place", ":material/push_pin:"),
    "boost": Kind("Boost: stands higher, or lower", ":material/trending_up:"),
    "ban": Kind("Ban: never stands there", ":material/block:"),
}
LISTS: list[str] = list(get_args(Place))


def filled_rule(rule: RuleShown | None, prefix: str) -> dict[str, Any]:
    """Draw the fields, filled with the rule that is changed. returns: what they say, for `Rule`

    prefix: of the fields' keys, so that another rule has fields of its own
    """
    name = st.text_input("Name", rule.name if rule else "", max_chars=200, key=f"recommend.rule.{prefix}.name")
    left, right = st.columns(2)
    with left:
        kind = st.selectbox(
            "What it does",
            list(KINDS),
            index=list(KINDS).index(rule.kind) if rule else 0,
            format_func=lambda one: KINDS[one].says,
            key=f"recommend.rule.{prefix}.kind",
        )
    made: dict[str, Any] = {"name": name, "kind": kind}
    with right:
        made |= _amount(kind, rule, prefix)
    items = st.text_area(
        "Items, one id a line",
        "\n".join(rule.items) if rule else "",
        height=96,
        key=f"recommend.rule.{prefix}.items",
        help="Ids stand in the catalogue, below each item's title.",
    )
    made["items"] = _lines(items)
    if kind != "pin":
        categories = st.text_input(
            "Or categories, commas between",
            ", ".join(rule.categories) if rule else "",
            key=f"recommend.rule.{prefix}.categories",
        )
        attributes = st.text_input(
            "And with the attributes, commas between",
            ", ".join(rule.attributes) if rule else "",
            key=f"recommend.rule.{prefix}.attributes",
            help="`name:value`, or `name:low..high` for numbers.",
        )
        made |= {"categories": _parts(categories), "attributes": _parts(attributes)}
    made["lists"] = st.multiselect(
        "In the lists (none: in all)",
        LISTS,
        default=rule.lists if rule else [],
        key=f"recommend.rule.{prefix}.lists",
    )
    return made | _dates(rule, prefix)


def _amount(kind: str | None, rule: RuleShown | None, prefix: str) -> dict[str, Any]:
    if kind == "pin":
        place = st.number_input(
            "Place", 1, 100, (rule.position if rule else None) or 1, key=f"recommend.rule.{prefix}.position"
        )
        return {"position": place}
    if kind == "boost":
        strength = st.number_input(
            "Strength",
            -10.0,
            10.0,
            1.0 if rule is None or rule.strength is None else rule.strength,
            0.5,
            key=f"recommend.rule.{prefix}.strength",
            help="Standard deviations of the score; below 0 it pushes down.",
        )
        return {"strength": strength}
    return {}


def _dates(rule: RuleShown | None, prefix: str) -> dict[str, Any]:
    left, right = st.columns(2)
    begins = left.date_input(
        "From (UTC)",
        rule.starts_at.astimezone(UTC).date() if rule and rule.starts_at else None,
        key=f"recommend.rule.{prefix}.from",
        help="Empty: at once.",
    )
    ends = right.date_input(
        "Until and with (UTC)",
        last_day(rule.ends_at) if rule and rule.ends_at else None,
        key=f"recommend.rule.{prefix}.until",
        help="Empty: until it is removed.",
    )
    return {
        "starts_at": _midnight(begins) if isinstance(begins, date) else None,
        "ends_at": _midnight(ends + timedelta(days=1)) if isinstance(ends, date) else None,
    }


def last_day(ends: datetime) -> date:
    """The last day on which a rule counts.

    >>> last_day(datetime(2026, 1, 2, tzinfo=UTC)), last_day(datetime(2026, 1, 2, 9, tzinfo=UTC))
    (datetime.date(2026, 1, 1), datetime.date(2026, 1, 2))
    """
    return (ends.astimezone(UTC) - timedelta(microseconds=1)).date()


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()


def _lines(words: str) -> list[str]:
    return [line.strip() for line in words.splitlines() if line.strip()]


def _parts(words: str) -> list[str]:
    return [part.strip() for part in words.split(",") if part.strip()]
