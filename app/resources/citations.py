"""Citations: which phrase of which document states which field of which fact."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Ordered
from app.query.parameters import ListQuery
from app.query.values import Flag, Slug, Vocabulary, Whole
from app.resources.common import DOCUMENTS, ZONES, identifier
from app.resources.evidence import CITED, CitationRead
from app.tables import Citation

router = APIRouter(prefix="/v1/citations", tags=["citations"])


SPEAKERS = Vocabulary(
    select(col(Citation.attributed_to_id), col(Citation.attributed_to_name))
    .where(col(Citation.attributed_to_id).is_not(None))
    .distinct(),
    "The id of somebody whom a document quotes.",
)


class CitedResource(StrEnum):
    """The resources whose rows rest on citations."""

    ZONES = "zones"
    PLACES = "places"
    ORGANIZATIONS = "organizations"
    INDUSTRIES = "industries"
    MILESTONES = "milestones"
    PLATFORMS = "platforms"
    STATISTICS = "statistics"
    RELATIONS = "relations"
    STATEMENTS = "statements"


class CitationQuery(ListQuery, resource="citations", table=Citation, sort="document,start,id"):
    """What `GET /v1/citations` can be asked."""

    document = OneOf(Citation.document_id, DOCUMENTS, "The document.")
    resource = OneOf(Citation.fact_resource, CitedResource, "The resource of the fact.")
    fact = OneOf(Citation.fact_id, Slug, "The id of the fact.")
    field = OneOf(Citation.fact_field, Slug, "The field that is stated.")
    zone = OneOf(Citation.zone_id, ZONES, "The zone that the fact speaks of.")
    attributed_to = OneOf(Citation.attributed_to_id, SPEAKERS, "Whom the document quotes.")
    start = Ordered(Citation.start, Whole, "Place of the phrase in its document.")
    anchored = OneOf(Citation.anchored, Flag, "Whether the phrase was found in the text.")


@router.get("", **documented(CitationQuery, CitationRead))
def list_citations(request: Request) -> Response:
    """List the evidence: each phrase with its place in its document and the field it states.

    - of one fact:
      [/v1/citations?fact=baiyin-national-approval](/v1/citations?fact=baiyin-national-approval)
    - of one document, in its order:
      [/v1/citations?document=chinadaily-2013-11-29-baiyin](/v1/citations?document=chinadaily-2013-11-29-baiyin)
    - of everything that is known of a zone:
      [/v1/citations?zone=baiyin](/v1/citations?zone=baiyin)
    - what somebody is quoted as saying:
      [/v1/citations?attributed_to=wu-jiaxi](/v1/citations?attributed_to=wu-jiaxi)

    Where this server has the texts of the documents, `passage` shows the words around a phrase.
    """
    return answer_list(request, CitationQuery)


@router.get("/{id}", **documented(CitationQuery.one, CitationRead))
def get_citation(request: Request, id: Annotated[str, identifier(CITED)]) -> Response:
    """Get one citation by its id.

    - the words for an approval date:
      [/v1/citations/baiyin-national-approval.date.51fac9](/v1/citations/baiyin-national-approval.date.51fac9)
    """
    return answer_item(request, CitationQuery, id)
