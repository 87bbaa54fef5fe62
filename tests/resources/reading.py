"""The rows of a real release, read from their JSON for the oracle of `tests/query/oracle.py`."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.database import Release
from app.query.fields import Dated
from app.query.parameters import ListQuery
from app.resources.service import RESOURCES
from app.seed.dates import parse_date
from app.tables import Body
from tests.query.oracle import Entry, Oracle

Row = dict[str, Any]
Rows = dict[str, list[Row]]
IN_ZONE = ("focuses_on", "active_in")


def _end(resource: str) -> Callable[[Row, Rows], list[Any]]:
    def read(row: Row, _rows: Rows) -> list[Any]:
        return [row["object"]["id"]] if row["object"]["resource"] == resource else []

    return read


def _in_zone(row: Row, rows: Rows, own: str, other: str) -> list[Any]:
    ties = (tie for tie in rows["relations"] if tie["type"] in IN_ZONE and tie["zone"])
    return [tie[other]["id"] for tie in ties if tie[own]["id"] == row["id"]]


READ: dict[tuple[str, str], Callable[[Row, Rows], list[Any]]] = {
    ("citations", "resource"): lambda row, _: [row["fact"]["resource"]],
    ("citations", "fact"): lambda row, _: [row["fact"]["id"]],
    ("citations", "field"): lambda row, _: [row["fact"]["field"]],
    ("indicators", "publisher"): lambda row, _: [one["id"] for one in row["publishers"]],
    ("indicators", "scope"): lambda row, _: row["scopes"],
    ("indicators", "nature"): lambda row, _: row["natures"],
    ("indicators", "zone"): lambda row, rows: [
        one["zone"]["id"]
        for one in rows["statistics"]
        if one["zone"] and one["indicator"]["id"] == row["id"]
    ],
    ("zones", "indicator"): lambda row, rows: [
        one["indicator"]["id"]
        for one in rows["statistics"]
        if (one["zone"] or {}).get("id") == row["id"]
    ],
    ("industries", "zone"): lambda row, rows: _in_zone(row, rows, "object", "zone"),
    ("zones", "industry"): lambda row, rows: _in_zone(row, rows, "zone", "object"),
    ("zones", "place"): lambda row, _: [place["id"] for place in row["places"]],
    ("zones", "platform_kind"): lambda row, rows: [
        one["kind"] for one in rows["platforms"] if (one["zone"] or {}).get("id") == row["id"]
    ],
    ("relations", "industry"): _end("industries"),
    ("relations", "organization"): _end("organizations"),
    ("relations", "programme"): _end("programmes"),
    ("relations", "place"): _end("places"),
    ("statements", "organization"): lambda row, _: [one["id"] for one in row["organizations"]],
    ("statements", "programme"): lambda row, _: [one["id"] for one in row["programmes"]],
}
"""What is not simply the field of that name."""


def read_oracles(release: Release) -> dict[str, Oracle]:
    """Every list of a release, read plainly."""
    rows: Rows = {}
    with release.connect() as connection:
        bodies = select(col(Body.resource), col(Body.json_text)).order_by(col(Body.id))
        for resource, text in connection.execute(bodies):
            rows.setdefault(resource, []).append(json.loads(text))
    above = {row["id"]: [ref["id"] for ref in row["broader"]] for row in rows["industries"]}
    broader = {one: _lineage(one, above) for one in above}
    ratios = {row["id"] for row in rows["indicators"] if row["measure"] in ("ratio", "position")}
    preferred = {
        "rank": {"all": lambda _: True, "preferred": lambda e: e.values["rank"] == ["preferred"]}
    }
    names = {module.__name__.rsplit(".", 1)[-1] for module in RESOURCES}
    return {
        query.rows: Oracle(
            query,
            [_entry(query, row, rows) for row in rows[query.rows]],
            broader,
            preferred,
            {
                "inexact": lambda e: e.values["comparator"] != ["exactly"],
                "rivals": lambda e: e.values["rank"] != ["preferred"],
            },
            {"ratios": lambda e: e.values["indicator"][0] in ratios},
            lambda e: e.values["value"][0],
        )
        for query in ListQuery.__subclasses__()
        if query.rows in names
    }


def _lineage(one: str, above: dict[str, list[str]]) -> set[str]:
    return {one}.union(*(_lineage(other, above) for other in above[one]))


def _entry(query: type[ListQuery], row: Row, rows: Rows) -> Entry:
    names = {*query.fields, *({"latitude", "longitude"} & row.keys())}
    values = {name: _values(query, name, row, rows) for name in names}
    return Entry(row["id"], values)


def _values(query: type[ListQuery], name: str, row: Row, rows: Rows) -> list[Any]:
    if read := READ.get((query.rows, name)):
        return read(row, rows)
    own = row.get(name)
    if own is None:
        return []
    if isinstance(query.fields.get(name), Dated):
        date = parse_date(own)
        return [(own, date.start, date.end)]
    several = own if isinstance(own, list) else [own]
    return [one["id"] if isinstance(one, dict) else one for one in several]
