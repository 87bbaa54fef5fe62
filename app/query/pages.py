"""Pages of a list: conditions to one SELECT of ready-made bodies, and a cursor for the next."""

import base64
import binascii
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NullType
from sqlmodel import col

from app.database import Release
from app.query.counts import count
from app.query.fields import Clause, Dated
from app.query.parameters import Condition, ListQuery, Paged
from app.query.plans import (
    COUNTED,
    GATHERED,
    Plan,
    Sort,
    asks,
    by_index,
    fewest,
    gathered,
    is_indexed,
    is_long,
    is_placed,
    may_be_null,
    order_index,
    ordering,
)
from app.query.prepared import Fetched, Shapes
from app.query.tallied import tallies
from app.tables import Body

BODY: Any = type_coerce(cast(col(Body.json_text), LargeBinary), NullType())
"""In UTF-8: to decode it only to encode it again takes as long as to find it."""
SMALL = 1_000
"""Rows of a list that is gone through in its order rather than gathered and sorted."""
WINDOW = 5_000
"""Rows in the order of a list, among which a page of many is looked for first."""
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
        kinds = [_kind(column) for column, _ in query.sort]
        same = self.digest == query.digest and len(self.after) == len(kinds)
        return same and self.after[-1] is not None and all(map(_fits, self.after, kinds))


@cache
def _kind(column: Any) -> type:
    """What the values of a column are in Python."""
    kind: type = getattr(column.type, "impl_instance", column.type).python_type
    return kind


def _fits(value: Any, kind: type) -> bool:
    """Whether a cursor's value can be compared with a column of this kind."""
    if isinstance(value, str):
        return kind is str and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return kind in (int, float) and abs(value) < 2**63
    return value is None or type(value) is kind


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
        counted = known.get(asked, lambda: count(query, total=total))
    else:
        counted = known.put(asked, count(query, total=total))
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
    few = few or _are_few(query, limit)
    if few or not plan.indexed or (asks(query) and not hasattr(query.table, "place")):
        return _read(query, _gathered if few else _sorted, after, limit)
    rows = [] if after and after[0] is None else _read(query, _known, after, limit)
    if len(rows) < limit and query.sort[0][0].nullable:
        rows += _read(query, _unknown, after, limit - len(rows))
    return rows


def _are_few(query: ListQuery, limit: int) -> bool:
    """Whether rows are sooner gathered and sorted than met in order until there are enough."""
    rows = fewest(query) if asks(query) else sys.maxsize
    if hasattr(query.table, "place"):
        return Plan.of(query).indexed and is_long(query) and rows < GATHERED
    whole: int = tallies(query.release, query.rows).get("", {}).get("total", 0)
    return rows * rows < limit * whole


def _read(query: ListQuery, way: Way, after: Sequence[Any], limit: int) -> Fetched:
    """The bodies of rows in some order: which these are is decided before they are read."""
    known = [value is not None for value in after]

    def make(asked: ListQuery) -> Select[Any]:
        clauses, order = way(asked, known)
        by = [column.label(f"by_{i}") for i, (column, _) in enumerate(order)]
        most: Any = bindparam("asked_limit", required=False)
        first = select(*by).where(*asked.clauses()).order_by(*ordering(order)).limit(most)
        if way is _known and hasattr(asked.table, "place"):
            first = first.with_hint(asked.table, by_index(order_index(*asked.sort[0])))
        rows = first.where(*clauses).subquery()
        if way is _known and known:  # first the others with the same value, which may be very many
            same = first.where(*_same(asked)).subquery()
            rows = union_all(select(same), select(rows)).limit(most).subquery()
        last = rows.c[by[-1].name]
        if not is_placed(asked):
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
    if is_long(asked) and is_indexed(asked) and not column.nullable:
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


def _after(sort: Sort, known: Sequence[bool]) -> ColumnElement[bool]:
    """Rows that come after the one with the values `asked_after_0` …, unknown values last."""
    clauses = []
    same: list[ColumnElement[bool]] = []
    for i, ((column, descends), is_known) in enumerate(zip(sort, known, strict=True)):
        bound = _value(i, column)
        if is_known:
            beyond = column < bound if descends else column > bound
            beyond = or_(beyond, column.is_(None)) if may_be_null(column) else beyond
            clauses.append(and_(*same, beyond))
        same.append(column == bound if is_known else column.is_(None))
    return or_(*clauses)
