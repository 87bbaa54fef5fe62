"""What the documents state, asked over HTTP: fails when a fact is dropped or changed.

The expectations were read off the documents by hand, not off the seed.
"""

from typing import Any

import httpx
import pytest


def rows(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = []
    answer = client.get(path, params={"limit": 1000, **query})
    while True:
        assert answer.status_code == 200, answer.text
        data += answer.json()["data"]
        following = answer.json()["links"]["next"]
        if following is None:
            return data
        answer = client.get(following)


FIVE = ("ankang", "baiyin", "changsha", "hefei", "shenyang")
DOCUMENTS = (
    "ankang-development-history",
    "chinadaily-2013-11-29-baiyin",
    "chinadaily-2020-06-10-hefei",
    "chinadaily-2022-07-27-shenyang",
    "national-zones-2012-2022",
)


@pytest.fixture(scope="session")
def told(real: httpx.Client) -> set[str]:
    """The ids of the facts that one of the five documents states."""
    cited = rows(real, "/v1/citations", document=list(DOCUMENTS))
    return {citation["fact"]["id"] for citation in cited}


def test_zones_approved_in_2010_are_baiyin(real: httpx.Client) -> None:
    found = [z["id"] for z in rows(real, "/v1/zones", approved_year="2010")]
    assert [zone for zone in found if zone in FIVE] == ["baiyin"]


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
    shown = rows(real, "/v1/statistics", zone="baiyin", unit="USD")
    assert [row["value"] for row in shown if row["id"] == figure["id"]] == [36_100_000]
    assert all(row["conversion"]["value"] == row["value"] for row in shown)


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
            {"kind": "platform", "status": "operating"},
            {"technology development platform", "capital operation platform", "culture platform"},
        ),
        (
            "/v1/platforms",
            {"kind": "service_platform", "status": "operating"},
            {"policy service platform"},
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


# The four other documents: the questions that the base exists for.


@pytest.mark.parametrize(
    ("question", "zones"),
    [
        # Other documents say so of Changsha.
        ({"industry": "biomedicine"}, ["ankang", "baiyin", "changsha", "shenyang"]),
        ({"industry": "new-materials"}, ["ankang", "baiyin", "changsha", "shenyang"]),
        ({"industry": "quantum-technologies"}, ["hefei"]),
        ({"industry__exact": "new-materials"}, ["ankang", "changsha", "shenyang"]),
        # The years of Changsha and Hefei are from other documents.
        ({"approved_year": 1991}, ["changsha", "hefei", "shenyang"]),
        ({"established_on": "1988"}, ["changsha", "shenyang"]),
        ({"approved_on": "2015-09-29"}, ["ankang"]),
        ({"approved_on__state": "unknown"}, []),
        ({"region": "west"}, ["ankang", "baiyin"]),
        ({"region": "northeast"}, ["shenyang"]),
        ({"region": "central"}, ["changsha", "hefei"]),
        ({"platform_kind": "laboratory"}, ["hefei"]),
    ],
)
def test_questions_that_the_base_exists_for(
    question: dict[str, str], zones: list[str], real: httpx.Client
) -> None:
    found = [z["id"] for z in rows(real, "/v1/zones", **question)]
    assert [zone for zone in found if zone in FIVE] == zones


def figures(client: httpx.Client, told: set[str], **query: Any) -> set[tuple[Any, ...]]:
    """Each figure of the documents as indicator, period, value, comparator, nature."""
    found = [s for s in rows(client, "/v1/statistics", rank="all", **query) if s["id"] in told]
    assert len({s["id"] for s in found}) == len(found)
    return {
        (s["indicator"]["id"], s["period"], s["value"], s["comparator"], s["nature"])
        for s in found
        if s["coverage"] == query.get("coverage", s["coverage"])
    }


OBSERVED = ("exactly", "observed")
NATIONAL = {
    ("presidential-visits", "2012/..", 20, "over", "observed"),
    ("zones", "2022", 173, *OBSERVED),
    ("zones", "2012", 89, *OBSERVED),
    ("zones-increase", "2012/2022", 84, *OBSERVED),
    ("demonstration-zones", "2022", 23, *OBSERVED),
    ("demonstration-zones", "2012", 3, *OBSERVED),
    ("demonstration-zones-increase", "2012/2022", 20, *OBSERVED),
    ("gdp", "2012", 5.4e12, *OBSERVED),
    ("gdp", "2021", 15.3e12, *OBSERVED),
    ("national-gdp-share", "2021", 13.4, *OBSERVED),
    ("national-construction-land-share", "2021", 2.5, *OBSERVED),
    ("industrial-output-value", "2022-01/2022-07", 17.5e12, *OBSERVED),
    ("industrial-output-value-growth", "2022-01/2022-07", 8.1, *OBSERVED),
    ("revenue", "2022-01/2022-07", 27.4e12, *OBSERVED),
    ("revenue-growth", "2022-01/2022-07", 7.1, *OBSERVED),
    ("national-state-key-laboratories-share", None, 84, *OBSERVED),
    ("national-technological-innovation-centers-share", None, 78, *OBSERVED),
    ("zones", "2012", 54, *OBSERVED),
    ("zones", "2021", 97, *OBSERVED),
    ("research-institutions", "2021", 4400, "over", "observed"),
    ("researchers", "2021", 5_630_000, "over", "observed"),
    ("researchers-multiple", "2012/2021", 2.5, *OBSERVED),
    ("research-and-development-budget-multiple", "2012~/2021~", 3, "over", "observed"),
    ("research-and-development-budget", "2021", 1e12, "over", "observed"),
    ("high-tech-enterprises", "2012", 20_000, "under", "observed"),
    ("high-tech-enterprises", "2021", 115_000, *OBSERVED),
    ("national-exports-share", "2012", 3.2, "about", "observed"),
    ("national-exports-share", "2021", 24.4, *OBSERVED),
    ("foreign-researchers", "2022", 47_000, "over", "observed"),
    ("returned-experts", "2022", 211_000, *OBSERVED),
    ("overseas-research-institutions", "2021", 2200, "over", "observed"),
    ("overseas-research-institutions-multiple", "2012/2021", 4.6, *OBSERVED),
    ("internationalization-policy-share", None, 77, "over", "observed"),
}


def test_national_figures(real: httpx.Client, told: set[str]) -> None:
    assert figures(real, told, scope="national") == NATIONAL
    served = figures(real, told, scope="national", derived="false")
    assert NATIONAL - served == {
        ("zones", "2012", 89, *OBSERVED),
        ("demonstration-zones", "2012", 3, *OBSERVED),
    }


def test_a_later_count_of_the_zones_of_2012_is_preferred(real: httpx.Client) -> None:
    """89 follows from an increase of 84; a later document counts 105, which others bear out."""
    found = rows(real, "/v1/statistics", indicator="zones", period="2012", coverage="whole")
    assert [s["value"] for s in found] == [105]


def test_a_threshold_is_no_value(real: httpx.Client, told: set[str]) -> None:
    assert not rows(real, "/v1/statistics", value=100_000_000_000)
    large = rows(real, "/v1/statistics", coverage="zones_revenue_over_100_billion")
    found = {(s["period"], s["value"]) for s in large if s["id"] in told}
    assert found == {("2012", 54), ("2021", 97)}


def test_what_follows_from_a_comparison_is_derived_and_cites_its_inputs(real: httpx.Client) -> None:
    derived = {s["id"]: s for s in rows(real, "/v1/statistics", derived="true", rank="all")}
    assert {s["value"] for s in derived.values()} == {89, 3}
    for figure in derived.values():
        inputs = [real.get(f"/v1/statistics/{name}").json()["data"] for name in figure["inputs"]]
        assert figure["value"] == inputs[0]["value"] - inputs[1]["value"]
        assert {c for i in inputs for c in i["citations"]} <= set(figure["citations"])


def test_figures_of_shenyang_are_all_targets(real: httpx.Client, told: set[str]) -> None:
    assert figures(real, told, zone="shenyang") == {
        ("rank-among-national-zones", "2023", 20, "at_most", "target"),
        ("high-tech-enterprises", "2023", 2000, "over", "target"),
        ("working-spaces-and-incubators", "2023", 100, "over", "target"),
        ("research-and-development-investment", "2023", 10e9, "exactly", "target"),
    }
    [budget] = rows(real, "/v1/statistics", zone="shenyang", unit="CNY")
    assert budget["conversion"] == {"currency": "USD", "value": 1_480_000_000}


def test_figures_of_hefei_speak_of_parts(real: httpx.Client, told: set[str]) -> None:
    assert figures(real, told, zone="hefei") == {
        ("investment", "2017~/2020~", 5e9, *OBSERVED),
        ("delta-sales-share", None, 30, "about", "observed"),
        ("market-share", None, 40, *OBSERVED),
    }
    assert not rows(real, "/v1/statistics", zone="hefei", coverage="whole")


def test_figures_of_changsha_and_ankang(real: httpx.Client, told: set[str]) -> None:
    assert figures(real, told, zone="changsha") == {
        ("talent-investment", "2022~/2025~", 1e9, "exactly", "planned")
    }
    assert figures(real, told, zone="ankang") == {
        ("national-zone-order-in-province", "2015-09-29", 6, *OBSERVED)
    }


MILESTONES = {
    ("ankang", "planning", "200X"),
    ("ankang", "founding", "2009"),
    ("ankang", "national_approval", "2015-09-29"),
    ("ankang", "stage", "../2015"),
    ("ankang", "stage", "2015/2018~"),
    ("ankang", "stage", "2018/2021~"),
    ("ankang", "stage", "2021/.."),
    ("shenyang", "founding", "1988"),
    ("shenyang", "national_approval", "1991-03-06"),  # 1991 in the document, the day in another
    ("shenyang", "policy", "../2022-07-27"),
    (None, "visit", "2012/.."),
    *(("baiyin", kind, date) for kind, date, _ in BAIYIN_MILESTONES),
}


def test_milestones_of_all_documents(real: httpx.Client, told: set[str]) -> None:
    found = [m for m in rows(real, "/v1/milestones") if m["id"] in told]
    assert {(m["zone"] and m["zone"]["id"], m["kind"], m["date"]) for m in found} == MILESTONES


def test_an_industry_named_in_three_stages_is_one_concept_with_three_ties(
    real: httpx.Client,
) -> None:
    ties = rows(real, "/v1/relations", zone="ankang", industry="biomedicine")
    own = [t for t in ties if t["object"]["id"] == "biomedicine"]
    assert {(t["stage"], t["role"]) for t in own} == {
        ("ankang-before-2015", "early"),
        ("ankang-2015-2018", "key"),
        ("ankang-2018-2021", "framework"),
    }


ROLES = {
    ("next-generation-information-technology", "core"),
    ("intelligent-manufacturing-equipment", "driving"),
    ("biomedicine", "driving"),
    ("civil-aviation", "key"),
    ("high-tech-services", "key"),
    ("new-materials", "key"),
    ("new-energy-vehicles", "key"),
}


def test_industries_of_shenyang_have_their_roles(real: httpx.Client, told: set[str]) -> None:
    ties = rows(real, "/v1/relations", zone="shenyang", type="focuses_on")
    assert {(t["object"]["id"], t["role"]) for t in ties if t["id"] in told} == ROLES
    fields = rows(real, "/v1/relations", zone="shenyang", type="achieved_in")
    assert {t["object"]["id"] for t in fields} == {
        "software-systems",
        "robots",
        "digital-medical-equipment",
        "integrated-circuit-equipment",
    }


QUOTED = {
    "Wu Jiaxi",
    "Ministry of Science and Technology",
    "Fang Xiangmin",
    "Tu Deng",
    "Mao Yuanyuan",
    "Wang Xinwei",
}


def test_everybody_who_is_quoted_is_named(real: httpx.Client) -> None:
    speakers = [c["attributed_to"] for c in rows(real, "/v1/citations") if c["attributed_to"]]
    assert {speaker["name"] for speaker in speakers} == QUOTED


def test_undated_documents_have_no_date(real: httpx.Client) -> None:
    undated = {d["id"] for d in rows(real, "/v1/documents", published_on__state="unknown")}
    assert {"ankang-development-history", "national-zones-2012-2022"} <= undated
    assert "chinadaily-2020-06-10-hefei" not in undated


def test_every_fact_is_cited_and_every_citation_has_its_fact(real: httpx.Client) -> None:
    cited = {c["id"]: c for c in rows(real, "/v1/citations")}
    seen: set[str] = set()
    for resource in ("milestones", "platforms", "statistics", "relations", "statements"):
        rivals = {"rank": "all"} if resource in ("milestones", "statistics") else {}
        for row in rows(real, f"/v1/{resource}", **rivals):
            assert row["citations"], row["id"]
            for citation in row["citations"]:
                assert cited[citation]["fact"]["id"] in {row["id"], *row.get("inputs", [])}
            seen |= set(row["citations"])
    for resource in ("zones", "places", "organizations", "industries"):
        for row in rows(real, f"/v1/{resource}"):
            seen |= {i for ids in row["refs"].values() for i in ids}
    assert seen == set(cited)


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        ("biology-and-health", {"biomedicine", "chinese-medicine", "medical-equipment"}),
        ("biomedicine", {"modern-chinese-medicine", "chemical-raw-materials", "covid-19-vaccines"}),
        ("information-technology", {"artificial-intelligence", "integrated-circuits", "software"}),
        ("equipment-manufacturing", {"robots", "aviation-equipment", "precision-machinery"}),
        ("automobiles", {"automotive-parts", "new-energy-vehicles"}),
        ("raw-materials", {"fine-chemicals", "titanium", "vanadium-batteries", "rare-earth"}),
        ("strategic-emerging-industries", {"new-energy", "new-materials", "digital-creative"}),
    ],
)
def test_broad_industries_have_their_narrower_ones(
    real: httpx.Client, broad: str, narrow: set[str]
) -> None:
    assert narrow < {i["id"] for i in rows(real, "/v1/industries", id=broad)}


@pytest.mark.parametrize(
    ("industry", "code", "title"),
    [
        ("pharmaceuticals", "21", "Manufacture of basic pharmaceutical products"),
        ("home-appliances", "275", "Manufacture of domestic appliances"),
        ("inspection-and-testing", "712", "Technical testing and analysis"),
        ("textiles", "13", "Manufacture of textiles"),
        ("manufacturing", "C", "Manufacturing"),
        ("vanadium-mining", "0729", "Mining of other non-ferrous metal ores"),
    ],
)
def test_an_industry_has_the_isic_code_whose_title_fits(
    real: httpx.Client, industry: str, code: str, title: str
) -> None:
    row = real.get(f"/v1/industries/{industry}").json()["data"]
    assert row["codes"] == {"isic_4": code}
    (cited,) = (real.get(f"/v1/citations/{i}").json()["data"] for i in row["refs"]["codes"])
    assert cited["document"]["id"] == "isic-rev-4"
    assert cited["as_written"].startswith(f'"{code}","{title}')


def test_an_industry_without_a_fitting_class_has_no_code(real: httpx.Client) -> None:
    row = real.get("/v1/industries/biomedicine").json()["data"]
    assert (row["codes"], row["refs"]) == ({}, {})
