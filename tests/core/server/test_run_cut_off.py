"""A server that starts while PostgreSQL drops its connections: it comes up all the same."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from core.migrations.runner import LOCK

pytestmark = pytest.mark.integration

CUTS = 2
NAME = "trivium-starting"  # only connections of this name are cut off


def test_a_start_outlives_connections_that_are_cut_off(database_url: str, warm_home: Path, tmp_path: Path):
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        pytest.skip("a file has no connection that another process could cut")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {
        **os.environ,
        "TRIVIUM_HOME": str(warm_home),
        "TRIVIUM_DATABASE_URL": url.update_query_dict({"application_name": NAME}).render_as_string(hide_password=False),
        "TRIVIUM_PORT": str(port),
    }
    log = tmp_path / "log"
    with log.open("wb") as file:
        server = subprocess.Popen([sys.executable, "-m", "core.cli", "serve"], env=environment, stderr=file)
    engine = create_engine(url)
    try:
        with engine.begin() as holding:  # until it has been cut off, it waits for its turn to look at the tables
            holding.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            for _ in range(CUTS):
                _wait(lambda: _cut_off(engine), server, log)
        _wait(lambda: _ready(port), server, log)
    finally:
        server.kill()
        server.wait(30)
        engine.dispose()
    assert log.read_text().count("the start is tried again") == CUTS


def _wait(happens: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while not happens():
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def _cut_off(engine: Engine) -> bool:
    waiting = text("SELECT pid FROM pg_stat_activity WHERE application_name = :name AND wait_event = 'advisory'")
    with engine.begin() as connection:  # a new transaction each time: within one, the list of connections stands still
        pid = connection.scalar(waiting, {"name": NAME})
        return pid is not None and bool(
            connection.scalar(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})
        )


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
