"""Sources: looked at when their time has come, each failing alone, nothing lost and nothing twice. Both databases."""

import gzip
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import func, select

from apps.finance_sentiment.errors import (
    AddressRefused,
    BadFolder,
    CannotPoll,
    NoSuchSource,
    SourceExists,
    TooManySources,
)
from apps.finance_sentiment.pipeline import polling
from apps.finance_sentiment.pipeline import sources as pipeline
from apps.finance_sentiment.pipeline.fetching import Fetcher
from apps.finance_sentiment.pipeline.polling import Poller
from apps.finance_sentiment.schemas.sources import NewSource, Polled, SourceChange, SourceQuery
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store import sources as store
from apps.finance_sentiment.store.archive_tables import DocumentRow
from apps.finance_sentiment.store.source_tables import SourceRow
from apps.finance_sentiment.store.sources import Sources
from core.database import Database
from core.errors import Invalid
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.web import Web, answering, web

SETTINGS = FinanceSettings(allow_private_addresses=True, fetch_seconds=2, fetch_most_bytes=100_000)


def feed(*titles: str, ttl: int | None = None, dates: bool = False) -> str:
    date = "<pubDate>Thu, 01 Jan 2026 10:00:00 GMT</pubDate>" if dates else ""
    items = "".join(f"<item><title>{title}</title><guid>{title}</guid>{date}</item>" for title in titles)
    return f'<rss version="2.0"><channel><title>Wire</title>{f"<ttl>{ttl}</ttl>" if ttl else ""}{items}</channel></rss>'


@dataclass
class House:
    """A poller whose waits chance does not move, and what it looks at."""

    poller: Poller
    site: Web
    clock: FixedClock
    inbox: Path

    def add(self, path: str, kind: str = "feed", **more: object) -> str:
        address = path if kind == "folder" else self.site.url + path
        return pipeline.add(self.poller, NewSource.model_validate({"kind": kind, "address": address, **more})).id

    def row(self, source: str) -> SourceRow:
        return self.poller.sources.get(source)

    def poll(self, source: str) -> Polled:
        return self.poller.poll(source)

    def documents(self) -> list[DocumentRow]:
        with self.poller.sources.database.session() as session:
            return list(session.scalars(select(DocumentRow).order_by(DocumentRow.id)))

    def titles(self) -> list[str]:
        return sorted(row.title for row in self.documents())


