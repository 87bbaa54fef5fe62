"""The pages of figures: the catalogue, an indicator with who says so, zones side by side."""

import re

import httpx
import pytest

from tests.explorer.conftest import Page, read
from tests.explorer.test_pages import spoken

PAGES = (
    "/indicators",
    "/indicators?nature=target",
    "/indicators?q=nothing-has-this-word",
    "/indicators/gdp",
    "/indicators/gdp?measure=growth",
    "/indicators/area",
    "/indicators/area?scope=zone",
    "/indicators/area?zone=baiyin&unit=mu",
    "/indicators/zones?as_of=2013-12-31",
    "/compare",
    "/compare?zone=baiyin",
    "/compare?q=nothing-has-this-word",
    "/compare?zone=baiyin&zone=shenyang&zone=zhongguancun",
)


def rows_of(page: Page) -> list[str]:
    """The rows of the tables of a page, as words."""
    rows = re.findall(r"<tr.*?</tr>", page.text, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stays_in_the_house(real: httpx.Client, path: str, lang: str) -> None:
    page = read(real, spoken(path, lang))
    own = [one for one in page.links if not one.startswith(("/v1", "/docs", "#", "/problems"))]
    assert all(one.startswith("/") for one in page.assets)
    assert not page.attributes & {"style", "onclick", "onload"}
    assert page.tags.count("h1") == 1
    assert lang == "en" or [one for one in own if "lang=zh" not in one] == [spoken(path, "en")]


def test_the_catalogue_has_every_indicator_and_its_newest_figure(real: httpx.Client) -> None:
    page = read(real, "/indicators")
    every = real.get("/v1/indicators?limit=1000").json()["data"]
    assert {f"/indicators/{one['id']}" for one in every} <= set(page.links)
    gdp = next(row for row in rows_of(page) if row.startswith("GDP Flow"))
    assert "12.33 trillion yuan January 2023 to September 2023" in gdp
    assert "State Council" in gdp


def test_the_gdp_over_time_and_who_says_so(real: httpx.Client) -> None:
    page = read(real, "/indicators/gdp")
    chart = "/v1/statistics/series?indicator=gdp&scope=national&coverage=whole"
    assert f"{chart}&format=svg" in page.assets
    assert {chart, f"{chart}&format=csv"} <= set(page.links)
    rows = rows_of(page)
    assert next(row for row in rows if row.startswith("2019 ")).startswith(
        "2019 12.2 trillion yuan State Council , 1 July 2020 created 12.2 trillion yuan in output"
    )
    assert "2013 to 2018 no figure known" in rows
    assert "/documents/govcn-2020-07-01-exec-meeting" in page.links
    assert "Must not be taken for" in page.words


def test_natures_stand_beside_each_other_and_are_named(real: httpx.Client) -> None:
    rows = rows_of(read(real, "/indicators/revenue"))
    assert any(row.startswith("2016 28.3 trillion yuan forecast China Daily") for row in rows)
    assert any(row.startswith("2016 27.9 trillion yuan China Daily") for row in rows)
    assert any(row.startswith("2021 over 48 trillion yuan forecast") for row in rows)


def test_rivals_are_told_with_why_they_are_not_preferred(real: httpx.Client) -> None:
    page = read(real, "/indicators/area?zone=baotou-rare-earth")
    row = next(one for one in rows_of(page) if "but 49" in one)
    assert "120 km²" in row
    assert "but 49 km²" in row
    assert "more recent" in row


def test_what_is_worked_out_names_its_figures_or_why_there_is_none(real: httpx.Client) -> None:
    grown = rows_of(read(real, "/indicators/gdp?measure=growth"))
    row = next(one for one in grown if one.startswith("2021 12.5 %"))
    assert "worked out of 2020 : 13.6 trillion yuan — Yicai Global" in row
    assert any("There is no figure for 2022-01/2022-09." in one for one in grown)
    assert any("a source itself says 7.11 %" in one for one in grown)
    shared = read(real, "/indicators/gdp?measure=share")
    assert "It is the national figure itself." in shared.words


def test_another_unit_and_an_earlier_date_are_links_of_the_state(real: httpx.Client) -> None:
    page = read(real, "/indicators/gdp?lang=zh&as_of=2021-01-01")
    assert "/indicators/gdp?as_of=2021-01-01&unit=yi_yuan&lang=zh" in page.links
    shown = read(real, "/indicators/gdp?as_of=2021-01-01&unit=yi_yuan&lang=zh")
    (row,) = (row for row in rows_of(shown) if re.match(r"\d{4}年", row))
    assert row.startswith(
        "2019年 122,000 亿元 国务院 ， 2020年7月1日 created 12.2 trillion yuan in"
    )


def test_a_wrong_parameter_leads_back_to_the_page(real: httpx.Client) -> None:
    assert "/indicators/gdp" in read(real, "/indicators/gdp?foo=1", 422).links
    assert "/indicators/gdp" in read(real, "/indicators/gdp?format=csv", 422).links
    assert "/compare?zone=chengdu" in read(real, "/compare?zone=chengd", 422).links
    read(real, "/indicators/none", 404)


def test_zones_stand_side_by_side(real: httpx.Client) -> None:
    page = read(real, "/compare?zone=baiyin&zone=shenyang&zone=hefei")
    rows = rows_of(page)
    assert "Place Baiyin, Gansu West Shenyang, Liaoning Northeast Hefei, Anhui Central" in rows
    assert any(
        row.startswith("National approval September 2010 known to the month 6 March 1991 known to")
        for row in rows
    )
    assert any(row.startswith("Shared Biomedicine Baiyin, Shenyang") for row in rows)
    assert any("over 2,000 enterprises" in row and "target" in row for row in rows)
    assert "/compare?zone=baiyin&zone=hefei" in page.links  # without Shenyang
    assert "<code>/v1/statistics/table?zone=baiyin" in page.text


def test_a_zone_is_added_by_any_of_its_names(real: httpx.Client) -> None:
    for words in ("成都", "Chengdu", "chengdu"):
        answer = real.get("/compare", params={"zone": "baiyin", "q": words}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/compare?zone=baiyin&zone=chengdu",
        )
    several = read(real, "/compare?zone=baiyin&q=fuzhou")
    assert "/compare?zone=baiyin&zone=fuzhou-fujian" in several.links


def test_fewer_than_two_zones_say_how_to_begin(real: httpx.Client) -> None:
    for path in ("/compare", "/compare?zone=chengdu"):
        links = [one for one in read(real, path).links if one.count("zone=") > 1]
        assert len(links) == 3
    assert all(one.startswith("/compare?zone=chengdu&") for one in links)


def test_more_than_five_zones_are_refused(real: httpx.Client) -> None:
    six = ("baiyin", "chengdu", "hefei", "ankang", "shenyang", "anyang")
    page = read(real, f"/compare?{'&'.join(f'zone={one}' for one in six)}", 422)
    assert f"/compare?{'&'.join(f'zone={one}' for one in six[:5])}" in page.links
