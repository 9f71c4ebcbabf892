"""Real servers over one database, in processes of their own, that a test may kill."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.app import installed_apps
from core.auth import create_key
from core.clock import system_clock
from core.database import Database
from core.migrations import upgrade

# A server whose process is killed at the moment it begins to work out an answer: the message is committed, no more.
DIES = """
import os, signal
from apps.customer_service.pipeline import asking
asking.ask = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from core.cli import main
main()
"""


@dataclass
class Server:
    """One server process, and a client with an admin key for it."""

    client: httpx.Client
    process: subprocess.Popen[bytes]
    log: Path

    def wait_ready(self) -> None:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            ended = self.process.poll()
            assert ended is None, f"the server ended with {ended} while starting: {self.log.read_text()[-3000:]}"
            try:
                if self.client.get("/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the server did not become ready")


@dataclass
class Town:
    """Starts servers over one database; stops what is left of them."""

    url: str
    home: Path
    key: str
    stack: ExitStack

    def start(self, code: str = "", port: int | None = None) -> Server:
        port = port or free_port()
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "TRIVIUM_HOME": str(self.home),
            "TRIVIUM_DATABASE_URL": self.url,
            "TRIVIUM_PORT": str(port),
        }
        arguments = ["-c", code, "serve"] if code else ["-m", "core.cli", "serve"]
        log = self.home / f"server-{port}.log"
        with log.open("wb") as file:
            process = subprocess.Popen([sys.executable, *arguments], env=environment, stderr=file)
        self.stack.callback(process.wait, 30)
        self.stack.callback(process.kill)
        headers = {"Authorization": f"Bearer {self.key}"}
        address = f"http://127.0.0.1:{port}"
        client = self.stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=60))
        server = Server(client, process, log)
        server.wait_ready()
        return server


@contextmanager
def town(url: str, home: Path) -> Iterator[Town]:
    """A migrated database with a key, and no server yet."""
    database = Database(url)
    upgrade(database, installed_apps()[0])
    key = create_key(database, "test", ["admin"], known_scopes=(), now=system_clock()).key
    database.close()
    with ExitStack() as stack:
        yield Town(url, home, key, stack)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
