"""A zone: all that is known of it, each fact with the words it rests on, and what is unknown."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import chain, groupby

from fastapi import APIRouter, Response

from app.explorer import map
from app.explorer.api import Answer
from app.explorer.notes import Notes
from app.explorer.view import View, Viewed
from app.explorer.zones import read_places
from app.query.parameters import Row

router = APIRouter(include_in_schema=False)
PARTS = {
    "milestones": ("kind",),
    "relations": ("type", "role", "stage"),
    "platforms": ("kind", "status"),
    "statistics": ("coverage",),
    "statements": ("kind",),
}
"""What is about a zone, with the facets that have the labels of its codes."""
RANKED = ("milestones", "statistics")
KEPT_UNKNOWN = (
    *("name_en", "name_zh", "gb_code", "city", "province", "latitude", "approved_on", "batch"),
    *("provincial_approved_on", "established_on", "area_km2", "industries"),
)
"""The fields of which the page says that they are unknown; others follow from them."""
IN_ZONE = ("focuses_on", "active_in")


@router.get("/zones/{id}")
async def show_zone(view: Viewed, id: str) -> Response:
    """Show one zone."""
    zone = (await view.api.get(f"/v1/zones/{id}", [*view.pairs, ("include", "citations")])).row
    view.main = f"/v1/zones/{id}"
    found, (told, units), everywhere = await asyncio.gather(
        asyncio.gather(*(_read_part(view, id, name) for name in PARTS)),
        asyncio.gather(
            view.api.get("/v1/zones", [("id", id), ("fields", "id"), ("facet", "level,area_kind")]),
            view.units(),
        ),
        read_places(view),
    )
    parts = dict(zip(PARTS, found, strict=True))
    rows = list(chain.from_iterable(part.rows for part in found))
    facts = {name: [one for one in part.rows if _stands(one)] for name, part in parts.items()}
    facts["milestones"].sort(key=lambda one: (one["date"] or "9").replace("X", "0"))
    notes = Notes(chain.from_iterable(one["citations"] for one in (zone, *rows)))
    notes.tell(await _documents(view, [one.document["id"] for one in notes.sources]))
    ties = facts["relations"]
    return await view.render(
        "zone.html",
        zone=zone,
        told=told,
        units=units,
        parts=parts,
        facts=facts,
        notes=notes,
        map=map.draw(view, everywhere, {id}),
        industries=_grouped([one for one in ties if _in_zone(one)], "type", "stage", "role"),
        ties=_grouped([one for one in ties if not _in_zone(one)], "type"),
        statements=_grouped(facts["statements"], "kind"),
        rivals=[(name, one) for name in RANKED for one in parts[name].rows if not _stands(one)],
        doubts=[(one, doubt) for one in (zone, *rows) for doubt in one["doubts"]],
        unknown=[name for name in KEPT_UNKNOWN if zone["states"][name] == "unknown"],
        missing=[name for name in PARTS if not parts[name].rows],
    )


async def _read_part(view: View, id: str, name: str) -> Answer:
    """The facts about a zone that one list has, with their citations and labels."""
    asked = [("zone", id), ("include", "citations"), ("facet", ",".join(PARTS[name]))]
    asked += [("rank", "all")] if name in RANKED else []
    return await view.api.get(f"/v1/{name}", [*asked, ("limit", "1000")])


async def _documents(view: View, ids: Sequence[str]) -> dict[str, Row]:
    """The documents that are cited, by id."""
    asked = [("id", one) for one in ids[:100]]
    if not asked:
        return {}
    found = await view.api.get("/v1/documents", [*asked, ("limit", "100")])
    return {one["id"]: one for one in found.rows}


def _stands(fact: Row) -> bool:
    """Whether no rival is preferred to it."""
    return "rank" not in fact or fact["rank"] == "preferred"


def _in_zone(tie: Row) -> bool:
    return tie["type"] in IN_ZONE


def _grouped(rows: Iterable[Row], *names: str) -> list[tuple[list[str | None], list[Row]]]:
    """Rows of the same values of some fields together, in the order of those."""

    def values(row: Row) -> list[str | None]:
        return [row[name] for name in names]

    ordered = sorted(rows, key=lambda row: [value or "" for value in values(row)])
    return [(key, list(same)) for key, same in groupby(ordered, values)]
