"""What an app is (a frozen manifest), what it may use (Services). Finds apps by entry point, names none."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.clock import Clock as Clock
from core.clock import system_clock as system_clock
from core.errors import Misconfigured

if TYPE_CHECKING:
    from fastapi import APIRouter
    from langchain_core.language_models import BaseChatModel
    from pydantic import BaseModel
    from typer import Typer

    from core.backend.encoder import Encoder
    from core.backend.registry import Registry
    from core.backend.serving import Classifiers
    from core.chat_door import ChatDoor
    from core.database import Database
    from core.retrieval.collections import Collections
    from core.scheduler import Scheduler
    from core.settings import Settings
    from core.tasks import Task

GROUP = "trivium.apps"
Part = TypeVar("Part")


@dataclass(frozen=True)
class Services:
    """What an app may use. Opened once, in `core.services`, and handed to every router.

    chat_model: None unless the settings name one
    closing: what `core.services.close_services` gives back, last opened first
    stopping: set as soon as the server is told to stop; an answer that would go on for ever ends then
    """

    settings: Settings
    clock: Clock
    database: Database
    encoder: Encoder
    collections: Collections
    registry: Registry
    classifiers: Classifiers
    scheduler: Scheduler
    chat_model: BaseChatModel | None = None
    closing: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)
    stopping: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)
    _parts: dict[Callable[..., Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, build: Callable[[Services], Part]) -> Part:
        """What several rooms of an app share, such as what remembers failures: built when it is first asked for.

        build: a function of a module
        """
        if build not in self._parts:
            self._parts[build] = build(self)
        part: Part = self._parts[build]
        return part


@dataclass(frozen=True)
class App:
    """An app's door. Everything behind it is imported only when it is used.

    name: snake_case, also the section of its settings;  path: its HTTP prefix, "/v1/…"
    router: called once with the services; a module-level function, so that worker processes can find it again
    chat: called once with the services, where the app brings a chat model for `/v1/chat/completions`
    scopes: what a key may be allowed to do here, each "<word>:<verb>", and what that means in plain words
    dashboard: "module:function", called as function(client)
    tasks: learning problems that `trivium train` then knows
    migrations: folder of its Alembic versions, where it has tables
    sample: module with `load(services)`, which fills the demo, and `requests()`, which shows the app's main job
    """

    name: str
    title: str
    icon: str
    path: str
    summary: str
    router: Callable[[Services], APIRouter]
    scopes: Mapping[str, str] = field(default_factory=dict)
    commands: Callable[[], Typer] | None = None
    command_name: str = ""
    dashboard: str = ""
    tasks: tuple[Task, ...] = ()
    settings: type[BaseModel] | None = None
    migrations: Path | None = None
    sample: str = ""
    chat: Callable[[Services], ChatDoor] | None = None

    def __post_init__(self) -> None:
        """raises: Misconfigured when the manifest contradicts itself"""
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise Misconfigured(f"app name {self.name!r} is not snake_case", remedy="rename it")
        if not re.fullmatch(r"/v\d+(/[a-z0-9-]+)+", self.path):
            raise Misconfigured(f"app path {self.path!r} does not look like /v1/word", remedy="correct it")
        if odd := [scope for scope in self.scopes if not re.fullmatch(r"[a-z][a-z0-9-]*:[a-z]+", scope)]:
            raise Misconfigured(f"scope {odd[0]!r} does not look like word:verb", remedy="rename it")


@dataclass(frozen=True)
class BrokenApp:
    """An installed app that could not be opened, and why: reported, while the others run."""

    name: str
    reason: str


def installed_apps(entries: list[EntryPoint] | None = None) -> tuple[list[App], list[BrokenApp]]:
    """Open the door of every installed app, in the order of their names.

    returns: the apps, and those whose import or manifest failed
    """
    apps: list[App] = []
    broken: list[BrokenApp] = []
    for entry in sorted(entries if entries is not None else entry_points(group=GROUP), key=lambda e: e.name):
        try:
            app = entry.load()
        except Exception as error:  # noqa: BLE001  a stranger's import may fail in any way; the house must stand
            broken.append(BrokenApp(entry.name, f"{type(error).__name__}: {error}"))
            continue
        if not isinstance(app, App):
            broken.append(BrokenApp(entry.name, f"{entry.value} is a {type(app).__name__}, not a core.app.App"))
        elif any(app.name == other.name or app.path == other.path for other in apps):
            broken.append(BrokenApp(entry.name, f"another app has the name {app.name!r} or the path {app.path!r}"))
        else:
            apps.append(app)
    return apps, broken
