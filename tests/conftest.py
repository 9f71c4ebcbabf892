"""Parts that many tests stand on: settings in a fresh folder, a clock, a migrated database of either kind."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from core.app import Services
from core.database import Database
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

POSTGRES = "TRIVIUM_TEST_POSTGRES_URL"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test sees only the settings that it makes: neither the environment's nor a trivium.toml.

    Models are converted in floating point, which takes seconds; int8 takes most of a minute and has a test of its own.
    """
    for name in [name for name in os.environ if name.startswith("TRIVIUM_") and name != POSTGRES]:
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
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database; on PostgreSQL, a schema of its own that is dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'trivium.db'}"
        return
    server = os.environ.get(POSTGRES)
    if not server:
        pytest.skip(f"{POSTGRES} is not set, e.g. to postgresql+psycopg://postgres@127.0.0.1:5432/test")
    schema = f"test_{secrets.token_hex(6)}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A database with core's tables."""
    upgrade(empty_database, [])
    return empty_database


@pytest.fixture
def services(settings: Settings, clock: FixedClock) -> Iterator[Services]:
    """Open services over a migrated SQLite database and the letter encoder."""
    opened = open_services(settings, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [])
    yield opened
    close_services(opened)
