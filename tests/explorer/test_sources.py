"""Industries, documents, coverage and changes: what the API says of them is on their pages."""

import httpx
import pytest
from markupsafe import escape

from app.explorer.coverage import Known
from app.explorer.documents import Passage, Stated
from app.query.parameters import Row
from tests.explorer.conftest import read


def rows(client: httpx.Client, path: str) -> list[Row]:
    found: list[Row] = client.get(path).json()["data"]
    return found


def test_every_industry_stands_in_the_tree(real: httpx.Client, lang: str) -> None:
    page = read(real, f"/industries?lang={lang}")
    tail = "?lang=zh" if lang == "zh" else ""
    known = rows(real, "/v1/industries?limit=1000")
    assert {f"/industries/{one['id']}{tail}" for one in known} <= set(page.links)
    assert page.tags.count("details") > 10


def test_a_part_of_the_taxonomy_has_roots_of_its_own(real: httpx.Client) -> None:
    page = read(real, "/industries?id=biomedicine")
    below = rows(real, "/v1/industries?id=biomedicine&limit=1000")
    shown = {one for one in page.links if one.startswith("/industries/")}
    assert shown == {f"/industries/{one['id']}" for one in below}
    assert '<h2><a href="/industries/biomedicine">' in page.text


def test_an_industry_names_its_zones_in_the_words_of_the_sources(real: httpx.Client) -> None:
    page = read(real, "/industries/biomedicine")
    ties = rows(real, "/v1/relations?industry=biomedicine&limit=1000&include=citations")
    assert {f"/zones/{one['zone']['id']}" for one in ties if one["zone"]} <= set(page.links)
    assert all(escape(one["wording"]) in page.text for one in ties if one["wording"])
    cited = {citation["document"]["id"] for one in ties for citation in one["citations"]}
    assert {f"/documents/{one}" for one in cited} <= set(page.links)
    assert "/zones?industry=biomedicine" in page.links


def test_documents_are_narrowed_by_year_and_tier(real: httpx.Client) -> None:
    page = read(real, "/documents?tier=2&published_on=2012&published_on=2013")
    chosen = rows(real, "/v1/documents?tier=2&published_on=2012&published_on=2013")
    assert {f"/documents/{one['id']}" for one in chosen} == {
        one for one in page.links if one.startswith("/documents/")
    }
    assert "/documents?tier=2&published_on=2012" in page.links
    assert page.text.count('aria-current="true"') == 3


@pytest.mark.parametrize("name", ["chinadaily-2013-11-29-baiyin", "national-zones-2012-2022"])
def test_a_document_shows_every_fact_with_its_phrases(real: httpx.Client, name: str) -> None:
    page = read(real, f"/documents/{name}")
    cited = rows(real, f"/v1/citations?document={name}&limit=1000")
    assert len(cited) > 50
    assert {f"/v1/citations/{one['id']}" for one in cited} <= set(page.links)
    assert all(f">{escape(one['as_written'])}</q>" in page.text for one in cited)
    assert page.text.count("<article") == len(
        {(one["fact"]["resource"], one["fact"]["id"]) for one in cited}
    )
    assert "<mark>" not in page.text
    assert "<code>None" not in page.text


def test_every_document_has_a_page(real: httpx.Client) -> None:
    for one in rows(real, "/v1/documents?limit=1000")[::10]:
        assert escape(one["title"]) in read(real, f"/documents/{one['id']}?lang=zh").text


def test_phrases_are_marked_where_the_text_is_at_hand(twice: httpx.Client) -> None:
    page = read(twice, "/documents/gazette-2020")
    cited = rows(twice, "/v1/citations?document=gazette-2020&limit=1000")
    assert '<h1 lang="en">Gazette of Nowhere, issue &lt;seven&gt;</h1>' in page.text
    assert page.text.count("<mark>") >= len({one["start"] for one in cited}) / 2


def quoted(start: int, prefix: str, exact: str, suffix: str) -> Row:
    passage = {"prefix": prefix, "exact": exact, "suffix": suffix}
    return {"start": start, "end": start + len(exact), "passage": passage}


