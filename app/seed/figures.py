"""The figures of tables, checked row by row and remembered in a few columns each.

A table may have a million rows, so a row becomes a model only where it must: the first of its
*sort* (all that it says but its id, subject, value, and the number in its phrase) or *setting* (its
document, its period, and the phrases beside that of its value), which the rules of the check are
put to; and what other knowledge touches (a rival in YAML, a claim that agrees, a choice,
a doubt, the area of a zone), which is *drawn* into its document as if it stood in YAML. All others
are rows of a temporary file, from which `app/seed/filling.py` makes those of a release.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic_core import to_json

from app.resources.passages import Texts
from app.search.index import Kind, said
from app.seed.anchors import check_anchors
from app.seed.claims import CLAIMS, Claim, DocumentFile, Indicator, Statistic
from app.seed.entities import AREA_KINDS
from app.seed.facts import Evidence, Fact, rank_rivals, weight_of
from app.seed.files import Finding, Sheet
from app.seed.phrases import plain_number, read_quantities
from app.seed.progress import Progress
from app.seed.proof import READ, Proof, Verdict, prove, shortfall
from app.seed.read import Seed
from app.seed.rows import citation_digest
from app.seed.sheets import COLUMNS, FORM, Cells, claim_of, rows, tidy
from app.vocabulary import Nature

Rules = Iterable[Callable[[Seed], None]]

MOST_TOLD = 200
"""Findings after which no further row of a table is read."""
MOST_SORTS = 50_000
"""Sorts that are kept in memory; those that are forgotten are learnt again."""

_PHRASE = re.compile(
    r"(\D*?)(?:((?:1[89]|20)\d\d)|(0(?=\.)|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,11}))(\.\d{1,6})?(\D*)",
    re.ASCII,
)
_PROBES = {
    (False, False): "345 3 7 12 19 21 25 31 99 500 1799 2100 9999 12345 1,234 2,010 12,345,678",
    (False, True): "345.12 0.5 3.25 7.1 12.7 21.3 31.05 500.5 1,234.5 2,010.09 12345.678 2100.5",
    (True, False): "1987 1800 1912 1950 1999 2000 2010 2013 2050 2099",
    (True, True): "1987.5 1912.25 2010.09 2010.5 2013.12 2099.75",
}
"""By whether it could be a year and has decimals: numbers that stand for all of their kind."""
_SLUG = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*", re.ASCII)
_PLAIN = re.compile(r"(?!-0$|-?0\.000)-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?", re.ASCII)
_PLACE = re.compile(r"(?:0|[1-9]\d{0,17})?", re.ASCII)
_OPEN = """
CREATE TABLE figure (number INTEGER PRIMARY KEY, id, kind, setting, subject, value, stated, text,
  printed, at, digest, words, slot, name, rank, rival_of, standing, ranked);
CREATE TABLE kind (number INTEGER PRIMARY KEY, document, line, cells, indicator, nature, comparator,
  why);
CREATE TABLE setting (number INTEGER PRIMARY KEY, document, line, cells, period, cites, unplaced,
  why);
PRAGMA journal_mode = OFF; PRAGMA cache_size = -32768;
"""
_JOINED = "figure f JOIN kind k ON k.number = f.kind JOIN setting s ON s.number = f.setting"
_VERDICT = """CASE WHEN s.unplaced IS NOT NULL THEN 'unanchored'
  WHEN coalesce(k.why, s.why) IS NOT NULL THEN 'undecidable' ELSE 'proven' END AS verdict"""
_COUNT = f"""
SELECT min(f.number) AS first, s.document, k.indicator, k.nature, s.period, {_VERDICT},
  count(*), sum(s.cites)
