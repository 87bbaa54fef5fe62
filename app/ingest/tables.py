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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.ingest.mapping import COLUMNS, Resolution, Rules
from app.query.values import nearest
from app.seed import claims
from app.seed.check import check
from app.seed.claims import Attribute, Claim, DocumentFile, Judgements, Preference, Stated, fold
from app.seed.dates import parse_date
from app.seed.facts import Fact, build_facts
from app.seed.files import Finding, canonical, read_file
from app.seed.phrases import read_dates, read_quantities
from app.seed.read import Seed
from app.vocabulary import Rank

_LENGTH = {"year": 4, "month": 7, "day": 10}
_NATIONAL = re.compile(
    r"(?:农业)?(?:高新|高)技术产业(?:开发区|示范区|园区)$|新技术开发区$|(?<=中关村)科技园区$"
)
"""What a short Chinese name leaves out."""
_RECORD = re.compile(r"^(?P<read>[\w. ]+): .*\(GeoNames (?P<record>\d+)\)$")
_PREFERENCE = re.compile(r"(?:^|, )(?P<kind>(?:NOT )?PREFERRED): (?P<why>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    table: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


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
    if seed.findings:
        return Outcome(flaws=seed.findings)
    rules, flaws = _mapping(seed_folder)
    if rules is None:
        return Outcome(flaws=flaws)
    merge = _Merge(seed, rules)
    for table, take in (
        ("documents.csv", merge.document),
        ("zones.csv", merge.zone),
        ("facts.csv", merge.fact),
        ("national_statistics.csv", merge.figure),
    ):
        for row in _rows(folder / table, merge.flaws):
            try:
                take(row)
            except _Refused as refusal:
                merge.flaws.append(Finding(table, row.line, str(refusal)))
    return merge.finish()


def _mapping(seed_folder: Path) -> tuple[Rules | None, list[Finding]]:
    """What rows become, or what is wrong with the file that says so."""
    path = seed_folder / "vocabularies" / "import.yaml"
    if not path.is_file():
        return None, [Finding("vocabularies/import.yaml", 1, "this file is missing")]
    file = read_file(path, seed_folder)
    try:
        return (None if file.findings else Rules.model_validate(file.tree)), file.findings
    except ValidationError as error:
        for flaw in error.errors():
            where = ".".join(map(str, flaw["loc"]))
            file.find(flaw["loc"], f"{where}: {flaw['msg']}")
        return None, file.findings


def _rows(path: Path, flaws: list[Finding]) -> Iterator[Row]:
    """The rows of a table, if it is there and has just its columns."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        known, found = COLUMNS[path.name].split(), list(reader.fieldnames or [])
        for column in found:
            if column not in known:
                guess = nearest(column, sorted(known))
                hint = f"; did you mean {guess!r}?" if guess else ""
                flaws.append(Finding(path.name, 1, f"there is no column {column!r}{hint}"))
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
        self.batches = [code.id for code in seed.codes.get("batch", [])]

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
            guess = nearest(row["publisher"], sorted(self.rules.publishers))
            hint = f"; did you mean {guess!r}?" if guess else ""
            raise _Refused(f"the publisher {row['publisher']!r} is not in import.yaml{hint}")
        told = [row["notes"].rstrip(".")] if row["notes"] else []
        if row["title_is_descriptive"] == "true":
            told.append("the title is our own description")
        if row["url_status"] == "derived" and "derived" not in row["notes"]:
            told.append("the address was derived and not opened")
        note = "; ".join(told)
        particulars = {
            "id": row["document_id"],
            "title": row["title"],
            "publisher": publisher.id,
            "published_on": row["published_on"] or None,
            "language": row["language"],
            "url": row["url"] or None,
            "official_number": row["official_number"] or None,
            "tier": row["tier"],
            "note": f"{note[:1].upper()}{note[1:]}." if note else None,
        }
        optional = ("url", "official_number", "note")
        kept = {k: v for k, v in particulars.items() if v is not None or k not in optional}
        made: DocumentFile = self._model(DocumentFile, {"document": kept})
        return made

    def _cited(self, identifier: str) -> DocumentFile:
        """The document of a claim, made of its row when it is cited first."""
        if identifier not in self.documents:
            row = self.sources.get(identifier)
            if row is None:
                guess = nearest(identifier, sorted({*self.sources, *self.documents}))
                hint = f"; did you mean {guess!r}?" if guess else ""
                raise _Refused(f"there is no document {identifier!r}{hint}")
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
        self.changed[file] = self._model(claims.Organization, {"label_en": name, **told})

    # Zones

    def zone(self, row: Row) -> None:
        """The identity of a zone, its names and code, and where it lies."""
        zone, name = f"zone/{row['zone_id']}", row["name_zh"]
        if row["zone_id"] not in self.seed.ids("zones"):
            short = _NATIONAL.sub("", name) or name
            told = {"id": row["zone_id"], "label_en": row["short_name_en"], "label_zh": short}
            self.changed[f"zones/{row['zone_id']}.yaml"] = self._model(claims.Zone, told)
        own = self.rules.zones_document
        self._attribute(row, own, zone, "name_en", row["name_en"], row["name_en"])
        if row["gbt37028_code"]:
            code = row["gbt37028_code"]
            self._attribute(row, self.rules.codes_document, zone, "name_zh", name, name)
            self._attribute(row, self.rules.codes_document, zone, "gb_code", code, code)
        else:
            self._attribute(row, own, zone, "name_zh", name, name)
        self._attribute(row, own, zone, "level", "national", None)
        province = row["province_iso"]
        if province not in self.seed.ids("places"):
            raise _Refused(f"there is no province {province!r} in vocabularies/places.yaml")
        self._attribute(row, own, zone, "province", province, province)
        self._place(row, zone, own, province)

    def _place(self, row: Row, zone: str, own: str, province: str) -> None:
        """The city of a zone, what that lies in, and the coordinates of its seat."""
        city = self._known_place(row["city_en"], row["city_zh"])
        above = self._known_place(row["prefecture_en"], "") if row["prefecture_en"] else None
        seat = self.rules.seats.get(row["zone_id"], city)
        if seat not in self.seed.ids("places"):
            raise _Refused(f"there is no place {seat!r} in vocabularies/places.yaml")
        if seat not in (city, above):  # a district of the city
            self._attribute(row, own, f"place/{seat}", "broader", city, row["city_en"])
            self._attribute(row, own, zone, "city", seat, row["short_name_en"])
        else:
            self._attribute(row, own, zone, "city", city, row["city_zh"])
        top = above or city
        if above:
            self._attribute(row, own, f"place/{city}", "broader", above, row["prefecture_en"])
        self._attribute(row, own, f"place/{top}", "broader", province, province)
        if row["lat"]:
            found = _RECORD.match(row["geocode_source"])
            if not found:
                raise _Refused("geocode_source names no GeoNames record")
            self._attribute(
                row,
                self.rules.coordinates_document,
                f"place/{seat}",
                "coordinates",
                f"{_plain(row['lat'])}, {_plain(row['lon'])}",
                _plain(row["lat"]),
                _plain(row["lon"]),
                note=f"Record {found['record']}, the seat of the {self._kind(seat)}.",
            )

    def _kind(self, place: str) -> str:
        known: list[Any] = self.seed.identities["places"]
        return next(str(other.kind) for other in known if other.id == place)

    def _known_place(self, label_en: str, label_zh: str) -> str:
        """The id of a city, which is in places.yaml already."""
        slug = re.sub(r"[^a-z0-9]+", "-", label_en.lower().replace("'", "")).strip("-")
        found = self.rules.places.get(label_zh or label_en, slug)
        for place in self.seed.identities["places"]:
            if place.id == found:
                if label_zh and not (place.label_zh or "").startswith(label_zh):
                    raise _Refused(
                        f"the place {found!r} is {place.label_zh}, not {label_zh};"
                        " name the one that is meant under `places` of import.yaml"
                    )
                return found
        raise _Refused(f"there is no place {found!r}; add it to vocabularies/places.yaml")

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
        told = {"subject": subject, "field": name, "value": value, "note": note, "cite": cite}
        attribute = self._model(Attribute, {k: v for k, v in told.items() if v is not None})
        self._add(row, file, "attributes", attribute)

    # Facts of zones

    def fact(self, row: Row) -> None:
        """One fact of a zone, by the rule of its kind."""
        rule = self.rules.facts.get(row["fact"])
        if rule is None:
            raise _Refused(_unknown("kind of fact", row["fact"], self.rules.facts))
        if row["zone_id"] not in self._zones():
            raise _Refused(_unknown("zone", row["zone_id"], self._zones()))
        file = self._cited(row["document_id"])
        resolved = self._resolution(row)
        if resolved and resolved.skip:
            return
        phrase = resolved.phrase if resolved and "phrase" in resolved.model_fields_set else None
        if not resolved or "phrase" not in resolved.model_fields_set:
            phrase = row["as_written"] or None
        subject = f"zone/{row['zone_id']}"
        if rule.section == "attributes":
            value = resolved.set.get("value") or row["value"] if resolved else row["value"]
            name = "name_zh" if re.search("[\u4e00-\u9fff]", value) else "name_en"
            self._attribute(row, row["document_id"], subject, name, value, phrase)
            return
        if rule.section == "relations":
            for industry in self._industry(row["value"]):
                told = {
                    "id": f"{row['zone_id']}-{industry}",
                    "type": rule.type,
                    "object": f"industry/{industry}",
                    "reading": self._summary(industry, row["value"]),
                    "note": _sentences(row["note"]),
                }
                self._claim(row, file, subject, claims.Relation, told, {"object": phrase}, resolved)
            return
        if rule.section == "statistics":
            self._area(row, file, subject, rule.indicator or "", phrase, resolved)
            return
        kind = rule.kind or ""
        date = self._date(row, resolved)
        dated: dict[str, Any] = {
            "id": f"{row['zone_id']}-{kind.replace('_', '-')}",
            "kind": kind,
            "date": f"../{date}" if rule.until else date,
        }
        dated["reading" if phrase and not read_dates(phrase) else "note"] = _sentences(row["note"])
        if kind == "national_approval" and not rule.until:
            batch, reading = self._batch(date, row["basis"])
            dated["batch"] = batch
            dated["reading"] = _sentences(dated.get("reading") or "", reading or "")
        cited = {"date": phrase}
        makers = [v for word, v in rule.by.items() if phrase and word in phrase]
        if makers:
            dated["by"], cited["by"] = makers[:1], phrase
        self._claim(row, file, subject, claims.Milestone, dated, cited, resolved)

    def _zones(self) -> set[str]:
        new = {Path(name).stem for name in self.changed if name.startswith("zones/")}
        return self.seed.ids("zones") | new

    def _date(self, row: Row, resolved: Resolution | None) -> str:
        if resolved and resolved.set.get("date"):
            return str(resolved.set["date"])
        date, precision = row["value"], row["value_precision"]
        try:
            parse_date(date)
        except ValueError as error:
            raise _Refused(str(error)) from None
        if _LENGTH.get(precision) != len(date):
            raise _Refused(f"{date!r} is not of the precision {precision!r}")
        return date

    def _batch(self, date: str, basis: str) -> tuple[str | None, str | None]:
        """The batch that an approval came with, and how that was read.

        It is told by the day or by the source; where a month has one batch, by the month.
        """
        stated = parse_date(date)
        spans = {name: parse_date(name) for name in self.batches}
        fitting = [n for n, span in spans.items() if stated.contains(span) or span.contains(stated)]
        if len(fitting) != 1 or (len(date) == _LENGTH["year"] and basis != "BATCH"):
            return None, None
        [batch] = fitting
        if len(date) >= len(batch) or basis == "BATCH":
            return batch, None
        return batch, "The batch is the only one known in that month"

    def _industry(self, wording: str) -> list[str]:
        found = self.industries.get(fold(wording))
        if not found:
            guess = nearest(fold(wording), sorted(self.industries))
            hint = f"; did you mean {guess!r}?" if guess else ""
            raise _Refused(f"no industry is worded {wording!r}; add it to wordings.yaml{hint}")
        return found

    def _summary(self, industry: str, wording: str) -> str | None:
        """The wording of the table, where it is not just what we call the industry."""
        known = {other.id: other for other in self.seed.identities["industries"]}
        same = fold(known[industry].label_en) == fold(wording)
        return None if same else f"Summarized as “{wording}”."

    def _area(
        self,
        row: Row,
        file: DocumentFile,
        subject: str,
        indicator: str,
        phrase: str | None,
        resolved: Resolution | None,
    ) -> None:
        area = self.rules.areas.get(row["value_precision"])
        if area is None:
            raise _Refused(_unknown("kind of area", row["value_precision"], self.rules.areas))
        value = _number(row["value"])
        sign = next(
            (s for word, s in self.rules.bounds.items() if row["note"].startswith(word)), "="
        )
        told: dict[str, Any] = {
            "id": f"{row['zone_id']}-{indicator}" + area.suffix,
            "indicator": indicator,
            "coverage": area.coverage,
            "period": None,
            "value": value,
            "unit": "km2",
            "comparator": self._comparator(sign, value, phrase, any_=True),
            "nature": area.nature,
            "note": _sentences(row["note"]),
        }
        cited = {"value": phrase, "coverage": phrase, "nature": phrase}
        self._claim(row, file, subject, claims.Statistic, told, cited, resolved)

    def _comparator(self, sign: str, value: Any, phrase: str | None, any_: bool = False) -> str:
        """The comparator of a sign; the phrase tells which, where the sign leaves several."""
        if sign not in self.rules.comparators:
            raise _Refused(_unknown("comparator", sign, self.rules.comparators))
        known = self.rules.comparators[sign]
        for quantity in read_quantities(phrase or ""):
            if quantity.value == Decimal(str(value)) and (any_ or quantity.comparator in known):
                return str(quantity.comparator)
        return str(known[0])

    # Figures of the whole programme

    def figure(self, row: Row) -> None:
        """One national figure, by the rule of its indicator."""
        rule = self.rules.indicators.get(row["indicator"])
        if rule is None:
            raise _Refused(_unknown("indicator", row["indicator"], self.rules.indicators))
        if row["unit"] not in self.rules.units:
            raise _Refused(_unknown("unit", row["unit"], self.rules.units))
        file, resolved = self._cited(row["document_id"]), self._resolution(row)
        if resolved and resolved.skip:
            return
        phrase = row["as_written"] or None
        if resolved and "phrase" in resolved.model_fields_set:
            phrase = resolved.phrase
        value, period = _number(row["value"]), _period(row["period_start"], row["period_end"])
        stem = (rule.id or rule.indicator).removeprefix("national-")
        told: dict[str, Any] = {
            "id": f"national-{stem}-{_slug(period)}",
            "indicator": rule.by_unit.get(row["unit"], rule.indicator),
            "coverage": rule.coverage,
            "period": period,
            "value": value,
            "unit": self.rules.units[row["unit"]],
            "comparator": self._comparator(row["comparator"], value, phrase),
            "nature": rule.nature,
            "note": _sentences(row["note"]),
        }
        cited = {"value": phrase, "period": phrase if phrase and read_dates(phrase) else None}
        cited |= {"coverage": None, "nature": phrase}
        self._claim(row, file, "national", claims.Statistic, told, cited, resolved)

    # Claims

    def _resolution(self, row: Row) -> Resolution | None:
        """How a person read this row."""
        for resolution in self.rules.resolved:
            if all(row.cells.get(name) == value for name, value in resolution.where.items()):
                return resolution
        return None

    def _claim(
        self,
        row: Row,
        file: DocumentFile,
        subject: str,
        shape: type[Claim],
        told: dict[str, Any],
        phrases: dict[str, str | None],
        resolved: Resolution | None,
    ) -> None:
        """A claim, under the id of the fact that it agrees with or under one of its own."""
        told = {"subject": subject, **told, **(resolved.set if resolved else {})}
        told["cite"] = [{"for": "value"}]
        plain = {"comparator": "exactly", "coverage": "whole"}
        kept = {k: v for k, v in told.items() if k == "period" or v not in (None, plain.get(k))}
        claim = self._model(shape, kept)
        cited = [_cite(name, phrases.get(name)) for name in claim.must_cite]
        claim = self._model(shape, {**kept, "cite": cited})
        if any(other.slot == claim.slot for other in file.claims):
            same = [other for other in file.claims if other.slot == claim.slot]
            if not any(claim.agrees(other) for other in same):
                raise _Refused(f"{file.document.id} already says otherwise, in {same[0].id!r}")
            self._prefer(row, same[0].id)
            return
        claim.id = self._id(claim)
        self._prefer(row, claim.id)
        self._note(claim, file)
        self._add(row, file, claim.resource, claim)

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
        special = _slug(str(next(filter(None, told), "")))
        own = f"{stem}-{special}"
        number = 2
        while own in self.ids:
            own, number = f"{stem}-{special}-{number}", number + 1
        return own

    def _prefer(self, row: Row, identifier: str) -> None:
        found = _PREFERENCE.search(row["note"])
        if found:
            listed = self.refused if found["kind"].upper().startswith("NOT") else self.preferred
            listed.setdefault(identifier, _sentences(found["why"]) or "")

    def _add(self, row: Row, file: DocumentFile, section: str, stated: Stated) -> None:
        stated._inherited = file.subject
        if stated.subject == file.subject:
            stated.model_fields_set.discard("subject")
        setattr(file, section, [*getattr(file, section), stated])
        self.changed[f"documents/{file.document.id}.yaml"] = file
        self.origins[file.document.id, _key(stated)] = row
        self.taken += 1

    def _model(self, shape: type[Any], told: dict[str, Any]) -> Any:
        try:
            return shape.model_validate(told)
        except ValidationError as error:
            where = [(".".join(map(str, flaw["loc"])), flaw["msg"]) for flaw in error.errors()]
            raise _Refused("; ".join(f"{name}: {said}" for name, said in where)) from None

    # The end

    def finish(self) -> Outcome:
        """Check the whole on a copy, then write what changed."""
        if self.flaws:
            return Outcome(flaws=sorted(set(self.flaws)))
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "seed"
            shutil.copytree(self.seed.folder, copy)
            self._write(copy, self.changed)
            trial = Seed(copy)
            if found := check(trial):
                return Outcome(flaws=[self._traced(trial, finding) for finding in found])
            judged = _judge(trial, self.preferred, self.refused)
        written = {name: canonical(model) for name, model in self.changed.items()}
        if judged:
            written["judgements.yaml"] = canonical(judged)
        _replace(self.seed.folder, written)
        return Outcome(written=sorted(written), claims=self.taken)

    def _write(self, folder: Path, models: dict[str, Any]) -> None:
        for name, model in models.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(canonical(model), encoding="utf-8")

    def _traced(self, trial: Seed, finding: Finding) -> Finding:
        """A finding of the check, at the row that its claim came from."""
        document = Path(finding.file).stem
        if not finding.file.startswith("documents/"):
            return finding
        stands: list[tuple[int, Stated]] = []
        for file in trial.documents:
            if file.document.id == document:
                stands = sorted(
                    ((trial.remark(s, "").line, s) for s in file.stated), key=lambda one: one[0]
                )
        around = [stated for line, stated in stands if line <= finding.line]
        row = self.origins.get((document, _key(around[-1]))) if around else None
        row = row or (self.sources.get(document) if not around else None)
        return Finding(row.table, row.line, finding.message) if row else finding


def _key(stated: Stated) -> object:
    if isinstance(stated, Attribute):
        return (stated.about, stated.field, stated.value)
    assert isinstance(stated, Claim)
    return (stated.resource, stated.id)


def _cite(name: str, phrase: str | None) -> dict[str, str]:
    return {"for": name, "text": phrase} if phrase else {"for": name}


def _industries(seed: Seed) -> dict[str, list[str]]:
    """The industries that a wording means: as wordings.yaml says, else by label or alias."""
    found = {fold(wording.wording): wording.industries for wording in seed.wordings}
    known: list[Any] = seed.identities["industries"]
    for industry in known:
        for name in (industry.label_en, industry.label_zh, *industry.aliases):
            found.setdefault(fold(name), [industry.id])
    return found


def _unknown(what: str, said: str, known: Any) -> str:
    guess = nearest(said, sorted(known))
    return f"there is no {what} {said!r}" + (f"; did you mean {guess!r}?" if guess else "")


def _number(text: str) -> int | float:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Refused(f"{text!r} is no number") from None
    if not number.is_finite():
        raise _Refused(f"{text!r} is no number")
    return int(number) if number == number.to_integral_value() else float(number)


def _plain(degrees: str) -> str:
    return str(float(_number(degrees)))


def _period(start: str, end: str) -> str:
    """`2022-01-01` and `2022-07-31` as `2022-01/2022-07`, and one day, month or year as itself."""
    try:
        parse_date(start)
        last = parse_date(end).end or ""
    except ValueError as error:
        raise _Refused(str(error)) from None
    if start == end:
        return start
    if len(start) == 10 and start.endswith("-01") and parse_date(end[:7]).end == last:
        start, end = start[:7], end[:7]
    try:
        return parse_date(f"{start}/{end}").text
    except ValueError as error:
        raise _Refused(str(error)) from None


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
    slots: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in build_facts(trial):
        slots.setdefault(fact.claim.slot, []).append(fact)
    new = []
    for rivals in slots.values():
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


def _replace(folder: Path, written: dict[str, str]) -> None:
    """Write every file beside its place, then move them all."""
    moves = []
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(text, encoding="utf-8")
        moves.append((draft, path))
    for draft, path in moves:
        os.replace(draft, path)
