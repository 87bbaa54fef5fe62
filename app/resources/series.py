"""Series: the figures of one quantity in the order of their periods, never mixed with others."""

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from fastapi import APIRouter, Request, Response
from sqlalchemy import or_, select
from sqlmodel import col

from app.database import Release
from app.query.answers import PageMeta, Read, answer_file, answer_page, asked_of, documented
from app.query.counts import count
from app.query.exports import form_of
from app.query.fields import Clause
from app.query.formats import FORMATS, Column, Table, columns_of
from app.query.pages import Cursor, read_runs
from app.query.parameters import (
    CURSOR,
    LIMIT,
    RELEASE,
    Condition,
    Paged,
    Parameter,
    Row,
    address,
    control,
    forms,
)
from app.query.plans import COUNTED
from app.query.problems import Flaw, InvalidValue
from app.query.rows import batches_of, complete, written
from app.resources.charting import lines_of
from app.resources.common import OF_ZONE, Part, RankChoice, Ref, eg, ref
from app.resources.derived import Derivation, derive
from app.resources.evidence import DOUBTS, Doubt
from app.resources.statistics import StatisticQuery
from app.tables import Body, Citation, Document, Statistic
from app.vocabulary import Comparator, Nature, PeriodKind, Rank, Scope

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
Asked = TypeVar("Asked", bound="SeriesQuery")
EXAMPLE = "national.gdp.whole.observed.year"
AT_ONCE = 50
"""Series that are in memory at the same time while a file is written."""


class ObservationStatus(StrEnum):
    """How an observation came to be (SDMX, CL_OBS_STATUS)."""

    NORMAL = "A"
    FORECAST = "F"
    MISSING = "O"


class Stated(Part):
    """A figure that stands beside an observation: a rival, or what a source says itself."""

    id: str = eg("national-gdp-share-2021-13")
    """Its id in `/v1/statistics`."""
    value: int | float = eg(13)
    """Its value."""
    unit: str = eg("percent")
    """Its unit."""
    comparator: Comparator
    """How it stands to the quantity."""
    rank_reason: str | None = eg("a source of a better tier is preferred")
    """Why it is not the one that is shown, if it is a rival."""


class Observation(Part):
    """One point of a series."""

    statistic: str | None = eg("national-gdp-2021")
    """Id in `/v1/statistics`; null for a gap and for what we work out."""
    period: str | None = eg("2021")
    """The period as an EDTF date or interval; null where the source gives none."""
    period_start: str | None = eg("2021-01-01")
    """Its first day; null where it is open or approximate."""
    period_end: str | None = eg("2021-12-31")
    """Its last day."""
    as_of: str | None = eg(None)
    """Where there is no period: when the source was published."""
    value: int | float | None = eg(15300000000000)
    """The figure, in the unit of the series; null where none is known or may be made."""
    comparator: Comparator | None
    """How the figure stands to the quantity."""
    obs_status: ObservationStatus
    """`A` as published or worked out, `F` a forecast, `O` missing (SDMX)."""
    derived: bool = eg(False)
    """Whether it follows from other figures."""
    rank: Rank | None
    """Its standing among rivals; only with `rank=all` not the preferred one."""
    published_text: str | None = eg("15.3 trillion yuan")
    """The words of the source."""
    rivals: list[Stated]
    """What other sources state of the same, with why they are not preferred."""
    inputs: list[str] = eg([])
    """Ids of the figures that it follows from."""
    reason: str | None = eg(None)
    """Why nothing is worked out of them."""
    stated: list[Stated]
    """Beside growth that we work out: what sources state of the same quantity and period."""
    doubts: list[Doubt] = DOUBTS
    citations: list[str]
    """Ids of the phrases that state it, or its inputs."""


