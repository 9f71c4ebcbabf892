"""What Streamlit runs for each visitor: who is there, which apps are installed, the page that is asked for.

Names no app. One that cannot be opened, or a page that fails, is one sentence on the screen, and the others work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import streamlit as st
from pydantic import BaseModel
from streamlit.errors import StreamlitAPIException

from core.app import App, BrokenApp, installed_apps
from core.errors import TriviumError
from ui.client import ApiProblem, Client, KeyRefused, connect
from ui.sessions import COOKIE, sessions
from ui.text import label
from ui.widgets import show_problem

API_CHECKED_EVERY_S = 30
SIDEBAR_PX = 230
_STYLES = Path(__file__).with_name("theme.css")
_ICON = Path(__file__).with_name("icon.svg")  # Streamlit would fetch a Material icon for the tab from another host
_LEAVE = """<script>
location.replace("/sign-in?%snext=" + encodeURIComponent(location.pathname + location.search));
</script>"""

_log = logging.getLogger(__name__)


class PageUnavailable(TriviumError):
    """An app's page could not be imported."""

    def __init__(self, app: App, reason: Exception) -> None:
        super().__init__(
            f"the page of {app.title} could not be opened ({type(reason).__name__}: {reason})",
            remedy="reinstall the app, or remove it; the other pages work",
        )


class PageFailed(TriviumError):
    """An app's page raised what it should have caught."""

    def __init__(self, app: App) -> None:
        super().__init__(
            f"something went wrong on the page of {app.title}",
            remedy="reload it; if it stays, report it with the time, and the log of the pages tells the rest",
        )


class _Readiness(BaseModel):
    broken: list[str] = []


def visit() -> None:
    """Serve one run of one visitor's page."""
    st.set_page_config(page_title="Trivium", page_icon=str(_ICON), layout="wide", initial_sidebar_state=SIDEBAR_PX)
    token = st.context.cookies.get(COOKIE)
    key = sessions().key(token)
    if key is None:
        leave(ended=True)
    else:
        show_house(connect(key), *installed_apps(), end_session=lambda: sessions().end(token))


def leave(*, ended: bool) -> None:
    """Send the browser to the sign-in form, and back here afterwards. ended: not by the visitor's own wish"""
    st.html(_LEAVE % ("ended&" if ended else ""), unsafe_allow_javascript=True)
    st.markdown("You are signed out. [Sign in](/sign-in)")


def show_house(
    client: Client, apps: Sequence[App], broken: Sequence[BrokenApp], end_session: Callable[[], None]
) -> None:
    """Draw the navigation, the page that is asked for, and who is signed in."""
    st.html(_STYLES)
    st.logo(str(_ICON), size="large")
    pages: list[st.Page] = []
    unshown = list(broken)
    for app in apps:
        try:
            pages += [_page(app, client, end_session)] if app.dashboard else []
        except StreamlitAPIException as error:  # Streamlit does not know the icon, say
            unshown.append(BrokenApp(app.name, str(error)))
    if pages:
        st.navigation(pages).run()
    else:
        st.title("Trivium")
        st.info("No installed app has a page: install one, then start the pages again.")
    with st.sidebar:
        for one in unshown:
            st.warning(f"{label(one.name)} could not be opened: {label(one.reason, most=300)}")
        _api_state(client)
        st.caption(f"Signed in with {label(client.key_prefix)}…")
        if st.button("Sign out", icon=":material/logout:", width="stretch"):
            end_session()
            leave(ended=False)


def _page(app: App, client: Client, end_session: Callable[[], None]) -> st.Page:
    def show() -> None:
        try:
            render = _render_function(app)
            render(client)
        except KeyRefused:
            end_session()
            leave(ended=True)
        except TriviumError as error:
            show_problem(error)
        except Exception:  # noqa: BLE001  a stranger's page may fail in any way; the house must stand
            _log.exception("the page of %s failed", app.name)
            show_problem(PageFailed(app))

    show.__name__ = app.name
    return st.Page(show, title=label(app.title), icon=app.icon, url_path=app.name, help=label(app.summary, most=300))


def _render_function(app: App) -> Callable[[Client], None]:
    """raises: PageUnavailable"""
    module, _, function = app.dashboard.partition(":")
    try:
        render: Callable[[Client], None] = getattr(import_module(module), function)
    except Exception as error:
        _log.exception("the page of %s could not be imported", app.name)
        raise PageUnavailable(app, error) from error
    return render


@st.fragment(run_every=API_CHECKED_EVERY_S)
def _api_state(client: Client) -> None:
    try:
        readiness = client.get("/health/ready", _Readiness)
    except ApiProblem as problem:
        said = "is not ready" if problem.status else "does not answer"
        st.caption(f":material/error: The API {said}", help=label(str(problem), most=300))
        return
    st.caption(":material/check_circle: The API is ready")
    for name in readiness.broken:
        st.caption(f":material/warning: {label(name)} does not run in the API", help="Its log says why.")


if __name__ == "__main__":
    visit()
