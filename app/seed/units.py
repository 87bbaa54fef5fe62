"""How units convert into each other, exactly, worked out once for a release."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction

from app.seed.claims import Code

_SIZE = re.compile(r"(?:([\d.e]+) \* )?([\w-]+)(?: / ([\d.e]+))?", re.ASCII)


class BadSize(ValueError):
    """The size of a unit cannot be read; `unit` is its id."""

    def __init__(self, unit: str, size: str) -> None:
        super().__init__(
            f"the size {size!r} cannot be read; write it as '1e4 * CNY' or 'km2 / 1500', of a unit"
            " that has no size itself"
        )
        self.unit = unit


def conversions(units: Sequence[Code]) -> Iterator[dict[str, str]]:
    """How many of the unit `shown` one of `unit` is, for each two that measure the same.

    A unit without a size is of a kind of its own, so no currency becomes another one. Raises
    `BadSize`.
    """
    sizes = {unit.id: (Fraction(1), unit.id) for unit in units if not unit.size}
    sizes |= {unit.id: _read(unit.id, unit.size, {*sizes}) for unit in units if unit.size}
    for unit, (size, measured) in sizes.items():
        for shown, (other, by) in sizes.items():
            if measured == by:
                yield {"unit": unit, "shown": shown, "factor": str(size / other)}


def _read(unit: str, size: str, bases: set[str]) -> tuple[Fraction, str]:
    """How many of which base a unit is."""
    match = _SIZE.fullmatch(size)
    if match and match[2] in bases:
        with suppress(ValueError, ZeroDivisionError):
            if found := Fraction(match[1] or 1) / Fraction(match[3] or 1):
                return found, match[2]
    raise BadSize(unit, size)
