"""Pages of a list: conditions to one SELECT of ready-made bodies, and a cursor for the next."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    ColumnElement,
    LargeBinary,
    Select,
    UnaryExpression,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import False_
from sqlalchemy.types import NullType
from sqlmodel import col

from app.database import Release
from app.query.fields import INTERVALS, Choice, Clause, Dated, Field, OneOf
from app.query.parameters import Condition, ListQuery, Paged, likely
from app.query.prepared import Fetched, Shapes
from app.query.tallied import tallies
from app.tables import Body
from app.tables import Span as Days

BODY: Any = type_coerce(cast(col(Body.json_text), LargeBinary), NullType())
"""In UTF-8: to decode it only to encode it again takes as long as to find it."""
COUNTED = 10_000
"""`total` is exact up to here; a count of everything would cost more than the answer."""
SMALL = 1_000
"""Rows of a list that is gone through in its order rather than gathered and sorted."""
WINDOW = 5_000
"""Rows in the order of a list, among which a page of many is looked for first."""
GATHERED = 50_000
"""Rows with a value that is asked for, up to which they are gathered, not met in another order."""
Sort = list[tuple[Any, bool]]
Counts = tuple[int, int, dict[str, int]]
"""How many rows satisfy a question, how many may, and how many only a choice leaves out."""
Way = Callable[[ListQuery, Sequence[bool]], tuple[list[Clause], Sort]]
"""How rows are read: what else holds for them, and their order, after a row of which these sort
values are known."""


@dataclass(frozen=True)
class Page:
    """A page of bodies with the counts of the whole."""

    bodies: list[bytes]
    """In UTF-8."""
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


@dataclass(frozen=True)
class Plan:
    """How a question is read, as far as its shape decides it."""

    placed: bool
    """Whether its order is that of the list, and the rows say their places in it."""
    at_once: bool
    """Whether there are few rows anyway, or an index that has those of a page in order."""
    indexed: bool
    """Whether there is an index of all rows in the order that is asked for."""
    choices: tuple[str, ...]
    """Those that leave out rows which are counted."""
    decides: bool
    """Whether each row either satisfies it or not."""

    @classmethod
    def of(cls, query: ListQuery) -> "Plan":
        """The plan of a question and all others of its shape."""

        def make() -> Plan:
            placed = _is_placed(query)
            grows = hasattr(query.table, "place")
            operators_ = [c.parameter.operator for c in query.conditions.values()]
            return cls(
                placed=placed,
                at_once=not grows or not asks(query) or (placed and _is_in_order(query)),
                indexed=_is_indexed(query),
                choices=tuple(
                    name
                    for name, field in query.fields.items()
                    if isinstance(field, Choice) and query.scalar(name) == field.telling
                ),
                decides=not any(one and one.may_hold for one in operators_),
            )

        return query.of_shape("plan", make)


def read_page(query: ListQuery, cursor: Cursor | None) -> Page:
    """The page that `query` asks for: one SELECT or two, and one for all that is counted.

    How its rows are read best may depend on how many there are.
    """
    limit, after = query.limit or 0, cursor.after if cursor else []
    rows: Fetched = []
    total = None
    if at_once := Plan.of(query).at_once:
        rows = _rows(query, after, limit + 1) if limit else []
        total = len(rows) if limit and not cursor and len(rows) <= limit else None
    known = query.release.memo("counts", lambda _: Shapes())
    asked = (type(query), query.digest, query.scalar("total"))
    if cursor:  # who goes on to the next page was told before
        counted = known.get(asked, lambda: _counts(query, total=total))
    else:
        counted = known.put(asked, _counts(query, total=total))
    total, undecided, left_out = counted
    if limit and total and not at_once:
        whole = tallies(query.release, query.rows).get("", {}).get("total", COUNTED)
        few = total <= COUNTED and (whole > SMALL or total * total < limit * whole)
        rows = _rows(query, after, limit + 1, few)
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


def _is_long(query: ListQuery) -> bool:
    """Whether it is of a list that grows and has grown beyond what is counted."""
    whole: int = tallies(query.release, query.rows).get("", {}).get("total", 0)
    return whole > COUNTED and hasattr(query.table, "place")


def asks(query: ListQuery, but: Field | None = None) -> bool:
    """Whether there is any condition on the rows, those on the field `but` set aside."""
    return any(c.parameter.field not in (None, but) for c in query.conditions.values())


def _rows(query: ListQuery, after: Sequence[Any], limit: int, few: bool = False) -> Fetched:
    """Bodies with their sort values: the first so many, or those after the row with these.

    A few rows are gathered by an index of what is asked, then ordered. Of many, or where nearly all
    of a small list are asked for, the first are read off an index in order, if there is one.
    """
    plan = Plan.of(query)
    if plan.placed:
        if plan.at_once:
            return _read(query, _placed, after, limit)
        near = [] if few else _read(query, _near, after, limit)
        return near if len(near) == limit else _read(query, _placed_gathered, after, limit)
    few = few or (plan.indexed and _is_long(query) and _fewest(query) < GATHERED)
    if few or not plan.indexed or (asks(query) and not hasattr(query.table, "place")):
        return _read(query, _gathered if few else _sorted, after, limit)
    rows = [] if after and after[0] is None else _read(query, _known, after, limit)
    if len(rows) < limit and query.sort[0][0].nullable:
        rows += _read(query, _unknown, after, limit - len(rows))
    return rows


def _read(query: ListQuery, way: Way, after: Sequence[Any], limit: int) -> Fetched:
    """The bodies of rows in some order: which these are is decided before they are read."""
    known = [value is not None for value in after]

    def make(asked: ListQuery) -> Select[Any]:
        clauses, order = way(asked, known)
        by = [column.label(f"by_{i}") for i, (column, _) in enumerate(order)]
        most: Any = bindparam("asked_limit", required=False)
        first = select(*by).where(*asked.clauses()).order_by(*ordering(order)).limit(most)
        if way is _known and hasattr(asked.table, "place"):
            first = first.with_hint(asked.table, _by(order_index(*asked.sort[0])))
        rows = first.where(*clauses).subquery()
        if way is _known and known:  # first the others with the same value, which may be very many
            same = first.where(*_same(asked)).subquery()
            rows = union_all(select(same), select(rows)).limit(most).subquery()
        last = rows.c[by[-1].name]
        if not _is_placed(asked):
            return _with_bodies(select(BODY, *rows.c).select_from(rows), asked.rows, last)
        table, keys = asked.table, [column for column, _ in asked.sort]
        found = select(BODY, *keys).select_from(rows).outerjoin(table, table.place == last)
        return _with_bodies(found, asked.rows, table.id)

    values = {f"asked_after_{i}": value for i, value in enumerate(after)}
    return query.fetch((way, *known), make, asked_limit=limit, **values)


def _with_bodies(found: Select[Any], resource: str, identifier: Any) -> Select[Any]:
    """Rows with their bodies, in the same order: the left side of a left join is the outer loop."""
    joined = (col(Body.resource) == resource) & (col(Body.id) == identifier)
    return found.outerjoin(Body, joined)


def _placed(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    place = asked.table.place
    return [place > _start(asked, known)] if known else [], [(place, False)]


def _near(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    place, start = asked.table.place, _start(asked, known)
    return [place > start, place <= start + WINDOW], [(place, False)]


def _placed_gathered(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    clauses, order = _placed(asked, known)
    return clauses, [(gathered(column), descends) for column, descends in order]


def _sorted(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    return [_after(asked.sort, known)] if known else [], asked.sort


def _gathered(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    """Of a long list whose indexes have the number that is sorted by, only those shown are read."""
    clauses, order = _sorted(asked, known)
    by = [(gathered(column), descends) for column, descends in order]
    (column, _), (key, descends) = order[0], by[0]
    if _is_long(asked) and _is_indexed(asked) and not column.nullable:
        rows = select(column).where(*asked.clauses(), *clauses).order_by(*ordering(by[:1]))
        first = rows.limit(bindparam("asked_limit", required=False)).subquery().c[0]
        last = select(func.min(first) if descends else func.max(first)).scalar_subquery()
        clauses = [*clauses, key >= last if descends else key <= last]
    return clauses, by


def _same(asked: ListQuery) -> list[Clause]:
    """The further rows with the same sort value."""
    (column, _), (identifier, _) = asked.sort
    return [column == _value(0, column), identifier > _value(1, identifier)]


def _known(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    """The rows whose sort value is known, those with the next ones."""
    column, descends = asked.sort[0]
    ends = [end for c in asked.narrowing if (end := _starts(c, column)) is not None]
    if not known:
        return [*ends, column.is_not(None)] if column.nullable else ends, asked.sort
    value = _value(0, column)
    return [*ends, column < value if descends else column > value], asked.sort


def _starts(condition: Condition, column: Any) -> Clause | None:
    """Where in the order by a date the rows are that satisfy a condition on it, if it is one."""
    field, operator = condition.parameter.field, condition.parameter.operator
    if isinstance(field, Dated) and operator and field.start is column:
        return field.starts(operator, condition.values)
    return None


def _unknown(asked: ListQuery, known: Sequence[bool]) -> tuple[list[Clause], Sort]:
    """Then those where it is not."""
    (column, _), (identifier, descends) = asked.sort
    further = [identifier > _value(1, identifier)] if known and not known[0] else []
    return [column.is_(None), *further], [(literal_column("NULL"), False), (identifier, descends)]


def _start(asked: ListQuery, known: Sequence[bool]) -> Any:
    """The place of the row that a page begins after."""
    if not known:
        return literal_column("0")
    last = _value(len(known) - 1, asked.table.id)
    return select(asked.table.place).where(asked.table.id == last).scalar_subquery()


def _value(number: int, column: Any) -> Any:
    return bindparam(f"asked_after_{number}", type_=column.type, required=False)


def read_runs(
    query: ListQuery, by: Any, limit: int, after: str | None
) -> tuple[list[str], bool, list[bytes]]:
    """The bodies of the next `limit` runs of rows with the same value of the column `by`.

    Gives the values, in their order, whether there are more, and the bodies.
    """
    certain = query.clauses()
    values = select(by).where(*certain).group_by(by).order_by(by).limit(limit + 1)
    joined = (Body.resource == query.rows) & (Body.id == query.table.id)
    bodies = select(BODY).join_from(query.table, Body, joined).where(*certain)
    with query.release.connect() as connection:
        found = connection.execute(values if after is None else values.where(by > after)).scalars()
        shown = list(found)
        wanted = bodies.where(by.in_(shown[:limit])).order_by(by, query.table.id)
        texts = list(connection.execute(wanted).scalars()) if shown and limit else []
    return shown[:limit], len(shown) > limit, texts


def count_runs(query: ListQuery, by: Any) -> Counts:
    """The same counts, but of runs instead of rows: up to `COUNTED` and one."""
    return _counts(query, by)


def read_all(query: ListQuery, at_once: int) -> Iterator[list[bytes]]:
    """Every body that `query` asks for, in UTF-8, some at a time: one SELECT, read as it is used.

    Only ids are sorted: the bodies of a million rows would take far longer than a SELECT may.
    """
    order = _placed(query, ())[1] if Plan.of(query).placed else query.sort
    ids = select(query.table.id).where(*query.clauses()).order_by(*ordering(order))
    limited = ids.limit(-1 if query.limit is None else query.limit)
    yield from read_bodies(query.release, query.rows, limited, at_once)


def read_bodies(
    release: Release, resource: str, ids: Select[Any], at_once: int
) -> Iterator[list[bytes]]:
    """The bodies of the rows with these ids, which have a limit, in their order."""
    of = ids.subquery()
    found = _with_bodies(select(BODY).select_from(of), resource, of.c.id)
    with release.connect() as connection:
        streaming = connection.execution_options(yield_per=at_once)
        for rows in streaming.execute(found).partitions():
            yield [row[0] for row in rows]


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
    return ordered.nulls_last() if _may_be_null(column) else ordered


def _may_be_null(column: Any) -> bool:
    """Whether a key of an order can be unknown: what is worked out can."""
    return getattr(column, "nullable", True)


def gathered(column: Any) -> Any:
    """The column, but not as what an index is in the order of."""
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def _is_placed(query: ListQuery) -> bool:
    own = [(getattr(column, "key", None), descends) for column, descends in query.sort]
    default = type(query)(query.path, query.release, ()).sort
    return hasattr(query.table, "place") and own == [(c.key, d) for c, d in default]


def _is_in_order(query: ListQuery) -> bool:
    """Whether an index has the rows that are asked for in the order of the list: of one value."""

    def is_made(c: Condition) -> bool:
        field = c.parameter.field
        return not isinstance(field, Choice) or (
            c.values[0] == field.default and isinstance(c.holds(), BinaryExpression)
        )

    return any(map(_is_one, query.narrowing)) and all(map(is_made, query.narrowing))


def _is_one(condition: Condition) -> bool:
    """Whether it asks for one value of a field, no number."""
    return _is_any(condition) and len(condition.values) == 1


def _is_any(condition: Condition) -> bool:
    """Whether it asks for any of some values of a field, no numbers."""
    field, operator = condition.parameter.field, condition.parameter.operator
    return bool(field and not field.ranges and operator is OneOf.operators[0])


def _is_indexed(query: ListQuery) -> bool:
    first, *rest = query.sort
    ranges = [field.sort_column for field in query.fields.values() if field.ranges]
    return len(rest) == 1 and not rest[0][1] and any(first[0] is column for column in ranges)


def _after(sort: Sort, known: Sequence[bool]) -> ColumnElement[bool]:
    """Rows that come after the one with the values `asked_after_0` …, unknown values last."""
    clauses = []
    same: list[ColumnElement[bool]] = []
    for i, ((column, descends), is_known) in enumerate(zip(sort, known, strict=True)):
        bound = _value(i, column)
        if is_known:
            beyond = column < bound if descends else column > bound
            beyond = or_(beyond, column.is_(None)) if _may_be_null(column) else beyond
            clauses.append(and_(*same, beyond))
        same.append(column == bound if is_known else column.is_(None))
    return or_(*clauses)


def _counts(query: ListQuery, by: Any = None, total: int | None = None) -> Counts:
    """All counts by one SELECT; what is known since the release was made is not counted again.

    Of rows or, where `by` is given, of runs of rows with the same value of this column; no further
    than to `COUNTED` and one, unless it is asked exactly.
    """
    if by is None and (told := _told(query)):
        return told
    whole = {} if asks(query) else tallies(query.release, query.rows).get("", {})
    most = None if by is None and query.scalar("total") else COUNTED + 1
    plan = Plan.of(query)
    choices = () if whole else plan.choices
    if total is not None and plan.decides and not choices:
        return total, 0, {}

    def make(asked: ListQuery) -> Select[Any]:
        certain = asked.clauses()
        rows: Select[Any] = select(literal_column("1")).select_from(asked.table).where(*certain)
        counted = _number((rows if by is None else rows.group_by(by)).limit(most))
        others = [_others(asked, asked.fields[name]) for name in choices]
        parts = literal_column("0") if total is not None else counted
        return select(parts, _undecided(asked, certain), *others)

    what = ("counts", most, getattr(by, "key", None), total is None)
    ((counted, undecided, *others),) = query.fetch(what, make)
    left_out = whole.get("left_out") or dict(zip(choices, others, strict=True))
    return counted if total is None else total, undecided, left_out


def _told(query: ListQuery) -> Counts | None:
    """The counts, where those of the whole list or of a field's values tell them."""
    known, choices = tallies(query.release, query.rows), Plan.of(query).choices
    asked = [c for c in query.conditions.values() if c.parameter.field]
    if not asked:
        whole = known.get("")
        return (whole["total"], 0, whole["left_out"]) if whole else None
    field, *more = {c.parameter.field for c in asked}
    if more or not field or query.reshapes:  # which may be others then
        return None
    counts = known.get(field.name, {})
    operators_ = [c.parameter.operator for c in asked]
    if counts.get("spans") and all(operator and operator.may_hold for operator in operators_):
        certain, open_ = (_sum(counts["spans"], spans) for spans in _spans(query, field))
        return certain[0], open_[0], dict(zip(choices, certain[1:], strict=True))
    values = set(asked[0].values)
    if len(asked) > 1 or not _is_any(asked[0]) or not values <= counts.get("most", {}).keys():
        return None
    if len(values) > 1 and query.counted[field.name].pairs is not None:
        return None
    total, *others = _sum(counts["most"], values)
    return total, 0, dict(zip(choices, others, strict=True))


