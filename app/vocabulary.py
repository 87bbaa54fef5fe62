"""The codes that code branches on.

Every other code (kinds, roles, provinces, industries, indicators) is data: it stands in
`seed_data/vocabularies` and the contract does not change when it does.
"""

from enum import StrEnum


class Comparator(StrEnum):
    """How a published figure relates to the quantity it speaks of."""

    EXACTLY = "exactly"
    OVER = "over"
    UNDER = "under"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOUT = "about"


BOUNDS = (Comparator.OVER, Comparator.UNDER, Comparator.AT_LEAST, Comparator.AT_MOST)
"""Those by which a figure only bounds the quantity."""


class DoubtKind(StrEnum):
    """Why a curator doubts what a source states."""

    IMPLAUSIBLE = "implausible"
    CONTRADICTED = "contradicted"


class Nature(StrEnum):
    """What kind of statement a figure is (SDMX: observation status)."""

    OBSERVED = "observed"
    TARGET = "target"
    FORECAST = "forecast"
    PLANNED = "planned"


class Operation(StrEnum):
    """How a derived figure follows from its inputs, in their order."""

    DIFFERENCE = "difference"
    SUM = "sum"


class PeriodKind(StrEnum):
    """What kind of period a figure is of; figures of different kinds are never one series."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    PART_OF_YEAR = "part_of_year"
    YEARS = "years"
    OPEN = "open"
    """An end of it is open, approximate or uncertain."""
    NONE = "none"
    """The source gives none."""


class Precision(StrEnum):
    """How precisely a date or period is stated."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"
    INTERVAL = "interval"


class Rank(StrEnum):
    """The standing of a fact among its rivals (after Wikidata's ranks)."""

    PREFERRED = "preferred"
    NORMAL = "normal"


class Scope(StrEnum):
    """Whether a fact speaks of one zone or of the national programme as a whole."""

    ZONE = "zone"
    NATIONAL = "national"
