"""The console under Streamlit's own test runner, over a real API: what an agent sees, and what it does."""

import pytest
from streamlit.testing.v1 import AppTest

from apps.customer_service.pipeline.assigning import Team, open_team
from apps.customer_service.schemas.agents import Agent, AgentEdit
from apps.customer_service.schemas.canned import CannedEdit, CannedReply
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.drafts import Drafts
from tests.apps.customer_service.team import asks, says
from tests.ui.support_desk import ARTICLES, Desk
from ui.client import ApiProblem


def page(client):
    from apps.customer_service.dashboard.console import show_console

    show_console(client)


def show(desk: Desk, **address: str) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": desk.client}, default_timeout=60)
    for name, value in address.items():
        screen.query_params[name] = value
    return screen.run()


def html(screen: AppTest) -> str:
    return "\n".join(element.proto.body for element in screen.get("html"))


def said(screen: AppTest) -> str:
    return "\n".join(element.value for element in (*screen.markdown, *screen.caption))


def press(screen: AppTest, words: str) -> AppTest:
    return next(button for button in screen.button if words in button.label).click().run()


@pytest.fixture
def desk(open_desk) -> Desk:
    desk: Desk = open_desk(scopes=("support:read", "support:agent"))
    desk.import_files(ARTICLES)
    desk.client.replace("/v1/support/agents/ada", AgentEdit(name="Ada"), Agent)
    return desk


@pytest.fixture
def team(desk: Desk) -> Team:
    return open_team(desk.services.database, SupportSettings(), desk.services.clock)


def box(screen: AppTest, chat: str):
    return screen.text_area(key=f"desk.reply.{chat}")


def test_who_sits_here_is_asked_once_and_stands_in_the_address(desk):
    screen = show(desk)
    screen.selectbox(key="desk.name").set_value("Ada")
    press(screen, "Begin")
    assert screen.query_params["agent"] == "ada"
    assert "Nobody waits" in said(screen)
    assert "No conversation is open." in said(screen)
    assert not screen.exception


def test_taking_the_next_opens_it_and_the_customer_is_answered(desk, team):
    chat = asks(team, "Paying in euros?", name="Mia")
    screen = press(show(desk, agent="ada"), "Take next")
    screen.run()
    assert screen.query_params["chat"] == chat
    assert "with you" in html(screen)
    press(screen, "Draft an answer")
    draft = box(screen, chat).value
    assert "Paying in euros costs one percent." in draft
    box(screen, chat).input(f"{draft} Bye!")
    press(screen, "Send")
    assert box(screen, chat).value == ""
    sent = [entry for entry in team.conversations.entries(chat, kinds=("message",)) if entry.role == "agent"]
    assert [entry.text for entry in sent] == [f"{draft} Bye!"]
    [kept] = Drafts(desk.services.database, desk.services.clock).of(chat)
    assert kept.distance == pytest.approx(5 / len(f"{draft} Bye!"), abs=1e-4)
    assert "Bye!" in html(screen)
    assert not screen.exception


def test_a_draft_never_overwrites_what_is_typed(desk, team):
    chat = asks(team, "Paying in euros?")
    team.assign(chat, "ada")
    screen = show(desk, agent="ada", chat=chat)
    box(screen, chat).input("My own words")
    press(screen, "Draft an answer")
    assert box(screen, chat).value == "My own words"
    press(screen, "Insert")
    assert box(screen, chat).value.startswith("My own words\n\n")


def test_what_the_api_refuses_is_said_in_its_sentence_and_what_was_typed_stays(desk, team):
    chat = asks(team)
    team.assign(chat, "ada")
    screen = show(desk, agent="ada", chat=chat)
    team.resolve(chat, "ada", "spam", "")
    box(screen, chat).input("Too late")
    press(screen, "Send")
    assert any("The conversation is resolved" in error.value for error in screen.error)
    assert screen.session_state[f"desk.reply.{chat}"] == "Too late"
    assert any("Open again" in button.label for button in screen.button)


def test_what_the_api_does_not_take_is_said_in_its_sentence(desk, team):
    chat = asks(team)
    team.assign(chat, "ada")
    screen = show(desk, agent="ada", chat=chat)
    box(screen, chat).input("ding\x07")
    press(screen, "Send")
    assert any("holds control characters" in error.value for error in screen.error)
    assert not screen.exception


