"""The recipes are true: their addresses answer, with the columns and paths they rely on."""

import csv
import io
import json
import re
from datetime import date
from html import unescape
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from app.resources.recipes import CSV_QUERY, PAGED_QUERY, RECIPES, dashboard

BASE = "http://here.example"
COPIED = [(caption, code) for _, _, parts in RECIPES for caption, code in parts.items()]
ADDRESSES = sorted(
    {found for _, code in COPIED for found in re.findall(r"\{base\}(/v1/[^\s\"'()]+)", code)}
)
PANELS = dashboard("")["panels"]
(VARIABLE,) = dashboard("")["templating"]["list"]
QUERIES = [*(panel["targets"][0] for panel in PANELS), VARIABLE["query"]["infinityQuery"]]


def sheet(text: str) -> list[dict[str, str]]:
    """The rows of a CSV, which has at least one."""
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows
    return rows


def test_there_are_recipes() -> None:
    assert len(ADDRESSES) > 5
    assert len(QUERIES) == 4


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_answers_in_its_form(address: str, real: httpx.Client) -> None:
    form = dict(parse_qsl(urlsplit(address).query))["format"]
    if form == "xlsx" and not find_spec("xlsxwriter"):
        pytest.skip("there is no xlsxwriter")
    answer = real.get(address)
    assert answer.status_code == 200, answer.text
    if form == "svg":
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "<title" in answer.text
    elif form == "csv":
        assert {"period", "gdp", "revenue"} <= set(sheet(answer.text)[0])
        assert answer.text.startswith("\ufeff") == ("bom=true" in address)
    else:
        assert answer.content.startswith(b"PK")


def test_the_page_shows_every_recipe_with_its_own_address(real: httpx.Client) -> None:
    answer = real.get("/docs/recipes")
    assert answer.status_code == 200
    assert not re.search(r"<[^>]*\s(src|srcset)=", answer.text)
    shown = [unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", answer.text, re.S)]
    base = str(real.base_url).rstrip("/")
    assert json.loads(shown[0]) == dashboard(base) == real.get("/docs/recipes/grafana.json").json()
    assert shown[1:] == [code.replace("{base}", base) for _, code in COPIED]
    assert real.get("/v1").json()["links"]["recipes"] == "/docs/recipes"
    for path in re.findall(r'href="([^"]*)"', answer.text):
        assert real.get(path).status_code == 200, path


def rows_of(query: dict[str, Any], real: httpx.Client) -> list[Any]:
    """What a query of Grafana reads: its columns of each row, by their titles."""
    address = query["url"].replace("${zone}", VARIABLE["current"]["value"])
    answer = real.get(address)
    assert answer.status_code == 200, answer.text
    rows: list[Any] = sheet(answer.text) if query["type"] == "csv" else [answer.json()]
    for name in filter(None, query["root_selector"].split(".")):
        rows = [each for row in rows for each in row[name]]
    assert rows
    return [{c["text"]: select(row, c["selector"]) for c in query["columns"]} for row in rows]


def select(row: dict[str, Any], selector: str) -> Any:
    """The value at a path of which every step exists."""
    value: Any = row
    for name in selector.split("."):
        value = value[name]
    return value


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query["url"][:40])
def test_grafana_finds_its_rows_and_columns(query: dict[str, Any], real: httpx.Client) -> None:
    for row in rows_of(query, real):
        for column in query["columns"]:
            value = row[column["text"]]
            if column["type"] == "number":
                assert value in (None, "") or float(value) >= 0
            elif column["type"] == "timestamp":
                assert column["timestampFormat"] == "2006-01-02"
                date.fromisoformat(value)
            else:
                assert column["type"] == "string"
                assert value is None or isinstance(value, str)


def test_grafana_is_not_given_a_part_of_the_rows(real: httpx.Client) -> None:
    for query in QUERIES:
        if query["type"] == "json":
            address = query["url"].replace("${zone}", VARIABLE["current"]["value"])
            assert real.get(address).json()["links"]["next"] is None


