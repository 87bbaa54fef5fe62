"""The time limit of a query: it is stopped, and its connection is as good as before."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from app.database import QueryTooSlow, Release, Releases, writable

ENDLESS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
SELECT {} FROM n"""
LIMIT = 0.2


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Release]:
    """A release of one row whose queries may take a fifth of a second."""

    def build(draft: Path) -> None:
        with writable(draft) as connection:
            connection.execute(text("CREATE TABLE one AS SELECT 1 AS n"))

    releases = Releases(tmp_path, LIMIT)
    with releases.lock():
        releases.publish("one", build)
    release = releases.current()
    yield release
    release.engine.dispose()


@pytest.mark.parametrize("shown", ["count(*)", "i"], ids=["at its first row", "while it is read"])
def test_a_slow_query_is_stopped_and_its_connection_unharmed(shown: str, limited: Release) -> None:
    began = monotonic()
    with limited.connect() as connection:
        own = connection.connection.dbapi_connection
        with pytest.raises(QueryTooSlow, match=r"longer than 0\.2 seconds"):
            for _ in connection.execute(text(ENDLESS.format(shown))):
                pass
        assert connection.execute(text("SELECT n FROM one")).scalar() == 1
    assert LIMIT <= monotonic() - began < LIMIT + 5
    with limited.connect() as connection:
        assert connection.connection.dbapi_connection is own
        assert connection.execute(text("SELECT n FROM one")).scalar() == 1


def test_what_is_streamed_is_read_at_the_pace_of_its_reader(limited: Release) -> None:
    with limited.connect() as connection:
        streamed = connection.execution_options(yield_per=10).execute(text(ENDLESS.format("i")))
        began = monotonic()
        read = 0
        while monotonic() - began < 2 * LIMIT or read < 10_000:
            read += len(streamed.fetchmany(10))
        streamed.close()


def test_time_between_queries_does_not_count(limited: Release) -> None:
    with limited.connect() as connection:
        for _ in range(3):
            some = text(f"SELECT count(*) FROM ({ENDLESS.format('i')} LIMIT 4000)")
            assert connection.execute(some).scalar() == 4_000
            sleep(LIMIT)


def test_without_a_limit_nothing_is_watched(tmp_path: Path, limited: Release) -> None:
    release = Releases(tmp_path).current()
    with release.connect() as connection:
        many = text(f"SELECT count(*) FROM ({ENDLESS.format('i')} LIMIT 3000000)")
        assert connection.execute(many).scalar() == 3_000_000
    release.engine.dispose()
