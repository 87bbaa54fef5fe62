"""Plain figures of tables as rows of a release, made by SQLite from templates.

A template is what `rows.py` makes of the first row of a sort or setting, with holes for what
differs among its rows. So what is served is what the same claims in YAML would give, at a fraction
of the cost.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import inspect

from app.database import WRITTEN
from app.query.answers import Read
from app.resources.common import Ref
from app.resources.evidence import CitationRead
from app.search.index import Kind, Passage, said
from app.seed.facts import Evidence, Fact
from app.seed.figures import STANDING, Figures, tokens_of
from app.seed.findable import FOUND, found_by
from app.seed.progress import Progress
from app.seed.read import Seed
from app.seed.rows import Labels, cite_fact, fact_row
from app.seed.sheets import claim_of
from app.tables import Citation
from app.tables import Statistic as StatisticRow

Columns = Callable[[Sequence[str], Mapping[str, Any]], list[Any]]
"""Makes the columns with these names of the fields of a row."""

_ZONE, _TEXT, _PERIOD = Ref(id="\1", label_en="\1en", label_zh="\1zh"), "\1text", "\1period"
"""Stand for the zone of a figure, its phrase and its period."""
_STATISTIC, _CITATION = (
    [column.name for column in inspect(table).columns] for table in (StatisticRow, Citation)
)


_OF_SETTING = ("period", "as_of", "published_on")
"""What the names of those fields begin with that follow from a setting."""
_SET = [name for name in _STATISTIC if name.startswith(_OF_SETTING)]
_SORTED = [name for name in _STATISTIC if name not in _SET]


def _own(names: Sequence[str], prefix: str = "", **instead: str) -> str:
    """The columns of a template, or what stands for them."""
    return ", ".join(instead.get(name, f"{prefix}own_{name}") for name in names)


_TABLES = f"""
CREATE TABLE spoken (subject INTEGER PRIMARY KEY, zone, slug, json, en, zh, related);
CREATE TABLE sorted (sort INTEGER PRIMARY KEY, json, tail, printed, words, en, zh, of_en, of_zh,
  related, after, why, {_own(_SORTED)});
CREATE TABLE placed (setting INTEGER PRIMARY KEY, json, cited, room, words, unplaced, why, kind,
  {_own(_SET)});
CREATE TABLE cite (setting, field, digest, json, {_own(_CITATION)}, PRIMARY KEY (setting, field))
  WITHOUT ROWID;
CREATE TABLE passage (sort, place, field, kind, text, PRIMARY KEY (sort, place)) WITHOUT ROWID"""
_FROM = """FROM figure f CROSS JOIN sorted t ON t.sort = f.kind
  CROSS JOIN placed s ON s.setting = f.setting CROSS JOIN spoken z ON z.subject = f.subject"""
_ORDERED = "ORDER BY f.id"
"""So bodies and statistics come to stand in about the order of their keys and of the list."""
_CITED = """FROM figure f CROSS JOIN spoken z ON z.subject = f.subject
  CROSS JOIN cite c ON c.setting = f.setting"""
_NAME = "f.id || '.' || c.field || '.' || coalesce(c.digest, f.digest)"
_WHY = "coalesce(s.unplaced, t.why, s.why)"
_SERIES = "z.slug || t.own_series || s.kind || t.tail"
_UNRIVALLED = '"preferred","rank_reason":null,"rival_of":null,"standing":0'
_FIGURES = ", ".join(
    f"s.own_{name}"
    if name in _SET
    else _own(
        [name],
        "t.",
        id="f.id",
        zone_id="z.zone",
        series=_SERIES,
        value="f.value",
        proven=f"{_WHY} IS NULL",
        rank="coalesce(f.rank, t.own_rank)",
        rival_of="f.rival_of",
        standing="coalesce(f.standing, 0)",
    )
    for name in _STATISTIC
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
    f"INSERT INTO made.statistic ({', '.join(_STATISTIC)}) SELECT {_FIGURES} {_FROM} {_ORDERED}",
    f"INSERT INTO made.citation ({', '.join(_CITATION)}) SELECT {_CITATIONS} {_CITED}",
    f"""
INSERT INTO made.body SELECT 'citations', {_NAME}, format(c.json, {_NAME}, f.id, z.json,
  json_quote(f.text), coalesce(f.at, 'null'), coalesce(f.at + length(f.text), 'null'))
  {_CITED} {_ORDERED}""",
    f"""
