"""The catalogue of what is measured, held against the figures that are served."""

from collections import defaultdict
from typing import Any

import httpx
import pytest

from app.seed.dates import parse_date
from tests.resources.test_knowledge import rows

Row = dict[str, Any]
INVERSE = {
    "growth_of": "has_growth",
    "share_of": "has_share",
    "multiple_of": "has_multiple",
    "rate_of": "has_rate",
    "increase_of": "has_increase",
    "part_of": "has_part",
    "in_another_currency": "in_another_currency",
    "differs_from": "differs_from",
}


@pytest.fixture(scope="module")
def catalogue(real: httpx.Client) -> dict[str, Row]:
    return {row["id"]: row for row in rows(real, "/v1/indicators")}


@pytest.fixture(scope="module")
def figures(real: httpx.Client) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows(real, "/v1/statistics", rank="all"):
        found[row["indicator"]["id"]].append(row)
    return found


def test_both_ends_say_how_indicators_stand_to_each_other(catalogue: dict[str, Row]) -> None:
    ties = [(one, t["id"], t["how"]) for one, row in catalogue.items() for t in row["related"]]
    back = {**INVERSE, **{inverse: how for how, inverse in INVERSE.items()}}
    assert {how for _, _, how in ties} == back.keys()
    assert sorted(ties) == sorted((other, one, back[how]) for one, other, how in ties)


def test_what_is_near_gdp_says_how_it_differs(catalogue: dict[str, Row]) -> None:
    assert {tie["id"]: tie["how"] for tie in catalogue["gdp"]["related"]} == {
        "city-gdp-share": "has_share",
        "gdp-growth": "has_growth",
        "gdp-per-capita": "has_rate",
        "industrial-output-value": "differs_from",
        "national-gdp-share": "has_share",
        "revenue": "differs_from",
        "value-added": "differs_from",
    }
    assert catalogue["value-added"]["related"][0]["label_zh"]


@pytest.mark.parametrize(
    ("fact", "indicator", "other"),
    [
        ("changsha-talent-investment", "talent-investment", "investment"),
        (
            "national-state-key-laboratories-share-2023",
            "national-key-laboratories-share",
            "national-state-key-laboratories-share",
        ),
        ("national-exports-2011", "exports-in-dollars", "exports"),
    ],
)
def test_what_sources_mean_differently_is_kept_apart(
    fact: str, indicator: str, other: str, figures: dict[str, list[Row]]
) -> None:
    assert fact in {row["id"] for row in figures[indicator]}
    assert fact not in {row["id"] for row in figures[other]}


def test_an_indicator_tells_what_its_figures_are(
    real: httpx.Client, catalogue: dict[str, Row], figures: dict[str, list[Row]]
) -> None:
    documents = {row["id"]: row for row in rows(real, "/v1/documents")}
    sources = defaultdict(set)
    for citation in rows(real, "/v1/citations", resource="statistics"):
        sources[citation["fact"]["id"]].add(citation["document"]["id"])
    for one, row in catalogue.items():
        stated = {document for figure in figures[one] for document in sources[figure["id"]]}
        publishers = {(documents[name]["publisher"] or {}).get("id") for name in stated} - {None}
        zones = {figure["zone"]["id"] for figure in figures[one] if figure["zone"]}
        assert row["counts"] == {
            "statistics": len(figures[one]),
            "zones": len(zones),
            "documents": len(stated),
        }
        assert {ref["id"] for ref in row["publishers"]} == publishers
        assert {*row["natures"]} == {figure["nature"] for figure in figures[one]}
        assert {*row["scopes"]} == {figure["scope"] for figure in figures[one]}


def test_periods_are_those_of_observed_figures(
    catalogue: dict[str, Row], figures: dict[str, list[Row]]
) -> None:
    assert (catalogue["zones"]["period_first"], catalogue["zones"]["period_last"]) == (
        "1988-05-10",
        "2023-11",  # not the target for 2025
    )
    assert catalogue["research-and-development-investment"]["period_last"] is None
    for one, row in catalogue.items():
        observed = [f for f in figures[one] if f["nature"] == "observed" and f["period"]]
        ends = {row["period_first"], row["period_last"]}
        assert ends <= {figure["period"] for figure in observed} or ends == {None}
        if observed and all(f["period_start"] and f["period_end"] for f in observed):
            first, last = parse_date(row["period_first"]), parse_date(row["period_last"])
            assert first.start == min(f["period_start"] for f in observed)
            assert last.end == max(f["period_end"] for f in observed)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"related": "exports"}, {"exports-in-dollars", "national-exports-share", "revenue"}),
        ({"measure": "position"}, {"rank-among-national-zones", "national-zone-order-in-province"}),
        ({"dimension": "growth", "publisher": "peoples-daily-online"}, {"gdp-growth"}),
        ({"scope__all": ["zone", "national"], "unit": "enterprises"}, {"high-tech-enterprises"}),
        ({"nature": "planned"}, {"area", "talent-investment"}),
    ],
)
def test_indicators_are_found_by_what_they_are(
    query: dict[str, Any], expected: set[str], real: httpx.Client
) -> None:
    assert {row["id"] for row in rows(real, "/v1/indicators", **query)} == expected


def test_the_zones_with_a_figure_of_an_indicator(
    real: httpx.Client, catalogue: dict[str, Row]
) -> None:
    found = rows(real, "/v1/zones", indicator="area")
    assert len(found) == catalogue["area"]["counts"]["zones"] > 50
    for zone in found[:3]:
        assert "area" in {row["id"] for row in rows(real, "/v1/indicators", zone=zone["id"])}


def test_search_does_not_find_an_indicator_by_its_neighbours(real: httpx.Client) -> None:
    """GDP stands to revenue, and China Daily published it: neither is a name of it."""
    for word in ("GDP", "China Daily"):
        hits = rows(real, "/v1/indicators", q=word)
        assert "revenue" not in {row["id"] for row in hits}