def _sum(counts: Mapping[Any, Sequence[int]], values: Iterable[Any]) -> list[int]:
    """All counts of these values."""
    none = [0] * len(next(iter(counts.values())))
    return [*map(sum, zip(none, *(counts.get(value, none) for value in values), strict=True))]


def _spans(query: ListQuery, field: Any) -> tuple[list[int], list[int]]:
    """The intervals that surely satisfy the conditions, all on one date, and those that may."""

    def make(asked: ListQuery) -> Select[Any]:
        conditions = [c for c in asked.conditions.values() if c.parameter.field]
        sure = func.coalesce(_holding(INTERVALS, conditions), false())
        columns: list[Any] = [sure, col(Days.id)]
        return select(*columns).where(field.intervals, _may_hold(INTERVALS, conditions))

    found = query.fetch("spans", make)
    return [span for sure, span in found if sure], [span for sure, span in found if not sure]


def _holding(field: Any, conditions: Iterable[Condition]) -> Clause:
    """What is certain where these hold, asked of this field."""
    operators = [(c.parameter.operator, c.values) for c in conditions]
    return and_(*(one.holds(field, values) for one, values in operators if one))


def _may_hold(field: Any, conditions: Iterable[Condition]) -> Clause:
    """What is not excluded where they may hold."""
    operators = [(c.parameter.operator, c.values) for c in conditions]
    loose = [(one.may_hold, values) for one, values in operators if one and one.may_hold]
    return and_(*(may_hold(field, values) for may_hold, values in loose))


