"""Coverage: which field is known of which zone, and of how many."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from app.query.answers import Listing, PageMeta, answer_item, answer_list, documented
from app.query.fields import OneOf
from app.query.pages import count_by
from app.query.parameters import ListQuery
from app.query.values import State, Vocabulary
from app.resources.common import OF_ZONE, ZONES, Ref, eg, identifier
from app.resources.evidence import CITATIONS, OF_FACT, CitationRead, Listed
from app.tables import Coverage

router = APIRouter(prefix="/v1/coverage", tags=["coverage"])
FIELDS = Vocabulary(select(col(Coverage.field)).distinct(), "A field of `/v1/zones`.")


class CoverageRead(Listed):
    """One field of one zone."""

    id: str = eg("baiyin.approved_on")
    """The zone's id and the field."""
    zone: Ref = OF_ZONE
    """The zone."""
    field: str = eg("approved_on")
    """The field of `/v1/zones`."""
    state: State
    """Whether the base knows it. Unknown is not no."""
    citations: list[str | CitationRead] = CITATIONS


class CoverageMeta(PageMeta):
    """What a page was made from, and how often each field is known."""

    totals: dict[str, dict[State, int]] = eg({"approved_on": {"known": 4, "unknown": 1}})
    """Of all rows that satisfy the request: for each field, of how many zones it is known."""


class CoveragePage(Listing[CoverageRead]):
    """A page of the coverage."""

    meta: CoverageMeta


class CoverageQuery(ListQuery, resource="coverage", table=Coverage, singular="covered"):
    """What `GET /v1/coverage` can be asked."""

    embed = OF_FACT
    zone = OneOf(Coverage.zone_id, ZONES, "The zone.")
    field = OneOf(Coverage.field, FIELDS, "The field of `/v1/zones`.")
    state = OneOf(Coverage.state, State, "Whether the base knows it.")


@router.get("", **{**documented(CoverageQuery, CoverageRead), "response_model": CoveragePage})
def list_coverage(request: Request) -> Response:
    """List what the base knows of which zone: one row for each zone and field.

    `meta.totals` counts, field by field, of how many zones it is known. For the zones themselves
    use `/v1/zones?established_on__state=unknown`.

    - how many areas are known:
      [/v1/coverage?field=area_km2](/v1/coverage?field=area_km2)
    - what is unknown of a zone:
      [/v1/coverage?zone=baiyin&state=unknown](/v1/coverage?zone=baiyin&state=unknown)
    """
    return answer_list(request, CoverageQuery, CoverageMeta, _totals)


def _totals(query: ListQuery) -> dict[str, Any]:
    totals: dict[str, dict[State, int]] = {}
    for field, state, count in count_by(query, col(Coverage.field), col(Coverage.state)):
        totals.setdefault(field, dict.fromkeys(State, 0))[State(state)] = count
    return {"totals": totals}


@router.get("/{id}", **documented(CoverageQuery.one, CoverageRead))
def get_coverage(
    request: Request, id: Annotated[str, identifier("baiyin.approved_on")]
) -> Response:
    """Say whether one field of one zone is known.

    - [/v1/coverage/baiyin.approved_on](/v1/coverage/baiyin.approved_on)
    """
    return answer_item(request, CoverageQuery, id)
