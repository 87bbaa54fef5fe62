"""All tables of a release: the schema on one page.

A table holds only what is filtered, sorted or joined on. What the API returns of a row stands
ready-made in `Body`, and a column's name says where its value comes from in that representation:
`province_id` is `province.id`, `date_start` and `date_end` are the first and last day of `date`.
Lists of references are rows of `Link`. `place`, `date_span` and the indexes of what a list can be
asked are made when all rows are there (`query/settling.py`); an `index` here serves something else.
"""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

# Names for constraints, so that migrations can speak of them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.model_config["defer_build"] = True  # no row is validated: of tables only SQL is made


class Body(SQLModel, table=True):
    """The finished JSON of one row of one resource."""

    resource: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    json_text: str


class Code(SQLModel, table=True):
    """A code of a vocabulary that is data: a kind, a role, a status, a coverage."""

    scheme: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    label_en: str
    label_zh: str
    definition: str | None = None


class UnitFactor(SQLModel, table=True):
    """How many of the unit `shown` one of `unit` is, as a fraction."""

    shown: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    factor: str


class Link(SQLModel, table=True):
    """One member of a list of references, such as who approved a milestone."""

    resource: str = Field(primary_key=True)
    row_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    target_id: str = Field(primary_key=True, index=True)


class Span(SQLModel, table=True):
    """A first and last day that the dates of a column have: of a million figures some hundred."""

    __table_args__ = (Index(None, "of", "start", "end"),)

    id: int = Field(primary_key=True)
    of: str
    start: str | None
    end: str | None


class Tally(SQLModel, table=True):
    """What is counted of a list, and a field's value of each of its rows, as a number in order.

    Of the whole list or, where it is long, of a part: the rows `among` which a field has one value.
    """

    resource: str = Field(primary_key=True)
    among: str = Field("", primary_key=True)
    field: str = Field(primary_key=True)
    counts: str
    values: str | None = None
    codes: bytes | None = None


class Redirect(SQLModel, table=True):
    """An id that is no longer used: renamed to its successor or, without one, withdrawn."""

    resource: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    successor: str | None = None


class Place(SQLModel, table=True):
    """A city, county, district, province or economic region."""

    id: str = Field(primary_key=True)
    kind: str
    label_en: str
    label_zh: str | None
    broader_id: str | None = Field(foreign_key="place.id")
    latitude: float | None = Field(index=True)
    longitude: float | None


class Zone(SQLModel, table=True):
    """A national high-tech zone."""

    id: str = Field(primary_key=True)
    name_en: str | None
    name_zh: str | None
    short_name_en: str
    short_name_zh: str | None
    level: str | None
    city_id: str | None = Field(foreign_key="place.id")
    province_id: str | None = Field(foreign_key="place.id")
    region_id: str | None = Field(foreign_key="place.id")
    latitude: float | None = Field(index=True)
    longitude: float | None
    approved_on: str | None
    approved_on_start: str | None
    approved_on_end: str | None
    approved_year: int | None
    batch: str | None
    provincial_approved_on: str | None
    provincial_approved_on_start: str | None
    provincial_approved_on_end: str | None
    established_on: str | None
    established_on_start: str | None
    established_on_end: str | None
    area_km2: float | None
    area_kind: str | None


class Milestone(SQLModel, table=True):
    """A dated event of a zone or of the national programme."""

    id: str = Field(primary_key=True)
    scope: str
    zone_id: str | None = Field(foreign_key="zone.id")
    kind: str
    date: str | None
    date_start: str | None
    date_end: str | None
    year: int | None
    batch: str | None
    rank: str
    proven: bool


class Industry(SQLModel, table=True):
    """A concept of the industry taxonomy."""

    id: str = Field(primary_key=True)
    label_en: str
    label_zh: str


class IndustryPath(SQLModel, table=True):
    """Every pair of a concept and one that is the same or narrower, at any depth."""

    ancestor_id: str = Field(primary_key=True, foreign_key="industry.id")
    descendant_id: str = Field(primary_key=True, foreign_key="industry.id", index=True)


class Platform(SQLModel, table=True):
    """A laboratory, park, centre, incubator, station, port or service platform."""

    id: str = Field(primary_key=True)
    scope: str
    zone_id: str | None = Field(foreign_key="zone.id")
    name_en: str
    name_zh: str | None
    kind: str
    status: str
    named: bool
    since: str | None
    since_start: str | None
    since_end: str | None
    proven: bool


