"""Readers of every form that rows are written in, for tests to hold them against JSON."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from app.query.formats import Column

Row = dict[str, Any]
Columns = Sequence[Column]
GUARDED = [*"=+-@\t\r\n＝＋－＠"]


def read_ndjson(content: bytes, _columns: Columns) -> list[Row]:
    return [json.loads(line) for line in content.splitlines()]


def read_csv(content: bytes, columns: Columns) -> list[Row]:
    """The rows of a CSV, by a reader that knows the types and undoes the guard."""
    names = [column.name for column in columns]
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    assert header == names
    return [dict(zip(names, map(_typed, columns, row), strict=True)) for row in rows]


def _typed(column: Column, text: str) -> Any:
    if text == "":
        return None
    if column.type is str:
        return text[1:] if text[:1] == "'" and text[1:2] in GUARDED else text
    return json.loads(text)


def read_xlsx(content: bytes, columns: Columns) -> list[Row]:
    names = [column.name for column in columns]
    openpyxl = pytest.importorskip("openpyxl")
    header, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert list(header) == names
    plain = pytest.importorskip("openpyxl.utils.escape").unescape  # of `_x000D_`, by OOXML
    return [
        {n: plain(v) if isinstance(v, str) else v for n, v in zip(names, row, strict=True)}
        for row in rows
    ]


def read_parquet(content: bytes, columns: Columns) -> list[Row]:
    names = [column.name for column in columns]
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(content))
    assert table.column_names == names
    found: list[Row] = table.to_pylist()
    return found


READERS = {"ndjson": read_ndjson, "csv": read_csv, "xlsx": read_xlsx, "parquet": read_parquet}
