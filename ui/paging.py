"""Lists page by page: earlier and later, without counting what lies ahead."""

from __future__ import annotations

import streamlit as st


def cursor_of(name: str) -> str | None:
    """The cursor of the page that is shown; None on the first."""
    return _cursors(name)[-1]


def show_paging(name: str, next_cursor: str | None, back: str = "Newer", on: str = "Older") -> None:
    """Draw the two buttons, where there is more than one page.

    name: of the list, among those of all pages;  back, on: what the buttons say
    """
    cursors = _cursors(name)
    if len(cursors) == 1 and next_cursor is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            back,
            icon=":material/chevron_left:",
            disabled=len(cursors) == 1,
            key=f"{name}.newer",
            on_click=_back,
            args=(name,),
        )
        st.caption(f"Page {len(cursors)}")
        st.button(
            on,
            icon=":material/chevron_right:",
            disabled=next_cursor is None,
            key=f"{name}.older",
            on_click=_on,
            args=(name, next_cursor),
        )


def _back(name: str) -> None:
    _cursors(name).pop()


def _on(name: str, cursor: str) -> None:
    _cursors(name).append(cursor)


def _cursors(name: str) -> list[str | None]:
    kept: dict[str, list[str | None]] = st.session_state.setdefault("cursors", {})
    if name not in kept:
        if len(kept) > 20:  # lists that were left long ago
            kept.clear()
        kept[name] = [None]
    return kept[name]
