"""Guarded fetching against a real server that means well, and against one that does not."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import trustme

from apps.finance_sentiment.errors import AddressRefused, FetchFailed
from apps.finance_sentiment.pipeline.fetching import Fetcher
from apps.finance_sentiment.pipeline.guarding import Guard
from apps.finance_sentiment.settings import FinanceSettings
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.web import Web, answering, web

SETTINGS = FinanceSettings(
    allow_private_addresses=True, fetch_seconds=1.5, fetch_most_bytes=100_000, contact="a@b.example"
)


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


@pytest.fixture
def fetcher(clock: FixedClock) -> Fetcher:
    return Fetcher(SETTINGS, clock)


def fault(fetcher: Fetcher, url: str) -> str:
    with pytest.raises((FetchFailed, AddressRefused)) as caught:
        fetcher.get(url)
    return str(caught.value)


def test_an_answer_comes_whole_with_who_asked(site: Web, fetcher: Fetcher):
    url = site.put(
        "/feed", b"<rss/>", ETag='"1"', Last_Modified="Mon, 05 Jan 2026 10:00:00 GMT", Content_Type="text/xml"
    )
    got = fetcher.get(url)
    assert (got.body, got.etag, got.content_type, got.changed) == (b"<rss/>", '"1"', "text/xml", True)
    _, headers = site.asked[-1]
    assert headers["user-agent"] == "trivium-market-mood/0.1.0 (a@b.example)"
    assert headers["host"] == site.url.removeprefix("http://")


def test_what_did_not_change_is_not_sent_again(site: Web, fetcher: Fetcher):
    url = site.put("/feed", b"", status=304)
    assert fetcher.get(url, etag='"1"', last_modified="yesterday").changed is False
    _, headers = site.asked[-1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"1"', "yesterday")


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"abc", mtime=0), "gzip"),
        (gzip.compress(b"ab", mtime=0) + gzip.compress(b"c", mtime=0), "gzip"),
        (zlib.compress(b"abc"), "deflate"),
        (zlib.compress(b"abc")[2:-4], "deflate"),
        (b"abc", "identity"),
    ],
)
def test_packed_answers_are_unpacked(site: Web, fetcher: Fetcher, packed: bytes, encoding: str):
    assert fetcher.get(site.put("/feed", packed, Content_Encoding=encoding)).body == b"abc"


def test_a_gzip_bomb_costs_no_more_than_the_cap(site: Web, fetcher: Fetcher):
    bomb = gzip.compress(bytes(300_000_000))  # 300 kB on the wire
    begun = time.perf_counter()
    assert "The answer holds more than 0.1 MB" in fault(fetcher, site.put("/bomb", bomb, Content_Encoding="gzip"))
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("body", "encoding", "told"),
    [
        (gzip.compress(b"abc" * 1000, mtime=0)[:-12], "gzip", "breaks off"),
        (b"no gzip", "gzip", "packed, and damaged"),
        (b"\x1b\x00", "br", r"packs its answer in an unknown way \(br\)"),
    ],
)
def test_what_cannot_be_unpacked_is_told(site: Web, fetcher: Fetcher, body: bytes, encoding: str, told: str):
    with pytest.raises(FetchFailed, match=told):
        fetcher.get(site.put("/feed", body, Content_Encoding=encoding))


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<item>more</item>" * 500)


def test_an_endless_answer_ends_at_the_cap(site: Web, fetcher: Fetcher):
    assert "holds more than 0.1 MB" in fault(fetcher, site.put_raw("/endless", endless))


def dripping(over: threading.Event, *, headers: bool):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"X-Slow: " if headers else b"\r\n"))
        while not over.wait(0.1):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    return answer


@pytest.mark.parametrize("headers", [True, False])
def test_a_slow_drip_ends_when_its_time_is_up(site: Web, fetcher: Fetcher, headers: bool):
    url = site.put_raw("/slow", dripping(site.over, headers=headers))
    begun = time.perf_counter()
    assert "There was no whole answer within 1.5 s" in fault(fetcher, url)
    assert time.perf_counter() - begun < 3


def test_redirects_are_followed_and_the_end_is_told(site: Web, fetcher: Fetcher):
    site.put("/new", b"here")
    got = fetcher.get(site.put("/old", b"", status=301, Location="/new"))
    assert (got.body, got.url) == (b"here", f"{site.url}/new")


def test_a_redirect_loop_ends(site: Web, fetcher: Fetcher):
    assert "more than 5 redirects" in fault(fetcher, site.put("/loop", b"", status=302, Location="/loop"))
    assert site.paths() == ["/loop"] * 6


@pytest.mark.parametrize("place", ["", "ftp://x.example/", "http://[::1", "file:///etc/passwd"])
def test_a_redirect_that_leads_nowhere_is_told(site: Web, fetcher: Fetcher, place: str):
    told = fault(fetcher, site.put("/odd", b"", status=302, **({"Location": place} if place else {})))
    assert "does not say where to" in told or "does not begin with https" in told


def test_a_redirect_to_a_private_address_is_refused(site: Web, clock: FixedClock):
    with web() as inner:
        secret = inner.put("/secret", b"secret").replace("127.0.0.1", "inside.test")
        site.put("/feed", b"", status=302, Location=secret)
        guard = Guard(hosts=frozenset({"outside.test"}), resolve=lambda host, port: ["127.0.0.1"])
        outside = site.url.replace("127.0.0.1", "outside.test")
        told = fault(Fetcher(SETTINGS, clock, guard=guard), f"{outside}/feed")
        assert "lies on this machine or in a network that is not public" in told
        assert inner.asked == []


def test_a_name_is_looked_up_once_and_the_connection_goes_where_was_checked(site: Web, clock: FixedClock):
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    guard = Guard(allow_private=True, resolve=resolve)
    url = site.put("/feed", b"here").replace("127.0.0.1", "rebinding.test")
    assert Fetcher(SETTINGS, clock, guard=guard).get(url).body == b"here"
    assert asked == ["rebinding.test"]
    assert [path for path, _ in site.asked] == ["/robots.txt", "/feed"]
    assert site.asked[-1][1]["host"].startswith("rebinding.test:")


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1:2:3:4:80ff:fffe",
        "::127.0.0.1",
        "2001:db8::1",
        "nonsense",
    ],
)
def test_addresses_that_are_not_public_are_refused(number: str):
    with pytest.raises(AddressRefused):
        Guard(resolve=lambda host, port: ["93.184.216.34", number]).target("https://x.example/")


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_public_addresses_are_taken(number: str):
    target = Guard(resolve=lambda host, port: [number]).target("https://x.example:8443/a?b=c#d")
    assert (target.host, target.authority, target.numbers) == ("x.example", "x.example:8443", (number,))
    assert str(target.pinned(number)).endswith(":8443/a?b=c")


@pytest.mark.parametrize("number", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "240.0.0.1"])
def test_even_where_private_addresses_are_allowed_these_are_not(number: str):
    with pytest.raises(AddressRefused):
        Guard(allow_private=True, resolve=lambda host, port: [number]).target("http://x.example/")
    for fine in ("127.0.0.1", "10.0.0.1", "::1", "fc00::1", "100.64.0.1"):
        Guard(allow_private=True, resolve=lambda host, port, fine=fine: [fine]).target("http://x.example/")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://127.1/"]
)
def test_loopback_however_it_is_written_is_refused(url: str, clock: FixedClock):
    assert "not public" in fault(Fetcher(FinanceSettings(), clock), url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.example/feed",
        "ftp://x.example/",
        "file:///etc/passwd",
        "http://",
        "http://a:b@x.example/",
        "http://x:99999/",
        "http://[::1/",
        f"http://x.example/{'a' * 2_000}",
        "gopher://x.example/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str, clock: FixedClock):
    with pytest.raises(AddressRefused):
        Fetcher(SETTINGS, clock).get(url)


def test_a_listed_host_may_be_private_and_others_not(site: Web, clock: FixedClock):
    site.put("/feed", b"here")
    settings = FinanceSettings(allowed_hosts=frozenset({"localhost"}))
    fetcher = Fetcher(settings, clock)
    assert fetcher.get(site.url.replace("127.0.0.1", "LOCALHOST") + "/feed").body == b"here"
    assert "not public" in fault(fetcher, f"{site.url}/feed")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (404, r"nothing at this address \(404\)"),
        (403, r"refuses to give it \(403\)"),
        (500, r"in trouble \(500\)"),
        (418, "answers 418"),
    ],
)
def test_a_status_is_told_in_words(site: Web, fetcher: Fetcher, status: int, told: str):
    with pytest.raises(FetchFailed, match=told):
        fetcher.get(site.put("/feed", b"", status=status))


@pytest.mark.parametrize(
    ("written", "wait_s"),
    [
        ("120", 120.0),
        ("Thu, 01 Jan 2026 12:05:00 GMT", 300.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("99999999999999", 86_400.0),
        ("soon", None),
        ("", None),
    ],
)
def test_who_asks_to_wait_is_heard(site: Web, fetcher: Fetcher, written: str, wait_s: float | None):
    with pytest.raises(FetchFailed) as caught:
        fetcher.get(site.put("/feed", b"", status=429, Retry_After=written))
    assert caught.value.wait_s == wait_s


def test_gone_is_gone(site: Web, fetcher: Fetcher):
    with pytest.raises(FetchFailed) as caught:
        fetcher.get(site.put("/feed", b"", status=410))
    assert caught.value.gone


def test_what_robots_txt_forbids_is_not_fetched(site: Web, fetcher: Fetcher, clock: FixedClock):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\nUser-agent: trivium-market-mood\nDisallow: /*.xml$\n")
    url = site.put("/feed.xml", b"here")
    assert "robots.txt" in fault(fetcher, url)
    assert site.paths() == []
    assert fetcher.get(site.put("/private", b"here")).body == b"here"
    site.put("/robots.txt", "")
    assert "robots.txt" in fault(fetcher, url)
    clock.advance(hours=25)
    assert fetcher.get(url).body == b"here"
    assert [path for path, _ in site.asked].count("/robots.txt") == 2


def test_a_site_whose_robots_txt_is_in_trouble_is_left_alone(site: Web, fetcher: Fetcher, clock: FixedClock):
    site.put("/robots.txt", "", status=503)
    url = site.put("/feed", b"here")
    assert "robots.txt answers 503" in fault(fetcher, url)
    site.put("/robots.txt", "", status=404)
    clock.advance(minutes=11)
    assert fetcher.get(url).body == b"here"


def test_an_endless_robots_txt_is_read_as_far_as_it_counts(site: Web, fetcher: Fetcher):
    site.pages["/robots.txt"] = endless
    assert fetcher.get(site.put("/feed", b"here")).body == b"here"


def test_robots_txt_may_redirect_but_not_inside(site: Web, clock: FixedClock):
    site.put("/robots.txt", "", status=302, Location="http://inside.test/robots.txt")
    guard = Guard(hosts=frozenset({"outside.test"}), resolve=lambda host, port: ["127.0.0.1"])
    url = site.put("/feed", b"here").replace("127.0.0.1", "outside.test")
    assert "not public" in fault(Fetcher(SETTINGS, clock, guard=guard), url)


def test_a_name_that_nobody_knows_is_told(fetcher: Fetcher):
    assert "The host nowhere.invalid cannot be found" in fault(fetcher, "https://nowhere.invalid/feed")


def test_a_name_server_that_never_answers_takes_no_longer_than_the_rest(clock: FixedClock):
    over = threading.Event()
    guard = Guard(resolve=lambda host, port: ["93.184.216.34"] if over.wait(20) else [])
    begun = time.perf_counter()
    assert "no whole answer within 1.5 s" in fault(Fetcher(SETTINGS, clock, guard=guard), "https://x.example/")
    assert time.perf_counter() - begun < 3
    over.set()


def test_a_port_where_nobody_listens_is_told(fetcher: Fetcher):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert "No connection could be made" in fault(fetcher, f"http://127.0.0.1:{held.getsockname()[1]}/")


def test_of_two_addresses_the_one_that_answers_counts(site: Web, clock: FixedClock):
    guard = Guard(allow_private=True, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    url = site.put("/feed", b"here").replace("127.0.0.1", "two.test")
    assert Fetcher(SETTINGS, clock, guard=guard).get(url).body == b"here"


def test_what_speaks_no_http_is_told(site: Web, fetcher: Fetcher):
    url = site.put_raw("/odd", lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n") and None)
    assert "speaks no HTTP" in fault(fetcher, url)


def served(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_a_certificate_must_be_trusted_and_of_the_very_name(clock: FixedClock):
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with web(served(authority.issue_cert("localhost"))) as site:
        url = site.put("/feed", b"here")
        assert "certificate is not trusted (" in fault(Fetcher(SETTINGS, clock), url)
        assert Fetcher(SETTINGS, clock, context=trusting).get(url).body == b"here"
        guard = Guard(allow_private=True, resolve=lambda host, port: ["127.0.0.1"])
        other = Fetcher(SETTINGS, clock, context=trusting, guard=guard)
        assert "certificate is not trusted (Hostname mismatch" in fault(other, url.replace("localhost", "bank.test"))


def test_many_threads_fetch_at_once(site: Web, fetcher: Fetcher):
    from concurrent.futures import ThreadPoolExecutor

    site.pages["/feed"] = answering(b"here")
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: fetcher.get(f"{site.url}/feed").body, range(40)))
    assert got == [b"here"] * 40
