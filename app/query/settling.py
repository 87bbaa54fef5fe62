"""What is worked out when all rows of a release are there: places, intervals, indexes and counts.

The indexes follow from what each list can be asked. A field begins one that goes on as the list
does: with what a choice is made by, then the list's order. So the rows of one value stand in it
ready to be paged, and are counted without being looked at. A field of numbers or dates has two
more, in which the list is sorted by it, up and down.
"""

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from itertools import combinations, count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, inspect, select, text
from sqlmodel import col

from app.database import Release, writable
from app.query.facets import MOST_COUNTED, count_values
from app.query.fields import Choice, Dated, OneOf, Ordered, Values
from app.query.pages import read_page
from app.query.parameters import Condition, ListQuery, Row
from app.query.plans import COUNTED, left_out, left_out_index, order_index
from app.query.prepared import Statement
from app.query.tallied import MANY, SPREAD, among
from app.tables import Span as Days
from app.tables import Tally

AT_ONCE = 50_000
_DAYS = '"of", "start", "end"'
MOST_CODES = 2**16
"""Values of a field that are numbered; of more, rows are counted by the values themselves."""


def settle(path: Path) -> None:
    """Work it all out for the release in the file `path`, whose rows are written."""
    with writable(path) as connection:
        release = Release(path.stem, connection.engine, 0, path)
        there = inspect(connection).get_table_names()
        asked = [one for one in ListQuery.__subclasses__() if one.table.__tablename__ in there]
        lists = [query("", release, ()) for query in asked]
        connection.execute(delete(Tally))  # where it is done again, since rows were added
        for query in lists:
            _number(connection, query)
        for statement in dict.fromkeys(one for query in lists for one in indexes(query)):
            connection.execute(text(statement))
    with writable(path) as connection:
        release = Release(path.stem, connection.engine, 0, path)
        tallies = [one for query in asked for one in _tallies(connection, query("", release, ()))]
        connection.execute(insert(Tally), tallies)
    release.close()


def _number(connection: Connection, query: ListQuery) -> None:
    """Give each row its place in the list's order, and each of its dates the number of the days."""
    table, made, source = query.table.__tablename__, [], ""
    for field in query.fields.values():
        if isinstance(field, Dated) and field.span is not None:
            date, start, end = (one.key for one in (field.column, field.start, field.end))
            own = f"'{field.column_name}'"
            new = f"SELECT DISTINCT {own}, {start}, {end} FROM {table} WHERE {date} IS NOT NULL"
            known = f"SELECT {_DAYS} FROM span"
            connection.execute(text(f"INSERT INTO span ({_DAYS}) {new} EXCEPT {known}"))
            same = f'"of" = {own} AND "start" IS {start} AND "end" IS {end}'
            days = f"SELECT id FROM span WHERE {same}"
            made.append(f"{field.span.key} = CASE WHEN {date} IS NOT NULL THEN ({days}) END")
    if hasattr(query.table, "place"):
        order = ", ".join(f"{_sorted(*one)} NULLS LAST" for one in query.sort)
        new = "CREATE TEMP TABLE placed (place INTEGER PRIMARY KEY, old INTEGER)"
        connection.execute(text(new))
        rows = f"SELECT rowid FROM {table} ORDER BY {order}"
        connection.execute(text(f"INSERT INTO placed (old) {rows}"))
        made.append("place = placed.place")
        source = f" FROM placed WHERE placed.old = {table}.rowid"
    if made:
        connection.execute(text(f"UPDATE {table} SET {', '.join(made)}{source}"))
    connection.execute(text("DROP TABLE IF EXISTS placed"))


def _sorted(column: Any, descends: bool = False) -> str:
    return f'"{column.key}" DESC' if descends else f'"{column.key}"'


def indexes(query: ListQuery) -> Iterator[str]:
    """The statements that create what a list's conditions and orders are decided by."""
    table, fields = query.table, query.fields.values()
    asked = [columns for field in fields for columns in field.decided_by()]
    if hasattr(table, "place"):
        yield _index([table.place])
        own = [column for columns in asked for column in columns if column.class_ is table]
        for choice in (field for field in fields if isinstance(field, Choice)):
            clause = left_out(choice).compile(
                query.release.engine, compile_kwargs={"literal_binds": True}
            )
            where = str(clause).replace(f"{table.__tablename__}.", "")
            columns = [table.place, *_choices(query), *own, *_numbers(query)]
            every = _index(columns, name=left_out_index(choice))
            yield f"{every} WHERE {where}"
    lists = {one.table: one("", query.release, ()) for one in ListQuery.__subclasses__()}
    for first, *more in asked:
        if first is not table.id:
            of = lists.get(first.class_)
            then = [*_following(of), *_numbers(of)] if of else []
            yield _index([first, *more, *then])
    for field in fields:
        if field.ranges:
            by = field.sort_column
            order = [by, table.id, *_choices(query)]
            yield _index([*order, *_following(query)], name=order_index(by, False))
            yield _index(order, name=order_index(by, True), descends=True)


def _choices(query: ListQuery) -> list[Any]:
    """What choices among its rows are made by."""
    return [field.by for field in query.fields.values() if isinstance(field, Choice)]


def _following(query: ListQuery) -> list[Any]:
    """The same, then its order."""
    place = [query.table.place] if hasattr(query.table, "place") else [by for by, _ in query.sort]
    return [*_choices(query), *place]


