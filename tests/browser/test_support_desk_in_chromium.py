import pytest

from tests.browser.running_house import House
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser

ANSWERABLE = "What does it cost to pay in euros with my card?"
UNANSWERABLE = "Can I bring my dog into your shop in Lyon?"

IN_VIEW = """
const box = arguments[0].closest(".st-key-support-document").getBoundingClientRect();
const mark = arguments[0].getBoundingClientRect();
return mark.top >= box.top && mark.bottom <= Math.min(box.bottom, innerHeight);
"""


def test_a_wrong_key_is_told_so_and_the_right_one_opens_the_desk(screen: Screen, house: House):
    screen.visit("/?ask=fees")
    screen.sign_in(house.key[:-4] + "AAAA")
    assert "not valid" in screen.read("[role=alert]")
    screen.sign_in(house.key)
    screen.see("h1", "Support desk")
    screen.see(".question", "fees")
    # Chromium reports the 401 of the form itself; nothing else may be there.
    assert [line for line in screen.complaints() if "401" not in line] == []
    screen._complaints.clear()


def test_an_answer_leads_to_its_source_and_survives_a_reload_and_a_new_tab(desk: Screen):
    said = desk.ask(ANSWERABLE)
    assert "Answer" in said
    assert "£0.30" in said
    desk.press("[1]")
    quoted = desk.read(".document mark.chosen")
    assert quoted in said.replace("\n", " ")
    desk.wait(lambda: desk.run(IN_VIEW, desk.see(".document mark.chosen")), "the passage scrolled into view")

    address = desk.driver.current_url
    desk.driver.refresh()
    assert desk.read(".document mark.chosen") == quoted
    assert desk.read(".question").strip("“”") == ANSWERABLE

    desk.driver.switch_to.new_window("tab")
    desk.driver.get(address)
    assert desk.read(".document mark.chosen") == quoted


def test_a_question_without_an_answer_is_handed_over(desk: Screen):
    said = desk.ask(UNANSWERABLE)
    assert "Hand over to a person" in said
    assert "I don't know" in said
    assert "[1]" not in said


def test_the_keyboard_is_enough_for_question_and_follow_up(desk: Screen):
    desk.wait(
        lambda: desk.driver.switch_to.active_element.get_attribute("aria-label") == "Customer's question", "focus"
    )
    desk.driver.switch_to.active_element.send_keys(ANSWERABLE + "\n")
    desk.see(".st-key-support-answer .question", ANSWERABLE)
    desk.wait(lambda: desk.driver.switch_to.active_element.get_attribute("aria-label") == "Follow-up question", "focus")
    desk.driver.switch_to.active_element.send_keys("And with Pebble Plus?\n")
    desk.see(".st-key-support-answer .question", "And with Pebble Plus?")
    desk.see("summary", "Earlier in this conversation (1)")


def test_a_copied_answer_is_ready_for_the_customer(desk: Screen, house: House):
    permission = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": house.pages}
    desk.driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    desk.ask(ANSWERABLE)
    # The button stands in a shadow tree of its own.
    find = "return [...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('button')).find(b => b)"
    button = desk.wait(lambda: desk.run(find), "the copy button")
    assert button.text == "Copy answer"
    button.click()
    desk.wait(lambda: button.text == "Copied", "the word Copied")
    copied = desk.run("return navigator.clipboard.readText()")
    assert "£0.30" in copied
    assert "[1]" not in copied


NASTY = """# <img src=x onerror="window.hacked=1"> :red[Nasty] $x^2$ [x](javascript:alert(1))

The zebra protocol says <script>window.hacked = 1</script> and ![spy](http://127.0.0.1:9/spy.png), *literally*.
"""


def test_a_nasty_file_is_added_shown_as_plain_text_and_removed(desk: Screen, tmp_path):
    (tmp_path / "nasty.txt").write_text(NASTY, encoding="utf-8")
    desk.press("Knowledge")
    desk.see("summary", "Add documents").click()
    desk.see("section[data-testid=stFileUploaderDropzone]")
    desk.driver.find_element("css selector", "input[type=file]").send_keys(str(tmp_path / "nasty.txt"))
    desk.see("[data-testid=stFileUploader]", "nasty.txt")
    desk.press("Add")
    desk.see("p", "nasty.txt: 1 added")

    desk.press("Ask")
    assert "<script>window.hacked = 1</script>" in desk.ask("What does the zebra protocol say?")
    desk.press("[1]")
    assert "![spy](http://127.0.0.1:9/spy.png)" in desk.read(".document")
    assert desk.run("return window.hacked") is None
    assert not desk.driver.find_elements("css selector", "img[src*='127.0.0.1:9']")

    desk.press("Knowledge")
    desk.press("Remove this document")
    desk.press("Remove it")
    desk.see("[data-testid=stToast]", "was removed")


def test_signing_out_in_one_tab_signs_out_the_other(desk: Screen):
    first = desk.driver.current_window_handle
    desk.driver.switch_to.new_window("tab")
    desk.visit("/")
    desk.press("Sign out")
    desk.see("#key")
    desk.driver.switch_to.window(first)
    desk.fill("Customer's question", ANSWERABLE)
    desk.see("#key")
    assert "Your session has ended" in desk.read("[role=alert]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(screen: Screen, house: House, scheme: str):
    screen.prefer(scheme)
    screen.visit("/sign-in")
    assert screen.poor_contrasts() == []
    screen.sign_in(house.key)
    screen.ask(ANSWERABLE)
    screen.press("[1]")
    screen.see(".document mark.chosen")
    assert screen.poor_contrasts() == []
    screen.press("Knowledge")
    screen.see("input[aria-label='Find a document']")
    assert screen.poor_contrasts() == []
