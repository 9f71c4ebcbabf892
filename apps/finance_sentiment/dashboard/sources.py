"""The sources: which of them bring news, which fail and why, and adding one after trying it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st
from pydantic import ValidationError

from apps.finance_sentiment.dashboard.outlets import PATH, read_sources
from apps.finance_sentiment.dashboard.wire import Nothing
from apps.finance_sentiment.schemas.sources import Kind, NewSource, Polled, Source, SourceChange, SourceQuery, Tested
from ui.client import ApiProblem, Client
from ui.moments import ago, duration
from ui.text import label, plain
from ui.widgets import empty_place, show_problem, waiting

LOOKED_AT_EVERY_S = 15
KINDS: dict[Kind, str] = {"feed": "Feed (RSS or Atom)", "page": "Web page", "folder": "Watched folder"}
STATES = {"new": "not read yet", "ok": "works", "failing": "fails", "paused": "paused"}
SIGNS = {"new": "○", "ok": "✓", "failing": "✗", "paused": "‖"}
EVERY = {"1 minute": 60, "5 minutes": 300, "15 minutes": 900, "1 hour": 3_600}

_PROBLEM, _TRIED, _TABLE = "finance.source-problem", "finance.tried", "finance.sources"
_PUSH = """\
curl -X POST "$TRIVIUM_API/v1/finance/documents" \\
  -H "Authorization: Bearer $TRIVIUM_KEY" -H "Content-Type: application/json" \\
  -d '{"documents": [{"id": "note-1", "title": "Kestova Motors recalls 4,000 vans", "text": "…"}]}'"""


def show_sources(client: Client) -> None:
    """Draw the page."""
    _live(client)
    adding, pushing = st.columns(2, gap="medium")
    with adding, st.expander("Add a source", icon=":material/add:", expanded=False):
        _show_adding(client)
    with pushing, st.expander("Send texts yourself", icon=":material/upload:"):
        st.caption(
            "Any program may push texts; the same `id` twice counts once. Files: `trivium finance import FILE…`."
        )
        st.code(_PUSH, language="bash", wrap_lines=True)


@st.fragment(run_every=LOOKED_AT_EVERY_S)
def _live(client: Client) -> None:
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
    try:
        sources = read_sources(client)
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not sources:
        empty_place("There are no sources.", "Add a feed below, or send texts to `POST /v1/finance/documents`.")
        return
    failing = [one for one in sources if one.state == "failing"]
    st.caption(summary(sources))
    for one in failing[:3]:
        st.warning(f"**{label(one.title or one.id, most=60)}** fails: {plain(one.reason)}")
    event: Any = st.dataframe(
        table(sources, datetime.now(UTC)),
        hide_index=True,
        height=min(36 * (len(sources) + 1) + 3, 430),
        row_height=36,
        key=_TABLE,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Why": st.column_config.TextColumn(width=330),
            "Address": st.column_config.TextColumn(width=330),
        },
    )
    if event.selection.rows and event.selection.rows[0] < len(sources):
        _show_steps(client, sources[event.selection.rows[0]])
    else:
        st.caption("Choose a row to read it now, pause it or remove it.")


def summary(sources: list[Source]) -> str:
    """How many are in which state.

    >>> summary([])
    '0 sources'
    """
    counts = {state: sum(one.state == state for one in sources) for state in STATES}
    told = [f"{count} {STATES[state]}" for state, count in counts.items() if count]
    return f"{len(sources)} {'source' if len(sources) == 1 else 'sources'}" + (": " + ", ".join(told) if told else "")


def table(sources: list[Source], now: datetime) -> dict[str, list[object]]:
    """The table's columns; why a source fails only where one does."""
    reasons: list[object] = [one.reason for one in sources]
    return {
        "Source": [one.title or one.id for one in sources],
        "State": [f"{SIGNS.get(one.state, '')} {STATES.get(one.state, one.state)}".strip() for one in sources],
        "Last success": [ago(one.last_success_at, now) if one.last_success_at else "never" for one in sources],
        "Next": [_next(one, now) for one in sources],
        "New texts": [one.items_new for one in sources],
        **({"Why": reasons} if any(reasons) else {}),
        "Address": [one.address for one in sources],
    }


def _next(source: Source, now: datetime) -> str:
    if not source.enabled:
        return ""
    left = (source.next_at - now).total_seconds()
    return "now" if left <= 0 else f"in {duration(left)}"


def _show_steps(client: Client, source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{label(source.title or source.id, most=50)}**")
        path = f"{PATH}/{source.id}"
        st.button("Read it now", icon=":material/refresh:", on_click=_poll, args=(client, path))
        wish, icon = ("Pause", ":material/pause:") if source.enabled else ("Resume", ":material/play_arrow:")
        st.button(wish, icon=icon, on_click=_change, args=(client, path, not source.enabled))
        with st.popover("Remove", icon=":material/delete:"):
            st.write("Nothing more is read from it. What was captured stays.")
            st.button("Remove it", type="primary", on_click=_remove, args=(client, path))


def _poll(client: Client, path: str) -> None:
    try:
        polled = client.post(f"{path}/poll", Nothing(), Polled)
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
        return
    told = f"{polled.new} new of {polled.seen} texts." if polled.ok else polled.reason
    st.toast(plain(told), icon=":material/check:" if polled.ok else ":material/error:")


def _change(client: Client, path: str, enabled: bool) -> None:
    _try(lambda: client.patch(path, SourceChange(enabled=enabled), Source))


def _remove(client: Client, path: str) -> None:
    _try(lambda: client.delete(path))


def _try(step: Any) -> None:
    try:
        step()
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem


def _show_adding(client: Client) -> None:
    with st.form("finance.add-source", border=False):
        kind = st.segmented_control("Kind", list(KINDS), default="feed", required=True, format_func=KINDS.__getitem__)
        address = st.text_input("Address", help="https://… of a feed or a page, or the path of a folder.")
        title = st.text_input("Name (optional)")
        every = st.selectbox("Read it every", list(EVERY), index=1, help="A feed that asks for less is read less.")
        with st.container(horizontal=True):
            tried = st.form_submit_button("Try it", icon=":material/science:")
            added = st.form_submit_button("Add", type="primary")
    if not (tried or added):
        return
    if not address.strip():
        st.warning("Type an address first.")
        return
    try:
        source = NewSource(kind=kind or "feed", address=address, title=title, every_seconds=EVERY[every or "5 minutes"])
        with waiting("Reading it…"):
            if tried:
                query = SourceQuery(kind=source.kind, address=source.address)
                _show_trial(client.post(f"{PATH}/test", query, Tested))
            else:
                client.post(PATH, source, Source)
                st.rerun()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        st.warning(f"{label(str(first['loc'][-1]).capitalize())}: {label(str(first['msg']), most=300)}.")
    except ApiProblem as problem:
        show_problem(problem)


def _show_trial(trial: Tested) -> None:
    if not trial.titles:
        st.warning("It can be read, but there is nothing in it.")
        return
    st.success(f"It works: {trial.items} texts. The first of them:", icon=":material/check:")
    if trial.note:
        st.caption(label(trial.note, most=300))
    for title in trial.titles[:5]:
        st.markdown(f"- {label(title)}")
