"""A release with a million generated statistics, to measure what grows.

    python benchmarks/speed_base.py FOLDER [figures, 1000000]

Copies the current release to FOLDER/releases and adds the figures of `speed_figures.py` to it, with
a document a subject and year and a citation a figure: columns, bodies and search index, as
`gaoxin load` would write them. Every so often a row is held against its read model, and its phrase
against the phrase reader. The same release gives the same base, every time. Serve it by
`GAOXIN_DATA_DIR=FOLDER uvicorn app.main:app`: `gaoxin serve` would load the real seed over it.
"""

import gc
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import to_json

from app.database import Releases
from app.query.settling import settle
from app.resources import service  # noqa: F401  (all lists are settled)
from app.resources.common import FACTS
from app.resources.documents import DocumentRead
from app.resources.evidence import CitationRead
from app.resources.statistics import StatisticRead
from app.search import index
from app.search.index import Kind, Passage
from app.seed.dates import parse_date
from app.seed.phrases import read_quantities
from app.seed.rows import series_of
from app.settings import Settings
from benchmarks.speed_figures import Quantity, Subject, documents, figures

AT_ONCE = 20_000
UNREAD = "value: the text of its source was not at hand to find its phrases in"
Row = dict[str, Any]
KEPT_IN: dict[str, tuple[str, type[BaseModel]]] = {
    "documents": ("document", DocumentRead),
    "statistics": ("statistic", StatisticRead),
    "citations": ("citation", CitationRead),
}
"""The table and the read model of what is generated."""


def make(source: Path, folder: Path, count: int) -> str:
    """Make the base from the release file `source`; returns its name."""
    name = name_of(source, count)
    releases = folder / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    draft = releases / f".{name}.draft"
    shutil.copyfile(source, draft)
    gc.disable()
    try:
        with sqlite3.connect(draft, isolation_level=None) as connection:
            _Base(connection).fill(name, count)
        connection.close()
    finally:
        gc.enable()
    settle(draft)
    with sqlite3.connect(draft) as connection:
        connection.execute("ANALYZE")
    connection.close()
    os.replace(draft, releases / f"{name}.sqlite")
    (releases / "current").write_text(name + "\n", encoding="ascii")
    return name


def name_of(source: Path, count: int) -> str:
    """What the base made of a release is called."""
    return f"{source.stem}-generated-{count}"


def subjects(connection: sqlite3.Connection) -> list[Subject]:
    """The programme and every zone."""
    names = "SELECT id, short_name_en, coalesce(short_name_zh, short_name_en) FROM zone ORDER BY id"
    return [Subject(None, "", "全国高新区"), *(Subject(*row) for row in connection.execute(names))]


def quantities(connection: sqlite3.Connection) -> list[Quantity]:
    """Every indicator."""
    known = "SELECT id, label_en, label_zh, unit, dimension FROM indicator ORDER BY id"
    return [Quantity(*row) for row in connection.execute(known)]


