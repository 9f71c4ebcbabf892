"""The app contract, on a tiny app that keeps it and with one fault planted at a time."""

import importlib
import itertools
from pathlib import Path

import pytest

from core.app import App
from core.testing.contract import ContractBroken, check_app

DOOR = """
from pathlib import Path
from core.app import App
from {package}.settings import NotesSettings

def build(services):
    from {package}.router import build_router
    return build_router(services)

def commands():
    from {package}.commands import build_commands
    return build_commands()

app = App("notes", "Notes", "N", "/v1/notes", "Keeps notes.", build, {{"notes:read": "read notes"}}, commands,
          dashboard="{package}.dashboard:render", settings=NotesSettings,
          migrations=Path(__file__).parent / "migrations")
"""

ROUTER = '''
from fastapi import APIRouter, Depends
from core.auth.access import public, require

def build_router(services):
    router = APIRouter()
    inner = APIRouter(dependencies=[Depends(require("notes:read"))])

    @router.get("/count", dependencies=[Depends(require("notes:read"))])
    def count() -> int:
        """Count the notes."""
        return len(services.collections.names())

    @router.get("/open", dependencies=[Depends(public)])
    def anybody() -> str:
        """Welcome anybody."""
        return "welcome"

    @inner.delete("/all", status_code=204)
    def forget():
        """Forget all notes."""

    router.include_router(inner, prefix="/inner")
    return router
'''

COMMANDS = '''
import typer

def build_commands():
    group = typer.Typer(help="Notes.")

    @group.command()
    def tidy() -> None:
        """Tidy up."""

    @group.command()
    def count() -> None:
        """Count the notes."""

    return group
'''

SETTINGS = """
from pydantic import BaseModel

class NotesSettings(BaseModel):
    most: int = 100
"""

DASHBOARD = '''
def render(client):
    """Show the notes."""
'''

MIGRATION = '''
"""Notes."""
import sqlalchemy as sa
from alembic import op
revision = "notes1"
down_revision = None
branch_labels = ("notes",)
depends_on = None
def upgrade():
    op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))
def downgrade():
    op.drop_table("notes")
'''

ROOMS = {
    "app": DOOR,
    "router": ROUTER,
    "commands": COMMANDS,
    "settings": SETTINGS,
    "dashboard": DASHBOARD,
    "migrations/first": MIGRATION,
}
_numbers = itertools.count()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes the package of a tiny app. Each change: (room, what stands there, what stands there instead)."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def build(*changes: tuple[str, str, str]) -> App:
        package = f"tiny_notes_{next(_numbers)}"
        for room, content in ROOMS.items():
            for changed, old, new in changes:
                if changed == room:
                    assert old in content
                    content = content.replace(old, new)
            path = tmp_path / package / f"{room}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.format(package=package) if room == "app" else content)
        importlib.invalidate_caches()
        return importlib.import_module(f"{package}.app").app

    return build


def test_a_well_formed_app_passes(built):
    check_app(built())


@pytest.mark.parametrize(
    ("room", "old", "new", "sentence"),
    [
        ("app", '"Keeps notes."', '"Keeps notes"', "the summary is not a sentence with a full stop"),
        ("app", '"Notes", "N"', '" ", "N"', "the manifest has no title"),
        ("app", '"read notes"', '""', "the scope 'notes:read' does not say what it allows"),
        ("app", '"notes:read":', '"models:read":', "the scope 'models:read' belongs to core"),
        ("app", "build, {", "lambda s: build(s), {", "`router` is not a function of a module"),
        ("app", "from pathlib", "import sqlalchemy\nfrom pathlib", "pulls in sqlalchemy: import it inside"),
        ("app", "from pathlib", "import streamlit\nfrom pathlib", "pulls in streamlit"),
        ("router", "router = APIRouter()", "router = services.nothing", "the router cannot be built: AttributeError"),
        ("router", "router = APIRouter()", "return APIRouter()", "the router has no routes"),
        ("router", "def count() -> int:", "def count():", "GET /count has no response model"),
        ("router", '"""Forget all notes."""', "return None", "DELETE /inner/all has no docstring"),
        ("router", '"/open", dependencies=[Depends(public)]', '"/open"', "GET /open asks for no scope"),
        (
            "router",
            'inner = APIRouter(dependencies=[Depends(require("notes:read"))])',
            "inner = APIRouter()",
            "asks for no",
        ),
        ("router", '"notes:read"', '"notes:burn"', "the scope 'notes:burn', which the app does not declare"),
        ("commands", '"""Tidy up."""', "pass", "the command 'tidy' has no help"),
        ("commands", "group = typer", "group = typo", "the commands cannot be built: NameError"),
        ("dashboard", "def render(client)", "def show(client)", "cannot be imported: AttributeError"),
        ("dashboard", "(client)", "(client, page)", "is not a function of one argument `client`"),
        ("dashboard", "def render", "import nowhere_at_all\ndef render", "cannot be imported: ModuleNotFoundError"),
        ("app", ".dashboard:render", ".dashboard.render", 'does not look like "module:function"'),
        ("settings", "int = 100", "int", "the setting 'most' has no default"),
        ("settings", "NotesSettings(BaseModel)", "NotesSettings", "`settings` is not a pydantic model"),
        ("migrations/first", '("notes",)', "None", "the first migration lacks the branch label 'notes'"),
        ("app", '/ "migrations"', '/ "elsewhere"', "has no folder"),
        (
            "migrations/first",
            'create_table("notes"',
            'create_table("leases"',
            "the router cannot be built: OperationalError",
        ),
    ],
)
def test_a_planted_fault_is_named(built, room: str, old: str, new: str, sentence: str):
    with pytest.raises(ContractBroken) as caught:
        check_app(built((room, old, new)))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("app 'notes' breaks the contract:\n- ")


def test_all_faults_are_named_at_once(built):
    changes = [("router", "def count() -> int:", "def count():"), ("commands", '"""Tidy up."""', "pass")]
    with pytest.raises(ContractBroken) as caught:
        check_app(built(*changes))
    assert len(caught.value.faults) == 2


def test_a_broken_contract_is_a_failed_assertion():
    assert issubclass(ContractBroken, AssertionError)
