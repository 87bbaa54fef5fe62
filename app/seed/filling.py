"""Plain figures of tables as rows of a release, made by SQLite from a template for each shape.

A template is what `rows.py` makes of the first row of a shape, with holes for what differs among
its rows. So what is served is what the same claims in YAML would give, at a fraction of the cost.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import inspect

from app.query.answers import Read
from app.resources.common import Ref
from app.search.index import Passage, Row, tokens
from app.seed.claims import DocumentFile, Statistic
from app.seed.facts import Evidence, Fact
from app.seed.figures import Figures, tokens_of
from app.seed.findable import FOUND, found_by
from app.seed.read import Seed
from app.seed.rows import Labels, cite_fact, fact_row
from app.seed.sheets import claim_of
from app.tables import Citation
from app.tables import Statistic as StatisticRow

Columns = Callable[[Sequence[str], Mapping[str, Any]], dict[str, Any]]
"""Makes the columns with these names of what a row holds."""

_ZONE, _TEXT = Ref(id="\1", label_en="\1en", label_zh="\1zh"), "\1text"
"""Stand for the zone of a figure, and for its phrase."""
_STATISTIC, _CITATION = (
    [column.name for column in inspect(table).columns] for table in (StatisticRow, Citation)
)


def _own(names: Sequence[str], prefix: str = "", **instead: str) -> str:
    """The columns of a template, or what stands for them."""
    return ", ".join(instead.get(name, f"{prefix}own_{name}") for name in names)


_TABLES = f"""
CREATE TABLE spoken (subject INTEGER PRIMARY KEY, zone, slug, json, en, zh, related);
CREATE TABLE template (shape INTEGER PRIMARY KEY, json, room, printed, words, en, zh, of_en, of_zh,
  related, before, after, {_own(_STATISTIC)});
CREATE TABLE cite (shape, field, digest, json, {_own(_CITATION)}, PRIMARY KEY (shape, field))
  WITHOUT ROWID;
CREATE TABLE passage (shape, place, field, kind, text, PRIMARY KEY (shape, place)) WITHOUT ROWID"""
_FROM = """FROM figure f CROSS JOIN template t ON t.shape = f.shape
  CROSS JOIN spoken z ON z.subject = f.subject"""
_CITED = f"{_FROM} CROSS JOIN cite c ON c.shape = f.shape"
_NAME = "f.id || '.' || c.field || '.' || coalesce(c.digest, f.digest)"
_QUOTED = "json_quote(f.text), "
_FIGURES = _own(
    _STATISTIC, "t.", id="f.id", zone_id="z.zone", series="z.slug || t.own_series", value="f.value"
)
_CITATIONS = _own(
    _CITATION,
    "c.",
    id=_NAME,
    fact_id="f.id",
    zone_id="z.zone",
    start="iif(c.digest IS NULL, f.at, c.own_start)",
)
_FILL = (
    f"INSERT INTO made.statistic ({', '.join(_STATISTIC)}) SELECT {_FIGURES} {_FROM}",
    f"INSERT INTO made.citation ({', '.join(_CITATION)}) SELECT {_CITATIONS} {_CITED}",
    f"""
INSERT INTO made.body SELECT 'citations', {_NAME}, format(c.json, {_NAME}, f.id, z.json, {_QUOTED}
  coalesce(f.at, 'null'), coalesce(f.at + length(f.text), 'null')) {_CITED}""",
    f"""
INSERT INTO made.body SELECT 'statistics', f.id, format(t.json, f.id, z.json, z.slug, f.stated,
  {_QUOTED} coalesce(f.printed, t.printed), f.id, f.digest, f.id, f.id, f.id) {_FROM}""",
    f"""
INSERT INTO made.searchrow (number, resource, row_id, label_en, label_zh, favoured)
  SELECT t.room + f.number, 'statistics', f.id, coalesce(replace(t.of_en, '\1en', z.en), t.en),
  coalesce(replace(t.of_zh, '\1zh', z.zh), t.zh), 0 {_FROM}""",
    f"""
INSERT INTO made.searchpassage (number, row_number, field, kind, text)
  SELECT (SELECT max(number) FROM made.searchpassage) + f.number * 8 + p.place, t.room + f.number,
  p.field, p.kind, CASE p.text WHEN '\1en' THEN z.en WHEN '\1zh' THEN nullif(z.zh, z.en)
  WHEN '\1text' THEN f.text ELSE p.text END AS said
  {_FROM} CROSS JOIN passage p ON p.shape = f.shape WHERE said IS NOT NULL""",
    f"""
