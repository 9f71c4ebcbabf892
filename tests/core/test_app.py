"""Manifests, and finding the apps that are installed."""

import pickle
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from core.app import GROUP, App, Services, installed_apps
from core.errors import Misconfigured
from core.testing.api import api_client


def build_router(services: Services):
    from fastapi import APIRouter, Depends

    from core.auth.access import public

    router = APIRouter(dependencies=[Depends(public)])

    @router.get("/hello")
    async def hello() -> str:
        """Greet."""
        return "hello"

    return router


def app(**changes) -> App:
    wanted = {"name": "notes", "title": "Notes", "icon": "N", "path": "/v1/notes", "summary": "Keeps notes."}
    return App(**{**wanted, "router": build_router, **changes})


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which Python imports."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def entry(shelf: Path, name: str, code: str) -> EntryPoint:
    module = f"door_of_{name}_{shelf.name[-8:]}".replace("-", "_")
    (shelf / f"{module}.py").write_text(f"from core.app import App\n{code}\n")
    return EntryPoint(name, f"{module}:app", GROUP)


GOOD = "app = App('{0}', 'T', 'I', '/v1/{0}', 'Does it.', print)"


def test_apps_come_in_the_order_of_their_names(shelf: Path):
    apps, broken = installed_apps([entry(shelf, name, GOOD.format(name)) for name in ("pears", "apples")])
    assert [app.name for app in apps] == ["apples", "pears"]
    assert broken == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("raise SystemError('a part is missing')", "SystemError: a part is missing"),
        ("app = 7", "is a int, not a core.app.App"),
        ("apps = 7", "AttributeError"),
        ("def nonsense(:", "SyntaxError"),
        (GOOD.format("pears").replace("/v1/pears", "pears"), "App path 'pears' does not look like /v1/word"),
    ],
)
def test_an_app_that_cannot_be_opened_is_reported_and_the_others_run(
    shelf: Path, services: Services, code: str, reason: str
):
    apps, broken = installed_apps([entry(shelf, "pears", code), entry(shelf, "apples", GOOD.format("apples"))])
    assert [app.name for app in apps] == ["apples"]
    assert [app.name for app in broken] == ["pears"]
    assert reason in broken[0].reason
    with api_client(services, [app()], broken) as client:
        assert client.get("/v1/notes/hello").json() == "hello"
        assert client.get("/v1/apps").json()["broken"][0]["name"] == "pears"


def test_a_name_or_path_that_is_taken_is_reported(shelf: Path):
    twin = GOOD.format("apples").replace("'apples'", "'twins'")
    apps, broken = installed_apps([entry(shelf, "apples", GOOD.format("apples")), entry(shelf, "twins", twin)])
    assert [app.name for app in apps] == ["apples"]
    assert "another app has the name 'twins' or the path '/v1/apples'" in broken[0].reason


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Notes"},
        {"name": "1notes"},
        {"name": ""},
        {"path": "/notes"},
        {"path": "/v1/Notes"},
        {"path": "/v1/notes/"},
        {"scopes": {"notes": "read"}},
        {"scopes": {"notes:read:all": "read"}},
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(changes):
    with pytest.raises(Misconfigured):
        app(**changes)


def test_an_app_can_travel_to_a_worker_process():
    assert pickle.loads(pickle.dumps(app(scopes={"notes:read": "read"}))) == app(scopes={"notes:read": "read"})


def test_opening_the_door_of_the_house_costs_nothing():
    heavy = {"torch", "transformers", "streamlit", "sqlalchemy", "fastapi", "faiss", "openvino", "numpy", "pydantic"}
    code = "import sys, core.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd().root)
    assert not heavy & set(done.stdout.split())
