"""Parts that many tests stand on: settings in a fresh folder, a clock, a migrated database of either kind."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Services, installed_apps
from core.database import Database
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder
from tests.postgres import SERVER, Reused, new_database


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test sees only the settings that it makes: neither the environment's nor a trivium.toml.

    Models are converted in floating point, which takes seconds; int8 takes most of a minute and has a test of its own.
    """
    for name in [name for name in os.environ if name.startswith("TRIVIUM_") and name != SERVER]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRIVIUM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRIVIUM_PRECISION", "float")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that all tests of a run share, so that the model is converted once. Give each its own database."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "warm-home"
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a house of its own."""
    return Settings(home=tmp_path / "home")


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still until told to move."""
    return FixedClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Both kinds in turn; PostgreSQL where a server was named."""
    return str(request.param)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "trivium.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[Reused]:
    """A database with all tables, for one test after another."""
    with new_database() as url:
        _migrate(url)
        yield Reused(url)


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database, installed_apps()[0])
    database.close()


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database of the test's own, with the tables of core and of all installed apps."""
    if database_kind == "sqlite":
        copied = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "trivium.db")
        return f"sqlite:///{copied}"
    reused: Reused = request.getfixturevalue("migrated_postgres")
    reused.clean()
    return reused.url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def empty_database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with new_database() as url:
            yield url


@pytest.fixture
def empty_database(empty_database_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(empty_database_url)
    yield database
    database.close()


@pytest.fixture
def services(settings: Settings, clock: FixedClock) -> Iterator[Services]:
    """Open services over a migrated SQLite database and the letter encoder."""
    opened = open_services(settings, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [])
    yield opened
    close_services(opened)
