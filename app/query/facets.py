"""Facets: how many rows each value of a field would give, beside a page."""

import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Select, bindparam, func, select
from sqlmodel import col

from app.query.counts import asked_beyond, few_lack, part_of
from app.query.described import Described
from app.query.fields import Field, Newest
from app.query.parameters import ListQuery, Pairs, Row, address, quoted
from app.query.plans import asks, gathered, is_any
from app.query.prepared import Shapes, Statement
from app.query.tallied import Tallies, tallies
from app.query.values import State
from app.tables import Tally

AT_ONCE = 100_000
"""Characters and places that are read at a time: as objects they take ten times their room."""
MOST_COUNTED = 1000
"""Values of one facet, and groups, that an answer shows."""
Counted = list[tuple[Any, int]]
Numbered = tuple[list[Any], Sequence[int]]
"""The values of a field, and the number of the one that each row has, by its place."""
MOST_NUMBERED = 8
"""Fields whose numbers are kept in memory: two bytes a row."""
_FEW = 0.125
"""The share of rows that is counted in place of the others."""
Places = dict[Any, Sequence[int]]
"""Where the rows stand that are counted, by the field whose conditions are set aside."""


class FacetValue(Described):
    """One value of a field, with the number of rows that choosing it would give."""

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
    places: Places = {}
    for name in query.listed("facet"):
        most, values = _best(query, query.fields[name], places)
        shown[name] = list(_told(query, query.fields[name], most, base))
        if values > MOST_COUNTED:
            cut[name] = values
    return shown, cut


def words_of(query: ListQuery, field: Field | None) -> Mapping[str, Sequence[str]]:
    """What the values of a field are called, in English and Chinese, by value."""
    return field.vocabulary.ids(query.release) if field and field.vocabulary else {}


def labels(words: Mapping[str, Sequence[str]], value: Any) -> Row:
    """What a value is called in both languages."""
    english, chinese, *_ = (*words.get(str(value), ()), None, None)
    return {"label_en": english, "label_zh": chinese}


def _best(query: ListQuery, field: Field, places: Places) -> tuple[Counted, int]:
    """The values with most rows, and how many there are."""
    if told := _known(query, field) or _known_but_few(query, field):
        most, values = told
        if len(most) == values or most.keys() >= {*_chosen(query, field)}:
            found = _ordered(query, field, most)
            return found[:MOST_COUNTED], max(len(found), values)
    found = count_values(query, field, places)
    return found[:MOST_COUNTED], len(found)


def _known(query: ListQuery, field: Field) -> tuple[Counter[Any], int] | None:
    """What was counted of the list or of parts of it: values with their rows, and how many."""
    asked = asked_beyond(query, but=field)
    if not asked:
        parts: list[Tallies] = [tallies(query.release, query.rows)]
    elif len(asked) > 1 or not is_any(asked[0]) or query.reshapes:
        return None
    else:
        (own,) = {c.parameter.field.name for c in asked if c.parameter.field}
        parts = [part_of(query, own, value) for value in dict.fromkeys(asked[0].values)]
    there = [counts for part in parts if (counts := part.get(field.name))]
    if len(there) < len(parts):
        return None
    rows = Counter[Any]()
    for one in there:
        rows.update({value: count for value, (count, *_) in one["most"].items()})
    return rows, there[0]["values"] if len(there) == 1 else len(rows)


def _known_but_few(query: ListQuery, field: Field) -> tuple[Counter[Any], int] | None:
    """The same where some rows less are asked for: those that have other numbers are counted."""
    if not (name := few_lack(query, _FEW)):
        return None
    numbers = {c.parameter.name for c in query.bounds[name].values()}
    rest = [c for c in query.conditions.values() if c.parameter.name not in numbers]
    told = _known(type(query)(query.path, query.release, rest), field)
    if not told or len(told[0]) < told[1]:
        return None
    rows, _ = told
    rows.subtract(_grouped(query, field, name))
    return (left := +rows), len(left)


