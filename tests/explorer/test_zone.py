"""The first page, the search, and a zone: what they say, and that each fact leads to its words."""

import re

import httpx

from tests.explorer.conftest import read


def test_the_first_page_counts_what_the_release_has(real: httpx.Client, lang: str) -> None:
    counts = real.get("/v1/release").json()["data"]["counts"]
    page = read(real, f"/?lang={lang}")
    for name in ("zones", "citations", "documents", "industries", "indicators"):
        assert f'<data value="{counts[name]}">{counts[name]:,}</data>' in page.text
    assert len([one for one in page.links if re.match(r"/zones/[a-z-]+", one)]) >= counts["zones"]


def test_a_search_leads_to_the_page_of_each_hit(real: httpx.Client) -> None:
    page = read(real, "/search?q=laboratory")
    found = [one for one in page.links if "#" in one and one.startswith("/zones/")]
    assert found
    address, _, fact = found[0].partition("#")
    assert f'id="{fact}"' in read(real, address).text


def test_each_footnote_leads_to_its_words(real: httpx.Client, lang: str) -> None:
    text = read(real, f"/zones/ankang?lang={lang}").text
    marks, notes = set(re.findall(r'href="#n(\d+)"', text)), re.findall(r'id="n(\d+)"', text)
    assert notes == [str(number) for number in range(1, len(notes) + 1)]
    assert marks == set(notes)


def test_every_fact_of_a_zone_is_on_its_page(real: httpx.Client) -> None:
    page = read(real, "/zones/baiyin")
    for name in ("milestones", "platforms", "relations", "statements", "statistics"):
        rows = real.get(f"/v1/{name}?zone=baiyin&limit=100").json()["data"]
        assert rows
        assert all(f'id="{one["id"]}"' in page.text for one in rows)


def test_a_zone_says_what_is_told_otherwise_and_unknown(real: httpx.Client) -> None:
    page = read(real, "/zones/harbin")
    assert 'id="harbin-national-approval-1988"' in page.text
    assert "/zones?established_on__state=unknown" in page.links


def test_quotes_are_as_written(real: httpx.Client) -> None:
    cited = real.get("/v1/citations?zone=baiyin&limit=200").json()["data"]
    quoted = {one["as_written"] for one in cited if one["as_written"]}
    page = read(real, "/zones/baiyin")
    missing = {one for one in quoted if one.replace("'", "&#39;") not in page.text}
    assert quoted
    assert not missing


def test_an_unknown_zone_says_what_may_be_meant(real: httpx.Client) -> None:
    page = read(real, "/zones/baiyn", 404)
    assert "/zones/baiyin" in page.links


def test_a_renamed_zone_leads_to_its_page(small: httpx.Client) -> None:
    answer = small.get("/zones/alfa?lang=zh", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "/zones/alpha?lang=zh")
