"""From claims to facts: what agrees is one fact, what does not is ranked, and zones read it off."""

import json
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text

from app.database import Releases
from app.resources.zones import ZoneRead
from app.seed.check import check
from app.seed.claims import DocumentFile, Judgements, Milestone
from app.seed.entities import ZONE_DATES, build_rows
from app.seed.facts import Fact, build_facts, build_properties
from app.seed.read import Seed
from tests.conftest import edit, once

ATLAS, BLOG = "documents/atlas.yaml", "documents/blog-2021-03.yaml"
GAZETTE, TRIBUNE = "documents/gazette-2020.yaml", "documents/tribune-2019.yaml"
YEARBOOK = "documents/yearbook-2022.yaml"


def document(
    name: str, published_on: str | None = "2020-01-01", tier: int = 2, **claims: Any
) -> DocumentFile:
    source = {"id": name, "title": name, "publisher": None, "language": "en", "tier": tier}
    return DocumentFile.model_validate(
        {"document": {**source, "published_on": published_on}, "subject": "zone/alpha", **claims}
    )


def cite(*fields: str, phrase: str = "x") -> list[dict[str, str]]:
    return [{"for": field, "text": phrase} for field in fields]


def approval(date: str, id: str = "approval", **other: Any) -> dict[str, Any]:
    return {"id": id, "kind": "national_approval", "date": date, "cite": cite("date")} | other


def area(value: float, id: str = "area", **other: Any) -> dict[str, Any]:
    common = {"indicator": "area", "period": None, "unit": "km2", "nature": "observed"}
    return {"id": id, "value": value, "cite": cite("value"), **common} | other


def alias(value: str, field: str = "alias") -> dict[str, Any]:
    return {"field": field, "value": value, "cite": cite("value")}


def seed(*documents: DocumentFile) -> Seed:
    return cast(Seed, SimpleNamespace(documents=[*documents], judgements=Judgements()))


def facts(*documents: DocumentFile) -> dict[str, Fact]:
    return {fact.claim.id: fact for fact in build_facts(seed(*documents))}


def claim(resource: str, **fields: Any) -> Any:
    claims: dict[str, Any] = {resource: [fields]}
    (made,) = getattr(document("d", **claims), resource)
    return made


SLOTS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "milestones": (
        approval("2010"),
        {"date": "2011", "id": "b", "title_en": "t", "by": ["x"]},
        {"kind": "founding", "label": "first_stage", "subject": "zone/beta"},
    ),
    "statistics": (
        area(1),
        {"value": 2, "id": "b", "comparator": "over", "unit": "mu", "note": "n"},
        {
            "indicator": "gdp",
            "coverage": "first_phase",
            "period": "2010",
            "nature": "target",
            "subject": "national",
        },
    ),
    "relations": (
        {"id": "a", "type": "focuses_on", "object": "industry/x", "cite": cite("object")},
        {"id": "b", "role": "leading", "reading": "r"},
        {"type": "hosts", "object": "industry/y", "stage": "first_stage", "subject": "zone/beta"},
    ),
    "platforms": (
        {
            **{"id": "a", "name_en": "n", "kind": "port", "status": "planned", "named": False},
            "cite": cite("name_en", "status"),
        },
        {"name_en": "m", "kind": "park", "status": "operating", "subject": "zone/beta"},
        {"id": "b"},
    ),
    "statements": (
        {"id": "a", "kind": "goal", "text_en": "t", "text_zh": "t", "cite": cite("text_en")},
        {"kind": "policy", "text_en": "u", "horizon": "2030", "subject": "zone/beta"},
        {"id": "b"},
    ),
}
"""For each resource a claim, changes that leave it in its slot, and changes that do not."""


@pytest.mark.parametrize("resource", SLOTS)
def test_claims_have_the_same_slot_when_they_speak_of_the_same_thing(resource: str) -> None:
    base, within, beyond = SLOTS[resource]
    slot = claim(resource, **base).slot
    for field, value in within.items():
        assert claim(resource, **base | {field: value}).slot == slot, field
    for field, value in beyond.items():
        assert claim(resource, **base | {field: value}).slot != slot, field


