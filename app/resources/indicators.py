"""Indicators: the quantities that statistics measure."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy import true

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Related, Words
from app.query.parameters import ListQuery
from app.resources.common import INDICATORS, ZONES, codes, counts, eg, identifier
from app.resources.evidence import Listed
from app.search.finding import Found
from app.tables import Indicator, Statistic

router = APIRouter(prefix="/v1/indicators", tags=["indicators"])


class IndicatorRead(Listed):
    """A measured quantity."""

    id: str = eg("investment")
    """Readable id, never reused."""
    label_en: str = eg("Investment")
    """English label."""
    label_zh: str = eg("投资额")
    """Chinese label."""
    definition: str
    """What is measured, and what it must not be taken for."""
    unit: str = eg("CNY")
    """Base unit of every value."""
    dimension: str = eg("money")
    """What the unit measures."""
    measure: str = eg("flow")
    """`stock` (at a time), `flow` (over a period) or `ratio`."""
    counts: dict[str, int] = counts("statistics")


class IndicatorQuery(ListQuery, resource="indicators", table=Indicator):
    """What `GET /v1/indicators` can be asked."""

    q = Found("indicators")
    id = OneOf(Indicator.id, INDICATORS, "The indicator.")
    label_en = Words(Indicator.label_en, "English label.")
    label_zh = Words(Indicator.label_zh, "Chinese label.")
    unit = OneOf(Indicator.unit, codes("unit"), "Base unit.")
    measure = OneOf(Indicator.measure, codes("measure"), "Stock, flow or ratio.")
    zone = Related(
        Statistic.zone_id,
        ZONES,
        "A zone with a figure of it.",
        key=Statistic.indicator_id,
        to=Indicator.id,
        where=true(),
    )


@router.get("", **documented(IndicatorQuery, IndicatorRead))
def list_indicators(request: Request) -> Response:
    """List what is measured: labels, definition, unit.

    The figures are in `/v1/statistics`.

    - in yuan:
      [/v1/indicators?unit=CNY](/v1/indicators?unit=CNY)
    - those with a figure for a zone:
      [/v1/indicators?zone=baiyin](/v1/indicators?zone=baiyin)
    """
    return answer_list(request, IndicatorQuery)


@router.get("/{id}", **documented(IndicatorQuery.one, IndicatorRead))
def get_indicator(request: Request, id: Annotated[str, identifier("investment")]) -> Response:
    """Get one indicator by its id.

    - [/v1/indicators/investment](/v1/indicators/investment)
    """
    return answer_item(request, IndicatorQuery, id)
