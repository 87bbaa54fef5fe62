"""From a query class to its parameters; an instance of the class is one request, understood."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, TypeAdapter
from pydantic import Field as Constrained

from app.database import Release
from app.query.fields import Choice, Clause, Field, Operator
from app.query.formats import FOR_ALL
from app.query.values import Flag, Limit, Slug, Span, State, Vocabulary

MOST_VALUES = 100
MOST_SORTS = 8
Pairs = list[tuple[str, str]]
Row = dict[str, Any]
_READABLE = ",:~/@"
_PAGING = ("cursor", "limit", "release", "total")


@dataclass(frozen=True)
class Parameter:
    """One query parameter: its name, its type and what it restricts."""

    name: str
    says: str
    adapter: TypeAdapter[Any]
    repeats: bool = False
    comma: bool = False
    vocabulary: Vocabulary | None = None
    field: Field | None = None
    operator: Operator | None = None
    default: Any = None
    required: bool = False
    example: str | None = None
    """A value that always answers."""
    partner: str | None = None
    """The parameter without which it is not asked."""

    def schema(self) -> dict[str, Any]:
        """Its OpenAPI parameter object."""
        schema = self.adapter.json_schema()
        schema.pop("description", None)
        schema.pop("title", None)
        if self.repeats or self.comma:
            most = MOST_SORTS if self.comma else MOST_VALUES
            schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": most}
        if self.default is not None:
            schema["default"] = self.default.split(",") if self.comma else self.default
        shown = {"example": self.example} if self.example else {}
        return {
            **shown,
            "name": self.name,
            "in": "query",
            "required": self.required,
            "description": self.says,
            "schema": schema,
            "style": "form",
            "explode": not self.comma,
        }


@dataclass(frozen=True)
class Embed:
    """Rows of another resource that can stand inside a row, under a name of their own."""

    name: str
    resource: str
    ids: Callable[[Row, str | None], list[str]]
    """The ids of those that a row holds, of all of it or of one of its fields."""


@dataclass(frozen=True)
class Condition:
    """A parameter with the values that were asked."""

    parameter: Parameter
    values: tuple[Any, ...]
    texts: tuple[str, ...] = ()
    """The values as they were sent."""
    beside: tuple[Any, ...] = ()
    """The values of the parameter's partner."""

    def holds(self) -> Clause:
        """The rows for which it is certain."""
        assert self.parameter.operator
        values = (*self.values, *self.beside)
        return self.parameter.operator.holds(self.parameter.field, values)

    @property
    def says_not(self) -> bool:
        """Whether it is satisfied by what a row does not have."""
        assert self.parameter.operator
        return self.parameter.operator.suffix == "not" or self.values[0] == State.UNKNOWN

    def may_hold(self) -> Clause | None:
        """The rows for which it is not excluded, or None when every row is decidable."""
        assert self.parameter.operator
        loose = self.parameter.operator.may_hold
        return loose(self.parameter.field, self.values) if loose else None


def control(name: str, says: str, type_: Any, **more: Any) -> Parameter:
    """A parameter that is about the answer, not about a field of its rows."""
    return Parameter(name, says, TypeAdapter(type_), **more)


RELEASE = control(
    "release",
    "Answer from this kept release instead of the current one (see `/v1/releases`).",
    Slug,
)
LIMIT = control(
    "limit", "The most rows of a page; `links.next` leads to the following one.", Limit, default=50
)
CURSOR = control(
    "cursor",
    "Where the page begins: take it from `links.next`, never make one.",
    Annotated[str, Constrained(min_length=1, max_length=2000)],
)


