"""An HTTP client whose answers end: whole in so many seconds and bytes, however slowly a server drips."""

import time
from collections.abc import Iterator

import httpx

MOST_BYTES = 4_000_000  # of one answer; a chat model's longest is a hundredth of that


class _Bounded(httpx.SyncByteStream):
    """The body of an answer. httpx alone limits the wait for each read, not their sum."""

    def __init__(self, body: httpx.SyncByteStream, end: float, request: httpx.Request) -> None:
        self._body, self._end, self._request = body, end, request

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._body:
            size += len(part)
            if time.monotonic() > self._end:
                raise httpx.ReadTimeout("the answer did not end in time", request=self._request)
            if size > MOST_BYTES:
                raise httpx.ReadError("the answer is too long", request=self._request)
            yield part

    def close(self) -> None:
        self._body.close()


class BoundedTransport(httpx.HTTPTransport):
    """seconds: from sending a request to the last byte of its answer"""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        end = time.monotonic() + self._seconds
        response = super().handle_request(request)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Bounded(response.stream, end, request)
        return response


def bounded_client(seconds: float) -> httpx.Client:
    """A client for one server. It follows no redirects, and heeds no proxies of the environment."""
    return httpx.Client(transport=BoundedTransport(seconds), timeout=seconds)