FROM {_JOINED} GROUP BY 2, 3, 4, 5, 6 ORDER BY first"""
_UNPROVEN = f"""
SELECT f.number, f.id, s.document, {_VERDICT}, coalesce(s.unplaced, k.why, s.why)
FROM {_JOINED} WHERE verdict != 'proven' ORDER BY f.number"""
_EXTENTS = f"SELECT f.subject, f.number, s.document FROM {_JOINED} WHERE f.kind = ?"
_ADD = f"INSERT INTO figure VALUES ({', '.join('?' * 14)}, NULL, NULL, NULL, NULL)"
_VALUE = COLUMNS.index("value")
_ONE = f"""
SELECT s.document, k.cells, s.cells, f.id, f.subject, f.stated, f.text, coalesce(f.at, '')
FROM {_JOINED} WHERE f.number = ?"""
_TWICE = """
SELECT number FROM figure
WHERE name IN (SELECT name FROM figure GROUP BY name HAVING count(*) > 1)"""
_RIVALS = f"""
SELECT f.slot, f.number, f.id, s.document, f.stated, k.comparator FROM {_JOINED}
WHERE f.slot IN (SELECT slot FROM figure GROUP BY slot HAVING count(*) > 1) ORDER BY f.slot"""
_RANK = "UPDATE figure SET rank = ?, rival_of = ?, standing = ?, ranked = ? WHERE number = ?"
STANDING = ("rank", "rank_reason", "rival_of", "standing")
"""The fields that tell how a figure stands among its rivals."""
_DIFFERING = ("id", "subject", "value", "value_text", "value_at")
_OF_SETTING = ("period", *COLUMNS[COLUMNS.index("period_text") :])
_differing = itemgetter(*map(COLUMNS.index, _DIFFERING))
_setting = itemgetter(*map(COLUMNS.index, _OF_SETTING))
_alike = itemgetter(
    *(i for i, name in enumerate(COLUMNS) if name not in (*_DIFFERING, *_OF_SETTING))
)


class Reading(NamedTuple):
    """How a phrase reads whose only number may be any of its kind."""

    sign: int
    factor: Decimal | None
    """How much one is worth; None where it is read as no quantity."""
    before: str
    after: str
    """The tokens around those of the number."""

    def printed(self, number: str, decimals: str) -> str:
        """The JSON of the number as it was printed."""
        if self.factor is None:
            return "null"
        if decimals:
            return to_json(plain_number(self.sign * Decimal(number + decimals))).decode()
        return number if self.sign > 0 else f"-{number}"


@cache
def reading_of(before: str, after: str, year: bool, decimals: bool) -> Reading | None:
    """How phrases of one number between these words read; None where that differs by number.

    A few numbers stand for all: the reader looks at the words around a number, and at the number
    itself only to tell years, days, months, ordinals and a few names, each of which is tried.
    """
    found: set[tuple[Any, ...]] = set()
    for number in _PROBES[year, decimals].split():
        text = f"{before}{number}{after}"
        plain, said = Decimal(number.replace(",", "")), number.replace(",", " ").replace(".", " ")
        read, words = read_quantities(text), tokens_of(text)
        first, at, last = words.partition(said)
        if len(read) > 1 or not at:
            return None
        for q in read:
            sign = 1 if q.number > 0 else -1
            if abs(q.number) != plain or q.value != plain * (factor := q.value / plain):
                return None
            found.add((Reading(sign, factor, first, last), q.unit, q.comparator, q.published_unit))
        if not read:
            found.add((Reading(1, None, first, last), None, None, None))
    return next(iter(found))[0] if len(found) == 1 else None


def read_cell(text: str, value: str) -> tuple[Reading, str, str] | None:
    """How a phrase of one number reads, if it says the value as all of its kind do.

    Its number comes as it is printed, before and from the decimal point.
    """
    found = _PHRASE.fullmatch(text)
    if not found or len(value) > 15 or not _PLAIN.fullmatch(value):
        return None
    before, year, digits, decimals, after = found.groups("")
    reading = reading_of(before, after, bool(year), bool(decimals))
    if reading is None:
        return None
    number, factor = year or digits, reading.factor
    said = factor is None or Decimal(number.replace(",", "") + decimals) * factor == Decimal(value)
    return (reading, number, decimals) if said else None


def tokens_of(text: str) -> str:
    """What search finds the phrase of a figure by."""
    return said(text, Kind.TEXT)[0]


class Part(Seed):
    """A row of a table, to which rules of the check can be put."""

    def __init__(
        self,
        seed: Seed,
        indicators: list[Indicator],
        claim: Statistic,
        document: DocumentFile,
        sheet: Sheet,
        line: int,
    ) -> None:
        vars(self).update(vars(seed))
        only: dict[str, list[Any]] = {kind.resource: [] for kind in CLAIMS}
        only |= {"attributes": [], "statistics": [claim]}
        self.documents = [document.model_copy(update=only)]
        self.documents[0]._drawn = []
        self._each_of = {}
        self._places = {id(document.document): seed._places[id(document.document)]}
        self.place(claim, sheet, (line,))
        self._each_of[Indicator] = indicators  # which rules compare it with


class Sort(NamedTuple):
    """What figures have in common that differ only in id, subject, setting, value and number."""

    number: int
    slot: int
    subjects: set[str]
    """Those that have a figure of its indicator."""
    read: bool
    """Whether its phrases read alike; else they are the same phrase."""


class Setting(NamedTuple):
    """The document and period of figures, and the phrases beside that of the value."""

    number: int
    slot: int
    shown: tuple[Any, ...]
    """What of it decides whether the rest of a claim is in order."""


class Figures:
    """The figures of all tables, checked; `db` has those that nothing else touches."""

    def __init__(self, seed: Seed, rules: Rules, texts: Texts | None) -> None:
        self.seed, self.rules, self.texts, self.plain = seed, rules, texts, seed.plain
        self.db = sqlite3.connect("", isolation_level=None)
        self.db.executescript(_OPEN)
        self.documents = {file.document.id: file for file in seed.documents}
        self.whole = True
        """Whether every row was read."""
        self.starts: dict[str, int] = {}
        """By document, the number of the line before its first one."""
        self.lines: dict[str, int] = {}
        """And how many lines it has."""
        self.rooms: dict[str, int] = {}
        """And the place of its rows among all statistics (`free_numbers`)."""
        self.drawn: dict[str, list[tuple[int, Statistic]]] = defaultdict(list)
        """And those that were taken out, with their lines."""
        self.subjects: dict[str, int] = {}
        self._known: set[str] = set()
        """The subjects that figures may have."""
        self._periods: dict[str | None, int] = {}
        self._slots: dict[tuple[Any, ...], int] = {}
        self._sorts: dict[Any, Sort] = {}
        self._extents: dict[int, int] = {}
        self._indicators = seed.each(Indicator)
        self._end = 0

    def read(self, progress: Progress) -> bool:
        """Read all tables, and draw what other knowledge touches; whether all rows were read."""
        made, told = self.seed.judgements, self.seed.each(Claim)
        self._ids = {*self.seed.shown, *(claim.id for claim in told)}
        self._ids |= {name for claim in self.seed.each(Statistic) for name in claim.inputs}
        self._ids |= {choice.prefer for choice in made.preferences}
        self._ids |= {doubt.fact for doubt in made.doubts}
        self._ids |= {str(name) for one in self.seed.redirects for name in (one.id, one.to)}
        self._taken = {self._slot(claim) for claim in self.seed.each(Statistic)}
        self._touched: list[int] = []
        self.db.execute("BEGIN")
        for name, sheet in self.seed.sheets.items():
            self.starts[name] = self._end
            found = progress(rows(sheet), f"checking {sheet.name}", "rows", sheet.lines() - 1)
            self.db.executemany(_ADD, self._figures(sheet, self.documents[name], found))
            self.lines[name] = self._end - self.starts[name]
        self._draw()
        self.db.execute("COMMIT")
        self._count()
        return self.whole

    def _figures(
        self, sheet: Sheet, document: DocumentFile, found: Iterable[tuple[int, Cells]]
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a table as rows of `figure`; what is wrong with others is found."""
        start, last, own, source = self._end, "", document.subject, document.document
        original = self.texts.of(source.sha256) if self.texts else None
        read_in = (source.language in READ, source.sha256 is None)
        settings: dict[Any, Setting] = {}
        sorts, subjects, known = self._sorts, self.subjects, self._known
        ids, taken, touched = self._ids, self._taken, self._touched
        slug, is_place = _SLUG.fullmatch, _PLACE.fullmatch
        for line, cells in found:
            name, about, value, text, at = _differing(cells)
            about = about or own
            printed = words = sort = None
            reading, number, decimals = read_cell(text, value) or (None, "", "")
            how = id(reading) if reading else (text, value)
            setting = settings.get(_setting(cells))
            if setting:
                sort = sorts.get((_alike(cells), setting.shown, about == "national", read_in, how))
            if (
                setting is None
                or sort is None
                or name <= last
                or about not in known
                or not slug(name)
                or (at and not is_place(at))
                or (at == "") != read_in[1]
                or (original is not None and not original.startswith(text, int(at)))
            ):
                if name == last:
                    sheet.find((line,), f"the id {name!r} stands twice; choose another one")
                elif name < last:
                    self._unformed(sheet, line)
                learnt = self._learn(sheet, line, cells, document, settings, read_in, how)
                if len(sheet.findings) > MOST_TOLD:
                    message = f"{MOST_TOLD} flaws stand before; no further row was read"
                    sheet.find((line,), message)
                    self.whole = False
                    break
                if learnt is None:
                    continue
                sort, setting = learnt
            last, subject, self._end = name, subjects[about], start + line
            if reading and sort.read:
                printed = reading.printed(number.replace(",", ""), decimals)
                said = number.replace(",", " ") + decimals.replace(".", " ")
                words = reading.before + said + reading.after
            slot = sort.slot + setting.slot + subject
            sort.subjects.add(about)
            if name in ids or slot in taken:
                touched.append(self._end)
            digest = citation_digest("statistics", source.id, at or None, text)
            yield (
                self._end, name, sort.number, setting.number, subject, float(value), value, text,
                printed, int(at) if at else None, digest, words, slot, hash(name),
            )  # fmt: skip

    def _unformed(self, sheet: Sheet, line: int) -> None:
        if all(finding.message != FORM for finding in sheet.findings):
            sheet.find((line,), FORM)

    def _learn(
        self,
        sheet: Sheet,
        line: int,
        cells: Cells,
        document: DocumentFile,
        settings: dict[Any, Setting],
        read_in: tuple[bool, bool],
        how: Any,
    ) -> tuple[Sort, Setting] | None:
        """Put the rules to a row, and remember what it consists of; None if it has a flaw."""
        before = len(sheet.findings)
        claim = claim_of(sheet, line, cells, document)
        if claim is None:
            return None
        part = Part(self.seed, self._indicators, claim, document, sheet, line)
        for rule in self.rules:
            rule(part)
        check_anchors(part, self.texts)
        if tidy(cells) != cells:
            self._unformed(sheet, line)
        if len(sheet.findings) > before:
            return None
        self._known.add(str(claim.about))
        _numbered(self.subjects, claim.about)
        proofs = [proof for proof in prove(claim, document) if proof.verdict != Verdict.PROVEN]
        if _setting(cells) not in settings:
            settings[_setting(cells)] = self._make_setting(claim, line, cells, document, proofs)
        setting = settings[_setting(cells)]
        # Why a value is not proven may hold the number, unless no phrase of its kind has one.
        read = isinstance(how, int) and not any("phrases say" in proof.why for proof in proofs)
        key = (
            *(_alike(cells), setting.shown, claim.about == "national", read_in),
            how if read else (claim.phrases("value")[0], cells[_VALUE]),
        )
        if key not in self._sorts:
            if len(self._sorts) > MOST_SORTS:
                self._sorts.clear()
            self._sorts[key] = self._make_sort(claim, line, cells, document, proofs, read)
        return self._sorts[key], setting

    def _make_setting(
        self,
        claim: Statistic,
        line: int,
        cells: Cells,
        document: DocumentFile,
        proofs: Iterable[Proof],
    ) -> Setting:
        proof = shortfall(claim, document)
        unplaced = str(proof) if proof and proof.verdict == Verdict.UNANCHORED else None
        why = next((str(proof) for proof in proofs if proof.field == "period"), None)
        given = (claim.period, len(claim.cite), unplaced, why)
        number = self._remember("setting", document.document.id, line, json.dumps(cells), *given)
        fields = tuple(sorted({cite.for_ for cite in claim.cite}))
        # A reading may be why a period is not proven, and natures stand in phrases of their own.
        apart = number if claim.reading else None
        shown = (claim.period is None, fields, *claim.phrases("nature"), apart)
        return Setting(number, _numbered(self._periods, claim.period) << 20, shown)

    def _make_sort(
        self,
        claim: Statistic,
        line: int,
        cells: Cells,
        document: DocumentFile,
        proofs: Iterable[Proof],
        read: bool,
    ) -> Sort:
        why = next((str(proof) for proof in proofs if proof.field != "period"), None)
        given = (claim.indicator, claim.nature, claim.comparator, why)
        number = self._remember("kind", document.document.id, line, json.dumps(cells), *given)
        kind = (claim.coverage, claim.nature)
        if claim.indicator == "area" and kind in AREA_KINDS:
            self._extents[number] = [*AREA_KINDS].index(kind)
        slot = _numbered(self._slots, (claim.indicator, *kind)) << 40
        return Sort(number, slot, self.plain.spoken[claim.indicator], read)

    def _remember(self, table: str, *values: Any) -> int:
        marks = ", ".join("?" * len(values))
        added = self.db.execute(f"INSERT INTO {table} VALUES (NULL, {marks})", values)
        return int(added.lastrowid or 0)

    def _slot(self, claim: Statistic) -> int:
        """The slot of a claim as a number."""
        kind = _numbered(self._slots, (claim.indicator, claim.coverage, claim.nature)) << 40
        period = _numbered(self._periods, claim.period) << 20
        return kind + period + _numbered(self.subjects, claim.about)

    def _draw(self) -> None:
        """Take those that other knowledge touches from the file into their documents."""
        drawn = {*self._touched, *self._best_extents()}
        if len(self.seed.sheets) > 1:
            drawn.update(number for (number,) in self.db.execute(_TWICE))
        self.db.executemany(_RANK, [*self._rivals(drawn)])
        names = {number: about for about, number in self.subjects.items()}
        for number in sorted(drawn):
            found = self.db.execute(_ONE, (number,)).fetchone()
            name, kind, setting, identifier, subject, *own = found
            cells, beside = json.loads(kind), json.loads(setting)
            for place in map(COLUMNS.index, _OF_SETTING):
                cells[place] = beside[place]
            for column, cell in zip(_DIFFERING, (identifier, names[subject], *own), strict=True):
                cells[COLUMNS.index(column)] = cell
            sheet, document = self.seed.sheets[name], self.documents[name]
            line = number - self.starts[name]
            claim = claim_of(sheet, line, tuple(cells), document)
            assert claim
            self.seed.draw(claim, document, sheet, line)
            self.drawn[name].append((line, claim))
        self.db.executemany("DELETE FROM figure WHERE number = ?", ((n,) for n in drawn))

    def _rivals(self, drawn: set[int]) -> Iterator[tuple[Any, ...]]:
        """The standing of those that others of tables contradict; adds to `drawn` what is more."""
        for _, group in groupby(self.db.execute(_RIVALS), key=itemgetter(0)):
            _, numbers, ids, sources, *stated = zip(*group, strict=True)
            plain = drawn.isdisjoint(numbers) and len({*sources}) == len(sources)
            if not plain or len({*zip(*stated, strict=True)}) < len(numbers):
                drawn.update(numbers)
                continue
            facts, number_of = [], dict(zip(ids, numbers, strict=True))
            for name, source in zip(ids, sources, strict=True):
                claim = _stand_in(id=name)
                evidence = Evidence(self.documents[source], claim)
                facts.append(Fact(evidence, [evidence]))
            rank_rivals(facts, {})
            for fact in facts:
                standing = (fact.rank, fact.rank_reason, fact.rival_of, fact.standing)
                named = zip(STANDING, map(to_json, standing), strict=True)
                written = ",".join(f'"{name}":{value.decode()}' for name, value in named)
                ranked = written.removeprefix('"rank":')
                yield fact.rank, fact.rival_of, fact.standing, ranked, number_of[fact.claim.id]

    def _best_extents(self) -> Iterable[int]:
        """Of each zone the figure that may be its area."""
        best: dict[int, tuple[Any, ...]] = {}
        for kind, order in self._extents.items():
            for subject, number, name in self.db.execute(_EXTENTS, (kind,)):
                source = self.documents[name]
                found = (order, weight_of(source.document), number)
                best[subject] = min(best.get(subject, found), found)
        return [number for *_, number in best.values()]

    def _count(self) -> None:
        """Count those that are left, and note what they tell of their indicators."""
        names = {number: about for about, number in self.subjects.items()}
        asked = "SELECT subject, count(*) FROM figure WHERE rank IS NOT 'normal' GROUP BY subject"
        self.plain.subjects.update({names[n]: count for n, count in self.db.execute(asked)})
        stated = {name: list(drawn) for name, drawn in self.drawn.items()}
        seen = set()
        for first, document, *kind, verdict, count, cites in self.db.execute(_COUNT):
            indicator, nature, period = kind
            self.plain.indicators[indicator] += count
            self.plain.sources[indicator].add(document)
            self.plain.documents[document].update(statistics=count, citations=cites)
            self.plain.verdicts[verdict] += count
            if tuple(kind) not in seen:
                seen.add(tuple(kind))
                told = {"id": "", "indicator": indicator, "nature": Nature(nature)}
                claim = _stand_in(**told, period=period)
                stated.setdefault(document, []).append((first - self.starts[document], claim))
        for name, claims in stated.items():
            self.plain.stated[name] = [claim for _, claim in sorted(claims, key=itemgetter(0))]

    def unproven(self) -> Iterator[tuple[Finding, Verdict]]:
        """Each that its phrases do not prove: where it stands, and why."""
        for number, name, document, verdict, why in self.db.execute(_UNPROVEN):
            line = number - self.starts[document]
            yield Finding(self.seed.sheets[document].name, line, f"{name}: {why}"), Verdict(verdict)


def read_figures(seed: Seed, rules: Rules, texts: Texts | None, progress: Progress) -> bool:
    """Check the tables of a seed, with the rules that look at one claim; whether all was read."""
    seed.figures = Figures(seed, rules, texts)
    return bool(seed.figures.read(progress))


def _stand_in(**told: Any) -> Statistic:
    """A claim of which nothing else will be asked; `model_construct` takes ten times as long."""
    claim = Statistic.__new__(Statistic)
    vars(claim).update(told)
    return claim


def _numbered(known: dict[Any, int], key: Any) -> int:
    return known.setdefault(key, len(known) + 1)
