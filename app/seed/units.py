"""How units convert into each other, exactly, worked out once for a release."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from app.seed.claims import Code


class BadSize(ValueError):
    """The size of a unit cannot be read; `unit` is its id."""

    def __init__(self, unit: str, size: str, error: Exception) -> None:
        why = f" ({error})" if str(error) else ""
        super().__init__(f"the size {size!r} cannot be read{why}; write it as '1e4 * CNY'")
        self.unit = unit


def conversions(units: Sequence[Code]) -> Sequence[dict[str, str]]:
    """How many of the unit `shown` one of `unit` is, for each two that measure the same.

    A unit without a size is of a kind of its own, so no currency becomes another one. Raises
    `BadSize`.
    """
    return _conversions(tuple((unit.id, unit.size) for unit in units))


@lru_cache(maxsize=1)
def _conversions(units: tuple[tuple[str, str | None], ...]) -> Sequence[dict[str, str]]:
    sizes = dict(_sizes(units))
    return [
        {"unit": unit, "shown": shown, "factor": str((size / other).to("dimensionless").magnitude)}
        for unit, size in sizes.items()
        for shown, other in sizes.items()
        if size.is_compatible_with(other)
    ]


def _sizes(units: tuple[tuple[str, str | None], ...]) -> Iterator[tuple[str, Any]]:
    """Each unit with the quantity that one of it is; those that others are defined by first."""
    from pint import UnitRegistry  # half a second, of loading only

    registry: Any = UnitRegistry(non_int_type=Fraction, on_redefinition="ignore")
    for unit, size in units:
        if not size:
            registry.define(f"{unit} = [{unit}]")
            yield unit, registry.Quantity(Fraction(1), unit)
    for unit, size in units:
        if size:
            try:
                yield unit, registry.Quantity(Fraction(1)) * registry.parse_expression(size)
            except Exception as error:  # its parser raises whatever it stumbles over
                raise BadSize(unit, size, error) from None
