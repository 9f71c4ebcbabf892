"""Feeds as they come: good, broken, in odd encodings, and made to do harm."""

import time
from datetime import UTC, datetime

import pytest

from apps.finance_sentiment.errors import FetchFailed
from apps.finance_sentiment.pipeline.capturing import prepared
from apps.finance_sentiment.pipeline.feeds import Feed, read_feed
from apps.finance_sentiment.pipeline.fetching import Fetched
from apps.finance_sentiment.settings import FinanceSettings
from tests.apps.finance_sentiment.web import web

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def read(body: bytes | str, content_type: str = "") -> Feed:
    data = body.encode() if isinstance(body, str) else body
    return read_feed(Fetched("https://h.example/news/feed.xml", True, data, content_type))


def rss(items: str, channel: str = "", head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>Wire</title>{channel}{items}</channel></rss>'


def plain(feed: Feed) -> list[tuple[str, str]]:
    made = [prepared(one, NOW, FinanceSettings()) for one in feed.captured]
    return [(one.title, one.text) for one in made if one is not None]


RSS_2 = rss(
    """<item><title>Ashgrove &amp; Co &lt;b&gt;rises&lt;/b&gt;</title>
    <link>/a</link><guid isPermaLink="false">g-1</guid>
    <description>&lt;p&gt;By 3 %.&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description>
    <pubDate>Mon, 05 Jan 2026 11:00:00 +0100</pubDate></item>
    <item><title><![CDATA[Birchly <i>falls</i>]]></title><link>https://h.example/b</link></item>""",
    "<ttl>30</ttl>",
)
RSS_1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="https://h.example"><title>Wire</title><sy:updatePeriod>hourly</sy:updatePeriod>
<sy:updateFrequency>2</sy:updateFrequency></channel>
<item rdf:about="https://h.example/c"><title>Cedarn waits</title><link>https://h.example/c</link>
<description>For news.</description><dc:date>2026-01-05T10:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://h.example/x/"><title>Wire</title>
<entry><id>urn:1</id><title type="html">Dogwood &lt;em&gt;wins&lt;/em&gt;</title><link href="d"/>
<published>2026-01-05T09:00:00-02:00</published><updated>2026-01-05T12:00:00Z</updated><summary>Short.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The whole story.</p></div></content>
</entry></feed>"""


def test_rss_2_is_read():
    feed = read(RSS_2)
    assert (feed.title, feed.every_s, feed.whole) == ("Wire", 1_800, True)
    first, second = feed.captured
    assert (first.external_id, first.url) == ("g-1", "https://h.example/a")
    assert first.published_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert (second.external_id, second.url, second.published_at) == ("", "https://h.example/b", None)
    assert plain(feed) == [("Ashgrove & Co rises", "By 3 %."), ("Birchly falls", "")]


def test_rss_1_is_read():
    feed = read(RSS_1)
    [one] = feed.captured
    assert (feed.every_s, one.url, one.title) == (1_800, "https://h.example/c", "Cedarn waits")
    assert one.published_at == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_atom_is_read_and_its_longest_text_counts():
    feed = read(ATOM)
    [one] = feed.captured
    assert (one.external_id, one.url) == ("urn:1", "https://h.example/x/d")
    assert one.published_at == datetime(2026, 1, 5, 11, tzinfo=UTC)
    assert plain(feed) == [("Dogwood wins", "The whole story.")]


def test_packed_content_of_old_atom_is_read():
    feed = read(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>W</title><entry><title>E</title><id>1</id>'
        '<content type="text/html" mode="base64">PHA+SGVsbG8gdGhlcmUuPC9wPg==</content></entry></feed>'
    )
    assert plain(feed) == [("E", "Hello there.")]


@pytest.mark.parametrize(
    ("written", "every_s"),
    [
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>99999999</ttl>", 86_400),
        ("", None),
    ],
)
def test_a_ttl_that_cannot_be_counts_for_nothing_or_a_day(written: str, every_s: float | None):
    assert read(rss("<item><title>A</title></item>", written)).every_s == every_s


@pytest.mark.parametrize(
    "date", ["", "<pubDate></pubDate>", "<pubDate>yesterday</pubDate>", "<pubDate>99 Foo 20266 10:00</pubDate>"]
)
def test_an_entry_without_a_date_has_none(date: str):
    [one] = read(rss(f"<item><title>A</title>{date}</item>")).captured
    assert one.published_at is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss("<item><title>Münchner Rück</title></item>").encode(), "text/xml; charset=iso-8859-1"),
        (rss("<item><title>Münchner Rück</title></item>", head='<?xml version="1.0" encoding="latin1"?>').encode(), ""),
        (
            rss("<item><title>Münchner Rück</title></item>", head='<?xml version="1.0" encoding="iso-8859-1"?>').encode(
                "cp1252"
            ),
            "",
        ),
        (rss("<item><title>Münchner Rück</title></item>", head="").encode("cp1252"), "text/xml; charset=windows-1252"),
        (rss("<item><title>Münchner Rück</title></item>").encode("utf-16"), ""),
        (rss("<item><title>Münchner Rück</title></item>").encode("utf-8-sig"), "text/xml; charset=utf-7"),
        (rss("<item><title>MÃ¼nchner RÃ¼ck</title></item>").encode(), ""),
    ],
)
def test_letters_survive_wrong_encodings(body: bytes, content_type: str):
    assert plain(read(body, content_type)) == [("Münchner Rück", "")]


def test_a_broken_letter_spoils_only_itself():
    body = rss("<item><title>Ashgrove X</title></item>" + "<item><title>Words</title></item>" * 30).encode()
    assert plain(read(body.replace(b"X", b"\xff")))[0] == ("Ashgrove \ufffd", "")


@pytest.mark.parametrize(
    "body",
    [
        rss("<item><title>First & then</title></item><item><title>Second</title></item>"),
        rss("<item><title>First</title><description><br>x<b></description></item><item><title>Second</title></item>"),
        "\n junk before " + rss("<item><title>First</title></item><item><title>Second</title></item>", head=""),
    ],
)
def test_a_broken_feed_is_read_as_far_as_it_goes(body: str):
    feed = read(body)
    assert feed.whole is False
    assert [title.split(" ")[0] for title, _ in plain(feed)][:2] == ["First", "Second"]


def test_where_a_feed_breaks_off_its_last_entry_waits_for_the_next_time():
    whole = rss(
        "<item><title>First</title></item><item><title>Second</title><description>All of it.</description></item>"
    )
    assert [title for title, _ in plain(read(whole[:-50]))] == ["First"]
    assert [title for title, _ in plain(read(whole))] == ["First", "Second"]


LAUGHS = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + "]>" + rss("<item><title>&j;</title></item>", head=""),
        LAUGHS + "]>" + rss("<item><title>&j;</title><broken></item>", head=""),
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<item><title>&x;</title></item>", head=""),
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>' + rss("<item><title>T</title></item>", head=""),
        f'<!DOCTYPE r [<!ENTITY x "{"x" * 10_000}">]>' + rss(f"<item><title>{'&x;' * 10_000}</title></item>", head=""),
    ],
)
def test_entities_are_refused_before_anything_is_made_of_them(body: str):
    begun = time.perf_counter()
    for data in (body.encode(), body.encode("utf-16")):
        with pytest.raises(FetchFailed, match="declares entities"):
            read(data)
    assert time.perf_counter() - begun < 1


def test_a_doctype_alone_is_no_trap():
    with web() as site:
        doctype = f'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "{site.url}/rss-0.91.dtd">'
        for end in ("</rss>", ""):
            feed = read(f'{doctype}<rss version="0.91"><channel><item><title>A</title></item><item/></channel>{end}')
            assert plain(feed) == [("A", "")]
        assert site.asked == []


def test_an_article_about_entities_is_no_trap():
    assert plain(read(rss("<item><title><![CDATA[The <!ENTITY trick]]></title></item>")))[0][0].startswith("The")


@pytest.mark.parametrize(
    "body",
    [
        rss("<item><title>" + "<a>" * 300_000),
        rss("<item><title>" + "<a " * 300_000),
        rss("<item>" + "<x>" * 200 + "</x>" * 200 + "</item>"),
        rss("<item><title>" + "<br/>&nbsp;" * 300_000),
        rss("<item/>" * 10_001),
        rss("<x/>" * 200_001),
    ],
)
def test_what_would_eat_a_parser_is_refused_at_once(body: str):
    begun = time.perf_counter()
    with pytest.raises(FetchFailed, match=r"nested deeper, or holds more|more than 10000 entries"):
        read(body)
    assert time.perf_counter() - begun < 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no feed"),
        (b"hello", "no feed"),
        (b"<html><body>hi</body></html>", "no feed.*add it as a page"),
        (b'<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>', "web page: its feed is /feed"),
        (b"%PDF-1.7", "is a PDF, no text"),
        (bytes(range(256)) * 20, "no text"),
        (b'{"items": []}', "no feed"),
    ],
)
def test_what_is_no_feed_is_told(body: bytes, told: str):
    with pytest.raises(FetchFailed, match=told):
        read(body)


def test_an_empty_feed_is_a_feed():
    assert read(rss("")).captured == []
