"""Pages of a list: conditions to one SELECT of ready-made bodies, and a cursor for the next."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlmodel import col

from app.query.fields import Choice, Field
from app.query.parameters import ListQuery, Paged
from app.query.prepared import Fetched
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
    limit = query.limit or 0
    rows = _from(query, cursor.after if cursor else [], limit + 1) if limit else []
    page = rows[:limit]
    more = len(rows) > len(page)
    total = len(page) if limit and not cursor and not more else _total(query)
    following = Cursor(query.release.name, query.digest, list(page[-1][1:])) if more else None
    return Page(
        bodies=[row[0] for row in page],
        total=total,
        undecided=_undecided(query),
        left_out=_left_out(query),
        following=following.encode() if following else None,
    )


def _from(query: ListQuery, after: Sequence[Any], limit: int) -> Fetched:
    """Bodies with their sort values: the first so many, or those after the row with these."""
    known = [value is not None for value in after]

    def make(asked: ListQuery) -> Select[Any]:
        found = _bodies(asked).limit(bindparam("asked_limit", required=False))
        return found.where(_after(asked.sort, known)) if known else found

    values = {f"asked_after_{i}": value for i, value in enumerate(after)}
    return query.fetch(("page", *known), make, asked_limit=limit, **values)


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

    def make(asked: ListQuery) -> Select[Any]:
        runs = select(by).where(*asked.clauses()).group_by(by).limit(COUNTED + 1)
        return select(func.count()).select_from(runs.subquery())

    ((total,),) = query.fetch(("runs", by.key), make)
    return total, _undecided(query), _left_out(query)


def read_all(query: ListQuery, at_once: int) -> Iterator[list[bytes]]:
    """Every body that `query` asks for, in UTF-8, some at a time: one SELECT, read as it is used.

    Only ids are sorted: the bodies of a million rows would take far longer than a SELECT may.
    """
    certain, most = query.clauses(), -1 if query.limit is None else query.limit
    ids = select(query.table.id).where(*certain).order_by(*ordering(query.sort)).limit(most)
    of = ids.subquery()
    # The left side of a left join is the outer loop, so the order of the ids is that of the rows.
    joined = (col(Body.resource) == query.rows) & (col(Body.id) == of.c.id)
    found = (
        select(sql_cast(col(Body.json_text), LargeBinary)).select_from(of).outerjoin(Body, joined)
    )
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


def _after(sort: list[tuple[Any, bool]], known: Sequence[bool]) -> ColumnElement[bool]:
    """Rows that come after the one with the values `asked_after_0` …, unknown values last."""
    clauses = []
    same: list[ColumnElement[bool]] = []
    for i, ((column, descends), is_known) in enumerate(zip(sort, known, strict=True)):
        bound = bindparam(f"asked_after_{i}", type_=column.type, required=False)
        if is_known:
            beyond = column < bound if descends else column > bound
            clauses.append(and_(*same, or_(beyond, column.is_(None))))
        same.append(column == bound if is_known else column.is_(None))
    return or_(*clauses)


def _total(query: ListQuery) -> int:
    """The number of rows, counted no further than `COUNTED` and one unless it is asked exactly."""
    exact = query.scalar("total") is not None
    ((total,),) = query.fetch(("total", exact), lambda asked: _count(asked, asked.clauses(), exact))
    return cast(int, total)


def _count(query: ListQuery, clauses: list[ColumnElement[bool]], exact: bool = True) -> Select[Any]:
    rows = select(query.table.id).where(*clauses)
    some = (rows if exact else rows.limit(COUNTED + 1)).subquery()
    return select(func.count()).select_from(some)


def _undecided(query: ListQuery) -> int:
    """The rows that may satisfy the question, their dates being too imprecise to decide."""
    asked_of = [condition.parameter.operator for condition in query.conditions.values()]
    if not any(operator and operator.may_hold for operator in asked_of):
        return 0

    def make(asked: ListQuery) -> Select[Any]:
        certain, loose = asked.clauses(), [one.may_hold() for one in asked.narrowing]
        possible = [certain[i] if clause is None else clause for i, clause in enumerate(loose)]
        return _count(asked, [*possible, func.coalesce(and_(*certain), false()).is_(False)])

    ((number,),) = query.fetch("undecided", make)
    return cast(int, number)


def _left_out(query: ListQuery) -> dict[str, int]:
    """The rows that would be there but for a choice that was made among them."""
    counts = {}
    for name, field in query.fields.items():
        if isinstance(field, Choice) and query.scalar(name) == field.telling:

            def make(asked: ListQuery, field: Field = field) -> Select[Any]:
                others = asked.clauses(but=field)
                own = next(c for c in asked.narrowing if c.parameter.field is field)
                return _count(asked, [*others, not_(own.holds())])

            ((counts[name],),) = query.fetch(("left out", name), make)
    return counts
