"""What rows show: only some of their fields, and the rows of other lists about them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.query import rows
from app.query.pages import read_page
from app.query.rows import complete
from tests.query.conftest import PATH, Library, Row, parsed, statements

ROWS = [
    Row("a", "s-n", year=2000, conditions=("fine", "poor"), lost=("good",)),
    Row("b", "s-s", year=2001, conditions=("good",)),
    Row("c"),
]


@pytest.fixture(autouse=True)
def stocked(shop: Library) -> None:
    shop.publish(ROWS)


def shown(client: TestClient, address: str) -> Any:
    answer = client.get(PATH + address)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_row_is_narrowed_to_the_fields_asked_and_its_id(client: TestClient) -> None:
    assert shown(client, "?fields=year&shelf=s-n") == [{"id": "a", "year": 2000}]
    shelf = {"id": "s-n", "label_en": "North Wing", "label_zh": "北厅"}
    assert shown(client, "/a?fields=shelf,id,shelf") == {"id": "a", "shelf": shelf}
    assert client.get(f"{PATH}?fields=yaer").json()["errors"][0]["did_you_mean"] == "year"


def test_rows_about_a_row_stand_inside_it_in_their_own_order_and_choice(client: TestClient) -> None:
    expected = {"a": ["a-poor-False", "a-fine-False"], "b": ["b-good-False"], "c": []}
    told = shown(client, "?include=toy-copies")
    assert {row["id"]: [copy["id"] for copy in row["toy-copies"]] for row in told} == expected
    assert all("cut" not in row and "year" in row for row in told)
    assert shown(client, "/a?include=toy-copies&fields=year") == {
        "id": "a",
        "year": 2000,
        "toy-copies": [{"id": one} for one in expected["a"]],
    }


def test_more_than_the_most_are_cut_and_counted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_INCLUDED", 1)
    a, b, _ = shown(client, "?include=toy-copies&fields=id")
    assert a == {"id": "a", "toy-copies": [{"id": "a-poor-False"}], "cut": {"toy-copies": 2}}
    assert b == {"id": "b", "toy-copies": [{"id": "b-good-False"}]}


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_what_is_included_costs_one_statement(shop: Library, limit: int) -> None:
    release = shop.releases.current()
    query = parsed(release, f"include=toy-copies&fields=shelf&limit={limit}")
    page = read_page(query, None)
    with statements(release) as seen:
        complete(query, page.bodies, {})
    assert len(seen) == 1
