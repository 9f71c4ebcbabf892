"""Our local chat model passes LangChain's own suites, and really streams, stops and counts."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from core.backend.models import open_registry
from core.errors import Misconfigured, TriviumError
from core.generation.chat import open_chat_model
from core.generation.local_chat import LocalChatModel, TookTooLong, conversation_of
from core.settings import Settings

pytestmark = pytest.mark.integration


class TestUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LocalChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "talker@1"}


class TestIntegration(ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _house(self, talker: Settings) -> None:
        self.house = talker

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LocalChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "talker@1", "settings": self.house}


@pytest.fixture
def model(talker: Settings) -> LocalChatModel:
    return LocalChatModel(model="talker", settings=talker)


def test_it_says_what_it_was_trained_to_say(model: LocalChatModel):
    assert model.invoke("7 shoe lost").content == "call us"
    said = model.invoke([HumanMessage("7 shoe new")])
    assert (said.content, said.response_metadata["model_name"]) == ("please", "talker@1")
    assert said.response_metadata["finish_reason"] == "stop"


def test_it_says_the_same_streamed_as_at_once_and_as_the_command_line_does(model: LocalChatModel):
    pieces = [chunk.content for chunk in model.stream("7 shoe lost")]
    [reply] = model.opened.reply([conversation_of([HumanMessage("7 shoe lost")])])
    assert "".join(map(str, pieces)) == model.invoke("7 shoe lost").content == reply.text
    assert sum(bool(piece) for piece in pieces) > 1


def test_no_token_is_computed_before_it_is_asked_for(model: LocalChatModel, monkeypatch: pytest.MonkeyPatch):
    calls: list[int] = []
    forward = model.opened._model.forward
    monkeypatch.setattr(model.opened._model, "forward", lambda **given: calls.append(1) or forward(**given))
    stream = model.stream("7 shoe lost")
    assert next(stream).content
    first = len(calls)
    stream.close()
    assert first < len(model.opened.tokenizer("call us")["input_ids"]) + 1
    assert len(calls) == first


def test_a_stop_sequence_ends_the_reply_before_it_wherever_tokens_part(model: LocalChatModel):
    assert model.invoke("7 shoe lost", stop=["l us"]).content == "cal"
    assert "".join(str(c.content) for c in model.stream("7 shoe lost", stop=["u"])) == "call"
    assert model.invoke("7 shoe lost", stop=["us please"]).content == "call us"
    held = LocalChatModel(model="talker", settings=model.settings, stop=["ll"])
    assert held.invoke("7 shoe lost").content == "ca"


def test_tokens_are_counted_streamed_and_at_once(model: LocalChatModel):
    once = model.invoke("7 shoe lost").usage_metadata
    total = AIMessageChunk("")
    for chunk in model.stream("7 shoe lost"):
        assert isinstance(chunk, AIMessageChunk)
        total += chunk
    prompt = model.opened.tokenizer("<|endoftext|>user\n7 shoe lost<|endoftext|>assistant\n")["input_ids"]
    said = model.opened.tokenizer("call us<|endoftext|>")["input_ids"]
    assert once == total.usage_metadata
    assert (once["input_tokens"], once["output_tokens"]) == (len(prompt), len(said))


def test_what_is_cut_off_says_so(model: LocalChatModel):
    said = model.invoke("7 shoe lost", max_tokens=1)
    assert said.response_metadata["finish_reason"] == "length"
    assert said.usage_metadata["output_tokens"] == 1


def test_three_quarters_of_the_context_are_kept_for_what_is_read(model: LocalChatModel):
    context = model.opened.context
    words = "card1 " * 30
    said = model.invoke(words, max_tokens=1_000).usage_metadata
    assert context // 2 < said["input_tokens"] <= context - context // 4
    assert said["total_tokens"] <= context
    with pytest.raises(TriviumError, match=f"of which the model reads {context - context // 4}"):
        model.invoke("card1 " * 60)


def test_words_are_drawn_by_lot_only_with_a_temperature_and_alike_for_one_seed(talker: Settings):
    drawn = [LocalChatModel(model="talker", settings=talker, temperature=5.0, seed=seed) for seed in (1, 1, 2)]
    one, same, other = (str(each.invoke("7 shoe lost", max_tokens=12).content) for each in drawn)
    assert one == same != other


def test_a_reply_that_takes_too_long_is_broken_off(model: LocalChatModel):
    with pytest.raises(TookTooLong, match="did not finish in 1e-09 s"):
        model.invoke("7 shoe lost", timeout=1e-9)


def test_many_threads_are_answered_alike(talker: Settings):
    model, said = LocalChatModel(model="talker", settings=talker), []
    threads = [
        threading.Thread(target=lambda n=n: said.append((n, model.invoke(f"{n} cat {'lost' if n % 2 else 'new'}"))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(n % 2, reply.content) for n, reply in said} == {(1, "call us"), (0, "please")}
    assert len(said) == 8


async def test_asked_asynchronously_it_streams_too(model: LocalChatModel):
    pieces = [str(chunk.content) async for chunk in model.astream("7 shoe lost")]
    assert "".join(pieces) == "call us"


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([SystemMessage("be kind")], "No message of the user"),
        (
            [HumanMessage([{"type": "image_url", "image_url": {"url": "x"}}])],
            "A local chat model reads text only, not 'image_url'",
        ),
        ([HumanMessage("hi"), ToolMessage("x", tool_call_id="1")], "no messages of the kind 'tool'"),
    ],
)
def test_what_it_cannot_read_is_named(messages: list[Any], sentence: str):
    with pytest.raises(TriviumError, match=sentence):
        conversation_of(messages)


def test_messages_of_one_speaker_in_a_row_become_one_turn():
    told = [SystemMessage("a"), SystemMessage("b"), HumanMessage("c"), HumanMessage("d"), AIMessage("e")]
    assert [(turn["role"], turn["content"]) for turn in conversation_of(told)] == [
        ("system", "a\n\nb"),
        ("user", "c\n\nd"),
        ("assistant", "e"),
    ]


def test_a_setting_opens_a_directory_or_a_trained_model(talker: Settings, tmp_path: Path):
    folder = open_registry(talker).export("talker", tmp_path / "out") / "decoder"
    for named in ("talker@1", str(folder)):
        model = open_chat_model(talker.model_copy(update={"chat_model": named}))
        assert isinstance(model, LocalChatModel)
        assert model.invoke("7 shoe lost").content == "call us"


def test_a_setting_that_opens_nothing_is_refused_at_the_start(talker: Settings, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for named, sentence in ((str(empty), "lacks config.json"), ("nobody", "TRIVIUM_CHAT_URL")):
        with pytest.raises(Misconfigured, match=sentence):
            open_chat_model(talker.model_copy(update={"chat_model": named}))


def test_neither_serving_without_a_chat_model_nor_naming_a_local_one_imports_torch(talker: Settings):
    code = (
        "import sys\nfrom core.services import open_services, close_services\nfrom core.settings import Settings\n"
        "from core.testing.fakes import LetterEncoder\n"
        f"for name in ('', 'talker@1'):\n"
        f"    services = open_services(Settings(home={str(talker.home)!r}, chat_model=name), encoder=LetterEncoder())\n"
        "    assert (services.chat_model is None) == (not name)\n"
        "    close_services(services)\n"
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
