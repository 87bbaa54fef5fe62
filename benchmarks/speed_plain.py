"""A plain FastAPI + SQLModel service, as the tutorial of SQLModel writes one.

A session a request, models for what is answered, filters as query parameters, `offset` and `limit`.
It reads the tables of the release that `GAOXIN_SPEED_FILE` names: what a team would write in an
afternoon, without the labels, citations and checks of the real thing. Functions, not coroutines, as
there; the pool is as wide as the threads, so that no request waits for a connection.
"""

import os
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, create_engine, select

from app.tables import Citation, IndustryPath, Relation, SearchPassage, SearchRow, Statistic

FILE = os.environ["GAOXIN_SPEED_FILE"]
engine = create_engine(
    f"sqlite:///file:{FILE}?mode=ro&immutable=1&uri=true",
    connect_args={"check_same_thread": False},
    pool_size=40,
)
app = FastAPI()


def get_session() -> Iterator[Session]:
    """A session a request."""
    with Session(engine) as session:
        yield session


Open = Annotated[Session, Depends(get_session)]
Limit = Annotated[int, Query(ge=0, le=1000)]


class StatisticPublic(SQLModel):
    """A statistic as it is answered."""

    id: str
    scope: str
    zone_id: str | None
    indicator_id: str
    coverage: str
    series: str
    period: str | None
    period_kind: str
    period_start: str | None
    period_end: str | None
    as_of: str | None
    published_on: str | None
    value: float
    unit: str
    conversion_currency: str | None
    conversion_value: float | None
    comparator: str
    nature: str
    derived: bool
    rank: str
    rival_of: str | None
    standing: int
    proven: bool


class RelationPublic(SQLModel):
    """A relation as it is answered."""

    id: str
    scope: str
    zone_id: str | None
    type: str
    object_resource: str
    object_id: str
    role: str | None
    stage: str | None
    proven: bool


class CitationPublic(SQLModel):
    """A citation as it is answered."""

    id: str
    fact_resource: str
    fact_id: str
    fact_field: str
    zone_id: str | None
    document_id: str
    start: int | None
    anchored: bool


class HitPublic(SQLModel):
    """What is found, as it is answered."""

    resource: str
    row_id: str
    label_en: str | None
    label_zh: str | None


class StatisticsPublic(SQLModel):
    """A page with the counts of a facet."""

    data: list[StatisticPublic]
    facets: dict[str, int]


SORTS: dict[str, Any] = {
    "id": col(Statistic.id).asc(),
    "value": col(Statistic.value).asc(),
    "-value": col(Statistic.value).desc(),
}


@app.get("/statistics", response_model=list[StatisticPublic])
def read_statistics(
    session: Open,
    zone: str | None = None,
    indicator: str | None = None,
    nature: str | None = None,
    rank: str | None = None,
    value_gte: float | None = None,
    sort: str = "id",
    offset: int = 0,
    limit: Limit = 50,
) -> list[Statistic]:
    """A page of statistics."""
    asked = select(Statistic).where(*_conditions(zone, indicator, nature, rank, value_gte))
    page = asked.order_by(SORTS[sort]).offset(offset).limit(limit)
    return list(session.exec(page).all())


@app.get("/statistics/by-indicator", response_model=StatisticsPublic)
def count_statistics(
    session: Open,
    nature: str | None = None,
    rank: str | None = None,
    value_gte: float | None = None,
    limit: Limit = 50,
) -> dict[str, object]:
    """A page of statistics, and how many of each indicator there are."""
    conditions = _conditions(None, None, nature, rank, value_gte)
    counts = select(Statistic.indicator_id, func.count()).where(*conditions)
    facets = session.exec(counts.group_by(col(Statistic.indicator_id))).all()
    page = select(Statistic).where(*conditions).order_by(col(Statistic.id)).limit(limit)
    return {"data": session.exec(page).all(), "facets": dict(facets)}


def _conditions(
    zone: str | None,
    indicator: str | None,
    nature: str | None,
    rank: str | None,
    value_gte: float | None,
) -> list[bool]:
    conditions = []
    if zone is not None:
        conditions.append(Statistic.zone_id == zone)
    if indicator is not None:
        conditions.append(Statistic.indicator_id == indicator)
    if nature is not None:
        conditions.append(Statistic.nature == nature)
    if rank is not None:
        conditions.append(Statistic.rank == rank)
    if value_gte is not None:
        conditions.append(Statistic.value >= value_gte)
    return conditions


@app.get("/relations", response_model=list[RelationPublic])
def read_relations(
    session: Open, industry: str, offset: int = 0, limit: Limit = 50
) -> list[Relation]:
    """The ties to an industry or anything narrower."""
    asked = (
        select(Relation)
        .join(IndustryPath, col(IndustryPath.descendant_id) == Relation.object_id)
        .where(IndustryPath.ancestor_id == industry, Relation.object_resource == "industries")
    )
    page = asked.order_by(col(Relation.id)).offset(offset).limit(limit)
    return list(session.exec(page).all())


@app.get("/citations/{id}", response_model=CitationPublic)
def read_citation(session: Open, id: str) -> Citation:
    """One citation."""
    citation = session.get(Citation, id)
    if not citation:
        raise HTTPException(status_code=404, detail="Citation not found")
    return citation


@app.get("/search", response_model=list[HitPublic])
def search(session: Open, q: str, limit: Limit = 20) -> list[SearchRow]:
    """The rows one of whose texts contains the words."""
    asked = (
        select(SearchRow)
        .join(SearchPassage, col(SearchPassage.row_number) == SearchRow.number)
        .where(col(SearchPassage.text).contains(q))
    )
    return list(session.exec(asked.distinct().limit(limit)).all())
