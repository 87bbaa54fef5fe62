"""Series, tables and what is worked out of them, held against the figures themselves."""

import csv
import io
import json
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from app.database import Releases
from app.query.parameters import Condition
from app.query.problems import InvalidValue
from app.resources import table
from app.resources.derived import Derivation, derive
from app.resources.series import SeriesQuery, read_series
from tests.query.conftest import statements
from tests.resources.test_knowledge import rows

Row = dict[str, Any]
SERIES, TABLE = "/v1/statistics/series", "/v1/statistics/table"
OF_SERIES = ("scope", "zone", "indicator", "coverage", "nature", "period_kind", "unit", "currency")


@pytest.fixture(scope="module")
def every(real: httpx.Client) -> list[Row]:
    return rows(real, SERIES)


@pytest.fixture(scope="module")
def figures(real: httpx.Client) -> dict[str, Row]:
    return {row["id"]: row for row in rows(real, "/v1/statistics", rank="all")}


def points(series: Row) -> dict[str, Any]:
    return {one["period"]: one["value"] for one in series["observations"]}


def one(real: httpx.Client, **asked: Any) -> Row:
    [series] = rows(real, SERIES, **asked)
    return series


def test_every_preferred_figure_stands_in_one_series(
    every: list[Row], figures: dict[str, Row]
) -> None:
    shown = Counter(o["statistic"] for s in every for o in s["observations"] if o["statistic"])
    assert set(shown.values()) == {1}
    assert shown.keys() == {i for i, row in figures.items() if row["rank"] == "preferred"}


def test_a_series_never_mixes(every: list[Row], figures: dict[str, Row]) -> None:
    bounds = {"over", "under", "at_least", "at_most"}
    for series in every:
        own = [figures[o["statistic"]] for o in series["observations"] if o["statistic"]]
        for row in own:
            assert {name: row[name] for name in OF_SERIES} == {n: series[n] for n in OF_SERIES}
            assert row["series"] == series["id"]
            assert (row["comparator"] in bounds) is series["bound"]
        times = [o["period_start"] or o["period_end"] or "" for o in series["observations"]]
        assert times == sorted(times)


def test_what_is_of_another_nature_or_period_stands_beside(every: list[Row]) -> None:
    named = {series["id"] for series in every}
    for series in every:
        stem = series["id"].split(".")[:3]
        beside = {other["id"] for other in series["beside"]}
        assert beside == {n for n in named if n.split(".")[:3] == stem} - {series["id"]}


def test_gaps_are_explicit(real: httpx.Client) -> None:
    series = one(real, indicator="gdp", period_kind="year", scope="national")
    years = [o["period"] for o in series["observations"]]
    assert years == [str(year) for year in range(2012, 2022)]
    assert points(series) == dict.fromkeys(years) | {
        "2012": 5.4e12,
        "2019": 12.2e12,
        "2020": 13.6e12,
        "2021": 15.3e12,
    }
    assert {o["obs_status"] for o in series["observations"] if o["value"] is None} == {"O"}


def test_targets_and_forecasts_are_beside_what_was_observed(real: httpx.Client) -> None:
    zones = rows(real, SERIES, indicator="zones", coverage="whole")
    assert {s["nature"] for s in zones if 220 in points(s).values()} == {"target"}
    revenue = rows(real, SERIES, indicator="revenue", coverage="whole")
    forecast = [s for s in revenue if s["nature"] == "forecast"]
    assert {o["obs_status"] for s in forecast for o in s["observations"]} == {"F"}
    [partial] = [s for s in revenue if s["period_kind"] == "part_of_year"]
    assert points(partial) == {"2022-01/2022-07": 27.4e12}


def test_rivals_and_doubts_are_noted(real: httpx.Client) -> None:
    share = one(real, indicator="national-gdp-share", period="2021")
    [rival] = share["observations"][0]["rivals"]
    assert (rival["id"], rival["value"]) == ("national-gdp-share-2021-13", 13)
    assert rival["rank_reason"].startswith("national-gdp-share-2021 is preferred")
    exports = one(real, indicator="national-exports-share", period="2012")
    assert [d["kind"] for d in exports["observations"][0]["doubts"]] == ["implausible"]


