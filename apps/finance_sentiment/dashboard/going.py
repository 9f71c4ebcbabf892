"""From view to view: the address holds all of it, so that a reload, a bookmark and a colleague see the same."""

from __future__ import annotations

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
