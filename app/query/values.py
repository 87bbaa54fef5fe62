"""The types of values that parameters take, each with its JSON Schema, and where they come from."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from app.database import Release

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """The first and last day of a year, month or day, as ISO dates."""

    text: str
    start: str
    end: str

    def __str__(self) -> str:
        return self.text


def parse_span(text: object) -> Span:
    """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; raises `ValueError` for anything else."""
    match = _DATE.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if not match:
        raise ValueError("a date is YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    if not year or (month is not None and not 1 <= month <= 12):
        raise ValueError(f"there is no {match[0]} in the calendar")
    last = calendar.monthrange(year, month or 12)[1]
    if day is not None and not 1 <= day <= last:
        raise ValueError(f"there is no {match[0]} in the calendar")
    first_month, last_month = month or 1, month or 12
    return Span(
        match[0],
        f"{year:04}-{first_month:02}-{day or 1:02}",
        f"{year:04}-{last_month:02}-{day or last:02}",
    )


def _plain(text: object) -> object:
    """Only digits as people write them: no `1_0`, `+5` or leading zeros."""
    if isinstance(text, str) and not _NUMBER.fullmatch(text):
        raise ValueError("a number is written 12, -3 or 4.5")
    return text


def _flag(text: object) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def _printable(text: str) -> str:
    """No NUL: SQLite's LIKE ends at one, so the text could match what it does not say."""
    if "\0" in text:
        raise ValueError("a text has no NUL")
    return text


class State(StrEnum):
    """Whether the base knows a value. Unknown is not no."""

    KNOWN = "known"
    UNKNOWN = "unknown"


Year = Annotated[int, Field(ge=1900, le=2100), BeforeValidator(_plain)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_plain)]
Distance = Annotated[float, Field(gt=0, le=20_100, allow_inf_nan=False), BeforeValidator(_plain)]
Whole = Annotated[int, Field(ge=0, le=2**53), BeforeValidator(_plain)]
Limit = Annotated[int, Field(ge=0, le=1000), BeforeValidator(_plain)]
Few = Annotated[int, Field(ge=1, le=100), BeforeValidator(_plain)]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Typed = Annotated[str, Field(min_length=1, max_length=200)]
"""What a person types, whatever it is."""
Slug = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(_printable)]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
PartialDate = Annotated[
    Span,
    BeforeValidator(parse_span),
    WithJsonSchema(
        {"type": "string", "format": "partial-date", "pattern": "^\\d{4}(-\\d{2}(-\\d{2})?)?$"}
    ),
]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The ids a parameter may name: data of the release, so not an enum of the contract.

    `entries` is a SELECT of the id first, then of any words it is known by.
    """

    entries: Any
    says: str
    address: str | None = None
    """Where they are listed."""

    def ids(self, release: Release) -> dict[str, Sequence[str]]:
        """Each allowed id with the words it is known by."""
        return release.memo(
            self, lambda c: {str(i): words for i, *words in c.execute(self.entries)}
        )

    def nearest(self, release: Release, text: str) -> str | None:
        """The id whose own spelling or words are nearest to `text`."""
        known: dict[str, str] = {}
        for identifier, words in self.ids(release).items():
            for word in (identifier, *words):
                if word:
                    known.setdefault(word.casefold(), identifier)
        found = nearest(text.casefold(), list(known))
        return known[found] if found else None


def nearest(text: str, known: Sequence[str]) -> str | None:
    """The entry of `known` that `text` was probably meant to be."""
    found = get_close_matches(text[:200], known, n=1, cutoff=0.6)
    return found[0] if found else None
