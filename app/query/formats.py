"""Rows in other forms than the envelope: one flattening rule, and one writer for each form.

The columns of a resource follow from its read model, so they are the same in every form, for every
row and whatever a release holds.
"""

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated, Any, BinaryIO, cast

from msgspec import Meta, Raw
from pydantic import BaseModel

from app.query.charts import Bars, Lines, draw
from app.query.cutting import NULL, Cutter
from app.query.problems import Flaw, NotAcceptable

Row = dict[str, Any]
Cell = str | int | float | None
Cut = bytes | Raw
"""A value as JSON."""
PLACE = ("longitude", "latitude")
"""The fields that put a row on a map."""
_BY_FIELD = {"refs": "refs", "states": "state"}
"""What a row says of each of its fields, and the end of the column that says so."""
TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "array": str}
"""Of a value's JSON Schema, that of its column."""
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""How a text begins that a spreadsheet may take for a formula."""


@dataclass(frozen=True)
class Column:
    """One value of each row: where it stands in the row, and its type."""

    path: tuple[str, ...]
    type: type
    whole: bool = False
    """Whether it is shown as JSON, being a list without ids or what a request adds."""
    several: bool = False
    """Whether it is a list."""
    alias: str = ""
    """Its name, where that does not follow from its place."""

    @property
    def name(self) -> str:
        """`province_id` for an id in `province`, `x_refs` and `x_state` for what is said of `x`."""
        if self.alias:
            return self.alias
        *before, last = self.path
        if before and before[-1] in _BY_FIELD:
            before, last = before[:-1], f"{last}_{_BY_FIELD[before[-1]]}"
        return "_".join((*before, last))

    def of(self, row: Row) -> Cell:
        """Its value in a row: of a list, the members or their ids, joined; None for nothing."""
        value: Any = row
        for part in self.path:
            value = value.get(part) if value else None
        if self.whole and value:
            value = _json(value)
        elif isinstance(value, list):
            value = "|".join(m["id"] if isinstance(m, dict) else str(m) for m in value)
        return None if value in ("", [], {}) else value


@lru_cache(maxsize=256)
def columns_of(model: type[BaseModel], asked: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    """The columns of a read model, with `asked`, those of its fields that only some requests add.

    A field with keys of its own says which there can be by `propertyNames` in its schema.
    """
    schema = model.model_json_schema(mode="serialization")
    types: Row = schema.get("$defs", {})
    described = _alternatives(schema, types)[0]["properties"]  # behind a $ref where it is recursive
    found: list[Column] = []
    for name, field in model.model_fields.items():
        if name in asked:
            found.append(Column((name,), str, whole=True))
        elif not field.exclude_if:
            found += _columns(described[name], types, (name,))
    more = sorted(asked - model.model_fields.keys())
    return (*found, *(Column((name,), str, whole=True) for name in more))


def _columns(part: Row, types: Row, path: tuple[str, ...]) -> Iterator[Column]:
    """The columns that a part of a JSON Schema describes."""
    kinds = _alternatives(part, types)
    if kinds[0]["type"] == "object":
        inner: Row = kinds[0].get("properties", {})
        for key in kinds[0].get("propertyNames", {}).get("enum", ()):
            inner = {**inner, key: kinds[0]["additionalProperties"]}
        for name, described in inner.items():
            yield from _columns(described, types, (*path, name))
    else:
        members = _alternatives(kinds[0].get("items", {}), types)
        whole = any(
            "id" not in m.get("properties", {}) for m in members if m.get("type") == "object"
        )
        known = {TYPES[kind["type"]] for kind in kinds}
        several = any(kind["type"] == "array" for kind in kinds)
        yield Column(path, float if known == {int, float} else known.pop(), whole, several)


def _alternatives(part: Row, types: Row) -> list[Row]:
    """The types that a value can have besides null."""
    if "$ref" in part:
        part = types[part["$ref"].rsplit("/", 1)[-1]]
    inner = [_alternatives(one, types) for one in part.get("anyOf", ())]
    return [kind for kinds in inner or [[part]] for kind in kinds if kind.get("type") != "null"]


@dataclass(frozen=True)
class Table:
    """Rows on their way to a file, some at a time."""

    name: str
    columns: Sequence[Column]
    batches: Iterable[Sequence[Row | str | bytes]]
    """Each row read, or as it stands in JSON."""
    about: Callable[[int], Row]
    """What a form that has a place for it says of the whole, given the number of rows."""
    bom: bool = False
    chart: Callable[[], Lines | Bars] | None = None
    """The picture of the rows, where they can be drawn."""
    ready: Iterable[bytes] | None = None
    """The lines of the form that is asked for, where they were made ahead."""

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    @property
    def rows(self) -> Iterator[Row]:
        """Its rows, read."""
        for batch in self.batches:
            yield from map(_read, batch)

    def flat(self, row: Row) -> list[Cell]:
        """The values of a row, one for each column."""
        return [column.of(row) for column in self.columns]

    def lines(self, *forms: "Lined") -> Iterator[list[list[bytes]]]:
        """For each batch the lines of each form: what stands in JSON joined, or made of values.

        Joining is several times faster; it gives None for a row that it would not do right.
        """
        cut = _cutter(self.columns)
        for batch in self.batches:
            made: list[list[bytes]] = [[] for _ in forms]
            for row in batch:
                found = None if isinstance(row, dict) else cut(row)
                for lines, (join, make) in zip(made, forms, strict=True):
                    line = join(found) if found else None
                    lines.append(line or make(self.flat(_read(row))).encode())
            yield made

    def write_lines(self, file: BinaryIO, form: "Lined") -> None:
        """Those of one form."""
        made = (b"".join(lines) for (lines,) in self.lines(form))
        file.writelines(made if self.ready is None else self.ready)


Lined = tuple[Callable[[list[Cut]], bytes | None], Callable[[list[Cell]], str]]
"""A line of values that are cut out of JSON, and one of values."""


def _read(row: Row | str | bytes) -> Row:
    return row if isinstance(row, dict) else cast(Row, json.loads(row))


def _cutter(columns: Sequence[Column]) -> Callable[[str | bytes], list[Cut] | None]:
    """Cuts the values of a row out of its JSON, each as JSON; None where they must be read."""
    kinds = [_kind(column) for column in columns]
    cutter = Cutter({c.path: type_ for c, (type_, _) in zip(columns, kinds, strict=True)})
    telling = [(at, tell) for at, (_, tell) in enumerate(kinds) if tell]

    def cut(row: str | bytes) -> list[Cut] | None:
        try:
            values = cutter(row)
        except ValueError:
            return None
        for at, tell in telling:
            values[at] = tell(values[at])
        return values

    return cut


def _kind(column: Column) -> tuple[Any, Callable[[Any], bytes] | None]:
    """What the values of a column are cut out as, and how to tell them where they are read."""
    if column.whole:
        return Annotated[list[Raw], Meta(max_length=0)] | None, lambda _: NULL
    if column.several:
        return list[str] | None, lambda texts: _text("|".join(texts)).encode() if texts else NULL
    if column.type is float:  # of which JSON has several forms
        return int | float | None, lambda number: NULL if number is None else b"%r" % number
    return Raw, None


_text = json.encoder.encode_basestring


def write_ndjson(table: Table, file: BinaryIO) -> None:
    """One flat JSON object a line."""
    table.write_lines(file, lined_json(table.names))


def lined_json(names: Sequence[str]) -> Lined:
    """The lines of NDJSON."""
    keys = [f",{_json(name)}:".encode() for name in names]
    parts: list[Cut] = [part for key in keys for part in (key, NULL)]
    parts[0], after = b"{" + keys[0][1:], b"}\n"

    def join(values: list[Cut]) -> bytes | None:
        parts[1::2] = values
        line = b"".join(parts) + after
        return None if b'""' in line else line  # an empty text is null

    def make(values: list[Cell]) -> str:
        return _json(dict(zip(names, values, strict=True))) + "\n"

    return join, make


def write_csv(table: Table, file: BinaryIO) -> None:
    """RFC 4180, in UTF-8; with a byte order mark where that is asked for, as Excel wants it."""
    file.write(BOM_UTF8 * table.bom + _csv_line(table.names).encode())
    table.write_lines(file, lined_csv(table.names))


def lined_csv(_names: Sequence[str]) -> Lined:
    """The lines of CSV."""
    return _join_cells, _csv_line


def _csv_line(values: Iterable[Cell]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(map(_safe, values))
    return text.getvalue()


def _join_cells(values: list[Cut]) -> bytes | None:
    """A line of CSV; None where a text has marks of JSON or may be a formula.

    A text with a comma is quoted in CSV as it is in JSON, other texts are bare.
    """
    line = _CELL + _CELL.join(values)
    if b"\\" in line or _MAYBE_FORMULA(line):
        return None
    line = line.replace(_CELL + NULL, _CELL)
    if b"," in line:
        cells = line.split(_CELL)[1:]
        return b",".join([c if b"," in c else c.strip(b'"') for c in cells]) + b"\r\n"
    return line[1:].translate(_COMMAS, b'"') + b"\r\n"


_CELL = b"\x1f"
"""Begins a cell on the way to CSV: the unit separator, which stands in no JSON."""
_COMMAS = bytes.maketrans(_CELL, b",")
_FIRST_BYTES = bytes({character.encode()[0] for character in _FORMULA})
_MAYBE_FORMULA = re.compile(_CELL + b'"[%s]' % re.escape(_FIRST_BYTES)).search


def _safe(value: Cell) -> Cell:
    """A value as in JSON, but a text never as a formula."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return None if value is None else _json(value)


