"""Facets: what choosing a value would give, beside a page."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient

from app.query import facets
from app.query.facets import count_facets
from tests.query.conftest import PATH, Library, Row, parsed, statements

ROWS = [
    Row(
        "a", "s-n", "noir", 2000, signed=True, conditions=("fine", "poor"), topics=("noir", "crime")
    ),
    Row("b", "s-n", "crime", 2001, signed=False, conditions=("fine",), topics=("haiku",)),
    Row("c", "s-s", "poetry", 2001, lost=("good",)),
    Row("d", genre="noir", edition="older"),
    Row("e"),
]


def counted(client: TestClient, question: str) -> dict[str, list[tuple[Any, int, bool]]]:
    """Each facet of an answer: the values with their counts and whether they are selected."""
    answer = client.get(f"{PATH}?{question}")
    assert answer.status_code == 200, answer.text
    told = answer.json()["facets"].items()
    return {n: [(v["value"], v["count"], v["selected"]) for v in values] for n, values in told}


@pytest.fixture(autouse=True)
def stocked(shop: Library) -> None:
    shop.publish(ROWS)


def test_values_are_counted_best_first_with_unknown_and_broader_ones(client: TestClient) -> None:
    assert counted(client, "facet=shelf,genre,year,signed,condition,topic&limit=1") == {
        "shelf": [("s-n", 2, False), ("s-s", 1, False), (None, 1, False)],
        "genre": [
            ("crime", 2, False),
            ("fiction", 2, False),
            ("noir", 1, False),
            ("poetry", 1, False),
            (None, 1, False),
        ],
        "year": [(2001, 2, False), (2000, 1, False), (None, 1, False)],
        "signed": [(None, 2, False), (False, 1, False), (True, 1, False)],
        "condition": [("fine", 2, False), (None, 2, False), ("poor", 1, False)],
        "topic": [
            (None, 2, False),
            ("crime", 1, False),
            ("fiction", 1, False),
            ("haiku", 1, False),
            ("noir", 1, False),
            ("poetry", 1, False),
        ],
    }


def test_the_filters_of_a_field_are_set_aside_for_its_own_counts_only(client: TestClient) -> None:
    told = counted(client, "facet=shelf,year&shelf=s-s&year__gte=2001&year=1998")
    assert told == {"shelf": [("s-s", 0, True)], "year": [(2001, 1, False), (1998, 0, True)]}


def test_a_value_has_its_names_where_it_has_any(client: TestClient) -> None:
    told = client.get(f"{PATH}?facet=shelf,year").json()["facets"]
    names = [[(v["label_en"], v["label_zh"]) for v in told[name]] for name in ("shelf", "year")]
    assert names == [
        [("North Wing", "北厅"), ("South Wing", "南厅"), (None, None)],
        [(None, None)] * 3,
    ]


@pytest.mark.parametrize(
    ("question", "name", "value", "toggled"),
    [
        ("facet=shelf", "shelf", "s-n", {"shelf": ["s-n"]}),
        ("facet=shelf&shelf=s-s", "shelf", "s-n", {"shelf": ["s-s", "s-n"]}),
        ("facet=shelf&shelf=s-s&shelf=s-n", "shelf", "s-n", {"shelf": ["s-s"]}),
        ("facet=shelf&shelf=s-s", "shelf", None, {"shelf__state": ["unknown"]}),
        ("facet=shelf&shelf__state=unknown", "shelf", None, {}),
        ("facet=shelf&shelf__state=unknown", "shelf", "s-n", {"shelf": ["s-n"]}),
        ("facet=shelf&shelf__not=s-n", "shelf", "s-n", {"shelf": ["s-n"]}),
        ("facet=year&year__lt=2001", "year", 2001, {"year": ["2001"]}),
        ("facet=year&year=2000.0", "year", 2000, {}),
        ("facet=signed&year=2000", "signed", True, {"year": ["2000"], "signed": ["true"]}),
    ],
)
def test_a_value_has_the_address_that_adds_or_removes_it(
    client: TestClient, question: str, name: str, value: Any, toggled: dict[str, list[str]]
) -> None:
    (one,) = (
        v for v in client.get(f"{PATH}?{question}").json()["facets"][name] if v["value"] == value
    )
    asked: dict[str, list[str]] = {}
    for key, text in parse_qsl(urlsplit(one["toggle"]).query):
        asked.setdefault(key, []).append(text)
    assert asked == {"facet": [name], **toggled}
    assert client.get(one["toggle"]).status_code == 200


def test_a_toggle_begins_again_at_the_first_page(client: TestClient) -> None:
    following = client.get(f"{PATH}?facet=shelf&limit=1").json()["links"]["next"]
    told = client.get(following).json()
    assert [v["count"] for v in told["facets"]["shelf"]] == [2, 1, 1]
    assert "cursor" not in told["facets"]["shelf"][0]["toggle"]


def test_a_facet_costs_one_statement(shop: Library) -> None:
    release = shop.releases.current()
    query = parsed(release, "facet=shelf,genre,condition,topic,year&genre=crime&topic__not=noir")
    count_facets(query, "")
    with statements(release) as seen:
        count_facets(query, "")
    assert len(seen) == 5


def test_a_facet_that_is_cut_says_how_many_values_there_are(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MOST_COUNTED", 2)
    answer = client.get(f"{PATH}?facet=topic,shelf").json()
    assert answer["meta"]["cut"] == {"topic": 6, "shelf": 3}
    assert len(answer["facets"]["topic"]) == 2


@pytest.mark.parametrize("name", ["id", "title", "price", "printed", "edition"])
def test_what_is_not_counted_is_refused(client: TestClient, name: str) -> None:
    answer = client.get(f"{PATH}?facet={name}")
    assert answer.status_code == 422
    assert "shelf" in answer.json()["errors"][0]["allowed"]


def test_nothing_is_counted_unasked(client: TestClient) -> None:
    assert set(client.get(PATH).json()) == {"data", "meta", "links"}
