"""Clients that ask a server on loopback and take the time. Raw sockets: an HTTP library in the client would cost as
much processor as the server it measures."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from core.errors import TriviumError


@dataclass(frozen=True)
class Pace:
    """When a client asks. rate: questions a second of all `clients` together; None: as soon as the last is answered"""

    rate: float | None
    clients: int

    def first(self, client: int) -> float:
        """returns: seconds from the start to a client's first question; the clients are spread evenly"""
        return client / self.rate if self.rate else 0.0

    @property
    def apart(self) -> float:
        """Seconds between two questions of one client."""
        return self.clients / self.rate if self.rate else 0.0


def ask_all(port: int, written: Sequence[bytes], clients: int, seconds: float, pace: Pace) -> list[float]:
    """Ask in turn what is written, over one kept connection each.

    returns: seconds for each answer, from when the question was due: one that had to wait for the last counts the wait
    raises: TriviumError when an answer is no success
    """
    return asyncio.run(_ask_all(port, written, clients, seconds, pace))


async def _ask_all(port: int, written: Sequence[bytes], clients: int, seconds: float, pace: Pace) -> list[float]:
    questions = cycle(written)
    began = time.perf_counter()
    times: list[float] = []

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        due = began + pace.first(number)
        while max(due, time.perf_counter()) < began + seconds:
            if pace.rate:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            else:
                due = time.perf_counter()
            writer.write(next(questions))
            head = await reader.readuntil(b"\r\n\r\n")
            status, length = head.split(b" ", 2)[1], _content_length(head)
            await reader.readexactly(length)
            if status != b"200":
                raise TriviumError(f"the server answered {status.decode()} under load")
            times.append(time.perf_counter() - due)
            due += pace.apart
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    return times


def _content_length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
