"""The industries: the taxonomy as a tree, and each concept with the zones it is said of."""

import asyncio
from collections.abc import Iterable
from itertools import groupby

from fastapi import APIRouter, Response

from app.explorer.listing import read_list
from app.explorer.view import View, Viewed
from app.query.parameters import Row, address

router = APIRouter(include_in_schema=False)


@router.get("/industries")
async def show_industries(view: Viewed) -> Response:
    """Show the taxonomy, or the part of it that the reader asks for, as a tree."""
    listing = await read_list(view, "industries", (), ("zone", "broader"), own=[("limit", "1000")])
    known = {one["id"]: one for one in listing.rows}
    roots = [one for one in listing.rows if not any(up["id"] in known for up in one["broader"])]
    return await view.render(
        "industries.html", listing=listing, known=known, roots=_by_zones(view, roots), order=_order
    )


def _order(view: View, refs: Iterable[Row], known: dict[str, Row]) -> list[Row]:
    """The concepts of references that are in the tree, those with the most zones first."""
    return _by_zones(view, (known[one["id"]] for one in refs if one["id"] in known))


def _by_zones(view: View, concepts: Iterable[Row]) -> list[Row]:
    return sorted(concepts, key=lambda one: (-one["counts"]["zones"], view.plain(one)))


@router.get("/industries/{id}")
async def show_industry(view: Viewed, id: str) -> Response:
    """Show a concept, and which zones are said to focus on it or on something narrower."""
    view.main = address("/v1/relations", [("industry", id)])
    asked = [("industry", id), ("include", "citations"), ("facet", "type,role,stage")]
    about = await view.api.get(f"/v1/industries/{id}", [("include", "citations")])
    around, tied = await asyncio.gather(
        view.api.get("/v1/industries", [("broader", id), ("limit", "1000")]),
        view.api.every("/v1/relations", asked),
    )
    ties = sorted(tied.rows, key=lambda one: (_place(view, one), one["object"]["id"] != id))
    return await view.render(
        "industry.html",
        industry=about.row,
        cited={one["id"]: one for one in about.row["citations"]},
        narrower=_by_zones(view, around.rows),
        tied=tied,
        zones=[list(group) for _, group in groupby(ties, key=lambda one: _place(view, one))],
    )


def _place(view: View, tie: Row) -> tuple[bool, str]:
    """Where the zone of a tie stands in the table: by its name, the whole programme first."""
    return tie["zone"] is not None, view.plain(tie["zone"]) if tie["zone"] else ""
