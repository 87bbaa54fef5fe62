"""Documents: the sources."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Ordered, Words
from app.query.parameters import ListQuery
from app.query.values import Few
from app.resources.common import (
    DOCUMENTS,
    FACTS,
    ORGANIZATIONS,
    Ref,
    codes,
    counts,
    day,
    eg,
    identifier,
    ref,
)
from app.resources.evidence import NOTE, Listed
from app.search.finding import Found
from app.tables import Document
from app.vocabulary import Precision

router = APIRouter(prefix="/v1/documents", tags=["documents"])


class DocumentRead(Listed):
    """A source."""

    id: str = eg("chinadaily-2013-11-29-baiyin")
    """Readable id, never reused."""
    title: str = eg("Baiyin National High-Tech Industrial Development Zone")
    """Its title, or a description where it has none."""
    publisher: Ref | None = eg(ref("china-daily", "China Daily", "中国日报"))
    """Who published it; null where unknown."""
    published_on: str | None = eg("2013-11-29")
    """When (EDTF); null where the document does not say."""
    published_precision: Precision | None
    """How precisely that is stated."""
    language: str = eg("en")
    """Its language (BCP 47)."""
    url: str | None
    """Its address, where one is known."""
    official_number: str | None = eg(None)
    """Number of an official document or standard."""
    sha256: str | None
    """Of the text the phrases were read from; null where no text was at hand."""
    tier: int = eg(2)
    """1 official, 2 press and scholarly, 3 other. Decides between rivals."""
    licence: str | None
    """Terms of the source."""
    abstract: str | None
    """What it is about, in our own words."""
    note: str | None = NOTE
    counts: dict[str, int] = counts(*FACTS, "citations")


class DocumentQuery(ListQuery, resource="documents", table=Document):
    """What `GET /v1/documents` can be asked."""

    q = Found("documents")
    id = OneOf(Document.id, DOCUMENTS, "The document.")
    title = Words(Document.title, "Title.")
    publisher = OneOf(Document.publisher_id, ORGANIZATIONS, "Who published it.")
    published_on = day(Document, "published_on", "When it was published.")
    language = OneOf(Document.language, codes("language"), "Its language.")
    tier = Ordered(Document.tier, Few, "1 official, 2 press and scholarly, 3 other.")


@router.get("", **documented(DocumentQuery, DocumentRead))
def list_documents(request: Request) -> Response:
    """List the sources.

    Which phrase of which document states what is in `/v1/citations`.

    - official ones:
      [/v1/documents?tier=1](/v1/documents?tier=1)
    - newest first:
      [/v1/documents?sort=-published_on](/v1/documents?sort=-published_on)
    """
    return answer_list(request, DocumentQuery)


@router.get("/{id}", **documented(DocumentQuery.one, DocumentRead))
def get_document(
    request: Request, id: Annotated[str, identifier("chinadaily-2013-11-29-baiyin")]
) -> Response:
    """Get one document by its id.

    - [/v1/documents/chinadaily-2013-11-29-baiyin](/v1/documents/chinadaily-2013-11-29-baiyin)
    """
    return answer_item(request, DocumentQuery, id)
