"""Evidence told: citations inside rows, why rows match, passages, doubts, choices, coverage."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.database import Releases
from app.main import create_app
from app.query.pages import read_page
from app.query.parameters import ListQuery
from app.query.reading import split, understand
from app.query.rows import complete
from app.resources.documents import DocumentQuery
from app.resources.industries import IndustryQuery
from app.resources.passages import MOST_AROUND, around
from app.resources.relations import RelationQuery
from app.resources.zones import ZoneQuery
from app.settings import Settings
from tests.conftest import SMALL_SEED, SMALL_TEXTS, edit
from tests.query.conftest import statements
from tests.resources.test_http import problem

FACTS = ("milestones", "platforms", "statistics", "relations", "statements")
ENTITIES = ("zones", "places", "organizations", "industries")


def rows(client: httpx.Client | TestClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


@pytest.mark.parametrize("resource", [*FACTS, *ENTITIES, "coverage"])
def test_included_citations_are_those_that_the_row_names(
    resource: str, small: httpx.Client
) -> None:
    cited = {row["id"]: row for row in rows(small, "/v1/citations?limit=1000")}
    plain = rows(small, f"/v1/{resource}?limit=1000")
    told = rows(small, f"/v1/{resource}?limit=1000&include=citations")
    for row, full in zip(plain, told, strict=True):
        ids = (
            row["citations"] if "refs" not in row else [i for r in row["refs"].values() for i in r]
        )
        assert full["citations"] == [cited[one] for one in dict.fromkeys(ids)]
        assert {**row, "citations": 0} == {**full, "citations": 0}
    one = plain[0]["id"]
    assert small.get(f"/v1/{resource}/{one}?include=citations").json()["data"] == told[0]


def test_what_has_no_citations_cannot_include_them(small: httpx.Client) -> None:
    problem(small.get("/v1/citations?include=citations"), "unknown-parameter")
    problem(small.get("/v1/programmes?include=citations"), "invalid-value")
    problem(small.get("/v1/zones?include=milestone"), "invalid-value")


def matched(client: httpx.Client, address: str) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """For each row and parameter, the facts and phrases that are told."""
    told = {}
    for row in rows(client, f"{address}&explain=matches"):
        told[row["id"]] = {
            match["parameter"]: {
                *((fact["resource"], fact["id"]) for fact in match["facts"]),
                *((c["document"]["id"], c["as_written"]) for c in match["citations"]),
            }
            for match in row["matched_by"]
        }
    return told


GAZETTE, TRIBUNE, BLOG = "gazette-2020", "tribune-2019", "blog-2021-03"


@pytest.mark.parametrize(
    ("address", "row", "expected"),
    [
        (
            "/v1/zones?approved_year=2010",
            "alpha",
            {"approved_year": {(GAZETTE, "on September 29, 2010")}},
        ),
        (
            "/v1/zones?industry__exact=vaccines",
            "alpha",
            {"industry__exact": {("relations", "alpha-vaccines"), (TRIBUNE, "vaccines")}},
        ),
        (
            "/v1/zones?platform_kind=port&province=XX-A",
            "alpha",
            {
                "platform_kind": {
                    ("platforms", "alpha-dry-port"),
                    (TRIBUNE, "dry port"),
                    (TRIBUNE, "is planned"),
                },
                "province": {(GAZETTE, "Alpha, in Province A")},
            },
        ),
        (
            "/v1/milestones?date=2012&kind=national_approval",
            "beta-national-approval",
            {
                "date": {(GAZETTE, "in 2012"), (TRIBUNE, "approved in August 2012")},
                "kind": {(GAZETTE, "in 2012"), (TRIBUNE, "approved in August 2012")}
                | {(GAZETTE, "Council of Nowhere")},
            },
        ),
        ("/v1/zones?province__not=XX-B&approved_year=2010", "alpha", None),
        ("/v1/zones?established_on__state=unknown", "beta", {}),
        ("/v1/documents?tier=1", "gazette-2020", {"tier": set()}),
    ],
)
def test_a_row_tells_what_satisfies_each_filter_and_who_says_so(
    address: str, row: str, expected: dict[str, Any] | None, small: httpx.Client
) -> None:
    told = matched(small, address)[row]
    if expected is None:
        assert set(told) == {"approved_year"}, "what is not there has no evidence"
    else:
        assert told == expected


def test_each_of_several_industries_is_told_with_the_ties_that_satisfy_it(
    real: httpx.Client,
) -> None:
    told = matched(real, "/v1/zones?industry=biomedicine")
    assert {"ankang", "baiyin", "shenyang"} <= set(told)
    assert ("relations", "baiyin-biomedicine") in told["baiyin"]["industry"]
    assert ("chinadaily-2013-11-29-baiyin", "bio-medicine") in told["baiyin"]["industry"]
    assert all(
        ("relations", f"{zone}-new-materials") not in told[zone]["industry"] for zone in told
    )


def test_only_a_list_that_is_asked_explains(small: httpx.Client) -> None:
    assert "matched_by" not in rows(small, "/v1/zones?approved_year=2010")[0]
    problem(small.get("/v1/zones?explain=all"), "invalid-value")
    problem(small.get("/v1/zones/alpha?explain=matches"), "unknown-parameter")


@pytest.mark.parametrize(
    ("asked", "question", "selects"),
    [
        (ZoneQuery, "", 0),
        (ZoneQuery, "include=citations", 1),
        (ZoneQuery, "fields=name_zh,refs", 0),
        (ZoneQuery, "include=milestones", 1),
        (ZoneQuery, "include=citations,milestones,statistics,indicators,relations&fields=id", 5),
        (IndustryQuery, "include=zones", 1),
        (DocumentQuery, "include=citations", 1),
        (ZoneQuery, "explain=matches", 0),
        (ZoneQuery, "explain=matches&province__state=known", 1),
        (ZoneQuery, "explain=matches&industry__state=known", 3),
        (ZoneQuery, "explain=matches&industry__state=known&include=citations", 4),
        (RelationQuery, "include=citations", 1),
        (RelationQuery, "explain=matches&type=focuses_on", 1),
    ],
)
@pytest.mark.parametrize("limit", [1, 100])
def test_what_is_told_costs_the_same_statements_for_every_number_of_rows(
    asked: type[ListQuery], question: str, selects: int, limit: int, small_release: Releases
) -> None:
    release = small_release.current()
    query = understand(asked, "/v1/x", split(f"{question}&limit={limit}".encode()), release)
    page = read_page(query, None)
    assert page.bodies
    with statements(release) as seen:
        complete(query, page.bodies, {})
    assert len(seen) == selects


def test_citations_are_found_by_zone_and_by_speaker(small: httpx.Client) -> None:
    told = rows(small, "/v1/citations?zone=alpha&limit=1000")
    assert {c["zone"]["id"] for c in told} == {"alpha"}
    assert {"zones", "milestones", "statistics"} <= {c["fact"]["resource"] for c in told}
    every = rows(small, "/v1/citations?limit=1000")
    assert len(told) == sum(1 for c in every if (c["zone"] or {}).get("id") == "alpha")
    said = rows(small, "/v1/citations?attributed_to=ann-example")
    assert {c["as_written"] for c in said} == {
        "the first zone on the moon",
        "by 2030",
        "the only zone with a lighthouse",
    }
    answer = small.get("/v1/citations?attributed_to=Ann+Exampl")
    assert problem(answer, "invalid-value")["errors"][0]["did_you_mean"] == "ann-example"


Serve = Callable[[Path | None], AbstractContextManager[TestClient]]


@pytest.fixture
def serve(small_release: Releases) -> Serve:
    """The application over the small release, with or without the texts."""

    @contextmanager
    def serving(texts: Path | None) -> Iterator[TestClient]:
        settings = Settings(
            data_dir=small_release.folder.parent, seed_dir=SMALL_SEED, documents_dir=texts
        )
        with TestClient(create_app(settings)) as client:
            yield client

    return serving


def test_a_citation_gives_its_passage_where_the_text_is_at_hand(serve: Serve) -> None:
    whole = [file.read_text(encoding="utf-8") for file in SMALL_TEXTS.iterdir()]
    with serve(SMALL_TEXTS) as client:
        for citation in rows(client, "/v1/citations?limit=1000"):
            passage = citation["passage"]
            if not citation["anchored"]:
                assert passage is None
                continue
            assert passage["exact"] == citation["as_written"]
            assert sum("".join(passage.values()) in text for text in whole) == 1
        inside = rows(client, "/v1/milestones?zone=alpha&include=citations")[0]["citations"][0]
        assert inside["passage"]["exact"] == inside["as_written"]
        one = client.get(f"/v1/citations/{inside['id']}")
        assert one.json()["data"] == inside
    with serve(None) as client:
        other = client.get(f"/v1/citations/{inside['id']}")
        assert other.json()["data"] == {**inside, "passage": None}
        assert other.headers["etag"] != one.headers["etag"]


def test_a_text_that_changed_or_went_gives_no_passage(serve: Serve, tmp_path: Path) -> None:
    texts = Path(shutil.copytree(SMALL_TEXTS, tmp_path / "texts"))
    with serve(texts) as client:
        (texts / "gazette.txt").write_text("something else", encoding="utf-8")
        (texts / "blog.txt").unlink()
        told = rows(client, "/v1/citations?limit=1000")
        without = {c["document"]["id"] for c in told if c["anchored"] and not c["passage"]}
    assert without == {"gazette-2020", "blog-2021-03"}


def test_a_passage_is_one_paragraph_and_short() -> None:
    text = "one\n" + "a " * 300 + "PHRASE" + " b" * 300 + "\nthree"
    start = text.index("PHRASE")
    passage = around(text, start, start + 6)
    assert passage["exact"] == "PHRASE"
    assert all(0 < len(passage[side]) <= MOST_AROUND for side in ("prefix", "suffix"))
    assert "".join(passage.values()) in text
    assert around("x\nPHRASE\ny", 2, 8) == {"prefix": "", "exact": "PHRASE", "suffix": ""}
    chinese = "甲" * 500 + "词" + "乙" * 500
    assert len("".join(around(chinese, 500, 501).values())) == 2 * MOST_AROUND + 1


def test_a_doubt_is_told_beside_the_fact_and_the_field_that_is_read_off_it(
    small: httpx.Client,
) -> None:
    doubt = {"kind": "implausible", "reason": "The town it lies in is smaller.", "document": None}
    fact = small.get("/v1/statistics/alpha-area").json()["data"]
    assert (fact["value"], fact["doubts"]) == (12.5, [{"field": "value", **doubt}])
    zone = small.get("/v1/zones/alpha").json()["data"]
    assert (zone["area_km2"], zone["doubts"]) == (12.5, [{"field": "area_km2", **doubt}])
    national = small.get("/v1/statistics/programme-zones-2021").json()["data"]["doubts"]
    assert [(d["kind"], d["document"]["id"]) for d in national] == [
        ("contradicted", "handbook-2017")
    ]
    assert small.get("/v1/zones/beta").json()["data"]["doubts"] == []


def test_a_persons_choice_goes_before_tier_and_date(seed_copy: Path, tmp_path: Path) -> None:
    from app.seed.facts import build_facts, build_properties
    from app.seed.read import Seed

    edit(
        seed_copy, "judgements.yaml", "prefer: alpha-gdp-2018\n", "prefer: alpha-gdp-2018-rumour\n"
    )
    edit(seed_copy, "judgements.yaml", "prefer: Alpha High-Tech Zone", "prefer: Alpha Science City")
    seed = Seed(seed_copy)
    ranks = {f.claim.id: (f.rank, f.rank_reason) for f in build_facts(seed)}
    reason = "The blog says itself that it has not counted."
    assert ranks["alpha-gdp-2018-rumour"] == ("preferred", reason)
    assert ranks["alpha-gdp-2018"] == ("normal", f"alpha-gdp-2018-rumour is preferred: {reason}")
    names = [value.value for value in build_properties(seed)["zone/alpha", "name_en"]]
    assert names == ["Alpha Science City", "Alpha High-Tech Zone"]


@pytest.mark.parametrize(
    ("address", "left_out"),
    [
        ("/v1/statistics?zone=alpha&indicator=gdp", {"rank": 1}),
        ("/v1/statistics?zone=alpha&indicator=gdp&limit=0", {"rank": 1}),
        ("/v1/statistics?zone=alpha&indicator=gdp&period=2020", {"rank": 0}),
        ("/v1/statistics?zone=alpha&indicator=gdp&rank=all", {}),
        ("/v1/milestones?kind=national_approval", {"rank": 1}),
        ("/v1/platforms", {}),
    ],
)
def test_rivals_that_are_left_out_are_counted(
    address: str, left_out: dict[str, int], small: httpx.Client
) -> None:
    assert small.get(address).json()["meta"]["left_out"] == left_out


def test_coverage_says_of_every_zone_and_field_what_its_row_says(small: httpx.Client) -> None:
    zones = rows(small, "/v1/zones?limit=1000")
    answer = small.get("/v1/coverage?limit=1000").json()
    told = {(row["zone"]["id"], row["field"]): row["state"] for row in answer["data"]}
    assert told == {(z["id"], field): state for z in zones for field, state in z["states"].items()}
    totals = answer["meta"]["totals"]
    for field, counts in totals.items():
        states = [zone["states"][field] for zone in zones]
        assert counts == {state: states.count(state) for state in ("known", "unknown")}
    assert set(totals) == set(zones[0]["states"])
    asked = small.get("/v1/coverage?field=area_km2&state=unknown&limit=1").json()
    assert asked["meta"]["totals"] == {
        "area_km2": {"known": 0, "unknown": totals["area_km2"]["unknown"]}
    }
    assert asked["meta"]["total"] == totals["area_km2"]["unknown"]


def test_a_fact_that_is_not_proven_says_why(real: httpx.Client) -> None:
    for resource in FACTS:
        for row in rows(
            real,
            f"/v1/{resource}?rank=all&limit=1000"
            if resource in ("milestones", "statistics")
            else f"/v1/{resource}?limit=1000",
        ):
            assert row["proven"] is (row["unproven"] is None)
    planning = real.get("/v1/milestones/ankang-planning").json()["data"]
    assert planning["unproven"].startswith("date: ")
