"""What is counted of the lists of a release when all their rows are there, and kept as `Tally`."""

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, count, islice
from typing import Any

from sqlalchemy import Connection, and_, case, func, literal_column, select, true
from sqlmodel import col

from app.query.facets import MOST_COUNTED, count_values
from app.query.fields import Dated, Ordered, Values
from app.query.pages import read_page
from app.query.parameters import Condition, ListQuery, Row
from app.query.plans import COUNTED, left_out
from app.query.prepared import Statement
from app.query.tallied import MANY, SPREAD, among
from app.tables import Span as Days

AT_ONCE = 50_000
_SMALL = 32
"""Values of a column that is counted together with others."""
MOST_CODES = 2**16
"""Values of a field that are numbered; of more, rows are counted by the values themselves."""


def tally(connection: Connection, query: ListQuery) -> Iterator[Row]:
    """What is counted of a whole list; where it grows, also the values of its rows."""
    asked = [("total", "exact"), ("limit", 0)]
    conditions = [Condition(query.parameters[name], (value,)) for name, value in asked]
    page = read_page(type(query)(query.path, query.release, conditions), None)
    grows = hasattr(query.table, "place")
    coded, standings = _coded(connection, query, page.left_out) if grows else ([], array("B"))
    codes = {one.name: one.told() for one in coded if one.is_counted}
    yield _tally(query, "", {"total": page.total, "left_out": page.left_out})
    for name, values in query.counted.items():
        found = count_values(query, query.fields[name], {})
        most = _with_others(connection, query, values, found[:MOST_COUNTED], page.left_out)
        yield _tally(query, name, {"most": most, "values": len(found)}) | codes.get(name, {})
    if not grows or page.total <= COUNTED:
        return
    for name, one in query.fields.items():
        if isinstance(one, Ordered):
            rows = select(one.column).where(one.column.is_not(None)).order_by(one.column)
            numbers = connection.execute(rows).scalars()
            every = max(1, page.total // SPREAD)
            spread = [*islice(numbers, 0, None, every)]
            yield _tally(query, name, {"spread": spread, "every": every})
    for name, date in _numbered(query).items():
        own = select(date.span, func.count()).where(*query.clauses()).group_by(date.span)
        there = {span: rows for span, rows in connection.execute(own)}
        known = connection.execute(select(col(Days.id)).where(date.intervals)).scalars()
        spans = [(span, there.get(span, 0)) for span in known]  # some only rows left out have
        counts = _with_others(connection, query, Values(date.span), spans, page.left_out)
        yield _tally(query, name, {"spans": counts})
    yield from _parts(query, coded, standings, [*page.left_out])


def _numbered(query: ListQuery) -> dict[str, Any]:
    """The dates whose intervals are numbered, where conditions only compare with them."""
    dated = {name: one for name, one in query.fields.items() if isinstance(one, Dated)}
    return {
        name: one
        for name, one in dated.items()
        if one.span is not None and any(operator.compares for operator in one.operators)
    }


def _with_others(
    connection: Connection,
    query: ListQuery,
    values: Values,
    counts: Sequence[tuple[Any, int]],
    choices: Iterable[str],
) -> list[tuple[Any, ...]]:
    """Values with their counts, and with those of the rows that only a choice leaves out."""
    others = []
    for choice in map(query.fields.__getitem__, choices):
        rows = values.joined(select(values.column, func.count()).select_from(query.table))
        rows = rows.where(*query.clauses(but=choice), left_out(choice)).group_by(values.column)
        others.append({value: count for value, count in connection.execute(rows)})
    return [(value, count, *(one.get(value, 0) for one in others)) for value, count in counts]


def _tally(query: ListQuery, name: str, counts: Row, part: str = "") -> Row:
    shown = json.dumps(counts, ensure_ascii=False, separators=(",", ":"))
    own = {"resource": query.rows, "among": part, "field": name, "counts": shown}
    return {**own, "values": None, "codes": None}


@dataclass
class _Coded:
    """A column of a list, its values numbered as they come, in the order of the list."""

    name: str
    is_counted: bool
    """Whether it is what a facet counts; else it has the intervals of a date."""
    known: defaultdict[Any, int] = field(default_factory=lambda: defaultdict(count().__next__))
    """The numbers of values as SQLite has them."""
    numbers: "array[int]" = field(default_factory=lambda: array("I", [0]))
    reader: Callable[[Any], Any] | None = None

    @property
    def of_rows(self) -> "array[int]":
        """The numbers of the rows; none has the place 0."""
        return self.numbers[1:]

    def values(self) -> list[Any]:
        """The values, by their numbers."""
        return [*map(self.reader, self.known)] if self.reader else [*self.known]

    def told(self) -> Row:
        """As it is kept."""
        codes = array("H", self.numbers).tobytes()
        return {"values": json.dumps(self.values(), ensure_ascii=False), "codes": codes}


def _coded(
    connection: Connection, query: ListQuery, choices: Iterable[str]
) -> tuple[list[_Coded], "array[int]"]:
    """The columns that a row has one value in, but for those with too many; and how rows stand.

    That is 0 of a row of the list, the number of the choice that alone leaves it out, or one more.
    """
    counted = {n: v.column for n, v in query.counted.items() if v.pairs is None}
    dated = {name: date.span for name, date in _numbered(query).items()}
    columns = [*(_Coded(name, True) for name in counted), *(_Coded(name, False) for name in dated)]
    ways = [and_(true(), *query.clauses())]
    for choice in map(query.fields.__getitem__, choices):
        ways.append(and_(*query.clauses(but=choice), left_out(choice)))
    whens: list[Any] = [(way, literal_column(str(number))) for number, way in enumerate(ways)]
    standing = case(*whens, else_=literal_column(str(len(ways))))
    asked = select(standing, *counted.values(), *dated.values()).order_by(query.table.place)
    found = Statement.of(asked)
    for i, reader in found.readers:  # of a bool or date as SQLite has it, which is read once
        columns[i - 1].reader = reader
    rows = connection.exec_driver_sql(found.sql, tuple(found.fixed[n] for n in found.names)).cursor
    assert rows
    standings = array("B")
    while some := rows.fetchmany(AT_ONCE):
        own, *others = zip(*some, strict=True)
        standings.extend(own)
        for values, one in zip(others, columns, strict=True):
            if len(one.known) <= MOST_CODES:
                one.numbers.extend(map(one.known.__getitem__, values))
    return [one for one in columns if len(one.known) <= MOST_CODES], standings


def _parts(
    query: ListQuery, coded: Sequence[_Coded], standings: "array[int]", choices: Sequence[str]
) -> Iterator[Row]:
    """The same of the rows with one value of a field, where they are many.

    They tell what two conditions leave, and a facet beside one.
    """
    few = [one for one in coded if len(one.known) <= MOST_COUNTED]
    parts: dict[str, dict[int, str]] = {}
    for of in (one for one in few if one.is_counted):
        rows = Counter(zip(of.of_rows, standings, strict=True))
        named = [(n, v) for n, v in enumerate(of.values()) if v is not None and rows[n, 0] > MANY]
        parts[of.name] = {number: among(of.name, value) for number, value in named}
        for number, part in parts[of.name].items():
            total, *others = (rows[number, one] for one in range(len(choices) + 1))
            left_out = dict(zip(choices, others, strict=True))
            yield _tally(query, "", {"total": total, "left_out": left_out}, part)
    for one, other, pairs in _pairs(few, standings):
        turned = {(value, number, state): rows for (number, value, state), rows in pairs.items()}
        for of, by, found in ((one, other, pairs), (other, one, turned)):
            for number, counts in _counts(found, by, len(choices)):
                if part := parts.get(of.name, {}).get(number, ""):
                    kind = "most" if by.is_counted else "spans"
                    told = {kind: counts, "values": len(counts)}
                    yield _tally(query, by.name, told, part)


def _pairs(
    few: Sequence[_Coded], standings: "array[int]"
) -> Iterator[tuple[_Coded, _Coded, Counter[tuple[int, int, int]]]]:
    """For each two columns, how many rows have each two of their values, and a standing.

    Columns of the fewest values are taken as one, since all rows are gone through for each two.
    """
    small = [one for one in few if len(one.known) <= _SMALL]
    large = [one for one in few if len(one.known) > _SMALL]
    known: defaultdict[tuple[int, ...], int] = defaultdict(count().__next__)
    rows_of = zip(standings, *(one.of_rows for one in small), strict=True)
    joint = array("I", map(known.__getitem__, rows_of))
    joined, alone = [*known], Counter(joint)
    for (i, one), (j, other) in combinations(enumerate(small, 1), 2):
        pairs = Counter[tuple[int, int, int]]()
        for number, values in enumerate(joined):
            pairs[values[i], values[j], values[0]] += alone[number]
        yield one, other, pairs
    for one in large:
        found = Counter(zip(one.of_rows, joint, strict=True))
        for j, other in enumerate(small, 1):
            pairs = Counter[tuple[int, int, int]]()
            for (own, number), rows in found.items():
                pairs[own, joined[number][j], joined[number][0]] += rows
            yield one, other, pairs
    for one, other in combinations(large, 2):
        yield one, other, Counter(zip(one.of_rows, other.of_rows, standings, strict=True))


def _counts(
    found: Mapping[tuple[int, int, int], int], by: _Coded, choices: int
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """The values of a column with their counts, for each number of a value of another."""
    values = by.values()
    counts: dict[int, dict[int, list[int]]] = {}
    for (number, value, standing), rows in found.items():
        if standing <= choices:
            own = counts.setdefault(number, {}).setdefault(value, [0] * (choices + 1))
            own[standing] = rows
    for number, of in counts.items():
        yield number, [(values[n], *some) for n, some in of.items() if some[0] or not by.is_counted]
