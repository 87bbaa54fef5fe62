"""From a query class to its parameters; an instance of the class is one request, understood."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter
from pydantic import Field as Constrained
from pydantic_core import to_json
from sqlalchemy import Connection, Select, and_, func, literal_column, not_

from app.database import Release
from app.query.fields import (
    Choice,
    Clause,
    Dated,
    Field,
    Measure,
    Newest,
    Operator,
    Ordered,
    Values,
)
from app.query.formats import FOR_ALL
from app.query.prepared import Fetched, Shapes, Statement, held, placeholder
from app.query.tallied import BOUNDS, share, tallies
from app.query.values import Flag, Limit, Slug, Span, State, Text, Vocabulary

MOST_VALUES = 100
MOST_SORTS = MOST_FACETS = 8
MOST_DIMENSIONS = 3
MOST_INCLUDED = 100
"""Rows of another list inside one row."""
Pairs = list[tuple[str, str]]
T = TypeVar("T")
Row = dict[str, Any]
_READABLE = ",:~/@"
_CLEAR = re.compile(r"[\w.,:~/@-]*", re.ASCII)
"""What stands in an address as it is."""
_PAGING = ("cursor", "limit", "release", "total")


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    """What reads a type: one for all parameters that are of it."""
    return TypeAdapter(type_)


@cache
def _schema(adapter: TypeAdapter[Any]) -> Row:
    """The JSON Schema of a type; what a parameter says, it says itself."""
    return {k: v for k, v in adapter.json_schema().items() if k not in ("description", "title")}


@dataclass(frozen=True)
class Parameter:
    """One query parameter: its name, its type and what it restricts."""

    name: str
    says: str
    adapter: TypeAdapter[Any]
    repeats: bool = False
    comma: bool = False
    most: int = MOST_VALUES
    """Values of one that repeats or takes a comma list."""
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
        schema = {**_schema(self.adapter)}
        if self.repeats or self.comma:
            schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": self.most}
        if self.default is not None:
            schema["default"] = self.default.split(",") if self.comma else self.default
        shown: dict[str, Any] = {"example": self.example} if self.example else {}
        if shown and self.repeats:
            shown["example"] = [self.example]
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
    share: float | None = None
    """What share of the rows satisfies it, roughly, where SQLite can be told."""

    def holds(self) -> Clause:
        """The rows for which it is certain."""
        assert self.parameter.operator
        values = (*self.values, *self.beside)
        clause = self.parameter.operator.holds(self.parameter.field, values)
        return clause if self.share is None else likely(clause, self.share)

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


def likely(clause: Clause, share: float) -> Clause:
    """The same, for SQLite to know what share of the rows it holds for."""
    told: Clause = func.likelihood(clause, literal_column(str(share)))
    return told


def control(name: str, says: str, type_: Any, **more: Any) -> Parameter:
    """A parameter that is about the answer, not about a field of its rows."""
    return Parameter(name, says, _adapter(type_), **more)


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
    of: ClassVar[type["ListQuery"]]
    """The list that its rows are of."""

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

    def listed(self, name: str) -> list[Any]:
        """The values of a comma list, each once; none where it is not asked."""
        return list(dict.fromkeys(self.conditions[name].values)) if name in self.conditions else []

    @classmethod
    def described(cls) -> list[Row]:
        """Its parameters in OpenAPI; whoever holds the list sees those that come later."""
        if "_described" not in vars(cls):
            cls._described = [parameter.schema() for parameter in cls.parameters.values()]
        return cls._described

    _described: ClassVar[list[Row]]

    @property
    def canonical(self) -> str:
        """The same text for every spelling of the same question."""
        return to_json(self._canonical).decode() if self.conditions else "{}"

    @cached_property
    def _canonical(self) -> dict[str, list[str]]:
        """What is asked beyond what holds anyway, in one order."""
        asked = {}
        for name in sorted(self.conditions):
            c = self.conditions[name]
            values = [*map(str, c.values)]
            if ",".join(values) != str(c.parameter.default):
                asked[name] = sorted({*values}) if c.parameter.repeats else values
        return asked

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
    def reshapes(self) -> bool:
        """Whether rows are shown otherwise than they are kept."""
        return False

    def reshape(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Show rows as the request wants them."""

    @cached_property
    def digest(self) -> str:
        """A name for the question apart from where a page begins and how long it is."""
        rest = {n: values for n, values in self._canonical.items() if n not in _PAGING}
        return hashlib.sha256(b"%s?%s" % (self.path.encode(), to_json(rest))).hexdigest()[:12]

    def link(self, cursor: str) -> str:
        """The address of the page that begins at `cursor`."""
        return address(self.path, [*self.without("cursor", "release"), ("cursor", cursor)])

    def without(self, *names: str) -> Pairs:
        """The pairs of the question but for these parameters."""
        rest = (condition for name, condition in self.conditions.items() if name not in names)
        return [(c.parameter.name, text) for c in rest for text in c.texts]


