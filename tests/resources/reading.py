"""The rows of a real release, read from their JSON for the oracle of `tests/query/oracle.py`."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.database import Release
from app.query.fields import Dated
from app.query.parameters import ListQuery
from app.query.values import parse_span
from app.resources.service import RESOURCES
from app.seed.dates import parse_date
from app.tables import Body, UnitFactor
from tests.query.oracle import Asked, Entry, Oracle

Row = dict[str, Any]
Rows = dict[str, list[Row]]
FACTORS = (col(UnitFactor.shown), col(UnitFactor.unit), col(UnitFactor.factor))
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
    ("statistics", "as_of"): lambda row, _: _date(row["published_on"]),
    ("statistics", "unit"): lambda row, rows: [
        factor["shown"]
        for factor in rows["units"]
        if factor["unit"] in (row["unit"], (row["conversion"] or {}).get("currency"))
    ],
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
        rows["units"] = [dict(one) for one in connection.execute(select(*FACTORS)).mappings()]
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
            _Then(rows),
            lambda e: (e.values.get("series", [e.id])[0], e.values.get("time", [""])[0]),
        )
        for query in ListQuery.__subclasses__()
        if query.rows in names
    }


class _Then:
    """Figures in the unit that is asked for, ranked among what had been published."""

    def __init__(self, rows: Rows) -> None:
        self.rows = {row["id"]: row for row in rows["statistics"]}
        self.factors = {
            (one["shown"], one["unit"]): Fraction(one["factor"]) for one in rows["units"]
        }

    def __call__(self, entry: Entry, asked: Asked) -> Entry:
        given, row = dict(asked), self.rows.get(entry.id)
        if not row or not given.keys() & {"unit", "as_of"}:
            return entry
        values = dict(entry.values)
        if "unit" in given:
            values["value"] = [self.measured(row, given["unit"][0])]
        if "as_of" in given and row["rival_of"]:
            day = parse_span(given["as_of"][0]).end
            slot = [r for r in self.rows.values() if row["rival_of"] in (r["id"], r["rival_of"])]
            ends = [(r["standing"], _date(r["published_on"])) for r in slot]
            before = [standing for standing, date in ends if date and (date[0][2] or "9") <= day]
            best = min([*before, row["standing"]]) == row["standing"]
            values["rank"] = ["preferred" if best else "normal"]
        return Entry(entry.id, values)

    def measured(self, row: Row, unit: str) -> float:
        own = self.factors.get((unit, row["unit"]))
        if own is None and row["conversion"]:
            other = self.factors.get((unit, row["conversion"]["currency"]), Fraction(0))
            return float(Fraction(str(row["conversion"]["value"])) * other)
        return float(Fraction(str(row["value"])) * (own or Fraction(0)))


def _date(text: str | None) -> list[Any]:
    """A date as its text with its first and last day."""
    if text is None:
        return []
    date = parse_date(text)
    return [(text, date.start, date.end)]


def _lineage(one: str, above: dict[str, list[str]]) -> set[str]:
    return {one}.union(*(_lineage(other, above) for other in above[one]))


def _entry(query: type[ListQuery], row: Row, rows: Rows) -> Entry:
    names = {*query.fields, *({"latitude", "longitude"} & row.keys())}
    values = {name: _values(query, name, row, rows) for name in names}
    if query.rows == "statistics":
        published = (_date(row["as_of"]) or [(None, None, None)])[0][2]
        values["time"] = [row["period_end"] or row["period_start"] or published or ""]
    return Entry(row["id"], values)


def _values(query: type[ListQuery], name: str, row: Row, rows: Rows) -> list[Any]:
    if read := READ.get((query.rows, name)):
        return read(row, rows)
    own = row.get(name)
    if own is None:
        return []
    if isinstance(query.fields.get(name), Dated):
        return _date(own)
    several = own if isinstance(own, list) else [own]
    return [one["id"] if isinstance(one, dict) else one for one in several]
