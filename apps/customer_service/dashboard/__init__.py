"""The support desk's page: ask, chat, answer customers, look after knowledge and figures. Speaks HTTP only."""

from __future__ import annotations

import streamlit as st

from apps.customer_service.dashboard.ask import show_ask
from apps.customer_service.dashboard.chat import show_chat
from apps.customer_service.dashboard.console import show_console
from apps.customer_service.dashboard.knowledge import show_knowledge
from apps.customer_service.dashboard.supervisor import show_supervisor
from apps.customer_service.schemas.knowledge import CollectionSummaries, CollectionSummary
from ui.client import Client

ASK, CHAT, CONSOLE, KNOWLEDGE, SUPERVISOR = "Ask", "Customer chat", "Agent console", "Knowledge", "Supervisor"


def render(client: Client) -> None:
    """Draw the page.

    raises: ApiProblem when the API does not say which knowledge bases there are
    """
    collections = client.get("/v1/support/collections", CollectionSummaries).items
    heading, chooser = st.columns([3, 1], vertical_alignment="bottom")
    with heading:
        st.title("Support desk", anchor=False)
        st.caption("Answers customers' questions in the words of your own documents, or says that it does not know.")
    with chooser:
        collection = _chosen(collections)
    view = st.segmented_control(
        "View",
        [ASK, CHAT, CONSOLE, KNOWLEDGE, SUPERVISOR],
        default=ASK,
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == KNOWLEDGE:
        show_knowledge(client, collection)
    elif view == CHAT:
        show_chat(client, collection)
    elif view == CONSOLE:
        show_console(client)
    elif view == SUPERVISOR:
        show_supervisor(client, collection)
    else:
        show_ask(client, collection)


def _chosen(collections: list[CollectionSummary]) -> CollectionSummary:
    """The knowledge base in use; asked for only where there are several."""
    if not collections:
        return CollectionSummary(name="support", documents=0)
    if len(collections) == 1:
        return collections[0]
    by_name = {collection.name: collection for collection in collections}
    names = list(by_name)
    first = names.index("support") if "support" in by_name else 0
    return by_name[st.selectbox("Knowledge base", names, index=first, key="base", bind="query-params")]
