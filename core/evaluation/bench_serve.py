"""`trivium bench serve`: a real server on loopback with the sample data: start, memory, and load. Ends by itself."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import cycle
from pathlib import Path

import httpx
import numpy as np

from core.app import installed_apps
from core.errors import TriviumError
from core.settings import Settings
from core.testing.requests import SampleRequest

STARTS = 3
PATIENCE_S = 120.0


def run(settings: Settings, clients: int = 16, seconds: float = 10.0) -> dict[str, object]:
    """Median start of three on a warm disk; resident memory of all its processes; answers under load.

    The result cache is off, so that every question is really encoded; a second load shows it on.
    """
    with tempfile.TemporaryDirectory(prefix="trivium-bench-") as folder:
        home = Path(folder)
        runtimes = settings.home / "runtimes"
        runtimes.mkdir(parents=True, exist_ok=True)
        (home / "runtimes").symlink_to(runtimes)  # the converted model is not part of what is measured
        environment = {**os.environ, "TRIVIUM_HOME": str(home), "TRIVIUM_PORT": str(_free_port())}
        environment.pop("TRIVIUM_DATABASE_URL", None)
        key = _prepare(environment)
        starts: list[float] = []
        loads: dict[str, dict[str, float]] = {}
        memory = 0.0
        for attempt in range(STARTS):
            cached = attempt == STARTS - 1
            with _server({**environment, **({} if cached else {"TRIVIUM_CACHE_TEXTS": "0"})}) as (process, started):
                starts.append(started)
                if attempt == STARTS - 2:
                    memory = _resident_mb(process.pid)
                if attempt >= STARTS - 2:
                    requests = _sample_requests()
                    _load(environment, key, requests, 1, 1.0)  # first requests compile nothing that is measured
                    loads["cached" if cached else "uncached"] = _load(environment, key, requests, clients, seconds)
                    after = _resident_mb(process.pid)
    return {
        "start_to_ready_s": round(float(np.median(starts)), 2),
        "resident_when_ready_mb": round(memory),
        "resident_after_load_mb": round(after),
        "clients": clients,
        **{f"{name}_{figure}": value for name, load in loads.items() for figure, value in load.items()},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _prepare(environment: dict[str, str]) -> str:
    code = (
        "from core.cli.serving import prepare; from core.settings import read_settings; print(prepare(read_settings()))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise TriviumError(f"the sample data could not be loaded ({done.stderr.strip()[-300:]})")
    return done.stdout.split()[-1]


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server process that is ready, and the seconds it took."""
    url = f"http://127.0.0.1:{environment['TRIVIUM_PORT']}/health/ready"
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(timeout=5) as client:
            while not _answers(client, url):
                if process.poll() is not None or time.perf_counter() - begin > PATIENCE_S:
                    raise TriviumError("the server did not start", remedy="run `trivium serve` and read what it says")
                time.sleep(0.01)
        yield process, time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait(20)


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == 200
    except httpx.TransportError:  # not listening yet
        return False


def _resident_mb(pid: int) -> float:
    """Resident memory of a process and all below it, from the kernel's own accounts."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (int(entry.name) == pid or _parent(entry) == pid):
            status = (entry / "status").read_text()
            total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1_000
    return total


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):  # it ended while we looked
        return -1


def _sample_requests() -> list[SampleRequest]:
    apps, _ = installed_apps()
    return [request for app in apps if app.sample for request in import_module(app.sample).requests()]


def _load(
    environment: dict[str, str], key: str, requests: Sequence[SampleRequest], clients: int, seconds: float
) -> dict[str, float]:
    """Keep-alive connections that ask one question after the other."""
    port = int(environment["TRIVIUM_PORT"])
    written = [_written(request, key) for request in requests]
    times = asyncio.run(_ask_all(port, written, clients, seconds))
    return {
        "answers_per_s": round(len(times) / seconds, 1),
        "p50_ms": round(float(np.percentile(times, 50)) * 1e3, 1),
        "p95_ms": round(float(np.percentile(times, 95)) * 1e3, 1),
    }


def _written(request: SampleRequest, key: str) -> bytes:
    body = json.dumps(request.body).encode()
    head = (
        f"{request.method} {request.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _ask_all(port: int, written: Sequence[bytes], clients: int, seconds: float) -> list[float]:
    """Raw sockets: an HTTP library in the client would cost as much processor as the server it measures."""
    questions = cycle(written)
    deadline = time.perf_counter() + seconds
    times: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < deadline:
            begin = time.perf_counter()
            writer.write(next(questions))
            head = await reader.readuntil(b"\r\n\r\n")
            status, length = head.split(b" ", 2)[1], _content_length(head)
            await reader.readexactly(length)
            if status != b"200":
                raise TriviumError(f"the server answered {status.decode()} under load")
            times.append(time.perf_counter() - begin)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return times


def _content_length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
