"""Every error becomes an RFC 9457 problem in plain words. Never repeats what was sent, never shows the inside."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.errors import Invalid, NotFound, TriviumError
from core.idempotency.dependency import Replayed
from core.server.faults import Fault, plain_fault
from core.telemetry import REQUEST_ID

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 20


CHAT_PATH = "/v1/chat/completions"
"""Problems here also carry `error`, in OpenAI's shape: many clients of its dialect read nothing else."""


class DialectError(BaseModel):
    """A problem as OpenAI's clients read it. param: the field that does not fit;  code: stable name of the problem"""

    message: str
    type: str
    param: str | None
    code: str


class Problem(BaseModel):
    """What went wrong and what to do about it (RFC 9457)."""

    type: str = Field(description="stable name of the kind of problem", examples=["/problems/not-found"])
    title: str = Field(description="the kind in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what happened, in one sentence")
    remedy: str = Field(description="what to do about it; empty when there is nothing")
    message: str = Field(description="both in one sentence, for clients that show one string, as OpenAI's do")
    request_id: str = Field(description="name this when you report the problem")
    errors: list[Fault] = Field(default=[], description="the fields that do not fit")
    error: DialectError | None = Field(default=None, description=f"the same for OpenAI's clients; {CHAT_PATH} only")


class InternalError(TriviumError):
    """A fault of ours. Says nothing about the inside."""

    def __init__(self) -> None:
        super().__init__("something went wrong inside", remedy="try again; if it stays, report the request id")


class NoSuchAddress(NotFound):
    """No route has this path."""

    def __init__(self) -> None:
        super().__init__("there is nothing at this address", remedy="see /docs for what there is")


class MethodNotAllowed(TriviumError):
    """The path exists, but not for this method."""

    status = 405

    def __init__(self, allowed: str) -> None:
        super().__init__("this address does not take that method", remedy=f"use {allowed}" if allowed else "see /docs")


class Unreadable(Invalid):
    """A body that cannot be parsed at all."""

    status = 400

    def __init__(self) -> None:
        super().__init__("the body of the request cannot be read", remedy="check its format and its Content-Type")


class Declined(TriviumError):
    """A bare HTTP status, raised by a library. status: the one it chose"""

    def __init__(self, status: int) -> None:
        super().__init__(f"the request was declined ({HTTPStatus(status).phrase.lower()})")
        self.status = status


class DoesNotFit(Invalid):
    """Fields of the request are missing or wrong. faults: which, and why"""

    def __init__(self, faults: Sequence[Fault]) -> None:
        listed = "; ".join(f"{fault.field} {fault.problem}" for fault in faults[:3])
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        super().__init__(f"the request does not fit: {listed}{more}", remedy="correct it and send it again")
        self.faults = list(faults[:MOST_FAULTS])


class Refused(HTTPException):
    """A TriviumError raised while a body is read: FastAPI lets only HTTPExceptions through there."""

    def __init__(self, error: TriviumError) -> None:
        super().__init__(error.status)
        self.error = error


def problem_response(error: TriviumError, headers: Mapping[str, str] | None = None, *, path: str = "") -> Response:
    """The answer for an error; its text is the error's own sentence. path: of the request"""
    problem = Problem(
        type=f"/problems/{error.kind()}",
        title=error.kind().replace("-", " ").capitalize(),
        status=error.status,
        detail=_sentence(error.fact),
        remedy=_sentence(error.remedy),
        message=str(error),
        request_id=REQUEST_ID.get(),
        errors=error.faults if isinstance(error, DoesNotFit) else [],
        error=_in_dialect(error) if path == CHAT_PATH else None,
    )
    sent = dict(headers or {})
    if error.retry_after_s is not None:
        sent["Retry-After"] = str(error.retry_after_s)
    if error.status == 413:
        sent["Connection"] = "close"  # what is left of a refused body is not worth reading
    if error.status == 401:
        sent["WWW-Authenticate"] = 'Bearer realm="trivium"'
    shown = problem.model_dump_json(exclude={"error"} if problem.error is None else None)
    return Response(shown, error.status, sent, MEDIA_TYPE)


async def answer_error(request: Request, error: Exception) -> Response:
    """For a TriviumError that a route raised."""
    assert isinstance(error, TriviumError)
    return problem_response(error, path=request.url.path)


async def answer_invalid(request: Request, error: Exception) -> Response:
    """For a request that does not match its schema."""
    assert isinstance(error, RequestValidationError)
    faults = [plain_fault(found) for found in error.errors()]
    return problem_response(DoesNotFit(faults), path=request.url.path)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """For what the framework refuses by itself: unknown paths, wrong methods, unreadable bodies."""
    assert isinstance(error, HTTPException)
    if isinstance(error, Refused):
        return problem_response(error.error, path=request.url.path)
    headers, path = error.headers or {}, request.url.path
    match error.status_code:
        case 400:
            return problem_response(Unreadable(), headers, path=path)
        case 404:
            return problem_response(NoSuchAddress(), headers, path=path)
        case 405:
            return problem_response(MethodNotAllowed(headers.get("Allow", "")), headers, path=path)
        case status:
            return problem_response(Declined(status), headers, path=path)


async def answer_replay(_: Request, error: Exception) -> Response:
    """For a write that was done before."""
    assert isinstance(error, Replayed)
    return error.response


def _in_dialect(error: TriviumError) -> DialectError:
    kind = "rate_limit_error" if error.status == 429 else "invalid_request_error"
    param = error.faults[0].field.removeprefix("body.") if isinstance(error, DoesNotFit) and error.faults else None
    return DialectError(
        message=str(error),
        type=kind if error.status < 500 else "server_error",
        param=getattr(error, "param", param),
        code=error.kind(),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "." if words else ""
