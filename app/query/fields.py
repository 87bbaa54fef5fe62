"""Fields and their operators: what a list can be asked, one line a field.

A query class declares `province = OneOf(Zone.province_id, PROVINCES, "The province.")`; the
parameters `province`, `province__not` and `province__state`, their types in OpenAPI, their SQL and
the sort key follow from the field's family. An operator is a row of its family's table, never a
branch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    exists,
    false,
    func,
    inspect,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.util import ClauseAdapter
from sqlmodel import col

from app.database import Release
from app.query.values import Few, PartialDate, Slug, Span, State, Text, Vocabulary, Year
from app.tables import Span as Days

Clause = ColumnElement[bool]
Holds = Callable[[Any, Sequence[Any]], Clause]


@dataclass(frozen=True)
class Operator:
    """One way to ask a field: the suffix of its parameter and what it means in SQL.

    `holds` selects the rows for which the condition is certain; `may_hold` those for which it is
    not excluded, where a value can be too imprecise to decide.
    """

    suffix: str
    says: str
    holds: Holds
    may_hold: Holds | None = None
    repeats: bool = False
    value: Any = None
    """The type of its values, where it is not the field's own."""
    compares: bool = False
    """Whether its values are only compared with: whatever they are, its SQL is the same."""


_compares = partial(Operator, compares=True)


@dataclass(frozen=True, eq=False)
class Values:
    """The values of a field as rows to count: its column, and what a row has several of.

    `pairs` are joined `on` to the resource's own table, each pair of a row and a value once.
    """

    column: Any
    pairs: Any = None
    on: Any = None

    def joined(self, source: Any) -> Any:
        """The rows of `source`, once for each of their values, once with NULL where none is."""
        return source if self.pairs is None else source.outerjoin(self.pairs, self.on)


@dataclass(frozen=True, eq=False)
class Measure:
    """The number that the rows of a group are summed, averaged and compared by.

    Nothing is made of rows that differ in the fields `same` or do not all satisfy `only`; no sum of
    those that differ in the fields `once` too, or do not all satisfy `adds`. Both say why not.
    """

    column: Any
    same: Sequence[str]
    once: Sequence[str]
    only: Mapping[str, Clause]
    adds: Mapping[str, Clause]


@dataclass(frozen=True)
class Partner:
    """A second parameter of a field: neither is asked without the other."""

    name: str
    says: str
    value: Any


class Field:
    """A queryable field of a resource."""

    operators: tuple[Operator, ...] = ()
    value: Any = Slug
    vocabulary: Vocabulary | None = None
    partner: Partner | None = None
    orders: str | None = None
    """The key that `sort` has while the field is asked, and orders by unless told else."""
    ranges: bool = False
    """Whether it is of numbers or dates: a list can be had in its order, either way, at once."""

    def __init__(self, says: str) -> None:
        self.says = says
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def sort_column(self) -> Any | None:
        """The column that `sort` orders by, or None when the field cannot be sorted."""
        return None

    def order(self, values: Sequence[Any]) -> Any:
        """What that key orders by, given the values that are asked."""
        raise NotImplementedError(values)

    def values(self) -> Values | None:
        """What its rows are counted by, or None where that makes no sense."""
        return None

    def decided_by(self) -> list[list[Any]]:
        """The columns that its conditions are decided by: each begins an index of its own."""
        return []

    def meant(self, _operator: Operator, values: list[Any], _release: Release) -> list[Any]:
        """The values as they are searched for."""
        return values

    def sought(self, values: Sequence[Any], _release: Release) -> Sequence[Any]:
        """The values in the form that the operators take, where that depends on the release."""
        return values


def _state(field: Any, values: Sequence[Any]) -> Clause:
    known: Clause = field.known()
    return known if values[0] == State.KNOWN else not_(known)


_STATE = Operator("state", "is known, or unknown to the base", _state, value=State)


class Column(Field):
    """A field that is a column of the resource's own table."""

    def __init__(self, column: Any, value: Any, says: str) -> None:
        super().__init__(says)
        self.column = column
        if isinstance(value, Vocabulary):
            self.vocabulary = value
        else:
            self.value = value
        if not getattr(column, "nullable", True):
            self.operators = tuple(o for o in self.operators if o is not _STATE)

    @property
    def sort_column(self) -> Any:
        """The column itself."""
        return self.column

    def decided_by(self) -> list[list[Any]]:
        """The column itself."""
        return [[self.column]]


