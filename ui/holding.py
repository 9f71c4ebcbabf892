"""What a page read not long ago, kept for its visitor, so that each rerun does not ask the API again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

Value = TypeVar("Value")
LONGEST_S = 300
"""What is older goes when something is read anew."""
_KEPT = "held"


def held(name: str, seconds: float, read: Callable[[], Value]) -> Value:
    """What was read for this visitor not long ago, or is read now.

    name: unlike for anything else that is read;  seconds: how old it may be
    """
    kept: dict[str, tuple[float, object]] = st.session_state.setdefault(_KEPT, {})
    now = time.monotonic()
    found = kept.get(name)
    if found is not None and now - found[0] < seconds:
        return found[1]  # type: ignore[return-value]  # one name, one type
    for old in [key for key, (at, _) in kept.items() if now - at > LONGEST_S]:
        del kept[old]
    value = read()
    kept[name] = (now, value)
    return value


def forget(but: str = "") -> None:
    """Read anew what is shown: something was changed. but: a name that stays"""
    kept: dict[str, tuple[float, object]] = st.session_state.get(_KEPT, {})
    st.session_state[_KEPT] = {name: value for name, value in kept.items() if name == but}
