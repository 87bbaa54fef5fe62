"""A real browser, and readers of the explorer who note what they should never see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from re import Pattern
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.clients.test_browser import BROWSER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

PHONE, DESKTOP = (360, 740), (1280, 800)
NOTED = """
window.noted = {shift: 0, refused: []};
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) noted.shift += one.value;
}).observe({type: "layout-shift", buffered: true});
document.addEventListener("securitypolicyviolation", event =>
  noted.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
"""What a page itself must tell: how far its parts jumped, and what its policy refused."""


class Reader:
    """Somebody in front of a browser."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.faults: list[str] = []
        """What the console said, and who else was asked for something."""
        self.clicks = 0
        self._missing = ""
        page.add_init_script(NOTED)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._follow)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and said.location["url"] != self._missing:
            self.faults.append(f"console: {said.text} {said.location['url']}")

    def _follow(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def open(self, path: str, status: int = 200) -> None:
        """Open a page and wait until nothing moves; one that fails may say so in the console."""
        self._missing = self.base + path if status != 200 else ""
        answer = self.page.goto(self.base + path, wait_until="load")
        assert answer
        assert answer.status == status, path

    def click(self, target: Locator) -> None:
        """Click, which counts."""
        self.clicks += 1
        target.click()
        self.page.wait_for_load_state("load")

    def link(self, name: str | Pattern[str], within: str = "main") -> Locator:
        """The first link that says so."""
        return self.page.locator(within).get_by_role("link", name=name).first

    @property
    def at(self) -> str:
        """Where the reader is."""
        return str(self.page.url).removeprefix(self.base)

    def asked(self, script: str) -> Any:
        """What the page answers to a line of JavaScript."""
        return self.page.evaluate(script)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, driven by playwright."""
    api = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    if not BROWSER:
        pytest.skip("there is no chromium")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def reading(browser: Browser, base: str, size: tuple[int, int], **other: Any) -> Iterator[Reader]:
    """A reader whose browser has kept nothing yet."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **other
    )
    try:
        yield Reader(context.new_page(), base)
    finally:
        context.close()


@pytest.fixture
def base(request: pytest.FixtureRequest) -> str:
    """Where the explorer of the real knowledge is, or the one that an address is of."""
    asked = getattr(request.node, "callspec", None)
    address = asked.params.get("address") if asked else None
    client: httpx.Client = request.getfixturevalue("twice" if address and address.twice else "real")
    parts = urlsplit(str(client.base_url))
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture
def reader(browser: Browser, base: str) -> Iterator[Reader]:
    """A reader at a desk, who in the end has seen nothing amiss."""
    grants = ["clipboard-read", "clipboard-write"]
    with reading(browser, base, DESKTOP, permissions=grants) as one:
        yield one
        assert one.faults == []


@pytest.fixture
def counted(reader: Reader, record_property: Callable[[str, object], None]) -> Iterator[Reader]:
    """The same, whose clicks are told at the end."""
    yield reader
    record_property("clicks", reader.clicks)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many clicks each task takes."""
    for one in terminalreporter.stats.get("", ()):
        for name, value in one.user_properties if one.when == "teardown" else ():
            terminalreporter.line(f"{one.nodeid.rpartition('::')[2]}: {value} {name}")
