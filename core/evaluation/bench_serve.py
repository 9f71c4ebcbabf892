"""`trivium bench serve`: a real server on loopback with the sample data: start, memory, and load. Ends by itself."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import httpx
import numpy as np

from core.app import installed_apps
from core.errors import TriviumError
from core.evaluation.clients import Pace, ask_all
from core.evaluation.scratch import scratch_home
from core.settings import Settings
from core.testing.requests import SampleRequest

STARTS = 3
PATIENCE_S = 120.0
WARM_UP_S = 8.0


@dataclass(frozen=True)
class Load:
    """What is measured. rate: questions a second of all clients together, none: one after the other without a pause

    passages: least in each collection; what the sample lacks is made from its words (core.cli.filling)
    """

    clients: int = 16
    seconds: float = 10.0
    rate: float | None = None
    passages: int = 0
    workers: int = 1


def run(settings: Settings, load: Load) -> dict[str, object]:
    """Median start of three on a warm disk; resident memory of all its processes; answers under load.

    The result cache is off, so that every question is really encoded; a second load shows it on.
    """
    with scratch_home(settings) as scratch:
        environment = {**os.environ, "TRIVIUM_HOME": str(scratch.home), "TRIVIUM_PORT": str(_free_port())}
        environment.pop("TRIVIUM_DATABASE_URL", None)
        key = _run("core.cli.filling", str(load.passages), environment=environment)
        starts: list[float] = []
        loads: dict[str, dict[str, float]] = {}
        memory = 0.0
        for attempt in range(STARTS):
            cached = attempt == STARTS - 1
            uncached = {} if cached else {"TRIVIUM_CACHE_TEXTS": "0"}
            with _server({**environment, **uncached}, load.workers) as (process, started):
                starts.append(started)
                if attempt == STARTS - 2:
                    memory = _resident_mb(process.pid)
                if attempt >= STARTS - 2:
                    requests = _sample_requests()
                    warm_up = replace(load, seconds=WARM_UP_S, rate=None)  # batches of each shape, opened views
                    _under(warm_up, environment, key, requests)
                    loads["cached" if cached else "uncached"] = _under(load, environment, key, requests)
                    after = _resident_mb(process.pid)
    return {
        "start_to_ready_s": round(float(np.median(starts)), 2),
        "resident_when_ready_mb": round(memory),
        "resident_after_load_mb": round(after),
        "clients": load.clients,
        "workers": load.workers,
        "asked_per_s": load.rate or "as fast as answered",
        "passages_at_least": load.passages or "as the sample has",
        **{f"{name}_{figure}": value for name, load in loads.items() for figure, value in load.items()},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(module: str, *arguments: str, environment: dict[str, str]) -> str:
    """returns: the last word that it prints"""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise TriviumError(f"the sample data could not be loaded ({done.stderr.strip()[-300:]})")
    return done.stdout.split()[-1]


@contextmanager
def _server(environment: dict[str, str], workers: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server process that is ready, and the seconds it took."""
    url = f"http://127.0.0.1:{environment['TRIVIUM_PORT']}/health/ready"
    begin = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "core.cli", "serve", "--workers", str(workers)],
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


def _under(load: Load, environment: dict[str, str], key: str, requests: Sequence[SampleRequest]) -> dict[str, float]:
    """Keep-alive connections that ask one question after the other."""
    port = int(environment["TRIVIUM_PORT"])
    written = [_written(request, key) for request in requests]
    times = ask_all(port, written, load.clients, load.seconds, Pace(load.rate, load.clients))
    return {
        "answers_per_s": round(len(times) / load.seconds, 1),
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
