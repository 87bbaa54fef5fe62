"""Statistics: published figures, as they were published."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, exists, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.query.answers import answer_item, answer_list, documented
from app.query.fields import Clause, Dated, Measure, Newest, OneOf, Operator, Ordered
from app.query.parameters import Condition, ListQuery, Row
from app.query.rows import batches_of
from app.query.values import Flag, Number, Slug, Span
from app.resources.common import (
    INDICATORS,
    ZONES,
    Part,
    RankChoice,
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
from app.resources.shown import Factors, Shown, factors, show, value_in
from app.search.finding import Found
from app.tables import Citation, Document, Indicator, Statistic
from app.vocabulary import Comparator, Nature, Operation, PeriodKind, Rank, Scope

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
RIVALS = "Some figures are rivals of others."
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
    series: str = eg("baiyin.investment.first_phase.observed.none")
    """The series that it belongs to (see `/v1/statistics/series`)."""
    period: str | None = eg("2021")
    """The period as an EDTF date or interval; null where the source gives none."""
    period_kind: PeriodKind
    """What kind of period that is; figures of different kinds are never one series."""
    period_start: str | None = eg("2021-01-01")
    """First day; null where it is open or approximate."""
    period_end: str | None = eg("2021-12-31")
    """Last day; null where it is open or approximate."""
    as_of: str | None = eg("2013-11-29")
    """Where there is no period: when the source was published."""
    published_on: str | None = eg("2013-11-29")
    """When the first document that states it was published."""
    value: int | float = eg(220000000)
    """The figure in `unit`."""
    unit: str = eg("CNY")
    """Base unit of the indicator, or the unit that was asked for."""
    currency: str | None = eg("CNY")
    """The currency, where it is money."""
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
    rival_of: str | None = eg("national-zones-2012-105")
    """Id of the figure that is preferred to it."""
    standing: int = eg(0)
    """Its place among its rivals; the preferred one has 0."""
    citations: list[str | CitationRead] = CITATIONS


class Published(Dated):
    """What had been published by a date."""

    operators = tuple(
        replace(o, suffix="", compares=False) for o in Dated.operators if o.suffix == "lte"
    )


class StatisticQuery(
    ListQuery, resource="statistics", table=Statistic, sort="zone,indicator,period,id"
):
    """What `GET /v1/statistics` can be asked."""

    embed = OF_FACT
    measured = Measure(
        Statistic.value,
        same=("indicator", "nature", "coverage", "scope"),
        once=("period", "derived"),
        only={
            "Not every figure is exact.": col(Statistic.comparator) == Comparator.EXACTLY,
            RIVALS: col(Statistic.rank) == Rank.PREFERRED,
        },
        adds={"Ratios and positions do not add up.": col(Statistic.indicator_id).not_in(RATIOS)},
    )
    q = Found("statistics")
    scope = OneOf(Statistic.scope, Scope, "Of one zone, or of the whole programme.")
    zone = OneOf(Statistic.zone_id, ZONES, "The zone.")
    indicator = OneOf(Statistic.indicator_id, INDICATORS, "What is measured.")
    coverage = OneOf(Statistic.coverage, codes("coverage"), "What part it speaks of.")
    period = day(Statistic, "period", "The period of the figure.")
    period_kind = OneOf(Statistic.period_kind, PeriodKind, "What kind of period that is.")
    series = OneOf(Statistic.series, Slug, "The series that it belongs to.")
    value = Ordered(Statistic.value, Number, "The figure, in the unit that is shown.")
    unit = Shown(
        Statistic.unit,
        codes("unit"),
        "Show the figures that can be measured in this unit, in it: `yi_yuan` (亿元), `wan_yuan` "
        "(万元), `billion_yuan`, `hectare`, `mu` (亩) … Never across currencies, but where the "
        "source itself converts.",
    )
    comparator = OneOf(Statistic.comparator, Comparator, "How the figure stands to the quantity.")
    nature = OneOf(Statistic.nature, Nature, "Observed, target, forecast or planned.")
    derived = OneOf(Statistic.derived, Flag, "Whether it follows from other figures.")
    rank = ranked(Statistic)
    proven = OneOf(Statistic.proven, Flag, "Whether its phrases prove it.")
    as_of = Published(
        Statistic.published_on,
        Statistic.published_on_start,
        Statistic.published_on_end,
        "Only what had been published by the end of this date; of rivals, the best of those.",
    )
    latest = Newest(
        Statistic,
        Statistic.series,
        func.coalesce(Statistic.period_end, Statistic.period_start, Statistic.as_of_end, ""),
        "Only the newest so many periods of each series, among what the rest asks for.",
    )

    @cached_property
    def narrowing(self) -> list[Condition]:
        """The conditions that restrict rows: values in the unit that is shown, rivals as then."""
        return [self._as_shown(condition) for condition in super().narrowing]

    def _as_shown(self, condition: Condition) -> Condition:
        parameter, field = condition.parameter, condition.parameter.field
        if field is self.fields["value"]:
            shown = Ordered(self._value, Number, field.says)
            return replace(condition, parameter=replace(parameter, field=shown))
        if field is self.fields["rank"] and condition.values[0] == RankChoice.PREFERRED:
            best = Operator("", "is", lambda _field, _values: self._best)
            return replace(condition, parameter=replace(parameter, operator=best))
        return condition

    @property
    def factors(self) -> Factors:
        """How many of the unit that is asked for one of each is; empty where none is asked for."""
        return factors(self.release, unit) if (unit := self.scalar("unit")) else {}

    @property
    def published(self) -> Span | None:
        """The date by which what is shown had been published."""
        asked: Span | None = self.scalar("as_of")
        return asked

    @property
    def _value(self) -> Any:
        return value_in(self.factors) if self.factors else col(Statistic.value)

    @property
    def _best(self) -> Clause:
        """No rival was preferred to it of those that had been published."""
        preferred = col(Statistic.rank) == Rank.PREFERRED
        if not self.published:
            return preferred
        better: Any = aliased(Statistic)
        slot = func.coalesce(Statistic.rival_of, Statistic.id)
        beaten = exists().where(
            or_(better.id == slot, better.rival_of == slot),
            better.standing < Statistic.standing,
            better.published_on_end <= self.published.end,
        )
        return or_(preferred, not_(beaten))

    def measuring(self) -> Measure:
        """The figures in the unit that is shown, of which none is a rival of another."""
        only = {**self.measured.only, RIVALS: self._best}
        return replace(self.measured, column=self._value, only=only)

    def _sort_column(self, name: str) -> Any:
        return self._value if name == "value" else super()._sort_column(name)

    @property
    def reshapes(self) -> bool:
        """Whether rows are shown otherwise than they are kept."""
        return bool(self.factors or self.published)

    def reshape(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Show figures in the unit that is asked for, and only what had been published."""
        unit, known = self.scalar("unit"), self.factors
        for row in rows:
            if unit:
                show(row, unit, known)
        if self.published:
            self._as_then(connection, rows)

    def _as_then(self, connection: Connection, rows: Sequence[Row]) -> None:
        cited = (citation for row in rows for citation in row["citations"])
        stated = select(Citation.id).join(Document, col(Document.id) == Citation.document_id)
        assert self.published
        then = col(Document.published_on_end) <= self.published.end
        there: set[str] = set()
        for some in batches_of(cited):
            wanted = stated.where(col(Citation.id).in_(some), then)
            there.update(connection.execute(wanted).scalars())
        for row in rows:
            row["citations"] = [one for one in row["citations"] if one in there]
            if row["rival_of"] and self.scalar("rank") == RankChoice.PREFERRED:
                row["rank"] = Rank.PREFERRED
                row["rank_reason"] = f"the best of what had been published by {self.published}"


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
