"""What was counted of whole lists when a release was made (`query/tallying.py`)."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from app.database import Release
from app.query.prepared import Shapes, Statement
from app.tables import Tally

SPREAD = 1000
"""Of how many parts, equal in rows, the bounds are kept of the numbers of a long list."""
MANY = 1000
"""Rows with one value of a field of a long list, above which they are counted as the list is."""
BOUNDS = ("gt", "gte", "lt", "lte")
"""The operators by which a number is asked to be within bounds."""
_PARTS = 128
"""Parts of lists whose counts are kept in memory."""
Tallies = Mapping[str, dict[str, Any]]
_COUNTS = Statement.of(
    select(col(Tally.field), col(Tally.counts)).where(
        col(Tally.resource) == bindparam("asked_resource", required=False),
        col(Tally.among) == bindparam("asked_among", required=False),
    )
)


def tallies(release: Release, resource: str) -> Tallies:
    """The counts of a list, by field; those of the whole list are those of the field "".

    `most` has the values with most rows: how many, and how many each choice leaves out; `spans`
    the same of the intervals of dates; `spread` one of `every` so many numbers, in their order.
    """
    return release.memo((tallies, resource), lambda _: _read(release, resource, ""))


def tallies_of(release: Release, resource: str, field: str, value: object) -> Tallies:
    """The same of the rows with one value of a field, if they are many; else none."""
    known = release.memo(tallies_of, lambda _: Shapes(_PARTS))
    part = among(field, value)
    return known.get((resource, part), lambda: _read(release, resource, part))


def among(field: str, value: object) -> str:
    """A name for the rows with one value of a field."""
    return f"{field}={value}"


def _read(release: Release, resource: str, part: str) -> Tallies:
    asked = {"asked_resource": resource, "asked_among": part}
    known = {name: json.loads(text) for name, text in _COUNTS.fetch(release, asked)}
    for one in known.values():
        for kind in ("most", "spans"):
            one[kind] = {value: numbers for value, *numbers in one.get(kind, ())}
    return known


def share(spread: Sequence[float], bounds: Mapping[str, float]) -> float | None:
    """What share of a list's rows have a number within these bounds, rounded up to a power of ten.

    By the operators' suffixes; None where it is more than a tenth or not known.
    """
    found = (_within(spread, bounds) + 1) / len(spread) if spread else 1
    return next((share for share in (0.001, 0.01, 0.1) if found <= share), None)


def lacking(spread: Sequence[float], bounds: Mapping[str, float]) -> int:
    """In how many of these parts of a list, at most, a number may not be within these bounds."""
    return len(spread) - _within(spread, bounds) + len(bounds)


def _within(spread: Sequence[float], bounds: Mapping[str, float]) -> int:
    """How many of the numbers are within these bounds."""
    first, last = 0, len(spread)
    for suffix, bound in bounds.items():
        if suffix in ("gt", "gte"):
            first = max(first, bisect_left(spread, bound))
        else:
            last = min(last, bisect_right(spread, bound))
    return max(last - first, 0)
