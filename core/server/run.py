"""Run the API on a port: one process or several that share it, stopped gracefully by SIGTERM or Ctrl-C."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from core.app import App, BrokenApp
from core.database import Database
from core.errors import Misconfigured, Overloaded, TriviumError
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.telemetry import configure_logging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from core.settings import Settings

ENDS_WITHIN_S = 10  # for requests that are being answered when the server is told to stop
STARTS_AGAIN_AFTER_S = (0.2, 1.0)  # where the database falls silent in the middle of a start
STREAMS = 1  # all threads on one batch: half the wait of one a thread, and 160 answers a second instead of 110
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_log = logging.getLogger(__name__)

Opened = TypeVar("Opened")


class PortTaken(Misconfigured):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int, setting: str = "TRIVIUM_PORT") -> None:
        super().__init__(
            f"port {port} on {host} is taken by another program",
            remedy=f"stop that program, or set {setting} to a free port",
        )


class CannotListen(Misconfigured):
    """The address or port cannot be used at all."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on port {port} of {host!r} ({reason.lower()})",
            remedy="correct TRIVIUM_HOST and TRIVIUM_PORT",
        )


class DidNotStart(TriviumError):
    """The server gave up while starting."""

    def __init__(self) -> None:
        super().__init__("the server did not start", remedy="read the log lines above")


def serve(settings: Settings, apps: Sequence[App], broken: Sequence[BrokenApp] = (), workers: int = 1) -> None:
    """Serve until told to stop. Brings the tables up to date first.

    workers: processes that share the port; each opens its own encoder, and counts limits for itself unless
        `limits_storage` is shared
    raises: PortTaken, CannotListen; Misconfigured and Overloaded from opening the parts; DidNotStart
    """
    configure_logging(settings.log_level, _packages(apps))
    with _listening(settings.host, settings.port) as listener:
        _patiently(partial(_bring_up_to_date, settings.database, apps))
        opening = Opening(settings, tuple(apps), tuple(broken))
        if workers == 1:
            _serve_here(opening, listener)
        else:
            _serve_in_processes(opening, listener, workers)


def _bring_up_to_date(url: str, apps: Sequence[App]) -> None:
    database = Database(url)
    try:
        upgrade(database, apps)
    finally:
        database.close()


def _patiently(step: Callable[[], Opened]) -> Opened:
    """Do what a start needs of the database once more where it fell silent: a connection that is cut in the middle, or
    a database that restarts at the same time, must not keep a server from coming back.

    raises: Overloaded when it still does not answer
    """
    for waited in STARTS_AGAIN_AFTER_S:
        try:
            return step()
        except Overloaded as error:
            _log.warning("the start is tried again", extra={"reason": str(error), "after_s": waited})
            time.sleep(waited)
    return step()


def port_is_free(host: str, port: int) -> bool:
    """Whether nothing listens there.

    raises: CannotListen when the address cannot be used at all
    """
    try:
        with _listening(host, port):
            return True
    except PortTaken:
        return False


@dataclass(frozen=True)
class Opening:
    """All that a worker process needs to open the API; it travels there by pickle, so it holds plain values."""

    settings: Settings
    apps: tuple[App, ...]
    broken: tuple[BrokenApp, ...]

    def open(self) -> FastAPI:
        """Open the services and the API over them; the API closes them when it stops."""
        return _patiently(self._open)

    def _open(self) -> FastAPI:
        services = open_services(self.settings.model_copy(update={"streams": self.settings.streams or STREAMS}))
        try:
            return create_api(self.apps, services, self.broken, on_shutdown=partial(close_services, services))
        except BaseException:
            close_services(services)
            raise

    def __call__(self) -> FastAPI:
        """Open in a worker process: errors end it with a sentence and a status that stops the others too."""
        configure_logging(self.settings.log_level, _packages(self.apps))
        _forget_dead_processes()
        try:
            return self.open()
        except TriviumError as error:
            print(f"Error: {error}", file=sys.stderr)
            sys.exit(STARTUP_FAILURE)


def _serve_here(opening: Opening, listener: socket.socket) -> None:
    server = uvicorn.Server(_config(opening.open(), workers=1))
    with _signals_kept():
        server.run(sockets=[listener])
    if not server.started:
        raise DidNotStart


def _serve_in_processes(opening: Opening, listener: socket.socket, workers: int) -> None:
    from uvicorn.supervisors import Multiprocess

    if opening.settings.limits_storage.startswith("memory://"):
        _log.warning("each process counts limits for itself", extra={"setting": "limits_storage", "workers": workers})
    with tempfile.TemporaryDirectory(prefix="trivium-metrics-") as folder, _signals_kept():
        os.environ[METRICS_FOLDER] = folder  # read by the worker processes when they import the metrics
        try:
            Multiprocess(_config(opening, workers=workers), sockets=[listener]).run()
        finally:
            del os.environ[METRICS_FOLDER]


def _config(app: FastAPI | Opening, workers: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, Opening),
        workers=workers,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=ENDS_WITHIN_S,
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens.

    raises: PortTaken, CannotListen
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(host, port, error.strerror or "unknown address") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(2048)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(host, port) from error
            raise CannotListen(host, port, error.strerror or "not allowed") from error
        listener.set_inheritable(True)
        yield listener


@contextmanager
def _signals_kept() -> Iterator[None]:
    """While a server runs, SIGTERM and Ctrl-C stop it gracefully, and then this process goes on to its own end.

    uvicorn raises the signal again once it has stopped; without a handler that would end us before we have cleaned up.
    """
    before = {number: signal.signal(number, _ignored) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignored(*_: object) -> None:
    """The server has acted on this signal already."""


def _forget_dead_processes() -> None:
    """Gauges of processes that are gone must not be summed with ours."""
    from prometheus_client.multiprocess import mark_process_dead

    folder = os.environ.get(METRICS_FOLDER)
    for path in Path(folder).glob("gauge_live*_*.db") if folder else ():
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _packages(apps: Sequence[App]) -> set[str]:
    """The top packages of the apps, whose own log messages may be shown."""
    return {str(getattr(app.router, "__module__", "")).partition(".")[0] for app in apps} - {""}
