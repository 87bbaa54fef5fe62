"""Fields: what every list can be asked and what its rows hold, from the running declarations."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.query.answers import Meta, Page, PageMeta, Read, answer_page, release_of
from app.query.parameters import RELEASE, ListQuery, Parameter, Query, control
from app.query.problems import Gone, InvalidValue, Unavailable, UnknownParameter, declared
from app.query.reading import split, understand
from app.query.values import Slug
from app.resources.changes import LISTS, ONLY_ROWS
from app.resources.common import Part, eg

router = APIRouter(tags=["service"])


class AskedBy(Part):
    """One parameter of a field."""

    parameter: str = eg("approved_year__gte")
    """Its name."""
    operator: str = eg("gte")
    """Its operator; `equals` has no suffix."""
    means: str = eg("is at least this")
    """What it asks of the field."""
    type: str = eg("integer")
    """Type of its values."""
    values: list[str] | None = eg(None)
    """The values, where the contract names them all."""
    repeats: bool = eg(False)
    """Whether it may be repeated, for any of several values."""


class Asked(Part):
    """A field that a list can be asked."""

    name: str = eg("approved_year")
    """Its name."""
    family: str = eg("ordered")
    """The family that decides its operators."""
    type: str = eg("integer")
    """Type of its values."""
    description: str = eg("Year of national approval.")
    """What it is."""
    operators: list[AskedBy]
    """Its parameters."""
    sortable: bool
    """Whether `sort` takes it."""
    facetable: bool
    """Whether `facet` takes it."""
    vocabulary: str | None = eg(None)
    """Where the values that it may have are listed."""


class Column(Part):
    """A field of the rows."""

    name: str = eg("approved_year")
    """Its name."""
    type: str = eg("integer")
    """Its JSON type; of an object also the names of its members."""
    nullable: bool
    """Whether it is null where the base does not know it."""
    values: list[str] | None = eg(None)
    """The values, where the contract names them all."""
    description: str
    """What it says."""
    example: Any = Field(description="A value that it may have.")


class ListFields(Read):
    """What one list can be asked, and what its rows hold."""

    id: str = eg("zones")
    """The list."""
    address: str = eg("/v1/zones")
    """Its address."""
    description: str
    """What one row is."""
    fields: list[Asked]
    """What it can be asked."""
    columns: list[Column]
    """What its rows hold."""
    sorts: list[str] = eg(["id", "-id"])
    """The keys that `sort` takes."""
    facets: list[str] = eg([])
    """The fields that `facet` takes."""
    groups: list[str] = eg([])
    """What `group_by` takes."""
    formats: list[str] = eg(["json"])
    """The forms that it answers in."""
    includes: list[str] = eg(["citations"])
    """What `include` puts inside its rows."""


class FieldsQuery(Query):
    """What `GET /v1/fields` can be asked."""

    parameters: ClassVar = {
        "resource": control("resource", ONLY_ROWS, Slug, repeats=True, vocabulary=LISTS),
        "release": RELEASE,
    }


@router.get(
    "/v1/fields",
    response_model=Page[ListFields],
    responses=declared(Gone, Unavailable, UnknownParameter, InvalidValue),
    openapi_extra={"parameters": [p.schema() for p in FieldsQuery.parameters.values()]},
)
def list_fields(request: Request) -> Response:
    """List what every list can be asked, and what its rows hold.

    One row a list: its fields with their parameters and operators, the columns of its rows, and
    what it can be sorted by and answered in. For people it is [/docs/dictionary](/docs/dictionary).

    - [/v1/fields?resource=zones](/v1/fields?resource=zones)
    """
    path, pairs = request.url.path, split(request.scope["query_string"])
    release = release_of(request, FieldsQuery, pairs, None)
    query = understand(FieldsQuery, path, pairs, release)

    def read() -> tuple[list[bytes], Meta, str | None]:
        asked = query.conditions.get("resource")
        rows = [
            r.model_dump_json().encode() for r in catalogue() if not asked or r.id in asked.values
        ]
        counts = {"total": len(rows), "returned": len(rows), "undecided": 0}
        return rows, PageMeta(**counts, release=release.name, query=query.understood()), None

    return answer_page(request, query, read)


def catalogue() -> Iterator[ListFields]:
    """Every list, as it is declared."""
    for query in sorted(ListQuery.__subclasses__(), key=lambda query: query.rows):
        if query.row.model_fields:
            yield ListFields(
                id=query.rows,
                address=f"/v1/{query.rows}",
                description=_first(query.row.__doc__),
                fields=[_field(query, name) for name in query.fields],
                columns=[*_columns(query.row)],
                sorts=_choices(query, "sort"),
                facets=_choices(query, "facet"),
                groups=_choices(query, "group_by"),
                formats=_choices(query, "format"),
                includes=_choices(query, "include"),
            )


def _field(query: type[ListQuery], name: str) -> Asked:
    field, facets = query.fields[name], _choices(query, "facet")
    parameters = [p for p in query.parameters.values() if p.field is field or p.partner == name]
    operators = [_asked_by(parameter) for parameter in parameters]
    known = field.vocabulary.address if field.vocabulary else None
    if field.vocabulary and name in facets:
        known = known or f"/v1/{query.rows}?facet={name}&limit=0"
    return Asked(
        name=name,
        family=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(field).__name__).lower(),
        type=operators[0].type,
        description=field.says,
        operators=operators,
        sortable=name in _choices(query, "sort"),
        facetable=name in facets,
        vocabulary=known,
    )


def _asked_by(parameter: Parameter) -> AskedBy:
    schema = parameter.adapter.json_schema()
    operator = parameter.operator
    return AskedBy(
        parameter=parameter.name,
        operator=(operator.suffix or "equals") if operator else "beside",
        means=(operator and operator.says) or parameter.says,
        type=_type(schema, schema.get("$defs", {})),
        values=_values(schema, schema.get("$defs", {})),
        repeats=parameter.repeats,
    )


def _columns(model: Any) -> Iterator[Column]:
    schema = model.model_json_schema(mode="serialization")
    defs = schema.get("$defs", {})
    schema = _named(schema, defs)  # one that refers to itself is among them
    for name, of in schema["properties"].items():
        yield Column(
            name=name,
            type=_type(of, defs),
            nullable={"type": "null"} in of.get("anyOf", ()),
            values=_values(of, defs),
            description=of.get("description", ""),
            example=next(iter(of.get("examples", ())), None),
        )


def _choices(query: type[ListQuery], name: str) -> list[str]:
    """The values that a parameter of the list takes, if it has that parameter."""
    schema = query.parameters[name].adapter.json_schema() if name in query.parameters else {}
    return _values(schema, {}) or []


def _values(schema: Any, defs: Any) -> list[str] | None:
    """The values that a schema names."""
    for of in schema.get("anyOf", [schema]):
        named = _named(of, defs)
        if "enum" in named or "const" in named:
            return [*named.get("enum", ())] or [named["const"]]
    return None


def _named(schema: Any, defs: Any) -> Any:
    """The schema that a reference names."""
    return defs[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def _type(schema: Any, defs: Any) -> str:
    """A schema in words."""
    if "anyOf" in schema:
        kinds: Sequence[str] = [_type(of, defs) for of in schema["anyOf"]]
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "null"))
    if "$ref" in schema:
        return _type(_named(schema, defs), defs)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'], defs)}"
    if members := schema.get("properties"):
        return f"object ({', '.join(members)})"
    return str(schema.get("format") or schema.get("type") or "any")


def _first(text: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((text or "").partition("\n\n")[0].split())