@pytest.fixture
def house(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[House]:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    poller = Poller(
        Sources(database, clock),
        Fetcher(SETTINGS, clock),
        SETTINGS,
        (inbox,),
        clock,
        threading.Event(),
        chance=lambda: 0.5,
    )
    with web() as site:
        yield House(poller, site, clock, inbox)
    poller.stopping.set()
    poller.wait()


def test_a_feed_is_kept_entry_by_entry_and_each_once(house: House):
    house.site.put("/feed", feed("One", "Two", dates=True), ETag='"1"', Last_Modified="yesterday")
    source = house.add("/feed")
    assert (house.poll(source).new, house.row(source).title, house.row(source).state) == (2, "Wire", "ok")
    house.site.put("/feed", feed("One", "Two", "Three", dates=True))
    again = house.poll(source)
    assert (again.seen, again.new) == (3, 1)
    assert house.site.asked[-1][1]["if-none-match"] == '"1"'
    row = house.row(source)
    assert (row.items_seen, row.items_new, row.etag, row.claimed_until) == (5, 3, "", None)
    assert house.titles() == ["One", "Three", "Two"]
    assert {(row.source, row.dated) for row in house.documents()} == {(source, True)}


def test_what_did_not_change_keeps_its_marks(house: House):
    house.site.put("/feed", feed("One"), ETag='"1"')
    source = house.add("/feed")
    house.poll(source)
    house.site.put("/feed", "", status=304)
    done = house.poll(source)
    assert (done.ok, done.changed, done.new) == (True, False, 0)
    assert house.row(source).etag == '"1"'


def test_dates_that_are_missing_or_in_the_future_become_the_moment_of_capture(house: House):
    future = "<pubDate>Fri, 02 Jan 2026 12:00:00 GMT</pubDate>"
    house.site.put("/feed", feed("One").replace("</item>", f"</item><item><title>Two</title>{future}</item>"))
    house.poll(house.add("/feed"))
    assert {(row.published_at, row.dated) for row in house.documents()} == {(house.clock(), False)}


def test_each_source_fails_alone_and_says_why(house: House):
    bad = {
        "/404": ("", 404, "There is nothing at this address (404)"),
        "/500": ("", 500, "The server is in trouble (500)"),
        "/html": ("<html>hi</html>", 200, "What lies there is no feed"),
        "/bomb": (gzip.compress(bytes(200_000_000)), 200, "The answer holds more than 0.1 MB"),
        "/trap": ('<!DOCTYPE r [<!ENTITY a "b">]>' + feed("&a;"), 200, "The feed declares entities"),
    }
    for path, (body, status, _) in bad.items():
        more = {"Content_Encoding": "gzip"} if path == "/bomb" else {}
        house.site.put(path, body, status=status, **more)
    house.site.put("/good", feed("One"))
    ids = {path: house.add(path) for path in [*bad, "/good"]}
    done = {one.source: one for one in house.poller.poll_all()}
    assert {source for source, one in done.items() if one.ok} == {ids["/good"]}
    for path, (_, _, told) in bad.items():
        row = house.row(ids[path])
        assert (row.state, row.failures, row.reason.startswith(told)) == ("failing", 1, True)
    assert house.titles() == ["One"]


def test_a_failing_source_is_tried_again_after_growing_waits_until_it_is_well(house: House):
    source = house.add("/feed")
    waits = []
    for _ in range(3):
        house.poll(source)
        waits.append((house.row(source).next_at - house.clock()).total_seconds())
    assert waits == [300, 600, 1200]
    house.site.put("/feed", feed("One"))
    house.poll(source)
    row = house.row(source)
    assert (row.failures, row.reason, row.state, row.last_success_at) == (0, "", "ok", house.clock())
    assert row.next_at - house.clock() == timedelta(seconds=315)


def test_who_asks_to_be_left_alone_is(house: House):
    house.site.put("/busy", "", status=429, Retry_After="7200")
    house.site.put("/slow", feed("One", ttl=60))
    busy, slow = house.add("/busy"), house.add("/slow")
    house.poller.poll_all()
    assert house.row(busy).next_at - house.clock() == timedelta(hours=2)
    assert house.row(slow).next_at - house.clock() == timedelta(hours=1.05)


def test_what_is_gone_for_good_is_paused(house: House):
    house.site.put("/feed", "", status=410)
    source = house.add("/feed")
    house.poll(source)
    row = house.row(source)
    assert (row.state, row.enabled) == ("paused", False)
    assert row.reason.startswith("It is gone for good (410)")
    with pytest.raises(CannotPoll, match="is paused"):
        house.poll(source)
    house.site.put("/feed", feed("One"))
    assert pipeline.change(house.poller, source, SourceChange(enabled=True)).state == "new"
    assert house.poll(source).new == 1


def test_a_broken_feed_is_read_and_says_so(house: House):
    house.site.put("/feed", feed("One & only", "Two"), ETag='"1"')
    source = house.add("/feed")
    assert house.poll(source).new == 2
    assert house.row(source).etag == ""
    assert (house.row(source).state, "read as far as it goes" in house.row(source).reason) == ("ok", True)


def test_only_what_is_due_is_looked_at_and_once(house: House):
    house.site.put("/feed", feed("One"))
    source = house.add("/feed")
    house.add("/paused", enabled=False)
    assert house.poller.look() == 1
    house.poller.wait()
    assert house.site.paths() == ["/feed"]
    assert house.poller.sources.due(10) == []
    house.clock.advance(seconds=316)
    assert house.poller.sources.due(10) == [source]


def test_two_processes_never_look_at_the_same_source_at_once(house: House):
    source = house.add("/feed")
    until = house.clock() + timedelta(seconds=80)
    others = Sources(house.poller.sources.database, house.clock)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: others.claim(source, until, due=True), range(16)))
    assert sum(claim is not None for claim in claims) == 1
    assert house.poller.sources.due(10) == []
    with pytest.raises(CannotPoll, match="looked at right now"):
        house.poll(source)
    house.clock.advance(seconds=81)
    assert house.poller.sources.due(10) == [source]


def test_a_look_that_lost_its_claim_keeps_what_it_brought_and_leaves_the_state_alone(house: House):
    house.site.put("/feed", feed("One"))
    source = house.add("/feed")
    lost = house.poller.sources.claim(source, house.clock() + timedelta(seconds=1), due=True)
    assert lost is not None
    house.clock.advance(seconds=2)
    house.site.put("/feed", "", status=500)
    house.poll(source)
    house.poller._look(lost)
    assert house.row(source).failures == 1
    pipeline.change(house.poller, source, SourceChange(enabled=False))
    assert (house.row(source).state, house.row(source).reason) == ("paused", "")


