"""Zones: the national high-tech industrial development zones."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy import true
from sqlmodel import col

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Ordered, Related, RelatedConcept, Words
from app.query.geo import BOX, POINT, Inside, Near
from app.query.parameters import ListQuery
from app.query.values import Number, State, Year
from app.resources.common import (
    FACTS,
    IN_ZONE,
    INDICATORS,
    INDUSTRIES,
    INDUSTRY,
    NARROWER,
    OWN_LABELS,
    PLACES,
    ZONES,
    Ref,
    codes,
    counts,
    day,
    eg,
    identifier,
    keyed,
    listed,
    places,
    ref,
)
from app.resources.evidence import DOUBTS, OF_ENTITY, Doubt, Entity, refs
from app.search.finding import Found
from app.tables import Platform, Relation, Statistic, Zone
from app.vocabulary import Comparator, Precision

router = APIRouter(prefix="/v1/zones", tags=["zones"])
CITIES = places("city", "county", "district", "area")


TOLD = (
    *("name_en", "name_zh", "short_name_zh", "level", "gb_code"),
    *("city", "province", "region", "places", "latitude", "longitude"),
    *("approved_on", "approved_precision", "approved_year", "batch", "provincial_approved_on"),
    *("established_on", "area_km2", "area_comparator", "area_kind", "industries"),
)
"""The fields of which a row says whether they are known."""
_PROVINCE = ref("CN-GS", "Gansu", "甘肃省")


class ZoneIndustry(Ref):
    """An industry of a zone."""

    role: str | None = eg("focus")
    """The part the source gives it."""


class ZoneRead(Entity):
    """A national high-tech zone, with what is read off its preferred facts."""

    id: str = eg("baiyin")
    """Readable id, never reused."""
    name_en: str | None = eg("Baiyin National High-Tech Industrial Development Zone")
    """Full English name as a source writes it."""
    name_zh: str | None = eg("白银高新技术产业开发区")
    """Full Chinese name."""
    short_name_en: str = eg("Baiyin")
    """What we call it in English."""
    short_name_zh: str | None = eg("白银")
    """And in Chinese."""
    own_labels: list[str] = OWN_LABELS
    aliases: list[str] = eg([])
    """Other names that sources use."""
    level: str | None = eg("national")
    """Level a source gives it."""
    gb_code: str | None = eg("62103002")
    """Code of the zone in GB/T 37028-2018."""
    city: Ref | None = eg(ref("baiyin", "Baiyin", "白银市"))
    """The city it lies in or is administered by."""
    province: Ref | None = eg(_PROVINCE)
    """The province, by its ISO 3166-2 code."""
    region: Ref | None = eg(ref("west", "West", "西部地区"))
    """East, central, west or northeast, as the statistics bureau divides."""
    places: list[Ref] = eg([_PROVINCE])
    """Every place it lies in: city, province, region, and deltas or basins that sources name."""
    latitude: float | None = eg(36.54696)
    """WGS-84 degrees of the seat city, or the city above it; not of the zone."""
    longitude: float | None = eg(104.17023)
    """WGS-84 degrees of the seat city, or the city above it; not of the zone."""
    approved_on: str | None = eg("2010-09")
    """When the State Council approved it (EDTF, at the precision stated)."""
    approved_precision: Precision | None
    """How precisely that is stated."""
    approved_year: int | None = eg(2010)
    """The year of approval."""
    batch: str | None = eg("2010-09-26")
    """The batch of national approvals that it came with, named by its date."""
    provincial_approved_on: str | None = eg("2006-07")
    """When it was approved as a provincial zone (EDTF)."""
    established_on: str | None = eg(None)
    """When it was founded (EDTF)."""
    area_km2: float | None = eg(8.05)
    """Area of the zone in km²."""
    area_comparator: Comparator | None = eg("exactly")
    """How that figure relates to the area: `over`, `about` …"""
    area_kind: str | None = eg("unspecified")
    """Which area that is: approved, jurisdiction, planned, core … or unspecified."""
    industries: list[ZoneIndustry] = eg([{**INDUSTRY, "role": "focus"}])
    """The industries it focuses on, or is active in."""
    counts: dict[str, int] = counts(*FACTS)
    refs: dict[str, list[str]] = refs("aliases", *TOLD)
    doubts: list[Doubt] = DOUBTS
    states: dict[str, State] = keyed(TOLD, {"approved_on": "known", "established_on": "unknown"})
    """For each field that may be unknown, whether it is known."""


class ZoneQuery(ListQuery, resource="zones", table=Zone):
    """What `GET /v1/zones` can be asked."""

    embed = OF_ENTITY
    formats = (*ListQuery.formats, "geojson")
    q = Found("zones")
    id = OneOf(Zone.id, ZONES, "The zone itself.")
    name_en = Words(Zone.name_en, "Full English name.")
    name_zh = Words(Zone.name_zh, "Full Chinese name.")
    level = OneOf(Zone.level, codes("level"), "Level a source gives it.")
    city = OneOf(Zone.city_id, CITIES, "The city or its like.")
    province = OneOf(Zone.province_id, places("province"), "The province.")
    region = OneOf(Zone.region_id, places("region"), "The economic region.")
    place = listed("zones", Zone, "places", PLACES, "Any place it lies in, also a delta or basin.")
    approved_on = day(Zone, "approved_on", "National approval.")
    approved_year = Ordered(Zone.approved_year, Year, "Year of national approval.")
    batch = OneOf(Zone.batch, codes("batch"), "The batch of national approvals it came with.")
    provincial_approved_on = day(Zone, "provincial_approved_on", "Provincial approval.")
    established_on = day(Zone, "established_on", "Founding.")
    area_km2 = Ordered(Zone.area_km2, Number, "Area in km².")
    area_kind = OneOf(Zone.area_kind, codes("area_kind"), "Which area that is.")
    near = Near(Zone.latitude, Zone.longitude, f"The seat city is near {POINT}.")
    bbox = Inside(Zone.latitude, Zone.longitude, f"The seat city is in {BOX}.")
    industry = RelatedConcept(
        Relation.object_id,
        INDUSTRIES,
        "An industry it focuses on, or is active in.",
        tree=NARROWER,
        key=Relation.zone_id,
        to=Zone.id,
        where=col(Relation.type).in_(IN_ZONE),
    )
    indicator = Related(
        Statistic.indicator_id,
        INDICATORS,
        "An indicator with a figure for it.",
        key=Statistic.zone_id,
        to=Zone.id,
        where=true(),
    )
    platform_kind = Related(
        Platform.kind,
        codes("platform_kind"),
        "A kind of platform it has.",
        key=Platform.zone_id,
        to=Zone.id,
        where=true(),
    )


@router.get("", **documented(ZoneQuery, ZoneRead))
def list_zones(request: Request) -> Response:
    """List zones, one row each, with the preferred value of every field.

    For the events behind a date use `/v1/milestones`, for figures `/v1/statistics`.

    - approved in 2010: [/v1/zones?approved_year=2010](/v1/zones?approved_year=2010)
    - with biomedicine or anything narrower:
      [/v1/zones?industry=biomedicine](/v1/zones?industry=biomedicine)
    - that came with the batch of 29 September 2015:
      [/v1/zones?batch=2015-09-29](/v1/zones?batch=2015-09-29)
    - approved from September 2010 on, in the west:
      [/v1/zones?approved_on__gte=2010-09&region=west](/v1/zones?approved_on__gte=2010-09&region=west)
    - in a delta that sources speak of:
      [/v1/zones?place=yangtze-river-delta](/v1/zones?place=yangtze-river-delta)
    - within 300 km of a point, the nearest first; `format=geojson` for a map:
      [/v1/zones?near=36.06,103.83&within_km=300](/v1/zones?near=36.06,103.83&within_km=300)
    """
    return answer_list(request, ZoneQuery)


@router.get("/{id}", **documented(ZoneQuery.one, ZoneRead))
def get_zone(request: Request, id: Annotated[str, identifier("baiyin")]) -> Response:
    """Get one zone by its id; its links lead to its facts.

    - [/v1/zones/baiyin](/v1/zones/baiyin)
    """
    return answer_item(request, ZoneQuery, id)
