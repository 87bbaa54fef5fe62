"""Proves the checker: changes every number, unit, comparator, nature and date of the seed, one at a
time and in several ways, and counts what `gaoxin check` refuses, leaves open and misses.

    .venv/bin/python benchmarks/mutation.py [SEED]

Exits 1 when a change is missed, or when a tenth or more is left open.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.seed import check as rules
from app.seed.claims import Claim, DocumentFile, Milestone, Platform, Statement, Statistic
from app.seed.dates import parse_date
from app.seed.proof import READ, Verdict, prove, prove_attribute
from app.seed.read import Seed
from app.settings import Settings
from app.vocabulary import Comparator, Nature

NUMERIC = ("gb_code", "isic_4_code", "coordinates")
UNITS = ("CNY", "USD", "km2", "percent", "multiple", "rank", "persons", "zones")


def other_numbers(value: float) -> Iterator[float]:
    """A digit, a magnitude, the sign."""
    text = f"{value:f}".rstrip("0").rstrip(".")
    digits = [i for i, c in enumerate(text) if c in "123456789"]
    for i in {digits[0], digits[-1]}:
        changed = text[:i] + str((int(text[i]) + 1) % 10 or 7) + text[i + 1 :]
        yield float(changed)
    yield from (value * 10, value / 10, value * 1000, value * 10_000, -value)


def other_dates(text: str) -> Iterator[str]:
    """A year, a month, a day; more and less precise; doubt; an open end."""
    for match in re.finditer(r"\d{4}", text):
        for step in (-1, 1, 10):
            yield text[: match.start()] + str(int(match[0]) + step) + text[match.end() :]
    for match in re.finditer(r"(?<=-)\d\d", text):
        yield text[: match.start()] + f"{int(match[0]) % 12 + 1:02}" + text[match.end() :]
    if re.fullmatch(r"\d{4}(-\d\d)?", text):
        yield from (f"{text}-01", f"{text}~", f"../{text}", f"{text}/..")
    if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", text):
        yield text[:4]


def mutants(claim: Claim, field: str) -> Iterator[Any]:
    """Other values of a field."""
    value = getattr(claim, field)
    if field == "value":
        yield from (int(n) if n == int(n) else n for n in other_numbers(value))
    elif field == "unit":
        yield from (unit for unit in UNITS if unit != value)
    elif field in ("comparator", "nature"):
        kinds: list[Any] = list(Comparator if field == "comparator" else Nature)
        yield from (kind for kind in kinds if kind != value)
    elif field == "conversion":
        for number in other_numbers(value.value):
            yield value.model_copy(update={"value": number})
        yield value.model_copy(update={"currency": "EUR"})
    else:
        for text in other_dates(value):
            try:
                parse_date(text)
            except ValueError:
                continue
            if text != value:
                yield text


FIELDS: dict[type[Claim], tuple[str, ...]] = {
    Milestone: ("date",),
    Platform: ("since",),
    Statement: ("horizon",),
    Statistic: ("value", "unit", "comparator", "nature", "period", "conversion"),
}


def quoted(claim: Claim, field: str, document: DocumentFile) -> bool:
    """Whether a phrase in a language that the reader knows is there to hold the field against."""
    names = (field,) if field in ("date", "period", "since", "horizon") else ("value", "nature")
    derived = bool(getattr(claim, "inputs", []))
    return derived or (document.document.language in READ and bool(claim.phrases(*names)))


def judge(seed: Seed, claim: Claim, document: DocumentFile) -> Verdict:
    """What the check says of a seed in which this claim was changed."""
    found = {proof.verdict for proof in prove(claim, document)}
    if Verdict.REFUSED in found:
        return Verdict.REFUSED
    before = len(seed.findings)
    rules.units_fit(seed)
    rules.derived_figures_follow(seed)
    if len(seed.findings) > before:
        for file, _ in seed.files.values():
            file.findings.clear()
        return Verdict.REFUSED
    return Verdict.UNDECIDABLE if Verdict.UNDECIDABLE in found else Verdict.PROVEN


def main() -> int:
    """Change, judge, change back; print the three numbers."""
    seed = Seed(Path(sys.argv[1]) if len(sys.argv) > 1 else Settings().seed_dir)
    counts: Counter[str] = Counter()
    for document in seed.documents:
        for claim in document.claims:
            for field in FIELDS.get(type(claim), ()):
                if not quoted(claim, field, document):
                    counts["unquoted"] += 1
                    continue
                original = getattr(claim, field)
                for value in mutants(claim, field) if original is not None else ():
                    setattr(claim, field, value)
                    verdict = judge(seed, claim, document)
                    counts[verdict] += 1
                    if verdict != Verdict.REFUSED:
                        said = "MISSED" if verdict == Verdict.PROVEN else "open"
                        sys.stdout.write(f"{said}: {claim.id} {field} {original} -> {value}\n")
                setattr(claim, field, original)
        for attribute in document.attributes:
            if attribute.field in NUMERIC and not attribute.phrases("value"):
                counts["unquoted"] += 1
                continue
            for i, digit in enumerate(attribute.value if attribute.field in NUMERIC else ""):
                if digit.isdigit():
                    changed = attribute.value[:i] + str(9 - int(digit)) + attribute.value[i + 1 :]
                    mutant = attribute.model_copy(update={"value": changed})
                    verdict = prove_attribute(mutant).verdict
                    counts[verdict] += 1
                    if verdict != Verdict.REFUSED:
                        sys.stdout.write(f"MISSED: {attribute.about} {attribute.field} {changed}\n")
    unquoted = counts.pop("unquoted", 0)
    total = sum(counts.values())
    refused, left, missed = (counts[v] for v in (Verdict.REFUSED, "undecidable", Verdict.PROVEN))
    sys.stdout.write(
        f"{total} changes: {refused} refused, {left} undecidable ({left / total:.1%}),"
        f" {missed} missed; {unquoted} fields have no phrase that the reader reads\n"
    )
    return int(missed > 0 or left * 10 >= total)


if __name__ == "__main__":
    sys.exit(main())
