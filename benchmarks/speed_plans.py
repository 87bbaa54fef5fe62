"""What SQLite does for a question: the plan of each SELECT, and how many steps it takes.

The application runs in this process; whatever it sends to SQLite is noted, by whatever way it does,
and explained as it was sent, with the values apart.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from benchmarks.speed_tables import reading

_TABLES = ("statistic", "citation")
_EVERY = 100
"""Steps of SQLite's virtual machine between two that are counted: for a row it takes some ten."""


@dataclass
class _Sent:
    """A statement as it was sent, and the steps that it took."""

    sql: str
    values: Any
    steps: int = 0


def plans(data: Path, file: Path, targets: Iterable[str]) -> Iterator[dict[str, Any]]:
    """For each address the plans of its statements, their steps, and which go through a big table.

    That are those that take more steps than one of the tables that grow has rows.
    """
    seen: list[_Sent] = []
    explaining = reading(file)
    counts = (explaining.execute(f"SELECT count(*) FROM {table}") for table in _TABLES)
    rows = min(count for ((count,),) in counts)
    with (
        patch("sqlite3.connect", _noting(seen)),
        TestClient(create_app(Settings(data_dir=data))) as client,
    ):
        for target in targets:
            seen.clear()
            status = client.get(target).status_code
            found = [
                {"plan": _explained(explaining, one), "steps": one.steps}
                for one in seen
                if one.sql.lstrip().startswith(("SELECT", "WITH"))
            ]
            scans = [one for one in found if one["steps"] > rows]
            yield {"target": target, "status": status, "plans": found, "scans": len(scans)}
    explaining.close()


def _explained(connection: sqlite3.Connection, sent: _Sent) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sent.sql}", sent.values)]


def _noting(seen: list[_Sent]) -> Callable[..., sqlite3.Connection]:
    """What connects as SQLite does, and notes what is sent and the steps it takes."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, values: Any = (), /) -> Any:
            seen.append(_Sent(sql, values))
            return super().execute(sql, values)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, values: Any = (), /) -> Any:
            return Cursor(self).execute(sql, values)

        def set_progress_handler(self, *_: Any) -> None:
            """Ours counts instead of looking at the clock."""

    def step() -> None:
        if seen:
            seen[-1].steps += _EVERY

    connect = sqlite3.connect

    def connected(*given: Any, **named: Any) -> sqlite3.Connection:
        connection = connect(*given, **named, factory=Connection)
        sqlite3.Connection.set_progress_handler(connection, step, _EVERY)
        return connection

    return connected
