"""Tables of a release as parquet files, for a peer that reads no SQLite as well as those."""

import sqlite3
from pathlib import Path

from benchmarks.speed_servers import NotMeasured

TABLES = ("statistic", "relation", "industrypath", "citation", "searchrow", "searchpassage")
AT_ONCE = 50_000


def reading(file: Path) -> sqlite3.Connection:
    """A connection that reads a release."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def export(file: Path, folder: Path) -> None:
    """Write the tables that the questions speak of."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise NotMeasured("pyarrow is not installed (pip install -e '.[parquet]')") from None
    types = {
        "VARCHAR": pa.string(),
        "INTEGER": pa.int64(),
        "FLOAT": pa.float64(),
        "BOOLEAN": pa.bool_(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    connection = reading(file)
    for table in TABLES:
        info = connection.execute(f"PRAGMA table_info({table})").fetchall()
        schema = pa.schema([(row[1], types[row[2]]) for row in info])
        own = ", ".join(f'"{name}"' for name in schema.names)  # not those that SQLite makes
        found = connection.execute(f"SELECT {own} FROM {table}")
        with pq.ParquetWriter(folder / f"{table}.parquet", schema) as writer:
            while rows := found.fetchmany(AT_ONCE):
                columns = [
                    pa.array(map(bool, one) if kind.type == pa.bool_() else one, kind.type)
                    for one, kind in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                writer.write_table(pa.table(columns, schema=schema))
    connection.close()
