"""A list of recommendations: asked for, and drawn with a reason for each item and how it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.schemas.recommend import Reason, Recommendations
from ui.client import Client
from ui.text import escaped, label, shortened
from ui.widgets import words

CLICK = "click"
"""In the address: items that are tried, in order."""


@dataclass(frozen=True)
class Asked:
    """Whose list is asked for, and how it shall be. path: below `/v1/recommend/`;  wish: query parameters"""

    path: str
    wish: dict[str, Any] = field(default_factory=dict)


def read_list(client: Client, asked: Asked, context: Sequence[str] = ()) -> Recommendations:
    """Ask as who only looks: nothing is kept of it. context: items that were clicked just now. raises: ApiProblem"""
    clicked = list(context) if context else None
    return client.get(f"{going.PATH}/{asked.path}", Recommendations, **asked.wish, context=clicked, keep="false")


def show_list(
    shown: Recommendations,
    *,
    key: str,
    trying: bool = False,
    before: Sequence[str] | None = None,
    first: int = 1,
    reasons: bool = True,
) -> None:
    """Draw a list, best first. trying: a press tries a click, else it opens the item;  first: number of the first

    reasons: whether they are told, where they are not all alike
    before: the ids of the list as it was, to say how each item moved
    """
    with st.container(gap=None, key=f"recommend-list-{key}"):
        for at, one in enumerate(shown.items):
            moved = f" :gray[{_moved(one.id, at, before)}]" if before is not None else ""
            title = label(one.title or one.id, most=90)
            with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
                st.button(
                    f"{at + first}. {title}{moved}",
                    key=f"recommend.{key}.{at}.{one.id}",
                    type="tertiary",
                    width="stretch",
                    help="See what a click on it would change" if trying else "Open it in the catalogue",
                    on_click=try_click if trying else open_item,
                    args=(one.id,),
                )
                if trying:
                    st.button(
                        "Open in the catalogue",
                        icon=":material/open_in_new:",
                        key=f"recommend-open.{key}.{at}.{one.id}",
                        type="tertiary",
                        help="Open it in the catalogue",
                        on_click=open_item,
                        args=(one.id,),
                    )
            if reasons:
                words(escaped(why(one.reason)), "why")


def why(reason: Reason) -> str:
    r"""A reason in words, with how much of all that spoke for the item it was, where it was not all of it.

    >>> why(Reason(kind="similar", text="Because you viewed “Tent”", share=0.72))
    'Because you viewed “Tent” (72\xa0%)'
    """
    said = shortened(reason.text, 150)
    if reason.kind in ("pinned", "explored") or reason.share >= 0.995 or reason.share <= 0:
        return said
    return f"{said} ({100 * reason.share:.0f}\N{NO-BREAK SPACE}%)"


def _moved(item: str, at: int, before: Sequence[str]) -> str:
    if item not in before:
        return "new"
    up = before.index(item) - at
    if not up:
        return ""
    return f"▲ {up}" if up > 0 else f"▼ {-up}"


def try_click(item: str) -> None:
    """See what a click on an item would change: a callback."""
    going.put(**{CLICK: [*(one for one in going.places(CLICK) if one != item), item]})


def open_item(item: str) -> None:
    """Open an item in the catalogue: a callback."""
    going.go(going.CATALOGUE, item=item)
