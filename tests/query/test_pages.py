"""Pages of a list: their order, their cursors, their counts and what they cost."""

from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import Release, Releases
from app.query import answers, pages
from app.query.pages import Cursor
from app.query.tallied import tallies
from tests.query.conftest import (
    DATES,
    JSON,
    PATH,
    QUICK,
    BookQuery,
    Library,
    Row,
    ask,
    books,
    ids,
    packed,
    parsed,
    statements,
)

SORTABLE = ("id", "shelf", "genre", "year", "price", "title", "signed", "printed")
KEYS = [sign + name for name in SORTABLE for sign in ("", "-")]


def in_order(rows: list[Row], keys: list[str]) -> list[str]:
    """The ids of rows, ordered by keys; unknown values last, ties settled by id."""
    ordered = sorted(rows, key=lambda row: row.id)
    for key in reversed(keys):
        name = key.removeprefix("-")

        def value(row: Row, name: str = name) -> Any:
            return row.printed[1] if name == "printed" else getattr(row, name)

        known = [row for row in ordered if value(row) is not None]
        known.sort(key=value, reverse=key.startswith("-"))
        ordered = known + [row for row in ordered if value(row) is None]
    return [row.id for row in ordered]


def paged(release: Release, query_string: str) -> list[str]:
    """The ids of all pages, each page found by the cursor of the one before."""
    page = ask(release, query_string)
    found = ids(page)
    while page.following:
        page = ask(release, query_string, page.following)
        assert page.bodies
        found += ids(page)
    return found


@pytest.fixture(scope="module")
def shelf() -> list[Row]:
    """Books with many ties and unknowns: every pair of a few values."""
    sorts = product((None, 1999, 2000), (None, 0.0, 2.5))
    dates = list(DATES.values())
    return [
        Row(
            f"b{n * 7 % 9}",
            (None, "s-n", "s-s")[n % 3],
            (None, "noir", "noir")[n % 3],
            year,
            price,
            (None, "a", "B", "書")[n % 4],
            (None, True, False)[n % 3],
            dates[n],
        )
        for n, (year, price) in enumerate(sorts)
    ]


@pytest.fixture(scope="module")
def release(shelf: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Library(Releases(tmp_path_factory.mktemp("shelf"))).publish(shelf)


def test_every_field_with_one_value_a_row_is_a_sort_key() -> None:
    schema = BookQuery.parameters["sort"].adapter.json_schema()
    assert sorted(schema["enum"]) == sorted(KEYS)


@pytest.mark.parametrize(
    "keys", [*([key] for key in KEYS), ["shelf", "-year", "price"], ["-title", "id", "year"]]
)
def test_a_list_is_ordered_with_unknown_values_last(
    release: Release, shelf: list[Row], keys: list[str]
) -> None:
    assert ids(ask(release, f"sort={','.join(keys)}")) == in_order(shelf, keys)


@pytest.mark.parametrize("sort", [*KEYS, "shelf,-year,price", "-title,id,year", "year,year,-year"])
def test_pages_of_any_length_are_the_whole_list(release: Release, sort: str) -> None:
    whole = ids(ask(release, f"sort={sort}"))
    assert [paged(release, f"sort={sort}&limit={n}") for n in (1, 2, 3)] == [whole] * 3


@QUICK
@given(
    rows=books(),
    keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=8),
    narrowed=st.sampled_from(["", "&edition=all", "&printed__not=2009", "&shelf__state=known"]),
)
def test_pages_of_random_rows_hold_each_row_once_and_in_order(
    library: Library, rows: list[Row], keys: list[str], narrowed: str
) -> None:
    release = library.publish(rows)
    question = f"sort={','.join(keys)}{narrowed}"
    whole = ids(ask(release, question))
    assert whole == in_order([row for row in rows if row.id in whole], keys)
    assert [paged(release, f"{question}&limit={n}") for n in (1, 2, 3)] == [whole] * 3


@pytest.mark.parametrize(
    ("query_string", "selects"),
    [
        ("", 1),
        ("limit=0", 0),
        ("total=exact&limit=1", 1),
        ("sort=-year&limit=2", 1),
        ("year=1950", 2),
        ("shelf=s-n&condition=fine&genre=crime&topic=haiku&title__contains=a&sort=-year", 2),
        ("shelf=s-n", 1),
        ("shelf=s-n&limit=0", 0),
        ("shelf=s-n&limit=1&total=exact", 1),
        ("printed=2010&limit=1", 2),
        ("printed__gte=2010&printed__lt=2011&limit=1", 2),
    ],
)
def test_a_page_costs_no_more_statements_than_its_budget(
    release: Release, query_string: str, selects: int
) -> None:
    query = parsed(release, query_string)
    tallies(release, query.rows)  # read once for a release
    with statements(release) as seen:
        page = pages.read_page(query, None)
    assert len(seen) == selects
    if page.following:
        with statements(release) as seen:
            pages.read_page(query, Cursor.decode(page.following))
        assert len(seen) == 1  # it was counted


