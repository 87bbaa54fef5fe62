"""From a request to its answer: the envelope, the ETag, links and the release it comes from."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import ConfigDict, Field
from pydantic_core import to_json
from sqlalchemy import bindparam, select
from sqlmodel import col

from app.database import Release, ReleaseMissing, Releases
from app.query.described import Described
from app.query.exports import form_of, negotiated, sent, table_of
from app.query.facets import FacetValue, count_facets
from app.query.formats import FORMATS, Format, Table, choose
from app.query.groups import Group, count_groups
from app.query.http import caching, header, is_among
from app.query.kept import Headers
from app.query.pages import BODY, Cursor, read_page
from app.query.pages import Page as Found
from app.query.parameters import ListQuery, Paged, Pairs, Query, address, quoted
from app.query.plans import COUNTED
from app.query.prepared import Statement
from app.query.problems import (
    Flaw,
    Gone,
    InvalidCursor,
    InvalidValue,
    NotAcceptable,
    NotFound,
    Problem,
    TooSlow,
    Unavailable,
    UnknownParameter,
    declared,
)
from app.query.reading import mend, split, understand
from app.query.rows import complete
from app.query.spool import build
from app.query.values import nearest
from app.tables import Body, Redirect

Row = TypeVar("Row")
Told = dict[str, Any]
Cut = dict[str, int]
Pages = TypeVar("Pages", bound=Paged)


class Read(Described):
    """Base of every row: all its fields are always made, but only `id` is promised."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=lambda schema: schema.update(required=["id"])
    )

    id: str
    """Readable id, never reused."""


class Links(Described):
    """Addresses that belong to an answer, relative to the server."""

    model_config = ConfigDict(extra="allow")
    self: str
    """This answer."""


class PageLinks(Links):
    """Addresses that belong to a page."""

    next: str | None
    """The next page; null at the end."""


class Meta(Described):
    """What an answer was made from."""

    release: str
    """The release the answer comes from."""
    query: dict[str, Any]
    """The request as understood."""


class PageMeta(Meta):
    """What a page was made from, and how much there is."""

    total: int | None = Field(
        description=f"Rows that satisfy the request; null above {COUNTED} unless `total=exact`."
    )
    total_at_least: int | None = None
    """A lower bound, where `total` is null."""
    returned: int
    """Rows of this page."""
    undecided: int
    """Rows left out because their date is known, but too imprecisely to decide."""
    left_out: dict[str, int] = Field({})
    """Rows that only a choice leaves out, such as rivals by `rank`, which shows them with `all`."""
    cut: dict[str, int] = Field({})
    """How many there are of what is shown only in part: values of a facet, or groups."""


Rows = tuple[list[bytes], Meta, str | None]
"""Rows, what they were made from, and the cursor of the next page."""


class Page(Described, Generic[Row]):
    """A page of a list."""

    data: list[Row]
    meta: PageMeta
    links: PageLinks


class Listing(Page[Row], Generic[Row]):
    """A page of a list, with what is counted beside it."""

    facets: dict[str, list[FacetValue]] = Field(
        {}, description="For each field of `facet` its values, best first; only where asked."
    )
    groups: list[Group] = Field(
        [], description="The groups of `group_by`, in order of its values; only where asked."
    )


class Item(Described, Generic[Row]):
    """One row."""

    data: Row
    meta: Meta
    links: Links


def documented(query: type[Query], row: type[Any]) -> dict[str, Any]:
    """What a route is declared with: its answer, its parameters and how it may fail."""
    failures = [Gone, Unavailable, TooSlow, UnknownParameter, InvalidValue, NotAcceptable]
    responses: dict[int | str, Any] = declared(*failures, NotFound)
    model: Any = Item
    if issubclass(query, ListQuery):
        query.reads(row)
    if issubclass(query, Paged):
        model = Listing if issubclass(query, ListQuery) else Page
        files = [FORMATS[name].media_type for name in query.formats[1:]]
        responses = declared(*failures, InvalidCursor)
        responses[200] = {"content": {name: {"schema": {"type": "string"}} for name in files}}
    return {
        "response_model": model[row],
        "responses": responses,
        "openapi_extra": {"parameters": query.described()},
    }


