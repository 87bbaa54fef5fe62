"""Places: cities, provinces and the economic regions."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Words
from app.query.geo import BOX, POINT, Inside, Near
from app.query.parameters import ListQuery
from app.resources.common import OWN_LABELS, PLACES, Ref, codes, counts, eg, identifier, ref
from app.resources.evidence import OF_ENTITY, Entity, refs
from app.search.finding import Found
from app.tables import Place

router = APIRouter(prefix="/v1/places", tags=["places"])


class PlaceRead(Entity):
    """A city, province or economic region."""

    id: str = eg("CN-GS")
    """Readable id, never reused; ISO 3166-2 for provinces."""
    kind: str = eg("province")
    """City, county, district, province or region."""
    label_en: str = eg("Gansu")
    """What we call it in English."""
    label_zh: str | None = eg("甘肃省")
    """And in Chinese."""
    own_labels: list[str] = OWN_LABELS
    broader: Ref | None = eg(ref("west", "West", "西部地区"))
    """The place it lies in."""
    iso_3166_2: str | None = eg("CN-GS")
    """ISO 3166-2 code."""
    latitude: float | None = eg(None)
    """WGS-84 degrees of the seat, for cities."""
    longitude: float | None = eg(None)
    """WGS-84 degrees of the seat, for cities."""
    refs: dict[str, list[str]] = refs("broader", "iso_3166_2", "latitude", "longitude")
    counts: dict[str, int] = counts("zones")


class PlaceQuery(ListQuery, resource="places", table=Place):
    """What `GET /v1/places` can be asked."""

    embed = OF_ENTITY
    formats = (*ListQuery.formats, "geojson")
    q = Found("places")
    id = OneOf(Place.id, PLACES, "The place.")
    kind = OneOf(Place.kind, codes("place_kind"), "City, county, district, province or region.")
    label_en = Words(Place.label_en, "English label.")
    label_zh = Words(Place.label_zh, "Chinese label.")
    near = Near(Place.latitude, Place.longitude, f"Its point is near {POINT}.")
    bbox = Inside(Place.latitude, Place.longitude, f"Its point is in {BOX}.")
    broader = OneOf(Place.broader_id, PLACES, "The place it lies in.")


@router.get("", **documented(PlaceQuery, PlaceRead))
def list_places(request: Request) -> Response:
    """List cities, provinces and the four economic regions of the statistics bureau.

    - provinces:
      [/v1/places?kind=province](/v1/places?kind=province)
    - what lies in a region:
      [/v1/places?broader=west](/v1/places?broader=west)
    """
    return answer_list(request, PlaceQuery)


@router.get("/{id}", **documented(PlaceQuery.one, PlaceRead))
def get_place(request: Request, id: Annotated[str, identifier("CN-GS")]) -> Response:
    """Get one place by its id.

    - [/v1/places/CN-GS](/v1/places/CN-GS)
    """
    return answer_item(request, PlaceQuery, id)
