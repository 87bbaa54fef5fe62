"""The map: zones as points over a grid of degrees, drawn in an equal-area conic projection."""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from math import cos, radians, sin, sqrt
from pathlib import Path

from markupsafe import Markup

from app.explorer.view import View
from app.query.parameters import Row

WIDTH, HEIGHT = 760, 580
_WEST, _EAST, _SOUTH, _NORTH = 72, 136, 17, 55
"""The degrees that the grid covers."""
# Albers with the parallels at 25° and 47° and the meridian 105° that maps of China are drawn with.
_N = (sin(radians(25)) + sin(radians(47))) / 2
_C = cos(radians(25)) ** 2 + 2 * _N * sin(radians(25))
_TOP = sqrt(_C - 2 * _N * sin(radians(36))) / _N


def _plane(longitude: float, latitude: float) -> tuple[float, float]:
    """A point on the unit plane of the projection, north up."""
    around = _N * (radians(longitude) - radians(105))
    away = sqrt(_C - 2 * _N * sin(radians(latitude))) / _N
    return away * sin(around), _TOP - away * cos(around)


def _fit() -> tuple[float, float, float]:
    """The scale and shift that put China's extent into the frame."""
    ends = ((73.5, 39.5), (135, 48.4), (123, 53.5), (109.5, 18.2))
    xs, ys = zip(*(_plane(*end) for end in ends), strict=True)
    scale = min((WIDTH - 16) / (max(xs) - min(xs)), (HEIGHT - 16) / (max(ys) - min(ys)))
    return (
        scale,
        WIDTH / 2 - scale * (max(xs) + min(xs)) / 2,
        HEIGHT / 2 + scale * (max(ys) + min(ys)) / 2,
    )


_SCALE, _X, _Y = _fit()


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a point of the Earth is on the map, in its own units from the upper left."""
    x, y = _plane(longitude, latitude)
    return round(_X + _SCALE * x, 1), round(_Y - _SCALE * y, 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


@lru_cache(1)
def _grid() -> Markup:
    """Meridians and parallels each ten degrees, with their degrees in the margin."""
    drawn = [
        _path([project(longitude, latitude) for latitude in range(_SOUTH, _NORTH + 1, 2)])
        for longitude in range(80, 131, 10)
    ]
    drawn += [
        _path([project(longitude, latitude) for longitude in range(_WEST, _EAST + 1, 4)])
        for latitude in (20, 30, 40, 50)
    ]
    lines = Markup('<path class="grid" d="{}"/>').format("".join(drawn))
    named = [(f"{x}°E", *project(x, 18.4)) for x in range(90, 121, 10)]
    named += [(f"{y}°N", *project(74.5, y)) for y in (30, 40)]
    texts = (
        Markup('<text class="degrees" x="{:g}" y="{:g}">{}</text>').format(x, y - 4, text)
        for text, x, y in named
    )
    return lines + Markup("").join(texts)


def _rings(geometry: Row) -> Iterator[Sequence[Sequence[float]]]:
    """The rings of a GeoJSON geometry, or its lines."""
    kind, parts = geometry["type"], geometry.get("coordinates", [])
    if kind == "GeometryCollection":
        for one in geometry["geometries"]:
            yield from _rings(one)
    elif kind == "LineString":
        yield parts
    elif kind in ("Polygon", "MultiLineString"):
        yield from parts
    elif kind == "MultiPolygon":
        for polygon in parts:
            yield from polygon


@lru_cache(4)
def outlines(file: Path) -> Markup:
    """The outlines of a GeoJSON file, as fine as the map can show."""
    read = json.loads(file.read_bytes())
    shapes = [one["geometry"] for one in read["features"]] if "features" in read else [read]
    drawn = []
    for ring in (ring for shape in shapes if shape for ring in _rings(shape)):
        points = [project(longitude, latitude) for longitude, latitude, *_ in ring]
        seen = [(round(x), round(y)) for x, y in points]
        kept = [p for i, p in enumerate(points) if i == 0 or seen[i] != seen[i - 1]]
        if len(kept) > 2:
            drawn.append(_path(kept))
    return Markup('<path class="outline" d="{}"/>').format("".join(drawn))


def draw(view: View, zones: Sequence[Row], chosen: Collection[str] | None = None) -> Markup:
    """The zones at their seat cities; where some are `chosen`, the others are faint.

    A single one is larger, to be seen among the others.

    It is hidden from keyboard and screen reader: a table with the same zones stands beside it, or
    the page says where.
    """
    file: Path | None = view.request.app.state.settings.outlines
    placed = [one for one in zones if one["latitude"] is not None]
    placed.sort(key=lambda one: chosen is not None and one["id"] in chosen)  # these on top
    size = 9 if chosen is not None and len(chosen) == 1 else 5
    points = []
    for one in placed:
        x, y = project(one["longitude"], one["latitude"])
        faint = chosen is not None and one["id"] not in chosen
        points.append(
            Markup(
                '<a href="{}" tabindex="-1"{}><circle cx="{:g}" cy="{:g}" r="{}"/>'
                "<title>{}</title></a>"
            ).format(
                view.to("zones", one),
                Markup(' class="faint"') if faint else "",
                *(x, y, 3.4 if faint else size),
                view.plain(one, "short_name"),
            )
        )
    return Markup(
        '<svg class="map" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
        "{}{}{}</svg>"
    ).format(
        *(WIDTH, HEIGHT, WIDTH, HEIGHT, _grid()),
        outlines(file) if file else "",
        Markup("").join(points),
    )
