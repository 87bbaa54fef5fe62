"""What SQLite does for a question: the plan of each SELECT, and the big tables that are scanned.

The application runs in this process; whatever it sends to SQLite is noted, by whatever way it does.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from benchmarks.speed_tables import reading

_SCAN = re.compile(
    r"SCAN (statistic|body|citation|searchrow|searchpassage)\b(?!.* by_\w+_left_out_by_)"
    r"|SEARCH body .*\(resource=\?\)$"
)
"""All of a big table, or every body of a resource; not the few rows that a choice leaves out."""


def plans(data: Path, file: Path, targets: Iterable[str]) -> Iterator[dict[str, Any]]:
    """For each address the plans of its statements, and which big tables they go through."""
    seen: list[str] = []
    connect = sqlite3.connect

    def noting(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)
        connection.set_trace_callback(seen.append)
        return connection

    explaining = reading(file)
    with (
        patch("sqlite3.connect", noting),
        TestClient(create_app(Settings(data_dir=data))) as client,
    ):
        for target in targets:
            seen.clear()
            status = client.get(target).status_code
            found = [
                [row[3] for row in explaining.execute(f"EXPLAIN QUERY PLAN {statement}")]
                for statement in dict.fromkeys(seen)
                if statement.lstrip().startswith(("SELECT", "WITH"))
            ]
            scans = sorted({line for plan in found for line in plan if _SCAN.match(line)})
            yield {"target": target, "status": status, "plans": found, "scans": scans}
    explaining.close()
