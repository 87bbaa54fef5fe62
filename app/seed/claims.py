"""The shape of seed files: identities, vocabularies, and what one document claims.

Every model forbids keys it does not know. Field order is the order of keys in a canonical file.
"""

import re
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


class Shape(BaseModel):
    """Base of everything that stands in a seed file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


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
    codes: ClassVar[dict[str, str]] = {}
    """For fields that hold codes, the scheme of `vocabularies/codes.yaml`."""
    refers: ClassVar[dict[str, str]] = {}
    """For fields that hold ids, the resource."""

    subject: Subject | None = None
    reading: Text | None = None
    note: Text | None = None
    cite: list[Cite] = Field(min_length=1)
    _inherited: str | None = PrivateAttr(None)

    @property
    def must_cite(self) -> list[str]:
        """The fields that need a phrase of their own."""
        return []

    @property
    def about(self) -> str | None:
        """The subject, its own or that of its document."""
        return self.subject or self._inherited

    def phrases(self, *fields: str) -> list[str]:
        """The texts cited for these fields, in order."""
        return [cite.text for cite in self.cite if cite.text and cite.for_ in fields]


class Attribute(Stated):
    """A name, code, place or other property of a zone, place, organization or industry."""

    field: Slug
    value: Text

    @property
    def must_cite(self) -> list[str]:
        """Its value."""
        return ["value"]


class Claim(Stated):
    """What one document states. `id` names the served fact, once and for ever."""

    resource: ClassVar[str]
    cited: ClassVar[tuple[str, ...]] = ()
    """The fields that need a phrase of their own where they are filled in."""

    id: Slug

    @property
    def slot(self) -> tuple[Any, ...]:
        """Claims with the same slot speak of the same thing: they agree, or they are rivals."""
        return (self.resource, self.id)

    def agrees(self, other: Any) -> bool:
        """Whether another claim speaks of the same thing and states the same."""
        return bool(self.slot == other.slot)

    @property
    def must_cite(self) -> list[str]:
        """The fields of this claim that need a phrase."""
        return [name for name in self.cited if getattr(self, name)]


class Milestone(Claim):
    """A dated event."""

    resource = "milestones"
    cited = ("date", "by")
    codes = {"kind": "milestone_kind", "label": "stage", "batch": "batch"}
    refers = {"by": "organizations"}

    kind: Slug
    label: Slug | None = None
    date: Edtf
    batch: Slug | None = None
    """The batch of national approvals that it came with."""
    title_en: Text | None = None
    title_zh: Text | None = None
    by: list[Slug] = []

    @property
    def slot(self) -> tuple[Any, ...]:
        """One event of a kind, and label, for a subject."""
        return (self.resource, self.about, self.kind, self.label)

    def agrees(self, other: "Milestone") -> bool:
        """Whether one date says the same as the other, or the same more precisely."""
        if self.slot != other.slot:
            return False
        own, its = parse_date(self.date), parse_date(other.date)
        return own.contains(its) or its.contains(own)


class Platform(Claim):
    """A laboratory, park, centre, station, incubator, port or service platform."""

    resource = "platforms"
    codes = {"kind": "platform_kind", "status": "platform_status"}

    name_en: Text
    name_zh: Text | None = None
    kind: Slug
    status: Slug
    named: bool
    since: Edtf | None = None

    def agrees(self, other: "Platform") -> bool:
        """Whether it is the same platform of the same zone, in the same state."""
        own, its = ((p.about, p.name_en, p.kind, p.status) for p in (self, other))
        return self.slot == other.slot and own == its

    @property
    def must_cite(self) -> list[str]:
        """Its name, and its status and age where the source gives them."""
        stated = [] if self.status == "unstated" else ["status"]
        return ["name_en", *stated, *(["since"] if self.since else [])]


class Conversion(Shape):
    """The source's own conversion of a figure into another currency."""

    on_one_line: ClassVar = True
    codes: ClassVar = {"currency": "unit"}
    refers: ClassVar[dict[str, str]] = {}

    currency: Slug
    value: Number


class Statistic(Claim):
    """A published figure."""

    resource = "statistics"
    codes = {"coverage": "coverage", "unit": "unit"}
    refers = {"indicator": "indicators", "inputs": "statistics"}

    indicator: Slug
    coverage: Slug = "whole"
    period: Edtf | None
    value: Number
    unit: Slug
    comparator: Comparator = Comparator.EXACTLY
    nature: Nature
    conversion: Conversion | None = None
    operation: Operation | None = None
    inputs: list[Slug] = []

    @property
    def slot(self) -> tuple[Any, ...]:
        """One quantity of one part of a subject in one period."""
        quantity = (self.coverage, self.indicator, self.period, self.nature)
        return (self.resource, self.about, *quantity)

    def agrees(self, other: "Statistic") -> bool:
        """Whether value and comparator are the same."""
        return self.slot == other.slot and (self.value, self.comparator) == (
            other.value,
            other.comparator,
        )

    @property
    def must_cite(self) -> list[str]:
        """Its value, and its period, coverage and nature where they are not the plain case."""
        told = {
            "value": not self.inputs,
            "period": self.period is not None,
            "coverage": self.coverage != "whole",
            "nature": self.nature != Nature.OBSERVED,
        }
        return [field for field, special in told.items() if special]


