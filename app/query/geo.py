"""Points on the Earth: what is near one, and what lies in a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from sqlalchemy import Float, and_, func, literal, or_

from app.query.fields import Clause, Field, Operator, Partner
from app.query.values import Distance

POINT = "this point (latitude, longitude in WGS-84 degrees)"
BOX = "this box (west, south, east, north in WGS-84 degrees, as in GeoJSON)"
RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), for distances on a sphere: within 0.6 % of those on WGS 84."""


@dataclass(frozen=True)
class Numbers:
    """A few numbers in one value, such as a point or a box."""

    text: str
    parts: tuple[float, ...]

    def __str__(self) -> str:
        return self.text


def _numbers(text: object, bounds: Sequence[tuple[str, float]]) -> Numbers:
    """Read numbers joined by commas, each with its name and the most it can be."""
    form = ",".join(name for name, _ in bounds)
    parts = text.split(",") if isinstance(text, str) else []
    try:
        numbers = tuple(float(part) for part in parts if part.strip() == part and part[:1] != "+")
    except ValueError:
        numbers = ()
    if len(numbers) != len(bounds):
        raise ValueError(f"it is {form}, in degrees")
    for number, (name, most) in zip(numbers, bounds, strict=True):
        if not abs(number) <= most:
            raise ValueError(f"it is {form}, and {name} is at most {most:g} degrees")
    return Numbers(str(text), numbers)


def _point(text: object) -> Numbers:
    return _numbers(text, (("lat", 90), ("lon", 180)))


def _box(text: object) -> Numbers:
    bounds = (("west", 180), ("south", 90), ("east", 180), ("north", 90))
    box = _numbers(text, bounds)
    if box.parts[1] > box.parts[3]:
        raise ValueError("it is west,south,east,north, and south is not above north")
    return box


Point = Annotated[
    Numbers, BeforeValidator(_point), WithJsonSchema({"type": "string", "examples": ["36.5,104.2"]})
]
Box = Annotated[
    Numbers,
    BeforeValidator(_box),
    WithJsonSchema({"type": "string", "examples": ["103,34,110,38"]}),
]


class Near(Field):
    """A point; the rows within `within_km` of it, the nearest first unless `sort` says else."""

    value = Point
    operators = (Operator("", "is near this point", lambda f, v: f.holds(v)),)
    partner = Partner("within_km", "How far from `near`, in kilometres.", Distance)
    orders = "distance"

    def __init__(self, latitude: Any, longitude: Any, says: str) -> None:
        super().__init__(says)
        self.latitude, self.longitude = latitude, longitude

    def order(self, values: Sequence[Any]) -> Any:
        """Kilometres from the point along a great circle (haversine)."""
        point = values[0]
        latitude, longitude = (func.radians(literal(part, Float())) for part in point.parts)
        own = func.radians(self.latitude)
        north = func.sin((own - latitude) / 2)
        east = func.sin((func.radians(self.longitude) - longitude) / 2)
        square = north * north + func.cos(latitude) * func.cos(own) * east * east
        return (2 * RADIUS_KM * func.asin(func.sqrt(square))).cast(Float)

    def holds(self, values: Sequence[Any]) -> Clause:
        """Rows whose point is known and not farther than the second value from the first."""
        point, farthest = values
        north = farthest / RADIUS_KM * 57.2957795131
        latitude = point.parts[0]
        clause: Clause = and_(
            self.latitude.between(latitude - north, latitude + north),  # an index decides these
            self.order(values) <= farthest,
        )
        return clause


class Inside(Field):
    """A box of longitudes and latitudes, in the order of GeoJSON; east of 180° it goes round."""

    value = Box
    operators = (Operator("", "lies in this box", lambda f, v: f.holds(v[0])),)

    def __init__(self, latitude: Any, longitude: Any, says: str) -> None:
        super().__init__(says)
        self.latitude, self.longitude = latitude, longitude

    def holds(self, box: Numbers) -> Clause:
        """Rows whose point lies in the box or on its edge."""
        west, south, east, north = box.parts
        within: Clause = self.longitude.between(west, east)
        if west > east:
            within = or_(self.longitude >= west, self.longitude <= east)
        clause: Clause = and_(self.latitude.between(south, north), within)
        return clause
