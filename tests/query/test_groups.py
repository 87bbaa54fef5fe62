"""Groups: rows counted together, and what may be made of their figures."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.query import groups
from app.query.groups import count_groups
from app.query.reading import understand
from tests.query.conftest import DATES, PATH, CopyQuery, Library, Row, parsed, statements

ROWS = [
    Row("a", "s-n", year=2000, price=1.5, printed=DATES["2010"], conditions=("fine", "poor")),
    Row("b", "s-n", year=2000, price=2.5, printed=DATES["2010-06"], conditions=("fine",)),
    Row("c", "s-s", year=2000, price=4.0, printed=DATES["2010~"]),
    Row("d", "s-s", year=2001, price=6.0, printed=DATES["2009-07/2010-06"]),
    Row("e", year=2001, price=1.0, signed=True, edition="older"),
]
UNKNOWN, SIGNED = "A price is unknown.", "Signed books do not add up."
SHELF, YEAR = (f"The rows differ in {name} or leave it unknown." for name in ("shelf", "year"))


def grouped(client: TestClient, question: str) -> list[dict[str, Any]]:
    answer = client.get(f"{PATH}?{question}")
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["groups"]
    return told


@pytest.fixture(autouse=True)
def stocked(shop: Library) -> None:
    shop.publish(ROWS)


def test_rows_are_counted_by_every_combination_with_names_and_unknowns(client: TestClient) -> None:
    answer = client.get(f"{PATH}?group_by=shelf,year&limit=0&edition=all").json()
    assert answer["data"] == []
    assert answer["meta"]["total"] == 5
    names = ("shelf", "shelf_label_en", "shelf_label_zh", "year", "count")
    assert [tuple(row[name] for name in names) for row in answer["groups"]] == [
        ("s-n", "North Wing", "北厅", 2000, 2),
        ("s-s", "South Wing", "南厅", 2000, 1),
        ("s-s", "South Wing", "南厅", 2001, 1),
        (None, None, None, 2001, 1),
    ]


def test_a_row_with_several_values_is_in_several_groups(client: TestClient) -> None:
    told = grouped(client, "group_by=condition,printed_year&limit=0")
    assert [(row["condition"], row["printed_year"], row["count"]) for row in told] == [
        ("fine", 2010, 2),
        ("poor", 2010, 1),
        (None, None, 2),
    ]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("shelf=s-n", [(4, 2, 1.5, 2.5, {})]),
        ("shelf=s-s", [(None, 5, 4, 6, {"sum": YEAR})]),
        ("shelf__state=unknown&edition=all", [(None, 1, 1, 1, {"sum": SIGNED})]),
        (
            "edition=all",
            [
                (
                    None,
                    None,
                    None,
                    None,
                    {**dict.fromkeys(("mean", "min", "max"), SHELF)}
                    | {"sum": f"{SHELF} {YEAR} {SIGNED}"},
                )
            ],
        ),
    ],
)
def test_figures_are_made_only_where_they_mean_something(
    client: TestClient, question: str, expected: list[Any]
) -> None:
    told = grouped(client, f"group_by=genre&limit=0&{question}")
    names = ("sum", "mean", "min", "max", "reasons")
    assert [tuple(row[name] for name in names) for row in told] == expected


def test_a_list_without_figures_only_counts(shop: Library) -> None:
    release = shop.releases.current()
    copies = understand(CopyQuery, "/v1/toy-copies", [("group_by", "condition")], release)
    told, cut = count_groups(copies)
    labels = {"condition_label_en": None, "condition_label_zh": None}
    assert told == [
        {"condition": one, **labels, "count": n} for one, n in (("fine", 2), ("poor", 1))
    ]
    assert cut == {}


def test_groups_cost_one_statement(shop: Library) -> None:
    release = shop.releases.current()
    query = parsed(release, "group_by=shelf,topic,printed_year&genre__not=crime&condition=fine")
    count_groups(query)
    with statements(release) as seen:
        count_groups(query)
    assert len(seen) == 1


def test_groups_that_are_cut_say_how_many_there_are(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_COUNTED", 2)
    answer = client.get(f"{PATH}?group_by=condition").json()
    assert answer["meta"]["cut"] == {"groups": 3}
    assert len(answer["groups"]) == 2


@pytest.mark.parametrize("names", ["price", "printed", "shelf,year,genre,topic", "shelf,"])
def test_what_cannot_be_grouped_by_is_refused(client: TestClient, names: str) -> None:
    assert client.get(f"{PATH}?group_by={names}").status_code == 422


def test_a_file_has_the_groups_in_place_of_the_rows(client: TestClient) -> None:
    question = "group_by=shelf,signed&edition=all"
    told = grouped(client, f"{question}&limit=0")
    lines = client.get(f"{PATH}?{question}&format=ndjson").text.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [{**row, "reasons": json.loads(row["reasons"] or "{}")} for row in rows] == told
    table = client.get(f"{PATH}?{question}&format=csv").text.splitlines()
    assert table[0] == ",".join(rows[0])
    assert len(table) == len(told) + 1


def test_a_file_has_every_group(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MOST_COUNTED", 2)
    assert len(client.get(f"{PATH}?group_by=condition&format=ndjson").text.splitlines()) == 3


@pytest.mark.parametrize("more", ["fields=id", "explain=matches", "include=lines"])
def test_what_is_of_rows_is_refused_beside_groups_in_a_file(client: TestClient, more: str) -> None:
    answer = client.get(f"{PATH}?group_by=shelf&format=csv&{more}")
    assert answer.status_code == 422
    assert client.get(answer.json()["errors"][0]["try"]).status_code == 200
