"""Pages of a list: conditions to one SELECT of ready-made bodies, and a cursor for the next."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlmodel import col

from app.query.fields import Choice
from app.query.parameters import ListQuery, Paged
from app.tables import Body

COUNTED = 10_000
"""`total` is exact up to here; a count of everything would cost more than the answer."""


@dataclass(frozen=True)
class Page:
    """A page of bodies with the counts of the whole."""

    bodies: list[str]
    total: int
    """Exact up to `COUNTED`; one more stands for "at least"."""
    undecided: int
    left_out: dict[str, int]
    """Rows that only a choice leaves out, by its name."""
    following: str | None
    """The cursor of the next page, or None at the end."""


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after the row with these sort values, in this release and query."""

    release: str
    digest: str
    after: list[Any]

    def encode(self) -> str:
        """As an opaque text for a URL."""
        packed = json.dumps([self.release, self.digest, self.after], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor | None":
        """The cursor that `encode` made, or None when it is no such text."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            release, digest, after = json.loads(packed)
        except (binascii.Error, ValueError, TypeError, RecursionError):
            return None
        if not (isinstance(release, str) and isinstance(digest, str) and isinstance(after, list)):
            return None
        return cls(release, digest, after)

    def belongs_to(self, query: Paged) -> bool:
        """Whether it was issued for this query: the same question, a fitting value for each key."""
        types = [column.type for column, _ in query.sort]
        kinds = [getattr(type_, "impl_instance", type_).python_type for type_ in types]
        same = self.digest == query.digest and len(self.after) == len(kinds)
        return same and self.after[-1] is not None and all(map(_fits, self.after, kinds))


def _fits(value: Any, kind: type) -> bool:
    """Whether a cursor's value can be compared with a column of this kind."""
    if isinstance(value, str):
        return kind is str and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return kind in (int, float) and abs(value) < 2**63
    return value is None or type(value) is kind


def read_page(query: ListQuery, cursor: Cursor | None) -> Page:
    """The page that `query` asks for: one SELECT, and one more for each count needed."""
    certain = query.clauses()
    limit = query.limit or 0
    found = _bodies(query).limit(limit + 1)
    if cursor:
        found = found.where(_after(query.sort, cursor.after))
    with query.release.connect() as connection:
        rows = connection.execute(found).all() if limit else []
        page = rows[:limit]
        more = len(rows) > len(page)
        if limit and not cursor and not more:
            total = len(page)
        else:
            total = _count(connection, query, certain, query.scalar("total") is not None)
        undecided = _undecided(connection, query, certain)
        left_out = _left_out(connection, query)
    following = Cursor(query.release.name, query.digest, list(page[-1][1:])) if more else None
    return Page(
        bodies=[row[0] for row in page],
        total=total,
        undecided=undecided,
        left_out=left_out,
        following=following.encode() if following else None,
    )


def read_runs(
    query: ListQuery, by: Any, limit: int, after: str | None
) -> tuple[list[str], bool, list[str]]:
    """The bodies of the next `limit` runs of rows with the same value of the column `by`.

    Gives the values, in their order, whether there are more, and the bodies.
    """
    certain = query.clauses()
    values = select(by).where(*certain).group_by(by).order_by(by).limit(limit + 1)
    joined = (Body.resource == query.rows) & (Body.id == query.table.id)
    bodies = select(col(Body.json_text)).join_from(query.table, Body, joined).where(*certain)
    with query.release.connect() as connection:
        found = connection.execute(values if after is None else values.where(by > after)).scalars()
        shown = list(found)
        wanted = bodies.where(by.in_(shown[:limit])).order_by(by, query.table.id)
        texts = list(connection.execute(wanted).scalars()) if shown and limit else []
    return shown[:limit], len(shown) > limit, texts


def count_runs(query: ListQuery, by: Any) -> tuple[int, int, dict[str, int]]:
    """How many runs there are, up to `COUNTED` and one, and the rows undecided and left out."""
    certain = query.clauses()
    some = select(by).where(*certain).group_by(by).limit(COUNTED + 1).subquery()
    with query.release.connect() as connection:
        total = connection.execute(select(func.count()).select_from(some)).scalar_one()
        return total, _undecided(connection, query, certain), _left_out(connection, query)


def read_all(query: ListQuery, at_once: int) -> Iterator[list[bytes]]:
    """Every body that `query` asks for, in UTF-8, some at a time: one SELECT, read as it is used.

    Only ids are sorted: the bodies of a million rows would take far longer than a SELECT may.
    """
    certain, most = query.clauses(), -1 if query.limit is None else query.limit
    ids = select(query.table.id).where(*certain).order_by(*ordering(query.sort)).limit(most)
    of = ids.subquery()
    # The left side of a left join is the outer loop, so the order of the ids is that of the rows.
    joined = (col(Body.resource) == query.rows) & (col(Body.id) == of.c.id)
    found = select(cast(col(Body.json_text), LargeBinary)).select_from(of).outerjoin(Body, joined)
    with query.release.connect() as connection:
        streaming = connection.execution_options(yield_per=at_once)
        for rows in streaming.execute(found).partitions():
            yield [row[0] for row in rows]


def _bodies(query: ListQuery) -> Select[Any]:
    """The bodies that surely satisfy `query`, in its order, each with its sort values."""
    joined = (Body.resource == query.rows) & (Body.id == query.table.id)
    return (
        select(col(Body.json_text), *(column for column, _ in query.sort))
        .join_from(query.table, Body, joined)
        .where(*query.clauses())
        .order_by(*ordering(query.sort))
    )


def count_by(query: ListQuery, *columns: Any) -> list[tuple[Any, ...]]:
    """The values of `columns` among the rows that surely satisfy `query`, each with its count."""
    certain = query.clauses()
    found = select(*columns, func.count()).where(*certain).group_by(*columns).order_by(*columns)
    with query.release.connect() as connection:
        return [tuple(row) for row in connection.execute(found)]


def ordering(sort: list[tuple[Any, bool]]) -> list[Any]:
    """Columns, each with whether it descends, as a SELECT is ordered by; unknown values last."""
    return [(column.desc() if descends else column.asc()).nulls_last() for column, descends in sort]


def _after(sort: list[tuple[Any, bool]], values: list[Any]) -> ColumnElement[bool]:
    """Rows that come after the one with these sort values, unknown values last."""
    clauses = []
    same: list[ColumnElement[bool]] = []
    for (column, descends), value in zip(sort, values, strict=True):
        if value is not None:
            bound = literal(value, column.type)  # a bare True cannot be compared
            beyond = column < bound if descends else column > bound
            clauses.append(and_(*same, or_(beyond, column.is_(None))))
        same.append(column.is_(None) if value is None else column == value)
    return or_(*clauses)


def _count(
    connection: Connection, query: ListQuery, clauses: list[ColumnElement[bool]], exact: bool
) -> int:
    """The number of rows, counted no further than `COUNTED` and one unless `exact`."""
    rows = select(query.table.id).where(*clauses)
    some = (rows if exact else rows.limit(COUNTED + 1)).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _undecided(connection: Connection, query: ListQuery, certain: list[ColumnElement[bool]]) -> int:
    """The rows that may satisfy the question, their dates being too imprecise to decide."""
    loose = [condition.may_hold() for condition in query.narrowing]
    if all(clause is None for clause in loose):
        return 0
    possible = [certain[i] if clause is None else clause for i, clause in enumerate(loose)]
    open_ = [*possible, func.coalesce(and_(*certain), false()).is_(False)]
    return _count(connection, query, open_, exact=True)


def _left_out(connection: Connection, query: ListQuery) -> dict[str, int]:
    """The rows that would be there but for a choice that was made among them."""
    counts = {}
    for condition in query.narrowing:
        field = condition.parameter.field
        if isinstance(field, Choice) and condition.values[0] == field.telling:
            others = [*query.clauses(but=field), not_(condition.holds())]
            counts[condition.parameter.name] = _count(connection, query, others, exact=True)
    return counts
