"""The catalogue of fields and the pages that are made of it."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from app.query.html import element, join, page, prose
from app.query.problems import CATALOGUE
from app.resources.pages import GUIDE

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXAMPLES = [
    example for _, _, *examples in GUIDE for example in examples if isinstance(example, tuple)
]
PAGES = ["/docs/guide", "/docs/dictionary", "/problems/gone"]


def test_text_is_escaped_and_markup_is_not() -> None:
    made = element("p", "<b> & ", prose("a `<i>` c"), title='"')
    assert made == '<p title="&quot;">&lt;b&gt; &amp; a <code>&lt;i&gt;</code> c</p>'
    assert join("<", join("<")) == "&lt;&lt;"
    assert b"<title>&lt;x&gt; " in bytes(page("<x>").body)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stands_alone_and_its_links_lead_somewhere(path: str, real: httpx.Client) -> None:
    answer = real.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = answer.text
    assert "src=" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert 'name="viewport"' in text
    for address in {unescape(found) for found in re.findall(r'href="([^"]*)"', text)}:
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in text
        else:
            assert real.get(address, follow_redirects=True).status_code == 200, address


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_kind_of_problem_has_a_page_for_people_and_one_for_programs(
    code: str, real: httpx.Client
) -> None:
    shown = real.get(f"/problems/{code}", headers=BROWSER)
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{CATALOGUE[code].title}</h1>" in shown.text
    assert str(CATALOGUE[code].status) in shown.text
    for accepted in ("*/*", "application/json"):
        told = real.get(f"/problems/{code}", headers={"Accept": accepted})
        assert told.json()["about"] == CATALOGUE[code].about


def test_a_problem_that_there_is_not_is_named(real: httpx.Client) -> None:
    answer = real.get("/problems/<b>", headers=BROWSER)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(("question", "address"), EXAMPLES)
def test_every_example_of_the_guide_answers_with_rows(
    question: str, address: str, real: httpx.Client
) -> None:
    answer = real.get(address)
    assert answer.status_code == 200, answer.text
    if "json" in answer.headers["Content-Type"]:
        assert answer.json().get("data") or answer.json()["features"], question
    else:
        assert len(answer.content) > 100
        assert "attachment" in answer.headers["Content-Disposition"]


def test_every_example_stands_on_the_page(real: httpx.Client) -> None:
    text = unescape(real.get("/docs/guide").text)
    assert len(EXAMPLES) > 20
    for question, address in EXAMPLES:
        assert question in text
        assert f'href="{address}"' in text


@pytest.fixture(scope="module")
def lists(real: httpx.Client) -> dict[str, Any]:
    """The rows of the catalogue by their list."""
    answer = real.get("/v1/fields")
    assert answer.headers["etag"]
    body = answer.json()
    assert set(body) == {"data", "meta", "links"}
    assert body["meta"]["total"] == body["meta"]["returned"] == len(body["data"])
    return {row["id"]: row for row in body["data"]}


def test_the_catalogue_has_every_list(lists: dict[str, Any], real: httpx.Client) -> None:
    index = real.get("/v1").json()
    assert {name: row["address"] for name, row in lists.items()} == index["resources"]


def test_a_field_is_described_with_its_operators(lists: dict[str, Any]) -> None:
    zones = {field["name"]: field for field in lists["zones"]["fields"]}
    year = zones["approved_year"]
    assert (year["family"], year["type"], year["sortable"]) == ("ordered", "integer", True)
    asked = {by["operator"]: by["parameter"] for by in year["operators"]}
    assert asked["equals"] == "approved_year"
    assert asked["gte"] == "approved_year__gte"
    assert set(asked) == {"equals", "not", "gt", "gte", "lt", "lte", "state"}
    assert zones["approved_on"]["type"] == "partial-date"
    assert zones["industry"]["vocabulary"] == "/v1/industries"
    assert zones["province"]["vocabulary"] == "/v1/places?kind=province"
    assert [by["parameter"] for by in zones["near"]["operators"]] == ["near", "within_km"]
    assert {"json", "geojson"} <= set(lists["zones"]["formats"])
    assert "citations" in lists["zones"]["includes"]


def test_everything_in_it_says_something(lists: dict[str, Any]) -> None:
    for row in lists.values():
        assert row["description"]
        for field in row["fields"]:
            assert field["description"], field
            for by in field["operators"]:
                assert by["means"], by
        for column in row["columns"]:
            assert column["description"], column
            assert column["type"] not in ("any", ""), column


def test_the_columns_are_those_of_the_rows(lists: dict[str, Any], real: httpx.Client) -> None:
    for row in lists.values():
        found = real.get(row["address"], params={"limit": 1}).json()["data"][0]
        names = {column["name"] for column in row["columns"]}
        optional = {c["name"] for c in row["columns"] if "only with `" in c["description"]}
        assert set(found) <= names <= set(found) | optional


def test_where_values_are_listed_there_are_some(lists: dict[str, Any], real: httpx.Client) -> None:
    addresses = {f["vocabulary"] for row in lists.values() for f in row["fields"]}
    assert len(addresses) > 5
    for address in addresses - {None}:
        assert real.get(address).status_code == 200, address


def test_one_list_can_be_asked(real: httpx.Client) -> None:
    body = real.get("/v1/fields?resource=zones&resource=places").json()
    assert [row["id"] for row in body["data"]] == ["places", "zones"]
    wrong = real.get("/v1/fields?resource=zone")
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["did_you_mean"] == "zones"
    assert real.get("/v1/fields?limit=1").json()["code"] == "unknown-parameter"
