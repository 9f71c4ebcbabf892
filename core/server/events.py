"""Server-sent events on the wire, and the answer that carries them. Makes no events."""

from collections.abc import AsyncIterable, Iterable

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b": still here\n\n"
"""A comment: clients pass over it, and whatever stands between sees that the connection is alive."""

# Proxies such as nginx collect an answer before they pass it on, unless told not to.
_HEADERS = {"X-Accel-Buffering": "no"}


def event(name: str, data: str, number: int | None = None) -> bytes:
    r"""One event. data: JSON;  number: what a client sends back as `Last-Event-ID` when it comes again

    >>> event("delta", "{}", 7)
    b'event: delta\ndata: {}\nid: 7\n\n'
    """
    return format_sse_event(event=name, data_str=data, id=None if number is None else str(number))


def streamed(events: AsyncIterable[bytes] | Iterable[bytes], status: int = 200) -> StreamingResponse:
    """The answer that sends events as they come."""
    return StreamingResponse(events, status, _HEADERS, MEDIA_TYPE)


def wants_events(accept: str | None) -> bool:
    """Whether a client asks for a stream.

    >>> wants_events("text/event-stream, */*;q=0.1"), wants_events("application/json"), wants_events(None)
    (True, False, False)
    """
    return any(part.split(";")[0].strip().lower() == MEDIA_TYPE for part in (accept or "").split(","))
