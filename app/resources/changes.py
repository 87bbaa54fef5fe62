"""The kept releases, and what changed from one to another."""

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response

from app.database import Release, ReleaseMissing, Releases
from app.query import answers, problems
from app.query.answers import Meta, Page, PageMeta, Read, current_release, refused
from app.query.changes import Change, Fields, Kind, Row, changes
from app.query.pages import Cursor
from app.query.parameters import CURSOR, LIMIT, RELEASE, ListQuery, Pairs, Query, control
from app.query.reading import mend, split, understand
from app.query.values import Slug, Vocabulary, nearest
from app.resources.common import eg

router = APIRouter(tags=["service"])
_MARKS = ("since", "cursor")


class KeptRelease(Read):
    """A release that can be asked for."""

    id: str = eg("2026.11.1-3f9c2a")
    """Its name: what `release` and `since` take."""
    version: str = eg("2026.11.1")
    """Version of the knowledge."""
    date: str = eg("2026-11-22")
    """When this version was made up."""
    is_current: bool
    """Whether it answers the requests that name none."""


class ChangesMeta(PageMeta):
    """What was compared, and how much differs."""

    since: str
    """The release that `release` was compared with."""


class Changes(Page[Change]):
    """A page of what changed."""

    meta: ChangesMeta


class _Lists(Vocabulary):
    """The resources that have a list: the same in every release."""

    def ids(self, _release: Release) -> dict[str, Any]:
        """Each of them, known by its id only."""
        return {query.rows: () for query in ListQuery.__subclasses__()}


LISTS = _Lists(None, "A list of `/v1`.")
SINCE = "The kept release to compare with (see `/v1/releases`)."
ONLY_ROWS = "Only rows of this list. Repeat the parameter for several values."
ONLY_KIND = "Only this kind of change. Repeat the parameter for several values."


class ReleasesQuery(Query):
    """What `GET /v1/releases` can be asked: nothing. What is kept decides the answer."""

    parameters: ClassVar = {}
    kept: Sequence[str] = ()

    @property
    def canonical(self) -> str:
        """What decides the answer."""
        return json.dumps(self.kept)


class ChangesQuery(Query):
    """What `GET /v1/changes` can be asked."""

    parameters: ClassVar = {
        "since": control("since", SINCE, Slug, required=True),
        "resource": control("resource", ONLY_ROWS, Slug, repeats=True, vocabulary=LISTS),
        "kind": control("kind", ONLY_KIND, Kind, repeats=True),
        "limit": LIMIT,
        "cursor": CURSOR,
        "release": RELEASE,
    }

    def wants(self, change: Change) -> bool:
        """Whether a change is among those that are asked for."""
        asked = (("resource", change.resource), ("kind", change.kind))
        return all(v in self.conditions[n].values for n, v in asked if n in self.conditions)


@router.get(
    "/v1/releases",
    response_model=Page[KeptRelease],
    responses=problems.declared(
        problems.Unavailable, problems.UnknownParameter, problems.NotAcceptable
    ),
)
def list_releases(request: Request) -> Response:
    """List the releases that are kept, the newest first.

    `release` of every list and `since` of `/v1/changes` take their ids; what the current one holds
    is in `/v1/release`.

    - [/v1/releases](/v1/releases)
    """
    path, pairs = request.url.path, split(request.scope["query_string"])
    query = understand(ReleasesQuery, path, pairs, current_release(request))
    releases: Releases = request.app.state.releases
    query.kept = releases.kept()

    def read() -> tuple[list[bytes], Meta, str | None]:
        rows = []
        for name in query.kept:
            with suppress(ReleaseMissing):  # pruned by a loader just now
                body = answers.find_body(releases.open(name), "release", "current")
                about = {part: json.loads(body or b"{}")[part] for part in ("version", "date")}
                row = KeptRelease(id=name, is_current=name == query.release.name, **about)
                rows.append(row.model_dump_json().encode())
        meta = PageMeta(
            total=len(rows),
            returned=len(rows),
            undecided=0,
            release=query.release.name,
            query=query.understood(),
        )
        return rows, meta, None

    return answers.answer_page(request, query, read)