INSERT INTO made.body SELECT 'statistics', f.id, format(t.json, f.id, z.json, {_SERIES}, s.json,
  f.stated, json_quote(f.text), coalesce(f.printed, t.printed),
  iif({_WHY} IS NULL, 'true', 'false'), json_quote({_WHY}),
  coalesce(f.ranked, '{_UNRIVALLED}'), f.id, f.digest,
  format(s.cited, f.id, f.id, f.id)) {_FROM} {_ORDERED}""",
    f"""
INSERT INTO made.searchrow (number, resource, row_id, label_en, label_zh, favoured)
  SELECT s.room + f.number, 'statistics', f.id, coalesce(replace(t.of_en, '\1en', z.en), t.en),
  coalesce(replace(t.of_zh, '\1zh', z.zh), t.zh), 0 {_FROM}""",
    f"""
INSERT INTO made.searchpassage (number, row_number, field, kind, text)
  SELECT (SELECT max(number) FROM made.searchpassage) + f.number * 8 + p.place, s.room + f.number,
  p.field, p.kind, CASE p.text WHEN '\1en' THEN z.en WHEN '\1zh' THEN nullif(z.zh, z.en)
  WHEN '\1period' THEN s.own_period WHEN '\1text' THEN f.text ELSE p.text END AS said
  {_FROM} CROSS JOIN passage p ON p.sort = f.kind WHERE said IS NOT NULL""",
    f"""