def test_the_subject_of_the_document_is_that_of_its_claims() -> None:
    made = document("d", milestones=[approval("2010"), approval("2010", subject="national")])
    assert [m.about for m in made.milestones] == ["zone/alpha", "national"]


@pytest.mark.parametrize(
    ("resource", "first", "second", "agree"),
    [
        ("milestones", approval("2010"), approval("2010"), True),
        ("milestones", approval("2010"), approval("2010-09"), True),
        ("milestones", approval("2010-09"), approval("2010"), True),
        ("milestones", approval("2010"), approval("2011"), False),
        ("milestones", approval("2010"), approval("2010", kind="founding"), False),
        ("milestones", approval("2018~"), approval("2018"), False),
        ("statistics", area(1), area(1.0), True),
        ("statistics", area(1), area(2), False),
        ("statistics", area(1), area(1, comparator="over"), False),
        ("statistics", area(1), area(1, period="2010"), False),
        *(
            ("relations", SLOTS["relations"][0], SLOTS["relations"][0] | change, agree)
            for change, agree in (
                ({}, True),
                ({"role": "leading"}, True),
                ({"stage": "first_stage"}, False),
            )
        ),
        (
            "relations",
            SLOTS["relations"][0] | {"role": "core"},
            SLOTS["relations"][0] | {"role": "leading"},
            False,
        ),
    ],
)
def test_claims_agree_when_one_says_the_same_as_the_other_or_the_same_more_precisely(
    resource: str, first: dict[str, Any], second: dict[str, Any], agree: bool
) -> None:
    assert claim(resource, **first).agrees(claim(resource, **second)) is agree


def test_agreeing_claims_are_one_fact_with_the_citations_of_all_the_best_first() -> None:
    made = facts(
        document("press", tier=2, milestones=[approval("2010", cite=cite("date", phrase="b"))]),
        document("blog", tier=3, milestones=[approval("2010", cite=cite("date", phrase="c"))]),
        document("gazette", tier=1, milestones=[approval("2010", cite=cite("date", phrase="a"))]),
    )
    assert list(made) == ["approval"]
    told = [(e.source.id, e.claim.phrases("date")) for e in made["approval"].evidence]
    assert told == [("gazette", ["a"]), ("press", ["b"]), ("blog", ["c"])]
    assert (made["approval"].rank, made["approval"].rank_reason) == ("preferred", None)


@pytest.mark.parametrize(
    ("dates", "served"),
    [
        (["2010"], "2010"),
        (["2010", "2010-09"], "2010-09"),
        (["201X", "2010-09-29", "2010"], "2010-09-29"),
        (["20XX", "201X"], "201X"),
        (["2009/2011", "2010"], "2010"),
        once(
            ["2010", "2010-09/2010-10"],
            "2010-09/2010-10",
            was="an interval counts as coarser than a century, however short it is",
        ),
    ],
)
def test_of_dates_that_agree_the_finest_is_served_whoever_states_it(
    dates: list[str], served: str
) -> None:
    for order in permutations(dates):
        documents = [
            document(f"d{tier}", tier=tier, milestones=[approval(date)])
            for tier, date in enumerate(order, 1)
        ]
        made = facts(*documents)["approval"].claim
        assert isinstance(made, Milestone)
        assert made.date == served


def test_what_a_fact_serves_beside_its_date_is_that_of_the_finest_claim() -> None:
    made = facts(
        document("gazette", tier=1, milestones=[approval("2010", note="coarse")]),
        document("press", tier=2, milestones=[approval("2010-09", note="fine")]),
    )
    assert made["approval"].claim.note == "fine"


def test_of_figures_that_agree_the_best_document_serves_its_own() -> None:
    made = facts(
        document("press", tier=2, statistics=[area(1, note="press")]),
        document("gazette", tier=1, statistics=[area(1, note="gazette")]),
    )
    assert made["area"].claim.note == "gazette"


BETTER = "has a better tier than its rivals"
NEWER = "is more recent than its rivals of the same tier"


