"""What every app promises, checked: `check_app(app)` in the app's own tests. Starts no server and loads no weights."""

import importlib
import inspect
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel, ValidationError

from core.app import GROUP, App
from core.auth.access import Require, public
from core.auth.scopes import CORE_SCOPES
from core.errors import TriviumError
from core.migrations import upgrade
from core.migrations.runner import History
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import LetterEncoder

HEAVY = ("torch", "transformers", "streamlit", "sqlalchemy", "faiss", "openvino")
"""What importing an app's door must not pull in: doors of all apps are opened by every command."""


class ContractBroken(AssertionError):
    """An app does not keep its promises. faults: a plain sentence for each"""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__("\n".join([f"app {name!r} breaks the contract:", *(f"- {fault}" for fault in faults)]))
        self.faults = faults


def check_app(app: App) -> None:
    """Check an app's manifest, door, settings, migrations, router, commands and dashboard.

    raises: ContractBroken, naming all that is wrong at once
    """
    checks = (_manifest, _door, _settings, _migrations, _router, _commands, _dashboard)
    if faults := [fault for check in checks for fault in check(app)]:
        raise ContractBroken(app.name, faults)


def _manifest(app: App) -> Iterator[str]:
    for name in ("title", "icon", "summary"):
        if not getattr(app, name).strip():
            yield f"the manifest has no {name}"
    if not app.summary.endswith("."):
        yield "the summary is not a sentence with a full stop"
    if clashing := sorted(CORE_SCOPES.keys() & app.scopes.keys()):
        yield f"the scope {clashing[0]!r} belongs to core"
    for scope, meaning in app.scopes.items():
        if not meaning.strip():
            yield f"the scope {scope!r} does not say what it allows"
    for name in ("router", "commands", "chat"):
        factory = getattr(app, name)
        if factory is not None and "<" in getattr(factory, "__qualname__", "<"):
            yield f"`{name}` is not a function of a module, so worker processes cannot find it"


def _door(app: App) -> Iterator[str]:
    module = _module_of(app)
    if module is None:
        yield "the app stands in no module, so nobody can import it"
        return
    code = f"import importlib, sys; importlib.import_module({module!r}); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(  # noqa: S603  our own interpreter, and a module that is imported already
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        yield f"importing {module} in a fresh process fails: {done.stderr.strip().splitlines()[-1]}"
        return
    if pulled := sorted(set(done.stdout.split()) & set(HEAVY)):
        yield f"importing {module} pulls in {', '.join(pulled)}: import it inside the functions that need it"


def _settings(app: App) -> Iterator[str]:
    if app.settings is None:
        return
    if not (inspect.isclass(app.settings) and issubclass(app.settings, BaseModel)):
        yield "`settings` is not a pydantic model"
        return
    try:
        app.settings()
    except ValidationError as error:
        yield f"the setting {error.errors()[0]['loc'][0]!r} has no default"


def _migrations(app: App) -> Iterator[str]:
    if app.migrations is None:
        return
    try:
        scripts = History(app.name, app.migrations).scripts()
    except TriviumError as error:
        yield str(error)
        return
    firsts = [scripts.get_revision(base) for base in scripts.get_bases()]
    if not any(first is not None and app.name in first.branch_labels for first in firsts):
        yield f"the first migration lacks the branch label {app.name!r}"


def _router(app: App) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Settings(home=Path(folder)), encoder=LetterEncoder())
        try:
            upgrade(services.database, [] if list(_migrations(app)) else [app])
            routes = list(iter_route_contexts(app.router(services).routes))
            chat = app.chat(services) if app.chat is not None else None
        except Exception as error:  # noqa: BLE001  whatever a strange factory raises is the finding
            yield f"the router cannot be built: {type(error).__name__}: {error}"
            return
        finally:
            close_services(services)
    if chat is not None and chat.scope not in app.scopes:
        yield f"its chat model asks for the scope {chat.scope!r}, which the app does not declare"
    if not routes:
        yield "the router has no routes"
    for route in routes:
        yield from _route(app, route)


def _route(app: App, route: RouteContext) -> Iterator[str]:
    label = f"{'/'.join(sorted(route.methods or ()))} {route.path}"
    if not (inspect.getdoc(route.endpoint) or "").strip():
        yield f"{label} has no docstring, so /docs cannot say what it does"
    returns_json = isinstance(route.response_class, DefaultPlaceholder)
    if returns_json and route.response_model is None and route.status_code != 204:
        yield f"{label} has no response model"
    calls = list(_dependencies(route.dependant))
    asked = [call.scope for call in calls if isinstance(call, Require)]
    if not asked and public not in calls:
        yield f"{label} asks for no scope: add Depends(require(…)), or Depends(public) if anybody may call it"
    for scope in asked:
        if scope and scope not in app.scopes and scope not in CORE_SCOPES:
            yield f"{label} asks for the scope {scope!r}, which the app does not declare"


def _dependencies(dependant: Any) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _dependencies(inner)


def _commands(app: App) -> Iterator[str]:
    if app.commands is None:
        return
    from typer.main import get_command

    try:
        command = get_command(app.commands())
    except Exception as error:  # noqa: BLE001  whatever a strange factory raises is the finding
        yield f"the commands cannot be built: {type(error).__name__}: {error}"
        return
    yield from _without_help(getattr(command, "commands", {command.name or "command": command}))


def _without_help(commands: dict[str, Any]) -> Iterator[str]:
    for name, command in commands.items():
        if inner := getattr(command, "commands", None):
            yield from _without_help({f"{name} {key}": value for key, value in inner.items()})
        elif not (command.help or "").strip():
            yield f"the command {name!r} has no help: give its function a docstring"


def _dashboard(app: App) -> Iterator[str]:
    if not app.dashboard:
        return
    module, colon, name = app.dashboard.partition(":")
    if not colon:
        yield f'the dashboard {app.dashboard!r} does not look like "module:function"'
        return
    try:
        render = getattr(importlib.import_module(module), name)
    except Exception as error:  # noqa: BLE001  whatever a strange module raises is the finding
        yield f"the dashboard {app.dashboard!r} cannot be imported: {type(error).__name__}: {error}"
        return
    if not inspect.isfunction(render) or list(inspect.signature(render).parameters) != ["client"]:
        yield f"the dashboard {app.dashboard!r} is not a function of one argument `client`"


def _module_of(app: App) -> str | None:
    """The module that the app is the door of: its entry point's, else the one that its router factory stands in."""
    for entry in entry_points(group=GROUP):
        if getattr(sys.modules.get(entry.module), entry.attr, None) is app:
            return entry.module
    holders = [name for name, module in list(sys.modules.items()) if any(v is app for v in _values(module))]
    home = getattr(app.router, "__module__", None)
    return home if home in holders else next(iter(sorted(holders, key=lambda n: not n.endswith(".app"))), None)


def _values(module: object) -> list[object]:
    return list(getattr(module, "__dict__", {}).values())