class Beside(Part):
    """Another series of the same quantity, of another nature or kind of period."""

    id: str = eg("national.gdp.whole.forecast.year")
    """Its id."""
    nature: Nature
    """Its nature."""
    period_kind: PeriodKind
    """The kind of its periods."""
    bound: bool
    """Whether its figures only bound the quantity."""


class SeriesRead(Read):
    """Figures of one quantity, of one zone or of all, in the order of their periods.

    They have the same coverage, nature, kind of period and unit, and are either figures or bounds
    (`over 5 million`). A year without a figure stands as a gap.
    """

    id: str = eg(EXAMPLE)
    """Its dimensions joined by dots, as in an SDMX series key."""
    scope: Scope
    """Of one zone, or of the programme as a whole."""
    zone: Ref | None = OF_ZONE
    """The zone."""
    indicator: Ref = eg(ref("gdp", "GDP", "生产总值"))
    """What is measured."""
    coverage: str = eg("whole")
    """What part the figures speak of."""
    nature: Nature
    """Observed, target, forecast or planned."""
    period_kind: PeriodKind
    """What kind of periods they are of."""
    bound: bool
    """Whether they only bound the quantity."""
    unit: str = eg("CNY")
    """Unit of every value."""
    currency: str | None = eg("CNY")
    """The currency, where it is money."""
    measure: Derivation | None = eg(None)
    """What is worked out, if the figures are not as published."""
    refused: str | None = eg(None)
    """Why nothing of it can be worked out."""
    period_first: str | None = eg("2012")
    """The first period."""
    period_last: str | None = eg("2021")
    """The last period."""
    documents: list[Ref]
    """The documents that state it."""
    beside: list[Beside]
    """The same quantity with another nature or kind of period, or as bounds."""
    observations: list[Observation]
    """In the order of their periods."""


class SeriesQuery(Paged):
    """What series can be asked: which figures, and what to make of them."""

    rows = "series"
    parameters: ClassVar[dict[str, Parameter]] = {
        **{n: p for n, p in StatisticQuery.parameters.items() if p.field},
        **{
            p.name: p
            for p in (
                control(
                    "measure",
                    "Work this out of each series: `growth` over the year before, compound annual "
                    "growth from the first figure to the last (`cagr`), the `share` of a zone in "
                    "the national figure; in per cent, each value with its inputs, or the reason "
                    "why there is none.",
                    Derivation,
                ),
                *forms(Paged.formats, "one row for each observation, or a chart (`svg`)"),
                LIMIT,
                CURSOR,
                RELEASE,
            )
        },
    }

    @cached_property
    def sort(self) -> list[tuple[Any, bool]]:
        """By their ids."""
        return [(col(Statistic.series), False)]

    @property
    def figures(self) -> StatisticQuery:
        """The same question, of single figures."""
        asked = (c for c in self.conditions.values() if c.parameter.field)
        return StatisticQuery("/v1/statistics", self.release, asked)


@router.get("/series", **documented(SeriesQuery, SeriesRead))
def list_series(request: Request) -> Response:
    """List series: the figures of one quantity in the order of their periods, gaps explicit.

    Figures of another nature (targets, forecasts), coverage or kind of period, and mere bounds, are
    series of their own, named in `beside`. Any filter of `/v1/statistics` restricts the figures.
    For a pivot use `/v1/statistics/table`.

    - the GDP of the zones over time:
      [/v1/statistics/series?indicator=gdp&scope=national](/v1/statistics/series?indicator=gdp&scope=national)
    - in units of 100 million yuan, full years only:
      [/v1/statistics/series?indicator=gdp&unit=yi_yuan&period_kind=year](/v1/statistics/series?indicator=gdp&unit=yi_yuan&period_kind=year)
    - how it grew, beside what sources say:
      [/v1/statistics/series?indicator=revenue&measure=growth](/v1/statistics/series?indicator=revenue&measure=growth)
    - what was known at the end of 2013:
      [/v1/statistics/series?indicator=zones&as_of=2013](/v1/statistics/series?indicator=zones&as_of=2013)
    """
    query, cursor = asked_series(request, SeriesQuery)

    def read() -> tuple[list[bytes], PageMeta, str | None]:
        after = cursor.after[0] if cursor else None
        rows, more = read_series(query, query.limit or 0, after)
        more = more and bool(rows)
        following = Cursor(query.release.name, query.digest, [rows[-1]["id"]]) if more else None
        bodies = [written(row).encode() for row in rows]
        return bodies, meta_of(query, len(rows)), following.encode() if following else None

    form = form_of(query)
    if form == FORMATS["json"]:
        return answer_page(request, query, read)
    return answer_file(request, query, form, lambda: _file(query))


