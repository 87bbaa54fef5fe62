"""Indicators: the quantities that statistics measure."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select, true

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import OneOf, Related, Words
from app.query.parameters import ListQuery
from app.query.values import Vocabulary
from app.resources.common import (
    INDICATORS,
    ORGANIZATIONS,
    ZONES,
    Ref,
    codes,
    counts,
    eg,
    identifier,
    listed,
    ref,
)
from app.resources.evidence import Listed
from app.search.finding import Found
from app.tables import Indicator, Statistic
from app.vocabulary import Nature, Scope

router = APIRouter(prefix="/v1/indicators", tags=["indicators"])


def _figures(column: Any, among: Vocabulary, says: str) -> Related:
    """A filter on the figures of an indicator."""
    key, to = Statistic.indicator_id, Indicator.id
    return Related(column, among, says, key=key, to=to, where=true())


def _found(column: Any, says: str) -> Related:
    """The same, on a code: any of those that figures have."""
    return _figures(column, Vocabulary(select(column).distinct(), says), says)


class RelatedIndicator(Ref):
    """An indicator that another stands to in a told way."""

    how: str = eg("has_growth")
    """What this row is to it: `growth_of`, `has_share`, `part_of`, `differs_from` …"""


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
    """`stock` (at a time), `flow` (over a period), `ratio`, or `position` in an order."""
    related: list[RelatedIndicator] = eg(
        [{**ref("talent-investment", "Investment in talent", "人才投入"), "how": "differs_from"}]
    )
    """What it must not be mixed with, its growth and shares, its parts and wholes."""
    publishers: list[Ref] = eg([ref("china-daily", "China Daily", "中国日报")])
    """Who published documents that state figures of it."""
    scopes: list[Scope] = eg(["zone"])
    """Whether its figures speak of zones, of the national programme, or some of each."""
    natures: list[Nature] = eg(["observed"])
    """Whether its figures are observed, targets, forecasts or planned."""
    period_first: str | None = eg("2017~/2020~")
    """The earliest period of its observed figures (EDTF); null where none tells one."""
    period_last: str | None = eg("2017~/2020~")
    """The latest period of its observed figures (EDTF); targets and forecasts may be later."""
    counts: dict[str, int] = counts("statistics", "zones", "documents")


class IndicatorQuery(ListQuery, resource="indicators", table=Indicator):
    """What `GET /v1/indicators` can be asked."""

    q = Found("indicators")
    id = OneOf(Indicator.id, INDICATORS, "The indicator.")
    label_en = Words(Indicator.label_en, "English label.")
    label_zh = Words(Indicator.label_zh, "Chinese label.")
    unit = OneOf(Indicator.unit, codes("unit"), "Base unit.")
    dimension = OneOf(Indicator.dimension, codes("dimension"), "What the unit measures.")
    measure = OneOf(Indicator.measure, codes("measure"), "Stock, flow, ratio or position.")
    related = listed("indicators", Indicator, "related", INDICATORS, "One that it stands to.")
    publisher = listed(
        "indicators", Indicator, "publishers", ORGANIZATIONS, "Who published figures of it."
    )
    scope = _found(Statistic.scope, "Figures of zones, or of the whole programme.")
    nature = _found(Statistic.nature, "Observed, target, forecast or planned figures.")
    zone = _figures(Statistic.zone_id, ZONES, "A zone with a figure of it.")


@router.get("", **documented(IndicatorQuery, IndicatorRead))
def list_indicators(request: Request) -> Response:
    """List what is measured: labels, definition, unit, who publishes it, for which periods.

    The figures are in `/v1/statistics`. Similar quantities are indicators of their own; `related`
    says how they stand to each other.

    - in yuan:
      [/v1/indicators?unit=CNY](/v1/indicators?unit=CNY)
    - what GDP must not be mixed with, its growth and its shares:
      [/v1/indicators?related=gdp](/v1/indicators?related=gdp)
    - those with targets or plans:
      [/v1/indicators?nature=target&nature=planned](/v1/indicators?nature=target&nature=planned)
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
