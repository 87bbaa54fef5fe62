"""What is worked out when all rows of a release are there: places, intervals, indexes and counts.

The indexes follow from what each list can be asked. A field begins one that goes on as the list
does: with what a choice is made by, then the list's order. So the rows of one value stand in it
ready to be paged, and are counted without being looked at. A field of numbers or dates has two
more, in which the list is sorted by it, up and down.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect, text

from app.database import Release, writable
from app.query.fields import Choice, Dated, OneOf
from app.query.parameters import ListQuery
from app.query.plans import left_out, left_out_index, order_index
from app.query.tallying import tally
from app.tables import Tally

_DAYS = '"of", "start", "end"'


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
        tallies = [one for query in asked for one in tally(connection, query("", release, ()))]
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