def write_xlsx(table: Table, file: BinaryIO) -> None:
    """One sheet of texts, numbers and booleans, none of them a formula."""
    import xlsxwriter

    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same rows are the same bytes
    with book:
        sheet = book.add_worksheet(table.name[:31])
        sheet.freeze_panes(1, 0)
        by_type = {str: sheet.write_string, bool: sheet.write_boolean}
        writers = [by_type.get(column.type, sheet.write_number) for column in table.columns]
        sheet.write_row(0, 0, table.names)
        for at, row in enumerate(table.rows, 1):
            for column, value in enumerate(table.flat(row)):
                if value is not None and writers[column](at, column, value) != 0:
                    where = f"{table.columns[column].name!r} of {row.get('id', at)!r}"
                    raise NotAcceptable(f"A sheet cannot hold {where}: too long, or too many rows.")


def write_parquet(table: Table, file: BinaryIO) -> None:
    """One row group for each batch, its columns typed."""
    import pyarrow as pa
    from pyarrow import parquet

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in table.batches:
            rows = [_read(row) for row in batch]
            values = [[column.of(row) for row in rows] for column in table.columns]
            arrays = [pa.array(*of) for of in zip(values, schema.types, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))


def write_geojson(table: Table, file: BinaryIO) -> None:
    """RFC 7946: each row at its `longitude` and `latitude`, where they are known."""
    names, written = table.names, 0
    file.write(b'{"type":"FeatureCollection","features":[')
    for row in table.rows:
        place = tuple(row[name] for name in PLACE)
        geometry = None if None in place else {"type": "Point", "coordinates": place}
        flat = dict(zip(names, table.flat(row), strict=True))
        of = {"id": row["id"], "geometry": geometry, "properties": flat}
        file.write(b"," * (written > 0) + _json({"type": "Feature", **of}).encode())
        written += 1
    file.write(b'],"meta":' + _json(table.about(written)).encode() + b"}")


