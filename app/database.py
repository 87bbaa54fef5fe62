"""Releases on disk and the engine that reads them: the one place that knows SQLite.

A release is one immutable file, `releases/<name>.sqlite`; the file `releases/current` holds the
name of the one that is served and is replaced atomically. Whoever reads, reads the pointer first,
so every worker agrees at once and nothing is ever changed in place.
"""

import os
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

KEPT = 3
_STATEMENTS = 512
"""Statements that a connection keeps ready."""
_LOOK = 0.001
"""Seconds for which the pointer to the current release is taken to stay as it is."""
_STEPS = 10_000
"""Of SQLite's virtual machine between two looks at the clock: some 0.1 ms."""
_MAPPED = 2**31 - 65_536
"""Bytes of a file that are read in place, in memory that all share: the most that SQLite maps."""
T = TypeVar("T")
PATIENCE = ContextVar("PATIENCE", default=inf)
"""Seconds that a SELECT may run where nothing else can go on meanwhile."""
WRITTEN = (
    *("page_size = 8192", "journal_mode = OFF", "synchronous = OFF"),
    *("cache_size = -64000", "secure_delete = OFF", f"mmap_size = {_MAPPED}"),
)
"""Pages are changed in so much memory; none is kept as it was before, nor wiped when given up."""
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,80}")
_LOOKED_THROUGH = 2**26
"""Bytes of a release of which each row is looked for in each index."""


class ReleaseMissing(LookupError):
    """No release is loaded, or the one asked for is no longer kept."""


class QueryTooSlow(TimeoutError):
    """A query was stopped, since it ran longer than is allowed."""


@dataclass(frozen=True)
class Release:
    """One immutable release, open for reading."""

    name: str
    engine: Engine
    built_at: float
    path: Path
    seconds: float | None = None
    _memo: dict[Any, Any] = field(default_factory=dict, repr=False)
    _idle: list[sqlite3.Connection] = field(default_factory=list, repr=False)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A read-only connection, returned to the pool at the end."""
        with self.engine.connect() as connection:
            yield connection

    def fetch(
        self,
        sql: str,
        values: Sequence[Any] | Mapping[str, Any],
        gather: Callable[[sqlite3.Cursor], Any] = sqlite3.Cursor.fetchall,
    ) -> Any:
        """All rows of a finished SELECT, past the engine, whose care costs more than SQLite's work.

        As `gather` has them of the cursor. Raises `QueryTooSlow` as the engine does.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _connect(self.path)
        try:
            if self.seconds:
                _watch(connection, self.seconds)
            return gather(connection.execute(sql, values))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise _too_slow(self.seconds) from None
            raise
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Give back what it holds open."""
        self.engine.dispose()
        while self._idle:
            self._idle.pop().close()

    def memo(self, key: object, make: Callable[[Connection], T]) -> T:
        """What is fixed for a release is read from it once."""
        if key not in self._memo:
            with self.connect() as connection:
                self._memo[key] = make(connection)
        return cast(T, self._memo[key])


class Releases:
    """The folder of releases: opens them for reading and puts new ones in place.

    A SELECT that runs longer than `seconds` is stopped.
    """

    def __init__(self, folder: Path, seconds: float | None = None) -> None:
        self.folder = folder
        self.seconds = seconds
        self._folder, self._pointer = str(folder), os.path.join(folder, "current")
        self._named: tuple[object, str | None] = (None, None)
        self._edition: object = None
        self._looked = -inf
        self._open: OrderedDict[str, Release] = OrderedDict()
        self._guard = threading.Lock()

    def path(self, name: str) -> Path:
        """The file of the release `name`."""
        return self.folder / f"{name}.sqlite"

    def current_name(self) -> str | None:
        """The name in the pointer, or None when nothing was loaded yet."""
        edition = self.edition()
        if edition is None:
            return None
        if edition != self._named[0]:
            try:
                name = Path(self._pointer).read_text(encoding="ascii").strip() or None
            except FileNotFoundError:
                return None
            self._named = edition, name  # of a pointer that moved meanwhile, read again next time
        return self._named[1]

    def edition(self) -> object:
        """What is another whenever another release is current, or others are kept."""
        if (now := monotonic()) - self._looked > _LOOK:
            try:
                pointer, folder = os.stat(self._pointer), os.stat(self._folder)
                self._edition = pointer.st_ino, pointer.st_mtime_ns, folder.st_mtime_ns
            except FileNotFoundError:
                self._edition = None
            self._looked = now
        return self._edition

    def kept(self) -> list[str]:
        """The names of the releases that are kept, the newest first."""
        built = {}
        for file in self.folder.glob("*.sqlite"):
            with suppress(FileNotFoundError):  # pruned by a loader just now
                built[file.stem] = file.stat().st_mtime_ns
        return sorted(filter(_NAME.fullmatch, built), key=lambda n: (built[n], n), reverse=True)

    def current(self) -> Release:
        """The release that is served now; raises `ReleaseMissing` when there is none."""
        name = self.current_name()
        if name is None:
            raise ReleaseMissing("no release is loaded")
        with self._guard:
            if name in self._open:
                self._open.move_to_end(name)
                return self._open[name]
        return self.open(name)

    def open(self, name: str) -> Release:
        """The kept release `name`; raises `ReleaseMissing` when there is no such file."""
        with self._guard:
            if not _NAME.fullmatch(name) or not os.path.isfile(f"{self._folder}/{name}.sqlite"):
                raise ReleaseMissing(f"the release {name!r} is not kept")
            if name in self._open:
                self._open.move_to_end(name)
                return self._open[name]
            path = self.path(name)
            engine = _read_only(path)
            if self.seconds:
                _limit(engine, self.seconds)
            release = Release(name, engine, path.stat().st_mtime, path, self.seconds)
            self._open[name] = release
            if len(self._open) > KEPT:
                self._open.popitem(last=False)[1].close()
            return release

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One loader at a time; what a killed one left unfinished goes first."""
        from filelock import FileLock  # not needed to serve

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock"):
            for leftover in self.folder.glob(".*.draft*"):
                leftover.unlink()
            yield

    def publish(self, name: str, build: Callable[[Path], None]) -> None:
        """Build the release `name` beside the others, then point to it.

        `build` fills the file whose path it is given. If it raises, nothing has changed. The
        caller holds `lock`.
        """
        draft = self.folder / f".{name}.{os.getpid()}.draft"
        pointer = self.folder / ".current.draft"
        try:
            build(draft)
            _sync(draft)
            pointer.write_text(name + "\n", encoding="ascii")
            _sync(pointer)  # all that takes room is written: now both get their names
            os.replace(draft, self.path(name))
            os.replace(pointer, self._pointer)
        except (DBAPIError, OSError) as error:  # a full disk, above all
            why = getattr(error, "orig", error)
            message = f"the release could not be written ({why}); nothing was changed"
            raise OSError(message) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
                pointer.unlink(missing_ok=True)
        _sync(self.folder)
        self._prune(keep=name)
        sleep(2 * _LOOK)  # who is told of the release finds that everybody sees it

    def _prune(self, keep: str) -> None:
        """Remove all but the newest `KEPT` releases; `keep` is never removed."""
        for name in [name for name in self.kept() if name != keep][KEPT - 1 :]:
            self.path(name).unlink()


