"""Every page, in both languages, on a phone and at a desk, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.explorer.browser.addresses import PAGES, Address
from tests.explorer.browser.conftest import DESKTOP, PHONE, Reader, reading

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.matrix
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
KINDS = pytest.mark.parametrize("address", PAGES, ids=lambda one: one.path + "-twice" * one.twice)
IMAGES = """[...document.images].filter(one => !(one.getAttribute("width") && one.alt
  && one.getAttribute("height") && one.complete && one.naturalWidth)).map(one => one.outerHTML)"""
SENT = """["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.transferSize, 0)"""
WIDER = """(() => {
  const wide = document.documentElement.clientWidth, scrolls = ".wide, nav, pre, .map";
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")].filter(one =>
    one.getBoundingClientRect().right > wide + 1 && !one.parentElement.closest(scrolls))
    .map(one => one.outerHTML.slice(0, 120));
})()"""
"""What makes the page itself scroll sideways."""
SETTLED = """Promise.all([...document.images].map(one => one.decode().catch(() => null)))
  .then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
  .then(() => null)"""
"""Wait until images that came into view are there and drawn."""
LANDMARKS = ("banner", "navigation", "main", "contentinfo")


def flaws(reader: Reader, **only: object) -> list[str]:
    """What axe finds on a page, each with the first elements that have it."""
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, Any] = Axe().run(reader.page, options={**RULES, **only}).response
    return [
        f"{one['id']} ({one['help']}): {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found["violations"]
    ]


@KINDS
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_page_is_whole(
    browser: Browser, base: str, lang: str, address: Address, size: tuple[int, int]
) -> None:
    pytest.importorskip("axe_playwright_python", reason="the extra `browser` is not installed")
    with reading(browser, base, size, color_scheme="light") as reader:
        reader.open(address.spoken(lang), address.status)
        sent = reader.asked(SENT)
        reader.page.mouse.wheel(0, 100_000)
        reader.asked(SETTLED)
        noted = reader.asked("noted")
        assert noted["refused"] == []
        assert noted["shift"] < 0.05
        assert 1000 < sent < 100_000
        assert reader.asked(IMAGES) == []
        assert reader.page.locator("h1").count() == 1
        page: Any = reader.page
        for role in LANDMARKS:
            assert page.get_by_role(role).count() >= 1, role
        assert reader.asked(WIDER) == []
        reader.asked("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert reader.asked(WIDER) == []
        assert flaws(reader) == []
        reader.page.emulate_media(color_scheme="dark")
        assert flaws(reader, runOnly=["color-contrast", "link-in-text-block"]) == []
        assert reader.faults == []


@KINDS
def test_a_page_says_the_same_without_scripts(
    browser: Browser, base: str, address: Address
) -> None:
    def told(scripts: bool) -> list[str]:
        with reading(browser, base, DESKTOP, java_script_enabled=scripts) as reader:
            reader.open(address.path, address.status)
            assert reader.faults == []
            return str(reader.page.locator("main").inner_text()).split()

    assert told(False) == told(True)
    assert len(told(False)) > 5


@KINDS
def test_a_page_prints(browser: Browser, base: str, address: Address) -> None:
    with reading(browser, base, DESKTOP, color_scheme="dark") as reader:
        reader.open(address.spoken("zh"), address.status)
        reader.page.emulate_media(media="print")
        assert reader.page.locator("h1").is_visible()
        for around in ("header nav", ".search", ".tools", ".api"):
            assert reader.page.locator(f"{around}:visible").count() == 0, around
        paper = reader.asked("getComputedStyle(document.body).backgroundColor")
        assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        assert reader.asked(WIDER) == []
        assert len(reader.page.pdf(format="A4")) > 5000
