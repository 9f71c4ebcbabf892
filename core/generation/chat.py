"""Open the chat model that the settings name. Nothing is sent anywhere until an app asks it something."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import Misconfigured
from core.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

TIMEOUT_S = 20.0
NO_KEY = "none"  # local servers ask for none, the client wants one


def open_chat_model(settings: Settings) -> "BaseChatModel | None":
    """A LangChain chat model on any OpenAI-compatible server: vLLM, Ollama, llama.cpp, a hosted one.

    returns: None when no chat model is set; answers are then the sources' own sentences
    raises: Misconfigured when name and address do not go together
    """
    if not settings.chat_model and not settings.chat_url:
        return None
    if not settings.chat_model or urlsplit(settings.chat_url).scheme not in ("http", "https"):
        raise Misconfigured(
            "a chat model needs a name and the address of an OpenAI-compatible server",
            remedy="set TRIVIUM_CHAT_MODEL to a name that the server knows, and TRIVIUM_CHAT_URL to http://…/v1",
        )
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=settings.chat_model,
        base_url=settings.chat_url,
        api_key=SecretStr(settings.chat_key.get_secret_value() or NO_KEY),
        timeout=TIMEOUT_S,
        max_retries=1,
    )