def _shown(value: Any) -> Any:
    return value.text if isinstance(value, Span) else value


class Paged(Query):
    """What can be had page by page, or whole as a file."""

    formats: ClassVar[tuple[str, ...]] = FOR_ALL
    """The forms that it can be answered in."""

    @cached_property
    def sort(self) -> list[tuple[Any, bool]]:
        """Columns to order by, each with whether it descends."""
        raise NotImplementedError

    @property
    def limit(self) -> int | None:
        """The most rows of a page; None where another format gives all that there are."""
        if self.scalar("format") != "json" and "limit" not in self.conditions:
            return None
        limit: int = self.scalar("limit")
        return limit


class ListQuery(Paged):
    """What a list can be asked: its fields, and how it is ordered and paged.

    A subclass names its resource, its table and its fields, one line a field.
    """

    one: ClassVar[type[Query]]
    """What a single row of it can be asked."""
    singular: ClassVar[str]
    """What other resources call the filter on a row of this one."""
    table: ClassVar[Any]
    given: ClassVar[dict[str, str]]
    """Sort keys that a field gives while it is asked, with its name."""
    fields: ClassVar[dict[str, Field]]
    counted: ClassVar[dict[str, Values]]
    """What a facet can count."""
    dimensions: ClassVar[dict[str, Values]]
    """What rows can be grouped by: the same, and the years of dates."""
    measured: ClassVar[Measure | None] = None
    row: ClassVar[type[BaseModel]] = BaseModel
    """What its rows are."""

    def __init_subclass__(
        cls, *, resource: str, table: Any, sort: str = "id", singular: str = ""
    ) -> None:
        cls.rows, cls.table, cls.singular = resource, table, singular or resource.removesuffix("s")
        cls.fields = {n: f for n, f in vars(cls).items() if isinstance(f, Field)}
        cls.given = {f.orders: n for n, f in cls.fields.items() if f.orders}
        values = {name: field.values() for name, field in cls.fields.items()}
        cls.counted = {n: v for n, v in values.items() if v and v.column is not table.id}
        years = {f"{n}_year": f.year() for n, f in cls.fields.items() if isinstance(f, Dated)}
        cls.dimensions = {**years, **cls.counted}
        controls = {p.name: p for p in _of_lists(cls, sort)}
        if clash := cls.fields.keys() & (controls.keys() | _RESERVED):
            raise TypeError(f"{cls.__name__} has fields with reserved names: {clash}")
        cls.parameters = {**{p.name: p for p in _of_fields(cls.fields)}, **controls}
        cls.of = cls
        made = {
            "parameters": dict(Query.parameters),
            "rows": resource,
            "embed": cls.embed,
            "of": cls,
        }
        cls.one = type(f"{cls.__name__}One", (Query,), made)
        for other in ListQuery.__subclasses__():
            if other is cls or other.singular in cls.fields:
                other._includes()

    @classmethod
    def about(cls) -> dict[str, type["ListQuery"]]:
        """The lists that can be asked for what is about one row, by their names."""
        return {o.rows: o for o in ListQuery.__subclasses__() if cls.singular in o.fields}

    @classmethod
    def collections(cls, folder: str, identifier: str) -> dict[str, str]:
        """The addresses of those lists for one row."""
        asked = [(cls.singular, identifier)]
        return {name: address(f"{folder}/{name}", asked) for name in cls.about()}

    @classmethod
    def reads(cls, row: type[BaseModel]) -> None:
        """Say what its rows are, so that `fields` can name what is wanted of them."""
        cls.row = row
        names = tuple(name for name, field in row.model_fields.items() if not field.exclude_if)
        cls._offer(
            "fields",
            "Only these fields of each row, a comma list; `id` is always there, and so is what "
            "`include` and `explain` add.",
            names,
        )
        cls._includes()

    @classmethod
    def included(cls) -> dict[str, type["ListQuery"]]:
        """Those lists whose rows can stand inside a row, which has no field of that name."""
        own = {*cls.row.model_fields, cls.embed and cls.embed.name}
        return {name: other for name, other in cls.about().items() if name not in own}

    @classmethod
    def included_schemas(cls, ref_template: str) -> Row:
        """The JSON Schemas of what `include` puts inside a row, by name."""
        return {
            name: {
                "type": "array",
                "items": {"$ref": ref_template.format(model=other.row.__name__)},
                "description": f"Rows of `/v1/{name}` about it; only with `include={name}`.",
            }
            for name, other in cls.included().items()
        }

    @classmethod
    def _includes(cls) -> None:
        """Offer what can stand inside its rows, as other lists come to be known."""
        own = (cls.embed.name,) if cls.embed else ()
        others = tuple(cls.included())
        says = [f"`{name}` themselves, not only their ids" for name in own]
        if others:
            names = ", ".join(f"`{name}`" for name in others)
            says.append(
                f"the first {MOST_INCLUDED} rows about it, in their default order, of {names} "
                "(where there are more, the row's `cut` says how many)"
            )
        if says:
            about = f"Put more inside each row, a comma list: {'; '.join(says)}."
            cls._offer("include", about, (*own, *others))

    @classmethod
    def _offer(cls, name: str, says: str, values: tuple[str, ...]) -> None:
        """Have a comma list of these values asked of the list and of its rows."""
        parameter = control(name, says, Literal[values], comma=True)
        for query in (cls, cls.one):
            shown = query.described()
            query.parameters[name] = parameter
            shown[:] = [*(p for p in shown if p["name"] != name), parameter.schema()]

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

    def measuring(self) -> Measure | None:
        """What its figures are, if it has any."""
        return self.measured

    def fetch(self, what: Hashable, make: Callable[[Self], Select[Any]], **values: Any) -> Fetched:
        """The rows of the SELECT that `make` makes of a query.

        It is made once for all questions of the same shape that ask the same `what`; `values` are
        those of placeholders that `make` puts in itself.
        """
        return self.statement(what, make).fetch(self.release, self.asked_values | values)

    def statement(self, what: Hashable, make: Callable[[Self], Select[Any]]) -> Statement:
        """The SELECT that `make` makes of a query, as all questions of the same shape have it."""
        return self.of_shape(what, lambda: Statement.of(make(self._twin())))

    @property
    def asked_values(self) -> dict[str, Any]:
        """What its placeholders have in this question."""
        return self._shape[1]

    def of_shape(self, what: Hashable, make: Callable[[], T]) -> T:
        """What follows from the shape of this question, worked out once for all that have it."""
        found: T | None = self._of_shape.get(what)
        if found is None:
            found = self._of_shape[what] = make()
        return found

    @cached_property
    def _of_shape(self) -> dict[Hashable, Any]:
        known = self.release.memo(Shapes, lambda _: Shapes())
        return known.get((type(self), self._shape[0]), dict)

    @cached_property
    def _shape(self) -> tuple[Hashable, dict[str, Any]]:
        """What decides the SQL of this question, and the values of its placeholders."""
        shape: list[Hashable] = []
        values: dict[str, Any] = {}
        for name, condition in self.conditions.items():
            operator = condition.parameter.operator
            if operator and operator.compares:
                shape.append((name, len(condition.values), self._shares.get(name)))
                for i, value in enumerate(condition.values):
                    values |= held(f"asked_{name}_{i}", value)
            elif name not in _PAGING:
                shape.append((name, condition.values))
        return tuple(shape), values

    @cached_property
    def bounds(self) -> dict[str, dict[str, Condition]]:
        """The conditions that a number is more or less than another, by field and operator."""
        asked = defaultdict[str, dict[str, Condition]](dict)
        for c in self.conditions.values():
            operator, field = c.parameter.operator, c.parameter.field
            if operator and isinstance(field, Ordered) and operator.suffix in BOUNDS:
                asked[field.name][operator.suffix] = c
        return asked

    def bounded(self, name: str) -> tuple[Sequence[float], dict[str, float]]:
        """How the numbers of a field are spread, where that is known, and what is asked of them."""
        spread = tallies(self.release, self.rows).get(name, {}).get("spread", ())
        return spread, {suffix: c.values[0] for suffix, c in self.bounds[name].items()}

    @cached_property
    def _shares(self) -> dict[str, float]:
        """What share of the rows of a long list the conditions on a number leave, by their names.

        That of all those on one number is said of the first of them.
        """
        shares: dict[str, float] = {}
        for name, conditions in self.bounds.items():
            if found := share(*self.bounded(name)):
                first, *others = (c.parameter.name for c in conditions.values())
                shares |= {first: found, **dict.fromkeys(others, 1.0)}
        return shares

    def _twin(self) -> Self:
        """This question with placeholders."""
        conditions = []
        for name, c in self.conditions.items():
            if c.parameter.operator and c.parameter.operator.compares:
                held_by = [placeholder(f"asked_{name}_{i}", v) for i, v in enumerate(c.values)]
                c = replace(c, values=tuple(held_by), share=self._shares.get(name))
            conditions.append(c)
        return type(self)(self.path, self.release, conditions)

    def clauses(self, but: Field | None = None, lacking: str = "") -> list[Clause]:
        """What is certain of the rows that are asked for, condition by condition.

        Without the conditions on the field `but`, by whose values the rows are counted. The newest
        are those of the rows that all other conditions leave. Or of the rows that only have not the
        number that is asked for of the field `lacking`.
        """
        kept = [c for c in self.narrowing if c.parameter.field is not but]
        made = [None if isinstance(c.parameter.field, Newest) else c.holds() for c in kept]
        rest = [clause for clause in made if clause is not None]
        within = getattr(but, "column", None)
        newest = [
            c.parameter.field.among(c.values[0], rest, within)
            for c in kept
            if isinstance(c.parameter.field, Newest)
        ]
        relative = iter(newest)
        clauses = [next(relative) if clause is None else clause for clause in made]
        if not lacking:
            return clauses
        names = {c.parameter.name for c in self.bounds[lacking].values()}
        pairs = list(zip(kept, clauses, strict=True))
        own = [clause for c, clause in pairs if c.parameter.name in names]
        rest = [clause for c, clause in pairs if c.parameter.name not in names]
        return [*rest, likely(not_(and_(*own)), 0.001)]

    @cached_property
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
        included = self.listed("include")
        cut = {"cut"} if self.included().keys() & included else set()
        return frozenset({*included, *cut, *({"matched_by"} if self.scalar("explain") else ())})


