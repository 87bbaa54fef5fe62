"""Where zones and places are: near a point, in a box, on a map."""

from typing import Any

import httpx
import pytest

from tests.resources.test_http import problem

LANZHOU = "36.06,103.83"


def ids(client: httpx.Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


@pytest.mark.parametrize("resource", ["zones", "places"])
def test_the_nearest_comes_first_and_pages_follow_the_distance(
    resource: str, real: httpx.Client
) -> None:
    asked = f"/v1/{resource}?near={LANZHOU}&within_km=1500"
    whole = ids(real, f"{asked}&limit=1000")
    assert "baiyin" in whole[:3]
    assert whole == ids(real, f"{asked}&limit=1000&sort=distance")
    assert set(ids(real, f"{asked}&limit=1000&sort=-distance")) == set(whole)
    paged: list[str] = []
    address: str | None = f"{asked}&limit=2"
    while address and len(paged) < 10:
        answer = real.get(address).json()
        paged += [row["id"] for row in answer["data"]]
        address = answer["links"]["next"]
    assert paged == whole[: len(paged)]
    assert ids(real, f"/v1/{resource}?near={LANZHOU}&within_km=1") in ([], whole[:1])


def test_a_box_holds_the_zones_of_it(real: httpx.Client) -> None:
    inside = ids(real, "/v1/zones?bbox=103,35,105,37")
    assert "baiyin" in inside
    assert "hefei" not in inside


@pytest.mark.parametrize(
    ("address", "message", "corrected"),
    [
        ("near=36,104", "'near' goes with 'within_km'; give both.", "/v1/zones"),
        ("within_km=9&level=national", "'within_km' goes with 'near'", "/v1/zones?level=national"),
        ("sort=distance", "`sort=distance` goes with 'near'.", "/v1/zones"),
        ("near=100,36&within_km=9", "lat is at most 90 degrees", "/v1/zones"),
        ("near=36,104&within_km=0", "greater than 0", "/v1/zones"),
        ("bbox=1,2,3", "it is west,south,east,north", "/v1/zones"),
        ("format=pdf", "it takes one of the values listed", "/v1/zones"),
    ],
)
def test_what_cannot_be_a_place_is_told_and_mended(
    address: str, message: str, corrected: str, real: httpx.Client
) -> None:
    told = problem(real.get(f"/v1/zones?{address}"), "invalid-value")
    assert message in told["detail"]
    assert real.get(told["errors"][0]["try"]).status_code == 200
    assert told["errors"][0]["try"].startswith(corrected)


@pytest.mark.parametrize("resource", ["zones", "places"])
def test_a_map_holds_every_row_with_its_point(resource: str, real: httpx.Client) -> None:
    answer = real.get(f"/v1/{resource}?format=geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    features: list[dict[str, Any]] = answer.json()["features"]
    rows = {row["id"]: row for row in real.get(f"/v1/{resource}?limit=1000").json()["data"]}
    assert [feature["id"] for feature in features] == list(rows)
    for feature in features:
        row = rows[feature["id"]]
        place = [row["longitude"], row["latitude"]]
        assert (feature["geometry"] or {"coordinates": [None, None]})["coordinates"] == place
        assert not any(isinstance(v, dict | list) for v in feature["properties"].values())
    assert real.get(f"/v1/{resource}?format=geojson&limit=1").json()["meta"]["returned"] == 1


def test_nearness_is_one_of_several_sort_keys(real: httpx.Client) -> None:
    near = "/v1/zones?near=36.06,103.83&within_km=900&fields=region,approved_on"
    nearest = [row["id"] for row in real.get(near).json()["data"]]
    assert len(nearest) > 20
    assert [r["id"] for r in real.get(f"{near}&sort=-distance,-id").json()["data"]] == nearest[::-1]
    rows = real.get(f"{near}&sort=region,distance").json()["data"]
    regions = [(row["region"] or {}).get("id") for row in rows]
    assert regions == sorted(regions, key=lambda one: (one is None, one))
    for region in set(regions):
        own = [r["id"] for r, one in zip(rows, regions, strict=True) if one == region]
        assert own == [one for one in nearest if one in own]
    paged, address = [], f"{near}&sort=region,distance&limit=7"
    while address:
        page = real.get(address).json()
        paged += page["data"]
        address = page["links"]["next"]
    assert paged == rows


def test_a_map_of_some_fields_keeps_its_points(real: httpx.Client) -> None:
    mapped = real.get("/v1/zones?fields=name_zh&limit=5&format=geojson").json()["features"]
    assert all(feature["geometry"] and feature["properties"]["name_zh"] for feature in mapped)
    assert not any("name_en" in feature["properties"] for feature in mapped)