def _file(query: SeriesQuery) -> Table:
    """Series flat: one row for each observation."""
    return Table(
        "series",
        _columns(),
        ([*_flat(some)] for some in all_series(query)),
        lambda rows: meta_of(query, rows).model_dump(mode="json"),
        bool(query.scalar("bom")),
        lambda: lines_of(query, read_series(query, query.limit or AT_ONCE, None)[0]),
    )


def asked_series(request: Request, asked: type[Asked]) -> tuple[Asked, Cursor | None]:
    """What a request asks; nothing is worked out of rivals, of which there are several a period."""
    query, cursor = asked_of(request, asked)
    if query.scalar("measure") and query.scalar("rank") == RankChoice.ALL:
        message = "'measure' goes with preferred figures only; leave 'rank' out."
        corrected = address(query.path, query.without("rank"))
        flaw = Flaw(parameter="rank", message=message, corrected=corrected)
        raise InvalidValue(message, [flaw])
    return query, cursor


def meta_of(query: SeriesQuery, returned: int) -> PageMeta:
    """What is told of a page of series."""
    total, undecided, left_out = count(query.figures, col(Statistic.series))
    return PageMeta(
        total=total if total <= COUNTED else None,
        total_at_least=None if total <= COUNTED else COUNTED + 1,
        returned=returned,
        undecided=undecided,
        left_out=left_out,
        release=query.release.name,
        query=query.understood(),
    )


def _columns() -> tuple[Column, ...]:
    """Those of a series, then those of each of its observations."""
    several = ("documents", "beside", "observations")
    own = (column for column in columns_of(SeriesRead) if column.path[0] not in several)
    return (*own, *columns_of(Observation))


def _flat(series: list[Row]) -> Iterator[Row]:
    """One row for each observation; one for a series of which nothing can be worked out."""
    for one in series:
        for observation in one["observations"] or [{}]:
            yield {**one, **observation}


def all_series(query: SeriesQuery) -> Iterator[list[Row]]:
    """Every series that is asked for, some at a time."""
    rest, after, more = query.limit, None, True
    while more and rest != 0:
        some, more = read_series(query, min(rest or AT_ONCE, AT_ONCE), after)
        yield some
        after = some[-1]["id"] if some else None
        rest = None if rest is None else rest - len(some)


def read_series(query: SeriesQuery, limit: int, after: str | None) -> tuple[list[Row], bool]:
    """The next `limit` series, and whether there are more: a fixed number of SELECTs."""
    figures = query.figures
    ids, more, texts = read_runs(figures, col(Statistic.series), limit, after)
    found: dict[str, list[Row]] = {one: [] for one in ids}
    for body in complete(figures, texts, {}):
        row: Row = json.loads(body)
        found[row["series"]].append(row)
    if not found:
        return [], more
    rivals, beside = _rivals(figures, found.values()), _beside(query.release, ids)
    made = [_series(rows, rivals, beside) for rows in found.values()]
    if query.scalar("measure"):
        _derive(query, made)
    _name_documents(query.release, made)
    return made, more


