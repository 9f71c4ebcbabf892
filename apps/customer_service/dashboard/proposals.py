"""Proposed entries of the knowledge base: edit, publish, put aside, take back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from apps.customer_service.schemas.proposals import (
    MOST_WORDING_CHARACTERS,
    Proposal,
    ProposalEdit,
    ReadVersion,
)
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.text import plain
from ui.widgets import show_problem

MOST_SHOWN = 20
OPEN = "support.proposal.open"  # the one that was just made
PROBLEM = "support.proposal.problem"
GROUPED = "support.gaps.grouped"  # what is not answered, as it was read last; publishing changes it

_PATH = "/v1/support/proposals"


def show_proposals(client: Client, collection: str) -> None:
    """Draw drafts and what is published. raises: ApiProblem"""
    drafts, live = (
        client.get(_PATH, Page[Proposal], state=state, collection=collection, limit=MOST_SHOWN)
        for state in ("draft", "published")
    )
    st.subheader("Proposed answers", anchor=False)
    if problem := st.session_state.pop(PROBLEM, None):
        show_problem(problem)
    if not drafts.items:
        st.caption("None. Propose an answer to a group of questions above.")
    for proposal in drafts.items:
        with st.expander(plain(proposal.question), expanded=proposal.id == st.session_state.get(OPEN)):
            _show_editor(client, proposal)
    if drafts.next_cursor:
        st.caption(f"These are the newest {MOST_SHOWN}.")
    if live.items:
        st.subheader("Published answers", anchor=False)
    for proposal in live.items:
        with st.expander(plain(proposal.question)):
            _show_editor(client, proposal)


def _show_editor(client: Client, proposal: Proposal) -> None:
    key = f"support.proposal.{proposal.id}.{proposal.version}"
    st.text_input("Question", proposal.question, key=f"{key}.question", max_chars=MOST_WORDING_CHARACTERS)
    st.text_area("Other wordings, one a line", "\n".join(proposal.variants), key=f"{key}.variants", height=120)
    st.text_area("Answer", proposal.answer, key=f"{key}.answer", height=140)
    if proposal.changed_since:
        st.caption("Customers get an older version until this one is published.")
    is_live = proposal.state == "published"
    with st.container(horizontal=True):
        for words, step, kind in (
            ("Publish again" if is_live else "Publish", _publish, "primary"),
            ("Save", _save, "secondary"),
            ("Take back" if is_live else "Dismiss", _take_back if is_live else _dismiss, "secondary"),
        ):
            st.button(
                words,
                key=f"{key}.{step.__name__}",
                type="primary" if kind == "primary" else "secondary",
                on_click=_attempt,
                args=(step, client, proposal, key),
            )


def _attempt(step: Callable[[Client, Proposal, str], object], client: Client, proposal: Proposal, key: str) -> None:
    """What goes wrong is shown at the next drawing; what was typed stays."""
    try:
        step(client, proposal, key)
    except ApiProblem as problem:
        st.session_state[PROBLEM] = problem
        st.session_state[OPEN] = proposal.id


def _save(client: Client, proposal: Proposal, key: str) -> Proposal:
    typed = st.session_state
    lines = [line.strip() for line in typed[f"{key}.variants"].splitlines() if line.strip()]
    question, answer = typed[f"{key}.question"].strip(), typed[f"{key}.answer"].strip()
    # Not checked here: the API says what does not fit, as that a question is needed.
    edit = ProposalEdit.model_construct(version=proposal.version, question=question, variants=lines, answer=answer)
    saved = client.patch(f"{_PATH}/{proposal.id}", edit, Proposal)
    typed[OPEN] = proposal.id
    return saved


def _publish(client: Client, proposal: Proposal, key: str) -> None:
    saved = _save(client, proposal, key)
    client.post(f"{_PATH}/{proposal.id}/publish", ReadVersion(version=saved.version), Proposal)
    st.session_state.pop(GROUPED, None)
    st.toast("Published. The next customer who asks gets this answer.", icon=":material/check:")


def _dismiss(client: Client, proposal: Proposal, _: str) -> None:
    client.post(f"{_PATH}/{proposal.id}/dismiss", ReadVersion(version=proposal.version), Proposal)


def _take_back(client: Client, proposal: Proposal, _: str) -> None:
    client.post(f"{_PATH}/{proposal.id}/unpublish", ReadVersion(version=proposal.version), Proposal)
    st.session_state.pop(GROUPED, None)
