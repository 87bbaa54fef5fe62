"""The shape of seed files: identities, vocabularies, and what one document claims.

Every model forbids keys it does not know. Field order is the order of keys in a canonical file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from app.seed.dates import parse_date
from app.seed.files import Location
from app.vocabulary import Comparator, DoubtKind, Nature, Operation

Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$")]
Entity = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[A-Za-z0-9_-]+$")]
"""A subject or object: `zone/baiyin`, `industry/biomedicine`, `place/CN-GS`."""
Subject = Annotated[str, StringConstraints(pattern=r"^(national|[a-z]+/[A-Za-z0-9_-]+)$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Number = int | Annotated[float, Field(allow_inf_nan=False)]


def _edtf(text: str) -> str:
    parse_date(text)
    return text


Edtf = Annotated[str, AfterValidator(_edtf)]


@dataclass(frozen=True)
class Names:
    """Marks a field that holds ids of a resource, or codes of a scheme: what it may hold."""

    of: str
    unknown: str = "there is no {!r} in {}"


def code(scheme: str) -> Names:
    """Marks a field that holds codes of a scheme of `vocabularies/codes.yaml`."""
    return Names(scheme, "{!r} is no {} code")


class Shape(BaseModel):
    """Base of everything that stands in a seed file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


@cache
def names(shape: type[BaseModel]) -> Mapping[str, Names]:
    """The fields of a shape that hold ids or codes."""
    marks = ((name, mark) for name, info in shape.model_fields.items() for mark in info.metadata)
    return {name: mark for name, mark in marks if isinstance(mark, Names)}


class Speaker(Shape):
    """Somebody whom a document quotes, with the office it gives."""

    id: Slug
    name: Text
    office: Text | None = None


class Cite(Shape):
    """A phrase of the document, and the field of the claim that it states."""

    on_one_line: ClassVar = True

    for_: str = Field(alias="for")
    at: Annotated[int, Field(ge=0)] | None = None
    text: Text | None = None
    """Absent where the document was read but not quoted; only if its text is not at hand."""
    attributed_to: Slug | None = None
    """Id of one of the document's speakers, for words that it quotes."""


class Stated(Shape):
    """Base of whatever is read from a document: it ends with how it was read and its phrases."""

    closing: ClassVar = ("reading", "note", "cite")
    cited: ClassVar[Mapping[str, object]] = {}
    """The fields that need a phrase of their own where they are filled in, and with which value
    they need none."""

    subject: Subject | None = None
    reading: Text | None = None
    note: Text | None = None
    cite: list[Cite] = Field(min_length=1)
    _inherited: str | None = PrivateAttr(None)

    @property
    def must_cite(self) -> list[str]:
        """The fields that need a phrase of their own."""
        told = ((name, getattr(self, name), plain) for name, plain in self.cited.items())
        return [name for name, value, plain in told if value not in (None, [], plain)]

    @property
    def about(self) -> str | None:
        """The subject, its own or that of its document."""
        return self.subject or self._inherited

    def phrases(self, *fields: str) -> list[str]:
        """The texts cited for these fields, in order."""
        return [cite.text for cite in self.cite if cite.text and cite.for_ in fields]


ATTRIBUTES: Mapping[str, Mapping[str, str | None]] = {
    "zone": {
        "name_en": None,
        "name_zh": None,
        "alias": None,
        "level": "level",
        "gb_code": None,
        "city": "place",
        "province": "place",
    },
    "place": {"iso_3166_2": None, "coordinates": None, "broader": "place", "alias": None},
    "organization": {"alias": None, "part_of": "organization"},
    "industry": {"isic_4_code": None},
}
"""The properties of each kind of subject: plain text (None), the id of an entity, or a code."""


class Attribute(Stated):
    """A name, code, place or other property of a zone, place, organization or industry."""

    cited = {"value": None}

    field: Slug
    value: Text


class Claim(Stated):
    """What one document states. `id` names the served fact, once and for ever."""

    resource: ClassVar[str]
    same: ClassVar[tuple[str, ...]] = ("id",)
    """The fields that make its slot."""
    agreed: ClassVar[tuple[str, ...]] = ()
    """The fields that are alike in claims that agree."""
    dated: ClassVar[str | None] = None
    """The field that holds a date or period."""

    id: Slug

    @property
    def slot(self) -> tuple[Any, ...]:
        """Claims with the same slot speak of the same thing: they agree, or they are rivals."""
        return (self.resource, *(getattr(self, name) for name in self.same))

    def agrees(self, other: Any) -> bool:
        """Whether another claim speaks of the same thing and states the same."""
        return self.slot == other.slot and all(
            getattr(self, name) == getattr(other, name) for name in self.agreed
        )