class OneOf(Column):
    """A code or id: any of, none of."""

    operators: tuple[Operator, ...] = (
        _compares("", "is any of these", lambda f, v: f.matches(v), repeats=True),
        _compares(
            "not", "is known, and none of these", lambda f, v: not_(f.matches(v)), repeats=True
        ),
        _STATE,
    )

    def matches(self, values: Sequence[Any]) -> Clause:
        """Rows whose code is among `values`."""
        clause: Clause = self.column.in_(values)
        return clause

    def known(self) -> Clause:
        """Rows that have the value at all."""
        clause: Clause = self.column.is_not(None)
        return clause

    def values(self) -> Values | None:
        """The column itself."""
        return Values(self.column)


class Related(Field):
    """A field of the rows that point here: there is one such, none, every one.

    The related rows are those whose column `key` equals `to`, a column of the resource's own
    table, and for which `where` holds; `column` is what is asked of them.
    """

    operators: tuple[Operator, ...] = (
        _compares("", "has any of these", lambda f, v: f.exists(f.among(v)), repeats=True),
        _compares(
            "not", "has none of these", lambda f, v: not_(f.exists(f.among(v))), repeats=True
        ),
        _compares(
            "all",
            "has every one of these",
            lambda f, v: and_(*(f.exists(f.among([one])) for one in v)),
            repeats=True,
        ),
        Operator("state", "has any at all, or none that the base knows", _state, value=State),
    )

    def __init__(
        self, column: Any, among: Vocabulary, says: str, *, key: Any, to: Any, where: Clause
    ) -> None:
        super().__init__(says)
        self.column, self.vocabulary = column, among
        self.key, self.to, self.where = key, to, where

    def among(self, values: Sequence[Any]) -> Clause:
        """Related rows with one of `values`."""
        clause: Clause = self.column.in_(values)
        return clause

    def exists(self, *conditions: Clause) -> Clause:
        """Rows to which a related row points for which `conditions` hold."""
        return exists().where(self.key == self.to, self.where, *conditions)

    def known(self) -> Clause:
        """Rows that have any."""
        return self.exists(self.column.is_not(None))

    def values(self) -> Values:
        """The values of the related rows."""
        return self._pairs(select(self.key, self.column))

    def decided_by(self) -> list[list[Any]]:
        """The related rows' key with what is asked of them."""
        return [[self.key, self.column]]

    def _pairs(self, found: Any) -> Values:
        own = found.where(self.where, self.column.is_not(None)).distinct().subquery()
        key, value = own.c
        return Values(value, own, key == self.to)


@dataclass(frozen=True, eq=False)
class Tree:
    """A taxonomy's pairs of a concept and one that is the same or narrower."""

    ancestor: Any
    descendant: Any

    def below(self, column: Any, values: Sequence[Any]) -> Clause:
        """Rows of `column` at or below any of `values`."""
        inside = select(self.descendant).where(self.ancestor.in_(values))
        clause: Clause = column.in_(inside)
        return clause

    def expand(self, release: Release, values: Sequence[str]) -> list[str]:
        """The concepts with all narrower ones, as they are searched for."""

        def read(connection: Connection) -> dict[str, list[str]]:
            below: dict[str, list[str]] = {}
            pairs = select(self.ancestor, self.descendant).order_by(self.descendant)
            for ancestor, descendant in connection.execute(pairs):
                below.setdefault(ancestor, []).append(descendant)
            return below

        known = release.memo(self, read)
        within = chain.from_iterable(known.get(value, ()) for value in values)
        return sorted(dict.fromkeys(within))  # of one concept they are in order


class _OfTree(Field):
    tree: Tree

    def meant(self, operator: Operator, values: list[Any], release: Release) -> list[Any]:
        """The concepts and, where any of them will do, everything narrower."""
        return self.tree.expand(release, values) if operator.suffix in ("", "not") else values


class Concept(_OfTree, OneOf):
    """A concept of a taxonomy: it and everything narrower."""

    operators = (
        _compares("", "is any of these or narrower", lambda f, v: f.matches(v), repeats=True),
        OneOf.operators[1],
        _compares(
            "exact",
            "is one of these itself, none narrower",
            lambda f, v: f.column.in_(v),
            repeats=True,
        ),
        _STATE,
    )

    def __init__(self, column: Any, among: Vocabulary, says: str, *, tree: Tree) -> None:
        super().__init__(column, among, says)
        self.tree = tree

    def matches(self, values: Sequence[Any]) -> Clause:
        """Rows whose concept is at or below any of `values`."""
        return self.tree.below(self.column, values)

    def values(self) -> Values:
        """The concept and everything broader."""
        pairs = select(self.tree.descendant, self.tree.ancestor).subquery()
        narrower, concept = pairs.c
        return Values(concept, pairs, narrower == self.column)


