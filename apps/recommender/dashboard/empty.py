"""What to do where nothing has been sent yet."""

from __future__ import annotations

import streamlit as st


def show_empty_shop() -> None:
    """Say how data gets in. Nothing is invented to fill the page."""
    with st.container(border=True):
        st.markdown("**Nothing has been sent yet.**", text_alignment="center")
        st.markdown(
            "Load files with `trivium recommend import --items FILE --events FILE`, or send them to "
            "`POST /v1/recommend/items` and `/v1/recommend/events`. Lists work from the first item on; the next "
            "request after an event already reflects it.",
            text_alignment="center",
        )
