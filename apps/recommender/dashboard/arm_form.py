"""One way to recommend, as a form asks for it: what is left as it is counts as everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.schemas.rules import RuleShown
from apps.recommender.schemas.versions import Versions
from core.paging import Page
from ui.client import Client
from ui.text import label

USUAL = "As everywhere"
WAYS = {USUAL: USUAL, "text": "Likeness of texts", "popular": "Popularity alone"}
NO_RULE = ""


@dataclass(frozen=True)
class Choices:
    """What an arm may name. models, rules: what is sent -> how it is called"""

    models: dict[str, str]
    rules: dict[str, str]


def choices_of(client: Client) -> Choices:
    """raises: ApiProblem"""
    versions = client.get(f"{going.PATH}/versions", Versions).items
    rules = client.get(f"{going.PATH}/rules", Page[RuleShown]).items
    named = {str(rule.id): label(rule.name, most=60) for rule in rules}
    return Choices(WAYS | {one.ref: one.ref for one in versions}, {NO_RULE: "None at all"} | named)


def filled_arm(title: str, choices: Choices, at: int) -> dict[str, Any]:
    """Draw the fields of an arm, the control or the other one. returns: what `ArmEdit` takes, less name and share"""
    with st.container(border=True):
        st.markdown(f"**{title}**, half of them")
        names = choices.models
        model = st.selectbox("Model", list(names), format_func=names.__getitem__, key=f"recommend.arm-model.{at}")
        left, right = st.columns(2)
        diversity = left.slider("Diversity", 0.0, 1.0, 0.0, 0.1, key=f"recommend.arm-diversity.{at}")
        novelty = right.slider(
            "Novelty",
            0.0,
            3.0,
            0.0,
            0.5,
            key=f"recommend.arm-novelty.{at}",
            help="How far common items are pushed down.",
        )
        chance = left.number_input(
            "Left to chance, %",
            0,
            50,
            None,
            placeholder="as everywhere",
            key=f"recommend.arm-explore.{at}",
            help="Share of places that are given to items which would not stand there, to learn how they do.",
        )
        most = right.number_input(
            "Most of a category",
            1,
            100,
            None,
            placeholder="no limit",
            key=f"recommend.arm-most.{at}",
        )
        rules = st.multiselect(
            "Rules that count",
            list(choices.rules),
            format_func=choices.rules.__getitem__,
            placeholder="All, as everywhere",
            key=f"recommend.arm-rules.{at}",
        )
    return {
        "model": None if model == USUAL else model,
        "diversity": diversity or None,
        "novelty": novelty or None,
        "explore": None if chance is None else chance / 100,
        "most_per_category": most,
        "rules": [rule for rule in rules if rule != NO_RULE] if rules else None,
    }