@pytest.mark.parametrize(
    ("rivals", "preferred", "reason"),
    [
        ({"a": (1, "2001"), "b": (2, "2020")}, "a", BETTER),
        ({"a": (3, "2020"), "b": (2, "2001"), "c": (3, "2021")}, "b", BETTER),
        ({"a": (2, "2001"), "b": (2, "2020")}, "b", NEWER),
        ({"a": (2, "2020-01"), "b": (2, "2020-02-01")}, "b", NEWER),
        ({"a": (2, "2020"), "b": (2, "2020-12-30")}, "a", NEWER),
        ({"a": (2, None), "b": (2, "2001")}, "b", NEWER),
        ({"a": (2, "2020~"), "b": (2, "2001")}, "b", NEWER),
        ({"a": (1, "2001"), "b": (1, "2020"), "c": (3, "2022")}, "b", NEWER),
        ({"a": (1, None), "b": (3, "2020")}, "a", BETTER),
        once(
            {"a": (2, "2020"), "b": (2, "2020")},
            "a",
            "",
            was="where tier and date are equal the id decides, and the reason is untrue",
        ),
        once(
            {"a": (2, None), "b": (2, None)},
            "a",
            "",
            was="where no date is known the id decides, and the reason is untrue",
        ),
    ],
)
def test_rivals_are_ranked_by_tier_then_date_and_say_why(
    rivals: dict[str, tuple[int, str | None]], preferred: str, reason: str
) -> None:
    documents = [
        document(name, date, tier, statistics=[area(value, id=f"area-{name}")])
        for value, (name, (tier, date)) in enumerate(rivals.items())
    ]
    for order in permutations(documents):
        made = facts(*order)
        best = made.pop(f"area-{preferred}")
        assert best.rank == "preferred"
        why = best.rank_reason or ""
        assert (why == f"{preferred} {reason}") if reason else NEWER not in why
        assert {fact.rank for fact in made.values()} == {"normal"}
        assert {f.rank_reason for f in made.values()} == {f"area-{preferred} is preferred: {why}"}


def test_facts_of_different_slots_are_no_rivals() -> None:
    made = facts(
        document(
            "press",
            statistics=[
                area(1, id="whole"),
                area(2, id="part", coverage="first_phase"),
                area(3, id="then", period="2010"),
                area(4, id="goal", nature="target"),
                area(5, id="other", subject="zone/beta"),
            ],
        )
    )
    assert {(fact.rank, fact.rank_reason) for fact in made.values()} == {("preferred", None)}


def test_the_better_of_two_documents_that_agree_ranks_their_fact() -> None:
    made = facts(
        document("blog", tier=3, statistics=[area(1, id="one")]),
        document("press", tier=2, statistics=[area(2, id="two")]),
        document("gazette", tier=1, statistics=[area(1, id="one")]),
    )
    assert (made["one"].rank, made["two"].rank) == ("preferred", "normal")
    assert made["one"].rank_reason == "gazette has a better tier than its rivals"


def test_values_of_a_property_are_ranked_by_their_best_document() -> None:
    found = build_properties(
        seed(
            document("blog", tier=3, attributes=[alias("B", "name_en"), alias("x")]),
            document("press", tier=2, attributes=[alias("A", "name_en")]),
            document("gazette", tier=1, attributes=[alias("B", "name_en"), alias("y")]),
        )
    )
    names, aliases = found["zone/alpha", "name_en"], found["zone/alpha", "alias"]
    told = [(n.value, [e.source.id for e in n.evidence]) for n in names]
    assert told == [("B", ["gazette", "blog"]), ("A", ["press"])]
    assert [a.value for a in aliases] == ["y", "x"]


def rows(releases: Releases, resource: str) -> dict[str, dict[str, Any]]:
    query = text("SELECT id, json_text FROM body WHERE resource = :resource")
    with releases.current().connect() as connection:
        found = connection.execute(query, {"resource": resource}).all()
    return {identifier: json.loads(body) for identifier, body in found}


