"""A snapshot is never trusted: a flipped byte or a cut-off in any of its files is noticed, logged and rebuilt."""

import logging
from pathlib import Path

import pytest

from core.database import Base, Database
from core.retrieval import tables
from core.retrieval.collections import Collections
from core.retrieval.documents import Document, Hit, Passage
from core.testing.fakes import FixedClock, LetterEncoder

FILES = [
    "alias_counts.npy", "alias_rows.npy", "alias_vectors.npy", "alive.npy", "ids.npy", "lexical_counts.npy",
    "lexical_lengths.npy", "lexical_offsets.npy", "lexical_positions.npy", "lexical_terms.npy", "manifest.json",
    "metadata.json", "passages.npy", "sentence_counts.npy", "sentence_rows.npy", "sentence_vectors.npy", "units.npy",
]  # fmt: skip


def open_collections(home: Path) -> Collections:
    database = Database(f"sqlite:///{home / 'trivium.db'}")
    Base.metadata.create_all(database.engine, tables=tables.ALL)
    return Collections(database, LetterEncoder(), home, FixedClock())


def found(collections: Collections) -> list[Hit]:
    return collections.get("shelf").search("cats and bonds", where={"even": True})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    collections = open_collections(tmp_path)
    texts = ["cats purr", "bonds yield", "cards freeze", "parcels travel"]
    collections.ensure("shelf").put(
        [
            Document(
                text,
                "",
                text,
                metadata={"even": n % 2 == 0},
                passages=(Passage(text, text, 0, len(text), (), ((0, 4),)),),
            )
            for n, text in enumerate(texts)
        ]
    )
    collections.get("shelf").search("anything")
    collections.save()
    collections.database.close()
    return tmp_path


def snapshot(home: Path) -> Path:
    [manifest] = (home / "index").rglob("manifest.json")
    return manifest.parent


def test_every_file_is_listed_here(home: Path):
    assert sorted(file.name for file in snapshot(home).iterdir()) == FILES


def test_a_sound_snapshot_gives_the_same_results_without_reading_vectors(home: Path, caplog: pytest.LogCaptureFixture):
    expected = found(open_collections(home))
    with Database(f"sqlite:///{home / 'trivium.db'}").session(write=True) as session:
        session.execute(tables.VectorRow.__table__.delete())  # only the snapshot can know them now
    assert found(open_collections(home)) == expected
    assert len(expected) == 2
    assert not caplog.records


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_damage_is_noticed_logged_and_rebuilt(home: Path, name: str, damage: str, caplog: pytest.LogCaptureFixture):
    expected = found(open_collections(home))
    file = snapshot(home) / name
    data = bytearray(file.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 0x10
        file.write_bytes(data)
    elif damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    else:
        file.unlink()
    with caplog.at_level(logging.WARNING):
        assert found(open_collections(home)) == expected
    assert "damaged and is rebuilt" in caplog.text


def test_a_snapshot_ahead_of_the_database_is_dropped(home: Path, caplog: pytest.LogCaptureFixture):
    with Database(f"sqlite:///{home / 'trivium.db'}").session(write=True) as session:
        session.execute(tables.CollectionRow.__table__.update().values(revision=0))
        session.execute(tables.PassageRow.__table__.update().values(revision=0))
    with caplog.at_level(logging.WARNING):
        assert len(found(open_collections(home))) == 2
    assert "ahead of the database" in caplog.text
