"""Citations: which phrase of which document states which field of which fact."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import Read, answer_item, answer_list, documented
from app.query.fields import OneOf, Ordered
from app.query.parameters import ListQuery, Query
from app.query.values import Flag, Slug, Whole
from app.resources.common import DOCUMENTS, Part, Ref, eg, identifier
from app.tables import Citation

EXAMPLE = "baiyin-national-approval.date.51fac9"
router = APIRouter(prefix="/v1/citations", tags=["citations"])


class CitedFact(Part):
    """One field of one row."""

    resource: str = eg("milestones")
    """The resource of the fact."""
    id: str = eg("baiyin-national-approval")
    """Its id."""
    field: str = eg("date")
    """The field that the phrase states."""


class Speaker(Part):
    """Somebody whom the document quotes."""

    id: str = eg("wu-jiaxi")
    """Id within the document."""
    name: str
    """Name as the document writes it."""
    office: str | None
    """Office as the document gives it."""


class CitationRead(Read):
    """The tie between one field of one fact and one phrase of one document."""

    id: str = eg(EXAMPLE)
    """Readable id, made from what is cited."""
    fact: CitedFact
    """What is stated."""
    document: Ref
    """The document that states it."""
    as_written: str | None = eg("State Council in Sep 2010")
    """The exact words (W3C text quote selector); null where the document is not quoted."""
    start: int | None = eg(574)
    """First code point of the phrase in the text (W3C text position selector)."""
    end: int | None = eg(599)
    """One past its last code point."""
    anchored: bool
    """Whether the phrase was found in the text itself, at that place."""
    attributed_to: Speaker | None
    """Whom the document quotes as saying it."""


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
    start = Ordered(Citation.start, Whole, "Place of the phrase in its document.")
    anchored = OneOf(Citation.anchored, Flag, "Whether the phrase was found in the text.")


@router.get("", **documented(CitationQuery, CitationRead))
def list_citations(request: Request) -> Response:
    """List the evidence: each phrase with its place in its document and the field it states.

    - of one fact:
      [/v1/citations?fact=baiyin-national-approval](/v1/citations?fact=baiyin-national-approval)
    - of one document, in its order:
      [/v1/citations?document=chinadaily-2013-11-29-baiyin](/v1/citations?document=chinadaily-2013-11-29-baiyin)
    """
    return answer_list(request, CitationQuery)


@router.get("/{id}", **documented(Query, CitationRead))
def get_citation(request: Request, id: Annotated[str, identifier(EXAMPLE)]) -> Response:
    """Get one citation by its id.

    - the words for an approval date:
      [/v1/citations/baiyin-national-approval.date.51fac9](/v1/citations/baiyin-national-approval.date.51fac9)
    """
    return answer_item(request, CitationQuery, id)