class Milestone(Claim):
    """A dated event."""

    resource = "milestones"
    dated = "date"
    cited = {"date": None, "by": None}
    same = ("about", "kind", "label")

    kind: Annotated[Slug, code("milestone_kind")]
    label: Annotated[Slug | None, code("stage")] = None
    date: Edtf
    batch: Annotated[Slug | None, code("batch")] = None
    """The batch of national approvals that it came with."""
    title_en: Text | None = None
    title_zh: Text | None = None
    by: Annotated[list[Slug], Names("organizations")] = []

    def agrees(self, other: "Milestone") -> bool:
        """Whether one date says the same as the other, or the same more precisely."""
        if self.slot != other.slot:
            return False
        own, its = parse_date(self.date), parse_date(other.date)
        return own.contains(its) or its.contains(own)


class Platform(Claim):
    """A laboratory, park, centre, station, incubator, port or service platform."""

    resource = "platforms"
    dated = "since"
    cited = {"name_en": None, "status": "unstated", "since": None}
    agreed = ("about", "name_en", "kind", "status")

    name_en: Text
    name_zh: Text | None = None
    kind: Annotated[Slug, code("platform_kind")]
    status: Annotated[Slug, code("platform_status")]
    named: bool
    since: Edtf | None = None


class Conversion(Shape):
    """The source's own conversion of a figure into another currency."""

    on_one_line: ClassVar = True

    currency: Annotated[Slug, code("unit")]
    value: Number


class Statistic(Claim):
    """A published figure."""

    resource = "statistics"
    dated = "period"
    cited = {"value": None, "period": None, "coverage": "whole", "nature": Nature.OBSERVED}
    same = ("about", "coverage", "indicator", "period", "nature")
    agreed = ("value", "comparator")

    indicator: Annotated[Slug, Names("indicators")]
    coverage: Annotated[Slug, code("coverage")] = "whole"
    period: Edtf | None
    value: Number
    unit: Annotated[Slug, code("unit")]
    comparator: Comparator = Comparator.EXACTLY
    nature: Nature
    conversion: Conversion | None = None
    operation: Operation | None = None
    inputs: Annotated[list[Slug], Names("statistics")] = []

    @property
    def must_cite(self) -> list[str]:
        """Its value is not cited where it follows from others."""
        return [name for name in super().must_cite if name != "value" or not self.inputs]


class Relation(Claim):
    """A tie to an industry, organization or place."""

    resource = "relations"
    cited = dict.fromkeys(("object", "role", "stage"))
    same = ("about", "type", "object", "stage")

    type: Annotated[Slug, code("relation_type")]
    object: Entity
    role: Annotated[Slug | None, code("role")] = None
    stage: Annotated[Slug | None, code("stage")] = None

    def agrees(self, other: "Relation") -> bool:
        """Whether the role is the same, or one does not tell it."""
        return self.slot == other.slot and (
            self.role == other.role or None in (self.role, other.role)
        )


class Statement(Claim):
    """A statement that is no number, date or tie, in our own words."""

    resource = "statements"
    dated = "horizon"
    cited = dict.fromkeys(("text_en", "horizon", "organizations", "programmes"))
    agreed = ("about", "kind")

    kind: Annotated[Slug, code("statement_kind")]
    text_en: Text
    text_zh: Text
    horizon: Edtf | None = None
    organizations: Annotated[list[Slug], Names("organizations")] = []
    programmes: Annotated[list[Slug], Names("programmes")] = []


CLAIMS: tuple[type[Claim], ...] = (Milestone, Platform, Statistic, Relation, Statement)


class Source(Shape):
    """What a document is."""

    id: Slug
    title: Text
    publisher: Annotated[Slug | None, Names("organizations")]
    published_on: Edtf | None
    language: Annotated[Slug, code("language")]
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    official_number: Text | None = None
    tier: Annotated[int, Field(ge=1, le=3)]
    licence: Text | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    abstract: Text | None = None
    note: Text | None = None