class RelatedConcept(_OfTree, Related):
    """Related concepts of a taxonomy: they and everything narrower."""

    operators = (
        _compares(
            "",
            "has any of these or anything narrower",
            lambda f, v: f.exists(f.among(v)),
            repeats=True,
        ),
        *Related.operators[1:],
        _compares(
            "exact",
            "has one of these itself, none narrower",
            lambda f, v: f.exists(f.column.in_(v)),
            repeats=True,
        ),
    )

    def __init__(self, column: Any, among: Vocabulary, says: str, *, tree: Tree, **of: Any) -> None:
        super().__init__(column, among, says, **of)
        self.tree = tree

    def among(self, values: Sequence[Any]) -> Clause:
        """Related rows at or below any of `values`."""
        return self.tree.below(self.column, values)

    def values(self) -> Values:
        """The related concepts and everything broader."""
        found = select(self.key, self.tree.ancestor)
        return self._pairs(found.where(self.tree.descendant == self.column))


class Ordered(OneOf):
    """A number or year: also more and less than."""

    ranges = True
    operators = (
        OneOf.operators[0],
        OneOf.operators[1],
        _compares("gt", "is more than this", lambda f, v: f.column > v[0]),
        _compares("gte", "is at least this", lambda f, v: f.column >= v[0]),
        _compares("lt", "is less than this", lambda f, v: f.column < v[0]),
        _compares("lte", "is at most this", lambda f, v: f.column <= v[0]),
        _STATE,
    )

    def decided_by(self) -> list[list[Any]]:
        """The index that it is sorted by."""
        return []

    def values(self) -> Values | None:
        """The column, where its numbers are few enough to be told apart."""
        return Values(self.column) if self.value in (Year, Few) else None


def _any(clause: Callable[[Any, Span], Clause]) -> Holds:
    return lambda field, spans: or_(false(), *(clause(field, span) for span in spans))


def _every(clause: Callable[[Any, Span], Clause]) -> Holds:
    return lambda field, spans: and_(field.known(), *(clause(field, span) for span in spans))


def _inside(f: Any, s: Span) -> Clause:
    return and_(f.start >= s.start, f.end <= s.end)


def _open(bound: Any, clause: Clause) -> Clause:
    return or_(bound.is_(None), clause)


def _by_interval(operator: Operator) -> Operator:
    """The operator, asked of each interval once where a table numbers those of its rows."""

    def asked(holds: Holds) -> Holds:
        return lambda field, spans: field.among(lambda dated: holds(dated, spans))

    assert operator.may_hold
    return replace(operator, holds=asked(operator.holds), may_hold=asked(operator.may_hold))


@dataclass(frozen=True)
class _Starts:
    """Asked in place of a field of dates, tells what is true of the first days of its rows."""

    day: Any
    own: Clause

    def among(self, holds: Callable[[Any], Clause]) -> Clause:
        """They are between those of the intervals for which it holds, which are few."""
        start = col(Days.start)
        ends = (
            select(end(start)).where(self.own, holds(INTERVALS)) for end in (func.min, func.max)
        )
        clause: Clause = self.day.between(*(end.scalar_subquery() for end in ends))
        return clause