def answer_list(
    request: Request,
    asked: type[ListQuery],
    about: type[PageMeta] = PageMeta,
    more: Callable[[ListQuery], dict[str, Any]] = lambda _: {},
) -> Response:
    """A page of the rows that the request asks for; `more` fills what `about` adds to `meta`."""
    query, cursor = asked_of(request, asked)
    beside: dict[str, Any] = {}

    def meta(page: Found, returned: int, cut: Cut) -> PageMeta:
        counted = page.total <= COUNTED or query.scalar("total") is not None
        return about(
            **more(query),
            total=page.total if counted else None,
            total_at_least=None if counted else COUNTED + 1,
            returned=returned,
            undecided=page.undecided,
            left_out=page.left_out,
            cut=cut,
            release=query.release.name,
            query=query.understood(),
        )

    def read() -> Rows:
        page = read_page(query, cursor)
        cut = _count_beside(query, _base(request), beside)
        bodies = complete(query, page.bodies, request.app.state.completions)
        return bodies, meta(page, len(page.bodies), cut), page.following

    form = form_of(query)
    if form == FORMATS["json"]:
        return answer_page(request, query, read, beside)

    def told(rows: int) -> Told:
        return meta(read_page(query, None), rows, {}).model_dump(mode="json")

    completions = request.app.state.completions
    return answer_file(request, query, form, lambda: table_of(query, completions, told))


def asked_of(request: Request, asked: type[Pages]) -> tuple[Pages, Cursor | None]:
    """What a request asks of something that has pages, and where the page begins."""
    path, pairs = request.scope["path"], negotiated(request, asked)
    cursor = cursor_of(request, asked, pairs)
    query = understand(asked, path, pairs, release_of(request, asked, pairs, cursor))
    if cursor and not cursor.belongs_to(query):
        raise refused(request, asked, pairs, InvalidCursor, "The cursor is of another query.")
    return query, cursor


def _count_beside(query: ListQuery, base: str, beside: Told) -> Cut:
    """Put the facets and groups that are asked beside the page; gives what of them is cut."""
    cut: Cut = {}
    if "facet" in query.conditions:
        beside["facets"], cut = count_facets(query, base)
    if "group_by" in query.conditions:
        beside["groups"], more = count_groups(query)
        cut |= more
    return cut


