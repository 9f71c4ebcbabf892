"""Whoever stops the demo by `kill` stops the API and the pages too."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

DEMO = """
import sys
from core.cli import serving
serving.prepare = lambda settings: "trv_key"
serving._wait_ready = lambda url, process: None
serving._refuse_taken_port = lambda host, port, setting: None
serving._dashboard_command = lambda settings: [sys.argv[1]]
sys.executable = sys.argv[1]
serving.demo()
"""


def test_a_kill_stops_the_processes_that_the_demo_started(tmp_path: Path):
    service = tmp_path / "service"
    service.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nexec sleep 60\n")
    service.chmod(0o755)
    environment = {**os.environ, "TRIVIUM_HOME": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", DEMO, str(service)], env=environment) as demo:
        started = tmp_path / "pids"
        _wait(lambda: started.exists() and len(started.read_text().split()) == 2)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(20) == 0
    pids = [int(pid) for pid in started.read_text().split()]
    _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def _wait(for_what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not for_what():
        assert time.monotonic() < deadline
        time.sleep(0.05)
