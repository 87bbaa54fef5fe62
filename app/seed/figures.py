"""The figures of tables, checked row by row and remembered in a few columns each.

A table may have a million rows, so a row becomes a model only where it must: the first of its
*shape* (all that it says but its id, subject, value, and the number in its phrase), which the rules
of the check are put to, and what other knowledge touches (a rival, a claim that agrees, a choice,
a doubt, the area of a zone), which is *drawn* into its document as if it stood in YAML. All others
are rows of a temporary file, from which `app/seed/filling.py` makes those of a release.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from app.resources.passages import Texts
from app.search.index import Kind, Passage, Row, tokens
from app.seed.anchors import check_anchors
from app.seed.claims import CLAIMS, Claim, DocumentFile, Indicator, Statistic
from app.seed.entities import AREA_KINDS
from app.seed.facts import Evidence
from app.seed.files import Finding, Sheet
from app.seed.phrases import plain_number, read_quantities
from app.seed.proof import Verdict, prove, shortfall
from app.seed.read import Seed
from app.seed.rows import citation_digest
from app.seed.sheets import COLUMNS, FORM, Cells, claim_of, rows, tidy, tree_of

M = TypeVar("M", bound=BaseModel)
Rules = Iterable[Callable[[Seed], None]]

MOST_TOLD = 200
"""Findings after which no further row of a table is read."""
MOST_SHAPES = 50_000
"""Shapes that are kept in memory; those that are forgotten are learnt again."""

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
CREATE TABLE figure (number INTEGER PRIMARY KEY, id, shape, subject, value, stated, text, printed,
  at, digest, words, slot, name);
CREATE TABLE shape (number INTEGER PRIMARY KEY, document, line, cells, cites, verdict, why);
PRAGMA journal_mode = OFF; PRAGMA cache_size = -32768;
"""
_DIFFERING = ("id", "subject", "value", "value_text", "value_at")
_ADD = "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LEARN = "INSERT INTO shape VALUES (NULL, ?, ?, ?, ?, ?, ?)"
_COUNT = """
SELECT min(figure.number) AS first, cells, cites, verdict, document, count(*)
FROM figure JOIN shape ON shape.number = shape GROUP BY shape ORDER BY first"""
_UNPROVEN = """
SELECT figure.number, id, document, verdict, why FROM figure JOIN shape ON shape.number = shape
WHERE verdict != 'proven' ORDER BY figure.number"""
_alike = itemgetter(*(i for i, name in enumerate(COLUMNS) if name not in _DIFFERING))
_differing = itemgetter(*map(COLUMNS.index, _DIFFERING))


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
    return tokens(Row("", "", None, None, (Passage("", Kind.TEXT, text),)))["text"]


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
        self._indicators: list[Any] = indicators
        self._places = {id(document.document): seed._places[id(document.document)]}
        self.place(claim, sheet, (line,))

    def each(self, shape: type[M]) -> list[M]:
        """The claim and its citations, and the indicators, which rules compare it with."""
        return self._indicators if shape is Indicator else super().each(shape)


class Shape(NamedTuple):
    """What rows have in common that differ only in id, subject, value and number."""

    number: int
    slot: int
    subjects: set[str]
    """Those that have a figure of its indicator."""
    read: bool
    """Whether its phrases read alike; else they are the same phrase."""