def _series(rows: list[Row], rivals: dict[str, list[Row]], beside: list[Row]) -> Row:
    rows.sort(key=_time)
    first, last = rows[0], rows[-1]
    own = ("scope", "zone", "indicator", "coverage", "nature", "period_kind", "unit", "currency")
    name, stem = first["series"], _stem(first["series"])
    return {
        "id": name,
        **{field: first[field] for field in own},
        "bound": name.endswith(".bound"),
        "measure": None,
        "refused": None,
        "period_first": first["period"],
        "period_last": last["period"],
        "documents": [],
        "beside": [o for o in beside if o["id"].startswith(stem) and o["id"] != name],
        "observations": list(_observations(rows, rivals)),
    }


def _time(row: Row) -> tuple[str, str, int, str]:
    begins = row["period_start"] or row["period_end"] or row["as_of"] or ""
    return (begins, row["period_end"] or "", row["standing"], row["id"])


def _stem(series: str) -> str:
    """Whose, what and of which part: what series beside each other share."""
    return ".".join(series.split(".")[:3]) + "."


def _observations(rows: list[Row], rivals: dict[str, list[Row]]) -> Iterator[Row]:
    """The figures, and each year between two of them that has none."""
    before = None
    for row in rows:
        if row["period_kind"] == PeriodKind.YEAR:
            year = int(row["period_start"][:4])
            yield from map(_gap, range((before or year) + 1, year))
            before = year
        forecast = row["nature"] == Nature.FORECAST
        yield {
            **{name: row.get(name, value) for name, value in _empty().items()},
            "statistic": row["id"],
            "obs_status": ObservationStatus.FORECAST if forecast else ObservationStatus.NORMAL,
            "rivals": rivals.get(row["rival_of"] or row["id"], []),
        }


def _empty() -> Row:
    """An observation of which nothing is known."""
    several = ("rivals", "inputs", "stated", "doubts", "citations")
    return {name: [] if name in several else None for name in Observation.model_fields}


def _gap(year: int) -> Row:
    """A year of which no figure is known."""
    days = {"period_start": f"{year:04}-01-01", "period_end": f"{year:04}-12-31"}
    return {
        **_empty(),
        "period": f"{year:04}",
        **days,
        "obs_status": ObservationStatus.MISSING,
        "derived": False,
    }


def _beside(release: Release, ids: Iterable[str]) -> list[Row]:
    """Every series of the same quantities: of any nature and kind of period."""
    series = col(Statistic.series)
    same = or_(*(_under(stem) for stem in sorted({_stem(one) for one in ids})))
    preferred = col(Statistic.standing) == 0
    with release.connect() as connection:
        known = connection.execute(
            select(series).where(same, preferred).group_by(series).order_by(series)
        )
        parts = [(one, *one.split(".")[3:5], one.endswith(".bound")) for one in known.scalars()]
    names = ("id", "nature", "period_kind", "bound")
    return [dict(zip(names, part, strict=True)) for part in parts]


def _under(stem: str) -> Clause:
    """The figures of series whose ids begin so: a range of the index."""
    return col(Statistic.series).between(stem, stem + "~")


def _fetch(figures: StatisticQuery, *clauses: Clause) -> list[Row]:
    """Other figures, shown as those that are asked for."""
    joined = (col(Body.resource) == "statistics") & (col(Body.id) == Statistic.id)
    wanted = select(col(Body.json_text)).where(joined, *clauses)
    if figures.published:
        wanted = wanted.where(col(Statistic.published_on_end) <= figures.published.end)
    order = (col(Statistic.standing), col(Statistic.id))
    with figures.release.connect() as connection:
        bodies = connection.execute(wanted.order_by(*order)).scalars()
        rows: list[Row] = [json.loads(body) for body in bodies]
        figures.reshape(connection, rows)
    return rows