class Dated(Field):
    """A date or period of any precision: an interval of days.

    A condition holds when it holds for every day of the interval. An open or approximate end has
    no bound, so a row whose interval reaches over the asked date is undecided.

    A table that grows has a column `x_span` too: its rows share few intervals, so these are asked.
    """

    value = PartialDate
    ranges = True
    operators: tuple[Operator, ...] = (
        _compares(
            "",
            "lies within",
            _any(_inside),
            _any(
                lambda f, s: and_(
                    f.known(), _open(f.start, f.start <= s.end), _open(f.end, f.end >= s.start)
                )
            ),
            repeats=True,
        ),
        _compares(
            "not",
            "lies outside these",
            _every(lambda f, s: or_(f.end < s.start, f.start > s.end)),
            _every(lambda f, s: or_(f.start.is_(None), f.end.is_(None), not_(_inside(f, s)))),
            repeats=True,
        ),
        _compares(
            "gt",
            "is after the end of this",
            _every(lambda f, s: f.start > s.end),
            _every(lambda f, s: _open(f.end, f.end > s.end)),
        ),
        _compares(
            "gte",
            "is not before the start of this",
            _every(lambda f, s: f.start >= s.start),
            _every(lambda f, s: _open(f.end, f.end >= s.start)),
        ),
        _compares(
            "lt",
            "is before the start of this",
            _every(lambda f, s: f.end < s.start),
            _every(lambda f, s: _open(f.start, f.start < s.start)),
        ),
        _compares(
            "lte",
            "is not after the end of this",
            _every(lambda f, s: f.end <= s.end),
            _every(lambda f, s: _open(f.start, f.start <= s.end)),
        ),
    )
    operators = (*map(_by_interval, operators), _STATE)

    def __init__(self, column: Any, start: Any, end: Any, says: str) -> None:
        super().__init__(says)
        self.column, self.start, self.end = column, start, end
        self.span = getattr(start.class_, f"{column.key}_span", None)
        self.column_name = f"{start.class_.__tablename__}.{column.key}"

    @property
    def sort_column(self) -> Any:
        """The first day of the interval."""
        return self.start

    def known(self) -> Clause:
        """Rows that have a date at all."""
        clause: Clause = self._own.is_not(None)
        return clause

    @property
    def _own(self) -> Any:
        return self.column if self.span is None else self.span

    def among(self, holds: Callable[["Dated"], Clause]) -> Clause:
        """Rows for whose interval it holds."""
        if self.span is None:
            return holds(self)
        clause: Clause = self.span.in_(select(col(Days.id)).where(self.intervals, holds(INTERVALS)))
        return clause

    @property
    def intervals(self) -> Clause:
        """Those that its rows have, where a table numbers them."""
        clause: Clause = col(Days.of) == self.column_name
        return clause

    def any_is(self, holds: Callable[["Dated"], Clause]) -> Clause:
        """Whether there is any interval at all for which it holds."""
        return true() if self.span is None else exists().where(self.intervals, holds(INTERVALS))

    def starts(self, operator: Operator, values: Sequence[Any]) -> Clause | None:
        """Between which first days all rows are that satisfy a condition, if that is known."""
        if self.span is None or not operator.may_hold:
            return None
        return operator.holds(_Starts(self.start, self.intervals), values)

    def decided_by(self) -> list[list[Any]]:
        """The interval, where a table numbers them."""
        return [] if self.span is None else [[self.span]]

    def year(self) -> Values:
        """The year that the whole of it lies in, where it is one."""
        first, last = (func.substr(day, 1, 4) for day in (self.start, self.end))
        return Values(case((first == last, first.cast(Integer))))


INTERVALS = Dated(col(Days.id), col(Days.start), col(Days.end), "The intervals that dates have.")


class Words(OneOf):
    """A text: the whole of it as it stands; a part of it or its beginning, case forgiven."""

    def __init__(self, column: Any, says: str) -> None:
        super().__init__(column, Text, says)

    def values(self) -> None:
        """Texts are not counted."""
        return

    operators = (
        OneOf.operators[0],
        Operator(
            "contains", "contains this", lambda f, v: f.column.icontains(v[0], autoescape=True)
        ),
        Operator(
            "prefix", "begins with this", lambda f, v: f.column.istartswith(v[0], autoescape=True)
        ),
        _STATE,
    )


class Choice(Field):
    """A restriction that is always made, in one of a few named ways.

    By default it leaves rows out, and it is told how many.
    """

    operators = (Operator("", "is", lambda f, v: f.clauses[v[0]]),)

    def __init__(self, default: StrEnum, clauses: dict[StrEnum, Clause], says: str) -> None:
        super().__init__(says)
        self.default, self.clauses, self.value = default, clauses, type(default)

    @property
    def by(self) -> Any:
        """The column that it is made by unless another choice is asked."""
        clause: Any = self.clauses[self.default]
        return clause.left


class Newest(Field):
    """The newest points in time of each series, among the rows that everything else selects.

    A series is the rows with the same `series`; `time` is compared as text. Rows of the same time
    are all there.
    """

    operators = (Operator("", "counts", lambda f, v: f.among(v[0], ())),)
    value = Few

    def __init__(self, table: Any, series: Any, time: Any, says: str) -> None:
        super().__init__(says)
        self.table, self.series, self.time = table, series, time

    def among(self, most: int, rest: Sequence[Clause], within: Any = None) -> Clause:
        """Rows than which fewer than `most` points in time are newer, of those of `rest`.

        And, where they are counted by the values of the column `within`, of those with the same.
        """
        other = aliased(self.table)
        there = ClauseAdapter(inspect(other).selectable)
        time, *same = (there.traverse(one) for one in (self.time, *rest))
        newer = select(func.count(time.distinct())).where(
            getattr(other, self.series.key) == self.series, time > self.time, *same
        )
        if within is not None:
            newer = newer.where(getattr(other, within.key).is_not_distinct_from(within))
        clause: Clause = newer.correlate(self.table).scalar_subquery() < most
        return clause
