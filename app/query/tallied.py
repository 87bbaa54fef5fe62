"""What was counted of whole lists when a release was made (`query/settling.py`)."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from app.database import Release
from app.tables import Tally

SPREAD = 1000
"""Of how many parts, equal in rows, the bounds are kept of the numbers of a long list."""


def tallies(release: Release, resource: str) -> Mapping[str, dict[str, Any]]:
    """The counts of a list, by field; those of the whole list are those of the field "".

    `most` has the values with most rows: how many, and how many each choice leaves out; `spans`
    the same of the intervals of dates.
    """

    def read(connection: Connection) -> dict[str, dict[str, Any]]:
        counted = select(col(Tally.field), col(Tally.counts))
        found = connection.execute(counted.where(col(Tally.resource) == resource))
        known = {name: json.loads(text) for name, text in found}
        for one in known.values():
            for kind in ("most", "spans"):
                one[kind] = {value: numbers for value, *numbers in one.get(kind, ())}
        return known

    return release.memo((tallies, resource), read)


def share(spread: Sequence[float], bounds: Mapping[str, float]) -> float | None:
    """What share of a list's rows have a number within these bounds, rounded up to a power of ten.

    By the operators' suffixes; None where it is more than a tenth or not known.
    """
    first, last = 0, len(spread)
    for suffix, bound in bounds.items():
        if suffix in ("gt", "gte"):
            first = max(first, bisect_left(spread, bound))
        elif suffix in ("lt", "lte"):
            last = min(last, bisect_right(spread, bound))
    found = (max(last - first, 0) + 1) / len(spread) if spread else 1
    return next((share for share in (0.001, 0.01, 0.1) if found <= share), None)
