"""Whatever a provider does, who asks hears within the limit what came of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from langchain_core.messages import HumanMessage

from core.generation.calling import Breaker, Caller, Limits
from core.generation.chat import close_chat_model, open_chat_model
from core.generation.failures import Failure
from core.settings import Settings
from tests.core.generation.misbehaving import Misbehaving
from tests.ui.support_desk import listening

pytestmark = pytest.mark.integration

SECONDS = 1.0
ASKED = [HumanMessage("what does a card cost?")]


@contextmanager
def provider(behaviour: str = "well") -> Iterator[tuple[Misbehaving, Caller]]:
    server = Misbehaving(behaviour=behaviour)
    with listening(server.app()) as url:
        model = open_chat_model(Settings(chat_model="m", chat_url=f"{url}/v1", chat_seconds=SECONDS))
        assert model is not None
        yield server, Caller(model, Limits(SECONDS, 500))
        close_chat_model(model)


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        ("hang", Failure.TIMEOUT),
        ("drip", Failure.TIMEOUT),
        ("drip of bytes", Failure.TIMEOUT),
        ("ramble", Failure.RAMBLING),
        ("empty", Failure.EMPTY),
        ("page", Failure.GARBLED),
        ("garbage", Failure.GARBLED),
        ("500", Failure.REFUSED),
    ],
)
def test_a_provider_that_misbehaves_is_named_within_the_limit(behaviour: str, failure: Failure):
    with provider(behaviour) as (_, caller):
        begin = time.monotonic()
        heard = caller.ask(ASKED)
        assert time.monotonic() - begin < SECONDS + 0.7
        assert (heard.failure, heard.text) == (failure, "")


@pytest.mark.parametrize("behaviour", ["html", "cut"])
def test_what_is_no_answer_of_a_chat_model_is_never_taken_for_one(behaviour: str):
    with provider(behaviour) as (_, caller):
        heard = caller.ask(ASKED)
        assert heard.failure in (Failure.EMPTY, Failure.GARBLED, Failure.UNREACHABLE)
        assert heard.text == ""


def test_a_well_behaved_one_is_heard():
    with provider() as (server, caller):
        assert caller.ask(ASKED).text.strip() == server.says
        assert server.asked[0]["messages"] == [{"role": "user", "content": "what does a card cost?"}]


def test_nobody_there_is_said_at_once():
    model = open_chat_model(Settings(chat_model="m", chat_url="http://127.0.0.1:9/v1"))
    assert model is not None
    assert Caller(model).ask(ASKED).failure == Failure.UNREACHABLE
    close_chat_model(model)


@pytest.mark.parametrize("behaviour", ["drip", "drip of bytes", "ramble", "hang"])
def test_no_thread_and_no_connection_goes_on_reading_what_nobody_waits_for(behaviour: str):
    with provider(behaviour) as (server, caller):
        caller.ask(ASKED)
        until = time.monotonic() + 10
        while time.monotonic() < until and any(t.name == "chat-model" for t in threading.enumerate()):
            time.sleep(0.05)
        assert not any(thread.name == "chat-model" for thread in threading.enumerate())
        while time.monotonic() < until and behaviour != "hang" and not server.broken_off:
            time.sleep(0.05)
        assert behaviour == "hang" or server.broken_off == 1


def test_after_repeated_failures_the_model_rests_and_is_tried_again():
    now = [0.0]
    with provider("500") as (server, caller):
        caller.breaker = Breaker(failures=2, rest_s=30, now=lambda: now[0])
        said = [caller.ask(ASKED).failure for _ in range(4)]
        assert said == [Failure.REFUSED, Failure.REFUSED, Failure.RESTING, Failure.RESTING]
        assert len(server.asked) == 2
        now[0] = 31
        assert caller.ask(ASKED).failure == Failure.REFUSED
        assert caller.ask(ASKED).failure == Failure.RESTING
        server.behaviour, now[0] = "well", 62
        assert caller.ask(ASKED).failure is None
        assert caller.ask(ASKED).failure is None


def test_one_question_alone_tries_a_rested_model():
    now = [0.0]
    breaker = Breaker(failures=1, rest_s=30, now=lambda: now[0])
    breaker.record(well=False)
    now[0] = 31
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]


def test_many_questions_at_once_are_all_answered_or_told_why():
    with provider() as (_, caller):
        heard = []
        threads = [threading.Thread(target=lambda: heard.append(caller.ask(ASKED, Limits(20, 500)))) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [each.failure for each in heard] == [None] * 24
