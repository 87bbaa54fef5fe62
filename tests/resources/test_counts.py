"""What is counted of a long list when a release is made is what counting it would give."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database import Release, Releases
from app.query import counts, facets, plans, settling, tallying
from app.query.parameters import ListQuery
from app.query.reading import split, understand
from app.query.tallied import tallies
from app.resources.citations import CitationQuery
from app.resources.statistics import StatisticQuery


@pytest.fixture(scope="module")
def long(real_release: Releases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """The real release, settled as if its lists were long."""
    folder = tmp_path_factory.mktemp("long") / "releases"
    releases = Releases(Path(shutil.copytree(real_release.folder, folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallying, "COUNTED", 0)
        patch.setattr(plans, "COUNTED", 0)
        patch.setattr(tallying, "MANY", 0)
        patch.setattr(counts, "MANY", 0)
        settling.settle(releases.current().path)
        yield (release := releases.current())
    release.close()


def asked(release: Release, question: str, of: type[ListQuery] = StatisticQuery) -> ListQuery:
    return understand(of, f"/v1/{of.rows}", split(question.encode()), release)


ONE = [
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
    "scope=zone&rank=preferred",
]
TWO = [
    "nature=observed&period__gte=2010",
    "nature=observed&period=2012",
    "scope=zone&nature=observed",
    "nature=observed&indicator=revenue",
    "scope=zone&indicator=area&indicator=investment",
    "derived=false&period__lt=2013&period__gt=2003",
]


@pytest.mark.parametrize("question", ONE + TWO)
def test_what_is_told_is_what_counting_gives(
    long: Release, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = asked(long, f"{question}&total=exact")
    told = counts._told(query)
    assert told is not None
    monkeypatch.setattr(counts, "_told", lambda _: None)
    assert told == counts.count(query)


@pytest.mark.parametrize(
    "question",
    ["as_of=2013", "period=2012&scope=zone&nature=observed", "period=2012&rank=all", "value__gt=1"],
)
def test_what_depends_on_more_is_counted(long: Release, question: str) -> None:
    assert counts._told(asked(long, question)) is None


@pytest.mark.parametrize("question", ["", "nature=observed", "indicator=revenue", "scope=zone"])
@pytest.mark.parametrize(
    "bounds", ["value__gte=1", "value__gt=50&value__lt=1e12", "value__lte=1e9"]
)
def test_what_is_told_but_for_some_numbers_is_what_counting_gives(
    long: Release, question: str, bounds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "_FEW", 1)
    query = asked(long, f"{question}&{bounds}&total=exact".lstrip("&"))
    told = counts._told_but_few(query)
    assert told is not None
    monkeypatch.setattr(counts, "_told_but_few", lambda _: None)
    assert told == counts.count(query)


@pytest.mark.parametrize(
    "question", ["value__gte=1&unit=yi_yuan", "value__gte=1&period=2012", "value__gte=1&value=5"]
)
def test_numbers_that_depend_on_more_are_counted(long: Release, question: str) -> None:
    assert counts._told_but_few(asked(long, question)) is None


@pytest.mark.parametrize("facet", ["indicator", "zone", "nature", "derived", "coverage"])
@pytest.mark.parametrize(
    "question",
    [
        "",
        "nature=observed",
        "nature=observed&nature=target&nature=observed",
        "indicator=revenue&rank=preferred",
        "derived=true",
        "nature=observed&value__gte=50",
        "value__gt=1&value__lte=1e12",
        "indicator=revenue&value__lt=1e11",
    ],
)
def test_a_facet_that_is_told_is_what_counting_gives(
    long: Release, question: str, facet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "_FEW", 1)
    query = asked(long, f"{question}&facet={facet}".lstrip("&"))
    field = query.fields[facet]
    told = facets._known(query, field) or facets._known_but_few(query, field)
    assert told is not None
    assert facets._ordered(query, field, told[0]) == facets.count_values(query, field, {})
    assert told[1] == len(told[0])


def test_a_facet_of_what_depends_on_more_is_counted(long: Release) -> None:
    for question in ("as_of=2013", "zone=baiyin&nature=observed", "rank=all", "nature__not=target"):
        query = asked(long, f"{question}&facet=indicator")
        assert facets._known(query, query.fields["indicator"]) is None


def test_parts_of_lists_without_choices_are_told(long: Release) -> None:
    query = asked(long, "resource=milestones&facet=field", CitationQuery)
    told = facets._known(query, query.fields["field"])
    assert told
    assert told[0] == dict(facets.count_values(query, query.fields["field"], {}))


def test_intervals_that_only_rows_left_out_have_are_counted(long: Release) -> None:
    """Of each interval that figures have, with the preferred ones and the rivals."""
    with long.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT period_span, sum(rank = 'preferred'), sum(rank != 'preferred') FROM statistic"
            " WHERE period_span IS NOT NULL GROUP BY 1"
        )
        expected = {span: [*counts] for span, *counts in found}
    assert tallies(long, "statistics")["period"]["spans"] == expected
