"""Zones side by side: two to five, and how to begin where fewer are chosen."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.explorer.api import Answer, Refused
from app.explorer.view import View, Viewed, corrected
from app.query.parameters import Row, address

router = APIRouter(include_in_schema=False)
MOST = 5
ACROSS = [("rows", "indicator"), ("columns", "zone")]
ALL = ("limit", "1000")
LISTED = "id,short_name_en,short_name_zh,province,batch,industries,counts"
TOLD = (
    *("name_en", "name_zh", "gb_code", "city", "approved_on", "batch", "provincial_approved_on"),
    *("established_on", "area_km2", "industries"),
)
"""The fields whose being unknown is told; others follow from them."""


@dataclass(frozen=True)
class Suggestion:
    """Zones to compare, and why."""

    zones: Sequence[Row]
    why: str
    href: str


@router.get("/compare")
async def show_comparison(view: Viewed) -> Response:
    """Show the chosen zones side by side, or say how to begin."""
    words = next((value for name, value in view.pairs if name == "q"), None)
    ids = list(dict.fromkeys(value for name, value in view.pairs if name == "zone"))
    found = await _find(view, words) if words is not None else []
    if len(found) == 1 and len({*ids, found[0]["id"]}) <= MOST:
        return RedirectResponse(_with(view, ids, found[0]["id"]), 303)
    asked = [pair for pair in view.pairs if pair[0] not in ("zone", "q")]
    asked += [("zone", one) for one in ids]
    if len(ids) > MOST:
        raise Refused(422, _too_many(view, ids))
    if ids or asked:
        try:
            table = await view.api.get("/v1/statistics/table", [*asked, *ACROSS])
        except Refused as refused:
            raise corrected(refused, "/v1/compare", [name for name, _ in ACROSS]) from refused
    zones = await _zones(view, ids)
    page: dict[str, Any] = {
        "zones": zones,
        "found": [(one, _with(view, ids, one["id"])) for one in found],
        "words": words,
        "removed": {one: view.here(*_pairs(ids, but=one), but=("zone", "q")) for one in ids},
        "most": MOST,
    }
    if len(zones) < 2:
        suggestions = await _suggestions(view, ids)
        return await view.render("compare.html", suggestions=suggestions, **page)
    view.main = address("/v1/statistics/table", [*asked, *ACROSS])
    details = await _details(view, ids)
    return await view.render(
        "compare.html",
        suggestions=[],
        areas=[row for row in table.rows if _of(row) == "area"],
        figures=[row for row in table.rows if _of(row) != "area"],
        shared=_shared(zones),
        told=TOLD,
        **details,
        **page,
    )


def _of(row: Row) -> str:
    """The indicator of a row of the table."""
    return f"{row['indicator']['id']}"


def _pairs(ids: Sequence[str], but: str = "") -> list[tuple[str, str]]:
    return [("zone", one) for one in ids if one != but]


def _with(view: View, ids: Sequence[str], another: str) -> str:
    """This page with another zone."""
    return view.here(*_pairs(list(dict.fromkeys([*ids, another]))), but=("zone", "q"))


async def _find(view: View, words: str) -> list[Row]:
    """The zones that words may mean; one alone where a name says it."""
    asked = [("q", words), ("fields", "id,short_name_en,short_name_zh"), ("limit", "8")]
    rows = (await view.api.get("/v1/zones", asked)).rows if words.strip() else []
    said = words.strip().casefold()
    named = [
        one
        for one in rows
        if said in {str(one[name]).casefold() for name in ("id", "short_name_en", "short_name_zh")}
    ]
    return named if len(named) == 1 else rows


def _too_many(view: View, ids: Sequence[str]) -> Row:
    """The problem of more zones than fit beside each other."""
    corrected_to = address("/v1/compare", _pairs(ids[:MOST]))
    told = view.t("compare.too_many")
    flaw = {"message": told, "try": corrected_to}
    problem = {"type": "/problems/invalid-value", "title": "Invalid parameter value"}
    return {**problem, "status": 422, "detail": told, "errors": [flaw]}


async def _zones(view: View, ids: Sequence[str]) -> list[Row]:
    """The zones, in the order in which they were chosen."""
    if not ids:
        return []
    rows = (await view.api.get("/v1/zones", [("id", one) for one in ids])).rows
    return sorted(rows, key=lambda row: ids.index(row["id"]))


async def _details(view: View, ids: Sequence[str]) -> dict[str, Any]:
    """What else is told of the zones, and what their codes are called."""
    of = _pairs(ids)
    platforms, parts, areas, units = await asyncio.gather(
        view.api.get("/v1/platforms", [*of, ("facet", "kind,status"), ALL]),
        view.api.get("/v1/statistics", [*of, ("facet", "coverage"), ("limit", "0")]),
        view.api.get("/v1/zones", [*_ids(ids), ("facet", "area_kind,batch"), ("limit", "0")]),
        view.units(),
    )
    return {
        "platforms": {one: _platforms(platforms, one) for one in ids},
        "coded": platforms,
        "parts": parts,
        "kinds": areas,
        "units": units,
    }


def _ids(ids: Sequence[str]) -> list[tuple[str, str]]:
    return [("id", one) for one in ids]


def _platforms(answer: Answer, zone: str) -> list[Row]:
    return [row for row in answer.rows if row["zone"]["id"] == zone]


def _shared(zones: Sequence[Row]) -> dict[str, tuple[Row, list[Row]]]:
    """Industries of more than one zone, those of most zones first, each with its zones."""
    found: dict[str, tuple[Row, list[Row]]] = {}
    for zone in zones:
        for one in {each["id"]: each for each in zone["industries"]}.values():
            found.setdefault(one["id"], (one, []))[1].append(zone)
    several = [item for item in found.items() if len(item[1][1]) > 1]
    return dict(sorted(several, key=lambda item: -len(item[1][1])))


async def _suggestions(view: View, ids: Sequence[str]) -> list[Suggestion]:
    """Comparisons to begin with: of the chosen zone, or of the one that most is known of."""
    every = (await view.api.get("/v1/zones", [("fields", LISTED), ALL])).rows
    every.sort(key=lambda row: -sum(min(count, 5) for count in row["counts"].values()))
    first = next((row for row in every if row["id"] in ids), every[0])
    rest = [row for row in every if row is not first]
    own = {one["id"] for one in first["industries"]}
    common = Counter({row["id"]: len(own & {o["id"] for o in row["industries"]}) for row in rest})
    ways = {
        **({} if ids else {"known": rest}),
        "province": [row for row in rest if row["province"] == first["province"]],
        "batch": [row for row in rest if row["batch"] and row["batch"] == first["batch"]],
        "industries": sorted(
            (row for row in rest if common[row["id"]]), key=lambda row: -common[row["id"]]
        ),
        "known": rest,
    }
    made = [(why, [first, *others[:2]]) for why, others in ways.items() if others][:3]
    return [
        Suggestion(
            some,
            view.t(f"compare.suggest.{why}"),
            view.link("/compare", *_pairs([one["id"] for one in some])),
        )
        for why, some in made
    ]
