"""What a claim says, held against its own phrases: proven, undecidable by them, or refused.

The one phrase reader reads each phrase again. A number, unit, comparator, date, period or nature
that its phrases contradict cannot be released. What they leave open (a relative date with nothing
to count from, a word for a number) needs a `reading` and is listed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from app.seed.claims import ATTRIBUTES, Attribute, Claim, Conversion, DocumentFile, Statistic
from app.seed.dates import parse_date
from app.seed.phrases import READ_AT_MOST, Quantity, read_dates, read_nature, read_quantities
from app.vocabulary import Comparator, Nature

Phrases = tuple[str, ...]

_UNITS = {"multiple": "ratio"}
"""Units that the phrase reader calls otherwise."""
_MEASURED = {"CNY", "USD", "EUR", "km2", "percent", "percentage_point", "ratio", "rank"}
"""Units that stand in a phrase; all others are counted nouns, which it does not read."""

READ = {"en", "zh"}
"""The languages whose phrases the reader reads."""

_COUNT = {"two": 2, "three": 3, "five": 5, "ten": 10}
_WORDS = "|".join(_COUNT)
_RELATIVE: dict[re.Pattern[str], tuple[int, int]] = {
    re.compile(r"(?:the )?(?:following|next) year(?!s)"): (1, 1),
    re.compile(r"(?<!same period )last year"): (-1, -1),
    re.compile(r"this year|currently"): (0, 0),
    re.compile(r"next decade"): (0, 10),
    re.compile(r"last decade"): (-9, 0),
    re.compile(rf"next (?P<n>{_WORDS}) years"): (0, 1),
    re.compile(rf"past (?P<n>{_WORDS}) years"): (-1, 0),
}
"""Relative expressions, as years from the year they are counted from."""

_VERBATIM = {name for known in ATTRIBUTES.values() for name, kind in known.items() if kind is None}
"""Properties that stand in their phrases letter for letter."""


class Verdict(StrEnum):
    """What the phrases of a field, or of a whole claim, say of it."""

    PROVEN = "proven"
    UNDECIDABLE = "undecidable"
    UNANCHORED = "unanchored"
    """The text was not at hand, so its phrases were not found in it."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Proof:
    """The verdict on one field of a claim, and why."""

    field: str
    verdict: Verdict
    why: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.why}"


def prove(claim: Claim, document: DocumentFile) -> Iterator[Proof]:
    """The proof of every number, date and nature of a claim.

    The reader knows English and Chinese: phrases of other languages prove, but refuse nothing.
    """
    for proof in _prove(claim, document):
        if proof.verdict == Verdict.REFUSED and document.document.language not in READ:
            yield replace(proof, verdict=Verdict.UNDECIDABLE)
        else:
            yield proof


def _prove(claim: Claim, document: DocumentFile) -> Iterator[Proof]:
    if isinstance(claim, Statistic):
        phrases = tuple(claim.phrases("value"))
        if not claim.inputs:
            yield _value(claim.value, claim.unit, claim.comparator, phrases)
            yield _nature(claim.nature, tuple(claim.phrases("nature", "value")))
        if claim.conversion:
            yield _conversion(claim.conversion, phrases)
    if claim.dated and (text := getattr(claim, claim.dated)):
        phrases, published = tuple(claim.phrases(claim.dated)), document.document.published_on
        yield _date(claim.dated, text, phrases, claim.reading, published)


def prove_attribute(attribute: Attribute) -> Proof:
    """The proof of a name, code or pair of coordinates; other properties are ids of ours."""
    said = attribute.phrases("value")
    wanted = {"coordinates": attribute.value.split(", ")}.get(attribute.field, [attribute.value])
    says = _says_whole if attribute.field.endswith("_code") else _says
    if attribute.field not in _VERBATIM or all(any(says(p, w) for p in said) for w in wanted):
        return Proof("value", Verdict.PROVEN)
    if not said:
        return Proof("value", Verdict.UNDECIDABLE, "no phrase of it is quoted")
    return Proof("value", Verdict.REFUSED, f"its phrases say {', '.join(map(repr, said))}")


def _says(phrase: str, wanted: str) -> bool:
    """Whether a phrase holds the text; a negative degree may be one south or west."""
    away = wanted.startswith("-") and re.search(rf"{re.escape(wanted[1:])}°? ?[SW]\b", phrase)
    return wanted in phrase or bool(away)


def _says_whole(phrase: str, code: str) -> bool:
    """Whether a phrase holds the code, not as a part of a longer one."""
    return re.search(rf"(?<!\w){re.escape(code)}(?!\w)", phrase) is not None


def shortfall(claim: Claim, document: DocumentFile) -> Proof | None:
    """What keeps the phrases of a claim from proving it, or None: the worst of its fields."""
    found = [proof for proof in prove(claim, document) if proof.verdict != Verdict.PROVEN]
    if unplaced := next((cite for cite in claim.cite if cite.at is None), None):
        why = "the text of its source was not at hand to find its phrases in"
        found.append(Proof(unplaced.for_, Verdict.UNANCHORED, why))
    return max(found, key=lambda proof: list(Verdict).index(proof.verdict), default=None)


