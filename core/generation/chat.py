"""Open the chat model that the settings name. Nothing is sent anywhere until an app asks it something."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import Invalid, Misconfigured
from core.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

NO_KEY = "none"  # local servers ask for none, the client wants one


def open_chat_model(settings: Settings) -> "BaseChatModel | None":
    """A LangChain chat model: on any OpenAI-compatible server (vLLM, Ollama, llama.cpp), or a local one.

    A local one is a directory or a trained model; its weights are opened at the first question.

    returns: None when no chat model is set; answers are then the sources' own sentences
    raises: Misconfigured when name and address do not go together, or there is no such local model
    """
    if not settings.chat_model and not settings.chat_url:
        return None
    if settings.chat_url:
        return _served(settings)
    from core.generation.decoder import check_decoder

    try:
        check_decoder(settings.chat_model, settings)
    except Invalid as error:
        raise Misconfigured(
            f"the chat model {settings.chat_model!r:.80} is neither a directory here nor a trained model that writes",
            remedy="correct TRIVIUM_CHAT_MODEL; for a model on a server, set TRIVIUM_CHAT_URL to http://…/v1 too",
        ) from error
    from core.generation.local_chat import LocalChatModel

    return LocalChatModel(model=settings.chat_model, settings=settings, timeout=settings.chat_seconds)


def close_chat_model(model: "BaseChatModel | None") -> None:
    """Give back the connections of one that `open_chat_model` opened."""
    client = getattr(model, "http_client", None)
    if client is not None:
        client.close()


def _served(settings: Settings) -> "BaseChatModel":
    if not settings.chat_model or urlsplit(settings.chat_url).scheme not in ("http", "https"):
        raise Misconfigured(
            "a chat model needs a name and the address of an OpenAI-compatible server",
            remedy="set TRIVIUM_CHAT_MODEL to a name that the server knows, and TRIVIUM_CHAT_URL to http://…/v1",
        )
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    from core.generation.wire import bounded_client

    return ChatOpenAI(
        model=settings.chat_model,
        base_url=settings.chat_url,
        api_key=SecretStr(settings.chat_key.get_secret_value() or NO_KEY),
        timeout=settings.chat_seconds,
        max_retries=0,  # who asks has an answer without it, and no time for a second try
        http_client=bounded_client(settings.chat_seconds),
    )
