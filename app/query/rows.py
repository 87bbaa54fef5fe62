"""Rows that say more than their ready-made bodies: with others inside, and why they match.

A plain answer joins bodies as they stand. Only where more is asked are they parsed, completed and
written again; each step costs one or two SELECTs for a page, however many rows it has.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlmodel import col

from app.query.fields import Related
from app.query.formats import PLACE
from app.query.parameters import MOST_INCLUDED, Condition, ListQuery, Query, Row
from app.query.plans import ordering
from app.query.values import State
from app.tables import Body

Completion = Callable[[Connection, Sequence[Row]], None]
"""Adds to the rows of a resource what is known only where they are served."""
Completions = Mapping[str, Completion]
MOST_AT_ONCE = 500
"""Ids of one SELECT."""
written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def complete(query: Query, bodies: list[bytes], completions: Completions) -> list[bytes]:
    """The bodies with everything that the request asks for beside them, and nothing else."""
    if are_whole(query, completions):
        return bodies
    included, fields, explained = query.listed("include"), query.listed("fields"), _explains(query)
    rows: list[Row] = [json.loads(body) for body in bodies]
    with query.release.connect() as connection:
        if query.rows in completions:
            completions[query.rows](connection, rows)
        query.reshape(connection, rows)
        matches = _matches(connection, query, rows, completions) if explained else {}
        for name in included:
            if query.embed and name == query.embed.name:
                _embed(connection, query, rows, completions)
            else:
                _include(connection, query, name, rows, completions)
    for row in rows:
        if explained:
            row["matched_by"] = matches[row["id"]]
    if fields:
        mapped = (
            PLACE if "format" in query.parameters and query.scalar("format") == "geojson" else ()
        )
        kept = ("id", *fields, *mapped, *included, "cut", "matched_by")
        rows = [{name: row[name] for name in dict.fromkeys(kept) if name in row} for row in rows]
    return [written(row).encode() for row in rows]


def are_whole(query: Query, completions: Completions) -> bool:
    """Whether nothing is asked for but the bodies as they are."""
    asked = query.listed("include") or query.listed("fields") or _explains(query)
    return not (asked or query.reshapes or query.rows in completions)


def _explains(query: Query) -> bool:
    return "explain" in query.parameters and bool(query.scalar("explain"))


def fetch(
    connection: Connection, resource: str, ids: Iterable[str], completions: Completions
) -> dict[str, Row]:
    """Rows of a resource by their ids."""
    found: dict[str, Row] = {}
    for some in batches_of(ids):
        wanted = select(col(Body.id), col(Body.json_text)).where(
            col(Body.resource) == resource, col(Body.id).in_(some)
        )
        found |= {identifier: json.loads(text) for identifier, text in connection.execute(wanted)}
    if resource in completions:
        completions[resource](connection, list(found.values()))
    return found


def _embed(connection: Connection, query: Query, rows: list[Row], completions: Completions) -> None:
    embed = query.embed
    assert embed
    ids = {row["id"]: list(dict.fromkeys(embed.ids(row, None))) for row in rows}
    found = fetch(connection, embed.resource, chain.from_iterable(ids.values()), completions)
    for row in rows:
        row[embed.name] = [found[identifier] for identifier in ids[row["id"]]]


def _include(
    connection: Connection, query: Query, name: str, rows: list[Row], completions: Completions
) -> None:
    """Put the first rows of another list inside the rows that they are about."""
    other = query.of.about()[name]
    inside: dict[str, list[Row]] = {row["id"]: [] for row in rows}
    totals: dict[str, int] = {}
    for some in batches_of(inside):
        for owner, total, text in connection.execute(_about(query, other, some)):
            totals[owner] = total
            inside[owner].append(json.loads(text))
    if name in completions:
        completions[name](connection, list(chain.from_iterable(inside.values())))
    for row in rows:
        row[name] = inside[row["id"]]
        if totals.get(row["id"], 0) > MOST_INCLUDED:
            row.setdefault("cut", {})[name] = totals[row["id"]]


def _about(query: Query, other: type[ListQuery], ids: list[str]) -> Select[Any]:
    """The rows of another list about each of `ids`, with how many there are."""
    values, default = other.fields[query.of.singular].values(), other(query.path, query.release, ())
    assert values
    owner = values.column
    place = func.row_number().over(partition_by=owner, order_by=ordering(default.sort))
    total = func.count().over(partition_by=owner)
    ranked = select(
        owner.label("owner"), other.table.id, place.label("place"), total.label("total")
    )
    ranked = values.joined(ranked.select_from(other.table)).where(
        owner.in_(ids), *default.clauses()
    )
    of = ranked.subquery()
    return (
        select(of.c.owner, of.c.total, col(Body.json_text))
        .join_from(of, Body, (col(Body.resource) == other.rows) & (col(Body.id) == of.c.id))
        .where(of.c.place <= MOST_INCLUDED)
        .order_by(of.c.owner, of.c.place)
    )


def _matches(
    connection: Connection, query: Query, rows: list[Row], completions: Completions
) -> dict[str, list[Row]]:
    """For each row, why it satisfies each parameter that a fact can satisfy."""
    told: dict[str, list[Row]] = {row["id"]: [] for row in rows}
    rests: list[tuple[Row, list[str]]] = []
    for condition in query.conditions.values():
        if not condition.parameter.field or condition.says_not:
            continue
        for row, facts, ids in _support(connection, query, condition, rows):
            match = {"parameter": condition.parameter.name, "facts": facts}
            told[row["id"]].append(match)
            rests.append((match, list(dict.fromkeys(ids))))
    if embed := query.embed or next((q.embed for q in _lists() if q.embed), None):
        wanted = chain.from_iterable(ids for _, ids in rests)
        found = fetch(connection, embed.resource, wanted, completions)
        for match, ids in rests:
            match[embed.name] = [found[identifier] for identifier in ids]
    return told


def _support(
    connection: Connection, query: Query, condition: Condition, rows: list[Row]
) -> Iterable[tuple[Row, list[dict[str, str]], list[str]]]:
    """Each row with the facts that satisfy a condition, and the ids of what states them."""
    field = condition.parameter.field
    assert field
    of = {other.table: other for other in _lists()}
    related = of.get(field.column.class_) if isinstance(field, Related) else None
    if not related or not related.embed or not isinstance(field, Related):
        for row in rows:
            yield row, [], query.embed.ids(row, field.name) if query.embed else []
        return
    tied: dict[str, list[str]] = {row["id"]: [] for row in rows}
    among = [] if isinstance(condition.values[0], State) else [field.among(condition.values)]
    for some in batches_of(tied):
        wanted = select(field.key, related.table.id).where(field.key.in_(some), field.where, *among)
        for identifier, fact in connection.execute(wanted.order_by(related.table.id)):
            tied[identifier].append(fact)
    facts = fetch(connection, related.rows, chain.from_iterable(tied.values()), {})
    for row in rows:
        ids = [i for fact in tied[row["id"]] for i in related.embed.ids(facts[fact], None)]
        named = [{"resource": related.rows, "id": fact} for fact in tied[row["id"]]]
        yield row, named, ids


def batches_of(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids, each once, as many at a time as a SELECT takes."""
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), MOST_AT_ONCE):
        yield unique[start : start + MOST_AT_ONCE]


def _lists() -> list[type[ListQuery]]:
    return ListQuery.__subclasses__()
