"""A support agent at the console in a real browser: from a customer who waits to a conversation that is closed."""

from collections.abc import Iterator

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.running_house import House
from tests.browser.screen import Screen
from tests.browser.waiting_customers import customer_asks, customer_writes

pytestmark = pytest.mark.browser

QUESTION = "What does it cost to pay in euros with my card?"
BOX = "textarea[aria-label='Your message to the customer']"


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.api, headers={"Authorization": f"Bearer {house.key}"}, timeout=30) as http:
        yield http


@pytest.fixture
def console(screen: Screen, house: House) -> Screen:
    """The browser, signed in, with Ada at the console."""
    screen.visit("/?view=Agent+console")
    screen.sign_in(house.key)
    screen.see("input[aria-label*='Your name']").send_keys("Ada Byron" + Keys.ENTER)
    screen.press("Begin")
    screen.see(".st-key-desk-queue", "Waiting")
    return screen


def click(console: Screen, css: str, words: str) -> None:
    """Press one button: looking at all of a page that is drawn anew every two seconds may never come to an end."""

    def pressed() -> bool:
        console.see(css, words).click()
        return True

    console.wait(pressed, f"{css} with {words!r}")


def typed(console: Screen) -> str:
    return str(console.see(BOX).get_attribute("value"))


def test_an_agent_takes_edits_a_draft_sends_it_and_closes_the_chat(console: Screen, api: httpx.Client):
    chat = customer_asks(api, QUESTION, name="Mia Berg")
    console.see(".st-key-desk-queue", "Mia Berg")  # by itself, without a reload
    console.wait_for_calm()
    click(console, ".st-key-desk-queue button", "Take next")
    console.see(".chat-title", "with you")
    console.see(".transcript .theirs", QUESTION)

    click(console, ".st-key-desk-write button", "Draft an answer")
    console.wait(lambda: "£0.30" in typed(console), "the draft in the field")
    console.see(".st-key-desk-help .quotation", "£0.30")
    console.see(BOX).send_keys(Keys.CONTROL + Keys.END)
    console.see(BOX).send_keys(" Have a nice trip!" + Keys.CONTROL + Keys.ENTER)
    said = console.read(".transcript .ours", "Have a nice trip!")
    assert "£0.30" in said
    console.wait(lambda: typed(console) == "", "an empty field")

    click(console, ".st-key-desk-side button", "Replies")
    console.see(".st-key-desk-help button", "How long a refund takes")  # the demo brings some
    click(console, ".st-key-desk-steps button", "Intent")
    console.see("[data-testid=stForm] button", "Mark")  # comes when it is opened
    console.see("body").send_keys(Keys.ESCAPE)
    console.wait_for_calm()
    click(console, ".st-key-desk-steps button", "Close")
    click(console, "[data-testid=stForm] button", "Close the conversation")
    console.see(".chat-title", "closed")
    opened = api.get(f"/v1/support/desk/{chat}").json()
    assert (opened["chat"]["state"], opened["chat"]["resolution"]) == ("resolved", "answered")
    [sent] = [entry for entry in opened["entries"] if entry["kind"] == "message" and entry["role"] == "agent"]
    assert sent["data"]["draft"].startswith("draft_")
    assert sent["text"].endswith("Have a nice trip!")


def test_what_is_typed_stays_while_the_customer_writes_on_and_after_a_look_elsewhere(
    console: Screen, api: httpx.Client
):
    chat = customer_asks(api, "Where is my parcel?", name="Noor")
    other = customer_asks(api, "Hello?", name="Olu")
    for one in (chat, other):
        assert api.post(f"/v1/support/conversations/{one}/assign", json={"agent": "ada-byron"}).status_code == 200
    click(console, ".st-key-desk-queue button", "Noor")
    console.see(".chat-title", "Noor")
    console.see(BOX).send_keys("Let me see")
    customer_writes(api, chat, "It was due on Monday.")
    console.see(".transcript .theirs", "It was due on Monday.")
    assert typed(console) == "Let me see"
    click(console, ".st-key-desk-queue button", "Olu")
    console.see(".chat-title", "Olu")
    console.wait(lambda: typed(console) == "", "an empty box")
    click(console, ".st-key-desk-queue button", "Noor")
    console.see(".chat-title", "Noor")
    console.wait(lambda: typed(console) == "Let me see", "what was typed")

    console.driver.refresh()
    console.see(".chat-title", "Noor")  # the address remembers the chat and the agent
    for one in (chat, other):
        done = {"agent": "ada-byron", "reason": "other"}
        assert api.post(f"/v1/support/conversations/{one}/resolve", json=done).status_code == 200
    console.see(".chat-title", "closed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_the_console_can_be_read_and_the_send_button_is_in_view(
    screen: Screen, house: House, api: httpx.Client, scheme: str
):
    chat = customer_asks(api, QUESTION, name="Pia")
    api.put("/v1/support/agents/bo", json={"name": "Bo"})
    api.post(f"/v1/support/conversations/{chat}/assign", json={"agent": "bo"})
    api.post(f"/v1/support/conversations/{chat}/notes", json={"agent": "bo", "text": "She wrote before."})
    screen.prefer(scheme)
    screen.visit(f"/?view=Agent+console&agent=bo&chat={chat}")
    screen.sign_in(house.key)
    click(screen, ".st-key-desk-write button", "Draft an answer")
    screen.see(".st-key-desk-help .quotation")
    screen.wait_for_calm()
    assert screen.poor_contrasts() == []
    send = screen.see(".st-key-desk-write button", "Send")
    assert screen.run("return arguments[0].getBoundingClientRect().bottom <= innerHeight", send)
    api.post(f"/v1/support/conversations/{chat}/resolve", json={"agent": "bo", "reason": "answered"})
