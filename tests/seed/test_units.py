"""How units convert, held against a library of units."""

from fractions import Fraction
from typing import Any

import pytest
from pint import UnitRegistry

from app.seed.read import Seed
from app.seed.units import conversions
from app.settings import bundled

CALLED = {"km2": "kilometer ** 2", "mu": "hectare / 15"}
"""What the library calls otherwise, or does not know."""


@pytest.mark.filterwarnings("ignore")
def test_units_convert_as_a_library_converts_them() -> None:
    registry: Any = UnitRegistry(non_int_type=Fraction)
    units = Seed(bundled("seed_data")).codes["unit"]
    sizes = {}
    for unit in units:
        if not unit.size and unit.id not in CALLED:
            registry.define(f"{unit.id} = [{unit.id}]")
    for unit in units:
        known = unit.id in registry
        told = CALLED.get(unit.id, unit.id if known else unit.size)
        sizes[unit.id] = 1 * registry.parse_expression(str(told))
    expected = {
        (one, other): (size / shown).to("dimensionless").magnitude
        for one, size in sizes.items()
        for other, shown in sizes.items()
        if size.is_compatible_with(shown)
    }
    found = {(c["unit"], c["shown"]): Fraction(c["factor"]) for c in conversions(units)}
    assert found == expected
    assert found["mu", "hectare"] == Fraction(1, 15)
    assert len(found) > len(units)