class Query:
    """What an address can be asked; an instance is one request, understood."""

    parameters: ClassVar[dict[str, Parameter]] = {"release": RELEASE}
    rows: ClassVar[str] = ""
    """The resource, as in its address."""
    embed: ClassVar[Embed | None] = None
    """What its rows rest on: `include` puts it inside them, `explain` tells it of a match."""

    def __init__(self, path: str, release: Release, conditions: Iterable[Condition]) -> None:
        self.path = path
        self.release = release
        self.conditions = {c.parameter.name: c for c in conditions}
        for name, condition in self.conditions.items():
            if condition.parameter.field and condition.parameter.partner:
                beside = self.conditions[condition.parameter.partner].values
                self.conditions[name] = replace(condition, beside=beside)

    def scalar(self, name: str) -> Any:
        """The value of a parameter that takes one, or its default."""
        if name in self.conditions:
            return self.conditions[name].values[0]
        return self.parameters[name].default

    @property
    def canonical(self) -> str:
        """The same text for every spelling of the same question."""
        asked = {
            name: sorted({str(value) for value in c.values})
            if c.parameter.repeats
            else [str(value) for value in c.values]
            for name, c in sorted(self.conditions.items())
            if ",".join(str(value) for value in c.values) != str(c.parameter.default)
        }
        return json.dumps(asked, ensure_ascii=False)

    def understood(self) -> dict[str, Any]:
        """The question as `meta.query` shows it."""
        shown: dict[str, Any] = {}
        for name, condition in self.conditions.items():
            parameter, values = condition.parameter, [_shown(value) for value in condition.values]
            if parameter.field and parameter.operator:
                values = parameter.field.meant(parameter.operator, values, self.release)
            shown[name] = values if parameter.repeats or parameter.comma else values[0]
        return shown

    @property
    def digest(self) -> str:
        """A name for the question apart from where a page begins and how long it is."""
        rest = {n: c for n, c in self.conditions.items() if n not in _PAGING}
        text = Query(self.path, self.release, rest.values()).canonical
        return hashlib.sha256(f"{self.path}?{text}".encode()).hexdigest()[:12]

    def link(self, cursor: str) -> str:
        """The address of the page that begins at `cursor`."""
        return address(self.path, [*self.without("cursor", "release"), ("cursor", cursor)])

    def without(self, *names: str) -> Pairs:
        """The pairs of the question but for these parameters."""
        rest = (condition for name, condition in self.conditions.items() if name not in names)
        return [(c.parameter.name, text) for c in rest for text in c.texts]


def _shown(value: Any) -> Any:
    return value.text if isinstance(value, Span) else value


class ListQuery(Query):
    """What a list can be asked: its fields, and how it is ordered and paged.

    A subclass names its resource, its table and its fields, one line a field.
    """

    one: ClassVar[type[Query]]
    """What a single row of it can be asked."""
    singular: ClassVar[str]
    """What other resources call the filter on a row of this one."""
    table: ClassVar[Any]
    formats: ClassVar[tuple[str, ...]] = FOR_ALL
    """The forms that it can be answered in."""
    model: ClassVar[type[BaseModel]]
    """What its rows are; declared with the route."""
    given: ClassVar[dict[str, str]]
    """Sort keys that a field gives while it is asked, with its name."""
    fields: ClassVar[dict[str, Field]]

    def __init_subclass__(
        cls, *, resource: str, table: Any, sort: str = "id", singular: str = ""
    ) -> None:
        cls.rows, cls.table, cls.singular = resource, table, singular or resource.removesuffix("s")
        cls.fields = {n: f for n, f in vars(cls).items() if isinstance(f, Field)}
        cls.given = {f.orders: n for n, f in cls.fields.items() if f.orders}
        controls = {p.name: p for p in _of_lists(cls, sort)}
        if clash := cls.fields.keys() & (controls.keys() | _RESERVED):
            raise TypeError(f"{cls.__name__} has fields with reserved names: {clash}")
        cls.parameters = {**{p.name: p for p in _of_fields(cls.fields)}, **controls}
        of_rows = {name: p for name, p in controls.items() if name in ("include", "release")}
        made = {"parameters": of_rows, "rows": resource, "embed": cls.embed}
        cls.one = type(f"{cls.__name__}One", (Query,), made)

    @classmethod
    def collections(cls, folder: str, identifier: str) -> dict[str, str]:
        """The addresses of the lists that can be asked for what is about one row."""
        return {
            other.rows: address(f"{folder}/{other.rows}", [(cls.singular, identifier)])
            for other in ListQuery.__subclasses__()
            if cls.singular in other.fields
        }

    @cached_property
    def narrowing(self) -> list[Condition]:
        """The conditions that restrict rows, defaults included."""
        asked = [
            replace(c, values=tuple(c.parameter.field.sought(c.values, self.release)))
            for c in self.conditions.values()
            if c.parameter.field
        ]
        return asked + [
            Condition(p, (p.default,))
            for p in self.parameters.values()
            if isinstance(p.field, Choice) and p.name not in self.conditions
        ]

    @property
    def sort(self) -> list[tuple[Any, bool]]:
        """Columns to order by, each with whether it descends; the last is always the id."""
        keys: list[tuple[Any, bool]] = []
        for key in self._sort_keys:
            name = key.removeprefix("-")
            column = self.table.id if name == "id" else self._sort_column(name)
            keys.append((column, key.startswith("-")))
            if name == "id":
                return keys
        return [*keys, (self.table.id, False)]

    @property
    def _sort_keys(self) -> Sequence[str]:
        if "sort" in self.conditions:
            return self.conditions["sort"].values
        asked = (c.parameter.field for c in self.conditions.values())
        given = [f"{field.orders}" for field in asked if field and field.orders]
        return given or str(self.parameters["sort"].default).split(",")

    def _sort_column(self, name: str) -> Any:
        if name in self.fields:
            return self.fields[name].sort_column
        condition = self.conditions[self.given[name]]
        assert condition.parameter.field
        return condition.parameter.field.order((*condition.values, *condition.beside))

    @property
    def added(self) -> frozenset[str]:
        """The fields that rows have, or have whole, only because they are asked for."""
        included = self.conditions["include"].values if "include" in self.conditions else ()
        return frozenset(included) | ({"matched_by"} if self.scalar("explain") else set())

    @property
    def limit(self) -> int | None:
        """The most rows of a page; None where another format gives all that there are."""
        if self.scalar("format") != "json" and "limit" not in self.conditions:
            return None
        limit: int = self.scalar("limit")
        return limit