def answer_page(
    request: Request,
    query: Query,
    read: Callable[[], Rows],
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> Response:
    """What `read` finds: rows, what they were made from and the cursor of the next page.

    Nothing is read when the client already has it; `beside` has what else was read, by its name in
    the envelope.
    """
    path, pairs = query.path, split(request.scope["query_string"])
    if "format" not in query.parameters:
        choose(header(request.scope, b"accept"), ("json",))
    etag = _etag(request, query)
    if _unchanged(request, etag):
        return _not_modified(etag)
    rows, meta, cursor = read()
    base = _base(request)
    following = base + query.link(cursor) if cursor else None
    links = {"self": base + address(path, pairs), "next": following}
    told = {"meta": meta, "links": links, **beside}
    return _answer(b"[%s]" % b",".join(rows), told, etag, following or "")


def answer_file(
    request: Request, query: Paged, form: Format, make: Callable[[], Table]
) -> Response:
    """What `make` tables, as a file; made only where it is not there yet."""
    digest = _digest(request, query, query.limit, form.version)
    if _unchanged(request, f'"{digest}"'):
        return _not_modified(f'"{digest}"')
    file = request.app.state.spool.file(digest, lambda handle: form.write(make(), handle))
    return sent(file, query, digest, _base(request))


def answer_item(request: Request, asked: type[ListQuery] | str, identifier: str) -> Response:
    """The row with this id; answers 308 for a renamed id, 410 for a withdrawn one."""
    path, pairs = request.scope["path"], split(request.scope["query_string"])
    one = Query if isinstance(asked, str) else asked.one
    query = understand(one, path, pairs, release_of(request, one, pairs, None))
    resource = asked if isinstance(asked, str) else asked.rows
    body = find_body(query.release, resource, identifier)
    if body is None:
        return _elsewhere(query, resource, identifier, pairs, _base(request))
    choose(header(request.scope, b"accept"), ("json",))
    etag = _etag(request, query)
    if _unchanged(request, etag):
        return _not_modified(etag)
    (body,) = complete(query, [body], request.app.state.completions)
    base, folder = _base(request), path.rsplit("/", 2)[0]
    lists = {} if isinstance(asked, str) else _lists_about(asked.collections, folder)
    links = {name: base + link + quoted(identifier) for name, link in lists.items()}
    told = {
        "meta": {"release": query.release.name, "query": query.understood()},
        "links": {"self": base + address(path, pairs), **links},
    }
    return _answer(body, told, etag)


@lru_cache(1000)
def _lists_about(collections: Callable[[str, str], dict[str, str]], folder: str) -> dict[str, str]:
    """The addresses of the lists of what is about a row, up to its id."""
    return collections(folder, "")


def answer_collection(
    request: Request, resource: str, identifier: str, collection: str
) -> Response:
    """307 from a row to the list of what is about it; the query string goes along."""
    path: str = request.scope["path"]
    folder = path.rsplit("/", 3)[0]
    asked = {query.rows: query for query in ListQuery.__subclasses__()}.get(resource)
    known = asked.collections(folder, identifier) if asked else {}
    release = release_of(request, Query, split(request.scope["query_string"]), None)
    if collection not in known or not find_body(release, resource, identifier):
        raise NotFound(f"There is no {path}; {folder} lists what there is.")
    more = request.scope["query_string"].decode("latin-1")
    location = _base(request) + known[collection] + (f"&{more}" if more else "")
    return Response(status_code=307, headers={"Location": location})


_ONE = Statement.of(
    select(BODY).where(
        col(Body.resource) == bindparam("resource", required=False),
        col(Body.id) == bindparam("id", required=False),
    )
)


def find_body(release: Release, resource: str, identifier: str) -> bytes | None:
    """The finished JSON of a row, or None."""
    found = release.fetch(_ONE.sql, (resource, identifier))
    return found[0][0] if found else None


def current_release(request: Request) -> Release:
    """The release that is served now; raises `Unavailable` when there is none."""
    releases: Releases = request.app.state.releases
    try:
        return releases.current()
    except ReleaseMissing as error:
        raise Unavailable(f"Not ready: {error}.", headers={"Retry-After": "5"}) from None


def release_of(
    request: Request, asked: type[Query], pairs: Pairs, cursor: Cursor | None
) -> Release:
    """The release a request is answered from: the cursor's, the one it names, or the current."""
    named = [value for name, value in pairs if name == "release" and value][:1]
    if cursor and named and named[0] != cursor.release:
        why = "The cursor is of another release."
        raise refused(request, asked, pairs, InvalidCursor, why)
    name = cursor.release if cursor else (named[0] if named else None)
    if name is None:
        return current_release(request)
    releases: Releases = request.app.state.releases
    try:
        return releases.open(name)
    except ReleaseMissing:
        why = f"The release {name!r} is not kept any more."
        raise refused(request, asked, pairs, Gone, why) from None


def cursor_of(request: Request, asked: type[Query], pairs: Pairs) -> Cursor | None:
    """Where the page that is asked for begins, if the request says so."""
    texts = [value for name, value in pairs if name == "cursor" and value]
    if len(texts) != 1:
        return None  # none, or a flaw that reading reports
    cursor = Cursor.decode(texts[0])
    if cursor is None:
        raise refused(request, asked, pairs, InvalidCursor, "The cursor is none of ours.")
    return cursor


def refused(
    request: Request, asked: type[Query], pairs: Pairs, kind: type[Problem], why: str
) -> Problem:
    """The problem of a cursor or release that cannot be used; without it the request answers."""
    path, marks = request.scope["path"], ("cursor", "release")
    rest = [pair for pair in pairs if pair[0] not in marks]
    flaw = Flaw(
        parameter=next((name for name, _ in pairs if name in marks), "cursor"),
        message=why,
        corrected=mend(asked, path, rest, current_release(request)),
    )
    return kind(f"{why} Leave it out to start again.", [flaw])


def _elsewhere(query: Query, resource: str, identifier: str, pairs: Pairs, base: str) -> Response:
    """Where a row went that is not there: 308, 410 or 404."""
    moved = select(Redirect).where(
        col(Redirect.resource) == resource, col(Redirect.id) == identifier
    )
    alike = col(Body.id).istartswith(identifier[:2], autoescape=True)
    ids = select(col(Body.id)).where(col(Body.resource) == resource, alike).limit(1000)
    with query.release.connect() as connection:
        redirect = connection.execute(moved).mappings().first()
        guess = None if redirect else nearest(identifier, connection.execute(ids).scalars().all())
    folder = query.path.rsplit("/", 1)[0]
    if redirect and redirect["successor"]:
        moved_to = address(f"{folder}/{redirect['successor']}", pairs)
        return Response(
            status_code=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": base + moved_to}
        )
    if redirect:
        raise Gone(f"{identifier!r} of {folder} was withdrawn.")
    flaw = Flaw(
        parameter="id",
        message=f"There is no {identifier!r} in {folder}.",
        value=identifier,
        did_you_mean=guess,
        corrected=f"{folder}/{guess}" if guess else folder,
    )
    raise NotFound(flaw.message, [flaw])


def _base(request: Request) -> str:
    base: str = request.scope["app"].state.settings.base_url
    return base.rstrip("/")


def _etag(request: Request, query: Query) -> str:
    return f'W/"{_digest(request, query)}"'


def _digest(request: Request, query: Query, *more: object) -> str:
    """Known before any query runs: a release is immutable, so these decide the answer."""
    release, pinned = query.release, "release" in query.conditions
    request.scope["state"]["headers"] = caching(release.built_at, pinned)
    digest = _begun(release.name, request.scope["app"].state.variant).copy()
    digest.update(f"{query.path}\n{query.canonical}{more or ''}".encode())
    return digest.hexdigest()


@lru_cache
def _begun(release: str, variant: str) -> "hashlib.blake2b":
    """What all digests of a release have in common."""
    text = f"{release}\n{build()}\n{variant}\n"
    return hashlib.blake2b(text.encode(), digest_size=12)


def _unchanged(request: Request, etag: str) -> bool:
    """Whether the client already has this answer."""
    asked = [v for name, v in request.scope["headers"] if name == b"if-none-match"]
    return any(is_among(tags.decode("latin-1"), etag) for tags in asked) if asked else False


class _Plain(Response):
    """A finished response: Starlette takes as long to make one as SQLite to find a row."""

    def __init__(self, status: int, headers: Headers, body: bytes = b"") -> None:
        self.status_code, self.raw_headers = status, headers
        self.body, self.background = body, None


def _not_modified(etag: str) -> Response:
    return _Plain(304, [(b"etag", etag.encode())])


def _answer(data: bytes, told: Mapping[str, Any], etag: str, following: str = "") -> Response:
    """An envelope: finished JSON, then what is told beside it, in this order."""
    content = b'{"data":%s,%s' % (data, to_json(told)[1:])
    headers = [(b"etag", etag.encode())]
    if following:
        headers.append((b"link", f'<{following}>; rel="next"'.encode("latin-1")))
    headers += (b"content-length", b"%d" % len(content)), (b"content-type", b"application/json")
    return _Plain(200, headers, content)