def test_of_a_source_that_was_removed_meanwhile_nothing_is_kept(house: House):
    house.site.put("/feed", feed("One"))
    source = house.add("/feed")
    claim = house.poller.sources.claim(source, house.clock() + timedelta(seconds=80), due=True)
    assert claim is not None
    house.poller.sources.remove(source)
    assert house.poller._look(claim).new == 0
    assert house.documents() == []
    with pytest.raises(NoSuchSource):
        house.poller.sources.remove(source)


def test_another_address_is_read_afresh(house: House):
    house.site.put("/old", feed("One"), ETag='"1"')
    house.site.put("/new", feed("Two"))
    source = house.add("/old")
    house.poll(source)
    pipeline.change(house.poller, source, SourceChange(address=f"{house.site.url}/new"))
    assert house.row(source).next_at == house.clock()
    assert house.poll(source).new == 1
    assert "if-none-match" not in house.site.asked[-1][1]


def test_a_page_is_kept_again_when_its_text_has_changed(house: House):
    text = "".join(f"<p>Ashgrove sold {n} thousand chairs, more than its brokers had hoped for.</p>" for n in range(4))
    head = '<meta property="article:published_time" content="2025-12-30T09:00:00Z">'
    page = f"<html><head><title>Chairs</title>{head}</head><body><article>{text}</article></body></html>"
    house.site.put("/page", page)
    source = house.add("/page", kind="page")
    assert [house.poll(source).new for _ in range(2)] == [1, 0]
    house.site.put("/page", page.replace("3 thousand", "5 thousand"))
    house.clock.advance(hours=1)
    assert house.poll(source).new == 1
    first, second = house.documents()
    assert (first.dated, second.dated, second.published_at) == (True, False, house.clock())


def drop(folder: Path, name: str, content: str, age_s: float = 10) -> Path:
    path = folder / name
    path.write_text(content)
    at = FixedClock()().timestamp() - age_s
    os.utime(path, (at, at))
    return path


def test_a_file_in_a_watched_folder_is_read_once(house: House):
    source = house.add(str(house.inbox), kind="folder", every_seconds=5)
    drop(house.inbox, "a.jsonl", "".join(json.dumps({"title": f"Row {n}"}) + "\n" for n in range(3)))
    drop(house.inbox, "b.txt", "Ashgrove rises. Brokers cheer.")
    drop(house.inbox, "c.csv", "title\nFine\n", age_s=1)
    drop(house.inbox, "d.docx", "no kind of ours")
    (house.inbox / "link.txt").symlink_to("/etc/hostname")
    assert house.poll(source).new == 4
    assert house.poll(source).seen == 0
    drop(house.inbox, "copy.txt", "Ashgrove rises. Brokers cheer.")
    house.clock.advance(seconds=5)
    assert house.poll(source).new == 1
    assert house.titles() == ["Ashgrove rises.", "Fine", "Row 0", "Row 1", "Row 2"]
    assert {row.name: row.documents for row in house.poller.sources.files(source)} == {
        "a.jsonl": 3,
        "b.txt": 1,
        "c.csv": 1,
    }


def test_a_bad_file_is_told_and_left_until_it_is_corrected(house: House):
    source = house.add(str(house.inbox), kind="folder")
    bad = drop(house.inbox, "bad.csv", "title,text\nA,\nB,C,D\n")
    drop(house.inbox, "good.csv", "title\nGood\n")
    assert house.poll(source).reason == "1 files could not be read, such as bad.csv"
    assert house.poll(source).reason == "1 files could not be read, such as bad.csv"
    [told] = [row.reason for row in house.poller.sources.files(source) if row.reason]
    assert told == "line 3 of bad.csv has more values than columns"
    assert bad.exists()
    drop(house.inbox, "bad.csv", "title,text\nA,\nB,C\n", age_s=9)
    assert house.poll(source).reason == ""
    assert house.titles() == ["A", "B", "Good"]


def test_folders_elsewhere_are_refused(house: House, tmp_path: Path):
    (house.inbox / "out").symlink_to("/etc")
    for path in ("/etc", str(house.inbox / ".." / ".."), str(house.inbox / "out"), "inbox", str(tmp_path)):
        with pytest.raises(BadFolder, match="Folders may be watched in"):
            house.add(path, kind="folder")
    with pytest.raises(BadFolder, match="There is no folder"):
        house.add(str(house.inbox / "none"), kind="folder")


