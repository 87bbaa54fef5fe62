"""What is worked out when all rows of a release are there: places, intervals, indexes and counts.

The indexes follow from what each list can be asked. A field begins one that goes on as the list
does: with what a choice is made by, then the list's order. So the rows of one value stand in it
ready to be paged, and are counted without being looked at. A field of numbers or dates has two
more, in which the list is sorted by it, up and down.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, inspect, select, text
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import col

from app.database import Release, writable
from app.query.facets import MOST_COUNTED, count_values
from app.query.fields import Choice, Dated, OneOf, Ordered, Values
from app.query.pages import COUNTED, left_out, left_out_index, order_index, read_page
from app.query.parameters import Condition, ListQuery, Row
from app.query.prepared import Statement
from app.query.tallied import SPREAD
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
    decided = [columns for field in fields for columns in field.decided_by()]
    asked = [some for some in decided if all(isinstance(c, InstrumentedAttribute) for c in some)]
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
    counted = [("total", "exact"), ("limit", 0)]
    asked = [Condition(query.parameters[name], (value,)) for name, value in counted]
    page = read_page(type(query)(query.path, query.release, asked), None)
    codes = dict(_codes(connection, query)) if hasattr(query.table, "place") else {}
    yield _tally(query, "", {"total": page.total, "left_out": page.left_out})
    for name, values in query.counted.items():
        found = count_values(query, query.fields[name], {})
        most = _with_others(connection, query, values, found[:MOST_COUNTED], page.left_out)
        yield _tally(query, name, {"most": most, "values": len(found)}) | codes.get(name, {})
    if not hasattr(query.table, "place") or page.total <= COUNTED:
        return
    for name, field in query.fields.items():
        if isinstance(field, Ordered):
            rows = select(field.column).where(field.column.is_not(None)).order_by(field.column)
            numbers = connection.execute(rows).scalars()
            yield _tally(query, name, {"spread": [*islice(numbers, 0, None, page.total // SPREAD)]})
        elif isinstance(field, Dated) and field.span is not None:
            own = select(field.span, func.count()).where(*query.clauses()).group_by(field.span)
            there = {span: count for span, count in connection.execute(own)}
            every = connection.execute(select(col(Days.id)).where(field.intervals)).scalars()
            spans = [(span, there.get(span, 0)) for span in every]  # some only rows left out have
            counts = _with_others(connection, query, Values(field.span), spans, page.left_out)
            yield _tally(query, name, {"spans": counts})


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


def _tally(query: ListQuery, field: str, counts: Row) -> Row:
    shown = json.dumps(counts, ensure_ascii=False, separators=(",", ":"))
    return {"resource": query.rows, "field": field, "counts": shown, "values": None, "codes": None}


def _codes(connection: Connection, query: ListQuery) -> Iterator[tuple[str, Row]]:
    """The values of fields, numbered, and the numbers of the rows in the order of the list."""
    counted = {n: v.column for n, v in query.counted.items() if v.pairs is None}
    found = Statement.of(select(*counted.values()).order_by(query.table.place))
    # A new value has the next number; of a bool or date as SQLite has it, which is read once.
    known = [defaultdict[Any, int](count().__next__) for _ in counted]
    numbers = [array("I", [0]) for _ in counted]
    rows = connection.exec_driver_sql(found.sql, tuple(found.fixed[n] for n in found.names)).cursor
    assert rows
    while some := rows.fetchmany(AT_ONCE):
        for values, own, column in zip(zip(*some, strict=True), known, numbers, strict=True):
            if len(own) <= MOST_CODES:
                column.extend(map(own.__getitem__, values))
    readers = dict(found.readers)
    for i, (name, own, column) in enumerate(zip(counted, known, numbers, strict=True)):
        if len(own) <= MOST_CODES:
            told = [*map(readers[i], own)] if i in readers else [*own]
            codes = array("H", column).tobytes()
            yield name, {"values": json.dumps(told, ensure_ascii=False), "codes": codes}