def _numbers(query: ListQuery) -> list[Any]:
    """The numbers of a list that grows: with them in the index no row need be looked at."""
    ranges = [field for field in query.fields.values() if field.ranges]
    spans = [field.span for field in ranges if isinstance(field, Dated)]
    values = [field.column for field in ranges if isinstance(field, OneOf)]
    asked = [column for column in (*spans, *values) if column is not None]
    return asked if hasattr(query.table, "place") else []


def _index(columns: Sequence[Any], descends: bool = False, name: str = "") -> str:
    """Each column once; the first descends if it shall."""
    table, names = columns[0].class_.__tablename__, [*dict.fromkeys(one.key for one in columns)]
    first = _sorted(columns[0], descends)
    rest = [f'"{one}"' for one in names[1:]]
    name = name or "_".join(["by", table, *names])
    return f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({', '.join([first, *rest])})"


def _tallies(connection: Connection, query: ListQuery) -> Iterator[Row]:
    """What is counted of a whole list; where it grows, also the values of its rows."""
    asked = [("total", "exact"), ("limit", 0)]
    conditions = [Condition(query.parameters[name], (value,)) for name, value in asked]
    page = read_page(type(query)(query.path, query.release, conditions), None)
    coded = list(_coded(connection, query)) if hasattr(query.table, "place") else []
    codes = {one.name: one.told() for one in coded if one.is_counted}
    yield _tally(query, "", {"total": page.total, "left_out": page.left_out})
    for name, values in query.counted.items():
        found = count_values(query, query.fields[name], {})
        most = _with_others(connection, query, values, found[:MOST_COUNTED], page.left_out)
        yield _tally(query, name, {"most": most, "values": len(found)}) | codes.get(name, {})
    if not hasattr(query.table, "place") or page.total <= COUNTED:
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
    yield from _parts(connection, query, coded, [*page.left_out])


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
    known: defaultdict[Any, int] = made_by(default_factory=lambda: defaultdict(count().__next__))
    """The numbers of values as SQLite has them."""
    numbers: "array[int]" = made_by(default_factory=lambda: array("I", [0]))
    reader: Callable[[Any], Any] | None = None

    def values(self) -> list[Any]:
        """The values, by their numbers."""
        return [*map(self.reader, self.known)] if self.reader else [*self.known]

    def told(self) -> Row:
        """As it is kept."""
        codes = array("H", self.numbers).tobytes()
        return {"values": json.dumps(self.values(), ensure_ascii=False), "codes": codes}


def _coded(connection: Connection, query: ListQuery) -> Iterator[_Coded]:
    """The columns that a row has one value in, but for those with too many values."""
    counted = {n: v.column for n, v in query.counted.items() if v.pairs is None}
    dated = {name: date.span for name, date in _numbered(query).items()}
    columns = [*(_Coded(name, True) for name in counted), *(_Coded(name, False) for name in dated)]
    found = Statement.of(select(*counted.values(), *dated.values()).order_by(query.table.place))
    for i, reader in found.readers:  # of a bool or date as SQLite has it, which is read once
        columns[i].reader = reader
    rows = connection.exec_driver_sql(found.sql, tuple(found.fixed[n] for n in found.names)).cursor
    assert rows
    while some := rows.fetchmany(AT_ONCE):
        for values, one in zip(zip(*some, strict=True), columns, strict=True):
            if len(one.known) <= MOST_CODES:
                one.numbers.extend(map(one.known.__getitem__, values))
    return (one for one in columns if len(one.known) <= MOST_CODES)


def _parts(
    connection: Connection, query: ListQuery, coded: Sequence[_Coded], choices: Sequence[str]
) -> Iterator[Row]:
    """The same of the rows with one value of a field, where they are many.

    They tell what two conditions leave, and a facet beside one.
    """
    standing = _standing(connection, query, choices)
    few = [one for one in coded if len(one.known) <= MOST_COUNTED]
    parts: dict[str, dict[int, str]] = {}
    for of in (one for one in few if one.is_counted):
        rows = Counter(zip(of.numbers, standing, strict=True))
        named = [(n, v) for n, v in enumerate(of.values()) if v is not None and rows[n, 0] > MANY]
        parts[of.name] = {number: among(of.name, value) for number, value in named}
        for number, part in parts[of.name].items():
            total, *others = (rows[number, one] for one in range(len(choices) + 1))
            left_out = dict(zip(choices, others, strict=True))
            yield _tally(query, "", {"total": total, "left_out": left_out}, part)
    for one, other in combinations(few, 2):
        pairs = Counter(zip(one.numbers, other.numbers, standing, strict=True))
        turned = {(value, number, state): rows for (number, value, state), rows in pairs.items()}
        for of, by, found in ((one, other, pairs), (other, one, turned)):
            for number, counts in _counts(found, by, len(choices)):
                if part := parts.get(of.name, {}).get(number, ""):
                    kind = "most" if by.is_counted else "spans"
                    told = {kind: counts, "values": len(counts)}
                    yield _tally(query, by.name, told, part)


def _standing(connection: Connection, query: ListQuery, choices: Sequence[str]) -> bytearray:
    """By the places of rows: 0 of those in the list, the number of the choice that leaves it out.

    One more where it is neither.
    """
    place = query.table.place
    own = [select(place).where(*query.clauses())]
    for choice in map(query.fields.__getitem__, choices):
        own.append(select(place).where(*query.clauses(but=choice), left_out(choice)))
    last = connection.execute(select(func.max(place))).scalar() or 0
    standing = bytearray([len(own)]) * (last + 1)
    for number, rows in enumerate(own):
        for one in connection.execute(rows).scalars():
            standing[one] = number
    return standing


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
