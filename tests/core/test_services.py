"""The composition root: what is opened is closed, whatever happens on the way."""

from dataclasses import replace

import pytest

import core.services
from core.app import Services
from core.errors import Misconfigured
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder


def test_what_was_opened_is_closed_once(settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch):
    closed: list[str] = []
    monkeypatch.setattr("core.database.Database.close", lambda _: closed.append("database"))
    monkeypatch.setattr("core.scheduler.Scheduler.stop", lambda _: closed.append("scheduler"))
    services = open_services(settings, encoder=LetterEncoder(), clock=clock)
    close_services(services)
    close_services(services)
    assert closed == ["scheduler", "database"]


def test_a_database_that_cannot_be_named_leaves_nothing_open(settings: Settings):
    with pytest.raises(Misconfigured, match="database URL cannot be read: check TRIVIUM_DATABASE_URL"):
        open_services(settings.model_copy(update={"database_url": "not a url"}), encoder=LetterEncoder())


def test_a_failure_half_way_closes_what_stood(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    closed: list[str] = []
    monkeypatch.setattr("core.database.Database.close", lambda _: closed.append("database"))
    monkeypatch.setattr("core.scheduler.Scheduler.every", _fail)
    with pytest.raises(KeyError):
        open_services(settings, encoder=LetterEncoder())
    assert closed == ["database"]


def test_the_registry_stands_under_the_home_and_opening_it_writes_nothing(settings: Settings):
    services = open_services(settings, encoder=LetterEncoder())
    assert services.registry.folder == settings.home / "models"
    assert not services.registry.folder.exists()
    close_services(services)


def test_what_several_rooms_share_is_built_once_for_each_services(settings: Settings):
    services = open_services(settings, encoder=LetterEncoder())

    def build(_: Services) -> list[int]:
        return []

    assert services.once(build) is services.once(build)
    assert replace(services, encoder=LetterEncoder()).once(build) is not services.once(build)
    close_services(services)


def _fail(*_: object) -> None:
    raise KeyError("half way")


def test_core_brings_its_own_recurring_jobs(settings: Settings):
    services = open_services(settings, encoder=LetterEncoder())
    with pytest.raises(Misconfigured, match="two jobs"):
        services.scheduler.every("core.forget-idempotent-answers", core.services.HOUR_S, list)
    close_services(services)
