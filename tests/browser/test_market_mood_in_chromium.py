"""The monitor's pages in Chromium, over its API with invented news: from an alert to the words that decided."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.browser.running_house import _free_ports as free_ports
from tests.browser.screen import Screen, open_browser
from tests.ui.mood_api import mood_api
from tests.ui.support_desk import listening

STARTS_WITHIN_S = 120
KEY = "trv_abcdefgh_secret"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages in a process of their own, before an API that answers at once."""
    app, _ = mood_api(datetime.now(UTC).replace(microsecond=0))
    with listening(app) as api:
        port = str(free_ports(1)[0])
        environment = {
            "TRIVIUM_HOME": str(tmp_path_factory.mktemp("home")),
            "TRIVIUM_PORT": api.rpartition(":")[2],
            "TRIVIUM_DASHBOARD_PORT": port,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "core.cli", "dashboard"],
            env={**os.environ, **environment},
            start_new_session=True,
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}", process)
        finally:
            os.killpg(process.pid, 15)
            process.wait(20)


def _ready(site: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the pages ended while starting"
        try:
            if httpx.get(f"{site}/_stcore/health", timeout=2, trust_env=False).status_code == 200:
                return site
        except httpx.HTTPError:
            time.sleep(0.2)  # not listening yet
    raise AssertionError(f"the pages were not ready in {STARTS_WITHIN_S} s")


@pytest.fixture
def market(chromium: str, pages: str, tmp_path: Path) -> Iterator[Screen]:
    """A browser on the monitor's page."""
    with open_browser(chromium, tmp_path / "profile", pages) as screen:
        screen.visit("/")
        screen.sign_in(KEY)
        screen.see("[data-testid=stSidebarNav] a", "Market mood").click()
        screen.see("h1", "Market mood")
        yield screen


def test_from_an_open_alert_to_the_words_that_decided(market: Screen):
    market.press("Dunmallow Foods")
    market.see("h3", "Dunmallow Foods")
    assert "against" in market.read(".st-key-mood-alert")
    market.press("Safety agency demands")
    market.see(".st-key-mood-document .mood-title")
    assert "words for it" in market.read(".mood-legend")


def test_a_text_stands_beside_its_companys_curve(market: Screen):
    market.visit(_address("view=Company&company=dunmallow&document=9000"))
    market.see(".st-key-mood-document .mood-title")
    curves = market.wait(
        lambda: market.run(
            "return [...document.querySelectorAll('.vega-embed')].map(c => c.getBoundingClientRect().x)"
        ),
        "the curves",
    )
    assert len(curves) == 2
    assert curves[0] == curves[1]
    width = market.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["Watchlist", "Company", "Alerts", "Correct", "Sources", "Model"])
def test_everything_can_be_read(market: Screen, view: str, scheme: str):
    market.prefer(scheme)
    market.visit(_address(f"view={view}&company=dunmallow&document=9000"))
    market.see("h1", "Market mood")
    market.wait_for_calm()
    assert market.poor_contrasts() == []


def _address(query: str) -> str:
    return f"/finance_sentiment?{query}"
