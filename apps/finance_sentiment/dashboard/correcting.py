"""Correct what was read: the mood, the company, the story. It counts at once, and is kept with who said it and when."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard.moods import LABELS, SIGNS
from apps.finance_sentiment.schemas.corrections import NewCorrection
from apps.finance_sentiment.schemas.documents import DocumentRead, Reading
from ui.client import ApiProblem, Client
from ui.holding import forget
from ui.text import label
from ui.widgets import show_problem

PATH = "/v1/finance/corrections"

_PROBLEM = "finance.correction-problem"


def show_correcting(client: Client, shown: DocumentRead, reading: Reading | None) -> None:
    """Draw the buttons."""
    if problem := went_wrong():
        show_problem(problem)
    with st.container(horizontal=True, gap="small"):
        if reading is not None:
            with st.popover("Correct the mood", icon=":material/edit:"):
                st.caption(f"Towards {label(reading.name or reading.entity, most=60)}, this text is")
                for mood in LABELS:
                    st.button(
                        f"{SIGNS[mood]} {mood}",
                        key=f"finance.mood.{reading.id}.{mood}",
                        disabled=mood == reading.label and reading.enough,
                        width="stretch",
                        on_click=correct,
                        args=(client, NewCorrection(reading=reading.id, label=mood)),
                    )
        with st.popover("Correct the company", icon=":material/business:"):
            _show_company(client, shown, reading)
        if shown.story is not None:
            with st.popover("Correct the story", icon=":material/account_tree:"):
                _show_story(client, shown)
        if shown.url.startswith(("https://", "http://")):
            st.link_button("Original", shown.url, icon=":material/open_in_new:", help=label(shown.url, most=200))


def went_wrong() -> ApiProblem | None:
    """Why the last correction was not taken, once."""
    problem: ApiProblem | None = st.session_state.pop(_PROBLEM, None)
    return problem


def correct(client: Client, correction: NewCorrection) -> None:
    """Send a correction, as the callback of a button."""
    taken(client, correction)


def taken(client: Client, correction: NewCorrection) -> bool:
    """Send a correction. returns: whether it was taken; `went_wrong` tells why it was not"""
    try:
        client.tell(PATH, correction)
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
        return False
    forget(but="finance.review")
    st.toast("Corrected. The curves count it already.", icon=":material/check:")
    return True


def _show_company(client: Client, shown: DocumentRead, reading: Reading | None) -> None:
    if reading is not None:
        st.button(
            f"This is not about {label(reading.name or reading.entity, most=40)}",
            key=f"finance.unlink.{reading.id}",
            on_click=correct,
            args=(client, NewCorrection(document=shown.id, entity=reading.entity, linked=False)),
        )
    with st.form(f"finance.link.{shown.id}", border=False):
        entity = st.text_input("It is about another company (its id)", help="As the list of companies writes it.")
        if st.form_submit_button("Add") and entity.strip():
            correct(client, NewCorrection(document=shown.id, entity=entity.strip(), linked=True))
            st.rerun()


def _show_story(client: Client, shown: DocumentRead) -> None:
    st.caption(f"Story {shown.story}" + (", which this text repeats." if shown.echo else "."))
    st.button(
        "This is a story of its own",
        key=f"finance.own-story.{shown.id}",
        on_click=correct,
        args=(client, NewCorrection(document=shown.id, story="new")),
    )
    with st.form(f"finance.story.{shown.id}", border=False):
        story = st.number_input("It belongs to story", min_value=1, value=None, step=1, format="%d")
        if st.form_submit_button("Move") and story:
            correct(client, NewCorrection(document=shown.id, story=int(story)))
            st.rerun()
