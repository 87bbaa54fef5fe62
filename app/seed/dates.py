"""Dates and periods as sources state them: a subset of EDTF, with the days they surely span."""

from dataclasses import dataclass
from functools import cache
from time import struct_time
from typing import Any

from edtf import Date, EDTFParseException, Season, UncertainOrApproximate, Unspecified, parse_edtf

from app.vocabulary import Precision


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

    def contains(self, other: "StatedDate") -> bool:
        """Whether `other` says the same, as precisely or more so."""
        if self.text == other.text:
            return True
        if None in (self.start, self.end, other.start, other.end):
            return False
        return str(self.start) <= str(other.start) and str(other.end) <= str(self.end)


def parse_date(text: str) -> StatedDate:
    """Read an EDTF date (`2010-09`, `199X`, `2018~`) or interval (`../2015`, `2022-01/2022-07`).

    Raises `ValueError`, saying what is allowed, for anything else.
    See https://www.loc.gov/standards/datetime/ (level 0, and `X`, `~`, `?`, `%`, `..` of level 1).
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


@cache  # the library takes milliseconds, and a base has few different dates
def _bounds(text: str) -> tuple[str | None, str | None, Precision]:
    try:
        parsed: Any = parse_edtf(text)
    except EDTFParseException:
        parsed = None
    approximate = isinstance(parsed, UncertainOrApproximate)
    date = parsed.date if approximate else parsed
    if (
        not isinstance(date, Date | Unspecified)
        or isinstance(date, Season)
        or not text[:2].isdigit()
    ):
        raise ValueError(
            f"{text!r} is not an EDTF date such as 2010, 2010-09, 2010-09-29, 201X, 2018~,"
            " ../2015 or 2018/2021~"
        )
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(text.strip("~?%"))]
    if "X" in text:
        precision = Precision.CENTURY if text[2] == "X" else Precision.DECADE
    if approximate:
        return None, None, precision
    return _iso(date.lower_strict()), _iso(date.upper_strict()), precision


def _iso(day: struct_time) -> str:
    return f"{day.tm_year:04}-{day.tm_mon:02}-{day.tm_mday:02}"
