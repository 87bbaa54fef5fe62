"""Facets: how many rows each value of a field would give, beside a page."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select

from app.query.fields import Field
from app.query.parameters import ListQuery, Pairs, Row, address
from app.query.values import State

MOST_COUNTED = 1000
"""Values of one facet, and groups, that an answer shows."""


class FacetValue(BaseModel):
    """One value of a field, with the number of rows that choosing it would give."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    value: str | int | bool | None
    """The value, as the field's parameter takes it; null for the rows whose value is unknown."""
    label_en: str | None
    """What it is called in English, if it is a code or an id that has a name."""
    label_zh: str | None
    """And in Chinese."""
    count: int
    """Rows with this value, the field's own filters set aside; each row counts once."""
    selected: bool
    """Whether the request asks for it."""
    toggle: str
    """The address of the request with this value added (in place of the field's other conditions,
    which its count sets aside) or, where it is selected, removed."""


def count_facets(query: ListQuery, base: str) -> tuple[dict[str, list[Row]], dict[str, int]]:
    """The facets that are asked, best values first, and how many values those have that are cut."""
    shown, cut = {}, {}
    for name in query.listed("facet"):
        found = _count(query, query.fields[name])
        shown[name] = list(_told(query, query.fields[name], found[:MOST_COUNTED], base))
        if len(found) > MOST_COUNTED:
            cut[name] = len(found)
    return shown, cut


def labels(query: ListQuery, field: Field | None, value: Any) -> Row:
    """What a value is called in both languages."""
    known = field.vocabulary.ids(query.release) if field and field.vocabulary else {}
    english, chinese, *_ = (*known.get(str(value), ()), None, None)
    return {"label_en": english, "label_zh": chinese}


def _count(query: ListQuery, field: Field) -> list[tuple[Any, int]]:
    """The values of a field with their rows; those that are chosen are there even without any."""
    values = query.counted[field.name]

    def make(asked: ListQuery) -> Select[Any]:
        found = select(values.column, func.count()).select_from(query.table)
        found = values.joined(found.where(*asked.clauses(but=field)))
        counted: Select[Any] = found.group_by(values.column)
        return counted

    counts = {value: count for value, count in query.fetch(("facet", field.name), make)}
    counts = dict.fromkeys(_chosen(query, field), 0) | counts
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0]))


def _chosen(query: ListQuery, field: Field) -> list[Any]:
    """The values that are asked for, None for unknown."""
    known = query.conditions.get(field.name)
    state = query.conditions.get(f"{field.name}__state")
    unknown = [None] if state and state.values[0] == State.UNKNOWN else []
    return [*(known.values if known else ()), *unknown]


def _told(
    query: ListQuery, field: Field, found: Iterable[tuple[Any, int]], base: str
) -> Iterator[Row]:
    chosen = _chosen(query, field)
    for value, count in found:
        selected = value in chosen
        yield {
            "value": value,
            **labels(query, field, value),
            "count": count,
            "selected": selected,
            "toggle": base + address(query.path, _toggled(query, field, value, selected)),
        }


def _toggled(query: ListQuery, field: Field, value: Any, selected: bool) -> Pairs:
    """The request with a value of a field added or removed."""
    own = field.name if value is not None else f"{field.name}__state"
    kept = []
    for name, condition in query.conditions.items():
        for one, text in zip(condition.values, condition.texts, strict=condition.parameter.repeats):
            if condition.parameter.field is not field:
                stays = name != "cursor"
            elif selected:
                stays = name != own or one != (State.UNKNOWN if value is None else value)
            else:
                stays = name == field.name == own
            if stays:
                kept.append((name, text))
    if selected:
        return kept
    said = State.UNKNOWN if value is None else str(value)
    return [*kept, (own, said.lower() if isinstance(value, bool) else said)]
