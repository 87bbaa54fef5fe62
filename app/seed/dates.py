"""Dates and periods as sources state them: a subset of EDTF, with the days they surely span.

Of https://www.loc.gov/standards/datetime/ these are read: plain dates and intervals (level 0), and
of level 1 unspecified digits (`199X`, `20XX`), doubt (`~`, `?`, `%`) and open intervals (`..`).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from app.query.values import parse_span
from app.vocabulary import PeriodKind, Precision

_FORM = re.compile(r"(\d{4}(?:-\d\d){0,2}|\d{3}X|\d\dXX)([~?%]?)", re.ASCII)
_PRECISION = {
    (0, 10): Precision.DAY,
    (0, 7): Precision.MONTH,
    (0, 4): Precision.YEAR,
    (1, 4): Precision.DECADE,
    (2, 4): Precision.CENTURY,
}
"""By the number of unspecified digits and the length."""


@dataclass(frozen=True)
class StatedDate:
    """A date or interval; `start` and `end` are None where open, approximate or uncertain."""

    text: str
    start: str | None
    end: str | None
    precision: Precision

    @property
    def year(self) -> int | None:
        """The year, where the whole of it lies in one."""
        if self.start and self.end and self.start[:4] == self.end[:4]:
            return int(self.start[:4])
        return None

    @property
    def kind(self) -> PeriodKind:
        """What kind of period it is, by its first and last day."""
        if not self.start or not self.end:
            return PeriodKind.OPEN
        if self.start == self.end:
            return PeriodKind.DAY
        (year, first), (last_year, last) = ((day[:4], day[4:]) for day in (self.start, self.end))
        if (first, last) == ("-01-01", "-12-31"):
            return PeriodKind.YEAR if year == last_year else PeriodKind.YEARS
        if (
            self.start == parse_span(self.start[:7]).start
            and self.end == parse_span(self.start[:7]).end
        ):
            return PeriodKind.MONTH
        return PeriodKind.PART_OF_YEAR if year == last_year else PeriodKind.YEARS

    @property
    def days(self) -> float:
        """How many days it spans; infinite where an end is not known."""
        if not self.start or not self.end:
            return float("inf")
        return (date.fromisoformat(self.end) - date.fromisoformat(self.start)).days + 1

    def contains(self, other: "StatedDate") -> bool:
        """Whether `other` says the same, as precisely or more so."""
        if self.text == other.text:
            return True
        if self.text.startswith("../") and self.end and other.end:
            return other.end <= self.end
        if None in (self.start, self.end, other.start, other.end):
            return False
        return str(self.start) <= str(other.start) and str(other.end) <= str(self.end)


@cache
def parse_date(text: str) -> StatedDate:
    """Read an EDTF date (`2010-09`, `199X`, `2018~`) or interval (`../2015`, `2022-01/2022-07`).

    Raises `ValueError`, saying what is allowed, for anything else.
    """
    first, slash, last = text.partition("/")
    if not slash:
        start, end, precision = _bounds(text)
        return StatedDate(text, start, end, precision)
    if first == last == "..":
        raise ValueError(f"{text!r} says nothing; leave the date out")
    start = None if first == ".." else _bounds(first)[0]
    end = None if last == ".." else _bounds(last)[1]
    if start and end and start > end:
        raise ValueError(f"{text!r} ends before it begins")
    return StatedDate(text, start, end, Precision.INTERVAL)


def _bounds(text: str) -> tuple[str | None, str | None, Precision]:
    match = _FORM.fullmatch(text)
    try:
        if not match:
            raise ValueError
        first, last = (parse_span(match[1].replace("X", digit)) for digit in "09")
    except ValueError:
        raise ValueError(
            f"{text!r} is not an EDTF date such as 2010, 2010-09, 2010-09-29, 201X, 2018~,"
            " ../2015 or 2018/2021~"
        ) from None
    precision = _PRECISION[match[1].count("X"), len(match[1])]
    return (None, None, precision) if match[2] else (first.start, last.end, precision)
