"""How many rows satisfy a question, may satisfy it, or are left out of it by a choice alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, case, false, func, literal_column, or_, select
from sqlalchemy.sql.elements import False_
from sqlmodel import col

from app.query.fields import INTERVALS, Choice, Clause, Field
from app.query.parameters import Condition, ListQuery, likely
from app.query.plans import (
    COUNTED,
    Plan,
    asks,
    by_index,
    fewest,
    is_any,
    is_long,
    is_one,
    left_out,
    left_out_index,
    left_out_of_all,
    may_be_null,
)
from app.query.tallied import MANY, Tallies, lacking, tallies, tallies_of
from app.tables import Span as Days

_FEW = 0.01
"""The share of rows that is counted in place of the others."""
Counts = tuple[int, int, dict[str, int]]
"""How many rows satisfy a question, how many may, and how many only a choice leaves out."""


def count(query: ListQuery, by: Any = None, total: int | None = None) -> Counts:
    """All counts by one SELECT; what is known since the release was made is not counted again.

    Of rows or, where `by` is given, of runs of rows with the same value of this column; no further
    than to `COUNTED` and one, unless it is asked exactly.
    """
    if by is None and (told := _told(query) or _told_but_few(query)):
        return told
    whole = {} if asks(query) else tallies(query.release, query.rows).get("", {})
    most = None if by is None and query.scalar("total") else COUNTED + 1
    plan = Plan.of(query)
    choices = () if whole else plan.choices
    if total is not None and plan.decides and not choices:
        return total, 0, {}

    def make(asked: ListQuery) -> Select[Any]:
        certain = asked.clauses()
        rows = _rows(asked, certain)
        counted = _number((rows if by is None else rows.group_by(by)).limit(most))
        others = [_others(asked, name, name in many) for name in choices]
        parts = literal_column("0") if total is not None else counted
        return select(parts, _undecided(asked, certain), *others)

    many = choices
    if is_long(query) and choices:
        rows, left = fewest(query), left_out_of_all(query)
        many = tuple(name for name in choices if rows >= left.get(name, 0))
    what = ("counts", most, getattr(by, "key", None), total is None, many)
    ((counted, undecided, *others),) = query.fetch(what, make)
    left_out = whole.get("left_out") or dict(zip(choices, others, strict=True))
    return counted if total is None else total, undecided, left_out


def asked_beyond(query: ListQuery, but: Field | None = None) -> list[Condition]:
    """The conditions that a request makes, those on the field `but` set aside.

    To ask for a choice that holds anyway is none.
    """
    return [
        c
        for c in query.conditions.values()
        if (field := c.parameter.field)
        and field is not but
        and not (isinstance(field, Choice) and c.values[0] == field.default)
    ]


def part_of(query: ListQuery, name: str, value: object) -> Tallies:
    """What was counted of the rows with one value of a field, if they are many."""
    known = tallies(query.release, query.rows).get(name, {}).get("most", {})
    many = is_long(query) and known.get(value, [0])[0] > MANY
    return tallies_of(query.release, query.rows, name, value) if many else {}


def parts(
    query: ListQuery, asked: Sequence[Condition]
) -> Iterator[tuple[Tallies, list[Condition]]]:
    """What was counted of the list, and of its parts that conditions ask for.

    Each with the conditions that this leaves.
    """
    yield tallies(query.release, query.rows), [*asked]
    for c in asked if is_long(query) else ():
        field = c.parameter.field
        if field and is_one(c) and (part := part_of(query, field.name, c.values[0])):
            yield part, [other for other in asked if other is not c]


def few_lack(query: ListQuery, share: float) -> str:
    """The one number that is asked to be within bounds, if at most this share of rows is not."""
    if len(query.bounds) != 1 or query.reshapes or not is_long(query):
        return ""
    (name,) = query.bounds
    known = tallies(query.release, query.rows)
    few = known[name]["every"] * lacking(*query.bounded(name)) <= share * known[""]["total"]
    return name if few and not may_be_null(query.fields[name].sort_column) else ""


def _told(query: ListQuery) -> Counts | None:
    """The counts, where those of the list, or of a part of it, tell them."""
    asked = asked_beyond(query)
    if asked and query.reshapes:  # which may be others then
        return None
    found = (_told_of(query, known, rest) for known, rest in parts(query, asked))
    return next((counts for counts in found if counts), None)


def _told_of(query: ListQuery, known: Tallies, asked: Sequence[Condition]) -> Counts | None:
    """The counts by what was counted, where no more is asked than of one field."""
    if not asked:
        whole = known.get("")
        return (whole["total"], 0, whole["left_out"]) if whole else None
    field, *more = {c.parameter.field for c in asked}
    if more or not field:
        return None
    counts, choices = known.get(field.name, {}), Plan.of(query).choices
    operators_ = [c.parameter.operator for c in asked]
    if counts.get("spans") and all(operator and operator.may_hold for operator in operators_):
        certain, open_ = (_sum(counts["spans"], spans) for spans in _spans(query, field))
        return certain[0], open_[0], dict(zip(choices, certain[1:], strict=True))
    values = set(asked[0].values)
    if len(asked) > 1 or not is_any(asked[0]) or not values <= counts.get("most", {}).keys():
        return None
    if len(values) > 1 and query.counted[field.name].pairs is not None:
        return None
    total, *others = _sum(counts["most"], values)
    return total, 0, dict(zip(choices, others, strict=True))


def _told_but_few(query: ListQuery) -> Counts | None:
    """The counts, where they are told but for a few rows, which have other numbers."""
    if not (name := few_lack(query, _FEW)):
        return None
    numbers = {c.parameter.name for c in query.bounds[name].values()}
    found = parts(query, [c for c in asked_beyond(query) if c.parameter.name not in numbers])
    told = next((known[""] for known, rest in found if not rest and known), None)
    if told is None:
        return None
    choices = Plan.of(query).choices

    def make(asked: ListQuery) -> Select[Any]:
        return select(
            _number(_rows(asked, asked.clauses(lacking=name))),
            *(_number(_rows(asked, _left_out_by(asked, choice, name))) for choice in choices),
        )

    ((total, *others),) = query.fetch(("lacking", name), make)
    left_out = [told["left_out"][choice] - few for choice, few in zip(choices, others, strict=True)]
    return told["total"] - total, 0, dict(zip(choices, left_out, strict=True))


def _sum(counts: Mapping[Any, Sequence[int]], values: Iterable[Any]) -> list[int]:
    """All counts of these values."""
    none = [0] * len(next(iter(counts.values())))
    return [*map(sum, zip(none, *(counts.get(value, none) for value in values), strict=True))]


def _spans(query: ListQuery, field: Any) -> tuple[list[int], list[int]]:
    """The intervals that surely satisfy the conditions, all on one date, and those that may."""

    def make(asked: ListQuery) -> Select[Any]:
        conditions = [c for c in asked.conditions.values() if c.parameter.field is field]
        sure = func.coalesce(_holding(INTERVALS, conditions), false())
        columns: list[Any] = [sure, col(Days.id)]
        return select(*columns).where(field.intervals, _may_hold(INTERVALS, conditions))

    found = query.fetch(("spans", field.name), make)
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
    return case((or_(*any_), _number(_rows(query, possible))), else_=0)


def _others(query: ListQuery, name: str, many: bool) -> Any:
    """The rows that would be there but for a choice that was made among them.

    Where `many` rows satisfy each condition, those that the choice leaves out are gone through.
    """
    clauses = _left_out_by(query, name)
    rows = _rows(query, clauses)
    none = any(isinstance(clause, False_) for clause in clauses)  # nothing else is then written
    if many and not none and hasattr(query.table, "place"):
        rows = rows.with_hint(query.table, by_index(left_out_index(query.fields[name])))
    return _number(rows)


def _left_out_by(query: ListQuery, name: str, lacking: str = "") -> list[Clause]:
    """What holds for the rows that only a choice leaves out.

    A value that SQLite holds against the condition of an index must not be bound: for the sake of
    another value it would plan anew each time.
    """
    choice = query.fields[name]
    return [*query.clauses(but=choice, lacking=lacking), left_out(choice)]


def _rows(query: ListQuery, clauses: Iterable[Clause]) -> Select[Any]:
    return select(literal_column("1")).select_from(query.table).where(*clauses)