_RESERVED = {*dir(ListQuery), "path", "conditions", "fields", "include"}


def address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A path with its query string, the characters of ids and dates left readable."""
    query = "&".join([f"{quoted(name)}={quoted(text)}" for name, text in pairs])
    return quoted(path) + (f"?{query}" if query else "")


def quoted(text: str) -> str:
    """A text as it stands in an address."""
    return text if _CLEAR.fullmatch(text) else quote(text, safe=_READABLE)


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
                adapter=_adapter(field.value if own else operator.value),
                repeats=operator.repeats,
                vocabulary=field.vocabulary if own else None,
                field=field,
                operator=operator,
                default=field.default if isinstance(field, Choice) else None,
                partner=field.partner.name if field.partner else None,
            )
        if more := field.partner:
            yield Parameter(more.name, more.says, _adapter(more.value), partner=name)


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
        most=MOST_SORTS,
        default=sort,
    )
    if query.counted:
        yield control(
            "facet",
            "Count the values of these fields beside the page, in `facets`; a comma list of at "
            f"most {MOST_FACETS}. Each value's count is what choosing it would return: the other "
            "filters hold, the field's own are set aside.",
            Literal[tuple(query.counted)],
            comma=True,
            most=MOST_FACETS,
        )
        measured = " and, of their figures, sum, mean, least and greatest" if query.measured else ""
        yield control(
            "group_by",
            f"Count the rows{measured} for each combination of values of these fields, in "
            f"`groups`; a comma list of at most {MOST_DIMENSIONS}. A row with several values is in "
            "several groups, unknown is null. With `limit=0` there is nothing else; a file has the "
            "groups in place of the rows.",
            Literal[tuple(query.dimensions)],
            comma=True,
            most=MOST_DIMENSIONS,
        )
    yield control(
        "explain",
        "`matches` adds `matched_by` to each row: what satisfies each filter, and who says so.",
        Literal["matches"],
    )
    yield from forms(query.formats, "flat rows, every row unless `limit` is given")
    yield LIMIT
    yield CURSOR
    yield control(
        "total", "`exact` counts every row even where there are more than 10 000.", Literal["exact"]
    )
    yield RELEASE


def forms(names: tuple[str, ...], what: str) -> Iterable[Parameter]:
    """The form of an answer, and what is asked of some forms only."""
    yield control(
        "format",
        "The form of the answer, also asked for by `Accept`; all but `json` are files with "
        f"{what}.",
        Literal[names],
        default="json",
    )
    yield control(
        "bom",
        "Begin `format=csv` with a byte order mark, by which Excel knows that it is UTF-8.",
        Flag,
        partner="format",
    )
    yield control("lang", "The language of `format=svg`.", Literal["en", "zh"], partner="format")
    yield control("heading", "The title of `format=svg`, in place of ours.", Text, partner="format")
