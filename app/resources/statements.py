"""Statements: what documents say that is no number, date or tie."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Words
from app.query.parameters import ListQuery
from app.query.values import Flag
from app.resources.common import (
    ORGANIZATIONS,
    PROGRAMMES,
    ZONES,
    Ref,
    codes,
    day,
    eg,
    identifier,
    listed,
    ref,
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
from app.search.finding import Found
from app.tables import Statement
from app.vocabulary import Scope

router = APIRouter(prefix="/v1/statements", tags=["statements"])


class StatementRead(Fact):
    """A cited statement, in our own words."""

    id: str = eg("baiyin-goal-green-park")
    """Readable id, never reused."""
    kind: str = eg("goal")
    """What kind of statement it is."""
    text_en: str
    """The statement in our own English words."""
    text_zh: str | None
    """And in Chinese."""
    horizon: str | None = eg(None)
    """The time it speaks of (EDTF), if any."""
    organizations: list[Ref] = eg([ref("state-council", "State Council", "国务院")])
    """Organizations it speaks of."""
    programmes: list[Ref] = eg(
        [
            ref(
                "south-to-north-water-diversion",
                "South-to-North Water Diversion Project",
                "南水北调工程",
            )
        ]
    )
    """Strategies, plans and programmes it speaks of."""
    reading: str | None = READING
    note: str | None = NOTE
    doubts: list[Doubt] = DOUBTS
    proven: bool = PROVEN
    unproven: str | None = UNPROVEN
    citations: list[str | CitationRead] = CITATIONS


class StatementQuery(ListQuery, resource="statements", table=Statement):
    """What `GET /v1/statements` can be asked."""

    embed = OF_FACT
    q = Found("statements")
    scope = OneOf(Statement.scope, Scope, "Of one zone, or of the whole programme.")
    zone = OneOf(Statement.zone_id, ZONES, "The zone.")
    kind = OneOf(Statement.kind, codes("statement_kind"), "What kind it is.")
    text_en = Words(Statement.text_en, "The English text.")
    text_zh = Words(Statement.text_zh, "The Chinese text.")
    horizon = day(Statement, "horizon", "The time it speaks of.")
    organization = listed(
        "statements", Statement, "organizations", ORGANIZATIONS, "An organization it speaks of."
    )
    programme = listed(
        "statements", Statement, "programmes", PROGRAMMES, "A programme it speaks of."
    )
    proven = OneOf(Statement.proven, Flag, "Whether its phrases prove it.")


@router.get("", **documented(StatementQuery, StatementRead))
def list_statements(request: Request) -> Response:
    """List goals, characteristics, measures and other statements, in our own words.

    - the goals of a zone:
      [/v1/statements?zone=baiyin&kind=goal](/v1/statements?zone=baiyin&kind=goal)
    - that mention a word:
      [/v1/statements?text_en__contains=research](/v1/statements?text_en__contains=research)
    """
    return answer_list(request, StatementQuery)


@router.get("/{id}", **documented(StatementQuery.one, StatementRead))
def get_statement(
    request: Request, id: Annotated[str, identifier("baiyin-goal-green-park")]
) -> Response:
    """Get one statement by its id.

    - [/v1/statements/baiyin-goal-green-park](/v1/statements/baiyin-goal-green-park)
    """
    return answer_item(request, StatementQuery, id)
