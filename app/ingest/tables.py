"""Tables of facts made into documents and claims: `gaoxin import FOLDER`.

The tables are `documents.csv`, `zones.csv`, `facts.csv` and `national_statistics.csv`, each
optional. What a row becomes is data: `vocabularies/import.yaml`. Nothing that stands in the seed is
altered or removed, and nothing is written before the whole of it, with what is new, passes the
check; what is wrong is reported at the line of its table.
"""

import csv
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import chain, count
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.ingest.mapping import COLUMNS, FactRule, Resolution, Rules
from app.seed import claims
from app.seed.check import check
from app.seed.claims import Attribute, Claim, DocumentFile, Judgements, Preference, Stated, fold
from app.seed.dates import StatedDate, parse_date
from app.seed.facts import build_facts
from app.seed.files import Finding, canonical
from app.seed.phrases import plain_number, read_dates, read_quantities
from app.seed.read import Seed, grouped, guess
from app.vocabulary import Rank

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

_LENGTH = {"year": 4, "month": 7, "day": 10}
_NATIONAL = re.compile(
    r"(?:农业)?(?:高新|高)技术产业(?:开发区|示范区|园区)$|新技术开发区$|(?<=中关村)科技园区$"
)
"""What a short Chinese name leaves out."""
_RECORD = re.compile(r"^[\w. ]+: .*\(GeoNames (?P<record>\d+)\)$")
_PREFERENCE = re.compile(r"(?:^|, )(?P<kind>(?:NOT )?PREFERRED): (?P<why>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    table: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def flaw(self, message: str) -> Finding:
        """Something wrong with it."""
        return Finding(self.table, self.line, message)


@dataclass
class Outcome:
    """What an import did, or why it did nothing."""

    flaws: list[Finding] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    claims: int = 0


class _Refused(ValueError):
    """A row says what cannot be taken over."""


def import_tables(folder: Path, seed_folder: Path) -> Outcome:
    """Merge the tables of a folder into a seed; writes all or, with flaws to report, nothing."""
    seed = Seed(seed_folder)
    rules = None if seed.findings else seed.read("vocabularies/import.yaml", Rules)
    if rules is None:
        return Outcome(flaws=seed.findings)
    merge = _Merge(seed, rules)
    takers = (merge.document, merge.zone, merge.fact, merge.figure)
    for table, take in zip(COLUMNS, takers, strict=True):
        for row in _rows(folder / table, merge.flaws):
            try:
                take(row)
            except _Refused as refusal:
                merge.flaws.append(row.flaw(str(refusal)))
    return merge.finish()


def _rows(path: Path, flaws: list[Finding]) -> Iterator[Row]:
    """The rows of a table, if it is there and has just its columns."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        known, found = COLUMNS[path.name].split(), list(reader.fieldnames or [])
        for column in found:
            if column not in known:
                flaws.append(Finding(path.name, 1, _no("column", column, known)))
        for column in known:
            if found.count(column) != 1:
                flaws.append(Finding(path.name, 1, f"the column {column!r} stands once, not so"))
        if sorted(found) != sorted(known):
            return
        try:
            for cells in reader:
                if None in cells or None in cells.values():
                    message = f"the row has not {len(known)} cells"
                    flaws.append(Finding(path.name, reader.line_num, message))
                else:
                    stripped = {name: cell.strip() for name, cell in cells.items()}
                    yield Row(path.name, reader.line_num, stripped)
        except csv.Error as error:
            flaws.append(Finding(path.name, reader.line_num, f"this is no CSV: {error}"))


class _Merge:
    """The seed, and what the rows add to it."""

    def __init__(self, seed: Seed, rules: Rules) -> None:
        self.seed, self.rules = seed, rules
        self.flaws: list[Finding] = []
        self.documents = {file.document.id: file for file in seed.documents}
        self.changed: dict[str, Any] = {}
        """Models to write, by the names of their files."""
        self.origins: dict[tuple[str, object], Row] = {}
        """The row of each new claim, by its document and what it is."""
        self.sources: dict[str, Row] = {}
        """The rows of documents.csv: only those that a row cites are taken over."""
        self.preferred: dict[str, str] = {}
        """Facts that a note prefers, with its reason."""
        self.refused: dict[str, str] = {}
        """Facts that a note does not prefer."""
        self.taken = 0
        self.slots: dict[tuple[Any, ...], list[Claim]] = {}
        self.ids: dict[str, list[Claim]] = {}
        self.tiers: dict[str, int] = {}
        """The best tier that states a fact."""
        for file in seed.documents:
            for claim in file.claims:
                self._note(claim, file)
        self.industries = _industries(seed)
        self.places = {place.id: place for place in seed.each(claims.Place)}
        self.labels = {industry.id: industry.label_en for industry in seed.each(claims.Industry)}

    def _note(self, claim: Claim, file: DocumentFile) -> None:
        tier = file.document.tier
        self.tiers[claim.id] = min(tier, self.tiers.get(claim.id, tier))
        self.slots.setdefault(claim.slot, []).append(claim)
        self.ids.setdefault(claim.id, []).append(claim)

    # Documents

    def document(self, row: Row) -> None:
        """Remember a document; its file is made when a row cites it."""
        if row["document_id"] in self.sources:
            raise _Refused(f"the document {row['document_id']!r} stands twice")
        self.sources[row["document_id"]] = row
        if row["document_id"] not in self.documents:
            self._source(row)

    def _source(self, row: Row) -> DocumentFile:
        """The file of a document that is new."""
        publisher = self.rules.publishers.get(row["publisher"])
        if publisher is None:
            hint = guess(row["publisher"], self.rules.publishers)
            raise _Refused(f"the publisher {row['publisher']!r} is not in import.yaml{hint}")
        told = [row["notes"].rstrip(".")] if row["notes"] else []
        if row["title_is_descriptive"] == "true":
            told.append("the title is our own description")
        if row["url_status"] == "derived" and "derived" not in row["notes"]:
            told.append("the address was derived and not opened")
        note = "; ".join(told)
        source = {
            "id": row["document_id"],
            "publisher": publisher.id,
            "published_on": row["published_on"] or None,
            **{name: row[name] for name in ("title", "language", "tier")},
            **{name: row[name] for name in ("url", "official_number") if row[name]},
        }
        if note:
            source["note"] = f"{note[:1].upper()}{note[1:]}."
        return _model(DocumentFile, {"document": source})

    def _cited(self, identifier: str) -> DocumentFile:
        """The document of a claim, made of its row when it is cited first."""
        if identifier not in self.documents:
            row = self.sources.get(identifier)
            if row is None:
                known = {*self.sources, *self.documents}
                raise _Refused(_no("document", identifier, known))
            self.documents[identifier] = self._source(row)
            self._organization(row["publisher"])
        return self.documents[identifier]

    def _organization(self, name: str) -> None:
        publisher = self.rules.publishers[name]
        file = f"organizations/{publisher.id}.yaml"
        if publisher.id in self.seed.ids("organizations") or file in self.changed:
            return
        if publisher.kind is None:
            raise _Refused(f"import.yaml names no kind for the publisher {name!r}")
        told = publisher.model_dump(exclude_none=True, exclude_defaults=True)
        self.changed[file] = _model(claims.Organization, {"label_en": name, **told})

    # Zones

    def zone(self, row: Row) -> None:
        """The identity of a zone, its names and code, and where it lies."""
        zone, name, code = f"zone/{row['zone_id']}", row["name_zh"], row["gbt37028_code"]
        if row["zone_id"] not in self.seed.ids("zones"):
            short = _NATIONAL.sub("", name) or name
            told = {"id": row["zone_id"], "label_en": row["short_name_en"], "label_zh": short}
            self.changed[f"zones/{row['zone_id']}.yaml"] = _model(claims.Zone, told)
        own, codes = self.rules.zones_document, self.rules.codes_document
        self._attribute(row, own, zone, "name_en", row["name_en"], row["name_en"])
        self._attribute(row, codes if code else own, zone, "name_zh", name, name)
        if code:
            self._attribute(row, codes, zone, "gb_code", code, code)
        self._attribute(row, own, zone, "level", "national", None)
        province = row["province_iso"]
        if province not in self.places:
            raise _Refused(f"there is no province {province!r} in vocabularies/places.yaml")
        self._attribute(row, own, zone, "province", province, province)
        self._place(row, zone, own, province)

    def _place(self, row: Row, zone: str, own: str, province: str) -> None:
        """The city of a zone, what that lies in, and the coordinates of its seat."""
        city = self._known_place(row["city_en"], row["city_zh"])
        above = self._known_place(row["prefecture_en"], "") if row["prefecture_en"] else None
        seat = self.rules.seats.get(row["zone_id"], city)
        if seat not in self.places:
            raise _Refused(f"there is no place {seat!r} in vocabularies/places.yaml")
        if seat not in (city, above):  # a district of the city
            self._attribute(row, own, f"place/{seat}", "broader", city, row["city_en"])
            self._attribute(row, own, zone, "city", seat, row["short_name_en"])
        else:
            self._attribute(row, own, zone, "city", city, row["city_zh"])
        if above:
            self._attribute(row, own, f"place/{city}", "broader", above, row["prefecture_en"])
        self._attribute(row, own, f"place/{above or city}", "broader", province, province)
        if row["lat"]:
            found = _RECORD.match(row["geocode_source"])
            if not found:
                raise _Refused("geocode_source names no GeoNames record")
            point = [str(float(_number(row[degrees]))) for degrees in ("lat", "lon")]
            note = f"Record {found['record']}, the seat of the {self.places[seat].kind}."
            about = (self.rules.coordinates_document, f"place/{seat}", "coordinates")
            self._attribute(row, *about, ", ".join(point), *point, note=note)

    def _known_place(self, label_en: str, label_zh: str) -> str:
        """The id of a city, which is in places.yaml already."""
        slug = re.sub(r"[^a-z0-9]+", "-", label_en.lower().replace("'", "")).strip("-")
        found = self.rules.places.get(label_zh or label_en, slug)
        if found not in self.places:
            raise _Refused(f"there is no place {found!r}; add it to vocabularies/places.yaml")
        known = self.places[found].label_zh or ""
        if label_zh and not known.startswith(label_zh):
            raise _Refused(
                f"the place {found!r} is {known or None}, not {label_zh};"
                " name the one that is meant under `places` of import.yaml"
            )
        return found

    def _attribute(
        self,
        row: Row,
        document: str,
        subject: str,
        name: str,
        value: str,
        *phrases: str | None,
        note: str | None = None,
    ) -> None:
        """A property, unless its document states it already."""
        file = self._cited(document)
        for other in file.attributes:
            if (other.about, other.field) == (subject, name):
                if other.value == value:
                    return
                if name in ("broader", "coordinates"):
                    raise _Refused(f"{document} says {other.value!r} of {subject}, not {value!r}")
        cite = [_cite("value", phrase) for phrase in phrases]
        told = {"subject": subject, "field": name, "value": value, "cite": cite}
        self._add(row, file, _model(Attribute, told | ({"note": note} if note else {})))

    # Facts of zones

    def fact(self, row: Row) -> None:
        """One fact of a zone, by the rule of its kind."""
        rule = _known("kind of fact", row["fact"], self.rules.facts)
        new = {Path(name).stem: name for name in self.changed if name.startswith("zones/")}
        _known("zone", row["zone_id"], dict.fromkeys(self.seed.ids("zones")) | new)
        self._cited(row["document_id"])
        resolved = self._resolved(row)
        if not resolved.skip:
            made = {
                "attributes": self._name,
                "milestones": self._event,
                "relations": self._ties,
                "statistics": self._area,
            }
            made[rule.section](row, rule, resolved)

    def _name(self, row: Row, _rule: FactRule, resolved: Resolution) -> None:
        value = resolved.set.get("value") or row["value"]
        name = "name_zh" if re.search("[\u4e00-\u9fff]", value) else "name_en"
        subject = f"zone/{row['zone_id']}"
        self._attribute(row, row["document_id"], subject, name, value, resolved.phrase)

    def _ties(self, row: Row, rule: FactRule, resolved: Resolution) -> None:
        """A tie to each industry that the wording means."""
        wording = row["value"]
        found = self.industries.get(fold(wording))
        if not found:
            hint = guess(fold(wording), self.industries)
            raise _Refused(f"no industry is worded {wording!r}; add it to wordings.yaml{hint}")
        for industry in found:
            same = fold(self.labels[industry]) == fold(wording)
            told = {
                "id": f"{row['zone_id']}-{industry}",
                "type": rule.type,
                "object": f"industry/{industry}",
                "reading": None if same else f"Summarized as “{wording}”.",
                "note": _sentences(row["note"]),
            }
            self._claim(row, claims.Relation, told, resolved, object=resolved.phrase)

    def _event(self, row: Row, rule: FactRule, resolved: Resolution) -> None:
        kind, phrase, date = rule.kind or "", resolved.phrase, self._date(row, resolved)
        told: dict[str, Any] = {
            "id": f"{row['zone_id']}-{kind.replace('_', '-')}",
            "kind": kind,
            "date": f"../{date}" if rule.until else date,
        }
        told["reading" if phrase and not read_dates(phrase) else "note"] = _sentences(row["note"])
        if kind == "national_approval" and not rule.until:
            told["batch"], reading = self._batch(date, row["basis"])
            told["reading"] = _sentences(told.get("reading") or "", reading)
        told["by"] = [maker for word, maker in rule.by.items() if phrase and word in phrase][:1]
        self._claim(row, claims.Milestone, told, resolved, date=phrase, by=phrase)

    def _date(self, row: Row, resolved: Resolution) -> str:
        date, precision = row["value"], row["value_precision"]
        if read := resolved.set.get("date"):
            return read
        _valid(date)
        if _LENGTH.get(precision) != len(date):
            raise _Refused(f"{date!r} is not of the precision {precision!r}")
        return date

    def _batch(self, date: str, basis: str) -> tuple[str | None, str]:
        """The batch that an approval came with, and how that was read.

        It is told by the day or by the source; where a month has one batch, by the month.
        """
        stated = parse_date(date)
        spans = {code.id: parse_date(code.id) for code in self.seed.codes.get("batch", [])}
        fitting = [n for n, span in spans.items() if stated.contains(span) or span.contains(stated)]
        if len(fitting) != 1 or (len(date) == _LENGTH["year"] and basis != "BATCH"):
            return None, ""
        [batch] = fitting
        if len(date) >= len(batch) or basis == "BATCH":
            return batch, ""
        return batch, "The batch is the only one known in that month"

    def _area(self, row: Row, rule: FactRule, resolved: Resolution) -> None:
        area = _known("kind of area", row["value_precision"], self.rules.areas)
        value, phrase = _number(row["value"]), resolved.phrase
        signs = (s for word, s in self.rules.bounds.items() if row["note"].startswith(word))
        told = {
            "id": f"{row['zone_id']}-{rule.indicator or ''}{area.suffix}",
            "indicator": rule.indicator or "",
            "coverage": area.coverage,
            "period": None,
            "value": value,
            "unit": "km2",
            "comparator": self._comparator(next(signs, "="), value, phrase, any_=True),
            "nature": area.nature,
            "note": _sentences(row["note"]),
        }
        self._claim(
            row, claims.Statistic, told, resolved, value=phrase, coverage=phrase, nature=phrase
        )

    def _comparator(self, sign: str, value: Any, phrase: str | None, any_: bool = False) -> str:
        """The comparator of a sign; the phrase tells which, where the sign leaves several."""
        known = _known("comparator", sign, self.rules.comparators)
        for quantity in read_quantities(phrase or ""):
            if quantity.value == Decimal(str(value)) and (any_ or quantity.comparator in known):
                return str(quantity.comparator)
        return str(known[0])

    # Figures of the whole programme

    def figure(self, row: Row) -> None:
        """One national figure, by the rule of its indicator."""
        rule = _known("indicator", row["indicator"], self.rules.indicators)
        unit = _known("unit", row["unit"], self.rules.units)
        self._cited(row["document_id"])
        resolved = self._resolved(row)
        if resolved.skip:
            return
        phrase = resolved.phrase
        value, period = _number(row["value"]), _period(row["period_start"], row["period_end"])
        stem = (rule.id or rule.indicator).removeprefix("national-")
        told = {
            "id": f"national-{stem}-{_slug(period)}",
            "indicator": rule.by_unit.get(row["unit"], rule.indicator),
            "coverage": rule.coverage,
            "period": period,
            "value": value,
            "unit": unit,
            "comparator": self._comparator(row["comparator"], value, phrase),
            "nature": rule.nature,
            "note": _sentences(row["note"]),
        }
        dated = phrase if phrase and read_dates(phrase) else None
        self._claim(
            row, claims.Statistic, told, resolved, value=phrase, period=dated, nature=phrase
        )

    # Claims

    def _resolved(self, row: Row) -> Resolution:
        """How a person read this row, or as it stands; without another phrase its own is cited."""
        plain = Resolution(where={}, because="It can be taken as it stands.")
        for found in (*self.rules.resolved, plain):
            if all(row.cells.get(name) == value for name, value in found.where.items()):
                break
        own = {} if "phrase" in found.model_fields_set else {"phrase": row["as_written"] or None}
        return found.model_copy(update=own)

    def _claim(
        self,
        row: Row,
        shape: type[Claim],
        told: Mapping[str, Any],
        resolved: Resolution,
        **phrases: str | None,
    ) -> None:
        """A claim, under the id of the fact that it agrees with or under one of its own."""
        file = self._cited(row["document_id"])
        subject = f"zone/{row['zone_id']}" if "zone_id" in row.cells else "national"
        plain = {"comparator": "exactly", "coverage": "whole"}
        kept = {
            name: value
            for name, value in {"subject": subject, **told, **resolved.set}.items()
            if name == "period" or value not in (None, [], plain.get(name))
        }
        claim = _model(shape, {**kept, "cite": [{"for": "value"}]})
        cited = [_cite(name, phrases.get(name)) for name in claim.must_cite]
        claim = _model(shape, {**kept, "cite": cited})
        if same := [other for other in file.claims if other.slot == claim.slot]:
            if not any(claim.agrees(other) for other in same):
                raise _Refused(f"{file.document.id} already says otherwise, in {same[0].id!r}")
            self._prefer(row, same[0].id)
            return
        claim.id = self._id(claim)
        self._prefer(row, claim.id)
        self._note(claim, file)
        self._add(row, file, claim)

    def _id(self, claim: Claim) -> str:
        """The id of the fact that a claim agrees with, or a new one that tells it from rivals."""
        others = dict.fromkeys(other.id for other in self.slots.get(claim.slot, []))
        rivals = sorted(others, key=lambda identifier: self.tiers[identifier])
        for identifier in rivals:
            if all(other.agrees(claim) for other in self.ids[identifier]):
                return identifier
        stem = claim.id
        if stem not in self.ids:
            return stem
        told = (getattr(claim, name, None) for name in ("date", "value", "type"))
        special = f"{stem}-{_slug(str(next(filter(None, told), '')))}"
        numbered = (f"{special}-{number}" for number in count(2))
        return next(own for own in chain([special], numbered) if own not in self.ids)

    def _prefer(self, row: Row, identifier: str) -> None:
        found = _PREFERENCE.search(row["note"])
        if found:
            listed = self.refused if found["kind"].upper().startswith("NOT") else self.preferred
            listed.setdefault(identifier, _sentences(found["why"]) or "")

    def _add(self, row: Row, file: DocumentFile, stated: Claim | Attribute) -> None:
        stated._inherited = file.subject
        if stated.subject == file.subject:
            stated.model_fields_set.discard("subject")
        section = stated.resource if isinstance(stated, Claim) else "attributes"
        setattr(file, section, [*getattr(file, section), stated])
        self.changed[f"documents/{file.document.id}.yaml"] = file
        self.origins[file.document.id, _key(stated)] = row
        self.taken += 1

    # The end

    def finish(self) -> Outcome:
        """Check the whole on a copy, then write what changed."""
        if self.flaws:
            return Outcome(flaws=sorted(set(self.flaws)))
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "seed"
            shutil.copytree(self.seed.folder, copy)
            _write(copy, self.changed)
            trial = Seed(copy)
            if found := check(trial):
                return Outcome(flaws=[self._traced(trial, finding) for finding in found])
            if judged := _judge(trial, self.preferred, self.refused):
                self.changed["judgements.yaml"] = judged
        _write(self.seed.folder, self.changed)
        return Outcome(written=sorted(self.changed), claims=self.taken)

    def _traced(self, trial: Seed, finding: Finding) -> Finding:
        """A finding of the check, at the row that its claim came from."""
        folder, _, name = finding.file.rpartition("/")
        if folder != "documents":
            return finding
        document = name.removesuffix(".yaml")
        places = ((trial.remark(stated, ""), stated) for stated in trial.each(Stated))
        lines = ((at.line, stated) for at, stated in places if at.file == finding.file)
        around = [one for one in lines if one[0] <= finding.line]
        if around:
            _, stated = max(around, key=lambda one: one[0])
            row = self.origins.get((document, _key(stated)))
        else:
            row = self.sources.get(document)
        return row.flaw(finding.message) if row else finding


def _key(stated: Stated) -> object:
    if isinstance(stated, Attribute):
        return (stated.about, stated.field, stated.value)
    assert isinstance(stated, Claim)
    return (stated.resource, stated.id)


def _cite(name: str, phrase: str | None) -> dict[str, str]:
    return {"for": name, "text": phrase} if phrase else {"for": name}


def _model(shape: type[M], told: Mapping[str, Any]) -> M:
    try:
        return shape.model_validate(told)
    except ValidationError as error:
        where = [(".".join(map(str, flaw["loc"])), flaw["msg"]) for flaw in error.errors()]
        raise _Refused("; ".join(f"{name}: {said}" for name, said in where)) from None


def _industries(seed: Seed) -> dict[str, list[str]]:
    """The industries that a wording means: as wordings.yaml says, else by label or alias."""
    found = {fold(wording.wording): wording.industries for wording in seed.wordings}
    for industry in seed.each(claims.Industry):
        for _, label in industry.labels:
            found.setdefault(fold(label), [industry.id])
    return found


def _known(what: str, said: str, known: Mapping[str, T]) -> T:
    """What a word of a table stands for."""
    if said not in known:
        raise _Refused(_no(what, said, known))
    return known[said]


def _no(what: str, said: str, known: Iterable[str]) -> str:
    return f"there is no {what} {said!r}{guess(said, known)}"


def _number(text: str) -> int | float:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Refused(f"{text!r} is no number") from None
    if not number.is_finite():
        raise _Refused(f"{text!r} is no number")
    return plain_number(number)


def _valid(text: str) -> StatedDate:
    try:
        return parse_date(text)
    except ValueError as error:
        raise _Refused(str(error)) from None


def _period(start: str, end: str) -> str:
    """`2022-01-01` and `2022-07-31` as `2022-01/2022-07`, and one day, month or year as itself."""
    _valid(start)
    last = _valid(end).end or ""
    if start == end:
        return start
    if len(start) == 10 and start.endswith("-01") and parse_date(end[:7]).end == last:
        start, end = start[:7], end[:7]
    return _valid(f"{start}/{end}").text


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def _sentences(*parts: str) -> str | None:
    """Notes as sentences, without what only tells that a rival is preferred."""
    told = []
    for part in parts:
        found = re.sub(r"(?:^|, )NOT PREFERRED: ", "", part, flags=re.IGNORECASE)
        found = re.sub(r"^code \d+$", "", _PREFERENCE.sub("", found).strip())
        found = re.sub(r"^CONFLICT[:,]? ?", "", found).rstrip(".")
        if found:
            told.append(f"{found[:1].upper()}{found[1:]}.")
    return " ".join(told) or None


def _judge(
    trial: Seed, preferred: Mapping[str, str], refused: Mapping[str, str]
) -> Judgements | None:
    """The judgements with the preferences that neither tier nor date gives; None if unchanged."""
    made = trial.judgements
    known = {choice.prefer for choice in made.preferences}
    new = []
    for rivals in grouped(build_facts(trial), lambda fact: fact.claim.slot).values():
        first = next(fact.claim.id for fact in rivals if fact.rank == Rank.PREFERRED)
        others = [fact.claim.id for fact in rivals if fact.claim.id != first]
        chosen = next((other for other in others if other in preferred), None)
        if first in refused and len(others) == 1:
            chosen = others[0]
        if chosen and first not in preferred and not known & {first, *others}:
            reason = preferred.get(chosen) or f"Its rival is not: {refused[first]}"
            new.append(Preference(prefer=chosen, reason=reason))
    if not new:
        return None
    changed = made.model_copy()
    changed.preferences = [*made.preferences, *new]
    return changed


def _write(folder: Path, models: Mapping[str, Any]) -> None:
    """Write every file beside its place, then move them all."""
    moves = []
    for name, model in models.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(canonical(model), encoding="utf-8")
        moves.append((draft, path))
    for draft, path in moves:
        os.replace(draft, path)