def test_passages_that_overlap_are_joined() -> None:
    cited = [
        quoted(9, "It covers ", "8 km²", " & <more>.")  # its paragraph begins before the text
        | {"start": 10, "end": 15},
        quoted(3, "It ", "covers 8", " km² &"),
        quoted(40, "", "Then", " nothing."),
    ]
    first, second = Stated("statistics", "area", None, cited, None).passages
    assert first.text == "It covers 8 km² & <more>."
    assert first.marked == "It <mark>covers 8</mark><mark> km²</mark> &amp; &lt;more&gt;."
    assert second.marked == "<mark>Then</mark> nothing."
    assert Passage(5, "abc").marked == "abc"


def test_the_coverage_counts_what_the_api_counts(real: httpx.Client) -> None:
    page = read(real, "/coverage")
    totals = real.get("/v1/coverage?limit=0").json()["meta"]["totals"]
    some = [count for count in totals.values() if count["known"] and count["unknown"]]
    assert some
    assert all(f">{count['known']}</a>" in page.text for count in some)
    assert all(f">{count['unknown']}</a>" in page.text for count in some)
    lacking = read(real, "/coverage?field=industries&state=unknown")
    assert "/zones?industry__state=unknown" in lacking.links
    shown = [one for one in lacking.links if one.startswith("/zones/")]
    assert set(shown) == {
        f"/zones/{one['id']}" for one in rows(real, "/v1/zones?industry__state=unknown&limit=1000")
    }


@pytest.mark.parametrize(
    ("field", "name"), [("area_km2", "area_km2"), ("places", "place"), ("gb_code", None)]
)
def test_a_field_leads_to_its_zones_where_they_can_be_asked_for(
    real: httpx.Client, field: str, name: str | None
) -> None:
    page = read(real, f"/coverage?field={field}&state=known")
    lists = [one for one in page.links if one.startswith("/zones?")]
    assert lists == ([f"/zones?{name}__state=known"] if name else [])
    for one in lists:
        read(real, one)


@pytest.mark.parametrize(("known", "share"), [(0, 0), (1, 1), (199, 99), (200, 100)])
def test_only_all_is_a_hundred_per_cent(known: int, share: int) -> None:
    assert Known(["city"], known, 200, "").share == share  # type: ignore[arg-type]


def test_one_release_has_nothing_to_compare_with(real: httpx.Client) -> None:
    page = read(real, "/changes")
    assert "Only one release is kept here" in page.text
    assert "<select" not in page.text


def test_changes_tell_what_stood_there_and_what_stands_there(
    twice: httpx.Client, lang: str
) -> None:
    newer, older = (one["id"] for one in rows(twice, "/v1/releases"))
    page = read(twice, f"/changes?lang={lang}")
    before, after = ("变更前", "变更后") if lang == "zh" else ("Before", "After")
    was = f'<td class="was" data-as="{before}">Gazette of Nowhere, issue'
    assert f"{was} seven</td>" in page.text
    assert f'<td data-as="{after}">Gazette of Nowhere, issue &lt;seven&gt;</td>' in page.text
    assert f"/v1/changes?since={older}" in page.links
    back = read(twice, f"/changes?since={newer}&release={older}&lang={lang}")
    assert f"{was} &lt;seven&gt;</td>" in back.text
    for kind, name in (("added", "hatchery"), ("deleted", "incubator")):
        one = read(twice, f"/changes?since={older}&kind={kind}&resource=platforms&lang={lang}")
        assert f"alpha-{name}" in one.text
        assert one.text.count("<tbody") == 1
    assert read(twice, f"/changes?since={older}&resource=zones&kind=deleted").text.count("<td") == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/industries/none", 404),
        ("/documents/none", 404),
        ("/documents?tire=1", 422),
        ("/coverage?field=none", 422),
        ("/changes?kind=none", 422),
        ("/changes?since=none", 410),
    ],
)
def test_what_is_wrong_is_a_page_too(small: httpx.Client, path: str, status: int) -> None:
    read(small, path, status)
