"""What several resources share: references, vocabularies and filters."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from fastapi import Path
from pydantic import ConfigDict, Field
from sqlalchemy import and_, true
from sqlmodel import col, select

from app.query.described import Described
from app.query.fields import Choice, Dated, Related, Tree
from app.query.values import Vocabulary
from app.tables import (
    Code,
    Document,
    Indicator,
    Industry,
    IndustryPath,
    Link,
    Organization,
    Place,
    Programme,
    Zone,
)
from app.vocabulary import Rank

IN_ZONE = ("focuses_on", "active_in")
"""The relation types by which a zone is found under an industry."""
NARROWER = Tree(col(IndustryPath.ancestor_id), col(IndustryPath.descendant_id))


def entries(table: Any, *words: Any, of: str) -> Vocabulary:
    """The ids of a table with the words its rows are known by."""
    return Vocabulary(select(table.id, *words), f"An id of `/v1/{of}`.", f"/v1/{of}")


def codes(scheme: str) -> Vocabulary:
    """The codes of a vocabulary in `seed_data/vocabularies/codes.yaml`."""
    words = (col(Code.label_en), col(Code.label_zh))
    known = select(col(Code.id), *words).where(col(Code.scheme) == scheme)
    return Vocabulary(known, f"A {scheme} code; an unknown one is answered with the list.")


def places(*kinds: str) -> Vocabulary:
    """The places of these kinds."""
    words = (col(Place.label_en), col(Place.label_zh))
    known = select(col(Place.id), *words).where(col(Place.kind).in_(kinds))
    says = f"The id of a {' or '.join(kinds)} of `/v1/places`."
    return Vocabulary(known, says, "/v1/places?" + "&".join(f"kind={kind}" for kind in kinds))


def _labelled(table: Any, resource: str) -> Vocabulary:
    return entries(table, table.label_en, table.label_zh, of=resource)


ZONES = entries(Zone, Zone.short_name_en, Zone.short_name_zh, of="zones")
INDUSTRIES = _labelled(Industry, "industries")
INDICATORS = _labelled(Indicator, "indicators")
ORGANIZATIONS = _labelled(Organization, "organizations")
PLACES = _labelled(Place, "places")
PROGRAMMES = _labelled(Programme, "programmes")
DOCUMENTS = entries(Document, Document.title, of="documents")


def eg(example: Any) -> Any:
    """A field of a read model with an example of its values."""
    return Field(examples=[example])


class Part(Described):
    """Base of what stands inside a row."""

    model_config = ConfigDict(extra="forbid")


class Ref(Part):
    """A reference to another row, with its labels."""

    id: str = eg("CN-GS")
    """Id of the row referred to."""
    label_en: str | None = eg("Gansu")
    """Its English label."""
    label_zh: str | None = eg("甘肃省")
    """Its Chinese label."""


def ref(identifier: str, label_en: str, label_zh: str | None) -> dict[str, str | None]:
    """A reference as an example shows it."""
    return {"id": identifier, "label_en": label_en, "label_zh": label_zh}


INDUSTRY = ref("biomedicine", "Biomedicine", "生物医药")
OF_ZONE = eg(ref("baiyin", "Baiyin", "白银"))
OWN_LABELS = Field(
    description="The labels that are our own translation, not a source's.", examples=[["label_zh"]]
)
FACTS = ("milestones", "platforms", "relations", "statements", "statistics")
"""The resources whose rows documents state."""


def keyed(keys: Sequence[str], example: Any, says: str | None = None) -> Any:
    """A field with keys of its own, these and no others: so tables know their columns."""
    extra: dict[str, Any] = {"propertyNames": {"enum": [*keys]}}
    return Field(description=says, examples=[example], json_schema_extra=extra)


def counts(*resources: str) -> Any:
    """How many rows of other resources are about a row."""
    return keyed(resources, {resources[0]: 4}, "Rows of other resources about it.")


class RankChoice(StrEnum):
    """Which of several rivals to show."""

    PREFERRED = "preferred"
    ALL = "all"


def identifier(example: str) -> Any:
    """The path parameter of an item, with an id that answers."""
    examples: dict[str, Any] = {example: {"value": example}}
    return Path(max_length=200, description="Id of the row.", openapi_examples=examples)


def ranked(table: Any) -> Choice:
    """The choice between preferred facts and all of them."""
    rank = col(table.rank)
    return Choice(
        RankChoice.PREFERRED,
        {RankChoice.PREFERRED: rank == Rank.PREFERRED, RankChoice.ALL: true()},
        "Where sources disagree, show only the preferred fact or all of them.",
    )


def listed(resource: str, table: Any, name: str, among: Vocabulary, says: str) -> Related:
    """A filter on the list of references `name` of a resource."""
    where = and_(col(Link.resource) == resource, col(Link.field) == name)
    return Related(col(Link.target_id), among, says, key=col(Link.row_id), to=table.id, where=where)


def day(table: Any, name: str, says: str) -> Dated:
    """A filter on a date or period and the columns of its first and last day."""
    start, end = getattr(table, f"{name}_start"), getattr(table, f"{name}_end")
    return Dated(getattr(table, name), start, end, says)
