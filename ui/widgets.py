"""Pieces that every page uses: problems, empty places, confidence, a copy button. Speaks to no API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import TriviumError
from ui.text import escaped, prose

_COPY_HTML = '<button type="button"><span aria-live="polite"></span></button>'
_COPY_CSS = """
button { width: 100%; min-height: 2.5rem; padding: .25rem .75rem; white-space: nowrap; cursor: pointer; font: inherit;
         color: var(--st-text-color); background: transparent;
         border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""
# The clipboard is closed to pages that come over plain HTTP from another machine; the older command works there too.
_COPY_JS = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button"), said = parentElement.querySelector("span");
  said.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(data.text);
    } catch {
      const area = document.createElement("textarea");
      area.value = data.text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = data.label; }, 2000);
  };
}
"""


def show_problem(problem: TriviumError) -> None:
    """Show an error as its own sentence, with commands as code and nothing else of it obeyed."""
    st.error(prose(str(problem)), icon=":material/error:")


def empty_place(fact: str, remedy: str) -> None:
    """Fill a place that has nothing to show yet. remedy: what to do, in Markdown of ours"""
    with st.container(border=True):
        st.markdown(f"**{fact}**", text_alignment="center")
        st.markdown(remedy, text_alignment="center")


def confidence(words: str, value: float) -> str:
    """Say how sure an answer is, in words and a number; never that it is certain.

    >>> confidence("fairly sure", 0.812), confidence("sure", 0.9999)
    ('Fairly sure, 0.81', 'Sure, over 0.99')
    """
    return f"{words[:1].upper()}{words[1:]}, {figure(value)}"


def what_confidence_means(value: float) -> str:
    """Explain the number once.

    >>> what_confidence_means(0.81)
    'of 100 answers with this number, about 81 would be right'
    """
    of_100 = round(float(f"{value:.2f}") * 100)  # rounds as the number beside it does
    return f"of 100 answers with this number, about {min(max(of_100, 1), 99)} would be right"


def figure(value: float) -> str:
    """A probability in two digits, never 0 or 1.

    >>> figure(0.812), figure(0.9999)
    ('0.81', 'over 0.99')
    """
    if value >= 0.995:
        return "over 0.99"
    return "under 0.01" if value < 0.005 else f"{value:.2f}"


def copy_button(caption: str, text: str, key: str) -> None:
    """A button that puts `text` on the clipboard. It travels as data, never as markup."""
    button = st.components.v2.component("trivium_copy", html=_COPY_HTML, css=_COPY_CSS, js=_COPY_JS)
    button(data={"label": caption, "text": text}, key=key, width=140, height="content")


def words(html: str, name: str) -> None:
    """Show HTML that was made by `escaped` or `marked`. name: its class, for theme.css"""
    st.html(f'<div class="{escaped(name)}">{html}</div>')


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what is going on while the block runs; theme.css lets it appear after 300 ms. what: ends in an ellipsis"""
    slot = st.empty()
    slot.html(f'<p class="waiting" role="status">{escaped(what)}</p>')
    try:
        yield
    finally:
        slot.empty()
