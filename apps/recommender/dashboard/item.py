"""One item: what is known of it, whether it is warm or cold, its neighbours, who gets it, who had it."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.health import many
from apps.recommender.dashboard.history import open_person, show_history
from apps.recommender.dashboard.lists import Asked, read_list, show_list
from apps.recommender.schemas.items import ItemShown
from apps.recommender.schemas.recipients import FIRST, Recipient, Recipients
from ui.client import ApiProblem, Client
from ui.moments import ago
from ui.text import escaped, label, shortened
from ui.widgets import empty_place, waiting, words

NEIGHBOURS = 6
WARM_FROM = 10
MOST_RECIPIENTS = 12
SIMILAR, TOGETHER, GETS, HAD = PARTS = ("Similar", "Bought together", "Who gets it", "Who had it")


def show_item(client: Client, item: str) -> None:
    """Draw the item. raises: ApiProblem"""
    with waiting("Reading the item…"):
        shown = client.get(going.item_path(item), ItemShown)
    with st.container(horizontal=True, vertical_alignment="top", wrap=False):
        st.markdown(f"**{label(shown.title or shown.id, most=160)}**", width="stretch")
        st.button("Close", key="recommend.item-close", on_click=going.put, kwargs={"item": None})
    st.caption(_facts(shown))
    if shown.description:
        words(escaped(shortened(shown.description, 400)), "said")
    st.markdown(f":material/{'local_fire_department' if _events(shown) >= WARM_FROM else 'ac_unit'}: {warmth(shown)}")
    if not shown.known:
        return
    part = st.segmented_control(
        "Part", PARTS, default=SIMILAR, required=True, key="part", bind="query-params", label_visibility="collapsed"
    )
    if part == HAD:
        show_history(client, "item", item)
    elif part == GETS:
        _show_recipients(client, item)
    else:
        _show_neighbours(client, item, "bought-together" if part == TOGETHER else "similar")


def warmth(item: ItemShown) -> str:
    """How much is known of an item, and what it is recommended from."""
    events = _events(item)
    if not item.known:
        return f"Only named by {events:,} events: it is recommended once somebody sends the item itself."
    if item.hidden or item.stock == 0:
        return f"Not recommended now: {'it is hidden' if item.hidden else 'it is out of stock'} ({events:,} events)."
    if not events:
        return "Cold: no event names it; it is recommended by its text."
    if events < WARM_FROM:
        return f"Nearly cold: {events} {'event names' if events == 1 else 'events name'} it; its text counts most."
    return f"Warm: {events:,} events name it."


def _events(item: ItemShown) -> int:
    return item.events or 0


def _facts(item: ItemShown) -> str:
    stock = "" if item.stock is None else f"{item.stock:,} in stock"
    price = "" if item.price is None else f"{item.price:,.2f}"
    attributes = [f"{name}: {value}" for name, value in list(item.attributes.items())[:4]]
    told = [item.id, *item.categories, price, stock, *attributes]
    return " · ".join(label(part, most=60) for part in told if part)


def _show_neighbours(client: Client, item: str, which: str) -> None:
    path = going.item_path(item, f"/{which}").removeprefix(f"{going.PATH}/")
    try:
        with waiting("Looking for neighbours…"):
            found = read_list(client, Asked(path, {"k": NEIGHBOURS}))
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        st.caption("It is not available now, so that lists do not begin with it.")
        return
    show_list(found, key=f"{which}.{item}", reasons=False)
    if not found.items:
        st.caption(label(found.note, most=300))


def _show_recipients(client: Client, item: str) -> None:
    with waiting("Reading the last answers…"):
        found = client.get(going.item_path(item, "/recommended-to"), Recipients, limit=MOST_RECIPIENTS)
    if not found.lists:
        empty_place("No list was asked for yet.", "Who gets the item stands here once the shop asks for lists.")
        return
    st.caption(reached(found))
    with st.container(gap=None, key="recommend-recipients"):
        for one in found.items:
            _show_recipient(one)


def reached(found: Recipients) -> str:
    """In how many lists the item stood, in a sentence.

    >>> reached(Recipients(lists=200, among_first=7, items=[]))
    'It stood among the first 10 in 7 of the last 200 lists (3.5 of 100).'
    >>> reached(Recipients(lists=1, among_first=0, items=[]))
    'It stood among the first 10 in none of the last 1 list.'
    """
    share = f" ({100 * found.among_first / found.lists:.1f} of 100)" if found.among_first else ""
    count = f"{found.among_first:,}" if found.among_first else "none"
    return f"It stood among the first {FIRST} in {count} of the last {many(found.lists, 'list')}{share}."


def _show_recipient(one: Recipient) -> None:
    who = f"User {one.user}" if one.user is not None else f"Session {one.session}"
    st.button(
        label(who, most=60),
        key=f"recommend.recipient.{who}",
        type="tertiary",
        on_click=open_person,
        args=(one.user, one.session),
    )
    told = f"place {one.position} of the list “{one.place}”, ranked by {one.model}, {ago(one.at, datetime.now(UTC))}"
    words(escaped(told), "why")
