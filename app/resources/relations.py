"""Relations: cited ties of a zone or the programme to industries, organizations and places."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import Concept, OneOf
from app.query.parameters import ListQuery
from app.query.values import Flag
from app.resources.common import (
    INDUSTRIES,
    INDUSTRY,
    NARROWER,
    ORGANIZATIONS,
    PLACES,
    PROGRAMMES,
    ZONES,
    Ref,
    codes,
    eg,
    identifier,
)
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
from app.tables import Relation
from app.vocabulary import Scope

router = APIRouter(prefix="/v1/relations", tags=["relations"])


class RelationObject(Ref):
    """The other end of a tie."""

    resource: str = eg("industries")
    """The resource it is a row of."""


class RelationRead(Fact):
    """A cited tie."""

    id: str = eg("baiyin-biomedicine")
    """Readable id, never reused."""
    type: str = eg("focuses_on")
    """What the tie is."""
    object: RelationObject = eg({"resource": "industries", **INDUSTRY})
    """The other end of the tie."""
    role: str | None = eg("focus")
    """The part the object plays."""
    stage: str | None = eg(None)
    """The stage of development the source says it of."""
    wording: str | None = eg("bio-medicine")
    """How the source names the object."""
    reading: str | None = READING
    note: str | None = NOTE
    doubts: list[Doubt] = DOUBTS
    proven: bool = PROVEN
    unproven: str | None = UNPROVEN
    citations: list[str | CitationRead] = CITATIONS


class RelationQuery(ListQuery, resource="relations", table=Relation):
    """What `GET /v1/relations` can be asked."""

    embed = OF_FACT
    scope = OneOf(Relation.scope, Scope, "Of one zone, or of the whole programme.")
    zone = OneOf(Relation.zone_id, ZONES, "The zone.")
    type = OneOf(Relation.type, codes("relation_type"), "What the tie is.")
    role = OneOf(Relation.role, codes("role"), "The part the object plays.")
    stage = OneOf(Relation.stage, codes("stage"), "The stage it is said of.")
    industry = Concept(
        Relation.industry_id, INDUSTRIES, "An industry at the other end.", tree=NARROWER
    )
    organization = OneOf(
        Relation.organization_id, ORGANIZATIONS, "An organization at the other end."
    )
    programme = OneOf(Relation.programme_id, PROGRAMMES, "A programme at the other end.")
    place = OneOf(Relation.place_id, PLACES, "A place at the other end.")
    proven = OneOf(Relation.proven, Flag, "Whether its phrases prove it.")


@router.get("", **documented(RelationQuery, RelationRead))
def list_relations(request: Request) -> Response:
    """List cited ties: a zone focuses on an industry, was initiated by an organization.

    For zones by industry use `/v1/zones?industry=`.

    - the industries of a zone, with their roles:
      [/v1/relations?zone=baiyin&type=focuses_on](/v1/relations?zone=baiyin&type=focuses_on)
    - every tie to an organization:
      [/v1/relations?organization=chinese-academy-of-sciences](/v1/relations?organization=chinese-academy-of-sciences)
    """
    return answer_list(request, RelationQuery)


@router.get("/{id}", **documented(RelationQuery.one, RelationRead))
def get_relation(
    request: Request, id: Annotated[str, identifier("baiyin-biomedicine")]
) -> Response:
    """Get one relation by its id.

    - [/v1/relations/baiyin-biomedicine](/v1/relations/baiyin-biomedicine)
    """
    return answer_item(request, RelationQuery, id)
