import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.testing.fakes import FixedClock
from ui.client import Client
from ui.gate import Gate
from ui.headers import SafeHeaders
from ui.sessions import COOKIE, Sessions
from ui.sign_in import sign_in_route

KEY = "trv_abcdefgh_right"
HTML = {"Accept": "text/html"}


class OneKeyApi(httpx.BaseTransport):
    """An API that knows one key, or is down."""

    def __init__(self) -> None:
        self.is_up = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self.is_up:
            raise httpx.ConnectError("refused")
        if request.headers["authorization"] == f"Bearer {KEY}":
            return httpx.Response(200, json={"apps": [], "broken": []})
        return httpx.Response(401, json={"detail": "The API key is not valid.", "remedy": "Check <it>."})


async def page(_: Request) -> Response:
    return PlainTextResponse("the page")


@pytest.fixture
def sessions(clock: FixedClock) -> Sessions:
    return Sessions(clock)


@pytest.fixture
def api() -> OneKeyApi:
    return OneKeyApi()


@pytest.fixture
def browser(sessions: Sessions, api: OneKeyApi):
    http = httpx.Client(base_url="http://api", transport=api)
    site = Starlette(
        routes=[
            sign_in_route(sessions, lambda key: Client(http, key)),
            Route("/_stcore/health", page),
            Route("/_stcore/upload_file/x", page, methods=["PUT"]),
            Route("/{path:path}", page),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(Gate, sessions=sessions)],
    )
    with TestClient(site, base_url="http://pages", follow_redirects=False) as client:
        yield client


def test_a_stranger_is_sent_to_the_form_and_then_to_the_page_that_was_asked_for(browser):
    turned_away = browser.get("/customer_service?ask=fees&ask=why", headers=HTML)
    assert turned_away.status_code == 303
    form = turned_away.headers["location"]
    assert browser.get(form).status_code == 200
    let_in = browser.post(form, data={"key": KEY})
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/customer_service?ask=fees&ask=why")
    assert browser.get(let_in.headers["location"], headers=HTML).text == "the page"


def test_the_cookie_is_opaque_and_out_of_reach_of_scripts(browser, sessions):
    cookie = browser.post("/sign-in", data={"key": KEY}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert KEY not in cookie
    assert sessions.key(browser.cookies[COOKIE]) == KEY


def test_over_https_the_cookie_stays_on_https(browser):
    assert "Secure" in browser.post("https://pages/sign-in", data={"key": KEY}).headers["set-cookie"]


def test_a_wrong_key_gets_the_sentence_of_the_api_as_plain_text_and_no_cookie(browser):
    answer = browser.post("/sign-in", data={"key": "trv_wrong"})
    assert answer.status_code == 401
    assert "The API key is not valid. Check &lt;it&gt;." in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("key", ["", "secret", "trv_with space", "trv_schlüssel", "trv_" + "x" * 5_000])
def test_what_cannot_be_a_key_is_not_even_sent(browser, api, key):
    api.is_up = False
    answer = browser.post("/sign-in", data={"key": key})
    assert answer.status_code == 422
    assert "begins with trv_" in answer.text


def test_spaces_around_a_pasted_key_do_no_harm(browser):
    assert browser.post("/sign-in", data={"key": f"  {KEY}\n"}).status_code == 303


def test_when_the_api_is_down_the_form_says_how_to_start_it(browser, api):
    api.is_up = False
    answer = browser.post("/sign-in", data={"key": KEY})
    assert answer.status_code == 502
    assert "trivium serve" in answer.text


def test_a_form_from_another_site_is_refused(browser):
    answer = browser.post("/sign-in", data={"key": KEY}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_nobody_is_led_to_another_site(browser, address):
    answer = browser.post("/sign-in", params={"next": address}, data={"key": KEY})
    assert answer.headers["location"] == "/"


def test_who_is_signed_in_does_not_see_the_form_again(browser):
    browser.post("/sign-in", data={"key": KEY})
    assert browser.get("/sign-in", params={"next": "/x"}).headers["location"] == "/x"


def test_after_the_end_of_a_session_the_form_says_why(browser):
    assert "Your session has ended" in browser.get("/sign-in?ended").text
    assert "Your session has ended" not in browser.get("/sign-in").text


def test_after_twelve_hours_one_is_a_stranger_again(browser, clock: FixedClock):
    browser.post("/sign-in", data={"key": KEY})
    clock.advance(hours=12)
    assert browser.get("/", headers=HTML).status_code == 303


def test_a_stranger_may_not_upload_but_a_watchdog_may_ask_for_health(browser):
    assert browser.put("/_stcore/upload_file/x").status_code == 401
    assert browser.get("/_stcore/health").status_code == 200


def test_no_page_may_load_from_or_send_to_another_site(browser):
    browser.post("/sign-in", data={"key": KEY})
    policy = browser.get("/", headers=HTML).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "img-src 'self' data: blob:" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy


def test_the_form_runs_no_script_at_all(browser):
    policy = browser.get("/sign-in").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_the_form_lists_what_one_signs_in_to(browser):
    assert "Support desk" in browser.get("/sign-in").text
