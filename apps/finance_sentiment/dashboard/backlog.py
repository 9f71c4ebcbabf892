"""What is still being read: said above every view, as curves and alerts are not whole until then."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.schemas.documents import Backlog
from ui.client import ApiProblem, Client
from ui.holding import held

PATH = "/v1/finance/backlog"
LOOKED_AT_EVERY_S = 5
KEPT_S = 4.0


def show_backlog(client: Client) -> None:
    """Draw a line where reading is behind; it goes away by itself, and the page is then drawn anew."""
    if _read(client) is not None:
        st.fragment(_live, run_every=LOOKED_AT_EVERY_S)(client)


def _live(client: Client) -> None:
    backlog = _read(client)
    if backlog is None:
        st.rerun()
    st.caption(f":material/hourglass_top: {sentence(backlog)}", help="Newer texts are read first.")


def _read(client: Client) -> Backlog | None:
    """None where reading keeps up, and where nobody answers: the view says so then."""
    try:
        found = held("finance.backlog", KEPT_S, lambda: client.get(PATH, Backlog))
    except ApiProblem:
        return None
    return found if found.behind else None


def sentence(backlog: Backlog) -> str:
    """What is said.

    >>> sentence(Backlog(waiting=5321, behind=True, since="2026-01-03T10:00:00Z"))
    'Older texts are still being read: 5,321 wait, back to 3 January 2026. Curves and alerts of that time follow.'
    """
    back = f", back to {backlog.since.day} {backlog.since:%B %Y}" if backlog.since is not None else ""
    waiting = f"Older texts are still being read: {backlog.waiting:,} wait{back}."
    return f"{waiting} Curves and alerts of that time follow."
