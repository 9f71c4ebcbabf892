"""A curve or a list of texts as a file. What begins like a formula is made harmless by the API."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.client import Client

FORMATS = {"csv": ("CSV", "text/csv"), "parquet": ("Parquet", "application/vnd.apache.parquet")}


def show_exports(client: Client, entity: str, query: dict[str, str | int | None]) -> None:
    """Draw the button. query: of the curve that is shown; a file is made when somebody asks for it"""
    curve = f"/v1/finance/entities/{entity}/timeline"
    texts: dict[str, str | int | None] = {"entity": entity, "from": query["from"]}
    with st.popover("Export", icon=":material/download:"):
        for what, path, asked in (("curve", curve, query), ("texts", "/v1/finance/documents", texts)):
            for kind, (name, media) in FORMATS.items():
                st.download_button(
                    f"{'This curve' if what == 'curve' else 'Its texts'}, {name}",
                    data=partial(client.download, path, **asked, format=kind),
                    file_name=f"{entity}-{what}.{kind}",
                    mime=media,
                    on_click="ignore",
                    key=f"finance.export.{what}.{kind}",
                    width="stretch",
                )
