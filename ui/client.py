"""Speak HTTP to the API and turn its answers into schemas. Draws nothing and keeps no key but the one it was given."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from core.errors import TriviumError
from core.settings import read_settings

Reply = TypeVar("Reply", bound=BaseModel)
Files = Mapping[str, tuple[str, bytes, str]]  # form field -> (file name, content, media type)

LOCAL = {"127.0.0.1", "::1", "localhost"}
WAIT = httpx.Timeout(30, connect=3)  # seconds
WAIT_FOR_UPLOAD = httpx.Timeout(600, connect=3)  # a large PDF is read and embedded before the API answers
RETRY_AFTER_S = 0.3


class ApiProblem(TriviumError):
    """The API answered with an error, or not at all; a key that it does not accept is `KeyRefused` instead.

    status: the HTTP status; 0 when no answer came;  name: the API's own of the problem, empty when it gave none
    retry_after_s: seconds after which another try makes sense; None when the API did not say
    """

    def __init__(
        self, sentence: str, *, status: int, remedy: str = "", name: str = "", retry_after_s: int | None = None
    ) -> None:
        super().__init__(sentence, remedy=remedy)
        self.status = status
        self.name = name
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        """Both of the API's sentences, as they came.

        >>> str(ApiProblem("This needs an API key.", status=401, remedy="Sign in."))
        'This needs an API key. Sign in.'
        """
        return f"{self.fact} {self.remedy}".strip()


class KeyRefused(TriviumError):
    """The API does not accept the key (any more): whoever showed it must sign in again."""

    status = 401

    def __str__(self) -> str:
        """Both of the API's sentences, as they came."""
        return f"{self.fact} {self.remedy}".strip()


def open_http(api: str) -> httpx.Client:
    """Open the connections to the API, shared by everybody who is signed in; holds no key.

    api: its address, like "http://127.0.0.1:8000"
    """
    # A proxy from the environment is for the world outside, never for an API on this machine.
    return httpx.Client(base_url=api, timeout=WAIT, trust_env=urlsplit(api).hostname not in LOCAL)


def connect(key: str) -> Client:
    """Make the client for a key, over connections to the API that the settings name."""
    return Client(_shared_http(), key)


@cache
def _shared_http() -> httpx.Client:
    return open_http(read_settings().api)


class Client:
    """The API as one key sees it. http: shared connections, from `open_http`

    Every method raises ApiProblem or KeyRefused, whose text is one or two sentences for the person at the screen.
    """

    def __init__(self, http: httpx.Client, key: str) -> None:
        self._http = http
        self._key = key

    @property
    def key_prefix(self) -> str:
        """The public handle of the key: safe to show."""
        return "_".join(self._key.split("_")[:2])[:16]

    def get(self, path: str, reply: type[Reply], **query: str | int | float | Sequence[str] | None) -> Reply:
        """Read. query: left out where None; several values of one name as a list"""
        params = {name: value for name, value in query.items() if value is not None}
        return _parsed(self._send("GET", path, params=params), reply)

    def download(self, path: str, **query: str | int | None) -> bytes:
        """Read a file as it comes. query: left out where None"""
        params = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", path, params=params, timeout=WAIT_FOR_UPLOAD).content

    def post(self, path: str, body: BaseModel, reply: type[Reply]) -> Reply:
        """Ask for something that needs a body."""
        return _parsed(self._send("POST", path, json=body.model_dump(mode="json", exclude_none=True)), reply)

    def tell(self, path: str, body: BaseModel) -> None:
        """Send what is answered with nothing."""
        self._send("POST", path, json=body.model_dump(mode="json", exclude_none=True))

    def replace(self, path: str, body: BaseModel, reply: type[Reply]) -> Reply:
        """Make or replace; what is null is sent as null."""
        return _parsed(self._send("PUT", path, json=body.model_dump(mode="json")), reply)

    def upload(self, path: str, files: Files, form: Mapping[str, str], reply: type[Reply]) -> Reply:
        """Send files as a form."""
        return _parsed(self._send("POST", path, files=files, data=form, timeout=WAIT_FOR_UPLOAD), reply)

    def patch(self, path: str, body: BaseModel, reply: type[Reply], **query: str) -> Reply:
        """Change some fields: those that were set, null included."""
        sent = body.model_dump(mode="json", exclude_unset=True)
        return _parsed(self._send("PATCH", path, json=sent, params=query), reply)

    def put(self, path: str, **query: str) -> None:
        """Set something that needs no body."""
        self._send("PUT", path, params=query)

    def delete(self, path: str, **query: str) -> None:
        """Remove."""
        self._send("DELETE", path, params=query)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            answer = self._once_more(method, path, headers=headers, **request)
        except httpx.TimeoutException:
            raise ApiProblem(
                f"The API at {self._http.base_url} took too long to answer.", status=0, remedy="Try again in a moment."
            ) from None
        except (httpx.TransportError, httpx.InvalidURL):
            raise ApiProblem(
                f"The API at {str(self._http.base_url).rstrip('/')} does not answer: start it with `trivium serve`.",
                status=0,
            ) from None
        if answer.is_error:
            raise _problem(answer)
        return answer

    def _once_more(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send; reads get a second try when nobody listens, as while the API restarts."""
        try:
            return self._http.request(method, path, **request)
        except httpx.ConnectError:
            if method != "GET":
                raise
        time.sleep(RETRY_AFTER_S)
        return self._http.request(method, path, **request)


def _parsed(answer: httpx.Response, reply: type[Reply]) -> Reply:
    try:
        return reply.model_validate_json(answer.content)
    except ValidationError:
        raise ApiProblem(
            "The API answered in a form that this page does not know.",
            status=answer.status_code,
            remedy="Run the API and the pages in the same version.",
        ) from None


class _Problem(BaseModel):
    """RFC 9457, as far as a person needs it."""

    detail: str
    remedy: str = ""
    type: str = ""


def _problem(answer: httpx.Response) -> ApiProblem | KeyRefused:
    wait = answer.headers.get("Retry-After", "")
    retry_after_s = int(wait) if wait.isdigit() else None
    try:
        told = _Problem.model_validate_json(answer.content)
    except ValidationError:  # a proxy in between answered in its own words
        told = _Problem(detail=f"The API answered with status {answer.status_code}.", remedy="Try again in a moment.")
    if answer.status_code == KeyRefused.status:
        return KeyRefused(told.detail, remedy=told.remedy)
    name = told.type.rpartition("/")[2]
    return ApiProblem(
        told.detail, status=answer.status_code, remedy=told.remedy, name=name, retry_after_s=retry_after_s
    )
