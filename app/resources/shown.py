"""Figures in another unit than their own: exact factors, and sources' conversions."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, or_, select
from sqlmodel import col

from app.database import Release
from app.query.fields import Clause, OneOf, Operator
from app.query.parameters import Row
from app.tables import Statistic, UnitFactor

Factors = Mapping[str, Fraction]
"""How many of a unit that is shown one of each unit is."""


def factors(release: Release, shown: str) -> Factors:
    """Those of a unit, worked out when the release was made."""

    def read(connection: Connection) -> dict[str, dict[str, Fraction]]:
        known: dict[str, dict[str, Fraction]] = {}
        for one in connection.execute(select(*UnitFactor.__table__.columns)):  # type: ignore[attr-defined]
            known.setdefault(one.shown, {})[one.unit] = Fraction(one.factor)
        return known

    return release.memo(factors, read)[shown]


class Shown(OneOf):
    """The unit that figures are shown in: those that it can measure."""

    operators = (Operator("", "measures it", lambda f, v: f.matches(v)),)

    def sought(self, values: Sequence[Any], release: Release) -> Sequence[Any]:
        """Every unit that converts into it."""
        return [*factors(release, values[0])]

    def matches(self, values: Sequence[Any]) -> Clause:
        """Figures in these units, and those that their source itself converts."""
        return or_(self.column.in_(values), col(Statistic.conversion_currency).in_(values))

    def values(self) -> None:
        """Units are not counted, since a figure can be shown in several."""
        return


def value_in(known: Factors) -> ColumnElement[float]:
    """The column of the figures, in the unit that these factors lead to."""
    own = [
        (Statistic.unit, Statistic.value),
        (Statistic.conversion_currency, Statistic.conversion_value),
    ]
    return case(
        *(
            (col(unit) == name, col(value) * float(f.numerator) / float(f.denominator))
            for unit, value in own
            for name, f in known.items()
        )
    )


def show(row: Row, unit: str, known: Factors) -> None:
    """Put a figure into a unit, where it can be measured in it."""
    value, own, conversion = row["value"], row["unit"], row["conversion"]
    if own not in known and conversion:
        value, own = conversion["value"], conversion["currency"]
        row["currency"] = own
    if own in known:
        row["value"], row["unit"] = scaled(value, known[own]), unit


def scaled(value: float, factor: Fraction) -> int | float:
    """A figure times a factor, as exactly as a number can be."""
    exact = Fraction(str(value)) * factor
    return int(exact) if exact.denominator == 1 else float(exact)
