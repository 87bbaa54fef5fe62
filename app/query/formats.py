"""Rows in other forms than the envelope: flattened by one rule, and as GeoJSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from app.query.parameters import Row

MEDIA_TYPES = {"json": "application/json", "geojson": "application/geo+json"}
PLACE = ("longitude", "latitude")
"""The fields that put a row on a map."""
_BY_FIELD = {"refs": "refs", "states": "state"}
"""What a row says of each of its fields, and the end of the column that says so."""


def flatten(row: Row) -> Row:
    """A row of plain values: `province_id` for an object, `a|b` for a list, `x_refs`, `x_state`."""
    return dict(_flat(row, ""))


def _flat(row: Row, before: str) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name in _BY_FIELD and isinstance(value, dict):
            for field, said in value.items():
                yield f"{before}{field}_{_BY_FIELD[name]}", _joined(said)
        elif isinstance(value, dict):
            yield from _flat(value, f"{before}{name}_")
        else:
            yield f"{before}{name}", _joined(value)


def _joined(value: Any) -> Any:
    """A list as its members or, where those are rows, their ids."""
    if not isinstance(value, list):
        return value
    return "|".join(str(v.get("id", "")) if isinstance(v, dict) else str(v) for v in value)


def feature_collection(rows: Iterable[Row], **more: Any) -> str:
    """Rows as GeoJSON (RFC 7946), each at its `longitude` and `latitude` where they are known."""
    features = []
    for row in rows:
        place = [row[name] for name in PLACE]
        geometry = None if None in place else {"type": "Point", "coordinates": place}
        of = {"id": row["id"], "geometry": geometry, "properties": flatten(row)}
        features.append({"type": "Feature", **of})
    shown = {"type": "FeatureCollection", "features": features, **more}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
