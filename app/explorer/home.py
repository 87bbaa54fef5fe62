"""The first page, and what its search finds."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Response

from app.explorer import map
from app.explorer.view import LINKED, View, Viewed
from app.explorer.zones import read_places
from app.query.parameters import Pairs, Row, address

router = APIRouter(include_in_schema=False)
FACTS = ("milestones", "platforms", "relations", "statements", "statistics")
"""The resources whose rows stand on the page of their zone."""
APPROVALS = (
    ("approved_year__state", "known"),
    ("group_by", "approved_year,region"),
    ("limit", "0"),
)
QUESTIONS = (
    ("approved", "/zones?approved_year=2010"),
    ("biomedicine", "/zones?industry=biomedicine"),
    ("gdp", "/indicators/gdp"),
    ("target", "/zones/shenyang"),
    ("forecast", "/zones/baiyin"),
    ("source", "/documents/chinadaily-2013-11-29-baiyin"),
)
"""What the base exists to answer, by example."""
MOST_HITS = ("limit", "100")


@router.get("/")
async def show_home(view: Viewed) -> Response:
    """Show what the base is, what it knows, and where to begin."""
    release, everywhere, chart, dated = await asyncio.gather(
        view.api.get("/v1/release", view.pairs),
        read_places(view),
        view.api.picture("/v1/zones", [*APPROVALS, *_titled(view)]),
        view.api.get("/v1/zones", [("approved_year__state", "unknown"), ("limit", "0")]),
    )
    view.main = "/v1"
    counts = release.row["counts"]
    facts = sum(counts.get(name, 0) for name in FACTS)
    return await view.render(
        "home.html",
        counts=counts,
        facts=facts,
        questions=QUESTIONS,
        map=map.draw(view, everywhere),
        chart=chart,
        undated=dated.meta["total"],
    )


def _titled(view: View) -> Pairs:
    """The chart's language, and its title in it."""
    return [("lang", view.lang), ("heading", view.t("home.approvals"))]


@router.get("/search")
async def show_search(view: Viewed) -> Response:
    """Show whatever has the words, best first."""
    found = await view.api.get("/v1/search", view.pairs)
    view.main = address("/v1/search", view.pairs)
    zones = await _zones_of(view, found.rows)
    hits = [(hit, _page_of(view, hit, zones), _marked(hit)) for hit in found.rows]
    words = next((value for name, value in view.pairs if name == "q"), "")
    total = found.meta["total"]
    more = total > len(hits) and "limit" not in dict(view.pairs)
    return await view.render(
        "search.html",
        hits=hits,
        words=words,
        total=total,
        more=view.here(MOST_HITS) if more else None,
    )


async def _zones_of(view: View, hits: Sequence[Row]) -> dict[tuple[str, str], str]:
    """The zones that the facts among the hits are about."""
    facts = [(hit["resource"], hit["id"]) for hit in hits if hit["resource"] in FACTS]
    found = await asyncio.gather(*(view.api.get(f"/v1/{name}/{id}") for name, id in facts))
    zones = zip(facts, (answer.row["zone"] for answer in found), strict=True)
    return {fact: zone["id"] for fact, zone in zones if zone}


def _page_of(view: View, hit: Row, zones: dict[tuple[str, str], str]) -> str:
    """The page that shows a hit: its own, its zone's, or the zones that it has to do with."""
    resource, identifier = hit["resource"], hit["id"]
    if resource in LINKED:
        return view.to(resource, hit)
    if zone := zones.get((resource, identifier)):
        return f"{view.link(f'/zones/{zone}')}#{identifier}"
    if resource == "places":
        return view.link("/zones", ("place", identifier))
    return f"/v1/{resource}/{identifier}"


def _marked(hit: Row) -> list[tuple[str, bool]]:
    """Why it was found, in pieces: each with whether it is what was looked for.

    Nothing where that is the name, which stands above.
    """
    if hit["matched"]["field"].startswith(("label_", "title")):
        return []
    pieces = hit["matched"]["snippet"].replace("»", "«").split("«")
    return [(piece, i % 2 == 1) for i, piece in enumerate(pieces) if piece]
