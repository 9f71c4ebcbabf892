"""What the desk could not answer, in groups; from each a proposal can be made."""

from __future__ import annotations

import time

import streamlit as st

from apps.customer_service.dashboard.proposals import GROUPED, OPEN, PROBLEM
from apps.customer_service.schemas.insights import GapCluster, Gaps
from apps.customer_service.schemas.proposals import NewProposal, Proposal
from ui.client import ApiProblem, Client
from ui.text import escaped, plain
from ui.widgets import waiting, words

MOST_SHOWN = 8
SHOWN_EXAMPLES = 4
GROUPED_FOR_S = 60.0

_KINDS = {"clarify": "asked back", "handoff": "not known", "thumb_down": "called bad"}


def show_gaps(client: Client, asked: dict[str, str | None]) -> None:
    """Draw the largest groups. asked: period and knowledge base, as the API takes them. raises: ApiProblem"""
    st.subheader("Questions we could not answer", anchor=False)
    found = _grouped(client, asked)
    if not found.clusters:
        st.caption("None in this period." if not found.answered_since else "All of them have an answer by now.")
        return
    answered = f" {found.answered_since:,} more have a published answer by now." if found.answered_since else ""
    newest = " These are the newest; choose a shorter period to see all of it." if found.more else ""
    st.caption(f"{found.gaps:,} replies; groups: {len(found.clusters):,}, the largest first.{answered}{newest}")
    for at, cluster in enumerate(found.clusters[:MOST_SHOWN]):
        _show_cluster(client, at, cluster)
    if len(found.clusters) > MOST_SHOWN:
        st.caption(f"And {len(found.clusters) - MOST_SHOWN:,} smaller groups.")


def _grouped(client: Client, asked: dict[str, str | None]) -> Gaps:
    """Kept for a while: grouping costs the API seconds, and each press on the page draws all of it anew."""
    held: tuple[dict[str, str | None], float, Gaps] | None = st.session_state.get(GROUPED)
    if held is not None and held[0] == asked and time.monotonic() - held[1] < GROUPED_FOR_S:
        return held[2]
    with waiting("Grouping questions…"):
        found = client.get("/v1/support/insights/gaps", Gaps, **asked, examples=SHOWN_EXAMPLES)
    st.session_state[GROUPED] = (asked, time.monotonic(), found)
    return found


def _show_cluster(client: Client, at: int, cluster: GapCluster) -> None:
    kinds = ", ".join(f"{n} {_KINDS[kind]}" for kind, n in cluster.kinds.items())
    with st.expander(f"{plain(cluster.label)}: {cluster.size:,} in {cluster.conversations:,} chats ({kinds})"):
        for example in cluster.examples:
            with st.container(horizontal=True, vertical_alignment="center"):
                words(escaped(example.question), "question")
                st.button(
                    "Open the chat",
                    key=f"support.gap.{at}.{example.conversation}.{example.number}",
                    type="tertiary",
                    width="content",
                    on_click=_open_chat,
                    args=(example.conversation,),
                )
        st.button(
            "Propose an answer",
            key=f"support.gap.{at}.propose",
            on_click=_propose,
            args=(client, cluster),
            icon=":material/edit:",
        )


def _open_chat(chat: str) -> None:
    st.query_params["figure"] = st.query_params.get("figure", "coverage")
    st.query_params["behind"] = chat


def _propose(client: Client, cluster: GapCluster) -> None:
    try:
        made = client.post("/v1/support/proposals", NewProposal(gaps=cluster.places), Proposal)
        st.session_state[OPEN] = made.id
    except ApiProblem as problem:
        st.session_state[PROBLEM] = problem
