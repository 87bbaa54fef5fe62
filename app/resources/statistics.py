"""Statistics: published figures, as they were published."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import Measure, OneOf, Ordered
from app.query.parameters import ListQuery
from app.query.values import Flag, Number
from app.resources.common import (
    INDICATORS,
    ZONES,
    Part,
    Ref,
    codes,
    day,
    eg,
    identifier,
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
from app.tables import Indicator, Statistic
from app.vocabulary import Comparator, Nature, Operation, Rank, Scope

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
RATIOS = select(Indicator.id).where(col(Indicator.measure).in_(("ratio", "position")))


class Conversion(Part):
    """The same figure in another currency, converted by the source itself."""

    currency: str = eg("USD")
    """Currency of the conversion."""
    value: int | float = eg(36100000)
    """Value in that currency."""


class StatisticRead(Fact):
    """One published figure."""

    id: str = eg("baiyin-investment-first-phase")
    """Readable id, never reused."""
    indicator: Ref = eg(ref("investment", "Investment", "投资额"))
    """What is measured."""
    coverage: str = eg("first_phase")
    """What part of the zone or programme the figure speaks of.

    Figures of different coverage are never rivals and must not be added."""
    period: str | None = eg("2021")
    """The period as an EDTF date or interval; null where the source gives none."""
    period_start: str | None = eg("2021-01-01")
    """First day; null where it is open or approximate."""
    period_end: str | None = eg("2021-12-31")
    """Last day; null where it is open or approximate."""
    as_of: str | None = eg("2013-11-29")
    """Where there is no period: when the source was published."""
    value: int | float = eg(220000000)
    """The figure in `unit`."""
    unit: str = eg("CNY")
    """Base unit of the indicator."""
    currency: str | None = eg("CNY")
    """The unit, where it is money."""
    comparator: Comparator
    """How the figure stands to the quantity: `over` for “over 5 million”."""
    nature: Nature
    """Observed, or a target, forecast or plan; never mix them."""
    derived: bool = eg(False)
    """Whether it follows from other figures."""
    operation: Operation | None
    """How a derived figure follows from its inputs, in their order."""
    inputs: list[str] = eg([])
    """Ids of the figures a derived one follows from."""
    conversion: Conversion | None
    """The source's own conversion into another currency."""
    published_text: str | None = eg("220 million yuan ($36.1 million)")
    """The words of the source."""
    published_value: int | float | None = eg(220)
    """The number as printed, before its magnitude word."""
    published_unit: str | None = eg("million yuan")
    """Magnitude and unit as printed."""
    reading: str | None = READING
    note: str | None = NOTE
    doubts: list[Doubt] = DOUBTS
    proven: bool = PROVEN
    unproven: str | None = UNPROVEN
    rank: Rank = RANK
    rank_reason: str | None = RANK_REASON
    citations: list[str | CitationRead] = CITATIONS


class StatisticQuery(
    ListQuery, resource="statistics", table=Statistic, sort="zone,indicator,period,id"
):
    """What `GET /v1/statistics` can be asked."""

    embed = OF_FACT
    measured = Measure(
        Statistic.value,
        same=("indicator", "unit", "nature", "coverage", "scope"),
        once=("period", "derived"),
        only={
            "Not every figure is exact.": col(Statistic.comparator) == Comparator.EXACTLY,
            "Some figures are rivals of others.": col(Statistic.rank) == Rank.PREFERRED,
        },
        adds={"Ratios and positions do not add up.": col(Statistic.indicator_id).not_in(RATIOS)},
    )
    q = Found("statistics")
    scope = OneOf(Statistic.scope, Scope, "Of one zone, or of the whole programme.")
    zone = OneOf(Statistic.zone_id, ZONES, "The zone.")
    indicator = OneOf(Statistic.indicator_id, INDICATORS, "What is measured.")
    coverage = OneOf(Statistic.coverage, codes("coverage"), "What part it speaks of.")
    period = day(Statistic, "period", "The period of the figure.")
    as_of = day(Statistic, "as_of", "Publication, where there is no period.")
    value = Ordered(Statistic.value, Number, "The figure in its base unit.")
    unit = OneOf(Statistic.unit, codes("unit"), "Base unit.")
    comparator = OneOf(Statistic.comparator, Comparator, "How the figure stands to the quantity.")
    nature = OneOf(Statistic.nature, Nature, "Observed, target, forecast or planned.")
    derived = OneOf(Statistic.derived, Flag, "Whether it follows from other figures.")
    rank = ranked(Statistic)
    proven = OneOf(Statistic.proven, Flag, "Whether its phrases prove it.")


@router.get("", **documented(StatisticQuery, StatisticRead))
def list_statistics(request: Request) -> Response:
    """List published figures, each with unit, period, coverage, nature and comparator.

    What the quantities are is in `/v1/indicators`.

    - all of one zone:
      [/v1/statistics?zone=baiyin](/v1/statistics?zone=baiyin)
    - what was only forecast:
      [/v1/statistics?nature=forecast](/v1/statistics?nature=forecast)
    - how many of each indicator and year, and their sums where they add up:
      [/v1/statistics?group_by=indicator,period_year&limit=1](/v1/statistics?group_by=indicator,period_year&limit=1)
    - areas above 5 km²:
      [/v1/statistics?indicator=area&value__gt=5](/v1/statistics?indicator=area&value__gt=5)
    """
    return answer_list(request, StatisticQuery)


@router.get("/{id}", **documented(StatisticQuery.one, StatisticRead))
def get_statistic(
    request: Request, id: Annotated[str, identifier("baiyin-investment-first-phase")]
) -> Response:
    """Get one statistic by its id.

    - [/v1/statistics/baiyin-investment-first-phase](/v1/statistics/baiyin-investment-first-phase)
    """
    return answer_item(request, StatisticQuery, id)