INSERT INTO made.search_words (rowid, resource, name, alias, pinyin, related, text)
  SELECT s.room + f.number, 'statistics', '', '', '', z.related || ' ' || t.related,
  s.words || ' ' || coalesce(f.words, t.words) || ' ' || t.after {_FROM}""",
)
_BY_ID = "CREATE INDEX by_id ON figure (id)"
_SEGMENT = "INSERT INTO made.search_words (search_words, rank) VALUES ('hashsize', 1 << 24)"
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


def fill(
    seed: Seed, path: Path, rows: Mapping[str, Sequence[Read]], columns: Columns, progress: Progress
) -> None:
    """Write the plain figures of all tables into the file of a release; their indexes last."""
    db: sqlite3.Connection = seed.figures.db
    db.execute("ATTACH ? AS made", (str(path),))
    db.executescript("".join(f"PRAGMA made.{one};" for one in WRITTEN) + f"BEGIN; {_TABLES}")
    indexes = db.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX made.{name}")
    first = 1 + sum(len(rows[resource]) for resource in FOUND[: FOUND.index("statistics")])
    _Templates(seed, first, columns).write()
    made = [one.replace("INDEX ", "INDEX made.", 1) for _, one in indexes]
    done = "DELETE FROM made.search_words_config WHERE k = 'hashsize'"
    statements = [_BY_ID, _SEGMENT, *_FILL, done, *made]
    for statement in progress(statements, "writing figures", "statements", len(statements)):
        db.execute(statement)
    db.execute("COMMIT")
    db.execute("DETACH made")


class _Templates:
    """Writes the templates, and what of a row follows from its subject."""

    def __init__(self, seed: Seed, first: int, columns: Columns) -> None:
        self.seed, self.first, self.columns = seed, first, columns
        self.figures: Figures = seed.figures
        self.labels = Labels(seed)

    def write(self) -> None:
        """Write them into tables of the temporary file."""
        some: Any = None
        for table, write in (("kind", self._sort), ("setting", self._setting)):
            for number, *example in self.figures.db.execute(
                f"SELECT number, document, line, cells FROM {table} WHERE number IN "
                f"(SELECT {table} FROM figure)"
            ).fetchall():
                some, cited = self._made(*example)
                write(number, some, cited)
        for about, subject in self.figures.subjects.items() if some else ():
            zone = self.labels.zone(about)
            found = found_by("statistics", some.model_copy(update={"zone": zone}))
            related = _tokens((p for p in found.passages if p.field == "zone"), Kind.RELATED)
            labels = (zone.id, about.partition("/")[2]) if zone else (None, about)
            names = (zone.label_en, zone.label_zh) if zone else (None, None)
            self._insert("spoken", subject, *labels, _json(zone), *names, related)

    def _made(self, document: str, line: int, cells: str) -> tuple[Any, list[CitationRead]]:
        """The row of an example, and its citations."""
        file, sheet = self.figures.documents[document], self.seed.sheets[document]
        claim = claim_of(sheet, line, tuple(json.loads(cells)), file)
        assert claim
        evidence = Evidence(file, claim)
        fact = Fact(evidence, [evidence])
        cited = [*cite_fact(fact, self.labels)]
        return fact_row(fact, self.labels, {claim.id: [one.id for one in cited]}), cited

    def _sort(self, sort: int, row: Any, _cited: object) -> None:
        series, _, tail = row.series.rpartition(f".{row.period_kind}")
        series = series.removeprefix(row.zone.id if row.zone else "national") + "."
        told = ("zone", "value", "published_text", "published_value", "proven", "unproven")
        holes = {"id": '"%s"', "series": '"%s"', "citations": '["%s.value.%s"%s]'}
        holes |= dict.fromkeys(told, "%s") | dict.fromkeys(STANDING, "")
        holes |= {name: "" for name in type(row).model_fields if name.startswith(_OF_SETTING)}
        stated = row.model_copy(update={"published_text": _TEXT, "period": _PERIOD})
        bare = found_by("statistics", stated.model_copy(update={"zone": None}))
        found = found_by("statistics", stated.model_copy(update={"zone": _ZONE}))
        at = next(i for i, passage in enumerate(bare.passages) if passage.text == _TEXT)
        (why,) = self.figures.db.execute(
            "SELECT why FROM kind WHERE number = ?", (sort,)
        ).fetchone()
        self._insert(
            "sorted",
            sort,
            _template(row, holes | {"period": "%s", "rank": "%s"}),
            tail,
            _json(row.published_value),
            tokens_of(row.published_text),
            *(bare.label_en, bare.label_zh, found.label_en, found.label_zh),
            _tokens(bare.passages, Kind.RELATED),
            _tokens(bare.passages[at + 1 :], Kind.TEXT),
            why,
            *self.columns(_SORTED, {**dict(row), "series": series}),
        )
        for place, passage in enumerate(dict.fromkeys((found if row.zone else bare).passages)):
            self._insert("passage", sort, place, passage.field, passage.kind, passage.text)

    def _setting(self, setting: int, row: Any, cited: Sequence[CitationRead]) -> None:
        document, unplaced, why = self.figures.db.execute(
            "SELECT document, unplaced, why FROM setting WHERE number = ?", (setting,)
        ).fetchone()
        digests = {c.fact.field: c.id.rpartition(".")[2] for c in cited if c.fact.field != "value"}
        names = [name for name in type(row).model_fields if name.startswith(_OF_SETTING)]
        self._insert(
            "placed",
            setting,
            ",".join(f'"{name}":{_json(getattr(row, name))}' for name in names)[len('"period":') :],
            "".join(f',"%s.{field}.{digest}"' for field, digest in digests.items()),
            self.first + self.figures.rooms[document] - self.figures.starts[document],
            tokens_of(row.period or ""),
            unplaced,
            why,
            row.period_kind,
            *self.columns(_SET, dict(row)),
        )
        for citation in cited:
            field = citation.fact.field
            varies = ("zone", "as_written", "start", "end")[: 4 if field == "value" else 1]
            holes = {"id": '"%s"', "fact": _template(citation.fact, {"id": '"%s"'})}
            holes |= dict.fromkeys(varies, "%s")
            made = self.columns(_CITATION, dict(citation))
            self._insert(
                "cite", setting, field, digests.get(field), _template(citation, holes), *made
            )

    def _insert(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self.figures.db.execute(f"INSERT INTO {table} VALUES ({marks})", values)


def _template(row: BaseModel, holes: Mapping[str, str]) -> str:
    """The JSON of a row as a format, with holes for some fields; those of an empty one are left."""
    shown = {name: getattr(row, name) for name in json.loads(row.model_dump_json())}
    parts = {n: holes.get(n, _json(value).replace("%", "%%")) for n, value in shown.items()}
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items() if part) + "}"


def _json(value: Any) -> str:
    return to_json(value).decode()


def _tokens(passages: Iterable[Passage], kind: Kind) -> str:
    return " ".join(said(p.text, kind)[0] for p in passages if p.kind == kind)
