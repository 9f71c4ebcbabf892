"""A chat model is whatever speaks OpenAI's dialect: here a server on loopback."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.errors import Misconfigured
from core.generation.chat import close_chat_model, open_chat_model
from core.settings import Settings
from tests.ui.support_desk import listening


async def answer(request: Request) -> JSONResponse:
    asked = await request.json()
    text = f"{asked['model']} heard: {asked['messages'][-1]['content']}"
    message = {"role": "assistant", "content": text}
    return JSONResponse({"id": "1", "object": "chat.completion", "model": asked["model"], "created": 0,
                         "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})  # fmt: skip


def test_without_a_setting_there_is_no_chat_model():
    assert open_chat_model(Settings()) is None


def test_a_chat_model_answers_over_http():
    with listening(Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])) as url:
        model = open_chat_model(Settings(chat_model="tiny", chat_url=f"{url}/v1"))
        assert model is not None
        assert model.invoke("hello").content == "tiny heard: hello"
        close_chat_model(model)


@pytest.mark.parametrize("chosen", [{"chat_model": "tiny"}, {"chat_url": "http://127.0.0.1/v1"}])
def test_a_name_without_an_address_is_refused_with_what_to_do(chosen: dict[str, str]):
    with pytest.raises(Misconfigured, match="TRIVIUM_CHAT_URL"):
        open_chat_model(Settings(**chosen))
