"""Who may see a document and when: said in a few words, and set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from apps.customer_service.dashboard.source import document_path
from apps.customer_service.schemas.knowledge import SET_BY_HAND, DocumentChange, DocumentDetail
from ui.client import ApiProblem, Client
from ui.widgets import show_problem

EVERYBODY, US = "Customers too", "Only our people"
_AUDIENCES = {EVERYBODY: "public", US: "internal"}
_SAVED = "support.validity_saved"


def validity(metadata: Mapping[str, Any], now: datetime) -> list[str]:
    """The limits of a document in a few words each, days in UTC; none for what everybody may always see.

    >>> validity({"audience": "internal", "valid_until": "2026-06-30T23:59:59+00:00"}, datetime(2026, 1, 1, tzinfo=UTC))
    ['internal', 'until 30 Jun 2026']
    """
    told = ["internal"] if metadata.get("audience") == "internal" else []
    begins, ends = day_of(metadata.get("valid_from")), day_of(metadata.get("valid_until"))
    if begins and begins > now.date():
        told.append(f"from {_say(begins)}")
    if ends:
        told.append(f"until {_say(ends)}" if ends >= now.date() else f"ended {_say(ends)}")
    return told


def show_validity(client: Client, collection: str, document: DocumentDetail) -> None:
    """Draw the form behind a button."""
    if st.session_state.pop(_SAVED, False):
        st.toast("Saved. The next answer goes by it.", icon=":material/visibility:")
    limits = " \u00b7 ".join(validity(document.metadata, datetime.now(UTC)))
    with st.popover(f"Who may see it: {limits}" if limits else "Who may see it", icon=":material/visibility:"):
        _form(client, collection, document)


def _form(client: Client, collection: str, document: DocumentDetail) -> None:
    metadata = document.metadata
    with st.form(f"support.validity.{document.key}", border=False):
        internal = metadata.get("audience") == "internal"
        audience = st.radio("Read by", list(_AUDIENCES), index=int(internal), horizontal=True)
        first, last = st.columns(2)
        begins = first.date_input("First day", day_of(metadata.get("valid_from")), format="YYYY-MM-DD")
        ends = last.date_input("Last day", day_of(metadata.get("valid_until")), format="YYYY-MM-DD")
        st.caption("Days are UTC. Outside of them no answer uses the document. Later imports leave this as it is.")
        if st.form_submit_button("Save", type="primary"):
            wanted = {"audience": _AUDIENCES[audience], "valid_from": begins, "valid_until": ends}
            _save(client, collection, document.key, changes(metadata, wanted))
    held = metadata.get(SET_BY_HAND, {})
    if held and st.button("Go by the source again", help="Takes back what was set by hand."):
        _save(client, collection, document.key, dict.fromkeys(held))


def changes(metadata: Mapping[str, Any], wanted: Mapping[str, str | date | None]) -> dict[str, str | None]:
    """What of a form differs from what is stored; a day that is cleared takes back what was set by hand.

    >>> changes({"audience": "internal"}, {"audience": "internal", "valid_until": date(2026, 6, 30)})
    {'valid_until': '2026-06-30'}
    """
    differing: dict[str, str | None] = {}
    for field, value in wanted.items():
        stored = metadata.get(field)
        if field == "audience":
            if value != (stored or "public"):
                differing[field] = str(value)
        elif value != day_of(stored):
            differing[field] = value.isoformat() if isinstance(value, date) else None
    return differing


def day_of(moment: Any) -> date | None:
    """The UTC day of a stored time."""
    if not isinstance(moment, str):
        return None
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None


def _save(client: Client, collection: str, key: str, wanted: Mapping[str, str | None]) -> None:
    if not wanted:
        return
    try:
        client.patch(document_path(key), DocumentChange(**wanted), DocumentDetail, collection=collection)
    except ApiProblem as problem:
        show_problem(problem)
        return
    st.session_state[_SAVED] = True
    st.rerun()


def _say(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
