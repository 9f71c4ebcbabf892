"""kill -9 at random moments of an import: what was acknowledged is found, nothing else is, nobody repairs anything."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.database import Database
from core.ingest.files import read_sources
from core.migrations import upgrade
from core.retrieval.collections import Collections
from core.testing.fakes import FixedClock, LetterEncoder

ROUNDS = int(os.environ.get("TRIVIUM_TEST_KILLS", "6"))  # 20 for the published figure

IMPORT = """
import sys
from pathlib import Path
from core.database import Database
from core.ingest.files import read_sources
from core.retrieval.collections import Collections
from core.testing.fakes import FixedClock, LetterEncoder

url, home, folder = sys.argv[1:]
shelf = Collections(Database(url), LetterEncoder(), Path(home), FixedClock()).ensure("shelf")
print("ready", flush=True)
documents = list(read_sources([Path(folder)], max_bytes=10**6))
for at in range(0, len(documents), 3):
    shelf.put(documents[at:at + 3])
    print("|".join(document.key for document in documents[at:at + 3]), flush=True)
    shelf.search("anything")
    shelf.home.save()
"""


@pytest.mark.integration
def test_every_acknowledged_document_survives_and_no_other_appears(database_url: str, tmp_path: Path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for n in range(150):
        (folder / f"{n:03}.md").write_text(
            f"# Title {n}\n\nThis is article {n}.\n\n## More\n\nIt ends with {n} words.\n"
        )
    written = {document.key: document for document in read_sources([folder], max_bytes=10**6)}
    database = Database(database_url)
    upgrade(database, [])
    chance = random.Random(20_26)
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        acknowledged |= _import_and_kill(database_url, tmp_path, folder, chance.uniform(0.0, 0.6))
        shelf = Collections(database, LetterEncoder(), tmp_path, FixedClock()).ensure("shelf")
        present = {hit.document for hit in shelf.passing(None)}
        assert acknowledged <= present <= written.keys()
        stored = shelf.documents(sorted(present))
        assert all(document == written[document.key] for document in stored)  # whole, never a part
        for key in random.Random(7).sample(sorted(acknowledged), k=min(5, len(acknowledged))):
            assert key in {hit.document for hit in shelf.search(written[key].title, 150)}
    database.close()
    assert acknowledged


def _import_and_kill(url: str, home: Path, folder: Path, after_s: float) -> set[str]:
    """returns: the keys that the import acknowledged before it was killed"""
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, url, str(home), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    return {key for line in lines if line.endswith("\n") for key in line.strip().split("|")}
