"""Correct what was read: the mood, the company, the story. It counts at once, and is kept with who said it and when."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.moods import LABELS, SIGNS
from apps.finance_sentiment.dashboard.wire import Correction, DocumentShown, Reading
from ui.client import ApiProblem, Client
from ui.text import label
from ui.widgets import show_problem

PATH = "/v1/finance/corrections"

_PROBLEM = "finance.correction-problem"


def show_correcting(client: Client, shown: DocumentShown, reading: Reading | None) -> None:
    """Draw the buttons."""
    if problem := st.session_state.pop(_PROBLEM, None):
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
                        args=(client, Correction(reading=reading.id, label=mood)),
                    )
        with st.popover("Correct the company", icon=":material/business:"):
            _show_company(client, shown, reading)
        if shown.story is not None:
            with st.popover("Correct the story", icon=":material/account_tree:"):
                _show_story(client, shown)
        if shown.url.startswith(("https://", "http://")):
            st.link_button("Original", shown.url, icon=":material/open_in_new:", help=label(shown.url, most=200))


def correct(client: Client, correction: Correction) -> None:
    """Send a correction, as the callback of a button."""
    try:
        client.tell(PATH, correction)
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
        return
    going.forget()
    st.toast("Corrected. The curves count it already.", icon=":material/check:")


def _show_company(client: Client, shown: DocumentShown, reading: Reading | None) -> None:
    if reading is not None:
        st.button(
            f"This is not about {label(reading.name or reading.entity, most=40)}",
            key=f"finance.unlink.{reading.id}",
            on_click=correct,
            args=(client, Correction(document=shown.id, entity=reading.entity, linked=False)),
        )
    with st.form(f"finance.link.{shown.id}", border=False):
        entity = st.text_input("It is about another company (its id)", help="As the list of companies writes it.")
        if st.form_submit_button("Add") and entity.strip():
            correct(client, Correction(document=shown.id, entity=entity.strip(), linked=True))
            st.rerun()


def _show_story(client: Client, shown: DocumentShown) -> None:
    st.caption(f"Story {shown.story}" + (", which this text repeats." if shown.echo else "."))
    st.button(
        "This is a story of its own",
        key=f"finance.own-story.{shown.id}",
        on_click=correct,
        args=(client, Correction(document=shown.id, story="new")),
    )
    with st.form(f"finance.story.{shown.id}", border=False):
        story = st.number_input("It belongs to story", min_value=1, value=None, step=1, format="%d")
        if st.form_submit_button("Move") and story:
            correct(client, Correction(document=shown.id, story=int(story)))
            st.rerun()
