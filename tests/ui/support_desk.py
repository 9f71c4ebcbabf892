"""A support desk for tests: sources, a server on loopback, a real API."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from apps.customer_service.pipeline.knowledge import import_paths
from core.app import Services
from ui.client import Client

ARTICLES = {
    "fees.md": "# Fees\n\n## Abroad\n\nPaying in euros costs one percent. Taking out cash costs two pounds.\n",
    "returns.md": "# Returns\n\nSend it back within thirty days. Use the label in the parcel.\n",
}


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """Serve an app on a free port of loopback. yields: its address"""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Desk:
    """A support desk behind a real API."""

    client: Client
    services: Services
    folder: Path

    def import_files(self, files: dict[str, str], collection: str = "support") -> None:
        """Write files into a folder and import it as the command line does; names are the documents' keys."""
        for name, text in files.items():
            path = self.folder / collection / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        target = self.services.collections.ensure(collection)
        tally = import_paths([self.folder / collection], target, 1_000_000, lambda _: None)
        assert not tally.failed