def test_series_come_page_by_page_and_whole_as_a_file(real: httpx.Client, every: list[Row]) -> None:
    found, address = [], f"{SERIES}?limit=60"
    while address:
        page = real.get(address).json()
        found += page["data"]
        assert page["meta"]["total"] == len(every)
        address = page["links"]["next"]
    assert found == every
    lines = list(csv.DictReader(io.StringIO(real.get(f"{SERIES}?format=csv").text)))
    assert [(line["id"], line["period"], line["statistic"]) for line in lines] == [
        (s["id"], o["period"] or "", o["statistic"] or "") for s in every for o in s["observations"]
    ]
    assert real.get(f"{SERIES}?limit=0").json()["data"] == []
    strange = page["links"]["self"].replace("limit=60", "limit=60&nature=target")
    assert real.get(strange).status_code == 422


def test_series_cost_a_fixed_number_of_statements(real_release: Releases) -> None:
    release, counts = real_release.current(), []
    for many, measure in ((2, "growth"), (50, "growth"), (2, None), (50, None)):
        asked = SeriesQuery.parameters["measure"]
        conditions = [Condition(asked, (Derivation(measure),), (measure,))] if measure else []
        query = SeriesQuery(SERIES, release, conditions)
        read_series(query, many, None)
        with statements(release) as seen:
            read_series(query, many, None)
        counts.append(len(seen))
    assert max(counts) <= 6


def test_growth_names_its_inputs_or_the_reason(real: httpx.Client) -> None:
    series = one(real, indicator="gdp", measure="growth", period_kind="year")
    by_year = {o["period"]: o for o in series["observations"]}
    assert series["unit"] == "percent"
    assert (by_year["2021"]["value"], by_year["2021"]["inputs"]) == (
        12.5,
        ["national-gdp-2020", "national-gdp-2021"],
    )
    assert by_year["2021"]["citations"]
    assert (by_year["2019"]["value"], by_year["2019"]["reason"]) == (
        None,
        "There is no figure for 2018.",
    )


def test_compound_growth_runs_from_the_first_figure_to_the_last(real: httpx.Client) -> None:
    series = one(real, indicator="gdp", measure="cagr", period_kind="year")
    [made] = series["observations"]
    assert made["period"] == "2012/2021"
    assert made["value"] == pytest.approx(100 * ((15.3 / 5.4) ** (1 / 9) - 1), abs=1e-4)