def test_ids_are_made_from_addresses_and_are_free(house: House):
    host = house.site.url.removeprefix("http://").replace(":", "-")
    assert [house.add("/rss/Markets.xml?key=1") for _ in range(2)] == [f"{host}-rss-markets", f"{host}-rss-markets-2"]
    assert house.add("/x", id="wire") == "wire"
    with pytest.raises(SourceExists):
        house.add("/y", id="wire")


def test_sources_have_an_end(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 1)
    house.add("/a")
    with pytest.raises(TooManySources, match="There may be 1 sources"):
        house.add("/b")


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "ftp://x.example/"},
        {"address": "http://a:b@x.example/"},
        {"address": "https://x.example/", "every_seconds": 59},
        {"address": "https://x.example/", "every_seconds": -1},
        {"address": "https://x.example/", "id": "push"},
        {"address": "https://x.example/", "id": "Big Id"},
        {"address": ""},
    ],
)
def test_a_source_that_cannot_be_is_refused(house: House, wrong: dict[str, object]):
    with pytest.raises((AddressRefused, ValueError)):
        pipeline.add(house.poller, NewSource.model_validate({"kind": "feed", **wrong}))


def test_too_short_an_interval_is_refused_on_the_web(house: House):
    source = house.add("/feed")
    with pytest.raises(Invalid, match="60 at least"):
        pipeline.change(house.poller, source, SourceChange(every_seconds=10))


def test_a_source_is_tried_without_keeping(house: House):
    house.site.put("/feed", feed(*"ABCDEFG", ttl=10))
    tried = pipeline.try_out(house.poller, SourceQuery(kind="feed", address=f"{house.site.url}/feed"))
    assert (tried.title, tried.items, tried.titles, tried.every_seconds) == ("Wire", 7, list("ABCDE"), 600)
    drop(house.inbox, "a.csv", "title\nIn a file\n")
    tried = pipeline.try_out(house.poller, SourceQuery(kind="folder", address=str(house.inbox)))
    assert (tried.titles, tried.note) == (["In a file"], "1 files; shown is a.csv")
    assert house.documents() == []


def test_a_parser_that_breaks_is_told_and_the_others_go_on(house: House, monkeypatch: pytest.MonkeyPatch):
    house.site.put("/feed", feed("One"))
    source = house.add("/feed")
    monkeypatch.setattr("apps.finance_sentiment.pipeline.gathering.read_feed", lambda _: 1 / 0)
    done = house.poll(source)
    assert (done.ok, "unforeseen way (ZeroDivisionError)" in done.reason) == (False, True)


def test_new_texts_wake_who_reads_them(house: House):
    woken: list[int] = []
    house.poller.wake = lambda: woken.append(1)
    house.site.put("/feed", feed("One"))
    source = house.add("/feed")
    house.poll(source)
    house.poll(source)
    assert woken == [1]


def test_the_archive_counts_what_sources_say_they_brought(house: House):
    for n in range(12):
        house.site.put(f"/{n}", feed(*(f"Title {n} {m}" for m in range(20))))
        house.add(f"/{n}")
    house.poller.poll_all()
    house.poller.poll_all()
    with house.poller.sources.database.session() as session:
        told = session.scalar(select(func.sum(SourceRow.items_new)))
    assert told == len(house.documents()) == 240


def test_a_slow_look_is_claimed_anew_while_it_lasts(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(polling, "RENEWED_EVERY_S", 0.02)
    source, asked, go_on = house.add("/slow"), threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(30)
        answering(feed("One"))(handler)

    house.site.put_raw("/slow", slow)
    house.poller.fetcher = Fetcher(SETTINGS.model_copy(update={"fetch_seconds": 60}), house.clock)
    with ThreadPoolExecutor(1) as pool:
        look = pool.submit(house.poll, source)
        assert asked.wait(30)
        for _ in range(4):
            house.clock.advance(seconds=20)
            until = house.clock() + polling.CLAIMED_FOR
            assert _comes(lambda until=until: house.row(source).claimed_until == until)
            assert house.poller.sources.due(10) == []
        go_on.set()
        assert look.result(30).new == 1
    assert (house.row(source).state, house.row(source).claimed_until) == ("ok", None)


def test_a_source_is_free_soon_after_its_process_died(house: House):
    source = house.add("/feed")
    assert house.poller.sources.claim(source, house.poller._until(), due=True) is not None
    house.clock.advance(seconds=25)
    assert house.poller.sources.due(10) == [source]


def _comes(wanted: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not (came := wanted()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return came
