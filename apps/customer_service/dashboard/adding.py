"""Add files to a knowledge base, and say of each what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from apps.customer_service.schemas.knowledge import FailedFile, ImportReport
from ui.client import ApiProblem, Client
from ui.text import plain, prose

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

KINDS = ("md", "markdown", "html", "htm", "txt", "pdf", "docx", "csv", "jsonl", "jsonl.gz")

_ROUND = "support.upload_round"  # a new number empties the file field
_OUTCOMES = "support.upload_outcomes"


def show_adding(client: Client, collection: str) -> None:
    """Draw the form, and the report on the files that were sent last."""
    with st.expander("Add documents", icon=":material/upload_file:", expanded=_OUTCOMES in st.session_state):
        with st.form("support.upload", border=False):
            files = st.file_uploader(
                "Articles (Markdown, HTML, text, PDF, Word) or tables of questions and answers (CSV, JSON Lines)",
                type=KINDS,
                accept_multiple_files=True,
                key=f"support.upload.{st.session_state.get(_ROUND, 0)}",
            )
            sent = st.form_submit_button("Add", type="primary")
        if sent and files:
            st.session_state[_OUTCOMES] = _send(client, collection, files)
            st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
            st.rerun()
        if sent:
            st.warning("Choose files first.")
        for outcome in st.session_state.get(_OUTCOMES, []):
            st.markdown(outcome)


def _send(client: Client, collection: str, files: Sequence[UploadedFile]) -> list[str]:
    bar = st.progress(0.0)
    outcomes: list[str] = []
    for done, file in enumerate(files):
        bar.progress(done / len(files), text=f"Reading {plain(file.name)} ({done + 1} of {len(files)})…")
        try:
            report = client.upload(
                "/v1/support/documents/file",
                {"file": (file.name, file.getvalue(), file.type or "application/octet-stream")},
                {"collection": collection},
                ImportReport,
            )
        except ApiProblem as problem:
            report = _failed(collection, file.name, problem)
        outcomes.append(outcome(file.name, report))
    bar.empty()
    return outcomes


def outcome(name: str, report: ImportReport) -> str:
    """Say in a line what became of a file.

    >>> report = ImportReport(collection="support", added=["a", "b"], replaced=[], unchanged=["c"])
    >>> print(outcome("faq.csv", report))
    :material/check_circle: faq\\.csv: 2 added, 1 unchanged
    """
    counts = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
    done = ", ".join(f"{len(keys)} {what}" for what, keys in counts.items() if keys)
    failed = "; ".join(prose(failure.reason) for failure in report.failed)
    sign = ":material/error:" if failed else ":material/check_circle:"
    aimed = len(report.suspicious)
    warned = f"{aimed} sentence{'s' if aimed > 1 else ''} aimed at a model: never quoted, have a look" if aimed else ""
    told = "; ".join(part for part in (done, f"not added: {failed}" if failed else "", warned) if part)
    return f"{sign} {plain(name)}: {told or 'nothing in it'}"


def _failed(collection: str, name: str, problem: ApiProblem) -> ImportReport:
    failure = FailedFile(name=name, reason=str(problem))
    return ImportReport(collection=collection, added=[], replaced=[], unchanged=[], failed=[failure])