class DocumentFile(Shape):
    """One document: what it is, and every claim read from it."""

    document: Source
    subject: Subject | None = None
    """The subject of every claim that names none of its own."""
    speakers: list[Speaker] = []
    attributes: list[Attribute] = []
    milestones: list[Milestone] = []
    platforms: list[Platform] = []
    statistics: list[Statistic] = []
    relations: list[Relation] = []
    statements: list[Statement] = []
    _drawn: list[Statistic] = PrivateAttr(default_factory=list)

    @property
    def drawn(self) -> list[Statistic]:
        """The rows of its table of figures that are handled one by one."""
        return self._drawn

    @property
    def figures(self) -> list[Statistic]:
        """Every statistic that is handled one by one."""
        return [*self.statistics, *self._drawn]

    @property
    def claims(self) -> list[Claim]:
        """Every claim but the attributes."""
        kinds = ("figures" if kind is Statistic else kind.resource for kind in CLAIMS)
        return [claim for kind in kinds for claim in getattr(self, kind)]

    @property
    def stated(self) -> list[Attribute | Claim]:
        """Everything read from the document."""
        return [*self.attributes, *self.claims]

    @property
    def cites(self) -> list[Cite]:
        """Every phrase that is cited from the document."""
        return [cite for stated in self.stated for cite in stated.cite]

    @model_validator(mode="after")
    def _inherit_subject(self) -> Self:
        for stated in self.stated:
            stated._inherited = self.subject
        return self


class Identity(Shape):
    """What we call a thing; what is known of it, documents state."""

    id: Slug
    label_en: Text
    label_zh: Text | None = None
    own_labels: list[Literal["label_en", "label_zh"]] = []
    """The labels that are our own translation."""


class Zone(Identity):
    """A zone."""


class Organization(Identity):
    """A government body, institute, enterprise or publisher."""

    kind: Annotated[Slug, code("organization_kind")]


class Programme(Identity):
    """A strategy, plan or programme."""

    kind: Annotated[Slug, code("programme_kind")]


class Place(Identity):
    """A city, province or region."""

    kind: Annotated[Slug, code("place_kind")]


class Industry(Identity):
    """A concept of the industry taxonomy."""

    label_zh: Text
    aliases: list[Text] = []
    broader: Annotated[list[Slug], Names("industries")] = []

    @property
    def labels(self) -> Iterator[tuple[Location, str]]:
        """Every label, in either language, with its place."""
        yield ("label_en",), self.label_en
        yield ("label_zh",), self.label_zh
        yield from ((("aliases", i), alias) for i, alias in enumerate(self.aliases))


class Wording(Shape):
    """A source's wording that means several concepts at once, and how it was read."""

    wording: Text
    industries: Annotated[list[Slug], Field(min_length=2), Names("industries")]
    reading: Text | None = None


def fold(wording: str) -> str:
    """A wording without what does not tell it from another: case, hyphens and spaces."""
    return re.sub(r"[-\s]", "", wording.casefold())


class Tie(Shape):
    """How an indicator stands to another."""

    on_one_line: ClassVar = True

    to: Annotated[Slug, Names("indicators")]
    how: Annotated[Slug, code("indicator_relation")]


class Indicator(Identity):
    """A measured quantity."""

    label_zh: Text
    definition: Text
    unit: Annotated[Slug, code("unit")]
    dimension: Annotated[Slug, code("dimension")]
    measure: Annotated[Slug, code("measure")]
    related: list[Tie] = []
    """Written at one end; the other says the inverse."""


class Code(Identity):
    """A code of a vocabulary."""

    label_zh: Text
    definition: Text | None = None
    inverse: Annotated[Slug | None, code("indicator_relation")] = None
    """What a tie says at its other end; only with one it is written."""
    size: Text | None = None
    """Of a unit that others measure too: how much it is, as `1e4 * CNY`."""


class ReleaseFile(Shape):
    """What a release is called and under which terms it stands."""

    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,2}\.\d+$")]
    date: Edtf
    title_en: Text
    title_zh: Text
    licence: Text
    attributions: list[Text]


class Renamed(Shape):
    """An id that is no longer used; without `to` it was withdrawn."""

    resource: Slug
    id: Slug
    to: Slug | None


class Preference(Shape):
    """A person's choice among the facts of one slot."""

    prefer: Slug
    """Id of the fact."""
    reason: Text


class PropertyPreference(Shape):
    """A person's choice among the values of one property."""

    subject: Entity
    field: Slug
    prefer: Text
    """The value."""
    reason: Text


class Doubt(Shape):
    """A person's doubt about a field of a fact, as long as it is `stated` so."""

    fact: Slug
    field: Slug
    stated: Text
    """The value that is doubted: with another one the doubt no longer stands."""
    kind: DoubtKind
    reason: Text
    document: Annotated[Slug | None, Names("documents")] = None
    """The document that contradicts it."""


class Judgements(Shape):
    """What people decided where documents disagree, or are not to be believed."""

    preferences: list[Preference] = []
    properties: list[PropertyPreference] = []
    doubts: list[Doubt] = []
