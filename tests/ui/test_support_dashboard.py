import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from apps.customer_service.dashboard.answer import place
from apps.customer_service.dashboard.conversation import for_address
from apps.customer_service.dashboard.markers import with_markers, without_markers
from tests.ui.support_desk import ARTICLES, Desk


def page(client):
    from apps.customer_service.dashboard import render

    render(client)


def show(desk: Desk, **address: str | list[str]) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": desk.client}, default_timeout=30)
    for name, value in address.items():
        screen.query_params[name] = value
    return screen.run()


def ask(screen: AppTest, question: str) -> AppTest:
    screen.text_input(key="support.question").input(question)
    return next(button for button in screen.button if button.label == "Ask").click().run()


def html(screen: AppTest) -> str:
    return "\n".join(element.proto.body for element in screen.get("html"))


def press(screen: AppTest, words: str) -> AppTest:
    return next(button for button in screen.button if words in button.label).click().run()


@pytest.fixture
def desk(open_desk) -> Desk:
    desk: Desk = open_desk()
    desk.import_files(ARTICLES)
    return desk


@pytest.fixture
def unsure_desk(open_desk) -> Desk:
    desk: Desk = open_desk(refuse_below=1.0)
    desk.import_files({"fees.md": ARTICLES["fees.md"]})
    return desk


def test_an_answer_comes_in_the_words_of_its_source_with_a_number_and_a_confidence(desk):
    screen = ask(show(desk), "Paying in euros costs how much?")
    assert "Paying in euros costs one percent." in html(screen)
    assert '<span class="cited">1</span>' in html(screen)
    assert any(button.label.startswith(r":blue[\[1\] Fees") for button in screen.button)
    assert any("of 100 answers with this number" in markdown.value for markdown in screen.markdown)
    assert not screen.exception


def test_the_question_box_is_empty_again_for_the_follow_up(desk):
    screen = ask(show(desk), "Paying in euros?")
    box = screen.text_input(key="support.question")
    assert (box.label, box.value) == ("Follow-up question", "")


def test_a_citation_opens_its_document_with_the_quotation_marked(desk):
    screen = press(ask(show(desk), "Paying in euros costs how much?"), r"\[1\]")
    assert '<mark class="chosen" data-number="1">Paying in euros costs one percent.' in html(screen)
    assert screen.query_params["open"] == "fees.md"


def test_a_reload_shows_the_same_conversation_and_the_same_open_source(desk):
    before = press(ask(ask(show(desk), "Paying in euros?"), "And cash?"), r"\[1\]")
    assert before.query_params["ask"] == ["Paying in euros?", "And cash?"]
    after = show(desk, **before.query_params)
    assert '<mark class="chosen"' in html(after)
    assert html(after) == html(before)


def test_a_follow_up_is_asked_with_what_was_said_before(desk, monkeypatch):
    sent = []
    post = desk.client.post
    monkeypatch.setattr(desk.client, "post", lambda path, body, reply: sent.append(body) or post(path, body, reply))
    ask(ask(show(desk), "Paying in euros?"), "And cash?")
    assert [turn.role for turn in sent[-1].turns] == ["user", "agent"]
    assert sent[-1].turns[0].text == "Paying in euros?"


def test_a_new_conversation_forgets_the_old_one(desk):
    screen = press(ask(show(desk), "Paying in euros?"), "New conversation")
    assert "Paying in euros" not in html(screen)
    assert "ask" not in screen.query_params
    assert screen.text_input(key="support.question").label == "Customer's question"


