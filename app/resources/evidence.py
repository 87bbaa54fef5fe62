"""What rests on evidence: citations, doubts, and the fields that close every fact."""

from itertools import chain
from typing import Any

from pydantic import Field

from app.query.answers import Read
from app.query.parameters import Embed, Row
from app.resources.common import OF_ZONE, Part, Ref, eg, keyed, ref
from app.vocabulary import DoubtKind, Scope

CITED = "baiyin-national-approval.date.51fac9"
_TITLE = "Baiyin National High-Tech Industrial Development Zone"
_DOCUMENT = eg(ref("chinadaily-2013-11-29-baiyin", _TITLE, None))


class CitedFact(Part):
    """One field of one row."""

    resource: str = eg("milestones")
    """The resource of the fact."""
    id: str = eg("baiyin-national-approval")
    """Its id."""
    field: str = eg("date")
    """The field that the phrase states."""


class Speaker(Part):
    """Somebody whom the document quotes."""

    id: str = eg("wu-jiaxi")
    """Id within the document."""
    name: str
    """Name as the document writes it."""
    office: str | None
    """Office as the document gives it."""


class Passage(Part):
    """A phrase amid the words around it (W3C text quote selector)."""

    prefix: str = eg("following the approval of the ")
    """The words before it, from the beginning of its paragraph or shortened."""
    exact: str = eg("State Council in Sep 2010")
    """The phrase."""
    suffix: str = eg(".")
    """The words after it, to the end of its paragraph or shortened."""


class Supporting(Part):
    """One row of another resource."""

    resource: str = eg("relations")
    """Its resource."""
    id: str = eg("baiyin-biomedicine")
    """Its id there."""


class Match(Part):
    """Why a row satisfies one parameter of the request."""

    parameter: str = eg("industry")
    """The parameter."""
    facts: list[Supporting]
    """The facts that satisfy it, where those are rows of other resources."""
    citations: list["CitationRead"]
    """The phrases that state it."""


class Listed(Read):
    """Base of the rows of a list."""

    matched_by: list[Match] | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Why it is among the answers; only with `explain=matches`.",
    )
    cut: dict[str, int] | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="How many rows there are of a list of which it has only the first; only with "
        "`include`.",
        examples=[{"citations": 214}],
    )


class CitationRead(Listed):
    """The tie between one field of one fact and one phrase of one document."""

    id: str = eg(CITED)
    """Readable id, made from what is cited."""
    fact: CitedFact
    """What is stated."""
    zone: Ref | None = OF_ZONE
    """The zone that the fact speaks of."""
    document: Ref = _DOCUMENT
    """The document that states it."""
    as_written: str | None = eg("State Council in Sep 2010")
    """The exact words (W3C text quote selector); null where the document is not quoted."""
    start: int | None = eg(574)
    """First code point of the phrase in the text (W3C text position selector)."""
    end: int | None = eg(599)
    """One past its last code point."""
    anchored: bool
    """Whether the phrase was found in the text itself, at that place."""
    attributed_to: Speaker | None
    """Whom the document quotes as saying it."""
    passage: Passage | None = None
    """The words around it, where this server has the text of the document."""


class Doubt(Part):
    """A curator's doubt about what a source states; the value is served as it is stated."""

    field: str = eg("value")
    """The field that is doubted."""
    kind: DoubtKind
    """Whether it is implausible in itself, or contradicted from outside."""
    reason: str
    """Why."""
    document: Ref | None = _DOCUMENT
    """The document that contradicts it, if one does."""


class Entity(Listed):
    """Base of the rows of what facts speak of; each of its fields rests on citations of its own."""

    citations: list[CitationRead] | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="The citations that `refs` names; only with `include=citations`.",
    )


class Fact(Listed):
    """Base of the rows that documents state."""

    scope: Scope
    """Whether it speaks of one zone or of the whole programme."""
    zone: Ref | None = OF_ZONE
    """The zone it speaks of; null for the whole programme."""


# The closing fields of facts, so that each model lists them last.
READING = Field(description="How a relative or doubtful expression of the source was read.")
NOTE = Field(description="What else a reader should know.")
DOUBTS = Field(description="Doubts about what the source states.", examples=[[]])
PROVEN = Field(
    description="Whether its phrases were found in the source's text, and every number, unit, "
    "comparator, date and nature could be read again in them."
)
UNPROVEN = Field(
    description="Why it is not proven.",
    examples=["period: the text of its source was not at hand to find its phrases in"],
)
RANK = Field(description="`preferred`, or `normal` beside a rival that is preferred.")
RANK_REASON = Field(description="Why it has that rank, where sources disagree.")
CITATIONS = Field(
    description="Ids of `/v1/citations`: the phrases that state it; the citations themselves with "
    "`include=citations`.",
    examples=[[CITED]],
)


def refs(*fields: str) -> Any:
    """The citations of the fields of a row that are cited one by one."""
    says = "For each field, the ids of the citations it rests on."
    return keyed(fields, {fields[0]: [CITED]}, says)


def _of_entity(row: Row, field: str | None) -> list[str]:
    refs: dict[str, list[str]] = row["refs"]
    return list(chain.from_iterable(refs.values())) if field is None else refs.get(field, [])


def _of_fact(row: Row, field: str | None) -> list[str]:
    """Those that state the field, or all where none does so alone; their ids name the field."""
    cited: list[str] = row["citations"]
    return [c for c in cited if c.rsplit(".", 2)[1] == field] or cited


OF_ENTITY = Embed("citations", "citations", _of_entity)
"""The citations of a row that names them field by field in `refs`."""
OF_FACT = Embed("citations", "citations", _of_fact)
"""The citations of a row that lists them."""
