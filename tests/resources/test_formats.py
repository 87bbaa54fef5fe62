"""Every list in every form: the same rows, columns and text, whatever the resource."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.query.formats import FORMATS, Column, columns_of
from app.query.parameters import ListQuery
from app.resources.service import RESOURCES
from tests.tables import READERS, Row

LISTS = {
    query.rows: query
    for query in ListQuery.__subclasses__()
    if query.rows in {module.__name__.rsplit(".", 1)[-1] for module in RESOURCES}
}


def rows(client: httpx.Client, address: str) -> list[Row]:
    """All rows of a list, page by page."""
    found: list[Row] = []
    following: str | None = address
    while following:
        page = client.get(following).json()
        found += page["data"]
        following = page["links"]["next"]
    return found


def leaves(row: Row, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of a row that says something, by a name made from the way to it."""
    for name, value in row.items():
        if name in ("refs", "states"):
            end = {"refs": "refs", "states": "state"}[name]
            yield from leaves({f"{field}_{end}": said for field, said in value.items()}, before)
        elif isinstance(value, dict):
            yield from leaves(value, f"{before}{name}_")
        elif value not in (None, "", []):
            yield before + name, joined(value) if isinstance(value, list) else value


def joined(members: list[Any]) -> str:
    if all(isinstance(member, str) for member in members):
        return "|".join(members)
    if all("id" in member for member in members):
        return "|".join(member["id"] for member in members)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("resource", LISTS)
@pytest.mark.parametrize("seed", ["real", "small"])
def test_every_form_says_what_json_says(
    resource: str, seed: str, request: pytest.FixtureRequest
) -> None:
    client: httpx.Client = request.getfixturevalue(seed)
    columns = columns_of(LISTS[resource].row)
    wanted = [dict(leaves(row)) for row in rows(client, f"/v1/{resource}?limit=1000")]
    assert wanted
    for name, read in READERS.items():
        if not FORMATS[name].is_there:
            continue
        answer = client.get(f"/v1/{resource}?format={name}")
        assert answer.status_code == 200, answer.text
        found = read(answer.content, columns)
        told = [{key: value for key, value in row.items() if value is not None} for row in found]
        assert told == wanted, name
        assert [*found[0]] == [column.name for column in columns]


@pytest.mark.parametrize("resource", LISTS)
def test_no_two_columns_have_one_name(resource: str) -> None:
    names = [column.name for column in columns_of(LISTS[resource].row)]
    assert len(set(names)) == len(names)
    assert names[0] == "id"


def test_what_is_embedded_or_explained_is_in_the_file_too(real: httpx.Client) -> None:
    asked = "/v1/zones?industry=biomedicine&include=citations&explain=matches"
    wanted = rows(real, asked)
    found = [json.loads(line) for line in real.get(f"{asked}&format=ndjson").text.splitlines()]
    assert found
    for field in ("citations", "matched_by"):
        assert [json.loads(row[field]) for row in found] == [row[field] for row in wanted]
    facts = "/v1/milestones?zone=baiyin&include=citations"
    (row, *_) = [json.loads(line) for line in real.get(f"{facts}&format=ndjson").text.splitlines()]
    assert json.loads(row["citations"]) == rows(real, facts)[0]["citations"]


@pytest.mark.parametrize("name", ["xlsx", "parquet"])
@pytest.mark.parametrize(
    "asked", ["series?indicator=gdp", "table?rows=bound", "?group_by=zone", "?group_by=derived"]
)
def test_what_is_no_list_has_the_same_values_in_every_form(
    asked: str, name: str, real: httpx.Client
) -> None:
    address = f"/v1/statistics/{asked}".replace("/?", "?")
    wanted = [json.loads(line) for line in real.get(f"{address}&format=ndjson").iter_lines()]
    columns = [Column((key,), str) for key in wanted[0]]
    answer = real.get(f"{address}&format={name}")
    assert answer.status_code == 200, answer.text
    for row, told in zip(READERS[name](answer.content, columns), wanted, strict=True):
        assert row == {key: pytest.approx(value) for key, value in told.items()}


def test_head_of_a_file_tells_its_size(real: httpx.Client) -> None:
    for name in ("csv", "ndjson", "geojson"):
        head, got = (real.request(m, f"/v1/zones?format={name}") for m in ("HEAD", "GET"))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert "content-encoding" not in got.headers
        for header in ("etag", "accept-ranges", "content-type", "content-disposition"):
            assert head.headers[header] == got.headers[header]


def test_a_file_is_whole_after_it_was_asked_for_by_head(real: httpx.Client) -> None:
    path = "/v1/platforms?format=csv&limit=3"
    for _ in range(3):
        assert real.head(path).status_code == 200
    assert len(real.get(path).content.splitlines()) == 4


def test_the_rules_of_json_hold_for_files(real: httpx.Client) -> None:
    answer = real.get("/v1/zones?aproved_year=2010", headers={"Accept": "text/csv"})
    assert answer.status_code == 422
    assert (
        real.get(answer.json()["errors"][0]["try"]).headers["content-type"].startswith("text/csv")
    )
    pinned = real.get("/v1/release").json()["data"]["id"]
    answer = real.get(f"/v1/zones?format=csv&release={pinned}")
    assert f'"zones-{pinned}.csv"' in answer.headers["content-disposition"]


@pytest.mark.parametrize("path", ["/v1/zones/baiyin", "/v1/search?q=baiyin", "/v1/releases"])
def test_what_has_one_form_says_so(path: str, real: httpx.Client) -> None:
    answer = real.get(path, headers={"Accept": "text/csv"})
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["allowed"] == ["application/json"]
