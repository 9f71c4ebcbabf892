"""Notes beside a collection: every process reads what one wrote, and they go with the collection."""

from pathlib import Path

from core.database import Database
from core.retrieval.collections import Collections
from core.testing.fakes import FixedClock, LetterEncoder


def opened(database: Database, home: Path) -> Collections:
    return Collections(database, LetterEncoder(), home, FixedClock())


def test_what_one_process_notes_another_reads(database: Database, tmp_path: Path):
    opened(database, tmp_path).ensure("shelf").note("colour", '"green"')
    assert opened(database, tmp_path).get("shelf").notes() == {"colour": '"green"'}


def test_a_note_is_replaced_whole_and_can_be_forgotten(database: Database, tmp_path: Path):
    shelf = opened(database, tmp_path).ensure("shelf")
    shelf.note("colour", "[1, 2]")
    shelf.note("colour", "[3]")
    assert shelf.notes() == {"colour": "[3]"}
    shelf.note("colour", None)
    assert shelf.notes() == {}


def test_notes_go_with_their_collection(database: Database, tmp_path: Path):
    home = opened(database, tmp_path)
    home.ensure("shelf").note("colour", "1")
    home.drop("shelf")
    assert home.ensure("shelf").notes() == {}
