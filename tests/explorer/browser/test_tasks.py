"""What people come for, clicked through."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.explorer.browser.conftest import Reader

pytestmark = pytest.mark.xdist_group("browser")
IN = pytest.mark.parametrize("tail", ["", "?lang=zh"], ids=["en", "zh"])


def total(real: httpx.Client, asked: str) -> int:
    """How many rows the API has."""
    found: int = real.get(f"/v1/{asked}&limit=0").json()["meta"]["total"]
    return found


def rows(reader: Reader) -> int:
    """How many rows the table shows."""
    return int(reader.page.locator("main tbody tr").count())


@IN
def test_zones_approved_in_2010(counted: Reader, real: httpx.Client, tail: str) -> None:
    counted.open(f"/{tail}")
    counted.click(counted.link("2010"))
    assert "approved_year=2010" in counted.at
    assert rows(counted) == total(real, "zones?approved_year=2010") > 10


@IN
def test_zones_with_biomedicine_in_the_west(counted: Reader, real: httpx.Client, tail: str) -> None:
    zh = bool(tail)
    counted.open(f"/{tail}")
    counted.click(counted.link("生物医药" if zh else "biomedicine"))
    counted.click(counted.link("西部" if zh else "West", ".facets"))
    assert "industry=biomedicine" in counted.at
    assert rows(counted) == total(real, "zones?industry=biomedicine&region=west") > 2
    counted.page.go_back()
    assert rows(counted) == total(real, "zones?industry=biomedicine")
    assert "region" not in counted.at


@IN
def test_the_gdp_of_the_zones_and_who_says_so(counted: Reader, tail: str) -> None:
    counted.open(f"/{tail}")
    counted.click(counted.link(re.compile("GDP|生产总值")))
    assert counted.at == f"/indicators/gdp{tail}"
    assert counted.page.locator("main img").first.is_visible()
    who = counted.page.locator("tbody a[href^='/documents/']")
    assert who.count() > 5
    counted.click(who.first)
    assert counted.at.startswith("/documents/")
    assert counted.page.locator("q").count() > 0


def test_from_an_approval_to_the_words_that_state_it(counted: Reader) -> None:
    counted.open("/zones/baiyin")
    note = counted.page.locator(".timeline li", has_text="2010").locator(".cites a").first
    number = note.inner_text()
    counted.click(note)
    assert counted.at == f"/zones/baiyin#n{number}"
    phrase = counted.page.locator(f"#n{number} q")
    assert phrase.is_visible()
    assert "2010" in phrase.inner_text()


def test_two_zones_side_by_side(counted: Reader) -> None:
    counted.open("/zones?province=CN-GS")
    for box in counted.page.get_by_role("checkbox").all()[:2]:
        counted.click(box)
    counted.click(counted.page.locator("button[form=compare]"))
    assert counted.at.startswith("/compare?zone=")
    heads = counted.page.locator("main thead a[href^='/zones/']")
    assert heads.count() >= 2


def test_the_other_language_keeps_the_page(reader: Reader) -> None:
    reader.open("/zones?approved_year=2010&sort=-area_km2")
    shown = rows(reader)
    reader.click(reader.link("中文", "header"))
    assert reader.at == "/zones?approved_year=2010&sort=-area_km2&lang=zh"
    assert rows(reader) == shown
    assert reader.asked("document.documentElement.lang") == "zh-CN"
    reader.click(reader.link("English", "header"))
    assert reader.at == "/zones?approved_year=2010&sort=-area_km2"


def test_suggestions_by_keyboard(reader: Reader) -> None:
    reader.open("/zones")
    field = reader.page.get_by_role("combobox")
    options = reader.page.get_by_role("option")
    field.press_sequentially("baiyin")
    options.first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert options.count() == 0
    assert field.input_value() == "baiyin"
    field.press("Backspace")
    options.first.wait_for()
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert reader.page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    field.press("Enter")
    reader.page.wait_for_url("**/zones/baiyin")


def test_the_theme_stays(reader: Reader) -> None:
    def paper() -> str:
        colour: str = reader.asked("getComputedStyle(document.body).backgroundColor")
        return colour

    reader.open("/zones")
    light = paper()
    reader.click(reader.page.locator("[data-theme-button]"))
    dark = paper()
    reader.page.reload()
    assert paper() == dark != light
    reader.open("/zones?lang=zh")
    assert paper() == dark


def test_the_call_behind_a_page_is_copied(reader: Reader, real: httpx.Client) -> None:
    reader.open("/zones?approved_year=2010")
    reader.click(reader.page.locator(".api summary").first)
    reader.click(reader.page.locator(".copy button").first)
    copied: str = reader.asked("navigator.clipboard.readText()")
    assert copied == f"curl '{reader.base}/v1/zones?approved_year=2010'"


def test_a_keyboard_reaches_the_content_first(reader: Reader) -> None:
    reader.open("/zones")
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    assert reader.at == "/zones#content"
    assert reader.asked("document.activeElement.id") == "content"
