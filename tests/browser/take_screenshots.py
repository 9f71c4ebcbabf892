"""Take the README's screenshots anew: `python -m tests.browser.take_screenshots docs/images`. No test."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.browser.running_house import running_house
from tests.browser.screen import open_browser

QUESTION = "What does it cost to pay in euros with my card?"


def take(folder: Path) -> None:
    """Start the demo, ask, open the source; 1280 by 720, light."""
    chromium = shutil.which("chromium") or sys.exit("install chromium and chromium-driver first")
    with (
        tempfile.TemporaryDirectory() as place,
        running_house(Path(place)) as house,
        open_browser(chromium, Path(place) / "profile", house.pages) as screen,
    ):
        screen.prefer("light")
        screen.visit("/")
        screen.sign_in(house.key)
        screen.ask(QUESTION)
        screen.wait_for_calm()
        screen.driver.save_screenshot(str(folder / "support-ask.png"))
        screen.press("[1]")
        screen.see(".document mark.chosen")
        screen.wait_for_calm()
        screen.driver.save_screenshot(str(folder / "support-citation.png"))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