def _quantities(phrases: Phrases) -> list[Quantity]:
    return [q for phrase in phrases for q in read_quantities(phrase)]


@lru_cache(maxsize=READ_AT_MOST)
def _value(value: float, unit: str, comparator: Comparator, phrases: Phrases) -> Proof:
    """The number, its unit and its comparator stand in one phrase."""
    read = _quantities(phrases)
    if not read:
        return Proof("value", Verdict.UNDECIDABLE, "its phrases hold no number that can be read")
    unit = _UNITS.get(unit, unit)
    wanted = (Decimal(str(value)), unit if unit in _MEASURED else None)
    fitting = [q for q in read if (q.value, q.unit) == wanted]
    if not fitting:
        return Proof("value", Verdict.REFUSED, f"its phrases say {_said(read)}")
    if comparator not in {q.comparator for q in fitting}:
        why = f"its phrases say {_said(fitting)}, which is {fitting[0].comparator}"
        return Proof("comparator", Verdict.REFUSED, why)
    return Proof("value", Verdict.PROVEN)


def _conversion(stated: Conversion, phrases: Phrases) -> Proof:
    read = _quantities(phrases)
    if (stated.currency, Decimal(str(stated.value))) in {(q.unit, q.value) for q in read}:
        return Proof("conversion", Verdict.PROVEN)
    return Proof("conversion", Verdict.REFUSED, f"its phrases say {_said(read) or 'nothing of it'}")


def _said(quantities: list[Quantity]) -> str:
    return ", ".join(f"{q.text!r} ({q.value:f} {q.unit or 'of something'})" for q in quantities)


@lru_cache(maxsize=READ_AT_MOST)
def _nature(nature: Nature, phrases: Phrases) -> Proof:
    if not phrases:
        return Proof("nature", Verdict.UNDECIDABLE, "no phrase of it is quoted")
    read = {n for p in phrases if (n := read_nature(p))}
    if read == ({nature} - {Nature.OBSERVED}):
        return Proof("nature", Verdict.PROVEN)
    if not read:
        return Proof("nature", Verdict.REFUSED, f"no word of its phrases marks a {nature}")
    return Proof("nature", Verdict.REFUSED, f"its phrases say {', '.join(sorted(read))}")


@lru_cache(maxsize=READ_AT_MOST)
def _date(
    field: str, text: str, phrases: Phrases, reading: str | None, published: str | None
) -> Proof:
    """A date stands in its phrases, or follows from a relative one and what it is counted from."""
    read = [d.edtf for phrase in phrases for d in read_dates(phrase)]
    can_be = set(_counted(phrases, read, published))
    if not any(words.search(phrase) for words in _RELATIVE for phrase in phrases):
        can_be |= {*read, *_spanned(read)}
    if text in can_be:
        return Proof(field, Verdict.PROVEN)
    loose = [edtf for edtf in can_be if re.fullmatch(r"\d+X+", edtf)]
    narrowed = reading and any(parse_date(x).contains(parse_date(text)) for x in loose)
    if narrowed or not can_be:
        return Proof(field, Verdict.UNDECIDABLE, reading or "no phrase of it gives a date")
    return Proof(field, Verdict.REFUSED, f"its phrases say {', '.join(sorted(can_be))}")


def _spanned(read: list[str]) -> Iterator[str]:
    """From one plain date to another, for a change between them."""
    plain = sorted(edtf for edtf in read if re.fullmatch(r"\d{4}(-\d\d){0,2}", edtf))
    if len(plain) == 2:
        yield "/".join(plain)


def _counted(phrases: Phrases, read: list[str], published: str | None) -> Iterator[str]:
    """Relative expressions counted from a year of the other phrases, or of the document."""
    years = {int(edtf[:4]) for edtf in read if edtf[:4].isdigit() and "/" not in edtf}
    if published and not years:
        years = {int(published[:4])}
    rest = {edtf.replace("XXXX", "{0}") for edtf in read if "XXXX" in edtf} or {"{0}"}
    relative = False
    if published and any("ecently" in phrase for phrase in phrases):
        yield f"../{published}"
    for words, (first, last) in _RELATIVE.items():
        for match in chain.from_iterable(words.finditer(phrase) for phrase in phrases):
            relative = True
            n = _COUNT.get(match.groupdict().get("n") or "", 1)
            for year in years:
                start, end = year + first * n, year + last * n
                if start != end:
                    yield f"{start}~/{end}~"
                else:
                    yield from (form.format(start) for form in rest)
    if not relative and rest != {"{0}"}:  # months whose year another phrase gives
        yield from (form.format(year) for year in years for form in rest)
