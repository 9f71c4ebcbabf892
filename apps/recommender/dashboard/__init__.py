"""The recommender's page: what somebody gets and why, what there is, how good it is, what rules. Speaks HTTP only."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.catalogue import show_catalogue
from apps.recommender.dashboard.experiments import show_experiments
from apps.recommender.dashboard.health import show_health
from apps.recommender.dashboard.person import show_person
from apps.recommender.dashboard.rules import show_rules
from apps.recommender.dashboard.versions import show_versions
from core.errors import TriviumError
from ui.client import Client
from ui.widgets import show_problem

_SHOW = {
    going.PERSON: show_person,
    going.CATALOGUE: show_catalogue,
    going.DATA: show_health,
    going.VERSIONS: show_versions,
    going.EXPERIMENTS: show_experiments,
    going.RULES: show_rules,
}


def render(client: Client) -> None:
    """Draw the page."""
    heading, chooser = st.columns([3, 5], vertical_alignment="bottom")
    with heading:
        st.title("Recommender", anchor=False)
        st.caption("What each person gets, and why.")
    with chooser:
        view = st.segmented_control(
            "View",
            going.VIEWS,
            default=going.PERSON,
            required=True,
            key=going.VIEW,
            bind="query-params",
            label_visibility="collapsed",
        )
    problem = going.noted()
    if isinstance(problem, TriviumError):
        show_problem(problem)
    _SHOW[view or going.PERSON](client)
