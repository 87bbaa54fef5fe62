"""Points near and in boxes, held against plain arithmetic."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Float, Integer, MetaData, Table, create_engine, insert, select

from app.query.geo import RADIUS_KM, Inside, Near, Numbers, _box, _point

POINTS = Table(
    "points", MetaData(), Column("id", Integer), Column("lat", Float), Column("lon", Float)
)
NEAR = Near(POINTS.c.lat, POINTS.c.lon, "")
BOX = Inside(POINTS.c.lat, POINTS.c.lon, "")
LATITUDE = st.floats(-90, 90).map(lambda x: round(x, 4))
LONGITUDE = st.floats(-180, 180).map(lambda x: round(x, 4))


def angle(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The angle between two points, by their vectors."""
    vectors = []
    for lat, lon in (one, other):
        phi, lam = math.radians(lat), math.radians(lon)
        vectors.append(
            (math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi))
        )
    a, b = vectors
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return math.atan2(math.hypot(*cross), sum(x * y for x, y in zip(a, b, strict=True)))


def found(points: list[tuple[float, float]], clause: Any, *order: Any) -> list[int]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        POINTS.metadata.create_all(connection)
        rows = [{"id": i, "lat": lat, "lon": lon} for i, (lat, lon) in enumerate(points)]
        connection.execute(insert(POINTS), [*rows, {"id": -1, "lat": None, "lon": None}])
        asked = select(POINTS.c.id).where(clause).order_by(*order, POINTS.c.id)
        ids = [*connection.execute(asked).scalars()]
    engine.dispose()
    return ids


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(LATITUDE, LONGITUDE), min_size=1, max_size=20),
    around=st.tuples(LATITUDE, LONGITUDE),
    km=st.floats(1, 20_000),
)
def test_near_is_what_arithmetic_says_and_the_nearest_comes_first(
    points: list[tuple[float, float]], around: tuple[float, float], km: float
) -> None:
    distances = [RADIUS_KM * angle(point, around) for point in points]
    asked = (Numbers("", around), km)
    ids = found(points, NEAR.holds(asked), NEAR.order(asked))
    surely = {i for i, distance in enumerate(distances) if distance < km - 0.01}
    perhaps = {i for i, distance in enumerate(distances) if distance < km + 0.01}
    assert surely <= set(ids) <= perhaps
    assert [distances[i] for i in ids] == pytest.approx(sorted(distances[i] for i in ids), abs=0.01)


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(LATITUDE, LONGITUDE), min_size=1, max_size=20),
    west=LONGITUDE,
    east=LONGITUDE,
    south=LATITUDE,
    north=LATITUDE,
)
def test_a_box_holds_what_lies_between_its_edges_also_round_the_back(
    points: list[tuple[float, float]], west: float, east: float, south: float, north: float
) -> None:
    box = Numbers("", (west, south, east, north))
    inside = [
        i
        for i, (lat, lon) in enumerate(points)
        if south <= lat <= north
        and (west <= lon <= east if west <= east else lon >= west or lon <= east)
    ]
    assert found(points, BOX.holds(box)) == inside


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (_point, "36", "it is lat,lon, in degrees"),
        (_point, "36,", "it is lat,lon, in degrees"),
        (_point, "36, 104", "it is lat,lon, in degrees"),
        (_point, "104,36,1", "it is lat,lon, in degrees"),
        (_point, "104,36", "lat is at most 90 degrees"),
        (_point, "nan,36", "lat is at most 90 degrees"),
        (_point, "+3,36", "it is lat,lon, in degrees"),
        (_box, "1,2,3", "it is west,south,east,north, in degrees"),
        (_box, "1,20,3,2", "south is not above north"),
        (_box, "1,2,3,inf", "north is at most 90 degrees"),
    ],
)
def test_what_is_no_point_or_box_is_told(
    read: Callable[[object], Numbers], text: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        read(text)