class Relation(Claim):
    """A tie to an industry, organization or place."""

    resource = "relations"
    cited = ("object", "role", "stage")
    codes = {"type": "relation_type", "role": "role", "stage": "stage"}

    type: Slug
    object: Entity
    role: Slug | None = None
    stage: Slug | None = None

    @property
    def slot(self) -> tuple[Any, ...]:
        """One tie of a type between two, at one stage."""
        return (self.resource, self.about, self.type, self.object, self.stage)

    def agrees(self, other: "Relation") -> bool:
        """Whether the role is the same, or one does not tell it."""
        return self.slot == other.slot and (
            self.role == other.role or None in (self.role, other.role)
        )


class Statement(Claim):
    """A statement that is no number, date or tie, in our own words."""

    resource = "statements"
    cited = ("text_en", "horizon", "organizations", "programmes")
    codes = {"kind": "statement_kind"}
    refers = {"organizations": "organizations", "programmes": "programmes"}

    kind: Slug
    text_en: Text
    text_zh: Text
    horizon: Edtf | None = None
    organizations: list[Slug] = []
    programmes: list[Slug] = []

    def agrees(self, other: "Statement") -> bool:
        """Whether it is of the same kind, of the same zone."""
        return self.slot == other.slot and (self.about, self.kind) == (other.about, other.kind)


CLAIMS: tuple[type[Claim], ...] = (Milestone, Platform, Statistic, Relation, Statement)


class Source(Shape):
    """What a document is."""

    codes: ClassVar = {"language": "language"}
    refers: ClassVar = {"publisher": "organizations"}

    id: Slug
    title: Text
    publisher: Slug | None
    published_on: Edtf | None
    language: Slug
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

    @property
    def claims(self) -> list[Claim]:
        """Every claim but the attributes."""
        return [claim for kind in CLAIMS for claim in getattr(self, kind.resource)]

    @property
    def stated(self) -> list[Attribute | Claim]:
        """Everything read from the document."""
        return [*self.attributes, *self.claims]

    @model_validator(mode="after")
    def _inherit_subject(self) -> Self:
        for stated in self.stated:
            stated._inherited = self.subject
        return self


class Identity(Shape):
    """What we call a thing; what is known of it, documents state."""

    codes: ClassVar[dict[str, str]] = {}
    refers: ClassVar[dict[str, str]] = {}

    id: Slug
    label_en: Text
    label_zh: Text | None = None
    own_labels: list[Literal["label_en", "label_zh"]] = []
    """The labels that are our own translation."""


class Zone(Identity):
    """A zone."""


class Organization(Identity):
    """A government body, institute, enterprise or publisher."""

    codes = {"kind": "organization_kind"}

    kind: Slug


class Programme(Identity):
    """A strategy, plan or programme."""

    codes = {"kind": "programme_kind"}

    kind: Slug


class Place(Identity):
    """A city, province or region."""

    codes = {"kind": "place_kind"}

    kind: Slug


class Industry(Identity):
    """A concept of the industry taxonomy."""

    refers = {"broader": "industries"}

    label_zh: Text
    aliases: list[Text] = []
    broader: list[Slug] = []


class Wording(Shape):
    """A source's wording that means several concepts at once, and how it was read."""

    codes: ClassVar[dict[str, str]] = {}
    refers: ClassVar = {"industries": "industries"}

    wording: Text
    industries: Annotated[list[Slug], Field(min_length=2)]
    reading: Text | None = None


def fold(wording: str) -> str:
    """A wording without what does not tell it from another: case, hyphens and spaces."""
    return re.sub(r"[-\s]", "", wording.casefold())


class Tie(Shape):
    """How an indicator stands to another."""

    on_one_line: ClassVar = True
    codes: ClassVar = {"how": "indicator_relation"}
    refers: ClassVar = {"to": "indicators"}

    to: Slug
    how: Slug


class Indicator(Identity):
    """A measured quantity."""

    codes = {"unit": "unit", "measure": "measure", "dimension": "dimension"}

    label_zh: Text
    definition: Text
    unit: Slug
    dimension: Slug
    measure: Slug
    related: list[Tie] = []
    """Written at one end; the other says the inverse."""


class Code(Identity):
    """A code of a vocabulary."""

    codes = {"inverse": "indicator_relation"}

    label_zh: Text
    definition: Text | None = None
    inverse: Slug | None = None
    """What a tie says at its other end; only with one it is written."""
    size: Text | None = None
    """Of a unit that others measure too: how much it is, as pint reads it."""


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

    codes: ClassVar[dict[str, str]] = {}
    refers: ClassVar = {"document": "documents"}

    fact: Slug
    field: Slug
    stated: Text
    """The value that is doubted: with another one the doubt no longer stands."""
    kind: DoubtKind
    reason: Text
    document: Slug | None = None
    """The document that contradicts it."""


class Judgements(Shape):
    """What people decided where documents disagree, or are not to be believed."""

    preferences: list[Preference] = []
    properties: list[PropertyPreference] = []
    doubts: list[Doubt] = []
