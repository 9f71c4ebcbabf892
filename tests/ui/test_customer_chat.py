"""The customer chat: what is written is answered, kept over a reload, chosen, judged, handed to a person."""

import pytest
from streamlit.testing.v1 import AppTest

from apps.customer_service.pipeline import words
from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.feedback import of_conversation
from tests.ui.support_desk import ARTICLES, Desk

SCOPES = ("support:read", "support:write", "support:chat", "support:agent")


def page(client):
    from apps.customer_service.dashboard import render

    render(client)


def show(desk: Desk, **address: str) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": desk.client}, default_timeout=30)
    screen.query_params["view"] = "Customer chat"
    for name, value in address.items():
        screen.query_params[name] = value
    return screen.run()


def say(screen: AppTest, text: str) -> AppTest:
    return screen.chat_input[0].set_value(text).run()


def html(screen: AppTest) -> str:
    return "\n".join(element.proto.body for element in screen.get("html"))


def press(screen: AppTest, words: str) -> AppTest:
    return next(button for button in screen.button if words in button.label).click().run()


def chat_of(screen: AppTest) -> str:
    return screen.query_params["preview"]


@pytest.fixture
def desk(open_desk) -> Desk:
    desk: Desk = open_desk(scopes=SCOPES)
    desk.import_files(ARTICLES)
    return desk


@pytest.fixture
def conversations(desk: Desk) -> Conversations:
    return Conversations(desk.services.database, desk.services.clock)


def test_what_a_customer_writes_is_answered_and_a_reload_keeps_it(desk):
    screen = say(show(desk), "Paying in euros costs how much?")
    assert "Paying in euros costs one percent." in html(screen)
    assert [message.name for message in screen.chat_message] == ["user", "assistant"]
    after = show(desk, preview=chat_of(screen))
    assert "Paying in euros costs one percent." in html(after)
    assert not after.exception


def test_the_customer_sees_no_notes_and_what_an_agent_writes_comes_without_a_reload(desk, conversations):
    screen = say(show(desk), "Paying in euros?")
    with conversations.change(chat_of(screen)) as change:
        change.append(NewEntry("note", "agent", "do not tell"))
        change.append(NewEntry("message", "agent", "<b>Ada</b> here"))
    screen.run()
    assert "&lt;b&gt;Ada&lt;/b&gt; here" in html(screen)
    assert "do not tell" not in html(screen)


def test_a_person_is_asked_for_once_and_the_page_says_so(desk, conversations):
    screen = press(say(show(desk), "Paying in euros?"), "Talk to a person")
    assert any("A person was asked for and will answer here." in caption.value for caption in screen.caption)
    assert not [button for button in screen.button if button.label == "Talk to a person"]
    assert conversations.get(chat_of(screen)).state == "queued"


def test_a_question_back_is_answered_by_a_button(open_desk):
    desk = open_desk(answer_above=1.0, scopes=SCOPES)
    desk.import_files(ARTICLES)
    screen = say(show(desk), "Thirty days?")
    assert [button.label for button in screen.button if button.label in {"Fees", "Returns"}]
    screen = press(screen, "Returns")
    assert "Send it back within thirty days." in html(screen)
    assert not [button for button in screen.button if button.label in {"Fees", "Returns"}]


def test_what_the_desk_does_not_know_goes_to_a_person(open_desk):
    desk = open_desk(refuse_below=1.0, scopes=SCOPES)
    desk.import_files(ARTICLES)
    screen = say(show(desk), "May I bring my dog?")
    assert words.say("passed_on", "en").replace("'", "&#x27;") in html(screen)


def test_a_thumb_and_a_rating_reach_the_desk(desk, conversations):
    screen = say(show(desk), "Paying in euros?")
    chat = chat_of(screen)
    thumbs = next(one for one in screen.get("feedback") if "thumb-" in one.proto.id)
    assert thumbs is not None
    path = f"/v1/support/conversations/{chat}"
    screen.session_state[f"thumb-{path}-2"] = 1
    screen.session_state[f"support.chat.stars.{chat}"] = 3
    screen.run()
    screen = press(screen, "Send rating")
    with conversations.database.session() as session:
        assert [(row.number, row.thumb) for row in of_conversation(session, chat)] == [(2, "up")]
    assert conversations.get(chat).csat == 4
    assert any("4 of 5" in caption.value for caption in screen.caption)


def test_a_new_conversation_leaves_the_old_one(desk):
    screen = press(say(show(desk), "Paying in euros?"), "New conversation")
    assert "preview" not in screen.query_params
    assert "Paying in euros" not in html(screen)


def test_a_conversation_that_is_gone_is_said_and_left(desk):
    screen = show(desk, preview="conv_gone")
    assert [error.value for error in screen.error]
    screen = press(screen, "Begin a new conversation")
    assert not screen.error


def test_a_customers_conversation_is_neither_shown_nor_written_into(desk, conversations):
    real = conversations.begin(customer="c-1", collection="support", channel="web", language="en", meta={})
    with conversations.change(real) as change:
        change.append(NewEntry("message", "customer", "my secret"))
    screen = show(desk, preview=real)
    assert "open it in the agent console" in screen.error[0].value
    assert "my secret" not in html(screen)
    screen = say(screen, "Paying in euros?")
    assert screen.error
    assert [entry.text for entry in conversations.entries(real)] == ["my secret"]
    screen = press(screen, "Begin a new conversation")
    assert not screen.error


def test_what_is_open_in_the_console_is_not_open_here(desk, conversations):
    real = conversations.begin(customer="c-1", collection="support", channel="web", language="en", meta={})
    screen = say(show(desk, chat=real), "Paying in euros?")
    assert chat_of(screen) != real
    assert not conversations.entries(real)


def test_a_message_that_failed_can_be_sent_again_and_counts_once(desk, conversations, monkeypatch):
    from ui.client import ApiProblem

    screen, post = say(show(desk), "Paying in euros?"), desk.client.post

    def lost(path, body, reply):
        post(path, body, reply)
        raise ApiProblem("The API took too long to answer.", status=0)

    monkeypatch.setattr(desk.client, "post", lost)
    screen = say(screen, "And cash?")
    assert screen.error
    monkeypatch.setattr(desk.client, "post", post)
    screen = press(screen, "Send again")
    said = [entry.text for entry in conversations.entries(chat_of(screen)) if entry.role == "customer"]
    assert said == ["Paying in euros?", "And cash?"]
