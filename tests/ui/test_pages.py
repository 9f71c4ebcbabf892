import sys
from types import ModuleType

import pytest
from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from core.app import App, BrokenApp
from core.errors import Invalid
from ui.client import Client, KeyRefused


def house(client, apps, broken, ended):
    from ui.pages import show_house

    show_house(client, apps, broken, end_session=lambda: ended.append(True))


def app(name: str, dashboard: str = "", icon: str = ":material/bolt:") -> App:
    return App(
        name=name,
        title=name.title(),
        icon=icon,
        path=f"/v1/{name}",
        summary="A page of a test.",
        router=lambda _: APIRouter(),
        dashboard=dashboard,
    )


@pytest.fixture
def pages_of_a_stranger(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of another package, with pages that go well and wrong."""
    module = ModuleType("stranger")

    def good(client: Client) -> None:
        import streamlit as st

        st.title("All is well")

    def crashing(client: Client) -> None:
        raise RuntimeError("secret inside")

    def told(client: Client) -> None:
        raise Invalid("the *question* is empty", remedy="ask one")

    def revoked(client: Client) -> None:
        raise KeyRefused("The API key was revoked.")

    for function in (good, crashing, told, revoked):
        setattr(module, function.__name__, function)
    monkeypatch.setitem(sys.modules, "stranger", module)
    return module


async def ready(_: Request) -> Response:
    return JSONResponse({"status": "ready", "checks": {}, "apps": [], "broken": ["weather"]})


API = Starlette(routes=[Route("/health/ready", ready)])


def show(client: Client, *apps: App, broken: tuple[BrokenApp, ...] = ()) -> tuple[AppTest, list[bool]]:
    ended: list[bool] = []
    args = {"client": client, "apps": apps, "broken": broken, "ended": ended}
    return AppTest.from_function(house, kwargs=args, default_timeout=20).run(), ended


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_the_first_apps_page_is_shown(client_of):
    screen, _ = show(client_of(API), app("first", "stranger:good"), app("second", "stranger:crashing"))
    assert [title.value for title in screen.title] == ["All is well"]
    assert not screen.exception


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_a_page_that_crashes_is_one_sentence_without_its_inside(client_of):
    screen, _ = show(client_of(API), app("first", "stranger:crashing"))
    assert [error.value for error in screen.error] == [
        r"Something went wrong on the page of First:"
        "\u2060 reload it; if it stays, report it with the time, and the log of the pages tells the rest.".replace(
            ";", r"\;"
        )
        .replace(",", r"\,")
        .replace(".", r"\.")
    ]
    assert not screen.exception


def test_a_page_that_cannot_be_imported_says_so_and_why(client_of):
    screen, _ = show(client_of(API), app("first", "no_such_module:render"))
    (error,) = screen.error
    assert "The page of First could not be opened" in error.value
    assert r"No module named \'no\_such\_module\'" in error.value


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_an_error_is_plain_text_whatever_it_quotes(client_of):
    screen, _ = show(client_of(API), app("first", "stranger:told"))
    assert screen.error[0].value.startswith(r"The \*question\* is empty")


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_a_key_that_no_longer_works_ends_the_session_and_leads_to_the_form(client_of):
    screen, ended = show(client_of(API), app("first", "stranger:revoked"))
    assert ended == [True]
    assert any("/sign-in?ended&next=" in html.proto.body for html in screen.get("html"))


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_signing_out_ends_the_session_and_leads_to_the_form(client_of):
    screen, ended = show(client_of(API), app("first", "stranger:good"))
    (button,) = (button for button in screen.sidebar.button if button.label == "Sign out")
    button.click().run()
    assert ended == [True]
    assert any('replace("/sign-in?next="' in html.proto.body for html in screen.get("html"))


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_an_app_that_cannot_be_opened_is_named_and_the_others_work(client_of):
    screen, _ = show(client_of(API), app("first", "stranger:good"), broken=(BrokenApp("weather", "ImportError: x"),))
    assert [title.value for title in screen.title] == ["All is well"]
    assert screen.sidebar.warning[0].value == "weather could not be opened: ImportError:\u2060 x"


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_an_app_whose_icon_does_not_exist_is_named_and_the_others_work(client_of):
    odd = app("odd", "stranger:good", icon=":material/no_such_icon:")
    screen, _ = show(client_of(API), app("first", "stranger:good"), odd)
    assert [title.value for title in screen.title] == ["All is well"]
    assert screen.sidebar.warning[0].value.startswith("odd could not be opened")


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_the_sidebar_says_who_is_signed_in_and_how_the_api_is(client_of):
    screen, _ = show(client_of(API), app("first", "stranger:good"))
    captions = [caption.value for caption in screen.sidebar.caption]
    assert ":material/check_circle: The API is ready" in captions
    assert ":material/warning: weather does not run in the API" in captions
    assert r"Signed in with trv\_abcdefgh…" in captions


@pytest.mark.usefixtures("pages_of_a_stranger")
def test_the_sidebar_says_when_the_api_is_not_ready(client_of):
    screen, _ = show(client_of(Starlette()), app("first", "stranger:good"))
    assert ":material/error: The API is not ready" in [caption.value for caption in screen.sidebar.caption]


def test_a_house_without_pages_says_what_to_do(client_of):
    screen, _ = show(client_of(API), app("first"))
    assert "No installed app has a page" in screen.info[0].value
