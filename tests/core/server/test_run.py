"""The server as a process: started by the command line, stopped by signals, on a real port with the real model."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path

import httpx
import pytest

from core.server.run import CannotListen, PortTaken, port_is_free

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
TRIVIUM = [sys.executable, "-m", "core.cli"]
STARTS_WITHIN_S = 120  # the first start of a home converts the model


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """A running `trivium serve`."""

    def __init__(self, folder: Path, home: Path, port: int, *options: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = (folder / "log").open("w+")
        self.environment = {
            **os.environ,
            "TRIVIUM_HOME": str(home),
            "TRIVIUM_DATABASE_URL": f"sqlite:///{folder / 'trivium.db'}",
            "TRIVIUM_PORT": str(port),
        }
        command = [*TRIVIUM, "serve", *options]
        self.process = subprocess.Popen(
            command, env=self.environment, stderr=self.log, stdout=subprocess.DEVNULL, cwd=ROOT
        )

    def key(self) -> str:
        command = [*TRIVIUM, "keys", "create", "test"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, cwd=ROOT)
        return done.stdout.strip()

    def wait_ready(self) -> dict:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                answer = httpx.get(f"{self.url}/health/ready", timeout=5)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                return answer.json()
        raise AssertionError(f"not ready: {self.said()}")

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def serving(tmp_path: Path, warm_home: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server over an empty database; given a port and options."""
    started: list[Server] = []

    def start(port: int, *options: str) -> Server:
        started.append(Server(tmp_path, warm_home, port, *options))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(20)
        server.log.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_on_an_empty_database_and_stops_cleanly(serving, port: int, number: int):
    server = serving(port)
    ready = server.wait_ready()
    assert set(ready["checks"].values()) == {"ok"}
    assert ready["broken"] == []
    assert server.stop(number) == 0
    assert port_is_free("127.0.0.1", port)
    for line in server.said().splitlines():
        assert json.loads(line)["level"] in ("info", "warning")


def test_a_request_that_is_being_answered_when_the_server_is_told_to_stop_is_answered_to_its_end(serving, port: int):
    server = serving(port)
    server.wait_ready()
    texts = [f"number {n} of some texts" for n in range(30)]
    body = json.dumps({"model": "all-minilm-l6-v2", "input": texts}).encode()
    head = (
        "POST /v1/embeddings HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {server.key()}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall("\r\n".join((*head, "", "")).encode())
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # its body is waited for: it is being answered
        server.process.send_signal(signal.SIGTERM)
        _wait_refused(port)
        time.sleep(0.5)  # a server that waits for nobody has ended by now
        line.sendall(body)
        answer = HTTPResponse(line)
        answer.begin()
        assert answer.status == 200
        assert len(json.load(answer)["data"]) == 30
    assert server.process.wait(20) == 0


def _wait_refused(port: int) -> None:
    """Until nobody is let in any more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError("the server goes on listening")


def test_a_taken_port_is_named_with_a_remedy_and_no_traceback(serving):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = int(other.getsockname()[1])
        assert not port_is_free("127.0.0.1", port)
        server = serving(port)
        assert server.process.wait(STARTS_WITHIN_S) == 1
        said = server.said()
    assert (
        f"Error: Port {port} on 127.0.0.1 is taken by another program: stop that program, or set TRIVIUM_PORT" in said
    )
    assert "Traceback" not in said


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_named(host: str, port: int):
    with pytest.raises(CannotListen, match="correct TRIVIUM_HOST and TRIVIUM_PORT"):
        port_is_free(host, port)


def test_another_setting_can_be_named():
    assert "set TRIVIUM_DASHBOARD_PORT to" in str(PortTaken("127.0.0.1", 8501, "TRIVIUM_DASHBOARD_PORT"))


def test_two_processes_share_a_port_and_a_dead_one_is_replaced(serving, port: int):
    server = serving(port, "--workers", "2")
    server.wait_ready()
    headers = {"Authorization": f"Bearer {server.key()}"}
    first = _workers(server, 2)
    for _ in range(40):
        assert httpx.get(f"{server.url}/v1/models", headers=headers).status_code == 200
    counted = 'trivium_http_requests_total{method="GET",route="/v1/models",status="200"} 40.0'
    assert counted in httpx.get(f"{server.url}/metrics").text
    os.kill(first[0], signal.SIGKILL)
    second = _workers(server, 2, without=first[0])
    server.wait_ready()
    assert server.stop() == 0
    assert not any(_is_alive(pid) for pid in {*first, *second})


def _workers(server: Server, count: int, without: int = 0) -> list[int]:
    """Ids of the processes that have said that they started and are alive."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        events = [json.loads(line)["event"] for line in server.said().splitlines() if line.startswith("{")]
        said = [event for event in events if event.startswith("Started server process")]
        alive = [pid for pid in (int(event.split("[")[1].rstrip("]")) for event in said) if _is_alive(pid)]
        if len(alive) == count and without not in alive:
            return alive
        time.sleep(0.1)
    raise AssertionError(f"{count} workers did not start: {server.said()}")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
