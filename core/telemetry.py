"""Logs and metrics that hold nobody's words: JSON lines on stderr, counters by route template.

Privacy is by construction, not by care. A line is built from a message *template* (its arguments are never
filled in), from numbers, and from strings under a short list of names. What other libraries say may quote
their input, so their messages are withheld and only the place in the code is given; of an exception, its type
and its frames, not its message.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request that the running code belongs to; empty outside of requests."""

OURS = frozenset({"core", "apps", "ui"})
FORMATTED = frozenset({"uvicorn", "alembic"})  # their messages hold addresses, process ids and revisions only

# Strings may stand under these names only: none of them holds what a person wrote.
NAMED = frozenset({"route", "method", "key", "app", "job", "collection", "model", "reason", "holder", "setting"})

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, request_id, and numbers and names given as `extra`.

    ours: first parts of the names of loggers whose message templates are shown
    """

    def __init__(self, ours: Iterable[str] = OURS) -> None:
        super().__init__()
        self._ours = frozenset(ours)

    def format(self, record: logging.LogRecord) -> str:
        """returns: one line of JSON without a line break"""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._event(record),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        line.update((name, value) for name, value in vars(record).items() if _may_be_logged(name, value))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["frames"] = frames(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True)

    def _event(self, record: logging.LogRecord) -> str:
        root = record.name.partition(".")[0]
        if root in self._ours:
            return str(record.msg)
        if root in FORMATTED:
            return record.getMessage()
        return f"message withheld ({record.module}:{record.lineno})"


def _may_be_logged(name: str, value: object) -> bool:
    if name in _PLAIN:
        return False
    return value is None or isinstance(value, bool | int | float) or (name in NAMED and isinstance(value, str))


def frames(trace: TracebackType | None, most: int = 12) -> list[str]:
    """Where an exception came from, outermost first, as "file:line function": no source lines, no values."""
    found = traceback.extract_tb(trace)[-most:]
    return ["/".join(f.filename.rsplit("/", 3)[1:]) + f":{f.lineno} {f.name}" for f in found]


def configure_logging(level: str = "info", ours: Iterable[str] = ()) -> None:
    """Send every log line of this process to stderr as JSON. The server's own line replaces uvicorn's access log.

    level: of our own loggers; other libraries speak from `warning` up
    ours: further package names whose message templates may be shown (those of installed apps)
    """
    names = OURS | frozenset(ours)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(names))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in names | FORMATTED:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(level.upper())
    for name in ("uvicorn.error", "uvicorn.asgi"):
        logging.getLogger(name).handlers.clear()
    logging.getLogger("alembic").setLevel(logging.WARNING)  # the runner's own line says what was applied
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.disabled = True
    _log_uncaught()


def _log_uncaught() -> None:
    # Python's own hooks print messages, which may quote a person's words.
    uncaught = logging.getLogger("core.telemetry")

    def of_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        uncaught.critical("uncaught exception", exc_info=(kind, error, trace))

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            uncaught.critical(
                "uncaught exception in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
            )

    sys.excepthook = of_main
    threading.excepthook = of_thread


class HttpMetrics:
    """What the API counts. Labels are route templates, methods and statuses, so their number is bounded.

    registry: one for each API, so that a process may hold several (tests do)
    Several processes: with PROMETHEUS_MULTIPROC_DIR set before this module is imported, every process writes
    to files there and `/metrics` of any of them answers for all; the queue gauge is then each process's last
    known depth, summed.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "trivium_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "trivium_http_request_seconds",
            "Time from the request's first byte to the answer's last.",
            ["method", "route"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
            registry=registry,
        )
        self.queue = Gauge(
            "trivium_encoder_queue_tokens",
            "Tokens that wait for the encoder.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._waiting: Callable[[], int] | None = None

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        """waiting: says how many tokens wait now; asked when a request ends and before metrics are read"""
        self._waiting = waiting
        self.sample_queue()

    def sample_queue(self) -> None:
        """Take the queue's depth now. A gauge that calls back has no counterpart among several processes."""
        if self._waiting is not None:
            self.queue.set(self._waiting())

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. route: its template, never its path"""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)
        self.sample_queue()
