"""The whole house as `trivium demo` starts it, in processes of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

STARTS_WITHIN_S = 600  # the first start converts the model, embeds the help centre and reads a month of news


@dataclass(frozen=True)
class House:
    """Addresses and the key that the demo printed."""

    pages: str
    api: str
    key: str


@contextmanager
def running_house(home: Path) -> Iterator[House]:
    """Start the demo on free ports with its state under `home`; stop all of it."""
    ports = dict(zip(("TRIVIUM_PORT", "TRIVIUM_DASHBOARD_PORT"), map(str, _free_ports(2)), strict=True))
    log = home / "demo.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.cli", "demo"],
            cwd=home,
            env={**os.environ, **ports, "TRIVIUM_HOME": str(home), "PYTHONFAULTHANDLER": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all of it can be stopped together, as Ctrl-C does on a terminal
        )
    try:
        yield _printed(process, log)
    finally:
        _signal_all(process, signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            _signal_all(process, signal.SIGKILL)


def _signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # all of them ended by themselves
        os.killpg(process.pid, number)


def _printed(process: subprocess.Popen[bytes], log: Path) -> House:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8")
        found = [re.search(pattern, text) for pattern in (r"Pages +(\S+)", r"API +(\S+)", r"Key +(trv_\S+)")]
        if all(found) and "Ctrl-C" in text:
            return House(*(match[1] for match in found if match))
        assert process.poll() is None, f"the demo ended while starting:\n{text}"
        time.sleep(0.1)
    process.send_signal(signal.SIGABRT)  # writes where each thread stands
    process.wait(10)
    raise AssertionError(f"the demo was not ready in {STARTS_WITHIN_S} s:\n{log.read_text(encoding='utf-8')}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
