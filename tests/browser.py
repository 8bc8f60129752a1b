"""A headless Chromium for tests of pages, and what it had to complain about.

Debian's ``chromium`` and ``chromium-driver`` with selenium; where one of them is
missing, `start_browser` says which.
"""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:  # the development tools are there without it, too
    webdriver = None

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRIVERS = ("chromedriver", "chromium.chromedriver")
SWITCHES = (
    *("--headless=new", "--no-first-run", "--hide-scrollbars"),
    *("--disable-gpu", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-dev-shm-usage", "--disable-sync"),
)
# What a page may load: itself, and what it carries inside.
OWN_SCHEMES = ("file:", "data:", "about:", "blob:")


def find_program(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def why_no_browser() -> str:
    """Say what is missing for tests in a browser; empty if nothing is."""
    if webdriver is None:
        return "selenium is not installed"
    if find_program(BROWSERS) is None:
        return "no chromium here"
    return "" if find_program(DRIVERS) else "no chromedriver here"


def why_no_pdf_reader() -> str:
    """Say what is missing to read a print; empty if nothing is."""
    return "" if shutil.which("pdftotext") else "no pdftotext here"


needs_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser()),
]
# Names of classes and files that a page must only show.
HOSTILE = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 2">',
    "كرسي مقعد \u202eabc",
    "w" * 300,
)


class Browser:
    """A browser window, with the shortcuts tests want."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, address: Path | str, *, fragment: str = "") -> None:
        """Open a page and wait until its viewers have drawn."""
        text = address.as_uri() if isinstance(address, Path) else address
        # An address that differs only in its fragment would not be loaded anew.
        self.driver.get("about:blank")
        self.complaints(), self.requests()  # those of the page before
        self.driver.get(text + fragment)
        self.ask("return window.atssInspect ? window.atssInspect.ready : null")
        self.settle()

    def ask(self, script: str, *values: Any) -> Any:
        """Run a script, on values if need be; a promise of its is waited for."""
        return self.driver.execute_script(script, *values)

    def settle(self) -> None:
        """Wait until what has changed is drawn."""
        self.driver.set_script_timeout(60)
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )

    def shown(self) -> dict[str, Any]:
        """Read what the viewer draws."""
        self.settle()
        found: dict[str, Any] = self.ask("return window.atssInspect.shown()")
        return found

    def ground(self) -> str:
        color: str = self.ask("return getComputedStyle(document.body).backgroundColor")
        return color

    def assert_fits(self) -> None:
        """Require that the page is no wider than the window."""
        width = "document.documentElement.scrollWidth"
        assert self.ask(f"return {width} <= window.innerWidth")

    def assert_harmless(self) -> None:
        """Require that no text of the data has acted, and nothing is complained of."""
        assert self.ask("return window.hacked === undefined")
        assert not self.find_all("[data-part=body] script, [data-part=body] img")
        assert self.complaints() == []

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def find_all(self, selector: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", selector)
        return found

    def text(self, selector: str) -> str:
        content: str = self.find(selector).get_property("textContent")
        return content

    def pointer(self) -> Any:
        """Begin a chain of what a mouse and a keyboard do."""
        return webdriver.ActionChains(self.driver, duration=0)

    def press(self, *keys: str) -> None:
        """Press keys on the page as a whole."""
        self.pointer().send_keys(*keys).perform()

    def resize(self, width: int, height: int, *, ratio: float = 1) -> None:
        """Give the page a size in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": ratio}
        mobile = width < 600
        self.command("Emulation.setDeviceMetricsOverride", **size, mobile=mobile)
        self.settle()

    def prefer(self, scheme: str = "light", *, medium: str = "") -> None:
        """Be light or dark, or paper."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=medium, features=features)
        self.settle()

    def printed(self) -> list[str]:
        """Print the page on A4, and read each sheet; see `why_no_pdf_reader` first."""
        size = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
        content = self.command("Page.printToPDF", printBackground=True, **size)["data"]
        words = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
        pdf = base64.b64decode(content)
        text = subprocess.run(words, input=pdf, capture_output=True, check=True).stdout
        return text.decode("utf-8").split("\f")[:-1]

    def command(self, name: str, **values: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, values)

    def complaints(self) -> list[str]:
        """Take what the console said since the last call: errors and warnings."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Take the addresses asked for since the last call, the page's own apart."""
        log = self.driver.get_log("performance")
        messages = [json.loads(entry["message"])["message"] for entry in log]
        asked = "Network.requestWillBeSent"
        sent = [each["params"] for each in messages if each["method"] == asked]
        addresses = [each["request"]["url"] for each in sent]
        return [each for each in addresses if not each.startswith(OWN_SCHEMES)]


@contextlib.contextmanager
def start_browser() -> Iterator[Browser]:
    """Lend a browser with a fresh profile; see `why_no_browser` first."""
    with tempfile.TemporaryDirectory(prefix="atss-inspect-browser-") as profile:
        options = Options()
        options.binary_location = find_program(BROWSERS)
        for switch in (*SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        if os.name == "posix" and os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        logs = {"browser": "ALL", "performance": "ALL"}
        options.set_capability("goog:loggingPrefs", logs)
        service = Service(executable_path=find_program(DRIVERS))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            browser = Browser(driver)
            browser.resize(1280, 860)
            yield browser
        finally:
            driver.quit()