def _rivals(figures: StatisticQuery, found: Iterable[list[Row]]) -> dict[str, list[Row]]:
    """The rivals of each figure that is shown, by the id of the preferred one."""
    shown = {row["id"]: row["rival_of"] or row["id"] for rows in found for row in rows}
    rivals: dict[str, list[Row]] = {}
    for some in batches_of(shown.values()):
        of = or_(col(Statistic.rival_of).in_(some), col(Statistic.id).in_(some))
        for row in _fetch(figures, of):
            if row["id"] not in shown:
                rivals.setdefault(row["rival_of"] or row["id"], []).append(_stated(row))
    return rivals


def _stated(row: Row) -> Row:
    return {name: row[name] for name in Stated.model_fields}


def _name_documents(release: Release, made: list[Row]) -> None:
    """The documents that state each series, in the order of its observations."""
    cited = {one["id"]: [c for o in one["observations"] for c in o["citations"]] for one in made}
    named: dict[str, Row] = {}
    columns = (col(Citation.id), col(Document.id), col(Document.title))
    of = select(*columns).join(Document, col(Document.id) == Citation.document_id)
    with release.connect() as connection:
        for some in batches_of(c for citations in cited.values() for c in citations):
            for citation, document, title in connection.execute(of.where(columns[0].in_(some))):
                named[citation] = {"id": document, "label_en": title, "label_zh": None}
    for one in made:
        documents = {named[citation]["id"]: named[citation] for citation in cited[one["id"]]}
        one["documents"] = [*documents.values()]


def _derive(query: SeriesQuery, made: list[Row]) -> None:
    """Put what is worked out in place of the observations, and beside it what sources state."""
    how, known = query.scalar("measure"), _indicators(query.release)
    national = _national_figures(query, made) if how == Derivation.SHARE else {}
    for one in made:
        whole = national.get(_national(one["id"]), {})
        derive(one, how, whole, known[one["indicator"]["id"]]["measure"])
    if how != Derivation.SHARE:
        _tell_stated(query.figures, made, known)


def _indicators(release: Release) -> dict[str, Row]:
    wanted = select(col(Body.json_text)).where(col(Body.resource) == "indicators")
    return release.memo(
        _indicators,
        lambda c: {row["id"]: row for row in map(json.loads, c.execute(wanted).scalars())},
    )


def _national(series: str) -> str:
    """The national series of the same quantity."""
    return f"national.{series.partition('.')[2]}"


def _national_figures(query: SeriesQuery, made: list[Row]) -> dict[str, dict[str, Row]]:
    """The observations of the national series, by series and period."""
    names = tuple({_national(one["id"]) for one in made if one["zone"]})
    same = [query.conditions[name] for name in ("as_of", "unit") if name in query.conditions]
    asked = Condition(query.parameters["series"], names, names)
    other = SeriesQuery(query.path, query.release, [asked, *same])
    found = read_series(other, len(names), None)[0] if names else []
    return {one["id"]: {o["period"]: o for o in one["observations"]} for one in found}


def _tell_stated(figures: StatisticQuery, made: list[Row], known: dict[str, Row]) -> None:
    """Growth that sources state themselves, beside the same that is worked out."""
    growth: dict[str, list[str]] = {}
    for indicator in known.values():
        for tie in indicator.get("related", ()):
            if tie["how"] == "growth_of":
                growth.setdefault(tie["id"], []).append(indicator["id"])
    stems = [
        (one, ".".join([subject, other, *rest[:2], ""]))
        for one in made
        for subject, own, *rest in [one["id"].split(".")]
        for other in growth.get(own, ())
    ]
    if not stems:
        return
    told: dict[tuple[str, str], list[Row]] = {}
    best = col(Statistic.standing) == 0
    for row in _fetch(figures, best, or_(*(_under(stem) for _, stem in stems))):
        stem = ".".join(row["series"].split(".")[:4]) + "."
        told.setdefault((stem, row["period"]), []).append(_stated(row))
    for one, stem in stems:
        for observation in one["observations"]:
            observation["stated"] += told.get((stem, observation["period"]), [])
