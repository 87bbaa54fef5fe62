"""Random questions to toy books and to the real base equal a plain reading of all their rows."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.database import Release, Releases
from app.query.parameters import ListQuery
from app.resources.service import RESOURCES
from tests.query.conftest import PARENTS, QUICK, BookQuery, Library, Row, books, lineage
from tests.query.oracle import Entry, Oracle
from tests.resources.reading import read_oracles

OF_A_LIST = 10
"""Random questions to each list of the real base; `benchmarks/oracle.py` puts thousands."""


def entry(row: Row) -> Entry:
    """A toy book as the values of its fields."""
    single = {n: getattr(row, n) for n in ("id", "shelf", "genre", "year", "price", "title")}
    values = {n: [] if v is None else [v] for n, v in (*single.items(), ("signed", row.signed))}
    values |= {"printed": [row.printed] if row.printed[0] else [], "edition": [row.edition]}
    return Entry(row.id, {**values, "condition": [*row.conditions], "topic": [*row.topics]})


def shelf(rows: list[Row]) -> Oracle:
    """Toy books, read plainly."""
    return Oracle(
        BookQuery,
        [entry(row) for row in rows],
        {genre: set(lineage(genre)) for genre in PARENTS},
        {"edition": {"all": lambda _: True, "latest": lambda e: e.values["edition"] == ["latest"]}},
        {"unknown": lambda e: not e.values["price"]},
        {"signed": lambda e: e.values["signed"] == [True]},
        lambda e: next(iter(e.values["price"]), None),
    )


@settings(QUICK, max_examples=15)
@given(rows=books(), random=st.randoms(use_true_random=False))
def test_random_questions_to_random_books_equal_a_plain_reading(
    library: Library, rows: list[Row], random: Random
) -> None:
    release, oracle = library.publish(rows), shelf(rows)
    for _ in range(6):
        question = oracle.question(random)
        assert list(oracle.differences(release, *question)) == []


@pytest.fixture(scope="module")
def base(real_release: Releases) -> Release:
    """The real knowledge, loaded."""
    return real_release.current()


@pytest.fixture(scope="module")
def oracles(base: Release) -> dict[str, Oracle]:
    return read_oracles(base)


@pytest.mark.xdist_group("oracle")
@pytest.mark.parametrize("name", [module.__name__.rsplit(".", 1)[-1] for module in RESOURCES])
def test_random_questions_to_the_base_equal_a_plain_reading(
    name: str, base: Release, oracles: dict[str, Oracle]
) -> None:
    random = Random(name)
    for _ in range(OF_A_LIST):
        assert list(oracles[name].differences(base, *oracles[name].question(random))) == []


def test_every_list_is_read(oracles: dict[str, Oracle]) -> None:
    listed = {q.rows for q in ListQuery.__subclasses__() if not q.rows.startswith("toy-")}
    assert set(oracles) == listed
