"""Platforms: laboratories, parks, centres, stations, incubators, ports, service platforms."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Words
from app.query.parameters import ListQuery
from app.query.values import Flag
from app.resources.common import ZONES, codes, day, eg, identifier
from app.resources.evidence import (
    CITATIONS,
    DOUBTS,
    NOTE,
    OF_FACT,
    PROVEN,
    READING,
    UNPROVEN,
    CitationRead,
    Doubt,
    Fact,
)
from app.search.finding import Found
from app.tables import Platform
from app.vocabulary import Scope

router = APIRouter(prefix="/v1/platforms", tags=["platforms"])


class PlatformRead(Fact):
    """A platform of a zone, named or as a class."""

    id: str = eg("baiyin-technology-platform")
    """Readable id, never reused."""
    name_en: str = eg("technology development platform")
    """Its name, or the class it is spoken of as."""
    name_zh: str | None = eg("技术开发平台")
    """Its Chinese name."""
    kind: str = eg("platform")
    """What kind of platform it is."""
    status: str = eg("operating")
    """Operating, nearing completion … or unstated."""
    named: bool = eg(False)
    """Whether the source names it, or speaks of a class."""
    since: str | None = eg(None)
    """Since when (EDTF)."""
    reading: str | None = READING
    note: str | None = NOTE
    doubts: list[Doubt] = DOUBTS
    proven: bool = PROVEN
    unproven: str | None = UNPROVEN
    citations: list[str | CitationRead] = CITATIONS


class PlatformQuery(ListQuery, resource="platforms", table=Platform):
    """What `GET /v1/platforms` can be asked."""

    embed = OF_FACT
    q = Found("platforms")
    scope = OneOf(Platform.scope, Scope, "Of one zone, or of the whole programme.")
    zone = OneOf(Platform.zone_id, ZONES, "The zone.")
    kind = OneOf(Platform.kind, codes("platform_kind"), "What kind it is.")
    status = OneOf(Platform.status, codes("platform_status"), "How far it is.")
    named = OneOf(Platform.named, Flag, "Whether the source names it.")
    name_en = Words(Platform.name_en, "English name.")
    name_zh = Words(Platform.name_zh, "Chinese name.")
    since = day(Platform, "since", "Since when it is there.")
    proven = OneOf(Platform.proven, Flag, "Whether its phrases prove it.")


@router.get("", **documented(PlatformQuery, PlatformRead))
def list_platforms(request: Request) -> Response:
    """List platforms: laboratories, parks, centres, stations, incubators, service platforms.

    For zones that have a kind of platform use `/v1/zones?platform_kind=`.

    - of Baiyin:
      [/v1/platforms?zone=baiyin](/v1/platforms?zone=baiyin)
    - service platforms in operation:
      [/v1/platforms?kind=service_platform&status=operating](/v1/platforms?kind=service_platform&status=operating)
    """
    return answer_list(request, PlatformQuery)


@router.get("/{id}", **documented(PlatformQuery.one, PlatformRead))
def get_platform(
    request: Request, id: Annotated[str, identifier("baiyin-technology-platform")]
) -> Response:
    """Get one platform by its id.

    - [/v1/platforms/baiyin-technology-platform](/v1/platforms/baiyin-technology-platform)
    """
    return answer_item(request, PlatformQuery, id)
