"""Milestones: dated events of a zone or of the national programme."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Ordered
from app.query.parameters import ListQuery
from app.query.values import Flag, Year
from app.resources.common import (
    ORGANIZATIONS,
    ZONES,
    Ref,
    codes,
    day,
    eg,
    identifier,
    listed,
    ranked,
    ref,
)
from app.resources.evidence import (
    CITATIONS,
    DOUBTS,
    NOTE,
    OF_FACT,
    PROVEN,
    RANK,
    RANK_REASON,
    READING,
    UNPROVEN,
    CitationRead,
    Doubt,
    Fact,
)
from app.search.finding import Found
from app.tables import Milestone
from app.vocabulary import Precision, Rank, Scope

router = APIRouter(prefix="/v1/milestones", tags=["milestones"])


class MilestoneRead(Fact):
    """A dated event."""

    id: str = eg("baiyin-national-approval")
    """Readable id, never reused."""
    kind: str = eg("national_approval")
    """What happened."""
    label: str | None = eg(None)
    """Tells events of the same kind apart, such as stages."""
    date: str | None = eg("2010-09")
    """When, as an EDTF date or interval at the precision stated."""
    date_precision: Precision | None
    """How precisely that is stated."""
    date_start: str | None = eg("2010-09-01")
    """First day; null where it is open or approximate."""
    date_end: str | None = eg("2010-09-30")
    """Last day; null where it is open or approximate."""
    year: int | None = eg(2010)
    """The year, where the whole of the date lies in one."""
    batch: str | None = eg("2010-09-26")
    """The batch of national approvals that it came with, named by its date."""
    title_en: str = eg("National approval")
    """What happened, in English."""
    title_zh: str = eg("国务院批准为国家级高新区")
    """And in Chinese."""
    by: list[Ref] = eg([ref("state-council", "State Council", "国务院")])
    """Who did it."""
    reading: str | None = READING
    note: str | None = NOTE
    doubts: list[Doubt] = DOUBTS
    proven: bool = PROVEN
    unproven: str | None = UNPROVEN
    rank: Rank = RANK
    rank_reason: str | None = RANK_REASON
    citations: list[str | CitationRead] = CITATIONS


class MilestoneQuery(ListQuery, resource="milestones", table=Milestone, sort="date,id"):
    """What `GET /v1/milestones` can be asked."""

    embed = OF_FACT
    q = Found("milestones")
    scope = OneOf(Milestone.scope, Scope, "Events of one zone, or of the whole programme.")
    zone = OneOf(Milestone.zone_id, ZONES, "The zone.")
    kind = OneOf(Milestone.kind, codes("milestone_kind"), "What happened.")
    date = day(Milestone, "date", "When it happened.")
    year = Ordered(Milestone.year, Year, "The year it happened in.")
    batch = OneOf(Milestone.batch, codes("batch"), "The batch of national approvals.")
    by = listed("milestones", Milestone, "by", ORGANIZATIONS, "Who did it.")
    rank = ranked(Milestone)
    proven = OneOf(Milestone.proven, Flag, "Whether its phrases prove it.")


@router.get("", **documented(MilestoneQuery, MilestoneRead))
def list_milestones(request: Request) -> Response:
    """List dated events: initiatives, approvals, stages, plans.

    A zone's approval date also stands in its row of `/v1/zones`.

    - of Baiyin, in order: [/v1/milestones?zone=baiyin](/v1/milestones?zone=baiyin)
    - national approvals between 2010 and 2015:
      [/v1/milestones?kind=national_approval&date__gte=2010&date__lt=2016](/v1/milestones?kind=national_approval&date__gte=2010&date__lt=2016)
    """
    return answer_list(request, MilestoneQuery)


@router.get("/{id}", **documented(MilestoneQuery.one, MilestoneRead))
def get_milestone(
    request: Request, id: Annotated[str, identifier("baiyin-national-approval")]
) -> Response:
    """Get one milestone by its id.

    - [/v1/milestones/baiyin-national-approval](/v1/milestones/baiyin-national-approval)
    """
    return answer_item(request, MilestoneQuery, id)
