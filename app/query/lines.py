"""Lines of long lists as their files have them, made ahead, so that a file of them is copied.

To make a line takes twenty times as long as to copy it. They stand in files of their own beside the
releases, some hundred bytes a row, packed a thousand at a time in the order of the list; without
them, files are made of the bodies, and are the same.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.sql.elements import True_

from app.database import Release, ReleaseMissing, Releases, writable
from app.query.formats import Table, columns_of, lined_csv, lined_json
from app.query.pages import read_bodies
from app.query.parameters import ListQuery
from app.query.plans import Plan
from app.query.spool import build

LONG = 20_000
"""Rows of a list for which it is worth while."""
AT_ONCE = 1000
_PIECE = 256 * 1024
"""Bytes that are unpacked at a time, so that who makes a file holds up nobody for long."""
_UNPACKED = 32
"""Rows that are made of their bodies in the time in which so many lines are unpacked."""
_FORMS = {"ndjson": lined_json, "csv": lined_csv}
_TABLE = "CREATE TABLE lines (resource, form, number INTEGER, ends BLOB, packed BLOB,"
_READ = "SELECT ends, packed FROM lines WHERE resource = ? AND form = ? AND number = ?"
Progress = Callable[[Iterable[Any], str, str, int], Iterable[Any]]
"""Gives the items of a phase one by one, and notes that they are taken."""


def long_lists(release: Release) -> list[type[ListQuery]]:
    """Those whose rows are many and say their places."""
    with release.connect() as connection:
        there = inspect(connection).get_table_names()
    asked = [one for one in ListQuery.__subclasses__() if one.table.__tablename__ in there]
    return [one for one in asked if _rows(release, one) >= LONG]


def are_lacking(release: Release) -> bool:
    """Whether there are long lists, and not their lines."""
    return bool(long_lists(release)) and not _files(release).path(_name(release)).is_file()


def make_lines(releases: Releases, progress: Progress) -> list[str]:
    """Make those of the current release where they are not there yet; returns its long lists."""
    release = releases.current()
    if are_lacking(release):
        files = _files(release)
        with files.lock():
            files.publish(_name(release), lambda path: _write(release, path, progress))
    return [one.rows for one in long_lists(release)]


def _rows(release: Release, asked: type[ListQuery]) -> int:
    """How many rows a list has, if they say their places."""
    if not hasattr(asked.table, "place"):
        return 0
    with release.connect() as connection:
        return connection.execute(select(func.max(asked.table.place))).scalar() or 0


def _files(release: Release) -> Releases:
    return Releases(release.path.parent / "lines")


def _name(release: Release) -> str:
    """Another program might make other lines."""
    return f"{release.name}-{build()}"


def _write(release: Release, path: Path, progress: Progress) -> None:
    with writable(path) as connection:
        connection.exec_driver_sql(f"{_TABLE} PRIMARY KEY (resource, form, number))")
        for asked in long_lists(release):
            ids = select(asked.table.id).order_by(asked.table.place).limit(-1)
            bodies = read_bodies(release, asked.rows, ids, AT_ONCE)
            table = Table(asked.rows, columns_of(asked.row), bodies, lambda _: {})
            made = table.lines(*(lined(table.names) for lined in _FORMS.values()))
            total = -(-_rows(release, asked) // AT_ONCE)
            for number, forms in enumerate(progress(made, f"lines of {asked.rows}", "k", total)):
                for form, lines in zip(_FORMS, forms, strict=True):
                    ends = array("I", accumulate(map(len, lines))).tobytes()
                    packed = zlib.compress(b"".join(lines), 1)
                    row = (asked.rows, form, number, ends, packed)
                    connection.exec_driver_sql("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", row)


def ready_lines(query: ListQuery, form: str) -> Iterator[bytes] | None:
    """The lines of all rows that are asked for, if they are there and that is the faster way."""
    if form not in _FORMS or not Plan.of(query).placed:
        return None
    count = _rows(query.release, type(query))
    try:
        made = _files(query.release).open(_name(query.release))
    except ReleaseMissing:
        return None
    places: Sequence[int] = range(1, count + 1)[: query.limit]
    if certain := [clause for clause in query.clauses() if not isinstance(clause, True_)]:
        asked = select(query.table.place).where(*certain).order_by(query.table.place)
        with query.release.connect() as connection:
            streaming = connection.execution_options(yield_per=AT_ONCE)
            places = array("I", streaming.execute(asked.limit(query.limit)).scalars())
    dense = len(places) >= _UNPACKED * sum(1 for _ in _packs(places))
    return _unpacked(made, query.rows, form, places) if dense and count >= LONG else None


def _packs(places: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Each pack that has some of these places, and which: from one of them until another."""
    start = 0
    while start < len(places):
        number = (places[start] - 1) // AT_ONCE
        end = bisect_left(places, (number + 1) * AT_ONCE + 1, start)
        yield number, start, end
        start = end


def _unpacked(made: Release, resource: str, form: str, places: Sequence[int]) -> Iterator[bytes]:
    try:
        for number, start, end in _packs(places):
            ((packed_ends, packed),) = made.fetch(_READ, (resource, form, number))
            ends = array("I", packed_ends)
            if end - start == len(ends):
                yield from _pieces(packed)
            else:
                own, first = places[start:end], number * AT_ONCE + 1
                others = sorted({*range(first, first + len(ends))}.difference(own))
                begins = array("I", [0]) + ends
                cut = [edge for i in others for edge in (begins[i - first], ends[i - first])]
                kept = zip([0, *cut[1::2]], [*cut[::2], ends[-1]], strict=True)
                lines = zlib.decompress(packed, bufsize=ends[-1])
                yield b"".join([lines[begin:end] for begin, end in kept])
    finally:
        made.close()


def _pieces(packed: bytes) -> Iterator[bytes]:
    unpacking = zlib.decompressobj()
    while packed:
        yield unpacking.decompress(packed, _PIECE)
        packed = unpacking.unconsumed_tail
    yield unpacking.flush()
