"""Industries: the concepts of one bilingual taxonomy (SKOS)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import col

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import Concept, Related, Words
from app.query.parameters import ListQuery
from app.resources.common import (
    IN_ZONE,
    INDUSTRIES,
    NARROWER,
    OWN_LABELS,
    ZONES,
    Ref,
    counts,
    eg,
    identifier,
    keyed,
    listed,
    ref,
)
from app.resources.evidence import OF_ENTITY, Entity, refs
from app.search.finding import Found
from app.tables import Industry, Relation

router = APIRouter(prefix="/v1/industries", tags=["industries"])


class IndustryRead(Entity):
    """A concept of the industry taxonomy, which is our own ordering of what sources name."""

    id: str = eg("biomedicine")
    """Readable id, never reused."""
    label_en: str = eg("Biomedicine")
    """Preferred English label."""
    label_zh: str = eg("生物医药")
    """Preferred Chinese label."""
    own_labels: list[str] = OWN_LABELS
    aliases: list[str] = eg(["bio-medicine"])
    """Other labels in both languages, as sources write them or as it is also called."""
    broader: list[Ref] = eg([ref("communications", "Communications", "通信")])
    """The next broader concepts."""
    narrower: list[Ref] = eg([ref("automotive-parts", "Automotive parts", "汽车零部件")])
    """The next narrower concepts."""
    codes: dict[str, str] = keyed(["isic_4"], {"isic_4": "21"})
    """Its code in a published classification whose title fits it: `isic_4` is ISIC Rev. 4."""
    refs: dict[str, list[str]] = refs("codes")
    counts: dict[str, int] = counts("zones", "relations")


class IndustryQuery(ListQuery, resource="industries", table=Industry, singular="industry"):
    """What `GET /v1/industries` can be asked."""

    embed = OF_ENTITY
    q = Found("industries")
    id = Concept(Industry.id, INDUSTRIES, "The concept.", tree=NARROWER)
    label_en = Words(Industry.label_en, "English label.")
    label_zh = Words(Industry.label_zh, "Chinese label.")
    broader = listed("industries", Industry, "broader", INDUSTRIES, "A next broader concept.")
    zone = Related(
        Relation.zone_id,
        ZONES,
        "A zone that focuses on it, or is active in it.",
        key=Relation.object_id,
        to=Industry.id,
        where=col(Relation.type).in_(IN_ZONE),
    )


@router.get("", **documented(IndustryQuery, IndustryRead))
def list_industries(request: Request) -> Response:
    """List the industry taxonomy: concepts in both languages, broader and narrower.

    Which zone focuses on what, in which role, is in `/v1/relations?type=focuses_on`.

    - everything at or below one concept:
      [/v1/industries?id=biomedicine](/v1/industries?id=biomedicine)
    - the industries of a zone:
      [/v1/industries?zone=baiyin](/v1/industries?zone=baiyin)
    """
    return answer_list(request, IndustryQuery)


@router.get("/{id}", **documented(IndustryQuery.one, IndustryRead))
def get_industry(request: Request, id: Annotated[str, identifier("biomedicine")]) -> Response:
    """Get one industry by its id.

    - [/v1/industries/biomedicine](/v1/industries/biomedicine)
    """
    return answer_item(request, IndustryQuery, id)