def test_only_the_sample_desk_offers_questions_to_try(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    assert not [button for button in show(desk).button if "parcel" in button.label]
    desk.import_files({"articles/card-fees.md": "# Fees at a glance\n\nHolding a card costs nothing.\n"})
    screen = press(show(desk), "What does it cost to pay in euros")
    assert "What does it cost to pay in euros with my card?" in html(screen)
    assert '<div class="answer">' in html(screen)


def test_when_nothing_supports_an_answer_it_says_so_and_shows_what_is_near(unsure_desk):
    screen = ask(show(unsure_desk), "May I bring my dog?")
    assert "know" in html(screen)
    assert any("Hand over to a person" in markdown.value for markdown in screen.markdown)
    assert any("Near the question" in markdown.value for markdown in screen.markdown)
    near = press(screen, "Fees")
    assert '<mark class="chosen"' in html(near)


def test_small_talk_is_answered_without_sources_or_a_confidence(desk):
    screen = ask(show(desk), "Vielen Dank!")
    assert "Gern geschehen." in html(screen)
    assert any("Small talk" in markdown.value for markdown in screen.markdown)
    assert not any("Sources" in markdown.value or "of 100 answers" in markdown.value for markdown in screen.markdown)
    assert not screen.exception
    later = ask(screen, "Paying in euros?")
    assert any("Small talk" in caption.value for caption in later.caption)


def test_the_wish_for_a_person_is_said_to_the_agent(desk):
    screen = ask(show(desk), "I want to talk to a human")
    assert any("The customer asks for a person" in markdown.value for markdown in screen.markdown)


def test_two_questions_are_answered_in_one_card(desk):
    screen = ask(show(desk), "How much is paying in euros? And how long can I send it back?")
    assert any("of 2 questions answered" in markdown.value for markdown in screen.markdown)
    assert "And how long" not in html(screen).split('class="answer"')[-1]
    assert not screen.exception


def test_an_empty_desk_says_how_to_fill_it(open_desk):
    desk = open_desk()
    desk.services.collections.ensure("support")
    assert any("trivium support import PATH --collection support" in m.value for m in show(desk).markdown)
    assert any("trivium support import PATH" in m.value for m in show(desk, view="Knowledge").markdown)


def test_a_desk_that_was_never_filled_says_the_same(open_desk):
    assert any("trivium support import PATH" in markdown.value for markdown in show(open_desk()).markdown)


def test_a_knowledge_base_is_chosen_only_where_there_are_several(desk):
    assert not show(desk).selectbox
    desk.import_files({"rules.md": "# Rules\n\nStaff may take home two samples.\n"}, collection="staff")
    screen = show(desk, base="staff")
    assert screen.selectbox(key="base").value == "staff"
    assert "two samples" in html(ask(screen, "How many samples?"))


async def one_collection(_: Request) -> Response:
    return JSONResponse({"items": [{"name": "support", "documents": 1}]})


async def full_queue(_: Request) -> Response:
    return JSONResponse({"detail": "The queue is full.", "remedy": "Try again in a second."}, 503)


BUSY = Starlette(
    routes=[
        Route("/v1/support/collections", one_collection),
        Route("/v1/support/ask", full_queue, methods=["POST"]),
    ]
)


def test_a_question_that_fails_stays_in_its_box_below_the_sentence_of_the_api(client_of):
    screen = AppTest.from_function(page, kwargs={"client": client_of(BUSY)}, default_timeout=30)
    screen.query_params["open"] = "fees.md"
    ask(screen.run(), "Paying in euros?")
    assert [plain(error.value) for error in screen.error] == ["The queue is full. Try again in a second."]
    assert screen.text_input(key="support.question").value == "Paying in euros?"
    assert not screen.exception


def test_after_a_reload_that_fails_one_can_try_again(client_of):
    screen = AppTest.from_function(page, kwargs={"client": client_of(BUSY)}, default_timeout=30)
    screen.query_params["ask"] = "Paying in euros?"
    screen.run()
    assert [plain(error.value) for error in screen.error] == ["The queue is full. Try again in a second."]
    assert [button.label for button in screen.button] == ["Try again"]
    assert screen.query_params["ask"] == "Paying in euros?"


def plain(escaped: str) -> str:
    return escaped.replace("\\", "").replace("\u2060", "")


NASTY = "<script>alert(1)</script> ![x](http://127.0.0.1:9/x.png) [x](javascript:alert(1)) :red[x] $x^2$"


def test_what_a_document_says_is_shown_and_never_obeyed(open_desk):
    desk = open_desk()
    row = {"id": "nasty", "question": NASTY, "answer": f"Say {NASTY} now."}
    desk.import_files({"rows.jsonl": json.dumps(row) + "\n"})
    screen = press(ask(show(desk), "script alert"), r"\[1\]")
    assert "<script>alert" not in html(screen)
    assert html(screen).count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    labels = " ".join(button.label for button in screen.button)
    assert "](javascript" not in labels
    assert ":red[" not in labels


def test_a_conversation_in_the_address_has_the_latest_questions_that_fit():
    assert for_address(["x" * 3_000, "y" * 3_000]) == ["y" * 3_000]
    assert for_address(["z" * 9_000]) == ["z" * 9_000]


def test_a_copied_answer_has_no_marks_of_citations_but_keeps_brackets_of_the_source():
    answer = "Choose option [2] first. [1]\nThen wait. [1]"
    assert without_markers(answer, [1]) == "Choose option [2] first.\nThen wait."
    assert with_markers(answer, [1]).count('class="cited"') == 2


def test_a_place_names_the_title_once():
    assert place("Fees", ["Fees", "Abroad"]) == "Fees \u203a Abroad"