@router.get(
    "/v1/changes",
    response_model=Changes,
    responses=problems.declared(
        problems.Gone,
        problems.Unavailable,
        problems.TooSlow,
        problems.UnknownParameter,
        problems.InvalidValue,
        problems.InvalidCursor,
        problems.NotAcceptable,
    ),
    openapi_extra={"parameters": [p.schema() for p in ChangesQuery.parameters.values()]},
)
def list_changes(request: Request) -> Response:
    """List what was added, changed or deleted from one kept release to another, and why.

    `since` is the older one, an id of [/v1/releases](/v1/releases); `release` the newer one, by
    default the current. A row that changed shows each field before and after.
    """
    path, pairs = request.url.path, split(request.scope["query_string"])
    older = _older(request, path, pairs)
    cursor = answers.cursor_of(request, ChangesQuery, pairs)
    newer = answers.release_of(request, ChangesQuery, pairs, cursor)
    query = understand(ChangesQuery, path, pairs, newer)
    start = _start(cursor, query)
    if start is None:
        why = "The cursor is of another query."
        raise refused(request, ChangesQuery, pairs, problems.InvalidCursor, why)

    def read() -> tuple[list[bytes], Meta, str | None]:
        rows, total, end = [], 0, start + query.scalar("limit")
        wanted = filter(query.wants, changes(older, newer, evidence))
        for total, change in enumerate(wanted, 1):
            if start < total <= end:
                rows.append(change.model_dump_json().encode())
        meta = ChangesMeta(
            total=total,
            returned=len(rows),
            undecided=0,
            release=newer.name,
            since=older.name,
            query=query.understood(),
        )
        more = rows and end < total
        return rows, meta, Cursor(newer.name, query.digest, [end]).encode() if more else None

    return answers.answer_page(request, query, read)


def evidence(fields: Fields, row: Row) -> str | None:
    """Why a row changed: what became of its citations and its rank."""
    said = []
    if cited := fields.get("citations") or fields.get("refs"):
        old, new = set(_ids(cited.old)), set(_ids(cited.new))
        for count, verb in ((len(new - old), "added"), (len(old - new), "removed")):
            if count:
                said.append(f"{count} citation{'s' * (count > 1)} {verb}")
    if "rank" in fields:
        said.append(": ".join(filter(None, (f"now {row['rank']}", row.get("rank_reason")))))
    return "; ".join(said) or None


def _ids(cited: Any) -> list[str]:
    """The ids of citations, whether listed or by field."""
    return list(chain(*cited.values())) if isinstance(cited, dict) else cited or []


def _start(cursor: Cursor | None, query: Query) -> int | None:
    """How many changes come before the page; None when the cursor is not of this query."""
    match cursor:
        case None:
            return 0
        case Cursor(digest=query.digest, after=[int(position)]) if position > 0:
            return position
    return None


def _older(request: Request, path: str, pairs: Pairs) -> Release:
    """The release to compare with; a `Problem` tells which ones are kept."""
    releases: Releases = request.app.state.releases
    current, kept, named = current_release(request), releases.kept(), dict(pairs).get("since")
    with suppress(ReleaseMissing):
        if named in kept:
            return releases.open(named)
    guess = nearest(named or "", kept)
    usable = [(n, v) for n, v in pairs if n not in _MARKS and (n != "release" or v in kept)]
    whole = [("since", guess or kept[:2][-1]), *usable]  # the previous one, if there is one
    why = f"The release {named!r} is not kept." if named else "'since' is missing."
    flaw = problems.Flaw(
        parameter="since",
        message=f"{why} Compare with one that is: {', '.join(kept)}.",
        value=named,
        allowed=kept,
        did_you_mean=guess,
        corrected=mend(ChangesQuery, path, whole, current),
    )
    if named:
        raise problems.Gone(flaw.message, [flaw])
    understand(ChangesQuery, path, whole, current)  # tells a misspelt one first
    raise problems.InvalidValue(flaw.message, [flaw])
