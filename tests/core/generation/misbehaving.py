"""An OpenAI-compatible server that does, for each question, what the name of the model asks it to."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse

ENDLESS = 100_000


@dataclass
class Misbehaving:
    """says: what a well-behaved answer says;  asked: bodies that were received;  broken_off: answers nobody read on"""

    says: str = "A new card costs £5. [1]"
    behaviour: str = "well"
    asked: list[dict[str, Any]] = field(default_factory=list)
    broken_off: int = 0

    def app(self) -> FastAPI:
        """`POST /v1/chat/completions`."""
        app = FastAPI()

        @app.post("/v1/chat/completions")
        async def complete(request: Request) -> Response:
            self.asked.append(await request.json())
            match self.behaviour:
                case "html":
                    return HTMLResponse("<html><body>502 Bad Gateway</body></html>")
                case "garbage":
                    return PlainTextResponse("data: {not json\n\ndata: [DONE]\n\n", media_type="text/event-stream")
                case "500":
                    return JSONResponse({"error": {"message": "out of memory"}}, status_code=500)
                case "hang":
                    await asyncio.sleep(60)
            return StreamingResponse(self._stream(), media_type="text/event-stream")

        return app

    async def _stream(self) -> AsyncIterator[str]:
        try:
            match self.behaviour:
                case "drip":
                    for _ in range(ENDLESS):
                        yield _event("a ")
                        await asyncio.sleep(0.05)
                case "drip of bytes":
                    for _ in range(ENDLESS):
                        yield ":"  # never a whole line
                        await asyncio.sleep(0.05)
                case "ramble":
                    for _ in range(ENDLESS):
                        yield _event("and another thing, ")
                        await asyncio.sleep(0)
                case "page":
                    yield _event("<!DOCTYPE html><html><body>Sign in</body></html>")
                case "cut":
                    yield _event("A new card ")
                    raise ConnectionResetError
                case "well":
                    for word in self.says.split(" "):
                        yield _event(f"{word} ")
            yield _event(None, finish="stop")
            yield "data: [DONE]\n\n"
        except asyncio.CancelledError:
            self.broken_off += 1
            raise


def _event(text: str | None, finish: str | None = None) -> str:
    delta = {} if text is None else {"role": "assistant", "content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"
