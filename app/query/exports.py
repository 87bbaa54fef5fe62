"""The rows of a list as a file: in the form asked for, written once, sent whole or in ranges."""

from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from app.query.formats import FORMATS, Format, Row, Table, choose, columns_of
from app.query.groups import table_of_groups
from app.query.http import header
from app.query.lines import ready_lines
from app.query.pages import read_all
from app.query.parameters import ListQuery, Paged, Pairs, address
from app.query.problems import BadRequest, Flaw, InvalidValue, NotAcceptable
from app.query.reading import split
from app.query.rows import Completions, are_whole, complete

AT_ONCE = 5000
"""Rows that are in memory at the same time."""
_ONLY_IN = {"bom": "csv", "lang": "svg", "heading": "svg", "facet": "json"}
"""Parameters that mean nothing in any other form."""
_OF_ROWS = ("fields", "include", "explain")
"""Parameters that mean nothing in a file of groups, and the form that maps rows."""
_OF_FILES = ("format", "bom", "limit", "cursor")


def negotiated(request: Request, asked: type[Paged]) -> Pairs:
    """The pairs of a request, with the `format` that its `Accept` header asks for instead."""
    pairs = split(request.scope["query_string"])
    if any(name == "format" for name, _ in pairs):
        return pairs
    name = choose(header(request.scope, b"accept"), asked.formats)
    return pairs if name == "json" else [*pairs, ("format", name)]


def form_of(query: Paged) -> Format:
    """The form that is asked for; raises a `Problem` where this server cannot write it."""
    name = query.scalar("format")
    if not FORMATS[name].is_there:
        raise NotAcceptable(f"{name} needs a library here: `pip install 'gaoxin[{name}]'`.")
    for parameter, only in _ONLY_IN.items():
        if name != only and parameter in query.conditions:
            raise _misplaced(query, parameter, f"is for `format={only}`, not for {name}")
    if name == "svg" and "group_by" in query.parameters and "group_by" not in query.conditions:
        raise _misplaced(query, "format", "`svg` draws groups: say which by `group_by`")
    if name != "json" and "group_by" in query.conditions:
        if name == "geojson":
            raise _misplaced(query, "group_by", "makes groups, which are on no map")
        for parameter in query.conditions.keys() & set(_OF_ROWS):
            raise _misplaced(query, parameter, "is for rows, and the file has groups")
    return FORMATS[name]


def _misplaced(query: Paged, parameter: str, why: str) -> InvalidValue:
    """What is told of a parameter that means nothing in the form that is asked for."""
    message = f"{parameter!r} {why}."
    rest = address(query.path, query.without(parameter))
    return InvalidValue(message, [Flaw(parameter=parameter, message=message, corrected=rest)])


def table_of(query: ListQuery, completions: Completions, about: Callable[[int], Row]) -> Table:
    """All rows that are asked for, read as they are written; or their groups."""
    bom = bool(query.scalar("bom"))
    if "group_by" in query.conditions:
        return replace(table_of_groups(query, about), bom=bom)

    batches = (complete(query, bodies, completions) for bodies in read_all(query, AT_ONCE))
    columns = columns_of(query.row, query.added)
    if fields := query.listed("fields"):
        kept = {"id", *fields, *query.added}
        columns = tuple(column for column in columns if column.path[0] in kept)
    whole = are_whole(query, completions)
    ready = ready_lines(query, query.scalar("format")) if whole else None
    return Table(query.rows, columns, batches, about, bom, ready=ready)


def sent(file: Path, query: Paged, digest: str, base: str) -> Response:
    """A file of the spool, with what belongs to it; `describedby` tells of what it leaves out."""
    name, release = query.scalar("format"), query.release
    described = address(query.path, [*query.without(*_OF_FILES), ("limit", "0")])
    headers = {
        "ETag": f'"{digest}"',
        "Last-Modified": formatdate(release.built_at, usegmt=True),
        "Link": f'<{base}{described}>; rel="describedby"',
        "Vary": "Accept",
    }
    called = f"{query.rows}-{release.name}.{name}"
    return _File(
        file,
        headers=headers,
        media_type=FORMATS[name].media_type,
        filename=called,
        content_disposition_type="inline" if name == "svg" else "attachment",
    )


class _File(FileResponse):
    """A file, whose ranges that cannot be had are told as every other problem."""

    chunk_size = 1024**2  # each piece costs two changes of threads: 64 kB take six times the CPU

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, a part of it, or why not."""
        refused: dict[str, Any] = {}

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refused.update(message)
            elif not refused:
                await send(message)

        method = scope["state"].get("method", "GET")  # a HEAD need not read the file
        await super().__call__({**scope, "method": method}, receive, told)
        if refused:
            size = Path(self.path).stat().st_size
            headers = {"Content-Range": f"bytes */{size}"}
            problem = BadRequest(f"There is no such range of its {size} bytes.", headers=headers)
            await problem.response(refused["status"])(scope, receive, send)
