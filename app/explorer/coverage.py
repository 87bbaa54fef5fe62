"""The coverage: which field is known of how many zones, and of which it is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter, Response
from markupsafe import Markup

from app.explorer.listing import Listing
from app.explorer.view import View, Viewed
from app.query.parameters import Row, address

router = APIRouter(include_in_schema=False)
FILTERS = {"industries": "industry", "places": "place", "approved_precision": "approved_on"}
"""Fields that `/v1/zones` is asked for by another name."""


@dataclass(frozen=True)
class Known:
    """Fields that are known of the same zones."""

    names: Sequence[str]
    known: int
    total: int
    strip: Markup
    """A tick for each zone of which they are known."""

    @property
    def share(self) -> int:
        """Per cent of the zones of which they are known: 100 or 0 only for all or none."""
        exact = 100 * self.known / self.total
        return min(99, max(1, round(exact))) if 0 < exact < 100 else round(exact)


@dataclass(frozen=True)
class Of:
    """What is known of one zone."""

    zone: Row
    known: Sequence[str]
    unknown: Sequence[str]


@router.get("/coverage")
async def show_coverage(view: Viewed) -> Response:
    """Show how much is known: field by field, and zone by zone as the reader asks for it."""
    view.main = address("/v1/coverage", [pair for pair in view.pairs if pair[0] != "cursor"])
    asked = [pair for pair in view.pairs if pair[0] not in ("cursor", "limit", "fields", "facet")]
    every = chosen = await view.api.every("/v1/coverage")
    if asked:
        chosen = await view.api.every("/v1/coverage", [*asked, ("facet", "zone,field")])
    whole = sorted(_zones(every.rows), key=lambda one: -len(one.known))
    fields = sorted(_fields(whole), key=lambda one: one.known)
    listing = Listing(view, "coverage", chosen, ())
    return await view.render(
        "coverage.html",
        fields=fields,
        zones=sorted(_zones(chosen.rows), key=lambda one: view.plain(one.zone)),
        gaps=_gaps(whole, [one.names[0] for one in fields]),
        listing=listing,
        one=await _one(view, listing),
        total=len(whole),
    )


def _zones(rows: Iterable[Row]) -> list[Of]:
    """The rows of the coverage by zone; the API gives them so."""
    zones = []
    for _, group in groupby(rows, key=lambda row: row["zone"]["id"]):
        all_of = list(group)
        by = {s: [r["field"] for r in all_of if r["state"] == s] for s in ("known", "unknown")}
        zones.append(Of(all_of[0]["zone"], **by))
    return zones


def _fields(zones: Sequence[Of]) -> list[Known]:
    """The fields, those together that are known of the same zones."""
    alike: dict[tuple[bool, ...], list[str]] = {}
    names = {name for one in zones for name in (*one.known, *one.unknown)}
    for name in sorted(names, key=lambda name: (len(name), name)):
        alike.setdefault(tuple(name in one.known for one in zones), []).append(name)
    return [Known(n, sum(states), len(zones), _strip(states)) for states, n in alike.items()]


def _gaps(zones: Sequence[Of], names: Sequence[str]) -> list[tuple[list[str], list[Row]]]:
    """What is unknown together, and of which zones: the largest gaps first."""
    gaps: dict[tuple[str, ...], list[Row]] = {}
    for one in zones:
        gaps.setdefault(tuple(name for name in names if name in one.unknown), []).append(one.zone)
    return [(list(gap), gaps[gap]) for gap in sorted(gaps, key=lambda gap: (-len(gap), gap))]


def _strip(states: Sequence[bool]) -> Markup:
    """The zones as a row of ticks, those that are best known first."""
    drawn, at = "", 0
    for known, run in groupby(states):
        wide = len(list(run))
        drawn += f"M{at} 0h{wide}v1h-{wide}z" if known else ""
        at += wide
    size = f'viewBox="0 0 {len(states)} 1" preserveAspectRatio="none"'
    return Markup(f'<svg class="strip" {size} aria-hidden="true"><path d="{drawn}"/></svg>')


async def _one(view: View, listing: Listing) -> tuple[str, str, str | None] | None:
    """Where one field and state are asked for: both, and the filter of such zones if there is."""
    asked = dict(listing.filters)
    if len(listing.filters) != 2 or asked.keys() != {"field", "state"}:
        return None
    catalogue = (await view.api.get("/v1/fields", [("resource", "zones")])).rows[0]["fields"]
    told = {operator["parameter"] for field in catalogue for operator in field["operators"]}
    name = f"{FILTERS.get(asked['field'], asked['field'])}__state"
    return asked["field"], asked["state"], name if name in told else None
