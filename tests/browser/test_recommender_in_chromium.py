"""The recommender's pages in Chromium, over the demo's shop: a click is tried, and a real one is in the next list."""

import re
from typing import Any

import httpx
import pytest

from tests.browser.running_house import House
from tests.browser.screen import Screen

NOW, THEN = ".st-key-recommend-list-now", ".st-key-recommend-list-then"
TITLES = """
return [...document.querySelectorAll(arguments[0] + " [data-testid=stBaseButton-tertiary] p")]
  .filter(line => line.offsetHeight).map(line => line.innerText)"""


@pytest.fixture
def shop(screen: Screen, house: House) -> Screen:
    """The browser, signed in, on the recommender's page."""
    screen.visit("/")
    screen.sign_in(house.key)
    screen.see("[data-testid=stSidebarNav] a", "Recommender").click()
    screen.see("h1", "Recommender")
    return screen


def ask(house: House, path: str, **query: Any) -> Any:
    """Ask the API as the shop does."""
    headers = {"Authorization": f"Bearer {house.key}"}
    answer = httpx.get(f"{house.api}/v1/recommend/{path}", headers=headers, params=query, timeout=30, trust_env=False)
    return answer.raise_for_status().json()


def send_event(house: House, **event: str) -> None:
    headers = {"Authorization": f"Bearer {house.key}"}
    url = f"{house.api}/v1/recommend/events"
    httpx.post(url, headers=headers, json=event, timeout=30, trust_env=False).raise_for_status()


def somebody(house: House, at: int) -> str:
    """A user who did something lately. at: which of them"""
    users = dict.fromkeys(one["user"] for one in ask(house, "events", limit=200)["items"] if one["user"])
    return list(users)[at]


def open_person(screen: Screen, user: str) -> None:
    screen.fill("Find a user by id", user)
    screen.see("h3", "Recommended now")
    screen.wait_for_calm()


def titles(screen: Screen, of: str) -> list[str]:
    """What a list shows, best first, without numbers and what moved."""
    screen.see(of)
    screen.wait_for_calm()
    found: list[str] = screen.run(TITLES, of)
    return [line.partition(". ")[2] for line in found if line[:1].isdigit()]


def test_a_click_is_tried_at_once_and_says_what_moved(shop: Screen, house: House):
    user = somebody(house, 0)
    open_person(shop, user)
    before = titles(shop, NOW)
    assert len(before) == 8
    events = ask(house, "users/" + user)["events"]

    shop.press(f"2. {before[1]}")
    told = shop.read(".st-key-recommend-tried", "After your click")
    assert re.search(r"\d (items? (is|are) new|moved (up|down))", told), told
    after = titles(shop, THEN)
    assert all(not line.startswith(before[1]) for line in after)
    assert after != before
    assert titles(shop, NOW) == before  # nothing is kept yet
    assert ask(house, "users/" + user)["events"] == events

    shop.press("Undo")
    shop.see_no("h3", "After your click")


def test_a_click_is_tried_on_any_item(shop: Screen, house: House):
    open_person(shop, somebody(house, 1))
    shop.press("Try another item")
    shop.fill("A click on", "garden hose")
    shop.wait_for_calm()
    item = shop.see("[data-testid=stPopoverBody] [data-testid=stBaseButton-tertiary]").text
    shop.press(item)
    assert item[:30] in shop.read(".st-key-recommend-tried", "After your click")


def test_a_real_click_that_the_shop_sends_is_in_the_next_list(shop: Screen, house: House):
    user = somebody(house, 2)
    open_person(shop, user)
    before = titles(shop, NOW)
    clicked = ask(house, "users/" + user, k=8)["items"][0]
    assert before[0].startswith(clicked["title"][:30])

    send_event(house, user=user, item=clicked["id"], type="click")
    assert clicked["id"] not in [one["id"] for one in ask(house, "users/" + user, k=8)["items"]]

    shop.press("All people")
    open_person(shop, user)
    shop.see(".st-key-recommend-history", "clicked, just now")
    assert clicked["title"][:30] in shop.read(".st-key-recommend-history")
    now = titles(shop, NOW)
    assert now != before
    assert all(not line.startswith(clicked["title"]) for line in now)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_can_be_read(shop: Screen, scheme: str):
    shop.prefer(scheme)
    for view in ("Catalogue", "Data", "Versions", "Experiments", "Rules", "Person"):
        shop.press(view)
        shop.wait_for_calm()
        assert shop.poor_contrasts() == [], view