ZONES: dict[str, dict[str, Any]] = {
    "alpha": {
        **{"name_en": "Alpha High-Tech Zone", "aliases": ["the Park", "Alpha Science City"]},
        **{"level": "national", "gb_code": "2010", "latitude": 12.5, "longitude": -170.25},
        **{"approved_on": "2010-09-29", "approved_precision": "day", "approved_year": 2010},
        **{"provincial_approved_on": "2006", "established_on": "1998-03"},
        **{"area_km2": 12.5, "area_kind": "unspecified"},
    },
    "beta": {
        **{"approved_on": "2012-08", "approved_precision": "month", "approved_year": 2012},
        **{"provincial_approved_on": "199X", "established_on": None, "area_km2": None},
    },
    "gamma": {
        **{"approved_on": "2018~", "approved_precision": "year", "approved_year": None},
        **{"provincial_approved_on": "2003-05-20", "area_km2": 20, "latitude": -45},
    },
    "delta": {
        **{"approved_on": "../2015", "approved_precision": "interval", "approved_year": None},
        **{"established_on": "2001/2003", "level": "national", "city": None, "latitude": None},
    },
    "epsilon": {
        **{"name_en": None, "name_zh": None, "short_name_zh": None, "aliases": ["no"]},
        **{"approved_on": None, "approved_precision": None, "approved_year": None},
        **{"province": None, "region": None, "area_km2": None, "area_kind": None},
    },
    "zeta": {"approved_on": "2011", "approved_precision": "year", "approved_year": 2011},
    "eta": {"approved_on": "201X", "approved_precision": "decade", "approved_year": None},
}


@pytest.mark.parametrize("zone", ZONES)
def test_the_fields_of_a_zone_are_read_off_its_facts(zone: str, small_release: Releases) -> None:
    row = rows(small_release, "zones")[zone]
    assert {field: row[field] for field in ZONES[zone]} == ZONES[zone]


def test_a_zone_lies_where_its_city_and_province_do(small_release: Releases) -> None:
    places = {
        zone: [row[field] and row[field]["id"] for field in ("city", "province", "region")]
        for zone, row in rows(small_release, "zones").items()
    }
    assert places == {
        "alpha": ["alpha", "XX-A", "upland"],
        "beta": ["beta", "XX-A", "upland"],
        "gamma": ["gamma", "XX-B", "lowland"],
        "delta": [None, "XX-B", "lowland"],
        "epsilon": [None, None, None],
        "zeta": [None, "XX-A", "upland"],
        "eta": [None, "XX-A", "upland"],
    }


def test_a_zone_has_each_industry_once_with_each_role(small_release: Releases) -> None:
    industries = {
        zone: [(industry["id"], industry["role"]) for industry in row["industries"]]
        for zone, row in rows(small_release, "zones").items()
    }
    assert industries == {
        "alpha": [
            ("graphene", "leading"),
            ("graphene", "emerging"),
            ("biomedicine", "emerging"),
            ("vaccines", None),
        ],
        "beta": [("health", None)],
        "gamma": [],
        "delta": [],
        "epsilon": [("lasers", None)],
        "zeta": [("new-materials", "focus")],
        "eta": [("biomedicine", "focus")],
    }


LIES_IN = (("beta", "gazette-2020"), ("XX-A", "atlas"))


def test_a_field_of_a_zone_refers_to_the_citations_of_the_fact_it_is_read_off(
    small_release: Releases,
) -> None:
    citations = rows(small_release, "citations")
    told = {
        (field, citations[ref]["fact"]["id"], citations[ref]["document"]["id"])
        for field, refs in rows(small_release, "zones")["beta"]["refs"].items()
        for ref in refs
    }
    assert told == {
        ("name_en", "beta", "gazette-2020"),
        ("city", "beta", "gazette-2020"),
        ("province", "beta", "gazette-2020"),
        ("region", "XX-A", "atlas"),
        *(("places", place, document) for place, document in LIES_IN),
        *(
            (field, "beta-national-approval", document)
            for field in ("approved_on", "approved_precision", "approved_year")
            for document in ("gazette-2020", "tribune-2019")
        ),
        ("provincial_approved_on", "beta-provincial-approval", "gazette-2020"),
        ("industries", "beta-health", "blog-2021-03"),
    }


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([("planned_area", "planned"), ("whole", "observed")], "unspecified"),
        ([("whole", "observed"), ("jurisdiction_area", "observed")], "jurisdiction"),
        ([("jurisdiction_area", "observed"), ("approved_area", "observed")], "approved"),
        ([("core_area", "observed"), ("built_up_area", "observed")], "built_up"),
        ([("core_area", "observed"), ("planned_area", "planned")], "planned"),
        ([("whole", "forecast"), ("core_area", "observed")], "core"),
        ([("first_phase", "observed")], None),
    ],
)
def test_an_area_says_which_it_is_and_the_most_telling_is_served(
    kinds: list[tuple[str, str]], told: str | None, seed_copy: Path
) -> None:
    areas = [
        f"""- id: eta-area-{number}
  subject: zone/eta
  indicator: area
  coverage: {coverage}
  period: null
  value: {number + 1}
  unit: km2
  nature: {nature}
  cite:
  - {{for: value, text: so large}}
"""
        for number, (coverage, nature) in enumerate(kinds)
    ]
    edit(seed_copy, ATLAS, "", "statistics:\n" + "".join(areas))
    zone = zone_of(seed_copy, "eta")
    assert zone.area_kind == told
    assert zone.area_km2 == (None if told is None else min(len(kinds), 2))


