"""What the documents state, asked over HTTP: fails when a fact is dropped or changed.

The expectations were read off the documents by hand, not off the seed.
"""

from typing import Any

import httpx
import pytest


def rows(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params={"limit": 1000, **query})
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def test_zones_approved_in_2010_are_baiyin(real: httpx.Client) -> None:
    assert [z["id"] for z in rows(real, "/v1/zones", approved_year=2010)] == ["baiyin"]


def test_baiyin_is_found_by_biomedicine(real: httpx.Client) -> None:
    assert "baiyin" in [z["id"] for z in rows(real, "/v1/zones", industry="biomedicine")]


def test_baiyin_as_a_zone(real: httpx.Client) -> None:
    zone = real.get("/v1/zones/baiyin").json()["data"]
    expected = {
        "name_en": "Baiyin National High-Tech Industrial Development Zone",
        "name_zh": "白银高新技术产业开发区",
        "gb_code": "62103002",
        "level": "national",
        "approved_on": "2010-09",
        "approved_precision": "month",
        "provincial_approved_on": "2006-07",
        "established_on": None,
        "area_km2": 8.05,
        "area_kind": "unspecified",
        "latitude": 36.54696,
        "longitude": 104.17023,
    }
    assert {name: zone[name] for name in expected} == expected
    assert (zone["city"]["id"], zone["province"]["id"], zone["region"]["id"]) == (
        "baiyin",
        "CN-GS",
        "west",
    )
    assert zone["states"]["established_on"] == "unknown"


BAIYIN_MILESTONES = {
    ("initiative", "2001-10", ("baiyin-government", "cas-high-tech-bureau")),
    ("construction_start", "2002-07", ()),
    ("provincial_approval", "2006-07", ("gansu-provincial-government",)),
    ("national_approval", "2010-09", ("state-council",)),
}


def test_baiyin_milestones(real: httpx.Client) -> None:
    found = rows(real, "/v1/milestones", zone="baiyin")
    assert {
        (m["kind"], m["date"], tuple(sorted(o["id"] for o in m["by"]))) for m in found
    } == BAIYIN_MILESTONES


# indicator, coverage, value, unit, comparator, nature, period
BAIYIN_FIGURES = {
    ("area", "whole", 8.05, "km2", "exactly", "observed", None),
    ("area", "first_phase", 2, "km2", "exactly", "observed", None),
    ("investment", "first_phase", 220_000_000, "CNY", "exactly", "observed", None),
    ("projects", "projects_under_construction", 9, "projects", "exactly", "observed", None),
    (
        "investment",
        "projects_under_construction",
        1_900_000_000,
        "CNY",
        "exactly",
        "observed",
        None,
    ),
    (
        "industrial-output-value",
        "projects_under_construction",
        4_030_000_000,
        "CNY",
        "exactly",
        "forecast",
        None,
    ),
    ("taxes", "projects_under_construction", 760_000_000, "CNY", "exactly", "forecast", None),
    ("provincial-gdp-growth-share", "whole", 2, "percent", "over", "forecast", None),
    ("city-gdp-share", "whole", 25, "percent", "over", "forecast", "2013~/2023~"),
}


def test_baiyin_figures_stand_once_each(real: httpx.Client) -> None:
    found = rows(real, "/v1/statistics", zone="baiyin")
    figures = [
        (
            s["indicator"]["id"],
            s["coverage"],
            s["value"],
            s["unit"],
            s["comparator"],
            s["nature"],
            s["period"],
        )
        for s in found
    ]
    assert set(figures) == BAIYIN_FIGURES
    assert len(figures) == len(BAIYIN_FIGURES)
    assert {s["as_of"] for s in found if s["period"] is None} == {"2013-11-29"}


def test_the_dollar_figure_stands_inside_its_yuan_figure(real: httpx.Client) -> None:
    [figure] = rows(real, "/v1/statistics", indicator="investment", coverage="first_phase")
    assert figure["conversion"] == {"currency": "USD", "value": 36_100_000}
    assert figure["currency"] == "CNY"
    assert figure["published_text"] == "220 million yuan ($36.1 million)"
    assert (figure["published_value"], figure["published_unit"]) == (220, "million yuan")
    assert not [s for s in rows(real, "/v1/statistics") if s["unit"] == "USD"]


BAIYIN_INDUSTRIES = {
    "non-ferrous-metals",
    "new-energy-materials",
    "chemicals",
    "fine-chemicals",
    "biomedicine",
    "medical-equipment",
    "modern-processing-and-manufacturing",
}


def test_baiyin_industries(real: httpx.Client) -> None:
    ties = rows(real, "/v1/relations", zone="baiyin", type="focuses_on")
    assert {(t["object"]["id"], t["role"]) for t in ties} == {
        (industry, "focus") for industry in BAIYIN_INDUSTRIES
    }


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        (
            "/v1/platforms",
            {"kind": "service_platform"},
            {
                "technology development platform",
                "capital operation platform",
                "policy service platform",
                "culture platform",
            },
        ),
        (
            "/v1/platforms",
            {"kind": "innovation_center", "status": "unstated"},
            {"high-tech innovation service center"},
        ),
    ],
)
def test_baiyin_platforms(
    real: httpx.Client, path: str, query: dict[str, str], expected: set[str]
) -> None:
    assert {p["name_en"] for p in rows(real, path, zone="baiyin", **query)} == expected


def test_baiyin_ties_to_organizations(real: httpx.Client) -> None:
    ties = rows(real, "/v1/relations", zone="baiyin", type__not="focuses_on")
    assert {(t["type"], t["object"]["id"]) for t in ties} == {
        ("initiated_by", "baiyin-government"),
        ("initiated_by", "cas-high-tech-bureau"),
        ("cooperation_project_of", "gansu-provincial-government"),
        ("cooperation_project_of", "chinese-academy-of-sciences"),
    }


def test_baiyin_statements(real: httpx.Client) -> None:
    kinds = [s["kind"] for s in rows(real, "/v1/statements", zone="baiyin")]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "goal": 3,
        "characteristic": 3,
        "measure": 2,
    }


def test_every_fact_is_cited_and_every_citation_has_its_fact(real: httpx.Client) -> None:
    cited = {c["id"]: c for c in rows(real, "/v1/citations")}
    seen: set[str] = set()
    for resource in ("milestones", "platforms", "statistics", "relations", "statements"):
        for row in rows(real, f"/v1/{resource}"):
            assert row["citations"], row["id"]
            for citation in row["citations"]:
                assert cited[citation]["fact"]["id"] == row["id"]
            seen |= set(row["citations"])
    for resource in ("zones", "places", "organizations"):
        for row in rows(real, f"/v1/{resource}"):
            seen |= {i for ids in row["refs"].values() for i in ids}
    assert seen == set(cited)
