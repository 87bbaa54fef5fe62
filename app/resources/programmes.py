"""Programmes: strategies, plans and programmes that facts speak of."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Words
from app.query.parameters import ListQuery
from app.resources.common import OWN_LABELS, PROGRAMMES, codes, counts, eg, identifier
from app.resources.evidence import Listed
from app.search.finding import Found
from app.tables import Programme

router = APIRouter(prefix="/v1/programmes", tags=["programmes"])


class ProgrammeRead(Listed):
    """A strategy, plan or programme that facts speak of."""

    id: str = eg("belt-and-road")
    """Readable id, never reused."""
    kind: str = eg("initiative")
    """What kind it is."""
    label_en: str = eg("Belt and Road Initiative")
    """What we call it in English."""
    label_zh: str | None = eg("“一带一路”倡议")
    """And in Chinese."""
    own_labels: list[str] = OWN_LABELS
    counts: dict[str, int] = counts("relations", "statements")


class ProgrammeQuery(ListQuery, resource="programmes", table=Programme):
    """What `GET /v1/programmes` can be asked."""

    q = Found("programmes")
    id = OneOf(Programme.id, PROGRAMMES, "The programme.")
    kind = OneOf(Programme.kind, codes("programme_kind"), "What kind it is.")
    label_en = Words(Programme.label_en, "English label.")
    label_zh = Words(Programme.label_zh, "Chinese label.")


@router.get("", **documented(ProgrammeQuery, ProgrammeRead))
def list_programmes(request: Request) -> Response:
    """List the strategies, plans and programmes that facts speak of.

    Which zone takes part in which is in `/v1/relations`.

    - strategies:
      [/v1/programmes?kind=strategy](/v1/programmes?kind=strategy)
    """
    return answer_list(request, ProgrammeQuery)


@router.get("/{id}", **documented(ProgrammeQuery.one, ProgrammeRead))
def get_programme(request: Request, id: Annotated[str, identifier("belt-and-road")]) -> Response:
    """Get one programme by its id.

    - [/v1/programmes/belt-and-road](/v1/programmes/belt-and-road)
    """
    return answer_item(request, ProgrammeQuery, id)
