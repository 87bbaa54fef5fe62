"""Every page: it answers, stays in the house, keeps to its policy and says the same in Chinese."""

import json
from pathlib import Path

import httpx
import pytest

from app.explorer.map import outlines, project
from app.explorer.telling import date, number
from tests.explorer.conftest import read

PAGES = (
    *("/", "/search?q=biomedicine", "/zones", "/zones?province=CN-GS", "/zones?q=nothing-has-this"),
    *("/zones/ankang", "/zones/harbin"),
    *("/industries", "/industries?q=bio", "/industries/biomedicine", "/documents?tier=1"),
    *("/documents/ankang-development-history", "/coverage", "/coverage?zone=baiyin", "/changes"),
)


def spoken(path: str, lang: str) -> str:
    return path if lang == "en" else f"{path}{'&' if '?' in path else '?'}lang=zh"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nothing_from_elsewhere(real: httpx.Client, path: str, lang: str) -> None:
    page = read(real, spoken(path, lang))
    policy = page.answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert all(one.startswith("/") for one in page.assets)
    assert not page.attributes & {"style", "onclick", "onload"}
    assert "style" not in page.tags
    assert page.tags.count("h1") == 1
    assert page.tags.count("main") == 1
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page.text


@pytest.mark.parametrize("path", PAGES)
def test_links_keep_the_language_and_release(real: httpx.Client, path: str) -> None:
    page = read(real, spoken(path, "zh"))
    elsewhere = ("/v1", "/docs", "#", "/problems", "http")
    own = [one for one in page.links if not one.startswith(elsewhere)]
    switch = spoken(path, "en")
    assert own
    assert {one for one in own if "lang=zh" not in one} == {switch}


def test_what_is_sent_again_is_not_made_again(real: httpx.Client) -> None:
    etag = read(real, "/zones").answer.headers["etag"]
    for _ in range(3):  # what is asked twice is kept
        again = real.get("/zones", headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
    assert real.get("/zones?lang=zh", headers={"If-None-Match": etag}).status_code == 200


def test_files_of_ours_are_kept_for_good(real: httpx.Client) -> None:
    assets = [one for one in read(real, "/zones").assets if one.startswith("/static/")]
    kept = {real.get(one).headers["cache-control"] for one in assets}
    assert len(assets) == 3
    assert kept == {"public, max-age=31536000, immutable"}
    assert (
        real.get("/static/other/gaoxin.css")
        .headers["cache-control"]
        .startswith("public, max-age=60")
    )
    assert real.get("/static/other/none.css").status_code == 404


def test_a_wrong_parameter_is_explained_and_corrected(real: httpx.Client) -> None:
    page = read(real, "/zones?aproved_year=2010&lang=zh", 422)
    assert "/zones?approved_year=2010&lang=zh" in page.links
    assert read(real, "/zones?approved_year=2010&lang=zh").text.count("<tr>") > 10


def test_what_a_reader_writes_is_escaped(small: httpx.Client) -> None:
    for path in ("/zones?q=<script>alert(1)</script>", "/zones?<b>=<script>x</script>"):
        text = small.get(path).text
        assert "<script>alert" not in text
        assert "<script>x" not in text
        assert "<b>" not in text


def test_a_filter_is_a_link_and_a_chip(small: httpx.Client) -> None:
    page = read(small, "/zones")
    toggle = next(one for one in page.links if one.startswith("/zones?region="))
    chosen = read(small, toggle)
    assert "/zones" in chosen.links
    assert 'aria-current="true"' in chosen.text
    assert f"<code>/v1{toggle}</code>" in chosen.text


def test_pages_follow_one_another(real: httpx.Client) -> None:
    seen: list[str] = []
    path = "/zones?sort=-approved_on"
    while path:
        page = read(real, path)
        seen += [one for one in page.links if one.startswith("/zones/")]
        path = page.next
    assert len(set(seen)) == real.get("/v1/zones?limit=0").json()["meta"]["total"]


@pytest.mark.parametrize(
    ("edtf", "english", "chinese"),
    [
        ("2010-09", "September 2010", "2010年9月"),
        ("2015-09-29", "29 September 2015", "2015年9月29日"),
        ("200X", "2000s", "2000年代"),
        ("2018~", "about 2018", "约2018年"),
        ("2018?", "2018 (uncertain)", "2018年（不确定）"),
        ("../2015", "until 2015", "至2015年"),
        ("2021/..", "since 2021", "2021年起"),
        ("2015/2018~", "2015 to about 2018", "2015年至约2018年"),
    ],
)
def test_dates_are_told_as_precisely_as_they_are_known(
    edtf: str, english: str, chinese: str
) -> None:
    assert (date(edtf, "en"), date(edtf, "zh")) == (english, chinese)


def test_no_digit_of_a_figure_is_lost() -> None:
    assert number(220000000, "en", scaled=True) == "220 million"
    assert number(220000000, "zh", scaled=True) == "2.2亿"
    assert number(1234567890.5, "en", scaled=True) == "1.2345678905 billion"
    assert (number(5630000, "zh"), number(8.05, "en"), number(100, "en")) == (
        *("5,630,000", "8.05", "100"),
    )


def test_outlines_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "some.geojson"
    ring = [[100, 30], [110, 30], [110, 40], [100, 30]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring]]}
    feature = {"type": "Feature", "geometry": shape, "properties": {}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    drawn = outlines(file)
    x, y = project(110, 40)
    assert f"L{x:g} {y:g}" in drawn
    assert drawn.startswith('<path class="outline"')
