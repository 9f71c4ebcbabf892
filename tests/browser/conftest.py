"""Chromium, and a house for it to visit."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.running_house import House, running_house
from tests.browser.screen import Screen, open_browser


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) and shutil.which("chromedriver"):
            return found
    pytest.skip("no Chromium with chromedriver on this machine: apt-get install chromium chromium-driver")


@pytest.fixture(scope="session")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One demo for all tests here, in a home of its own."""
    with running_house(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def screen(chromium: str, house: House, tmp_path: Path) -> Iterator[Screen]:
    """A fresh browser, 1280 by 720, that must not complain on its console: no failed script, no foreign address."""
    with open_browser(chromium, tmp_path / "profile", house.pages) as opened:
        yield opened
        assert opened.complaints() == []


@pytest.fixture
def desk(screen: Screen, house: House) -> Screen:
    """The browser, signed in, on the support desk."""
    screen.visit("/")
    screen.sign_in(house.key)
    screen.see("h1", "Support desk")
    return screen