class Indicator(SQLModel, table=True):
    """A measured quantity."""

    id: str = Field(primary_key=True)
    label_en: str
    label_zh: str
    unit: str
    dimension: str
    measure: str


class Statistic(SQLModel, table=True):
    """One published figure of an indicator."""

    id: str = Field(primary_key=True)
    place: int | None
    scope: str
    zone_id: str | None = Field(foreign_key="zone.id")
    indicator_id: str = Field(foreign_key="indicator.id")
    coverage: str
    series: str
    period: str | None
    period_kind: str
    period_start: str | None
    period_end: str | None
    period_span: int | None
    as_of: str | None
    as_of_end: str | None
    published_on: str | None
    published_on_start: str | None
    published_on_end: str | None
    published_on_span: int | None
    value: float
    unit: str
    conversion_currency: str | None = Field(index=True)
    conversion_value: float | None
    comparator: str
    nature: str
    derived: bool
    rank: str
    rival_of: str | None = Field(index=True)
    standing: int
    proven: bool


class Relation(SQLModel, table=True):
    """A tie of a zone or the programme to an industry, organization or place."""

    id: str = Field(primary_key=True)
    scope: str
    zone_id: str | None = Field(foreign_key="zone.id")
    type: str
    object_resource: str
    object_id: str = Field(index=True)
    role: str | None
    stage: str | None
    proven: bool


class Statement(SQLModel, table=True):
    """A cited statement that is no number, date or tie."""

    id: str = Field(primary_key=True)
    scope: str
    zone_id: str | None = Field(foreign_key="zone.id")
    kind: str
    text_en: str
    text_zh: str | None
    horizon: str | None
    horizon_start: str | None
    horizon_end: str | None
    proven: bool


class Organization(SQLModel, table=True):
    """A government body, institute, enterprise or publisher that facts speak of."""

    id: str = Field(primary_key=True)
    kind: str
    label_en: str
    label_zh: str | None
    part_of_id: str | None = Field(foreign_key="organization.id")


class Programme(SQLModel, table=True):
    """A strategy, plan or programme that facts speak of."""

    id: str = Field(primary_key=True)
    kind: str
    label_en: str
    label_zh: str | None


class Document(SQLModel, table=True):
    """A source."""

    id: str = Field(primary_key=True)
    title: str
    publisher_id: str | None = Field(foreign_key="organization.id")
    published_on: str | None
    published_on_start: str | None
    published_on_end: str | None
    language: str
    tier: int


class Citation(SQLModel, table=True):
    """The tie between one field of one fact and one phrase of one document."""

    id: str = Field(primary_key=True)
    place: int | None
    fact_resource: str
    fact_id: str
    fact_field: str
    zone_id: str | None = Field(foreign_key="zone.id")
    attributed_to_id: str | None
    attributed_to_name: str | None
    document_id: str = Field(foreign_key="document.id")
    start: int | None
    anchored: bool


class Coverage(SQLModel, table=True):
    """Whether one field of one zone is known."""

    id: str = Field(primary_key=True)
    zone_id: str = Field(foreign_key="zone.id")
    field: str
    state: str


class SearchRow(SQLModel, table=True):
    """A row that search finds; its number is its rowid in the full-text table `search_words`."""

    number: int = Field(primary_key=True)
    resource: str
    row_id: str
    label_en: str | None
    label_zh: str | None
    favoured: bool


class SearchPassage(SQLModel, table=True):
    """A name or text that a row is found by, and the field it stands in."""

    number: int = Field(primary_key=True)
    row_number: int = Field(foreign_key="searchrow.number", index=True)
    field: str
    kind: str
    text: str


class SearchKey(SQLModel, table=True):
    """A place at which a name can be entered: what follows it as one word."""

    __table_args__ = {"sqlite_with_rowid": False}

    key: str = Field(primary_key=True)
    passage_number: int = Field(primary_key=True, foreign_key="searchpassage.number")
    how: str = Field(primary_key=True)
    start: int


class SearchSlip(SQLModel, table=True):
    """A term with letters left out, by which its misspellings are found."""

    __table_args__ = {"sqlite_with_rowid": False}

    slip: str = Field(primary_key=True)
    term: str = Field(primary_key=True)
