"""What is counted of a long list when a release is made is what counting it would give."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database import Release, Releases
from app.query import counts, settling
from app.query.reading import split, understand
from app.query.tallied import tallies
from app.resources.statistics import StatisticQuery


@pytest.fixture(scope="module")
def long(small_release: Releases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """The small release, settled as if its lists were long."""
    folder = tmp_path_factory.mktemp("long") / "releases"
    releases = Releases(Path(shutil.copytree(small_release.folder, folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settling, "COUNTED", 0)
        patch.setattr(settling, "SPREAD", 1)
        settling.settle(releases.current().path)
    yield (release := releases.current())
    release.close()


@pytest.mark.parametrize(
    "question",
    [
        "period=2015",
        "period__gte=2010",
        "period__lt=2014",
        "period__lte=2013-06",
        "period__gt=2005&period__lte=2013",
        "period__not=2012",
        "period=2010&period=2012",
        "nature=forecast",
        "nature=observed&nature=target",
        "scope=zone",
    ],
)
def test_what_is_told_is_what_counting_gives(
    long: Release, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = understand(
        StatisticQuery, "/v1/statistics", split(f"{question}&total=exact".encode()), long
    )
    told = counts._told(query)
    assert told is not None
    monkeypatch.setattr(counts, "_told", lambda _: None)
    assert told == counts.count(query)


@pytest.mark.parametrize(
    "question", ["as_of=2013", "period=2012&scope=zone", "period=2012&rank=all"]
)
def test_what_depends_on_more_is_counted(long: Release, question: str) -> None:
    asked = split(question.encode())
    assert counts._told(understand(StatisticQuery, "/v1/statistics", asked, long)) is None


def test_intervals_that_only_rows_left_out_have_are_counted(long: Release) -> None:
    """Of each interval that figures have, with the preferred ones and the rivals."""
    with long.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT period_span, sum(rank = 'preferred'), sum(rank != 'preferred') FROM statistic"
            " WHERE period_span IS NOT NULL GROUP BY 1"
        )
        expected = {span: [*counts] for span, *counts in found}
    assert tallies(long, "statistics")["period"]["spans"] == expected
