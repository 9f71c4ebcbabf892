"""The supervisor's view: figures with their period, the chats behind them, and from a gap to a published answer."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.proposals import Proposals
from tests.ui.support_desk import ARTICLES, Desk

SCOPES = ("support:read", "support:write", "support:agent")


def page(client):
    from apps.customer_service.dashboard import render

    render(client)


def show(desk: Desk, **address: str) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": desk.client}, default_timeout=60)
    screen.query_params["view"] = "Supervisor"
    for name, value in address.items():
        screen.query_params[name] = value
    run = screen.run()
    assert not run.exception
    return run


def html(screen: AppTest) -> str:
    return "\n".join(element.proto.body for element in screen.get("html"))


def captions(screen: AppTest) -> str:
    return "\n".join(caption.value for caption in screen.caption)


def press(screen: AppTest, words: str) -> AppTest:
    run = next(button for button in screen.button if words in button.label).click().run()
    assert not run.exception
    return run


@pytest.fixture
def desk(open_desk) -> Desk:
    desk: Desk = open_desk(scopes=SCOPES)
    desk.import_files(ARTICLES)
    return desk


def chat(desk: Desk, question: str, action: str, *, waits: bool = False, rated: int | None = None) -> str:
    conversations = Conversations(desk.services.database, desk.services.clock)
    made = conversations.begin(customer="", collection="support", channel="web", language="en", meta={})
    with conversations.change(made) as change:
        change.row.customer_at, change.row.csat = change.now, rated
        change.append(NewEntry("message", "customer", question))
        change.append(NewEntry("message", "bot", "Said.", data={"action": action, "replies_to": [1]}))
        if waits:
            change.row.state, change.row.reason = "queued", "not_answered"
            change.row.queued_at = change.row.handed_over_at = change.now - timedelta(minutes=5)
    return made


def test_without_chats_the_page_says_what_to_do(desk):
    screen = show(desk)
    assert "No chats in this period." in "\n".join(markdown.value for markdown in screen.markdown)
    assert "None in this period." in captions(screen)


def test_figures_come_with_what_they_are_of_and_a_press_shows_the_very_chats(desk):
    chat(desk, "Is it <b>paid</b>?", "answer", rated=4)
    chat(desk, "May I bring my dog?", "handoff", waits=True)
    screen = show(desk)
    shown = {metric.label: metric.value for metric in screen.metric}
    assert shown["Answered at least once"] == "50 %"
    assert shown["Customers' rating"] == "4.0 of 5"
    assert shown["Waiting now"] == "1"
    assert "1 of 2 chats; 9 % to 91 %" in captions(screen)
    assert "1 of 2 chats; the longest" not in captions(screen)
    assert "1 of 1 chats; the longest 5 min" in captions(screen)
    screen = screen.button(key="support.figure.coverage").click().run()
    [behind] = [button for button in screen.button if str(button.key).startswith("support.behind.conv_")]
    assert "rated 4 of 5" in behind.label
    screen = behind.click().run()
    assert "Is it &lt;b&gt;paid&lt;/b&gt;?" in html(screen)
    again = show(desk, **{name: screen.query_params[name] for name in ("figure", "behind")})
    assert "Is it &lt;b&gt;paid&lt;/b&gt;?" in html(again)


def test_from_a_group_of_questions_to_an_answer_that_customers_get(desk):
    chat(desk, "May I bring my dog?", "handoff")
    chat(desk, "may I bring my dogs", "handoff")
    screen = press(show(desk), "Propose an answer")
    assert screen.text_input[0].value.lower().startswith("may i bring my dog")
    screen = press(screen, "Publish")
    assert "The proposal has no answer" in screen.error[0].value
    [answer] = [area for area in screen.text_area if area.label == "Answer"]
    answer.set_value("Dogs are welcome.")
    screen = press(screen, "Publish")
    assert not screen.error
    [document] = [row for row in desk.services.collections.get("support").page() if row.key.startswith("proposal_")]
    assert document.text == "Dogs are welcome."
    assert "All of them have an answer by now." in captions(screen)
    screen = press(screen, "Take back")
    assert not [row for row in desk.services.collections.get("support").page() if row.key.startswith("proposal_")]


def test_an_answer_is_proposed_to_the_whole_group_not_only_to_what_is_shown_of_it(desk):
    for _ in range(6):
        chat(desk, "May I bring my dog?", "handoff")
    screen = press(show(desk), "Propose an answer")
    [answer] = [area for area in screen.text_area if area.label == "Answer"]
    answer.set_value("Dogs are welcome.")
    screen = press(screen, "Publish")
    assert "All of them have an answer by now." in captions(screen)


def test_questions_are_grouped_once_until_an_answer_is_published(desk, monkeypatch):
    chat(desk, "May I bring my dog?", "handoff")
    grouped, get = [], desk.client.get

    def counted(path, reply, **query):
        if path.endswith("/gaps"):
            grouped.append(query["previews"])
        return get(path, reply, **query)

    monkeypatch.setattr(desk.client, "get", counted)
    screen = press(show(desk), "Propose an answer")
    assert grouped == [None]
    [answer] = [area for area in screen.text_area if area.label == "Answer"]
    answer.set_value("Dogs are welcome.")
    screen = press(screen, "Publish")
    assert grouped == [None, None]
    assert "All of them have an answer by now." in captions(screen)
    screen.toggle[0].set_value(True).run()
    assert grouped == [None, None, "true"]


def test_what_is_cleared_is_saved_as_cleared_or_refused(desk):
    chat(desk, "May I bring my dog?", "handoff")
    screen = press(show(desk), "Propose an answer")

    def written(field: str, text: str) -> str:
        [area] = [one for one in (*screen.text_input, *screen.text_area) if one.label == field]
        area.set_value(text)
        press(screen, "Save")
        return next(one.value for one in (*screen.text_input, *screen.text_area) if one.label == field)

    assert written("Answer", "Dogs are welcome.") == "Dogs are welcome."
    assert written("Answer", "") == ""
    assert not screen.error
    written("Question", " ")
    assert "write something" in screen.error[0].value
    [proposal] = Proposals(desk.services.database, desk.services.clock).page(
        state=None, collection=None, after=None, limit=9
    )
    assert (proposal.question, proposal.answer) == ("May I bring my dog?", "")


def test_a_key_without_leave_reads_the_apis_sentence(open_desk):
    desk: Desk = open_desk(scopes=("support:read",))
    desk.import_files(ARTICLES)
    screen = show(desk)
    assert "lacks the scope" in screen.error[0].value