def test_a_try_whose_answer_was_lost_counts_once_and_words_edited_since_are_sent_too(desk, team, monkeypatch):
    chat, post = asks(team, "Paying in euros?"), desk.client.post
    team.assign(chat, "ada")
    screen = press(show(desk, agent="ada", chat=chat), "Draft an answer")
    draft = box(screen, chat).value

    def lost(path, body, reply):
        post(path, body, reply)
        raise ApiProblem("The API took too long to answer.", status=0)

    def sent() -> list[str]:
        return [entry.text for entry in team.conversations.entries(chat, kinds=("message",)) if entry.role == "agent"]

    monkeypatch.setattr(desk.client, "post", lost)
    press(press(screen, "Send"), "Send")
    assert sent() == [draft]
    monkeypatch.setattr(desk.client, "post", post)
    box(screen, chat).input("In other words")
    press(screen, "Send")
    assert any("This draft was sent already" in error.value for error in screen.error)
    press(screen, "Send")
    assert sent() == [draft, "In other words"]
    assert box(screen, chat).value == ""


def test_a_chat_that_somebody_else_has_can_be_read_and_noted_but_not_answered(desk, team):
    desk.client.replace("/v1/support/agents/bo", AgentEdit(name="Bo"), Agent)
    chat = asks(team, "<b>hello</b> :smile: $x$")
    team.assign(chat, "bo")
    screen = show(desk, agent="ada", chat=chat)
    assert "with Bo" in html(screen)
    assert "&lt;b&gt;hello&lt;/b&gt; :smile: $x$" in html(screen)
    assert not any("Send" in button.label for button in screen.button)
    screen.text_area(key=f"desk.note.{chat}").input("Call her back")
    press(screen, "Keep note")
    assert "the customer does not see it" in html(screen)
    assert [entry.text for entry in team.conversations.entries(chat, kinds=("note",))] == ["Call her back"]


def test_a_canned_reply_is_found_filled_and_inserted(desk, team):
    text = CannedEdit(title="Greeting", text="Hello {{customer}}, {{agent}} here.")
    desk.client.replace("/v1/support/canned-replies/hello", text, CannedReply)
    chat = asks(team, name="Mia")
    team.assign(chat, "ada")
    screen = show(desk, agent="ada", chat=chat, help="Replies")
    screen.text_input(key="desk.canned").input("gree").run()
    press(screen, "Greeting")
    assert box(screen, chat).value == "Hello Mia, Ada here."
    screen.text_input(key="desk.canned").input("zebra").run()
    assert "No canned reply has these words." in said(screen)


def test_the_customers_earlier_chats_are_one_click_away(desk, team):
    before = asks(team, "the first time", customer="c-5")
    chat = asks(team, "again", customer="c-5")
    screen = show(desk, agent="ada", chat=chat, help="Customer")
    assert "the first time" in html(screen)
    screen.button(key=f"desk.earlier.{before}").click().run()
    assert screen.query_params["chat"] == before


def test_news_are_added_to_what_was_read(desk, team):
    chat = asks(team, "first")
    screen = show(desk, agent="ada", chat=chat)
    says(team, chat, "second")
    screen.run()
    assert "first" in html(screen)
    assert html(screen).count("second") == 1


def test_a_drawing_reads_the_chat_once_and_asks_for_what_is_shut_only_when_it_opens(desk, team, monkeypatch):
    chat, get = asks(team), desk.client.get
    team.assign(chat, "ada")
    read: list[str] = []

    def counted(path, reply, **query):
        read.append(path)
        return get(path, reply, **query)

    monkeypatch.setattr(desk.client, "get", counted)
    shut = ["/v1/support/queues", "/v1/support/agents", "/v1/support/intents"]
    screen = show(desk, agent="ada", chat=chat)
    assert read.count(f"/v1/support/desk/{chat}") == 1
    assert not set(shut) & set(read)
    screen.session_state["desk.passing_on"] = screen.session_state["desk.marking"] = True
    screen.run()
    assert read.count(f"/v1/support/desk/{chat}") == 2
    assert [path for path in read if path in shut] == shut
    assert any(button.label == "Mark" for button in screen.button)
    assert not screen.exception


def test_a_key_that_is_not_for_agents_is_told_what_it_lacks(open_desk):
    screen = show(open_desk(scopes=("support:read",)))
    assert any("lacks the scope" in error.value for error in screen.error)
