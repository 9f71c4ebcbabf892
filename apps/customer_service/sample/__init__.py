"""The sample desk: the help centre of a shop and bank card that do not exist, written for this project."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from apps.customer_service.pipeline.calibrating import adapt
from apps.customer_service.pipeline.knowledge import import_paths
from apps.customer_service.pipeline.shelf import put
from apps.customer_service.schemas.canned import CannedEdit
from apps.customer_service.store.canned import CannedReplies
from core.app import Services
from core.errors import TriviumError
from core.testing.requests import SampleRequest

COLLECTION = "support"
FOLDER = Path(str(files(__package__)))


def load(services: Services) -> str:
    """Import the help centre, and put replies onto a shelf that is empty. returns: a line for the console"""
    documents = load_knowledge(services)
    shelf, filled = CannedReplies(services.database, services.clock), ""
    if not shelf.all():
        rows = _rows("canned-replies")
        for row in rows:
            put(shelf, str(row.pop("name")), CannedEdit.model_validate(row))
        filled = f"; {len(rows)} canned replies"
    return documents + filled


def load_knowledge(services: Services) -> str:
    """Import the help centre; what is there already is not embedded again. returns: a line for the console"""
    collection = services.collections.ensure(COLLECTION)
    tally = import_paths(sources(), collection, services.settings.max_upload_bytes, lambda _: None)
    if tally.failed:
        raise TriviumError(f"the sample data cannot be read ({tally.failed[0].error})", remedy="install Trivium again")
    adapt(collection)
    return f"{tally.searchable} documents, {len(tally.added) + len(tally.replaced)} of them new"


def sources() -> list[Path]:
    """What is imported: a folder with articles and a table of questions and answers."""
    return [FOLDER / "knowledge"]


def requests() -> Iterator[SampleRequest]:
    """The desk's main job: customers' questions."""
    for line in questions("test"):
        yield SampleRequest("POST", "/v1/support/ask", {"question": line["text"], "turns": line.get("turns", [])})


def questions(split: str) -> list[dict[str, object]]:
    """Labelled questions in customers' words. split: "tune" (for choosing anything) or "test" (for reporting)

    returns: rows of id, text, kind, turns?, documents (keys of all documents that answer; none: unanswerable)
    """
    return _rows(f"questions-{split}")


def _rows(name: str) -> list[dict[str, object]]:
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