class Figures:
    """The figures of all tables, checked; `db` has those that nothing else touches."""

    def __init__(self, seed: Seed, rules: Rules, texts: Texts | None) -> None:
        self.seed, self.rules, self.texts = seed, rules, texts
        self.db = sqlite3.connect("", isolation_level=None)
        self.db.executescript(_OPEN)
        self.indicators = seed.each(Indicator)
        self.whole = True
        """Whether every row was read."""
        self.starts: dict[str, int] = {}
        """By document, the number of the line before its first one."""
        self.lines: dict[str, int] = {}
        """And how many lines it has."""
        self.rooms: dict[str, int] = {}
        """And the place of its rows among all statistics (`free_numbers`)."""
        self.end = 0
        self.subjects: dict[str, int] = {}
        self.known: set[str] = set()
        """The subjects that figures may have."""
        self.slots: dict[tuple[Any, ...], int] = {}
        self.plain = seed.plain
        self.drawn: dict[str, list[tuple[int, Statistic]]] = defaultdict(list)
        """By document, those that were taken out, with their lines."""
        self._extents: dict[int, tuple[Any, ...]] = {}

    def read(self) -> bool:
        """Read all tables, and draw what other knowledge touches; whether all rows were read."""
        made, told = self.seed.judgements, self.seed.each(Claim)
        self._ids = {*self.seed.shown, *(claim.id for claim in told)}
        self._ids |= {name for claim in self.seed.each(Statistic) for name in claim.inputs}
        self._ids |= {choice.prefer for choice in made.preferences}
        self._ids |= {doubt.fact for doubt in made.doubts}
        self._ids |= {str(name) for one in self.seed.redirects for name in (one.id, one.to)}
        self._taken = {self._slot(claim) for claim in self.seed.each(Statistic)}
        documents = {file.document.id: file for file in self.seed.documents}
        self._touched: list[int] = []
        self.db.execute("BEGIN")
        for name, sheet in self.seed.sheets.items():
            self.starts[name] = self.end
            self.db.executemany(_ADD, self._figures(sheet, documents[name]))
            self.lines[name] = self.end - self.starts[name]
        self._draw(documents)
        self.db.execute("COMMIT")
        self._count()
        return self.whole

    def _figures(self, sheet: Sheet, document: DocumentFile) -> Iterator[tuple[Any, ...]]:
        """The rows of a table as rows of `figure`; what is wrong with others is found."""
        start, last, own = self.end, "", document.subject
        source = document.document
        original = self.texts.of(source.sha256) if self.texts else None
        shapes: dict[Any, Shape] = {}
        subjects, known = self.subjects, self.known
        ids, taken, touched = self._ids, self._taken, self._touched
        slug, is_place = _SLUG.fullmatch, _PLACE.fullmatch
        for line, cells in rows(sheet):
            name, about, value, text, at = _differing(cells)
            about = about or own
            printed = words = None
            reading, number, decimals = read_cell(text, value) or (None, "", "")
            how = id(reading) if reading else (text, value)
            key = (_alike(cells), at == "", about == "national", how)
            shape = shapes.get(key)
            if (
                shape is None
                or name <= last
                or about not in known
                or not slug(name)
                or not is_place(at)
                or (original is not None and not (at and original.startswith(text, int(at))))
            ):
                self._order(sheet, line, last, name)
                shape = self._learn(sheet, line, cells, document, reading, shapes, key)
                if len(sheet.findings) > MOST_TOLD:
                    message = f"{MOST_TOLD} flaws stand before; no further row was read"
                    sheet.find((line,), message)
                    self.whole = False
                    break
                if shape is None:
                    continue
            last, subject = name, subjects[about]
            if reading and shape.read:
                printed = reading.printed(number.replace(",", ""), decimals)
                said = number.replace(",", " ") + decimals.replace(".", " ")
                words = reading.before + said + reading.after
            slot = shape.slot + subject
            shape.subjects.add(about)
            self.end = start + line
            if name in ids or slot in taken:
                touched.append(self.end)
            digest = citation_digest("statistics", source.id, at or None, text)
            yield (
                self.end, name, shape.number, subject, float(value), value, text, printed,
                int(at) if at else None, digest, words, slot, hash(name),
            )  # fmt: skip

    def _order(self, sheet: Sheet, line: int, last: str, name: str) -> None:
        if name == last and name:
            sheet.find((line,), f"the id {name!r} stands twice; choose another one")
        elif name < last:
            self._unformed(sheet, line)

    def _unformed(self, sheet: Sheet, line: int) -> None:
        if all(finding.message != FORM for finding in sheet.findings):
            sheet.find((line,), FORM)

    def _learn(
        self,
        sheet: Sheet,
        line: int,
        cells: Cells,
        document: DocumentFile,
        reading: Reading | None,
        shapes: dict[Any, Shape],
        key: Any,
    ) -> Shape | None:
        """Put the rules to a row, and remember its subject and shape; None if it has a flaw."""
        before = len(sheet.findings)
        claim = claim_of(sheet, line, cells, document)
        if claim is None:
            return None
        part = Part(self.seed, self.indicators, claim, document, sheet, line)
        for rule in self.rules:
            rule(part)
        check_anchors(part, self.texts)
        if tidy(cells) != cells:
            self._unformed(sheet, line)
        if len(sheet.findings) > before:
            return None
        self.known.add(str(claim.about))
        _numbered(self.subjects, claim.about)
        read = reading is not None
        if reading and reading.factor is not None:
            read = next(prove(claim, document)).verdict == Verdict.PROVEN
        if not read:  # why it is not proven may hold the number
            key = (*key[:-1], (claim.cite[0].text, cells[5]))
        if key not in shapes:
            if len(shapes) > MOST_SHAPES:
                shapes.clear()
            shapes[key] = self._shape(claim, line, cells, document, read)
        return shapes[key]

    def _shape(
        self, claim: Statistic, line: int, cells: Cells, document: DocumentFile, read: bool
    ) -> Shape:
        proof = shortfall(claim, document)
        source = document.document
        verdict = (proof.verdict, str(proof)) if proof else (Verdict.PROVEN, None)
        found = (source.id, line, json.dumps(cells), len(claim.cite), *verdict)
        adding = self.db.execute(_LEARN, found)
        number = int(adding.lastrowid or 0)
        kind = (claim.coverage, claim.nature)
        if claim.indicator == "area" and kind in AREA_KINDS:
            order = [*AREA_KINDS].index(kind)
            self._extents[number] = (order, Evidence(document, claim).weight)
        subjects = self.plain.spoken[claim.indicator]
        return Shape(number, self._slot(claim, of=0), subjects, read)

    def _slot(self, claim: Statistic, of: int | None = None) -> int:
        """The slot of a claim as a number, to which its subject can be added."""
        _, about, *rest = claim.slot
        subject = _numbered(self.subjects, about) if of is None else of
        return (_numbered(self.slots, tuple(rest)) << 24) + subject

    def _draw(self, documents: Mapping[str, DocumentFile]) -> None:
        """Take those that other knowledge touches from the file into their documents."""
        drawn = {*self._touched, *self._best_extents()}
        for column in ("slot", "name")[: len(self.seed.sheets)]:
            twice = f"SELECT {column} FROM figure GROUP BY {column} HAVING count(*) > 1"
            asked = f"SELECT number FROM figure WHERE {column} IN ({twice})"
            drawn.update(number for (number,) in self.db.execute(asked))
        self.db.executemany("DELETE FROM figure WHERE number = ?", ((n,) for n in drawn))
        left = sorted(drawn)
        for name, start in reversed(self.starts.items()):
            own = {number for number in left if number > start}
            left = [number for number in left if number <= start]
            sheet, document = self.seed.sheets[name], documents[name]
            for line, cells in rows(sheet) if own else ():
                if start + line in own and (claim := claim_of(sheet, line, cells, document)):
                    self.seed.draw(claim, document, sheet, line)
                    self.drawn[name].append((line, claim))

    def _count(self) -> None:
        """Count those that are left."""
        names = {number: about for about, number in self.subjects.items()}
        asked = "SELECT subject, count(*) FROM figure GROUP BY subject"
        self.plain.subjects.update({names[n]: count for n, count in self.db.execute(asked)})
        stated = {name: list(drawn) for name, drawn in self.drawn.items()}
        seen = set()
        for first, cells, cites, verdict, document, count in self.db.execute(_COUNT):
            claim = Statistic.model_validate(tree_of(json.loads(cells)))
            claim.id = ""
            self.plain.indicators[claim.indicator] += count
            self.plain.documents[document].update(statistics=count, citations=count * cites)
            self.plain.verdicts[verdict] += count
            kind = (document, claim.indicator, claim.nature, claim.period)
            if kind not in seen:
                seen.add(kind)
                stated.setdefault(document, []).append((first - self.starts[document], claim))
        for name, claims in stated.items():
            self.plain.stated[name] = [claim for _, claim in sorted(claims, key=itemgetter(0))]

    def unproven(self) -> Iterator[tuple[Finding, Verdict]]:
        """Each that its phrases do not prove: where it stands, and why."""
        for number, name, document, verdict, why in self.db.execute(_UNPROVEN):
            line = number - self.starts[document]
            yield Finding(self.seed.sheets[document].name, line, f"{name}: {why}"), Verdict(verdict)

    def _best_extents(self) -> Iterable[int]:
        """Of each zone the figure that may be its area."""
        best: dict[int, tuple[Any, ...]] = {}
        asked = "SELECT subject, shape, number FROM figure WHERE shape = ?"
        for shape, weight in self._extents.items():
            for subject, _, number in self.db.execute(asked, (shape,)):
                best[subject] = min(best.get(subject, (weight, number)), (weight, number))
        return [number for _, number in best.values()]


def read_figures(seed: Seed, rules: Rules, texts: Texts | None) -> bool:
    """Check the tables of a seed, with the rules that look at one claim; whether all was read."""
    seed.figures = Figures(seed, rules, texts)
    return bool(seed.figures.read())


def _numbered(known: dict[Any, int], key: Any) -> int:
    return known.setdefault(key, len(known) + 1)
