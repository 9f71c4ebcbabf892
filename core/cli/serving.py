"""`trivium serve`, `dashboard` and `demo`: start the house."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from core.app import installed_apps
from core.cli.console import say
from core.errors import Conflict, Misconfigured, TriviumError
from core.settings import Settings, read_settings

PortOption = Annotated[int | None, typer.Option(min=1, max=65_535, help="Port; default: the setting.")]


def register(cli: typer.Typer) -> None:
    """Add the commands to the tree."""
    for command in (demo, serve, dashboard):
        cli.command()(command)


def serve(
    port: PortOption = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Serve the API of all installed apps."""
    from core.server.run import serve as run

    settings = read_settings(**({"port": port} if port else {}))
    apps, broken = installed_apps()
    run(settings, apps, broken, workers=workers)


def dashboard(port: PortOption = None) -> None:
    """Serve the pages. They speak to the API, which must run."""
    settings = read_settings(**({"dashboard_port": port} if port else {}))
    _refuse_taken_port(settings.host, settings.dashboard_port, "TRIVIUM_DASHBOARD_PORT")
    raise typer.Exit(subprocess.call(_dashboard_command(settings), env=_environment(settings)))  # noqa: S603


def demo(
    port: PortOption = None,
    dashboard_port: PortOption = None,
) -> None:
    """Load the sample data, start the API and the pages, print the addresses and a key."""
    chosen = {"port": port, "dashboard_port": dashboard_port}
    settings = read_settings(**{name: value for name, value in chosen.items() if value})
    _refuse_taken_port(settings.host, settings.port, "TRIVIUM_PORT")
    _refuse_taken_port(settings.host, settings.dashboard_port, "TRIVIUM_DASHBOARD_PORT")
    say("Preparing the model and the sample data (the first start takes a minute or two) …")
    key = prepare(settings)
    environment = _environment(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` stops all of it, as Ctrl-C does
    api = subprocess.Popen([sys.executable, "-m", "core.cli", "serve"], env=environment)
    pages = subprocess.Popen(_dashboard_command(settings), env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait_ready(f"{settings.api}/health/ready", api)
        _wait_ready(f"http://{settings.host}:{settings.dashboard_port}/_stcore/health", pages)
        say("")
        say(f"  Pages    http://{settings.host}:{settings.dashboard_port}")
        say(f"  API      {settings.api}   (try {settings.api}/docs)")
        say(f"  Key      {key}")
        say("")
        say("Sign in on the pages with the key. Ctrl-C stops everything; the data stays.")
        while api.poll() is None and pages.poll() is None:
            time.sleep(0.2)
        raise Conflict("the API or the pages stopped by themselves", remedy="read the lines above, then start again")
    except KeyboardInterrupt:
        say("Stopping.")
    finally:
        _stop(pages)
        _stop(api)


def prepare(settings: Settings) -> str:
    """Migrate, load each app's sample once, and return a key that works."""
    from importlib import import_module

    from core.auth import demo_key
    from core.cli.opening import opened_services

    apps, _ = installed_apps()
    with opened_services(settings) as services:
        for app in apps:
            if app.sample:
                say(f"{app.title}: {import_module(app.sample).load(services)}")
        return demo_key(services.database, settings.home, services.clock())


def _dashboard_command(settings: Settings) -> list[str]:
    spec = find_spec("ui.shell")
    if spec is None or spec.origin is None:
        raise Misconfigured("the pages are not installed", remedy="install Trivium with its `ui` package")
    return [
        sys.executable, "-m", "streamlit", "run", str(Path(spec.origin)),
        "--server.address", settings.host, "--server.port", str(settings.dashboard_port),
        "--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none",
        "--client.toolbarMode", "viewer", "--client.showErrorDetails", "none",
    ]  # fmt: skip


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "TRIVIUM_HOME": str(settings.home),
        "TRIVIUM_HOST": settings.host,
        "TRIVIUM_PORT": str(settings.port),
        "TRIVIUM_DASHBOARD_PORT": str(settings.dashboard_port),
    }


def _refuse_taken_port(host: str, port: int, setting: str) -> None:
    from core.server.run import PortTaken, port_is_free

    if not port_is_free(host, port):
        raise PortTaken(host, port, setting)


def _wait_ready(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    import httpx

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise TriviumError("a process stopped while starting", remedy="read the lines above")
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)  # not listening yet
        else:
            time.sleep(0.1)
    raise TriviumError(f"{url} did not become ready in {seconds:.0f} s", remedy="read the lines above")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