def test_every_zone_can_be_chosen_in_grafana(real: httpx.Client) -> None:
    choices = rows_of(QUERIES[-1], real)
    assert len(choices) == real.get("/v1/zones?limit=0").json()["meta"]["total"]
    assert {"__text": "Baiyin", "__value": "baiyin"} in choices
    assert {"text": choices[0]["__text"], "value": choices[0]["__value"]}.keys() == set(
        VARIABLE["current"]
    )


def test_the_dashboard_asks_for_its_data_source() -> None:
    made = dashboard(BASE)
    (asked,) = made["__inputs"]
    sources = re.findall(r'"uid": "([^"]*)"', json.dumps(made))
    assert set(sources) == {f"${{{asked['name']}}}"}
    assert all(target["url"].startswith(BASE) for p in made["panels"] for target in p["targets"])


def asked_by(code: str) -> tuple[str, list[tuple[str, str]]]:
    """The path and the parameters of the `Web.Contents` in a query of Power Query."""
    assert 'Web.Contents("{base}", [' in code
    (path,) = re.findall(r'RelativePath = "([^"]*)"', code)
    (record,) = re.findall(r"Query = \[(.*?)\]", code, re.S)
    fields = re.findall(r'(\w+) = (?:"([^"]*)"|\{([^}]*)\})', record)
    assert len(fields) == record.count("=")
    return f"/{path}", [
        (name, value)
        for name, one, several in fields
        for value in ([one] if one else re.findall(r'"([^"]*)"', several))
    ]


def test_power_query_finds_the_columns_that_it_types(real: httpx.Client) -> None:
    path, asked = asked_by(CSV_QUERY)
    answer = real.get(f"{path}?{urlencode(asked)}")
    assert answer.status_code == 200, answer.text
    types = dict(re.findall(r'\{"(\w+)", (Int64\.Type|type \w+)\}', CSV_QUERY))
    assert set(types) == {"period", "gdp", "revenue"}
    for row in sheet(answer.text):
        for name, type_ in types.items():
            assert not row[name] or (int if type_ == "Int64.Type" else float)(row[name]) > 0


def test_power_query_follows_the_pages_to_the_end(real: httpx.Client) -> None:
    path, asked = asked_by(PAGED_QUERY)
    rows: list[Any] = []
    pages, after = 0, ""
    while after or not pages:
        body = real.get(path, params=[*asked, *([("cursor", after)] if after else [])]).json()
        rows += body["data"]
        pages += 1
        after = (body["links"]["next"] or "").partition("cursor=")[2]
    assert pages > 1
    assert len(rows) == len({row["id"] for row in rows}) == body["meta"]["total"]
    opened = re.findall(r'ExpandRecordColumn\(\s*\w+, "(\w+)", \{([^}]*)\}', PAGED_QUERY)
    assert [column for column, _ in opened] == ["fact", "document"]
    for column, names in opened:
        for row in rows:
            assert set(re.findall(r'"(\w+)"', names)) <= set(row[column])


def test_excel_splits_the_table_at_commas_and_ends_of_lines(real: httpx.Client) -> None:
    address = next(a for a in ADDRESSES if a.endswith("&format=csv"))
    answer = real.get(address)
    assert '"' not in answer.text
    assert answer.text.count("\r\n") == answer.text.count("\n") == len(sheet(answer.text)) + 1
    assert len(answer.text) < 32_767
    assert len(BASE + address) < 2_048


def test_a_public_base_goes_before_that_of_the_request() -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from app.resources.recipes import router
    from app.settings import Settings

    app = FastAPI()
    app.include_router(router)
    client = TestClient(app, base_url=BASE)
    for configured, base in (("", BASE), ("https://public.example/x/", "https://public.example/x")):
        app.state.settings = Settings(base_url=configured)
        assert client.get("/docs/recipes/grafana.json").json() == dashboard(base)
