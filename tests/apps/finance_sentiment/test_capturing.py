"""Texts on their way into the archive: plain, dated, each kept once, on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from apps.finance_sentiment.errors import NoSuchDocument
from apps.finance_sentiment.pipeline.capturing import Captured, capture, digest_of, prepared
from apps.finance_sentiment.pipeline.plain_text import plain_line, plain_text
from apps.finance_sentiment.schemas.moments import parse_moment
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.documents import Documents, NewDocument
from core.database import Database

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SETTINGS = FinanceSettings(most_characters=1_000)


@pytest.fixture
def documents(database: Database) -> Documents:
    return Documents(database)


def ready(title: str, text: str = "", **more: object) -> NewDocument:
    made = prepared(Captured(title, text, **more), NOW, SETTINGS)  # type: ignore[arg-type]
    assert made is not None
    return made


def test_what_is_brought_twice_is_kept_once(documents: Documents):
    texts = [Captured("Ashgrove rises", external_id="1"), Captured("Birchly falls", external_id="2")]
    first = capture(documents, texts, "wire", NOW, SETTINGS)
    again = capture(documents, [*texts, Captured("Cedarn waits", external_id="3")], "wire", NOW, SETTINGS)
    assert (len(first.new), first.known) == (2, 0)
    assert (len(again.new), again.known) == (1, 2)
    assert again.ids[:2] == first.ids
    other = capture(documents, texts, "another", NOW, SETTINGS)
    assert len(other.new) == 2


def test_of_two_with_one_id_in_one_go_the_first_counts(documents: Documents):
    done = capture(
        documents, [Captured("First", external_id="1"), Captured("Second", external_id="1")], "w", NOW, SETTINGS
    )
    assert done.ids == [done.new[0]] * 2
    assert documents.get(done.new[0]).title == "First"


def test_documents_are_numbered_by_publication(documents: Documents):
    at = [NOW - timedelta(hours=h) for h in (1, 3, 2)]
    done = capture(documents, [Captured(f"Text {t}", published_at=t) for t in at], "wire", NOW, SETTINGS)
    assert sorted(done.ids, key=lambda n: at[done.ids.index(n)]) == done.new


def test_many_at_once_bring_the_same_and_it_is_kept_once(documents: Documents):
    texts = [Captured(f"Headline {n}") for n in range(700)]
    with ThreadPoolExecutor(4) as pool:
        brought = (texts, texts[::-1], texts, texts[::-1])
        done = list(pool.map(lambda some: capture(documents, some, "wire", NOW, SETTINGS), brought))
    assert sum(len(one.new) for one in done) == 700
    assert done[0].ids == done[1].ids[::-1]


def test_a_text_without_a_word_is_counted_and_not_kept(documents: Documents):
    done = capture(documents, [Captured(" <p></p> "), Captured("Ashgrove")], "wire", NOW, SETTINGS)
    assert (done.ids[0], done.empty, len(done.new)) == (None, 1, 1)


def test_a_document_that_never_was_is_told(documents: Documents):
    with pytest.raises(NoSuchDocument, match="There is no document 7"):
        documents.get(7)


@pytest.mark.parametrize(
    ("published", "counts", "dated"),
    [
        (None, NOW, False),
        (NOW - timedelta(days=400), NOW - timedelta(days=400), True),
        (NOW + timedelta(minutes=9), NOW + timedelta(minutes=9), True),
        (NOW + timedelta(minutes=11), NOW, False),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW, False),
    ],
)
def test_a_date_that_is_missing_or_cannot_be_is_the_moment_of_capture(
    published: datetime | None, counts: datetime, dated: bool
):
    made = ready("Ashgrove", published_at=published)
    assert (made.published_at, made.dated) == (counts, dated)


@pytest.mark.parametrize(
    ("written", "hour"),
    [("2026-01-05T12:00:00+02:00", 10), ("2026-01-05 12:00", 12), (1767614400, 12), ("1767614400.0", 12)],
)
def test_moments_are_read_as_people_and_programs_write_them(written: object, hour: int):
    assert parse_moment(written) == datetime(2026, 1, 5, hour, tzinfo=UTC)


@pytest.mark.parametrize("written", ["yesterday", "1e99", "nan", True, [1], "0001-01-01T00:00:00+10:00"])
def test_what_is_no_moment_is_refused(written: object):
    with pytest.raises(ValueError):  # noqa: PT011  any sentence will do, the caller has its own
        parse_moment(written)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Ashgrove <b>beats</b>\n forecasts", "Ashgrove beats forecasts"),
        ("AT&amp;T &amp;amp; Verizon", "AT&T & Verizon"),
        ("P&L: loss < 3 %, R&D > 5 %", "P&L: loss < 3 %, R&D > 5 %"),
        ("&lt;p&gt;Ashgrove&lt;/p&gt;", "Ashgrove"),
        ("Ash\x00gro\x1fve", "Ashgrove"),
        ("MÃ¼nchner RÃ¼ck hebt Prognose", "Münchner Rück hebt Prognose"),
        ("â€œBuyâ€\x9d, says broker", '"Buy", says broker'),
        ("<script>alert(1)</script>Ashgrove", "Ashgrove"),
    ],
)
def test_a_title_is_one_plain_line(written: str, seen: str):
    assert plain_line(written).replace("“", '"').replace("”", '"') == seen


def test_a_text_keeps_its_paragraphs_and_loses_its_markup():
    assert plain_text("<p>One.</p><script>x</script><p>Two &amp; <b>three</b>.</p>") == "One.\n\nTwo & three."
    assert plain_text("One.\r\n\r\n\r\n\tTwo.") == "One.\n\nTwo."
    deep = "<div>" * 600 + "Word." + "</div>" * 600
    assert plain_text(deep) == "Word."


def test_a_very_long_text_is_cut_at_a_sentence_and_says_so():
    begun = time.perf_counter()
    made = ready("Ashgrove", "It rose again today. " * 50_000)
    assert time.perf_counter() - begun < 10
    body, _, note = made.text.rpartition("\n")
    assert body.endswith("It rose again today.")
    assert len(body) <= 1_000
    assert note.startswith("[Cut here: ")


def test_without_a_title_the_first_sentence_is_one():
    made = ready("", "Ashgrove rises. Brokers cheer.")
    assert (made.title, made.text) == ("Ashgrove rises.", "Brokers cheer.")


def test_a_text_that_only_repeats_the_title_is_none():
    assert ready("Ashgrove rises", "<p>Ashgrove\nrises</p>").text == ""


def test_a_title_that_is_a_text_stands_whole_in_the_text():
    long = "word " * 150
    made = ready(long)
    assert (made.title[-1], len(made.title) <= 500, made.text) == ("…", True, long.strip())


def test_a_document_is_called_as_its_source_says():
    assert ready("A", external_id=" g-1 ").external_id == "g-1"
    assert ready("A", url="https://x.example/1").external_id == "https://x.example/1"
    assert ready("A").external_id == f"sha256:{digest_of('A')}"
    long = ready("A", external_id="x" * 513).external_id
    assert (len(long), long) != (71, ready("A", external_id="y" * 513).external_id)
    assert long.startswith("sha256:")


def test_texts_of_signs_alone_are_told_apart():
    assert digest_of("🚀 🚀") != digest_of("📉")
    assert digest_of("Ashgrove UP, again!") == digest_of("ashgrove up again")


def test_an_address_that_is_no_web_address_is_not_kept():
    assert ready("A", url="javascript:alert(1)").url == ""
    assert ready("A", url="HTTPS://x.example/\n1").url == "HTTPS://x.example/1"
