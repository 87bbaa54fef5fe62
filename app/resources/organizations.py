"""Organizations: governments, institutes, enterprises and publishers that facts speak of."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Words
from app.query.parameters import ListQuery
from app.resources.common import ORGANIZATIONS, OWN_LABELS, Ref, codes, counts, eg, identifier, ref
from app.resources.evidence import OF_ENTITY, Entity, refs
from app.search.finding import Found
from app.tables import Organization

router = APIRouter(prefix="/v1/organizations", tags=["organizations"])


class OrganizationRead(Entity):
    """An organization that facts speak of."""

    id: str = eg("chinese-academy-of-sciences")
    """Readable id, never reused."""
    kind: str = eg("institute")
    """What kind of organization it is."""
    label_en: str = eg("Chinese Academy of Sciences")
    """What we call it in English."""
    label_zh: str | None = eg("中国科学院")
    """And in Chinese."""
    own_labels: list[str] = OWN_LABELS
    aliases: list[str] = eg([])
    """Other names that sources use."""
    part_of: Ref | None = eg(
        ref("chinese-academy-of-sciences", "Chinese Academy of Sciences", "中国科学院")
    )
    """The organization it is a part of."""
    refs: dict[str, list[str]] = refs("aliases", "part_of")
    counts: dict[str, int] = counts("relations", "documents")


class OrganizationQuery(ListQuery, resource="organizations", table=Organization):
    """What `GET /v1/organizations` can be asked."""

    embed = OF_ENTITY
    q = Found("organizations")
    id = OneOf(Organization.id, ORGANIZATIONS, "The organization.")
    kind = OneOf(Organization.kind, codes("organization_kind"), "What kind it is.")
    label_en = Words(Organization.label_en, "English label.")
    label_zh = Words(Organization.label_zh, "Chinese label.")
    part_of = OneOf(Organization.part_of_id, ORGANIZATIONS, "What it is a part of.")


@router.get("", **documented(OrganizationQuery, OrganizationRead))
def list_organizations(request: Request) -> Response:
    """List the organizations that facts speak of.

    What ties them to zones is in `/v1/relations`.

    - governments:
      [/v1/organizations?kind=government](/v1/organizations?kind=government)
    - parts of one:
      [/v1/organizations?part_of=chinese-academy-of-sciences](/v1/organizations?part_of=chinese-academy-of-sciences)
    """
    return answer_list(request, OrganizationQuery)


@router.get("/{id}", **documented(OrganizationQuery.one, OrganizationRead))
def get_organization(
    request: Request, id: Annotated[str, identifier("chinese-academy-of-sciences")]
) -> Response:
    """Get one organization by its id.

    - [/v1/organizations/chinese-academy-of-sciences](/v1/organizations/chinese-academy-of-sciences)
    """
    return answer_item(request, OrganizationQuery, id)
