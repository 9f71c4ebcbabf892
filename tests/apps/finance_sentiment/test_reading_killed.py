"""A process that reads documents is killed (SIGKILL) at random moments: none is lost, none is counted twice."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from apps.finance_sentiment.pipeline import hours
from apps.finance_sentiment.store.archive_tables import DocumentRow, StoryRow
from tests.apps.finance_sentiment.conftest import Desk

DOCUMENTS, KILLS = 600, 8
READ = """
import sys
from apps.finance_sentiment.pipeline import reading
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.store.entities import Entities
from core.clock import system_clock
from core.database import Database
from tests.apps.finance_sentiment.word_moods import WordClassifier, word_moods
reading.BATCH = 8  # many transactions, so that many moments lie inside one
database = Database(sys.argv[1])
scorer = Scorer(LiveEntities(Entities(database, system_clock)), word_moods(WordClassifier()), enough_from=0.5)
reader = reading.DocumentReader(database, scorer, Stories(database, system_clock), system_clock)
while reader.read_batch().documents:
    print("a batch", flush=True)
"""


def start(url: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", READ, url]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


@pytest.mark.integration
def test_a_reader_that_is_killed_anywhere_loses_nothing_and_counts_nothing_twice(
    open_desk: Callable[[], Desk], database_url: str
):
    desk, chance = open_desk(), random.Random(7)
    matters = ("its recall", "the strike", "new figures", "a lawsuit")
    desk.capture(*(f"Acme falls by {n} after {matters[n % 4]} in town {n // 3}" for n in range(DOCUMENTS)))
    for _ in range(KILLS):
        with start(database_url) as process:
            assert process.stdout is not None
            for _ in range(chance.randint(1, 4)):
                assert process.stdout.readline() == "a batch\n"
            time.sleep(0.05 * chance.random())
            process.kill()
            assert process.wait(60) == -signal.SIGKILL
    with start(database_url) as process:
        process.communicate(timeout=300)
        assert process.returncode == 0

    with desk.database.session() as session:
        documents = list(session.scalars(select(DocumentRow)))
        stories = {row.id: row.documents for row in session.scalars(select(StoryRow))}
    assert all(row.read_at is not None for row in documents)
    read = Counter(row.document_id for row in desk.readings())
    assert read == Counter({row.id: 1 for row in documents})
    assert Counter(row.story_id for row in documents) == Counter(stories)
    assert sum(not row.echo for row in documents) == len(stories)
    counted = _counted(desk)
    assert sum(volume + echoes for volume, echoes, _ in counted.values()) == DOCUMENTS
    with desk.database.session(write=True) as session:
        hours.recount(session)
    assert _counted(desk) == counted


def _counted(desk: Desk) -> dict[object, tuple[int, int, float]]:
    return {key: (row.volume, row.echoes, round(row.weighted, 9)) for key, row in desk.hours().items()}