def _open(field: Any, conditions: Iterable[Condition]) -> Clause:
    """What is neither certain nor excluded."""
    undecided = func.coalesce(_holding(field, conditions), false()).is_(False)
    return and_(_may_hold(field, conditions), undecided)


def _number(rows: Select[Any]) -> Any:
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def _undecided(query: ListQuery, certain: list[Clause]) -> Any:
    """The rows that may satisfy the question, their dates being too imprecise to decide."""
    asked: dict[Any, list[Condition]] = {}
    rest = []
    for condition, clause in zip(query.narrowing, certain, strict=True):
        operator = condition.parameter.operator
        if operator and operator.may_hold:
            asked.setdefault(condition.parameter.field, []).append(condition)
        else:
            rest.append(clause)

    fields = asked.items()
    loose = [field.among(lambda own, of=of: _may_hold(own, of)) for field, of in fields]
    open_ = [field.among(lambda own, of=of: _open(own, of)) for field, of in fields]
    any_ = [field.any_is(lambda own, of=of: _open(own, of)) for field, of in fields]
    if not asked:
        return literal_column("0")
    possible = [*rest, *(loose if len(loose) > 1 else ()), likely(or_(*open_), 0.001)]
    rows: Select[Any] = select(literal_column("1")).select_from(query.table).where(*possible)
    return case((or_(*any_), _number(rows)), else_=0)


