"""What changed from one release to another, row by row and field by field."""

import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from threading import Lock
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, select
from sqlmodel import col

from app.database import Release
from app.query.answers import Read
from app.query.described import Described
from app.tables import Body, Redirect

MOST_KEPT = 20_000
"""A comparison with more changes is not kept in memory, but made anew for every page."""
_ONE_AT_A_TIME = Lock()
_NAMES = ("label", "short_name", "title", "name")


class Kind(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


class FieldChange(Described):
    """One field before and after."""

    old: Any
    """Its value in the older release; null where it was unknown."""
    new: Any
    """Its value in the newer release."""
    added: list[Any] | None = None
    """The new members of a list; if none is new or gone, only the order differs."""
    removed: list[Any] | None = None
    """The members of a list that are gone."""


Key = tuple[str, str]
Row = dict[str, Any]
Fields = dict[str, FieldChange]
Why = Callable[[Fields, Row], str | None]
"""Tells why a row changed, from the fields that differ and the newer row."""


class Change(Read):
    """One row that differs between two releases."""

    id: str = Field(examples=["zones/baiyin"])
    """Resource and id of the row: after `/v1/`, its address."""
    resource: str
    """The list that the row is in."""
    row_id: str
    """Its id there."""
    kind: Kind
    """Whether it is new, different or gone."""
    label_en: str | None
    """What it is called in English, where it has a name."""
    label_zh: str | None
    """And in Chinese."""
    fields: Fields
    """Each field that differs, where it changed; an object is one value."""
    reason: str | None
    """Why, where that is known: a new id, a withdrawal, other evidence, another rank."""


def compare(older: Release, newer: Release, why: Why) -> Iterator[Change]:
    """What differs, by resource and id: each release is read once, in step with the other."""
    with older.connect() as before, newer.connect() as after:
        known, moved = _redirects(before), _redirects(after)
        origin = {(key[0], to): key[1] for key, to in moved.items() if known.get(key) != to}
        both = merge(_bodies(before, "old"), _bodies(after, "new"), key=itemgetter(0))
        for key, sides in groupby(both, key=itemgetter(0)):
            texts = {side: text for _, side, text in sides}
            if texts.get("old") == texts.get("new"):
                continue
            old, new = (json.loads(texts.get(side, "null")) for side in ("old", "new"))
            if old is None:
                reason = f"renamed from {origin[key]}" if key in origin else None
                yield _change(key, Kind.ADDED, new, {}, reason)
            elif new is None:
                reason = f"renamed to {moved[key]}" if moved.get(key) else "withdrawn"
                yield _change(key, Kind.DELETED, old, {}, reason if key in moved else None)
            elif fields := differences(old, new):
                yield _change(key, Kind.CHANGED, new, fields, why(fields, new))


def changes(older: Release, newer: Release, why: Why) -> Iterable[Change]:
    """The same, made once for a pair of releases, since neither ever changes."""
    few = MOST_KEPT + 1
    with _ONE_AT_A_TIME:
        kept = newer.memo(
            ("changes", older.name), lambda _: list(islice(compare(older, newer, why), few))
        )
    return kept if len(kept) < few else compare(older, newer, why)


def differences(old: Row, new: Row) -> Fields:
    """Each field that differs; one that is not there is the same as null."""
    names = dict.fromkeys((*new, *old))
    return {n: _field(old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}


def _field(old: Any, new: Any) -> FieldChange:
    if not (isinstance(old, list | None) and isinstance(new, list | None)):
        return FieldChange(old=old, new=new)
    was, now = ({json.dumps(m, sort_keys=True): m for m in members or ()} for members in (old, new))
    return FieldChange(
        old=old,
        new=new,
        added=[member for text, member in now.items() if text not in was],
        removed=[member for text, member in was.items() if text not in now],
    )


def _change(key: Key, kind: Kind, row: Row, fields: Fields, reason: str | None) -> Change:
    labels = {
        f"label_{language}": next(filter(None, (row.get(f"{n}_{language}") for n in _NAMES)), None)
        for language in ("en", "zh")
    }
    return Change(
        id="/".join(key),
        resource=key[0],
        row_id=key[1],
        kind=kind,
        fields=fields,
        reason=reason,
        **labels,
    )


def _redirects(connection: Connection) -> dict[Key, str | None]:
    """Each id that is no longer used, with its successor."""
    by = (col(Redirect.resource), col(Redirect.id))
    rows = connection.execute(select(*by, col(Redirect.successor)).order_by(*by))
    return {(resource, identifier): successor for resource, identifier, successor in rows}


def _bodies(connection: Connection, side: str) -> Iterator[tuple[Key, str, str]]:
    """Every row's JSON by its key, in the order that Python gives keys, too."""
    by = (col(Body.resource), col(Body.id))
    rows = select(*by, col(Body.json_text)).where(col(Body.resource) != "release").order_by(*by)
    streamed = connection.execution_options(yield_per=500).execute(rows)
    for resource, identifier, text in streamed:
        yield (resource, identifier), side, text