def test_an_industry_has_its_codes_and_their_citations(small_release: Releases) -> None:
    industries, citations = rows(small_release, "industries"), rows(small_release, "citations")
    assert {id: row["codes"] for id, row in industries.items() if row["codes"]} == {
        "vaccines": {"isic_4": "210"}
    }
    assert industries["lasers"]["refs"] == {}
    (cited,) = (citations[id] for id in industries["vaccines"]["refs"]["codes"])
    assert cited["fact"] == {"resource": "industries", "id": "vaccines", "field": "isic_4_code"}
    assert cited["as_written"] == "210 Potions"


def test_every_field_that_is_read_off_a_fact_is_a_field_of_a_zone() -> None:
    assert set(ZONE_DATES) <= set(ZoneRead.model_fields)


def zone_of(folder: Path, zone: str = "alpha") -> ZoneRead:
    content = Seed(folder)
    rows = build_rows(content, build_facts(content))
    (row,) = (row for row in rows["zones"] if row.id == zone)
    assert isinstance(row, ZoneRead)
    return row


PROVINCIAL, PLAN = (f"kind: {kind}\n  date: '2006'" for kind in ("provincial_approval", "plan"))
OVER = "unit: km2\n  comparator: over\n  nature: observed"
PLANNED = OVER.replace("observed", "planned")
AREA = """- id: alpha-area-2018
  subject: zone/alpha
  indicator: area
  period: '2018'
  value: 99
  unit: km2
  nature: observed
  cite:
  - {for: value, text: so large}
"""


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "value"),
    [
        (BLOG, "tier: 3", "tier: 1", "approved_on", "2011"),
        (GAZETTE, "tier: 1", "tier: 3", "approved_on", "2011"),
        (GAZETTE, "date: '2010-09-29'", "date: 2010-09", "approved_precision", "month"),
        (GAZETTE, PROVINCIAL, PLAN, "provincial_approved_on", None),
        (TRIBUNE, "kind: founding", "kind: initiative", "established_on", None),
        (TRIBUNE, "value: 12.5", "value: 0.5", "area_km2", 0.5),
        (TRIBUNE, OVER, PLANNED, "area_km2", 12.5),
        (TRIBUNE, OVER, PLANNED, "area_kind", "planned"),
        (TRIBUNE, OVER, OVER, "area_kind", "unspecified"),
        (TRIBUNE, OVER, OVER, "area_comparator", "over"),
        (
            GAZETTE,
            "date: '2010-09-29'",
            "date: '2010-09-29'\n  batch: '2010-09-29'",
            "batch",
            "2010-09-29",
        ),
        (GAZETTE, "date: '2010-09-29'", "date: '2010-09-29'", "batch", None),
        (ATLAS, "value: 12.5, -170.25", "value: 1, 2", "longitude", 2.0),
    ],
)
def test_another_fact_makes_another_field(
    file: str, old: str, new: str, field: str, value: object, seed_copy: Path
) -> None:
    edit(seed_copy, file, old, new)
    assert getattr(zone_of(seed_copy), field) == value


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (YEARBOOK, "statistics:\n", "statistics:\n" + AREA),
        once(
            *(GAZETTE, "", "statistics:\n" + AREA),
            was="of areas of several periods that of the last file is read off, not the best",
        ),
    ],
)
def test_of_areas_of_several_periods_that_of_the_best_document_is_read_off(
    file: str, old: str, new: str, seed_copy: Path
) -> None:
    edit(seed_copy, file, old, new)
    assert zone_of(seed_copy).area_km2 == 99


