"""What to do where nothing has been captured yet."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard import going


def show_empty_archive() -> None:
    """Say how news gets in. Nothing is invented to fill the page."""
    with st.container(border=True):
        st.markdown("**Nothing has been captured yet.**", text_alignment="center")
        st.markdown(
            "Add a feed under *Sources*, load a file with `trivium finance import FILE`, or send texts to "
            "`POST /v1/finance/documents`. Curves appear as soon as the first texts have been read.",
            text_alignment="center",
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button(
                "Add a source",
                type="primary",
                icon=":material/add:",
                key="finance.add-first",
                on_click=going.go,
                args=(going.SOURCES,),
            )
