"""Groups: rows counted for each combination of values and, where they measure, summed."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter
from sqlalchemy import and_, case, func, or_, select

from app.query.charts import Bars, Language
from app.query.described import Described
from app.query.facets import MOST_COUNTED, labels, words_of
from app.query.fields import Measure
from app.query.formats import TYPES, Column, Table
from app.query.parameters import ListQuery, Row
from app.query.plans import ordering

_MADE: dict[str, Callable[[Any], Any]] = {
    "sum": func.sum,
    "mean": func.avg,
    "min": func.min,
    "max": func.max,
}
_OF_PICTURES = ("group_by", "format", "lang", "heading", "limit", "release")
MOST_YEARS = 100
"""Years, or other whole numbers, between which a chart leaves none out."""
_FAULT = "?"
"""Ends the name of a column that tells a fault of a group."""


class Group(Described):
    """The rows with one combination of values.

    Each dimension stands under its own name, null where it is unknown; one whose values are ids or
    codes also as `x_label_en` and `x_label_zh`.
    """

    model_config = ConfigDict(extra="allow")

    count: int
    """How many rows they are."""
    sum: int | float | None = None
    """Of their figures; null where they do not add up. Only where rows have figures."""
    mean: int | float | None = None
    """Of their figures, each with the same weight; null where it would mean nothing."""
    min: int | float | None = None
    """The least of their figures; null where they cannot be compared."""
    max: int | float | None = None
    """The greatest of their figures; null where they cannot be compared."""
    reasons: dict[str, str] = Field({})
    """Why each of these is null."""


def count_groups(query: ListQuery, whole: bool = False) -> tuple[list[Row], dict[str, int]]:
    """The groups that are asked, in order of their values, and how many, if they are cut."""
    names = query.listed("group_by")
    values = [query.dimensions[name] for name in names]
    columns = [value.column.label(name) for name, value in zip(names, values, strict=True)]
    measure = query.measuring()
    figures = list(_figures(query, measure)) if measure else []
    total = func.count().over().label("groups")
    found = select(*columns, func.count().label("count"), *figures, total).select_from(query.table)
    for value in values:
        found = value.joined(found)
    found = found.where(*query.clauses())
    found = found.group_by(*columns).order_by(*ordering([(c, False) for c in columns]))
    found = found.limit(None if whole else MOST_COUNTED)
    with query.release.connect() as connection:
        rows = [dict(row) for row in connection.execute(found).mappings()]
    cut = {"groups": rows[0]["groups"]} if rows and rows[0]["groups"] > len(rows) else {}
    return [_told(query, names, row) for row in rows], cut


def table_of_groups(query: ListQuery, about: Callable[[int], Row]) -> Table:
    """All groups that are asked, as the rows of a file."""
    columns = []
    for name in query.listed("group_by"):
        field = query.fields.get(name)
        coded = field and field.vocabulary
        kind = TypeAdapter(field.value).json_schema()["type"] if field and not coded else "integer"
        columns.append(Column((name,), str if coded else TYPES[kind]))
        columns += [Column((f"{name}_{of}",), str) for of in ("label_en", "label_zh") if coded]
    columns.append(Column(("count",), int))
    if query.measured:
        columns += [Column((name,), float) for name in _MADE]
        columns.append(Column(("reasons",), str, whole=True))
    groups, _ = count_groups(query, whole=True)
    return Table(
        f"{query.rows}-groups", columns, [groups], about, chart=lambda: _chart(query, groups)
    )


def _chart(query: ListQuery, groups: list[Row]) -> Bars:
    """Bars of counts: one for each value of the first field, parted by the others."""
    language: Language = query.scalar("lang") or "en"
    unknown = {"en": "unknown", "zh": "未知"}[language]

    def said(group: Row, names: list[str]) -> str:
        told = (group.get(f"{name}_label_{language}") or group[name] for name in names)
        return " · ".join(unknown if one is None else str(one) for one in told)

    first, *others = query.listed("group_by")
    counts: dict[str, dict[str, int]] = {}
    for group in groups:
        counts.setdefault(said(group, others), {})[said(group, [first])] = group["count"]
    categories = list(dict.fromkeys(said(group, [first]) for group in groups))
    years = [group[first] for group in groups if type(group[first]) is int]
    if years and max(years) - min(years) <= MOST_YEARS:  # those without rows have none: 0
        span = [str(year) for year in range(min(years), max(years) + 1)]
        categories = [*span, *(one for one in categories if one not in span)]
    what = query.rows.replace("-", " ")
    by = ", ".join(name.replace("_", " ") for name in (first, *others))
    title = {"en": f"{what.capitalize()} by {by}", "zh": f"{what}：{by}"}[language]
    asked = ", ".join(f"{n}={v}" for n, v in query.without(*_OF_PICTURES))
    return Bars(
        title=query.scalar("heading") or title,
        subtitle="" if query.scalar("heading") else asked,
        unit={"en": "count", "zh": "数量"}[language],
        categories=categories,
        parts=[(name, [of.get(one, 0) for one in categories]) for name, of in counts.items()],
        sources=[f"Gaoxin {query.release.name}"],
        language=language,
    )


def _figures(query: ListQuery, measure: Measure) -> Iterator[Any]:
    """What is made of a group's figures, and what of its rows forbids it, reason by reason."""
    for name, make in _MADE.items():
        yield make(measure.column).label(name)
    for name in (*measure.same, *measure.once):
        field: Any = query.fields[name]
        unknown = and_(func.count() > 1, func.count(field.column) < func.count())
        differ = or_(func.count(field.column.distinct()) > 1, unknown)
        yield case((differ, 1), else_=0).label(name + _FAULT)
    for reason, clause in (*measure.only.items(), *measure.adds.items()):
        yield func.sum(case((clause, 0), else_=1)).label(reason + _FAULT)


def _told(query: ListQuery, names: list[str], row: Row) -> Row:
    told: Row = {}
    for name in names:
        told[name], field = row[name], query.fields.get(name)
        if field and field.vocabulary:
            shown = labels(words_of(query, field), row[name])
            told |= {f"{name}_{key}": word for key, word in shown.items()}
    told["count"] = row["count"]
    if query.measured:
        reasons = _reasons(query.measured, row)
        told |= {name: None if name in reasons else _plain(row[name]) for name in _MADE}
        told["reasons"] = reasons
    return told


def _reasons(measure: Measure, row: Row) -> dict[str, str]:
    """Why a sum, mean, minimum or maximum of a group would mean nothing."""
    every = _faults(row, measure.same, measure.only)
    sums = [*every, *_faults(row, measure.once, measure.adds)]
    why = dict.fromkeys(_MADE, every) | {"sum": sums}
    return {name: " ".join(faults) for name, faults in why.items() if faults}


def _faults(row: Row, same: Iterable[str], clauses: Iterable[str]) -> list[str]:
    differ = [name for name in same if row[name + _FAULT]]
    said = [f"The rows differ in {', '.join(differ)} or leave it unknown."] if differ else []
    return [*said, *(reason for reason in clauses if row[reason + _FAULT])]


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number