class _Base:
    """A copy of a release that figures are added to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.subjects = {one.id: one for one in subjects(connection)}
        self.indicators = {one.id: one for one in quantities(connection)}
        self.documents: dict[str, Row] = {}
        self.told: dict[str, Counter[str]] = defaultdict(Counter)
        """How many generated figures each zone, indicator and document has."""

    def fill(self, name: str, count: int) -> None:
        """Add documents, `count` figures and their citations, then what counts them."""
        run = self.connection.execute
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
            run(f"PRAGMA {pragma}")
        run("BEGIN")
        indexes = "SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%' AND tbl_name"
        tables = [table for table, _ in KEPT_IN.values()]
        dropped = run(f"{indexes} IN (?, ?, ?, 'searchpassage')", tables).fetchall()
        for index_name, _ in dropped:
            run(f"DROP INDEX {index_name}")
        said = list(documents([*self.subjects.values()]))
        self.documents = {one["id"]: one for one in said}
        made = figures([*self.subjects.values()], [*self.indicators.values()], count)
        while some := list(islice(made, AT_ONCE)):
            self._write("statistics", [self._statistic(one) for one in some])
            self._write("citations", [self._citation(one) for one in some])
        self._write("documents", [self._document(one) for one in said])
        self._recount(name, count, len(said))
        for index_name, statement in dropped:
            if not index_name.startswith("by_"):  # those are made when a release is settled
                run(statement)
        if broken := run("PRAGMA foreign_key_check").fetchone():
            raise sqlite3.IntegrityError(f"a generated row refers to nothing: {broken}")
        run("COMMIT")

    def _write(self, resource: str, rows: list[Row]) -> None:
        """The columns, bodies and passages of rows."""
        table, model = KEPT_IN[resource]
        check(model, rows[0])
        columns = [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]
        read = [_reader(column, rows[0]) for column in columns]
        self._insert(table, ([one(row) for one in read] for row in rows))
        self._insert("body", ((resource, row["id"], compact(row)) for row in rows))
        if resource != "citations":
            self._index(resource, rows)

    def _insert(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        width = len(self.connection.execute(f"PRAGMA table_info({table})").fetchall())
        marks = ", ".join("?" * width)
        self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def _index(self, resource: str, rows: list[Row]) -> None:
        """Make rows findable, each by the passages that `seed/findable.py` would name."""
        run = self.connection.execute
        (last,) = run("SELECT max(number) FROM searchrow").fetchone()
        (number,) = run("SELECT max(number) FROM searchpassage").fetchone()
        found, passages, keys, words = [], [], [], []
        for row_number, row in enumerate(rows, last + 1):
            own, labels = _passages(resource, row), _labels(resource, row)
            found.append((row_number, resource, row["id"], *labels, False))
            for passage in own:
                number += 1
                passages.append((number, row_number, passage.field, passage.kind, passage.text))
                keys += [(key, number, *how) for key, *how in index._keys(passage)]
            entry = index.Row(resource, row["id"], *labels, tuple(own))
            words.append((row_number, *index._tokens(entry)))
        self._insert("searchrow", found)
        self._insert("searchpassage", passages)
        self._insert("searchkey", keys)
        columns = ", ".join(("rowid", *index._COLUMNS))
        marks = ", ".join("?" * (1 + len(index._COLUMNS)))
        statement = f"INSERT INTO search_words ({columns}) VALUES ({marks})"
        self.connection.executemany(statement, words)

    def _document(self, said: Row) -> Row:
        row = {
            **_blank(DocumentRead),
            **{name: said[name] for name in ("id", "title", "published_on", "language", "tier")},
            "published_precision": "day",
            "sha256": hashlib.sha256(said["id"].encode()).hexdigest() if said["read"] else None,
            "note": said["note"],
        }
        told = self.told["documents"][said["id"]]
        row["counts"] = dict.fromkeys((*FACTS, "citations"), 0) | {
            "statistics": told,
            "citations": told,
        }
        return row

    def _statistic(self, said: Row) -> Row:
        subject, indicator = self.subjects[said["zone"]], self.indicators[said["indicator"]]
        start, end, kind = _period(said["period"])
        document = self.documents[said["document"]]
        dimensions = (said[name] for name in ("indicator", "coverage", "nature", "comparator"))
        for resource in ("zone", "indicator", "document"):
            self.told[f"{resource}s"][said[resource]] += 1
        rank = "normal" if said["rival_of"] else "preferred"
        return {
            **_blank(StatisticRead),
            **{name: value for name, value in said.items() if name != "document"},
            **_about(subject),
            "indicator": _ref(indicator.id, indicator.label_en, indicator.label_zh),
            "series": _series(subject.slug, *dimensions, kind),
            "period_start": start,
            "period_end": end,
            "period_kind": kind,
            "published_on": document["published_on"],
            "currency": said["unit"] if indicator.dimension == "money" else None,
            "proven": document["read"],
            "unproven": None if document["read"] else UNREAD,
            "rank": rank,
            "rank_reason": "the figure that was published first is preferred"
            if said["rival_of"]
            else None,
            "standing": int(rank == "normal"),
            "citations": [_cited(said)],
        }

    def _citation(self, said: Row) -> Row:
        document = self.documents[said["document"]]
        start = int(_cited(said)[-6:], 16) % 3000 if document["read"] else None
        return {
            **_blank(CitationRead),
            "id": _cited(said),
            "fact": {"resource": "statistics", "id": said["id"], "field": "value"},
            "zone": _about(self.subjects[said["zone"]])["zone"],
            "document": _ref(said["document"], document["title"], None),
            "as_written": said["published_text"],
            "start": start,
            "end": None if start is None else start + len(said["published_text"]),
            "anchored": start is not None,
        }

    def _recount(self, name: str, count: int, documents: int) -> None:
        """Tell zones, indicators and the release how much there is now."""
        more = {"statistics": count, "citations": count, "documents": documents}
        for resource in ("zones", "indicators"):
            for identifier, told in self.told[resource].items():
                self._add(resource, identifier, {"statistics": told})
        self._add("release", "current", more, id=name)

    def _add(self, resource: str, identifier: str | None, more: Row, **changed: str) -> None:
        key = (resource, identifier)
        found = "SELECT json_text FROM body WHERE resource = ? AND id = ?"
        for (text,) in self.connection.execute(found, key).fetchall():
            row = json.loads(text) | changed
            row["counts"] = {k: n + more.get(k, 0) for k, n in row["counts"].items()}
            update = "UPDATE body SET json_text = ? WHERE resource = ? AND id = ?"
            self.connection.execute(update, (compact(row), *key))


def compact(row: Row) -> str:
    """A row as its read model would write it."""
    return to_json(row).decode()


def check(model: type[BaseModel], row: Row) -> None:
    """Refuse a row that its read model would write otherwise, or whose phrase says otherwise."""
    assert model.model_validate(row).model_dump_json() == compact(row), row
    if model is StatisticRead:
        (read,) = read_quantities(row["published_text"])
        assert (float(read.value), read.comparator) == (row["value"], row["comparator"]), row


@cache
def _blank(model: type[BaseModel]) -> Row:
    """The fields of a model that every answer has, in order, with nothing in them."""
    none: Row = {"doubts": [], "inputs": [], "derived": False}
    shown = (name for name, field in model.model_fields.items() if not field.exclude_if)
    return {name: none.get(name) for name in shown}


def _ref(identifier: str, label_en: str, label_zh: str | None) -> Row:
    return {"id": identifier, "label_en": label_en, "label_zh": label_zh}


@cache
def _about(subject: Subject) -> Row:
    if subject.id is None:
        return {"scope": "national", "zone": None}
    return {"scope": "zone", "zone": _ref(subject.id, subject.label_en, subject.label_zh)}


@cache
def _period(text: str) -> tuple[str | None, str | None, str]:
    period = parse_date(text)
    return period.start, period.end, str(period.kind)


@cache
def _series(
    about: str, indicator: str, coverage: str, nature: str, comparator: str, kind: str
) -> str:
    claim = SimpleNamespace(
        about=about, indicator=indicator, coverage=coverage, nature=nature, comparator=comparator
    )
    return series_of(cast(Any, claim), cast(Any, SimpleNamespace(kind=kind)))


def _cited(said: Row) -> str:
    key = f"statistics {said['document']} {said['published_text']}"
    return f"{said['id']}.value.{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def _reader(column: str, row: Row) -> Callable[[Row], Any]:
    """What a column has of a row: `x_id` is `x.id`, `x_start` the first day of the date `x`."""
    if column in row:
        return lambda row: row[column]
    stem, _, part = column.rpartition("_")
    if column == "place" or part == "span":  # given when the release is settled
        return lambda _row: None
    if stem in row and part in ("start", "end"):
        return lambda row: getattr(parse_date(row[stem]), part) if row[stem] else None
    return lambda row: row[stem][part] if row[stem] else None


def _passages(resource: str, row: Row) -> list[Passage]:
    if resource == "documents":
        return [
            _passage("title", Kind.TITLE, row["title"]),
            _passage("note", Kind.TEXT, row["note"]),
        ]
    ties = [(field, row[field]) for field in ("zone", "indicator") if row[field]]
    labels = [(field, ref[name]) for field, ref in ties for name in ("label_en", "label_zh")]
    return [
        *(_passage(field, Kind.RELATED, label) for field, label in labels),
        _passage("period", Kind.TEXT, row["period"]),
        Passage("published_text", Kind.TEXT, row["published_text"]),
    ]


def _labels(resource: str, row: Row) -> tuple[str, str | None]:
    if resource == "documents":
        return row["title"], None
    zone, indicator = row["zone"] or {}, row["indicator"]
    en, zh = (
        ": ".join(filter(None, (zone.get(name), indicator[name])))
        for name in ("label_en", "label_zh")
    )
    return en, zh


_passage = cache(Passage)


def main(folder: str, count: int = 1_000_000) -> None:
    """Make a base of the current release, say how long it took."""
    began, releases = perf_counter(), Releases(Settings().data_dir / "releases")
    name = make(releases.path(releases.current().name), Path(folder), count)
    print(f"{name} in {perf_counter() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
