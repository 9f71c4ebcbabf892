"""From view to view: the address holds all of it, so that a reload, a bookmark and a colleague see the same."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

PERSON, CATALOGUE, DATA, VERSIONS, EXPERIMENTS, RULES = VIEWS = (
    "Person",
    "Catalogue",
    "Data",
    "Versions",
    "Experiments",
    "Rules",
)
VIEW = "view"
PATH = "/v1/recommend"


def go(view: str, **address: str | Sequence[str] | None) -> None:
    """Show a view, as the callback of a button.

    address: what it is about; None takes it out, several values are a list
    """
    st.session_state[VIEW] = view
    put(**address)


def put(**address: str | Sequence[str] | None) -> None:
    """Write into the address."""
    for name, value in address.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def place(name: str) -> str:
    """What the address says; empty where it says nothing."""
    return str(st.query_params.get(name, ""))


def places(name: str) -> list[str]:
    """All that the address says under a name, in order."""
    return list(st.query_params.get_all(name))


def quoted(name: str) -> str:
    """An id as part of an API's address; ids may hold any character.

    >>> quoted("A/1 b")
    'A%2F1%20b'
    """
    return quote(name, safe="")


def item_path(item: str, rest: str = "") -> str:
    """Where the API has an item.

    >>> item_path("A/1", "/similar")
    '/v1/recommend/items/A%2F1/similar'
    """
    return f"{PATH}/items/{quoted(item)}{rest}"


def note(problem: Exception) -> None:
    """Keep what went wrong in a callback, to be shown by the run that follows."""
    st.session_state["recommend.problem"] = problem


def noted() -> Exception | None:
    """What went wrong in the last callback, once."""
    found: Exception | None = st.session_state.pop("recommend.problem", None)
    return found
