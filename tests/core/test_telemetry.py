"""Logs that hold nobody's words, however they got near a log."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import BaseModel, field_validator

from core.app import App, Services
from core.auth.access import public
from core.telemetry import REQUEST_ID, HttpMetrics, JsonLines, configure_logging
from core.testing.api import api_client

QUESTION = "why was my card ending 4242 declined"


class Asked(BaseModel):
    question: str

    @field_validator("question")
    @classmethod
    def _polite(cls, question: str) -> str:
        if question.startswith("rude"):
            raise ValueError("must be polite")
        return question


def build_router(services: Services) -> APIRouter:
    router = APIRouter(dependencies=[Depends(public)])

    @router.post("/ask/{how}")
    def ask(how: str, asked: Asked, hint: str = "") -> str:
        """Answer, or fail in some way that quotes the question."""
        logging.getLogger("apps.desk").info("question asked: %s", asked.question, extra={"words": asked.question})
        logging.getLogger("some.library").error(f"cannot tokenise {asked.question!r}")
        match how:
            case "raise":
                raise KeyError(asked.question)
            case "chain":
                try:
                    raise ValueError(asked.question)
                except ValueError as error:
                    raise RuntimeError(f"while answering {asked.question}") from error
            case "thread":
                thread = threading.Thread(target=_fail, args=(asked.question,))
                thread.start()
                thread.join()
        return "answered"

    return router


def _fail(words: str) -> None:
    raise RuntimeError(words)


DESK = App("desk", "Desk", "D", "/v1/desk", "Answers.", build_router)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the process writes to stderr, under our logging."""
    root, hooks = logging.getLogger(), threading.excepthook
    before = (root.handlers[:], root.level)
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    monkeypatch.setattr("sys.excepthook", None)  # so that it is put back
    configure_logging("debug")
    yield written
    root.handlers[:], threading.excepthook = before[0], hooks
    root.setLevel(before[1])


def parsed(lines: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize("how", ["answer", "raise", "chain", "thread"])
def test_a_question_never_reaches_the_log_even_when_it_breaks_something(
    services: Services, lines: io.StringIO, how: str
):
    with api_client(services, [DESK]) as client:
        answer = client.post(
            f"/v1/desk/ask/{how}?hint={QUESTION}", json={"question": QUESTION}, headers={"User-Agent": QUESTION}
        )
    assert answer.status_code == (500 if how in ("raise", "chain") else 200)
    assert parsed(lines), "the log is empty, so this test shows nothing"
    assert "4242" not in lines.getvalue()
    assert "declined" not in lines.getvalue()
    assert client.headers["Authorization"][-20:] not in lines.getvalue()


def test_neither_does_a_question_that_does_not_fit(services: Services, lines: io.StringIO):
    with api_client(services, [DESK]) as client:
        for body in ({"question": f"rude {QUESTION}"}, {"question": {QUESTION: 1}}, [QUESTION]):
            assert client.post("/v1/desk/ask/answer", json=body).status_code == 422
        assert client.get(f"/{QUESTION}").status_code == 404
    assert "4242" not in lines.getvalue()


def test_a_failure_can_still_be_found(services: Services, lines: io.StringIO):
    with api_client(services, [DESK]) as client:
        answer = client.post("/v1/desk/ask/raise", json={"question": QUESTION})
    [failure] = [line for line in parsed(lines) if line["event"] == "unhandled exception"]
    assert failure["error"] == "KeyError"
    assert failure["frames"][-1].endswith(" ask")
    assert failure["request_id"] == answer.json()["request_id"]
    assert failure["route"] == "/v1/desk/ask/{how}"


def test_one_line_tells_about_a_request(services: Services, lines: io.StringIO):
    with api_client(services, [DESK]) as client:
        client.post("/v1/desk/ask/answer", json={"question": QUESTION}, headers={"X-Request-ID": "trace-1"})
        key = client.headers["Authorization"]
    [line] = [line for line in parsed(lines) if line["event"] == "request"]
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "core.server.requests",
        "event": "request",
        "request_id": "trace-1",
        "method": "POST",
        "route": "/v1/desk/ask/{how}",
        "status": 200,
        "key": key.removeprefix("Bearer trv_")[:8],
    }


def test_what_happens_on_a_worker_thread_carries_the_request_id(services: Services, lines: io.StringIO):
    with api_client(services, [DESK]) as client:
        client.post("/v1/desk/ask/answer", json={"question": QUESTION}, headers={"X-Request-ID": "trace-2"})
    [line] = [line for line in parsed(lines) if line["event"] == "question asked: %s"]
    assert line["request_id"] == "trace-2"
    assert "words" not in line


def test_a_library_may_say_that_it_spoke_but_not_what(lines: io.StringIO):
    logging.getLogger("some.library").error("a whole sentence about somebody")
    logging.getLogger("some.library").info("chatter")
    [line] = parsed(lines)
    assert line["event"].startswith("message withheld (test_telemetry:")


def test_names_and_numbers_pass_and_other_words_do_not():
    record = logging.makeLogRecord(
        {"name": "core.x", "msg": "done", "levelname": "INFO", "job": "tidy", "rows": 3, "share": 0.5, "text": "hello"}
    )
    line = json.loads(JsonLines().format(record))
    assert (line["job"], line["rows"], line["share"]) == ("tidy", 3, 0.5)
    assert "text" not in line


def test_a_line_is_one_line_whatever_it_holds():
    record = logging.makeLogRecord({"name": "core.x", "msg": "two\nlines\u2028 and more", "levelname": "INFO"})
    assert len(JsonLines().format(record).splitlines()) == 1


def test_the_request_id_is_gone_when_the_request_is(services: Services):
    with api_client(services) as client:
        client.get("/health/live")
    assert REQUEST_ID.get() == ""


def test_the_queue_is_sampled_when_metrics_are_read():
    metrics, waiting = HttpMetrics(CollectorRegistry()), [0]
    metrics.watch_queue(lambda: waiting[0])
    waiting[0] = 512
    metrics.observe("GET", "/x", 200, 0.01)
    assert b"trivium_encoder_queue_tokens 512.0" in generate_latest(metrics.registry)


def test_importing_us_warns_about_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        import core.server  # noqa: F401