def test_growth_that_a_source_states_stands_beside_ours(real: httpx.Client) -> None:
    series = one(real, indicator="revenue", measure="growth", period_kind="part_of_year")
    [made] = series["observations"]
    assert (made["value"], made["reason"]) == (None, "There is no figure for 2021-01/2021-07.")
    assert [(s["id"], s["value"]) for s in made["stated"]] == [
        ("national-revenue-growth-january-july-2022", 7.1)
    ]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"indicator": "national-gdp-share", "measure": "growth"}, "is a ratio"),
        ({"indicator": "researchers", "measure": "growth"}, "only bound the quantity"),
        ({"indicator": "gdp", "measure": "share"}, "the national figure itself"),
        ({"zone": "baiyin", "indicator": "area", "measure": "growth"}, "no certain period"),
        (
            {"zone": "shenyang", "indicator": "high-tech-enterprises", "measure": "share"},
            "only bound|no national figure of the same",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(
    asked: Row, reason: str, real: httpx.Client
) -> None:
    found = rows(real, SERIES, **asked)
    assert found
    for series in found:
        assert series["observations"] == []
        assert any(part in series["refused"] for part in reason.split("|"))


def observed(period: str, value: float, comparator: str = "exactly") -> Row:
    return {
        "statistic": f"of-{period}",
        "period": period,
        "period_start": None,
        "value": value,
        "comparator": comparator,
        "obs_status": "A",
        "citations": [],
        "doubts": [],
    }


def zone_series(**more: Any) -> Row:
    plain: Row = {
        "scope": "zone",
        "indicator": {"id": "gdp"},
        "coverage": "whole",
        "nature": "observed",
        "period_kind": "year",
        "bound": False,
        "unit": "CNY",
        "observations": [observed("2020", 30), observed("2021", 40, "about")],
    }
    return {**plain, **more}


def test_a_share_is_of_the_national_figure_of_the_same_period() -> None:
    series = zone_series()
    derive(series, Derivation.SHARE, {"2021": observed("2021", 1000)}, "flow")
    assert [(o["value"], o["comparator"]) for o in series["observations"]] == [
        (None, None),
        (4, "about"),
    ]
    assert series["observations"][0]["reason"] == "There is no national figure for 2020."


@pytest.mark.parametrize("period", ["2021-01/2021-07", "2021-03", "2021-12-31", "2021"])
def test_growth_is_over_the_same_part_of_the_year_before(period: str) -> None:
    before = period.replace("2021", "2020")
    kind = {4: "year", 7: "month", 10: "day"}.get(len(period), "part_of_year")
    series = zone_series(
        period_kind=kind, observations=[observed(before, 50), observed(period, 40)]
    )
    derive(series, Derivation.GROWTH, {}, "stock")
    assert series["observations"][1]["value"] == -20


@pytest.mark.parametrize(
    ("indicator", "unit", "value"),
    [
        ("national-gdp-2021", "yi_yuan", 153_000),
        ("national-gdp-2021", "wan_yuan", 1_530_000_000),
        ("national-gdp-2021", "billion_yuan", 15_300),
        ("national-gdp-2021", "trillion_yuan", 15.3),
        ("baiyin-area", "hectare", 805),
        ("baiyin-area", "mu", 12_075),
        ("baiyin-investment-first-phase", "million_dollars", 36.1),
    ],
)
def test_figures_are_shown_in_the_unit_that_is_asked_for(
    indicator: str, unit: str, value: float, real: httpx.Client
) -> None:
    shown = {row["id"]: row for row in rows(real, "/v1/statistics", unit=unit)}
    assert (shown[indicator]["value"], shown[indicator]["unit"]) == (value, unit)


def test_no_currency_becomes_another_but_where_its_source_converts(
    real: httpx.Client, figures: dict[str, Row]
) -> None:
    shown = {row["id"]: row["value"] for row in rows(real, "/v1/statistics", unit="USD")}
    assert shown == {
        identifier: row["value"] if row["unit"] == "USD" else row["conversion"]["value"]
        for identifier, row in figures.items()
        if row["unit"] == "USD" or (row["conversion"] or {}).get("currency") == "USD"
    }


def test_values_are_filtered_sorted_and_summed_in_the_unit_that_is_shown(
    real: httpx.Client,
) -> None:
    asked = {"indicator": "gdp", "unit": "yi_yuan", "period_kind": "year"}
    found = rows(real, "/v1/statistics", **asked, value__gte=130_000, sort="-value")
    assert [row["value"] for row in found] == [153_000, 136_000]
    answer = real.get("/v1/statistics", params={**asked, "group_by": "period_year", "limit": 0})
    assert {g["period_year"]: g["sum"] for g in answer.json()["groups"]}[2021] == 153_000


def test_only_what_had_been_published_is_shown(real: httpx.Client) -> None:
    asked = {"indicator": "national-gdp-share", "period": "2021"}
    [now] = rows(real, "/v1/statistics", **asked)
    [then] = rows(real, "/v1/statistics", **asked, as_of="2022-06")
    assert (now["value"], then["value"]) == (13.4, 13)
    assert (then["rank"], then["rank_reason"]) == (
        "preferred",
        "the best of what had been published by 2022-06",
    )
    assert rows(real, "/v1/statistics", **asked, as_of="2021") == []
    published = {row["published_on"] for row in rows(real, "/v1/statistics", as_of="2013")}
    assert None not in published
    assert max(published) < "2014"


def test_the_newest_periods_are_those_of_what_else_is_asked(real: httpx.Client) -> None:
    asked = {"indicator": "gdp", "period_kind": "year"}
    assert [r["period"] for r in rows(real, "/v1/statistics", **asked, latest=1)] == ["2021"]
    before = rows(real, "/v1/statistics", **asked, latest=2, period__lt="2021")
    assert [row["period"] for row in before] == ["2019", "2020"]


def test_a_table_has_each_figure_in_one_cell(real: httpx.Client, figures: dict[str, Row]) -> None:
    answer = real.get(TABLE, params={"scope": "national"}).json()
    names = [column["value"] for column in answer["meta"]["columns"]]
    told = Counter(f for row in answer["data"] for cell in row["figures"].values() for f in cell)
    national = {
        i for i, row in figures.items() if row["scope"] == "national" and row["rank"] == "preferred"
    }
    assert set(told) == national
    assert set(told.values()) == {1}
    for row in answer["data"]:
        assert list(row["values"]) == names
        for column, [figure] in row["figures"].items():
            assert row["values"][column] == figures[figure]["value"]
            assert (figures[figure]["period"] or "none") == column
            assert row["unit"] == figures[figure]["unit"]
            told_of = row["comparators"].get(column, "exactly")
            assert told_of == figures[figure]["comparator"]


def test_a_column_for_each_indicator_says_its_unit(real: httpx.Client) -> None:
    asked = {
        "indicator": ["gdp", "zones"],
        "coverage": "whole",
        "rows": "period",
        "columns": "indicator",
    }
    mixed = real.get(TABLE, params={**asked, "period": "2021", "format": "csv"}).text
    assert mixed.splitlines()[0].endswith(",gdp_CNY,zones_zones")
    [line] = list(csv.DictReader(io.StringIO(mixed)))
    assert (line["gdp_CNY"], line["zones_zones"]) == ("15300000000000", "169")
    told = real.get(TABLE, params={**asked, "period": "2021"}).json()
    assert [c["unit"] for c in told["meta"]["columns"]] == ["CNY", "zones"]


def test_a_table_of_growth_gives_the_reasons(real: httpx.Client) -> None:
    asked = {"indicator": "gdp", "period_kind": "year", "measure": "growth"}
    [row] = real.get(TABLE, params=asked).json()["data"]
    assert (row["values"]["2021"], row["figures"]["2021"]) == (
        12.5,
        ["national-gdp-2020", "national-gdp-2021"],
    )
    assert row["reasons"]["2019"] == "There is no figure for 2018."


def test_a_table_that_is_too_large_is_refused(
    monkeypatch: pytest.MonkeyPatch, real_release: Releases
) -> None:
    monkeypatch.setattr(table, "MOST_FIGURES", 10)
    with pytest.raises(InvalidValue, match="at most 10 figures"):
        table._gathered(table.TableQuery(TABLE, real_release.current(), []))


@pytest.mark.parametrize(
    ("address", "title"),
    [
        (f"{SERIES}?indicator=gdp&format=svg", "GDP"),
        (f"{SERIES}?indicator=gdp&format=svg&lang=zh", "生产总值"),
        (f"{SERIES}?indicator=gdp&measure=growth&format=svg", "GDP"),
        (f"{TABLE}?indicator=area&rows=zone&columns=coverage&format=svg", "Area"),
        (f"{TABLE}?indicator=zones&coverage=whole&format=svg", "National high-tech zones"),
        ("/v1/zones?group_by=region&format=svg", "Zones by region"),
        ("/v1/zones?group_by=region&format=svg&lang=zh&heading=各区域数量", "各区域数量"),
        (f"{SERIES}?indicator=gdp&format=svg&heading=Ours", "Ours"),
    ],
)
def test_pictures_are_titled_and_told(address: str, title: str, real: httpx.Client) -> None:
    pytest.importorskip("matplotlib")
    answer = real.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Disposition"].startswith("inline")
    told = {part.tag.rpartition("}")[2]: part.text for part in ElementTree.fromstring(answer.text)}
    assert (told["title"] or "").startswith(title)
    assert len(told["desc"] or "") > 40


@pytest.mark.parametrize(
    "address",
    [
        f"{SERIES}?indicator=gdp&indicator=zones&format=svg",
        f"{SERIES}?measure=growth&rank=all",
        f"{TABLE}?rank=all",
        f"{TABLE}?columns=foo",
        f"{SERIES}?indicator=gdp&lang=zh",
        f"{SERIES}?indicator=gdp&format=csv&lang=zh",
        "/v1/zones?format=svg",
        "/v1/statistics?unit=parsec",
        "/v1/statistics?unit=mu&unit=hectare",
    ],
)
def test_what_cannot_be_asked_is_refused(address: str, real: httpx.Client) -> None:
    answer = real.get(address)
    assert answer.status_code == 422, answer.text
    assert json.loads(answer.text)["errors"]