def _others(query: ListQuery, choice: Any) -> Any:
    """The rows that would be there but for a choice that was made among them."""
    own = next(c for c in query.narrowing if c.parameter.field is choice)
    clauses = [*query.clauses(but=choice), not_(own.holds())]
    rows: Select[Any] = select(literal_column("1")).select_from(query.table).where(*clauses)
    many = _fewest(query) >= _left_out_of_all(query).get(choice.name, 0)
    none = any(isinstance(clause, False_) for clause in clauses)  # nothing else is then written
    if many and not none and hasattr(query.table, "place"):
        rows = rows.where(left_out(choice)).with_hint(query.table, _by(left_out_index(choice)))
    return _number(rows)


def _fewest(query: ListQuery) -> float:
    """How many rows satisfy one of the conditions, as many values share the rows: the least."""
    known = tallies(query.release, query.rows)
    asked = [(c.parameter.field, len(c.values)) for c in query.narrowing if _is_any(c)]
    shares = [n / (known.get(field.name, {}).get("values") or 1) for field, n in asked if field]
    least: float = min([1.0, *shares]) * known.get("", {}).get("total", 0)
    return least


def _left_out_of_all(query: ListQuery) -> dict[str, int]:
    """How many rows of the whole list each choice leaves out."""
    left_out: dict[str, int] = tallies(query.release, query.rows).get("", {}).get("left_out", {})
    return left_out


def _by(index: str) -> str:
    """Has SQLite read a table by this index."""
    return f"INDEXED BY {index}"


def order_index(column: Any, descends: bool) -> str:
    """The index that has all rows in the order of this column."""
    return f"by_{column.class_.__tablename__}_in_order_of_{column.key}" + "_down" * descends


def left_out_index(choice: Any) -> str:
    """The index that has all that is asked of the rows which a choice leaves out."""
    return f"by_{choice.by.table.name}_left_out_by_{choice.name}"


def left_out(choice: Any) -> Clause:
    """What holds for the rows that a choice leaves out, written as their own index has it."""
    clause: Any = choice.clauses[choice.default]
    differs: Clause = not_(clause)
    if clause.operator is operators.eq:
        differs = clause.left != bindparam(None, clause.right.value, literal_execute=True)
    return differs
