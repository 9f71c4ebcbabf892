"""kill -9 at random moments of an import: what was acknowledged is found, nothing else is, nobody repairs anything."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from core.database import Database
from core.ingest.files import read_sources
from core.migrations import upgrade
from core.retrieval.collections import Collections
from core.retrieval.documents import Document
from core.testing.fakes import FixedClock, LetterEncoder

ROUNDS = int(os.environ.get("TRIVIUM_TEST_KILLS", "6"))
TEXTS, AT_ONCE = 90, 3

IMPORT = """
import sys
from pathlib import Path
from core.database import Database
from core.ingest.files import read_sources
from core.retrieval.collections import Collections
from core.testing.fakes import FixedClock, LetterEncoder

url, home, folder, size = sys.argv[1:]
shelf = Collections(Database(url), LetterEncoder(), Path(home), FixedClock()).ensure("shelf")
print("ready", flush=True)
documents = list(read_sources([Path(folder)], max_bytes=10**6))
for at in range(0, len(documents), int(size)):
    shelf.put(documents[at:at + int(size)])
    print("|".join(document.key for document in documents[at:at + int(size)]), flush=True)
    shelf.search("anything")
    shelf.home.save()
"""


@pytest.mark.integration
def test_every_acknowledged_document_survives_and_no_other_appears(database_url: str, tmp_path: Path):
    folder = tmp_path / "texts"
    folder.mkdir()
    database = Database(database_url)
    upgrade(database, [])
    chance = random.Random(20_26)
    versions: list[dict[str, Document]] = []  # of each round
    safe: dict[str, int] = {}  # the last round in which each was acknowledged
    for number in range(ROUNDS):
        versions.append(_written(folder, number))
        acknowledged = _import_and_kill(database_url, tmp_path, folder, chance)
        safe |= dict.fromkeys(acknowledged, number)
        shelf = Collections(database, LetterEncoder(), tmp_path, FixedClock()).ensure("shelf")
        present = {hit.document for hit in shelf.passing(None)}
        assert safe.keys() <= present <= versions[0].keys()
        found = {document.key: _version(document, versions) for document in shelf.documents(sorted(present))}
        assert all(found[key] >= number for key, number in safe.items())
        keys = sorted(versions[0])
        for at in range(0, TEXTS, AT_ONCE):  # all of a transaction or none of it
            assert len({found.get(key) for key in keys[at : at + AT_ONCE]}) == 1
        for key in chance.sample(sorted(safe), k=5):
            assert key in {hit.document for hit in shelf.search(versions[0][key].title, TEXTS)}
    database.close()


def _written(folder: Path, number: int) -> dict[str, Document]:
    """Texts that no round before had, so that there is something to import. returns: by key"""
    for n in range(TEXTS):
        text = f"# Title {n}\n\nThis is article {n}, edition {number}.\n\n## More\n\nIt ends with {n} words.\n"
        (folder / f"{n:03}.md").write_text(text)
    read = list(read_sources([folder], max_bytes=10**6))
    return {document.key: document for document in read if isinstance(document, Document)}


def _version(document: Document, versions: Sequence[Mapping[str, Document]]) -> int:
    """The round whose text it is, whole, and of no other round any part."""
    [number] = [number for number, written in enumerate(versions) if written[document.key] == document]
    return number


def _import_and_kill(url: str, home: Path, folder: Path, chance: random.Random) -> set[str]:
    """Kill it in the middle. returns: the keys that the import acknowledged before"""
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, url, str(home), str(folder), str(AT_ONCE)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    lines = [process.stdout.readline() for _ in range(chance.randrange(2, TEXTS // AT_ONCE // 2))]
    time.sleep(chance.uniform(0.0, 0.05))
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL  # it was in the middle
    acknowledged = {key for line in lines if line.endswith("\n") for key in line.strip().split("|")}
    assert 0 < len(acknowledged) < TEXTS
    return acknowledged
