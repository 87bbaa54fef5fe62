"""Pages of a list: conditions to one SELECT of ready-made bodies, and a cursor for the next."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    BooleanClauseList,
    Connection,
    Select,
    UnaryExpression,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.sql import operators
from sqlmodel import col

from app.query.fields import Choice, Clause, Field, OneOf
from app.query.parameters import Condition, ListQuery, Paged, Row
from app.tables import Body, Tally

COUNTED = 10_000
"""`total` is exact up to here; a count of everything would cost more than the answer."""
WINDOW = 5_000
"""Rows in the order of a list, among which a page of many is looked for first."""
Sort = list[tuple[Any, bool]]
Counts = tuple[int, int, dict[str, int]]
"""How many rows satisfy a question, how many may, and how many only a choice leaves out."""


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
    """The page that `query` asks for: a SELECT for all that is counted, and one or two for it."""
    certain, limit = query.clauses(), query.limit or 0
    with query.release.connect() as connection:
        total, undecided, left_out = _counts(connection, query, certain)
        after = cursor.after if cursor else []
        rows = _rows(connection, query, certain, after, total) if limit and total else []
    page = rows[:limit]
    more = len(rows) > len(page)
    following = Cursor(query.release.name, query.digest, list(page[-1][1:])) if more else None
    return Page(
        bodies=[row[0] for row in page],
        total=total,
        undecided=undecided,
        left_out=left_out,
        following=following.encode() if following else None,
    )


def asks(query: ListQuery, but: Field | None = None) -> bool:
    """Whether there is any condition on the rows, those on the field `but` set aside."""
    return any(c.parameter.field not in (None, but) for c in query.conditions.values())


def tallies(query: ListQuery) -> dict[str, Row]:
    """What was counted of the whole list when the release was made, by field."""
    counted = select(col(Tally.field), col(Tally.counts)).where(col(Tally.resource) == query.rows)
    return query.release.memo(
        (tallies, query.rows),
        lambda c: {name: json.loads(text) for name, text in c.execute(counted)},
    )


def _rows(
    connection: Connection, query: ListQuery, certain: list[Clause], after: list[Any], total: int
) -> list[Any]:
    """The bodies of a page and of one row more, each with its sort values.

    A few rows are gathered by an index of what is asked, then ordered. Of many, the first are read
    off an index that is in order, where there is one.
    """
    few = asks(query) and total <= COUNTED
    place, by = _place(query), query.sort
    if place is not None:
        beyond = [place > _place_of(query, place, after)] if after else []
        first = [(place, False)]
        if asks(query) and not _in_order(query):
            near = place <= (_place_of(query, place, after) if after else 0) + WINDOW
            found = [] if few else _fetch(connection, query, [*certain, *beyond, near], first)
            if len(found) > (query.limit or 0):
                return found
            first = [(gathered(place), False)]
        return _fetch(connection, query, [*certain, *beyond], first)
    if few or not _is_indexed(query):
        beyond = [_after(by, after)] if after else []
        order = [(gathered(column), descends) for column, descends in by] if few else by
        return _fetch(connection, query, [*certain, *beyond], order)
    found = []
    for run in _runs(by, after):
        if len(found) <= (query.limit or 0):
            found += _fetch(connection, query, [*certain, *run], by, len(found))
    return found


def _runs(by: Sort, after: list[Any]) -> Iterator[list[Clause]]:
    """The conditions of the rows whose sort value is known, then of those where it is not."""
    (column, descends), (identifier, _) = by
    value, last = after or (None, None)
    if not after:
        yield [column.is_not(None)]
    elif value is not None:
        from_there = column <= value if descends else column >= value
        yield [from_there, or_(column != value, identifier > last)]
    if column.nullable:
        yield [column.is_(None), *([identifier > last] if after and value is None else [])]


def _fetch(
    connection: Connection, query: ListQuery, clauses: list[Clause], order: Sort, already: int = 0
) -> list[Any]:
    """The bodies of the first rows in this order: the rows are chosen before these are read."""
    keys = [column.label(f"key_{i}") for i, (column, _) in enumerate(query.sort)]
    orders = [column.label(f"order_{i}") for i, (column, _) in enumerate(order)]
    found = select(*keys, *orders).where(*clauses).order_by(*ordering(order))
    rows = found.limit((query.limit or 0) + 1 - already).subquery()
    own = [rows.c[key.name] for key in keys]
    joined = (Body.resource == query.rows) & (Body.id == own[-1])
    bodies = select(col(Body.json_text), *own).join_from(rows, Body, joined)
    ordered = [(rows.c[key.name], d) for key, (_, d) in zip(orders, order, strict=True)]
    return [*connection.execute(bodies.order_by(*ordering(ordered)))]


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


def count_runs(query: ListQuery, by: Any) -> Counts:
    """The same counts, but of runs instead of rows: up to `COUNTED` and one."""
    certain = query.clauses()
    some = select(by).where(*certain).group_by(by).limit(COUNTED + 1).subquery()
    with query.release.connect() as connection:
        return _counts(connection, query, certain, select(func.count()).select_from(some))


def read_all(query: ListQuery, at_once: int) -> Iterator[list[str]]:
    """Every body that `query` asks for, some at a time: one SELECT, read as it is used."""
    with query.release.connect() as connection:
        streaming = connection.execution_options(yield_per=at_once)
        for rows in streaming.execute(_bodies(query).limit(query.limit)).partitions():
            yield [row[0] for row in rows]


def _bodies(query: ListQuery) -> Select[Any]:
    """The bodies that surely satisfy `query`, in its order."""
    joined = (Body.resource == query.rows) & (Body.id == query.table.id)
    place = _place(query)
    return (
        select(col(Body.json_text))
        .join_from(query.table, Body, joined)
        .where(*query.clauses())
        .order_by(*ordering(query.sort if place is None else [(place, False)]))
    )


def count_by(query: ListQuery, *columns: Any) -> list[tuple[Any, ...]]:
    """The values of `columns` among the rows that surely satisfy `query`, each with its count."""
    certain = query.clauses()
    found = select(*columns, func.count()).where(*certain).group_by(*columns).order_by(*columns)
    with query.release.connect() as connection:
        return [tuple(row) for row in connection.execute(found)]


def ordering(sort: Sort) -> list[Any]:
    """Columns, each with whether it descends, as a SELECT is ordered by; unknown values last."""
    return [_ordered(column, descends) for column, descends in sort]


def _ordered(column: Any, descends: bool) -> Any:
    ordered = column.desc() if descends else column.asc()
    return ordered.nulls_last() if getattr(column, "nullable", True) else ordered


def gathered(column: Any) -> Any:
    """The column, but not as what an index is in the order of."""
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def _place(query: ListQuery) -> Any:
    """The column that has the order of the list, where it is the one that is asked for."""
    own = [(getattr(column, "key", None), descends) for column, descends in query.sort]
    default = [(c.key, d) for c, d in type(query)(query.path, query.release, ()).sort]
    return getattr(query.table, "place", None) if own == default else None


def _place_of(query: ListQuery, place: Any, after: list[Any]) -> Any:
    return select(place).where(query.table.id == after[-1]).scalar_subquery()


def _in_order(query: ListQuery) -> bool:
    """Whether an index has the rows that are asked for in the order of the list: of one value."""

    def is_one(c: Condition) -> bool:
        field, operator = c.parameter.field, c.parameter.operator
        assert field
        return operator is OneOf.operators[0] and not field.ranges and len(c.values) == 1

    choices = [c for c in query.narrowing if isinstance(c.parameter.field, Choice)]
    return all(_is_default(c) for c in choices) and any(map(is_one, query.narrowing))


def _is_default(condition: Condition) -> bool:
    field, operator = condition.parameter.field, condition.parameter.operator
    assert isinstance(field, Choice)
    return operator is field.operators[0] and condition.values[0] == field.default


def _is_indexed(query: ListQuery) -> bool:
    """Whether there is an index of all rows in the order that is asked for."""
    first, *rest = query.sort
    ranges = [field.sort_column for field in query.fields.values() if field.ranges]
    return len(rest) == 1 and not rest[0][1] and any(first[0] is column for column in ranges)


def _after(sort: Sort, values: list[Any]) -> Clause:
    """Rows that come after the one with these sort values, unknown values last."""
    clauses = []
    same: list[Clause] = []
    for (column, descends), value in zip(sort, values, strict=True):
        if value is not None:
            bound = literal(value, column.type)  # a bare True cannot be compared
            beyond = column < bound if descends else column > bound
            clauses.append(and_(*same, or_(beyond, column.is_(None))))
        same.append(column.is_(None) if value is None else column == value)
    return or_(*clauses)


def _counts(
    connection: Connection, query: ListQuery, certain: list[Clause], runs: Select[Any] | None = None
) -> Counts:
    """All counts by one SELECT; what is known since the release was made is not counted again."""
    known = {} if asks(query) else tallies(query).get("", {})
    if known and runs is None:
        return known["total"], 0, known["left_out"]
    most = None if query.scalar("total") else COUNTED + 1
    parts = [_number(query, certain, most) if runs is None else runs.scalar_subquery()]
    parts.append(_undecided(query, certain))
    choices = {} if known else dict(_left_out(query))
    total, undecided, *left_out = connection.execute(select(*parts, *choices.values())).one()
    return total, undecided, known.get("left_out") or dict(zip(choices, left_out, strict=True))


def _number(query: ListQuery, clauses: Sequence[Clause], most: int | None = None) -> Any:
    """The number of rows, counted no further than `most`."""
    rows: Select[Any] = select(literal_column("1")).select_from(query.table).where(*clauses)
    return select(func.count()).select_from(rows.limit(most).subquery()).scalar_subquery()


def _undecided(query: ListQuery, certain: list[Clause]) -> Any:
    """The rows that may satisfy the question, their dates being too imprecise to decide."""
    asked: dict[Any, list[Condition]] = {}
    rest = []
    for condition, clause in zip(query.narrowing, certain, strict=True):
        operator, field = condition.parameter.operator, condition.parameter.field
        if operator and operator.may_hold:
            asked.setdefault(field, []).append(condition)
        else:
            rest.append(clause)
    if not asked:
        return literal_column("0")

    def may_be(field: Any, conditions: list[Condition]) -> Clause:
        return and_(*(c.parameter.operator.may_hold(field, c.values) for c in conditions))  # type: ignore

    def may_not_be(field: Any, conditions: list[Condition]) -> Clause:
        surely = and_(*(c.parameter.operator.holds(field, c.values) for c in conditions))  # type: ignore
        return and_(may_be(field, conditions), func.coalesce(surely, false()).is_(False))

    fields = asked.items()
    loose = [field.among(lambda own, of=of: may_be(own, of)) for field, of in fields]
    open_ = [field.among(lambda own, of=of: may_not_be(own, of)) for field, of in fields]
    any_ = [field.any_is(lambda own, of=of: may_not_be(own, of)) for field, of in fields]
    rows = _number(query, [*rest, *(loose if len(loose) > 1 else ()), or_(*open_)])
    return case((or_(*any_), rows), else_=0)


def _left_out(query: ListQuery) -> Iterator[tuple[str, Any]]:
    """The rows that would be there but for a choice that was made among them, by its name."""
    for condition in query.narrowing:
        field = condition.parameter.field
        if isinstance(field, Choice) and condition.values[0] == field.telling:
            rest = query.clauses(but=field)
            others = [_number(query, [*rest, *other]) for other in _others(condition.holds())]
            yield condition.parameter.name, sum(others[1:], others[0])


def _others(clause: Clause) -> list[list[Clause]]:
    """What holds where a clause does not: all ranges that an index can tell, where there are."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.or_:
        first, *more = clause.clauses
        return [[*other, *map(not_, more)] for other in _others(first)]
    if isinstance(clause, BinaryExpression) and clause.operator is operators.eq:
        return [[clause.left < clause.right], [clause.left > clause.right]]
    return [[not_(clause)]]
