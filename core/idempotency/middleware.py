"""Keeps the answers of claimed writes: ASGI middleware. Touches no request that has no Idempotency-Key."""

import logging
from collections.abc import Callable

from anyio import CancelScope, to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import TriviumError
from core.idempotency.answers import Answer, Answers, Claim
from core.idempotency.dependency import CLAIM

MOST_BYTES = 1_000_000  # answers to writes are small; a larger one is sent but not kept

_log = logging.getLogger(__name__)


class KeepAnswers:
    """Keep the answer to a claimed write before it is sent; give the claim up when the write was refused or failed."""

    def __init__(self, app: ASGIApp, *, answers: Answers) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or all(name != b"idempotency-key" for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            claim = scope.get(CLAIM)
            if claim is None:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                scope[CLAIM] = None
                await self._settle(claim, held)
                for part in held:
                    await send(part)

        try:
            await self._app(scope, receive, hold)
        finally:
            if (claim := scope.get(CLAIM)) is not None:
                with CancelScope(shield=True):
                    await self._give_up(claim)

    async def _settle(self, claim: Claim, held: list[Message]) -> None:
        start, body = held[0], b"".join(part.get("body", b"") for part in held[1:])
        if not 200 <= start["status"] < 300:
            await self._give_up(claim)
        elif len(body) > MOST_BYTES:
            _log.warning("answer too large to be kept for its Idempotency-Key", extra={"bytes": len(body)})
            await self._give_up(claim)
        else:
            headers = {name.lower(): value.decode("latin-1") for name, value in start["headers"]}
            answer = Answer(start["status"], headers.get(b"content-type", ""), body)
            await _attempt("answer of a write could not be kept", self._answers.keep, claim, answer)

    async def _give_up(self, claim: Claim) -> None:
        await _attempt("claim of a write could not be given up", self._answers.give_up, claim)


async def _attempt(event: str, step: Callable[..., None], *arguments: object) -> None:
    # The write itself is done or refused: its answer must reach the client even when the note about it fails.
    try:
        await to_thread.run_sync(step, *arguments)
    except TriviumError:
        _log.warning(event, exc_info=True)