def count_values(query: ListQuery, field: Field, places: Places) -> Counted:
    """The values of a field with their rows; those that are chosen are there even without any."""
    numbered = _numbered(query, field) if hasattr(query.table, "place") else ([], ())
    if numbered[0]:
        return _ordered(query, field, _of_codes(numbered, _places(query, field, places)))

    return _ordered(query, field, _grouped(query, field))


def _grouped(query: ListQuery, field: Field, lacking: str = "") -> dict[Any, int]:
    """The values of a field with their rows, as SQLite groups them."""
    values = query.counted[field.name]
    by = gathered(values.column) if asks(query) else values.column

    def make(asked: ListQuery) -> Select[Any]:
        found = select(values.column, func.count()).select_from(query.table)
        counted: Select[Any] = values.joined(found.where(*asked.clauses(field, lacking)))
        return counted.group_by(by)

    return {value: rows for value, rows in query.fetch(("facet", field.name, lacking), make)}


_CODES = Statement.of(
    select(col(Tally.values), col(Tally.codes)).where(
        col(Tally.resource) == bindparam("asked_resource", required=False),
        col(Tally.among) == "",
        col(Tally.field) == bindparam("asked_field", required=False),
    )
)


def _numbered(query: ListQuery, field: Field) -> Numbered:
    """The values of a field and which of them each row has, by its place; none without such."""

    def read() -> Numbered:
        asked = {"asked_resource": query.rows, "asked_field": field.name}
        ((values, codes),) = _CODES.fetch(query.release, asked) or [(None, None)]
        return (json.loads(values), memoryview(codes).cast("H")) if codes else ([], memoryview(b""))

    known = query.release.memo(_numbered, lambda _: Shapes(MOST_NUMBERED))
    return known.get((query.rows, field.name), read)


def _places(query: ListQuery, field: Field, known: Places) -> Sequence[int]:
    """The places of the rows that are counted: the same for fields without own conditions."""
    fields = {c.parameter.field for c in query.conditions.values()}
    own = field in fields or any(isinstance(one, Newest) for one in fields)
    but = field if own else None

    def make(asked: ListQuery) -> Select[Any]:
        return select(func.group_concat(asked.table.place)).where(*asked.clauses(but))

    if but not in known:
        statement = query.statement(("places", but and but.name), make)
        values = statement.given(query.asked_values)
        known[but] = query.release.fetch(statement.sql, values, _numbers)
    return known[but]


def _numbers(cursor: sqlite3.Cursor) -> Sequence[int]:
    """Those of one text, in four bytes each: to fetch them row by row takes thrice as long."""
    ((told,),) = cursor
    found, start = array("I"), 0
    while told and start < len(told):
        comma = told.find(",", start + AT_ONCE)
        end = comma if comma > 0 else len(told)
        found.extend(from_json(f"[{told[start:end]}]"))
        start = end + 1
    return found


def _of_codes(numbered: Numbered, places: Sequence[int]) -> dict[Any, int]:
    """How many of the rows at these places have each value."""
    values, numbers = numbered
    counts = Counter[int]()
    for start in range(0, len(places), AT_ONCE):
        counts.update([numbers[place] for place in places[start : start + AT_ONCE]])
    return {values[number]: count for number, count in counts.items()}


def _ordered(query: ListQuery, field: Field, counts: Mapping[Any, int]) -> Counted:
    """The values with most rows first, with those that are chosen but have none."""
    counts = dict.fromkeys(_chosen(query, field), 0) | dict(counts)
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
    chosen, words = _chosen(query, field), words_of(query, field)
    adding = base + address(query.path, [*_toggled(query, field, "", False)[:-1], (field.name, "")])
    for value, count in found:
        selected = value in chosen
        toggle = f"{adding}{quoted(_said(value))}"
        if selected or value is None:
            toggle = base + address(query.path, _toggled(query, field, value, selected))
        told = {"value": value, **labels(words, value), "count": count}
        yield {**told, "selected": selected, "toggle": toggle}


def _said(value: Any) -> str:
    """A value as its parameter takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
    return [*kept, (own, State.UNKNOWN if value is None else _said(value))]