@contextmanager
def writable(path: Path) -> Iterator[Connection]:
    """A connection to a new release file; commits at the end. After an error the file is of no use.

    The file becomes a release only once all of it is on the disk, so no step waits for that.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with engine.begin() as connection:
            for pragma in WRITTEN:
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            yield connection
    finally:
        engine.dispose()


def write_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of values, some thousands at a time: thrice as fast as rows of dicts."""
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    left = iter(rows)
    while some := list(islice(left, 10_000)):
        connection.exec_driver_sql(statement, some)


def finish(path: Path) -> None:
    """Gather the statistics the planner needs and prove that the file is whole.

    Of a large one not that each row stands in each index, which takes ten times as long as all
    else: what SQLite writes in one go it writes right, and a fault of the disk would not wait for
    the load.
    """
    look = "integrity_check" if path.stat().st_size <= _LOOKED_THROUGH else "quick_check"
    with writable(path) as connection:
        connection.execute(text("ANALYZE"))
    with writable(path) as connection:
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        verdict = connection.execute(text(f"PRAGMA {look}")).scalar()
        if broken or verdict != "ok":
            raise sqlite3.IntegrityError(f"the new release is damaged: {broken or verdict}")


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that opens `path` immutable: no locks, no journal, no way to write."""
    # mode=ro&immutable=1: https://www.sqlite.org/uri.html
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(
        address, uri=True, check_same_thread=False, cached_statements=_STATEMENTS
    )
    connection.execute("PRAGMA query_only = 1")
    connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
    return connection


def _read_only(path: Path) -> Engine:
    """An engine of such connections; the pool is as wide as the thread pool."""
    return create_engine(
        "sqlite://",
        creator=lambda: _connect(path),
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=56,
    )


def _watch(connection: sqlite3.Connection, seconds: float) -> None:
    """Stop what runs on a connection after so many seconds, or sooner where patience is short."""
    end = monotonic() + min(seconds, PATIENCE.get())
    connection.set_progress_handler(lambda: monotonic() > end, _STEPS)


def _too_slow(seconds: float | None) -> QueryTooSlow:
    return QueryTooSlow(f"The query ran longer than {seconds:g} seconds")


def _limit(engine: Engine, seconds: float) -> None:
    """Stop every query that runs longer; its connection is as good as before.

    What is streamed is timed only until its first row: after that the reader sets the pace.
    """

    def raw(connection: Connection) -> sqlite3.Connection:
        return cast(sqlite3.Connection, connection.connection.dbapi_connection)

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Connection, *_rest: object) -> None:
        _watch(raw(connection), seconds)

    @event.listens_for(engine, "after_cursor_execute")
    def go_on(connection: Connection, _c: object, _s: object, _p: object, *rest: Any) -> None:
        if "yield_per" in rest[0].execution_options:
            raw(connection).set_progress_handler(None, _STEPS)

    @event.listens_for(engine, "handle_error")
    def stopped(context: ExceptionContext) -> None:
        code = getattr(context.original_exception, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_INTERRUPT:
            raise _too_slow(seconds)


def _sync(path: Path) -> None:
    """Have the operating system write `path` to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
