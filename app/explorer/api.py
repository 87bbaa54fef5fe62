"""The public API, asked in-process as anybody could ask it over HTTP."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, unquote

from fastapi import Request
from starlette.types import ASGIApp, Message

from app.query.parameters import Pairs, Row, address

_SIZE = re.compile(r'viewBox="[^"]*" width="([\d.]+)" height="([\d.]+)"')
_TITLE, _TOLD = re.compile(r"<title[^>]*>(.*?)</title>"), re.compile(r"<desc[^>]*>(.*?)</desc>")


class Refused(Exception):
    """The API answered with a problem."""

    def __init__(self, status: int, problem: Row) -> None:
        super().__init__(problem["detail"])
        self.status, self.problem = status, problem


class Moved(Exception):
    """The API says that the row has another id by now."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


@dataclass(frozen=True)
class Answer:
    """What the API answered: the envelope, read."""

    body: Row

    @property
    def rows(self) -> list[Row]:
        """The rows of a list."""
        rows: list[Row] = self.body["data"]
        return rows

    @property
    def row(self) -> Row:
        """The row of an item."""
        row: Row = self.body["data"]
        return row

    @property
    def meta(self) -> Row:
        """What it was made from."""
        meta: Row = self.body["meta"]
        return meta

    @property
    def next(self) -> str | None:
        """The API's address of the next page."""
        following: str | None = self.body["links"]["next"]
        return following

    @property
    def facets(self) -> dict[str, list[Row]]:
        """What is counted beside a page."""
        facets: dict[str, list[Row]] = self.body.get("facets", {})
        return facets

    def named(self, field: str, value: Any) -> Row:
        """A value with its labels, which the facet of its field has; `value` alone without one."""
        known = (one for one in self.facets.get(field, ()) if one["value"] == value)
        return next(known, {"value": value, "label_en": None, "label_zh": None})


@dataclass(frozen=True)
class Picture:
    """A chart of the API, with what a page must know before it is there."""

    address: str
    width: str
    height: str
    told: str
    """What it shows, in words."""


class Api:
    """The API in the same process; it remembers what it was asked, to show it on the page."""

    def __init__(self, request: Request, release: str | None = None) -> None:
        # Inside the layer that names and logs requests: a page is one request.
        self._app: ASGIApp = request.app.middleware_stack.app
        self._scope = request.scope
        self._pinned: Pairs = [("release", release)] if release else []
        self.calls: list[str] = []
        """The addresses that were asked, in order."""

    async def get(self, path: str, pairs: Sequence[tuple[str, str]] = ()) -> Answer:
        """A list or an item; raises `Refused` with the problem, `Moved` for a renamed id."""
        status, headers, content = await self._ask(address(path, [*pairs, *self._pinned]))
        if status in (307, 308):
            raise Moved(headers[b"location"].decode())
        answer: Row = json.loads(content)
        if status >= 400:
            raise Refused(status, answer)
        return Answer(answer)

    async def every(self, path: str, pairs: Sequence[tuple[str, str]] = ()) -> Answer:
        """A list to its end, page after page, as the one answer that the first of them begins."""
        whole = following = await self.get(path, [*pairs, ("limit", "1000")])
        while following.next:
            query = parse_qsl(following.next.partition("?")[2], keep_blank_values=True)
            following = await self.get(path, [pair for pair in query if pair[0] != "release"])
            whole.rows.extend(following.rows)
        return whole

    async def picture(self, path: str, pairs: Sequence[tuple[str, str]]) -> Picture | None:
        """A chart, or None where this server draws none or nothing can be drawn."""
        asked = address(path, [*pairs, ("format", "svg"), *self._pinned])
        status, _, content = await self._ask(asked)
        drawn = content.decode()
        size, title, told = (found.search(drawn) for found in (_SIZE, _TITLE, _TOLD))
        if status != 200 or not (size and title and told):
            return None
        return Picture(asked, size[1], size[2], unescape(f"{title[1]}. {told[1]}"))

    async def _ask(self, target: str) -> tuple[int, dict[bytes, bytes], bytes]:
        """Send a GET through the application; gives status, headers and content."""
        if target not in self.calls:
            self.calls.append(target)
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "app": self._scope["app"],
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": self._scope["scheme"],
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"in-process"), (b"accept", b"*/*")],
            "client": None,
            "server": self._scope.get("server"),
            "state": {"method": "GET", "headers": {}},
        }
        status, headers, content = 500, {}, bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], dict(message["headers"])
            content.extend(message.get("body", b""))

        await self._app(scope, receive, send)
        return status, headers, bytes(content)
