"""Web pages: their main text, and nothing around it."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.finance_sentiment.errors import FetchFailed
from apps.finance_sentiment.pipeline.document_files import read_documents
from apps.finance_sentiment.pipeline.pages import read_page

PARAGRAPHS = "".join(
    f"<p>Ashgrove sold {n} thousand chairs in the quarter, more than its brokers had hoped.</p>" for n in range(5)
)
PAGE = f"""<html><head><title>Ashgrove sells chairs | The Wire</title>
<meta property="article:published_time" content="2026-01-05T09:00:00Z"></head><body>
<nav><a href="/">Home</a> Markets</nav>
<article><h1>Ashgrove sells <em>chairs</em></h1>{PARAGRAPHS}</article>
<footer>All rights reserved, cookies too.</footer>
</body></html>"""


def test_the_main_text_is_kept_and_nothing_around_it():
    page = read_page(PAGE, "https://h.example/a")
    assert page.title == "Ashgrove sells chairs"
    assert page.text.count("thousand chairs") == 5
    assert "Markets" not in page.text
    assert "cookies" not in page.text
    assert page.published_at == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_page_is_new_where_its_text_has_changed():
    same = read_page(PAGE.replace("All rights", "Some rights"), "")
    assert same.external_id == read_page(PAGE, "").external_id
    assert read_page(PAGE.replace("3 thousand", "4 thousand"), "").external_id != same.external_id


@pytest.mark.parametrize(
    ("head", "hour"),
    [
        ('<meta property="article:modified_time" content="2026-01-05T11:00:00Z">', 11),
        ('<script type="application/ld+json">{"dateModified": "2026-01-05T12:00:00+02:00"}</script>', 10),
        ('<meta property="article:modified_time" content="2026-01-06">', 9),
    ],
)
def test_the_last_change_counts_where_it_names_an_hour(head: str, hour: int):
    page = read_page(PAGE.replace("<head>", f"<head>{head}"), "")
    assert page.published_at == datetime(2026, 1, 5, hour, tzinfo=UTC)


@pytest.mark.parametrize("html", ["", "<html><body></body></html>", "<html><body><nav>Home</nav></body></html>"])
def test_a_page_without_a_text_is_told(html: str):
    with pytest.raises(FetchFailed, match="No main text was found"):
        read_page(html, "")


def test_a_page_that_would_eat_the_extractor_is_refused_at_once():
    begun = time.perf_counter()
    for html in ("<p>x</p>" * 30_000, "x" * 3_000_001):
        with pytest.raises(FetchFailed, match="more than a page does"):
            read_page(html, "")
    assert time.perf_counter() - begun < 1


def test_pages_and_texts_are_files_of_one_document(tmp_path: Path):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.txt").write_text("Ashgrove rises. Brokers cheer.")
    [(_, page)] = read_documents(tmp_path / "a.html")
    [(_, text)] = read_documents(tmp_path / "b.txt")
    assert (page.title, text.text) == ("Ashgrove sells chairs", "Ashgrove rises. Brokers cheer.")
