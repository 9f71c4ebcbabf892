"""From view to view: the address holds all of it, so that a reload, a bookmark and a colleague see the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

WATCHLIST, COMPANY, SEARCH, ALERTS, CORRECT, SOURCES, MODEL = VIEWS = (
    "Watchlist",
    "Company",
    "Search",
    "Alerts",
    "Correct",
    "Sources",
    "Model",
)
VIEW = "view"

Value = TypeVar("Value")


def go(view: str, **address: str | int | None) -> None:
    """Show a view, as the callback of a button. address: what it is about; None takes it out"""
    st.session_state[VIEW] = view
    put(**address)


def put(**address: str | int | None) -> None:
    """Write into the address."""
    for name, value in address.items():
        if value is not None:
            st.query_params[name] = str(value)
        elif name in st.query_params:
            del st.query_params[name]


def place(name: str) -> str:
    """What the address says; empty where it says nothing."""
    return str(st.query_params.get(name, ""))


def number(name: str) -> int | None:
    """The same as a number; None where it is none."""
    value = place(name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def held(name: str, seconds: float, read: Callable[[], Value]) -> Value:
    """What was read for this visitor not long ago, or is read now.

    name: unlike for anything else that is read;  seconds: how old it may be
    """
    kept: dict[str, tuple[float, object]] = st.session_state.setdefault("finance.held", {})
    now = time.monotonic()
    found = kept.get(name)
    if found is not None and now - found[0] < seconds:
        return found[1]  # type: ignore[return-value]  # one name, one type
    for old in [key for key, (at, _) in kept.items() if now - at > 300]:
        del kept[old]
    value = read()
    kept[name] = (now, value)
    return value


def forget(but: str = "") -> None:
    """Read anew what is shown: something was changed. but: a name that stays"""
    kept: dict[str, tuple[float, object]] = st.session_state.get("finance.held", {})
    st.session_state["finance.held"] = {name: value for name, value in kept.items() if name == but}
