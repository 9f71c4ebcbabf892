"""How a list shall be: diversity, novelty, category, model; kept in the session, sent with every request."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.lists import Asked
from apps.recommender.schemas.versions import Versions
from ui.client import Client
from ui.holding import held

KEPT_S = 60.0
ACTIVE, TEXT, POPULAR = "The active one", "text", "popular"
MODELS = {ACTIVE: ACTIVE, TEXT: "Likeness of texts", POPULAR: "Popularity alone"}
LENGTH = 8


def wishes(client: Client, kind: str, name: str) -> Asked:
    """Draw the choices behind a button. returns: what is to be asked. raises: ApiProblem"""
    versions = held("recommend.versions", KEPT_S, lambda: client.get(f"{going.PATH}/versions", Versions))
    models = MODELS | {one.ref: one.ref for one in versions.items}
    with st.popover("How the list shall be", icon=":material/tune:"):
        model = st.selectbox("Model", list(models), format_func=models.__getitem__, key="recommend.model")
        diversity = st.slider(
            "Diversity", 0.0, 1.0, 0.0, 0.1, key="recommend.diversity", help="0: by score; 1: as unlike as can be."
        )
        novelty = st.slider(
            "Novelty", 0.0, 3.0, 0.0, 0.5, key="recommend.novelty", help="How far common items are pushed down."
        )
        category = st.text_input("Only in the category", key="recommend.category", help="Written as in the catalogue.")
        seen = st.toggle("With what they had already", key="recommend.seen")
    wish = {
        "k": LENGTH,
        "model": None if model == ACTIVE else model,
        "diversity": diversity or None,
        "novelty": novelty or None,
        "category": (category or "").strip() or None,
        "seen": "true" if seen else None,
    }
    return Asked(f"{kind}s/{going.quoted(name)}", wish)