_RESERVED = {*dir(ListQuery), "path", "conditions"}


def address(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    """A path with its query string, the characters of ids and dates left readable."""
    query = urlencode(pairs, safe=_READABLE, quote_via=quote)
    return quote(path, safe=_READABLE) + (f"?{query}" if query else "")


def _of_fields(fields: dict[str, Field]) -> Iterable[Parameter]:
    for name, field in fields.items():
        for operator in field.operators:
            own = operator.value is None
            says = f"`{name}` {operator.says}." if operator.suffix else field.says
            if operator.repeats:
                says += " Repeat the parameter for several values."
            if own and field.vocabulary:
                says += f" {field.vocabulary.says}"
            yield Parameter(
                name=f"{name}__{operator.suffix}" if operator.suffix else name,
                says=says,
                adapter=TypeAdapter(field.value if own else operator.value),
                repeats=operator.repeats,
                vocabulary=field.vocabulary if own else None,
                field=field,
                operator=operator,
                default=field.default if isinstance(field, Choice) else None,
                partner=field.partner.name if field.partner else None,
            )
        if more := field.partner:
            yield Parameter(more.name, more.says, TypeAdapter(more.value), partner=name)


def _of_lists(query: type[ListQuery], sort: str) -> Iterable[Parameter]:
    names = ["id", *(n for n, f in query.fields.items() if n != "id" and f.sort_column is not None)]
    names += query.given
    keys = tuple(f"{sign}{name}" for name in names for sign in ("", "-"))
    yield control(
        "sort",
        f"Order by these keys, a comma list of at most {MOST_SORTS}; `-` before a key descends. "
        "Unknown values come last, and `id` settles ties. "
        f"Keys: {', '.join(f'`{name}`' for name in names)}"
        + "".join(
            f"; `{key}` (the default there) goes with `{n}`" for key, n in query.given.items()
        )
        + ".",
        Literal[keys],
        comma=True,
        default=sort,
    )
    if query.embed:
        yield control(
            "include",
            f"Put `{query.embed.name}` inside each row, not only their ids.",
            Literal[query.embed.name],
            comma=True,
        )
    yield control(
        "explain",
        "`matches` adds `matched_by` to each row: what satisfies each filter, and who says so.",
        Literal["matches"],
    )
    yield control(
        "format",
        "The form of the answer, also asked for by `Accept`; all but `json` are files with flat "
        "rows, every row unless `limit` is given.",
        Literal[query.formats],
        default="json",
    )
    yield control(
        "bom",
        "Begin `format=csv` with a byte order mark, by which Excel knows that it is UTF-8.",
        Flag,
        partner="format",
    )
    yield LIMIT
    yield CURSOR
    yield control(
        "total", "`exact` counts every row even where there are more than 10 000.", Literal["exact"]
    )
    yield RELEASE
