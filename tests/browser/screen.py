"""A person at a browser, in a few verbs. Waits for what it looks for, so that no test sleeps."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE_S = 20
WIDTH, HEIGHT = 1280, 720
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

# The contrast of every visible text with what lies behind it, by WCAG 2; below 4.5 is reported (3 for large text).
_CONTRAST = """
const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const over = (colours) => {
  canvas.clearRect(0, 0, 1, 1);
  for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const poor = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement, words = walker.currentNode.data.trim();
  if (!words || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
  if (element.closest("script, style, noscript, [disabled], [data-testid=stIconMaterial]")) continue;
  const style = getComputedStyle(element), grounds = [];
  for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
  const ground = over(["white", ...grounds]), ink = over(["white", ...grounds, style.color]);
  const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (ratio < (isLarge ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${words.slice(0, 40)}`);
}
return poor;
"""


class Screen:
    """One browser window."""

    def __init__(self, driver: webdriver.Chrome, site: str) -> None:
        self.driver = driver
        self.site = site
        self._complaints: list[str] = []

    def visit(self, path: str) -> None:
        """Open an address of the site."""
        self.driver.get(self.site + path)

    def sign_in(self, key: str) -> None:
        """Type the key, press Enter."""
        self.see("#key").send_keys(key + Keys.ENTER)

    def see(self, css: str, words: str = "") -> WebElement:
        """Wait for a visible element that holds the words."""
        return self.wait(lambda: self._visible(css, words), f"{css} with {words!r}")  # type: ignore[no-any-return]

    def read(self, css: str, words: str = "") -> str:
        """Wait for a visible element that holds the words. returns: all that it says"""

        def text() -> str:
            found = self._visible(css, words)
            return found.text if found else ""

        return self.wait(text, f"{css} with {words!r}")  # type: ignore[no-any-return]

    def see_no(self, css: str, words: str = "") -> None:
        """Wait until no visible element holds the words."""
        self.wait(lambda: not self._visible(css, words), f"no {css} with {words!r}")

    def fill(self, name: str, words: str) -> None:
        """Type into the field with this label, then Enter."""
        self.see(f'input[aria-label="{name}"]').send_keys(words + Keys.ENTER)

    def press(self, words: str) -> None:
        """Click the button with these words."""

        def click() -> bool:
            button = self._visible("button", words)
            if button:
                button.click()
            return bool(button)

        self.wait(click, f"button {words!r}")

    def ask(self, question: str) -> str:
        """Put a question to the desk. returns: what the answer card says"""
        self.fill("Customer's question", question)
        self.see(".st-key-support-answer .question", question)
        self.wait_for_calm()
        return self.read(".st-key-support-answer")

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until the condition gives something true."""

        def settled(_: webdriver.Chrome) -> Any:
            try:
                return condition()
            except StaleElementReferenceException:
                return False  # the page was drawn anew in the middle

        try:
            return WebDriverWait(self.driver, PATIENCE_S, 0.1).until(settled)
        except TimeoutException:
            shown = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"did not see {what}; the page at {self.driver.current_url} shows:\n{shown}") from None

    def wait_for_calm(self) -> None:
        """Wait until Streamlit's run is over and nothing is fading any more."""
        calm = """
        return !document.querySelector("[data-testid=stStatusWidget], [data-stale=true]")
          && document.getAnimations().every(animation => animation.playState !== "running")"""
        self.wait(lambda: self.run(calm), "a page at rest")

    def run(self, script: str, *args: Any) -> Any:
        """Run JavaScript in the page."""
        return self.driver.execute_script(script, *args)

    def poor_contrasts(self) -> list[str]:
        """Texts that stand out too little from their ground."""
        return self.run(_CONTRAST)  # type: ignore[no-any-return]

    def prefer(self, scheme: str) -> None:
        """Ask for light or dark pages, as the operating system would."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def complaints(self) -> list[str]:
        """Errors on the console since the browser opened: scripts that failed, loads that were blocked."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        self._complaints += [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
        return self._complaints

    def _visible(self, css: str, words: str) -> WebElement | None:
        found = self.driver.find_elements(By.CSS_SELECTOR, css)
        return next((element for element in found if element.is_displayed() and words in element.text), None)


@contextmanager
def open_browser(chromium: str, profile: Path, site: str) -> Iterator[Screen]:
    """A headless Chromium with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        yield Screen(driver, site)
    finally:
        driver.quit()
