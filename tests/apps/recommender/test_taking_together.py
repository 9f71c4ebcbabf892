"""Several who write at once: nothing is lost, nothing is kept twice, counters only grow."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

from apps.recommender.store.learning import read_events, read_items
from core.database import Database
from core.testing.fakes import FixedClock
from tests.apps.recommender.conftest import Shop

AT = 1_700_000_000
WRITERS, BULKS, EACH = 4, 6, 40


def test_four_who_send_overlapping_bulks_keep_each_event_once(shop: Shop, database_url: str):
    rows = [
        {"user": f"u{at % 17}", "item": f"i{at % 23}", "type": "view", "timestamp": AT + at, "id": f"e{at}"}
        for at in range(300)
    ]

    def write(seed: int) -> int:
        chance, database = Random(seed), Database(database_url)
        own = Shop(database, FixedClock(), shop.settings)
        try:
            return sum(own.events(*chance.sample(rows, EACH)).added for _ in range(BULKS)) + own.events(*rows).added
        finally:
            database.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        added = sum(pool.map(write, range(WRITERS)))
    assert added == 300
    with shop.database.session() as session:
        found, items = read_events(session), read_items(session)
    assert sorted(found.seconds) == [AT + at for at in range(300)]
    assert (len(found.users), len(items)) == (17, 23)
    assert shop.counted().revisions["events"] == 300


def test_whoever_follows_the_revision_misses_no_item(shop: Shop, database_url: str):
    def write(writer: int) -> None:
        database = Database(database_url)
        own = Shop(database, FixedClock(), shop.settings)
        try:
            for at in range(12):
                own.items({"id": f"{writer}-{at}", "title": "x"}, {"id": f"shared-{at}", "title": f"by {writer}"})
        finally:
            database.close()

    seen: dict[str, str] = {}
    revision = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, writer) for writer in range(WRITERS)]
        ends = False
        while not ends:
            ends = all(one.done() for one in running)  # one more look after the last
            with shop.database.session() as session:
                news = read_items(session, after=revision)
            assert news.revision >= revision
            revision = news.revision
            seen.update(zip(news.ids, news.titles, strict=True))
        for one in running:
            one.result()
    with shop.database.session() as session:
        whole = read_items(session)
    assert seen == dict(zip(whole.ids, whole.titles, strict=True))
    assert len(seen) == WRITERS * 12 + 12