def write_svg(table: Table, file: BinaryIO) -> None:
    """A chart of the rows."""
    assert table.chart
    file.write(draw(table.chart()))


@cache
def installed(library: str) -> bool:
    """Whether a library can be imported."""
    return find_spec(library) is not None


def _no_file(table: Table, file: BinaryIO) -> None:
    """The envelope is made page by page, in `answers`."""
    raise NotImplementedError


@dataclass(frozen=True)
class Format:
    """A form that a list is answered in."""

    media_type: str
    write: Callable[[Table, BinaryIO], None]
    library: str = ""
    """What its writer needs, installed by the extra of the form's name."""

    @property
    def is_there(self) -> bool:
        """Whether its library is installed."""
        return not self.library or installed(self.library)

    @property
    def version(self) -> str:
        """Of its library, which decides the bytes."""
        return version(self.library) if self.library else ""


FORMATS = {
    "json": Format("application/json", _no_file),
    "ndjson": Format("application/x-ndjson", write_ndjson),
    "csv": Format("text/csv", write_csv),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_xlsx,
        "xlsxwriter",
    ),
    "parquet": Format("application/vnd.apache.parquet", write_parquet, "pyarrow"),
    "geojson": Format("application/geo+json", write_geojson),
    "svg": Format("image/svg+xml", write_svg, "matplotlib"),
}
"""Every form, the one that is preferred first."""
FOR_ALL = ("json", "ndjson", "csv", "xlsx", "parquet", "svg")
"""Those that every list has."""


def choose(accept: str, names: Sequence[str]) -> str:
    """The form that an `Accept` header likes best; raises `NotAcceptable` when none will do."""
    if accept in ("", "*/*"):
        return names[0]
    there = [name for name in names if FORMATS[name].is_there]
    for offers in (there, names):
        best = max(offers, key=lambda name: _quality(accept, FORMATS[name].media_type))
        if _quality(accept, FORMATS[best].media_type) > 0:
            return best
    allowed = [FORMATS[name].media_type for name in names]
    message = f"`Accept: {accept[:200]}` takes none of what there is: {', '.join(allowed)}."
    raise NotAcceptable(message, [Flaw(parameter="Accept", message=message, allowed=allowed)])


def _quality(accept: str, media_type: str) -> float:
    """How much a header wants a media type, by the range that names it most closely (RFC 9110)."""
    found = [(-1, 0.0)]
    ranges = ("*/*", f"{media_type.partition('/')[0]}/*", media_type)
    for part in accept.lower().split(","):
        wanted, *parameters = (text.strip() for text in part.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        if wanted in ranges and weight.replace(".", "", 1).isdecimal():
            found.append((ranges.index(wanted), float(weight)))
    return max(found)[1]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
