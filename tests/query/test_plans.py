"""How SQLite finds what a list is asked: of a list that grows nothing is read but what is shown."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import insert, text

from app.database import Release, Releases, finish, writable
from app.query.facets import count_facets
from app.query.pages import Cursor, read_page
from app.query.reading import split, understand
from app.query.settling import settle
from app.query.tallied import tallies
from app.resources.statistics import StatisticQuery
from app.tables import Body, Tally
from app.tables import Span as Days
from tests.query.conftest import Book, Copy, CopyQuery, GenrePath, Term, Topic

MANY = 30_000
CONDITIONS = ("fine", "good", "poor")


def worth(i: int) -> float:
    """What the i-th copy is worth: a few very much, the others as much as many."""
    return 1e6 + i % 3 if i % 5000 == 1 else float(i % 40)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """A list of more rows than are gathered, of 300 books, and one in twenty of them left out."""
    releases = Releases(tmp_path_factory.mktemp("plans"))

    def fill(path: Path) -> None:
        names = [f"c{(i * 7919) % MANY:05}" for i in range(MANY)]
        copies = [
            {
                "id": name,
                "book_id": f"b{i % 300}",
                "condition": CONDITIONS[i % 97 % 3],
                "lost": i % 20 == 0,
                "worth": worth(i),
            }
            for i, name in enumerate(names)
        ]
        bodies = [
            {"resource": "toy-copies", "id": name, "json_text": f'{{"id":"{name}"}}'}
            for name in names
        ]
        books = [{"id": f"b{i}", "edition": "latest"} for i in range(300)]
        with writable(path) as connection:
            made: tuple[Any, ...] = (Term, GenrePath, Book, Copy, Topic, Body, Days, Tally)
            for table in made:
                table.__table__.create(connection)
            words = [{"scheme": "condition", "id": one} for one in CONDITIONS]
            for table, rows in ((Book, books), (Copy, copies), (Body, bodies), (Term, words)):
                connection.execute(insert(table), rows)
        settle(path)
        finish(path)

    with releases.lock():
        releases.publish("plans", fill)
    tallies(releases.current(), CopyQuery.rows)  # read once for a release
    yield releases.current()
    releases.current().close()


def plans(release: Release, query_string: str, cursor: str | None = None) -> tuple[list[str], Any]:
    """How the SELECTs of a page go, step by step, and the page."""
    seen: list[tuple[str, Any]] = []
    fetch = Release.fetch

    def noted(own: Release, sql: str, values: Any, *more: Any) -> Any:
        seen.append((sql, values))
        return fetch(own, sql, values, *more)

    query = understand(CopyQuery, "/v1/toy-copies", split(query_string.encode()), release)
    with patch.object(Release, "fetch", noted):
        page = read_page(query, Cursor.decode(cursor) if cursor else None)
        count_facets(query, "")
    with release.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver
        steps = [s for sql, v in seen for s in driver.execute(f"EXPLAIN QUERY PLAN {sql}", v)]
    return [step[3] for step in steps], page


@pytest.mark.parametrize(
    "question",
    [
        "",
        "condition=good",
        "condition__not=good",
        "condition=good&condition=poor",
        "toy_book=b7",
        "toy_book=b7&condition=fine",
        "lost=all",
        "sort=id",
        "total=exact",
    ],
)
def test_no_page_of_a_list_that_grows_reads_all_of_it(release: Release, question: str) -> None:
    """Nor does a later one; what is sorted is at most the page or few."""
    cursor = None
    for _ in range(3):
        steps, page = plans(release, question, cursor)
        assert not [step for step in steps if step in ("SCAN copy", "SCAN body")], steps
        cursor = page.following


@pytest.mark.parametrize("question", ["", "condition=good", "toy_book=b7"])
def test_a_page_of_one_value_stands_ready_in_order(release: Release, question: str) -> None:
    steps, page = plans(release, question)
    later, _ = plans(release, question, page.following)
    for found in (steps, later):
        assert "USE TEMP B-TREE FOR ORDER BY" not in found


def test_rows_are_counted_once_while_one_pages(release: Release) -> None:
    question = "condition__not=good&condition__not=poor"
    steps, page = plans(release, question)
    later, second = plans(release, question, page.following)
    assert "SCAN CONSTANT ROW" in steps
    assert "SCAN CONSTANT ROW" not in later
    assert (second.total, second.left_out) == (page.total, page.left_out)


def test_counts_of_one_value_look_at_no_rows(release: Release) -> None:
    steps, page = plans(release, "toy_book=b7&limit=0")
    assert page.total == MANY // 300
    assert all("USING COVERING INDEX" in s for s in steps if s.startswith("SEARCH copy")), steps


def test_what_is_fixed_for_a_release_is_not_counted_again(release: Release) -> None:
    steps, page = plans(release, "limit=0")
    assert (steps, page.total, page.left_out) == ([], MANY - MANY // 20, {"lost": MANY // 20})


def test_places_are_the_order_of_the_list(release: Release) -> None:
    with release.connect() as connection:
        ordered = 'SELECT place FROM copy ORDER BY condition DESC NULLS LAST, "id"'
        places = connection.execute(text(ordered)).scalars().all()
    assert places == [*range(1, MANY + 1)]


def rows_of(release: Release, where: str, by: str = "id") -> list[str]:
    """The ids of the rows that are there, as SQLite has them."""
    with release.connect() as connection:
        found = f"SELECT id FROM copy WHERE NOT lost AND {where} ORDER BY {by}"
        return [*connection.execute(text(found)).scalars()]


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("condition=good", "condition = 'good'"),
        ("condition=good&condition=poor&condition=good", "condition IN ('good', 'poor')"),
        ("toy_book=b7&toy_book=b21", "book_id IN ('b7', 'b21')"),
    ],
)
def test_what_one_condition_leaves_is_told_without_counting(
    release: Release, question: str, where: str
) -> None:
    steps, page = plans(release, f"{question}&limit=0")
    with release.connect() as connection:
        lost = connection.execute(text(f"SELECT count(*) FROM copy WHERE lost AND {where}"))
        assert page.left_out == {"lost": lost.scalar()}
    assert (steps, page.total) == ([], len(rows_of(release, where)))


@pytest.mark.parametrize("question", ["condition=good", "condition=good&condition=poor"])
def test_a_facet_beside_one_condition_is_told_without_counting(
    release: Release, question: str
) -> None:
    asked = f"{question}&facet=toy_book,condition&limit=0"
    plans(release, asked)  # reads what was counted
    assert plans(release, asked)[0] == []


def test_what_two_conditions_leave_is_told_without_counting(release: Release) -> None:
    plans(release, "condition=good&toy_book=b7&limit=0")  # reads what was counted
    steps, page = plans(release, "condition=good&toy_book=b7&limit=0")
    assert (steps, page.total) == ([], len(rows_of(release, "condition='good' AND book_id='b7'")))


def test_where_few_rows_lack_a_number_only_these_are_counted(release: Release) -> None:
    """Six of 30 000 copies are worth more: the others are not gone through."""
    steps, page = plans(release, "worth__lt=1000&facet=toy_book&limit=0")
    assert page.total == len(rows_of(release, "worth < 1000"))
    assert not [step for step in steps if step.startswith("SCAN copy")], steps


@pytest.mark.parametrize(
    "question", ["condition__not=good", "condition=good&worth__gte=5", "worth__gte=5"]
)
def test_what_a_choice_leaves_out_is_read_off_a_small_index(
    release: Release, question: str
) -> None:
    steps, _ = plans(release, question)
    assert "SCAN copy USING COVERING INDEX by_copy_left_out_by_lost" in steps, steps


def test_a_value_that_few_rows_have_is_looked_up_instead(release: Release) -> None:
    steps, _ = plans(release, "toy_book=b7&worth__gte=5")
    assert not [step for step in steps if step.startswith("SCAN copy")], steps


@pytest.mark.parametrize(
    "more", ["", "&condition=good", "&sort=-worth", "&condition=poor&sort=worth"]
)
def test_a_number_that_few_rows_reach_is_where_they_are_looked_for(
    release: Release, more: str
) -> None:
    steps, page = plans(release, f"worth__gte=1000000{more}")
    read = [step for step in steps if "copy" in step and "left_out" not in step]
    assert read, steps
    assert all("by_copy_in_order_of_worth" in step or "by_copy_place" in step for step in read)
    assert page.total <= 6


@pytest.mark.parametrize("limit", [7, 60])
@pytest.mark.parametrize(
    ("question", "where", "by"),
    [
        ("toy_book=b8&sort=-worth", "book_id = 'b8'", "worth DESC, id"),
        ("toy_book=b8&toy_book=b9&sort=worth", "book_id IN ('b8', 'b9')", "worth, id"),
        ("worth__gt=100&sort=-worth", "worth > 100", "worth DESC, id"),
        (
            "toy_book=b8&worth__gte=8&condition__not=good&sort=worth",
            "book_id = 'b8' AND worth >= 8 AND condition <> 'good'",
            "worth, id",
        ),
    ],
)
def test_pages_in_the_order_of_a_number_hold_each_row_once(
    release: Release, question: str, where: str, by: str, limit: int
) -> None:
    found: list[str] = []
    cursor = None
    while True:
        _, page = plans(release, f"{question}&limit={limit}", cursor)
        found += [json.loads(body)["id"] for body in page.bodies]
        if not (cursor := page.following):
            break
    assert found == rows_of(release, where, by)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nature=observed&value__gte=1&sort=-value", "nature=observed&value__gte=2&sort=-value"),
        ("indicator=gdp&facet=nature", "indicator=area&facet=nature"),
        ("zone=baiyin&period__gte=2010", "zone=ankang&period__gte=2012"),
    ],
)
def test_a_question_of_the_same_shape_is_not_planned_anew(
    real_release: Releases, one: str, other: str
) -> None:
    """SQLite does so where a bound value decides whether an index serves."""
    release, planned = real_release.current(), 0

    def note(action: int, *_: object) -> int:
        nonlocal planned
        planned += action == sqlite3.SQLITE_SELECT
        return sqlite3.SQLITE_OK

    def ask(query_string: str) -> None:
        path = "/v1/statistics"
        query = understand(StatisticQuery, path, split(query_string.encode()), release)
        read_page(query, None)
        count_facets(query, path)

    ask(one)
    for connection in release._idle:
        connection.set_authorizer(note)  # has every statement planned once more
    try:
        ask(one)
        planned = 0
        for query_string in (other, one):
            ask(query_string)
        assert planned == 0
    finally:
        for connection in release._idle:
            connection.set_authorizer(None)
