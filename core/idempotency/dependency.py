"""What a router says to let a write happen once: `dependencies=[Depends(idempotent)]`. Writes no answer itself."""

import hashlib
import re
from typing import Annotated

from anyio import to_thread
from fastapi import Header, Request, Response
from starlette.datastructures import UploadFile

from core.auth.access import CALLER, Caller, NoKey
from core.errors import Invalid
from core.idempotency.answers import Answer, Answers

CLAIM = "trivium.idempotency"
"""Where the claim stands in the ASGI scope while its write runs."""

_SHAPE = re.compile(r"[\x21-\x7e]{1,128}")
_CHUNK = 1 << 20


class BadIdempotencyKey(Invalid):
    """An Idempotency-Key that is empty, too long or not plain."""

    def __init__(self) -> None:
        super().__init__("an Idempotency-Key has 1 to 128 visible ASCII characters", remedy="send a UUID")


class Replayed(Exception):
    """This write was done before; `response` is what it was answered then."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


async def idempotent(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(description="The same key with the same request: done once, answered the same.")
    ] = None,
) -> None:
    """Let a write with an `Idempotency-Key` happen once. Stands beside `require` at a route.

    raises: Replayed with the kept answer; BadIdempotencyKey, IdempotencyKeyReused, StillRunning
    """
    if idempotency_key is None:
        return
    if not _SHAPE.fullmatch(idempotency_key):
        raise BadIdempotencyKey
    caller = request.scope.get(CALLER)
    if not isinstance(caller, Caller):
        raise NoKey
    answers: Answers = request.app.state.answers
    found = await to_thread.run_sync(answers.claim, caller.key_id, idempotency_key, await _hash(request))
    if isinstance(found, Answer):
        headers = {"Idempotency-Replayed": "true", "Content-Type": found.content_type}
        raise Replayed(Response(found.body, found.status, headers))
    request.scope[CLAIM] = found


async def _hash(request: Request) -> str:
    """SHA-256 over method, address and content. A form counts by its parts: its boundary is new at each attempt."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if "form" not in request.headers.get("content-type", ""):
        digest.update(await request.body())
        return digest.hexdigest()
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            digest.update(f"\n{len(name)} {name} file {value.size} {value.filename}\n".encode())
            while chunk := await value.read(_CHUNK):
                digest.update(chunk)
            await value.seek(0)
        else:
            digest.update(f"\n{len(name)} {name} text {len(value)} {value}".encode())
    return digest.hexdigest()
