"""What a table's row becomes: the shape of `vocabularies/import.yaml`."""

from typing import Literal

from pydantic import Field

from app.seed.claims import Shape, Slug, Text
from app.vocabulary import Comparator, Nature

COLUMNS: dict[str, str] = {
    "documents.csv": (
        "document_id title publisher published_on url official_number language tier notes"
        " title_is_descriptive url_status"
    ),
    "zones.csv": (
        "zone_id name_en name_zh short_name_en city_en city_zh province_iso gbt37028_code lat lon"
        " geocode_source prefecture_en"
    ),
    "facts.csv": (
        "zone_id fact value value_precision document_id as_written basis confidence note"
    ),
    "national_statistics.csv": (
        "indicator period_start period_end value unit comparator document_id as_written note"
        " confidence"
    ),
}
"""The columns of each table, in any order."""


class FactRule(Shape):
    """What a kind of fact becomes."""

    section: Literal["attributes", "milestones", "statistics", "relations"]
    kind: Slug | None = None
    type: Slug | None = None
    indicator: Slug | None = None
    until: bool = False
    """The date is the latest that it can be."""
    by: dict[Text, Slug] = Field(default_factory=dict)
    """Who did it, by words of the phrase."""


class AreaRule(Shape):
    """Which coverage and nature a kind of area is."""

    coverage: Slug
    nature: Nature = Nature.OBSERVED
    suffix: str = ""
    """Ends the id of the fact."""


class FigureRule(Shape):
    """What a national indicator becomes."""

    indicator: Slug
    by_unit: dict[Text, Slug] = Field(default_factory=dict)
    """Indicators of their own for figures in other units."""
    id: Slug | None = None
    """Stands in the id of the fact, where it is not the indicator."""
    coverage: Slug = "whole"
    nature: Nature = Nature.OBSERVED


class Publisher(Shape):
    """The organization that a publisher's name means; with a kind, it is made if there is none."""

    id: Slug
    label_en: Text | None = None
    label_zh: Text | None = None
    kind: Slug | None = None


class Resolution(Shape):
    """How a person read one row that cannot be taken as it stands."""

    where: dict[Text, str]
    """Cells by which the row is known."""
    because: Text
    skip: bool = False
    phrase: Text | None = None
    """The phrase to cite instead; null for none."""
    set: dict[Text, str | None] = Field(default_factory=dict)
    """Keys of the claim."""


class Rules(Shape):
    """Everything that is decided for all rows at once."""

    zones_document: Slug
    """The document that zones.csv itself is."""
    codes_document: Slug
    coordinates_document: Slug
    facts: dict[Text, FactRule]
    areas: dict[Text, AreaRule]
    bounds: dict[Text, Text]
    """The sign that the beginning of an area's note means."""
    comparators: dict[Text, list[Comparator]]
    units: dict[Text, Slug]
    indicators: dict[Text, FigureRule]
    places: dict[Text, Slug] = Field(default_factory=dict)
    """Ids of places that their name does not give."""
    seats: dict[Slug, Slug] = Field(default_factory=dict)
    """For a zone whose coordinates are not those of its city: of what they are."""
    publishers: dict[Text, Publisher]
    resolved: list[Resolution] = Field(default_factory=list)
