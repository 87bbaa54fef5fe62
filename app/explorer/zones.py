"""The zones: a table with facets, and the map of the same selection."""

import asyncio

from fastapi import APIRouter, Response

from app.explorer import map
from app.explorer.listing import read_list
from app.explorer.view import View, Viewed
from app.query.parameters import Row

router = APIRouter(include_in_schema=False)
FACETS = ("region", "province", "approved_year", "industry", "platform_kind", "batch")
ALSO = ("city", "place", "indicator", "level", "area_kind")
EXPLAINED = ("industry", "platform_kind", "indicator", "place")
"""Filters of which a row says what satisfies them."""
PLACED = ("fields", "id,short_name_en,short_name_zh,latitude,longitude")


@router.get("/zones")
async def show_zones(view: Viewed) -> Response:
    """Show the zones that the reader asks for, as a table and on the map."""
    asked = {name.partition("__")[0] for name, _ in view.pairs}
    own = [("explain", "matches")] if asked.intersection(EXPLAINED) else []
    listing, everywhere = await asyncio.gather(
        read_list(view, "zones", FACETS, ALSO, ("approved_year", "batch"), own), read_places(view)
    )
    chosen = None
    if listing.filters:
        found = await view.api.get("/v1/zones", [*listing.filters, PLACED, ("limit", "1000")])
        chosen = {one["id"] for one in found.rows}
    return await view.render(
        "zones.html",
        listing=listing,
        because={one["id"]: _because(one) for one in listing.rows if own},
        map=map.draw(view, everywhere, chosen),
        told=view.t(
            "map.outlined" if view.request.app.state.settings.outlines else "map.told",
            count=len(everywhere) if chosen is None else len(chosen),
            total=len(everywhere),
        ),
    )


def _because(zone: Row) -> list[str]:
    """The words that satisfy the filters on what a zone is tied to."""
    cited = (
        citation["as_written"]
        for match in zone["matched_by"]
        if match["parameter"].partition("__")[0] in EXPLAINED
        for citation in match["citations"]
    )
    return list(dict.fromkeys(filter(None, cited)))[:3]


async def read_places(view: View) -> list[Row]:
    """Every zone with its place, for the map."""
    return (await view.api.get("/v1/zones", [PLACED, ("limit", "1000")])).rows