INSERT INTO made.search_words (rowid, resource, name, alias, pinyin, related, text)
  SELECT t.room + f.number, 'statistics', '', '', '', z.related || ' ' || t.related,
  t.before || ' ' || coalesce(f.words, t.words) || ' ' || t.after {_FROM}""",
)
_SEGMENT = "INSERT INTO made.search_words (search_words, rank) VALUES ('hashsize', 1 << 25)"
"""Words that are gathered in memory before they are written: of many small parts SQLite would make
large ones again and again."""
_INDEXES = """
SELECT name, sql FROM made.sqlite_master WHERE type = 'index' AND sql IS NOT NULL
AND tbl_name IN ('statistic', 'citation', 'body', 'searchrow', 'searchpassage')"""


def free_numbers(seed: Seed, made: Sequence[Read]) -> list[int]:
    """How many numbers of the search index stay free before each statistic, and after the last.

    Statistics are numbered in the order of documents, and in each the lines of its table come last.
    """
    figures: Figures = seed.figures
    free, taken, waiting = [0], 0, {row.id for row in made}
    for file in seed.documents:
        name = file.document.id
        own = [claim.id for claim in file.statistics if claim.id in waiting]
        waiting.difference_update(own)
        free += [0] * len(own)
        taken += len(own)
        if name not in figures.starts:
            continue
        base = figures.rooms[name] = taken
        for line, claim in figures.drawn[name]:
            if claim.id in waiting:
                waiting.remove(claim.id)
                free[-1] += base + line - taken
                free.append(0)
                taken = base + line + 1
        end = base + figures.lines[name] + 1
        free[-1] += end - taken
        taken = end
    return free


def fill(seed: Seed, path: Path, rows: Mapping[str, Sequence[Read]], columns: Columns) -> None:
    """Write the plain figures of all tables into the file of a release; their indexes last."""
    db: sqlite3.Connection = seed.figures.db
    db.execute("ATTACH ? AS made", (str(path),))
    db.executescript(
        "PRAGMA made.journal_mode = OFF; PRAGMA made.synchronous = OFF;"
        f"PRAGMA made.cache_size = -65536; BEGIN; {_TABLES}"
    )
    indexes = db.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX made.{name}")
    first = 1 + sum(len(rows[resource]) for resource in FOUND[: FOUND.index("statistics")])
    _Templates(seed, first, columns).write()
    for statement in (_SEGMENT, *_FILL):
        db.execute(statement)
    db.execute("DELETE FROM made.search_words_config WHERE k = 'hashsize'")
    for _, statement in indexes:
        db.execute(statement.replace("INDEX ", "INDEX made.", 1))
    db.execute("COMMIT")
    db.execute("DETACH made")


class _Templates:
    """Writes the templates of all shapes, and what of a row follows from its subject."""

    def __init__(self, seed: Seed, first: int, columns: Columns) -> None:
        self.seed, self.first, self.columns = seed, first, columns
        self.figures: Figures = seed.figures
        self.labels = Labels(seed)

    def write(self) -> None:
        """Write them into tables of the temporary file."""
        files = {file.document.id: file for file in self.seed.documents}
        used = "SELECT * FROM shape WHERE number IN (SELECT shape FROM figure)"
        row: Any = None
        for number, document, line, cells, *_ in self.figures.db.execute(used).fetchall():
            file, sheet = files[document], self.seed.sheets[document]
            claim = claim_of(sheet, line, tuple(json.loads(cells)), file)
            assert claim
            row = self._shape(number, claim, file)
        for about, subject in self.figures.subjects.items() if row else ():
            zone = self.labels.zone(about)
            found = found_by("statistics", row.model_copy(update={"zone": zone}))
            related = _tokens((p for p in found.passages if p.field == "zone"), "related")
            labels = (zone.id, about.partition("/")[2]) if zone else (None, about)
            names = (zone.label_en, zone.label_zh) if zone else (None, None)
            self._insert("spoken", subject, *labels, _json(zone), *names, related)

    def _shape(self, shape: int, claim: Statistic, file: DocumentFile) -> Any:
        """Write the template of a shape, given its first claim; returns the row of that."""
        evidence = Evidence(file, claim)
        fact = Fact(evidence, [evidence])
        cited = [*cite_fact(fact, self.labels)]
        row: Any = fact_row(fact, self.labels, {claim.id: [citation.id for citation in cited]})
        digests = {c.fact.field: c.id.rpartition(".")[2] for c in cited if c.fact.field != "value"}
        ids = ['"%s.value.%s"', *(f'"%s.{name}.{digest}"' for name, digest in digests.items())]
        series = row.series.removeprefix(str(claim.about).rpartition("/")[2])
        holes = {name: "%s" for name in ("zone", "value", "published_text", "published_value")}
        holes |= {"id": '"%s"', "series": f'"%s{series}"', "citations": f"[{','.join(ids)}]"}
        stated = row.model_copy(update={"published_text": _TEXT})
        bare = found_by("statistics", stated.model_copy(update={"zone": None}))
        found = found_by("statistics", stated.model_copy(update={"zone": _ZONE}))
        at = next(i for i, passage in enumerate(bare.passages) if passage.text == _TEXT)
        self._insert(
            "template",
            shape,
            _template(row, holes),
            self.first
            + self.figures.rooms[file.document.id]
            - self.figures.starts[file.document.id],
            _json(row.published_value),
            tokens_of(row.published_text),
            *(bare.label_en, bare.label_zh, found.label_en, found.label_zh),
            _tokens(bare.passages, "related"),
            _tokens(bare.passages[:at], "text"),
            _tokens(bare.passages[at + 1 :], "text"),
            *self.columns(_STATISTIC, {**dict(row), "series": series}).values(),
        )
        for place, passage in enumerate(dict.fromkeys((found if row.zone else bare).passages)):
            self._insert("passage", shape, place, passage.field, passage.kind, passage.text)
        for citation in cited:
            field = citation.fact.field
            varies = ("zone", "as_written", "start", "end")[: 4 if field == "value" else 1]
            holes = {"id": '"%s"', "fact": _template(citation.fact, {"id": '"%s"'})}
            holes |= dict.fromkeys(varies, "%s")
            made = self.columns(_CITATION, dict(citation)).values()
            known = (field, digests.get(field), _template(citation, holes))
            self._insert("cite", shape, *known, *made)
        return row

    def _insert(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self.figures.db.execute(f"INSERT INTO {table} VALUES ({marks})", values)


def _template(row: BaseModel, holes: Mapping[str, str]) -> str:
    """The JSON of a row as a format, with holes for some of its fields."""
    shown = {name: getattr(row, name) for name in json.loads(row.model_dump_json())}
    parts = {name: holes.get(name) or _json(v).replace("%", "%%") for name, v in shown.items()}
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"


def _json(value: Any) -> str:
    return to_json(value).decode()


def _tokens(passages: Iterable[Passage], column: str) -> str:
    return tokens(Row("", "", None, None, tuple(passages)))[column]