@pytest.mark.parametrize(
    ("query_string", "total", "at_least"),
    [
        ("limit=1", None, 4),
        ("limit=0", None, 4),
        ("limit=1&total=exact", 9, None),
        ("limit=0&total=exact", 9, None),
        ("year__state=unknown&limit=1", 3, None),
        ("year=1999&limit=50", 3, None),
        ("year__gt=2050", 0, None),
    ],
)
def test_a_total_is_exact_up_to_a_bound_or_when_asked(
    shelf: list[Row],
    shop: Library,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    query_string: str,
    total: int | None,
    at_least: int | None,
) -> None:
    shop.publish(shelf)
    for module in (pages, answers):
        monkeypatch.setattr(module, "COUNTED", 3)
    meta = client.get(f"{PATH}?{query_string}").json()["meta"]
    assert (meta["total"], meta["total_at_least"]) == (total, at_least)


def test_links_lead_through_the_list_of_one_release(
    shelf: list[Row], shop: Library, client: TestClient
) -> None:
    first = shop.publish(shelf)
    url: str | None = f"{PATH}?limit=4&sort=-year&printed__not=2009"
    found, answered = [], []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200
        body = answer.json()
        found += [row["id"] for row in body["data"]]
        answered.append((body["meta"]["release"], body["meta"]["total"]))
        url = body["links"]["next"]
        assert answer.headers.get("link") == (f'<{url}>; rel="next"' if url else None)
        shop.publish([])
    whole = ids(ask(first, "sort=-year&printed__not=2009"))
    assert found == whole
    assert answered == [(first.name, len(whole))] * 2


ACCEPTED, REFUSED = (200, ""), (422, "invalid-cursor")


def refusal(client: TestClient, cursor: str, query_string: str = "") -> tuple[int, str]:
    """How a cursor is refused; its correction must be answered."""
    answer = client.get(f"{PATH}?{query_string}&cursor={quote(cursor)}")
    if answer.status_code == 200:
        return ACCEPTED
    problem = answer.json()
    assert problem["status"] == answer.status_code
    for flaw in problem["errors"]:
        assert client.get(flaw["try"]).status_code == 200
    return answer.status_code, problem["code"]


def test_a_cursor_serves_its_own_query_and_release_only(
    shelf: list[Row], shop: Library, client: TestClient
) -> None:
    release = shop.publish(shelf)
    cursor = ask(release, "sort=year&limit=2").following or ""
    assert refusal(client, cursor, "sort=year&limit=3&total=exact") == ACCEPTED
    assert refusal(client, cursor, f"sort=year&release={release.name}") == ACCEPTED
    for other in ("", "sort=-year", "sort=year,id", "sort=year&shelf=s-n", "sort=year&edition=all"):
        assert refusal(client, cursor, other) == REFUSED
    named = shop.publish(shelf).name
    assert refusal(client, cursor, f"sort=year&release={named}") == REFUSED
    assert refusal(client, cursor, "sort=year") == ACCEPTED
    assert refusal(client, "garbage", "sort=year") == REFUSED
    for _ in range(3):
        shop.publish(shelf)
    assert refusal(client, cursor, "sort=year") == (410, "gone")


def forged(release: Release, sort: str, after: object) -> str:
    digest = parsed(release, f"sort={sort}").digest
    return packed([release.name, digest, after])


FITTING: dict[str, list[Any]] = {
    "year": [[2000, "b1"], [None, "b1"], [2000, ""], [2**63 - 1, "\0"]],
    "price": [[1, "b1"], [0.1, "b1"], [float("inf"), "b1"]],
    "signed": [[True, "b1"]],
    "title": [["書", "b1"]],
    "id": [["b1"]],
}
UNFIT: dict[str, list[Any]] = {
    "year": [
        *({}, [], [2000], [2000, "b1", "b1"], [2000, None], [2000, 1], [2000, "\ud800"]),
        *(["2000", "b1"], [True, "b1"], [1.5, "b1"], [2**63, "b1"], [10**30, "b1"]),
        *([float("nan"), "b1"], [{}, "b1"], [[2000], "b1"]),
    ],
    "price": [["0.1", "b1"], [True, "b1"]],
    "signed": [[1, "b1"], ["true", "b1"]],
    "title": [[1, "b1"]],
    "id": [[None], [1], ["b1", "b1"]],
}


@pytest.mark.parametrize(
    ("sort", "after", "expected"),
    [
        (sort, after, expected)
        for cursors, expected in ((FITTING, ACCEPTED), (UNFIT, REFUSED))
        for sort, values in cursors.items()
        for after in values
    ],
)
def test_a_forged_cursor_is_refused_unless_its_values_fit(
    shelf: list[Row],
    shop: Library,
    client: TestClient,
    sort: str,
    after: object,
    expected: tuple[int, str],
) -> None:
    cursor = forged(shop.publish(shelf), sort, after)
    assert refusal(client, cursor, f"sort={sort}") == expected


@settings(QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(after=st.lists(JSON, max_size=4), sort=st.sampled_from(KEYS))
def test_any_forged_cursor_is_answered_or_refused(
    shop: Library, client: TestClient, after: list[Any], sort: str
) -> None:
    release = shop.releases.current() if shop.releases.current_name() else shop.publish([Row("a")])
    cursor = forged(release, sort, after)
    assert refusal(client, cursor, f"sort={sort}") in (ACCEPTED, REFUSED)
