"""Alive, ready, and which apps run."""

from dataclasses import replace

import pytest
from fastapi import APIRouter, Depends
from sqlalchemy import text

from core.app import App, BrokenApp, Services, installed_apps
from core.auth.access import public
from core.errors import Overloaded
from core.testing.api import api_client
from core.testing.fakes import LetterEncoder


def build_router(services: Services) -> APIRouter:
    router = APIRouter(dependencies=[Depends(public)])

    @router.get("/hello")
    async def hello() -> str:
        """Greet."""
        return "hello"

    return router


def build_nothing(services: Services) -> APIRouter:
    raise KeyError("a part that is missing")


GOOD = App("good", "Good", "G", "/v1/good", "Greets.", build_router, {"good:read": "be greeted"})
BAD = App("bad", "Bad", "B", "/v1/bad", "Fails.", build_nothing)
GONE = BrokenApp("gone", "ModuleNotFoundError: No module named 'gone'")


class Busy(LetterEncoder):
    def encode(self, texts):
        raise Overloaded("the queue is full", remedy="try again in a second")


class Odd(LetterEncoder):
    def encode(self, texts):
        raise RuntimeError("a private detail")


def test_ready_says_what_runs_and_what_does_not(services: Services):
    with api_client(services, [GOOD, BAD], [GONE], scopes=()) as client:
        answer = client.get("/health/ready")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ready",
            "checks": {"database": "ok", "encoder": "ok", "migrations": "ok"},
            "apps": ["good"],
            "broken": ["gone", "bad"],
        }
        assert client.get("/v1/good/hello").json() == "hello"
        assert client.get("/v1/bad/hello").status_code == 404


def test_the_shell_learns_why_an_app_is_missing(services: Services):
    with api_client(services, [GOOD, BAD], [GONE]) as client:
        listed = client.get("/v1/apps").json()
    assert listed["apps"] == [
        {
            "name": "good",
            "title": "Good",
            "icon": "G",
            "path": "/v1/good",
            "summary": "Greets.",
            "scopes": {"good:read": "be greeted"},
        }
    ]
    assert listed["broken"] == [
        {"name": "gone", "reason": "ModuleNotFoundError: No module named 'gone'"},
        {"name": "bad", "reason": "its router: KeyError: 'a part that is missing'"},
    ]


def test_missing_tables_and_a_busy_encoder_are_named(services: Services):
    with services.database.session(write=True) as session:
        session.execute(text("DELETE FROM alembic_version"))
    with api_client(replace(services, encoder=Busy()), scopes=()) as client:
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        checks = answer.json()["checks"]
        assert checks["database"] == "ok"
        assert checks["encoder"] == "The queue is full: try again in a second."
        assert checks["migrations"].endswith("pending: run `trivium db upgrade`")
        assert client.get("/health/live").json() == {"status": "alive"}


def test_a_failure_without_a_sentence_stays_inside(services: Services):
    with api_client(replace(services, encoder=Odd()), scopes=()) as client:
        answer = client.get("/health/ready")
    assert answer.json()["checks"]["encoder"] == "failed, see the log"


def test_a_process_that_was_ready_becomes_so_again_when_the_database_is_back(
    services: Services, monkeypatch: pytest.MonkeyPatch
):
    with api_client(services, scopes=()) as client:
        assert client.get("/health/ready").status_code == 200
        with monkeypatch.context() as away:
            away.setattr(services.database.engine, "connect", _refuse)
            assert client.get("/health/ready").json()["checks"]["database"] == "failed, see the log"
        assert client.get("/health/ready").status_code == 200


def _refuse(*_: object) -> None:
    raise ConnectionRefusedError


def test_no_installed_app_is_broken():
    assert installed_apps()[1] == []