@pytest.mark.parametrize(
    "field",
    [
        *("name_en", "name_zh", "short_name_zh", "level", "gb_code", "city", "province", "region"),
        *("latitude", "longitude", "approved_on", "approved_precision", "approved_year"),
        *("provincial_approved_on", "established_on", "area_km2", "area_kind", "industries"),
    ],
)
def test_the_state_of_a_field_says_whether_its_value_is_known(
    field: str, small_release: Releases
) -> None:
    zones = rows(small_release, "zones")
    told = {zone: row["states"][field] for zone, row in zones.items()}
    assert told == {z: "known" if row[field] else "unknown" for z, row in zones.items()}


def test_a_place_on_the_equator_is_known(seed_copy: Path) -> None:
    edit(seed_copy, ATLAS, "value: 12.5, -170.25", "value: 0, -170.25")
    zone = zone_of(seed_copy)
    assert (zone.latitude, zone.states["latitude"]) == (0, "known")


QUIET = """milestones:
- id: alpha-plan
  subject: zone/alpha
  kind: plan
  date: '2001'
  cite:
  - {for: date}
relations:
- id: epsilon-graphene
  subject: zone/epsilon
  type: focuses_on
  object: industry/graphene
  cite:
  - {for: object}
"""


def test_a_fact_without_a_phrase_is_cited_but_never_proven(seed_copy: Path) -> None:
    edit(seed_copy, ATLAS, "", QUIET)
    content = Seed(seed_copy)
    assert check(content) == []
    made = build_rows(content, build_facts(content))
    (plan,) = (row for row in made["milestones"] if row.id == "alpha-plan")
    (tie,) = (row for row in made["relations"] if row.id == "epsilon-graphene")
    (cited,) = (row for row in made["citations"] if row.id in plan.model_dump()["citations"])
    told = cited.model_dump()
    assert [told[name] for name in ("as_written", "start", "end")] == [None] * 3
    assert not told["anchored"]
    assert not plan.model_dump()["proven"]
    assert not tie.model_dump()["proven"]
    assert tie.model_dump()["wording"] is None


DATED = (
    "- id: {}\n  subject: zone/epsilon\n  kind: founding\n  date: {}\n  cite:\n  - {{for: date}}\n"
)


def test_a_coarse_date_may_agree_with_two_rivals(seed_copy: Path) -> None:
    for file, identifier, date in (
        ("documents/one.yaml", "epsilon-founding", "1992-11-09"),
        ("documents/two.yaml", "epsilon-founding", "1992-11"),
        ("documents/three.yaml", "epsilon-founding-18", "1992-11-18"),
    ):
        name = Path(file).stem
        head = f"document:\n  id: {name}\n  title: Tale {name}\n  publisher: null\n"
        head += "  published_on: null\n  language: en\n  tier: 3\nmilestones:\n"
        text = head + DATED.format(identifier, f"'{date}'" if date.count("-") == 2 else date)
        (seed_copy / file).write_text(text, encoding="utf-8")
    content = Seed(seed_copy)
    assert check(content) == []
    made = build_rows(content, build_facts(content))["milestones"]
    dates = {m.id: m.model_dump()["date"] for m in made if "epsilon-founding" in m.id}
    assert dates == {"epsilon-founding": "1992-11-09", "epsilon-founding-18": "1992-11-18"}


def test_a_tie_whose_role_is_not_told_agrees_with_one_whose_is(seed_copy: Path) -> None:
    tie = """relations:
- id: zeta-new-materials
  subject: zone/zeta
  type: focuses_on
  object: industry/new-materials
  cite:
  - {for: object}
"""
    edit(seed_copy, ATLAS, "", tie)
    content = Seed(seed_copy)
    assert check(content) == []
    (fact,) = (f for f in build_facts(content) if f.claim.id == "zeta-new-materials")
    assert len(fact.evidence) == 2
    assert fact.claim.model_dump()["role"] == "focus"
