"""What HTTP asks of every address, whatever stands behind it."""

import logging
import re
from collections.abc import Callable, Mapping
from email.utils import formatdate
from functools import cache
from random import getrandbits
from time import perf_counter
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.query.direct import Direct
from app.query.kept import LARGEST, Answer, Headers, Kept, Ready, Request
from app.query.problems import LONGEST_URL, TooLong

LOG = logging.getLogger("gaoxin.access")
_LINE = "%s %s %d %.1fms %dB %s"


def raw(headers: Mapping[str, str]) -> Headers:
    """Headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def header(scope: Scope, name: bytes) -> str:
    """A header of a request; of several the first, empty where there is none."""
    for one, value in scope["headers"]:
        if one == name:
            return str(value, "latin-1")
    return ""


_EVERY_ANSWER = raw(
    {
        "Vary": "Accept, Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, Content-Disposition, X-Request-Id,"
        " Accept-Ranges, Retry-After, Server-Timing",
    }
)
_KEPT = "public, max-age=60, stale-while-revalidate=600"
_KEPT_BRIEFLY, _NOT_KEPT = raw({"Cache-Control": _KEPT}), raw({"Cache-Control": "no-store"})
_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
_OURS = {*dict(_EVERY_ANSWER), b"x-request-id", b"server-timing"}
_READING = ("GET", "HEAD")
_DECIDING = (b"host", b"accept", b"accept-encoding")
"""The headers that an answer depends on, besides those that are conditions."""
AGAIN = "gaoxin.again"
"""Under this name a connection finds `Http`, in the state of the lifespan, to call `again`; and
`Http`, in the extensions of a scope, what to call with the release and the `Ready` that it sent."""
START, BODY = "http.response.start", "http.response.body"
_SANE = re.compile(rb"[\w.:=+/-]{1,128}")
_FILES = (
    "text/csv",
    "application/geo+json",
    "application/x-ndjson",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""Sent as they are, so that their length and ranges are those of the file."""


@cache
def caching(built_at: float, pinned: bool) -> Headers:
    """How long an answer of a release may be kept, and when the release was made."""
    return raw(
        {
            "Last-Modified": formatdate(built_at, usegmt=True),
            "Cache-Control": _KEPT_FOR_GOOD if pinned else _KEPT,
        }
    )


class Exchange:
    """One request and its answer: what is sent gets the headers that every answer has."""

    def __init__(self, scope: Scope, send: Send, began: float) -> None:
        self.began = began
        self.send = send
        self.method: str = scope["method"]
        self.sent: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # of several the first
        self.target: bytes = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            self.target += b"?" + scope["query_string"]
        name = self.sent.get(b"x-request-id")
        self.name = name if name and _SANE.fullmatch(name) else _new_name()
        self.status = self.size = 0
        self.state: dict[str, Any] = {}

    def inside(self, scope: Scope, whole: bool = False) -> Scope:
        """The scope for what is within the layer; for a `whole` answer, never a 304."""
        told = {"method": self.method, "headers": _KEPT_BRIEFLY}
        self.state = {**scope.get("state", {}), **told}
        method = "GET" if self.method == "HEAD" else self.method
        within = {**scope, "state": self.state, "method": method}
        if whole:
            within["headers"] = [h for h in scope["headers"] if h[0] != b"if-none-match"]
        return within

    async def complete(self, message: Message) -> None:
        """Send a message of what is within the layer, with what every answer and this one has."""
        if message["type"] == START:
            self.status = message["status"]
            headers = [*self.headers(message), *_own(self.name, self.began)]
            message = {**message, "headers": headers}
        else:
            if self.method == "HEAD":
                message = {**message, "body": b""}
            self.size += len(message.get("body", b""))
        await self.send(message)

    def headers(self, message: Message) -> Headers:
        """The headers of an answer, but for those of this one exchange."""
        own = _NOT_KEPT if message["status"] >= 400 else self.state["headers"]
        ours = dict(own)
        theirs = [h for h in message["headers"] if h[0] not in ours and h[0] not in _OURS]
        return [*theirs, *_EVERY_ANSWER, *own]

    def knows(self, answer: Answer) -> bool:
        """Whether the client says that it has an answer already."""
        asked = self.sent.get(b"if-none-match")
        return asked is not None and is_among(asked.decode("latin-1"), answer.etag)

    async def give(self, answer: Answer) -> Ready:
        """Send a finished answer or, where the client has it already, 304."""
        asked = (self.method, self.target)
        if self.knows(answer):
            ready = Ready(*asked, 304, answer.unchanged, b"", answer)
        else:
            body = b"" if self.method == "HEAD" else answer.body
            ready = Ready(*asked, 200, answer.headers, body, answer)
        self.status, self.size = ready.status, len(ready.body)
        headers = [*ready.headers, *_own(self.name, self.began)]
        await self.send({"type": START, "status": ready.status, "headers": headers})
        await self.send({"type": BODY, "body": ready.body})
        return ready

    def log(self) -> None:
        """Say what was asked and how it was answered."""
        _log(self.method, self.target, self.status, self.size, self.began, self.name)


def _log(method: str, target: bytes, status: int, size: int, began: float, name: bytes) -> None:
    if LOG.isEnabledFor(logging.INFO):
        shown = target[:2000].decode("ascii", "backslashreplace")
        spent = 1000 * (perf_counter() - began)
        told = (method, shown, status, spent, size, name.decode())
        # Not `LOG.info`, which looks for its caller, at a third of the cost.
        LOG.handle(LOG.makeRecord(LOG.name, logging.INFO, __file__, 0, _LINE, told, None))


def _new_name() -> bytes:
    return b"%016x" % getrandbits(64)


def _own(name: bytes, began: float) -> Headers:
    """The headers of one exchange alone."""
    took = b"total;dur=%.1f" % (1000 * (perf_counter() - began))
    return [(b"x-request-id", name), (b"server-timing", took)]


class Http:
    """The outermost layer, which every answer passes, also those that the framework makes.

    It names and logs each request, refuses addresses that are too long, answers HEAD as GET without
    the body (for polars, link checkers and curl -I), and lets caches and other origins know what
    they may do. A route says more in `request.state.headers`. What is asked again is answered from
    what is kept; `edition` tells the current release from every other.
    """

    def __init__(
        self, app: ASGIApp, coding: ASGIApp, edition: Callable[[], object], most_bytes: int
    ) -> None:
        self.app, self.coding = app, coding
        self.edition, self.kept = edition, Kept(most_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the answer back."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                scope.get("state", {})[AGAIN] = self
            return await self.app(scope, receive, send)
        exchange = Exchange(scope, send, perf_counter())
        try:
            if (length := len(exchange.target)) > LONGEST_URL:
                refused = TooLong(f"The address has {length} bytes; it may have {LONGEST_URL}.")
                await refused.response()(exchange.inside(scope), receive, exchange.complete)
            else:
                await self._answer(exchange, scope, receive)
        finally:
            exchange.log()

    def again(self, request: Request) -> tuple[Ready, Headers] | None:
        """What was sent to the same request, if it is at hand, and the headers of this exchange."""
        began = perf_counter()
        ready = self.kept.at_hand(self.edition(), request)
        if ready is None:
            return None
        own = _own(name := _new_name(), began)
        _log(ready.method, ready.target, ready.status, len(ready.body), began, name)
        return ready, own

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        sent = exchange.sent
        app = self.coding if b"accept-encoding" in sent else self.app
        question = None
        if exchange.method in _READING and b"range" not in sent:
            edition = self.edition()
            question = (exchange.target, scope["scheme"], *map(sent.get, _DECIDING))
            if answer := self.kept.find(edition, question):
                ready = await exchange.give(answer)
                connection = scope.get("extensions", {}).get(AGAIN)
                if connection and b"x-request-id" not in sent:
                    connection["sent"](edition, ready)
                return
        heads = exchange.method == "HEAD"  # a file has no body for it, so it is not kept
        if question is None or heads or not self.kept.wants(question):
            await app(exchange.inside(scope), receive, exchange.complete)
            return
        making = Making(exchange)
        await app(exchange.inside(scope, whole=True), receive, making)
        if answer := making.answer():
            self.kept.keep(edition, question, answer)
            await exchange.give(answer)


class Making:
    """Gathers the messages of an answer that may be kept; what may not is passed on at once."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.start: Message | None = None
        self.headers: Headers = []
        self.etag = ""
        self.body = bytearray()
        self.known = False

    async def __call__(self, message: Message) -> None:
        """Take the next message."""
        if message["type"] == START and message["status"] == 200:
            self.headers = self.exchange.headers(message)
            self.etag = dict(self.headers).get(b"etag", b"").decode()
            if self.etag:
                self.start = message
                return
        if self.known:
            return  # the client has what follows
        if self.start is None:
            await self.exchange.complete(message)
            return
        self.body += message.get("body", b"")
        if len(self.body) > LARGEST:
            large, start, self.start = self.answer(), self.start, None
            if large and self.exchange.knows(large):
                self.known = True
                await self.exchange.give(large)
            else:
                await self.exchange.complete(start)
                await self.exchange.complete({**message, "body": bytes(self.body)})

    def answer(self) -> Answer | None:
        """The whole answer, unless it was passed on."""
        if self.start is None:
            return None
        ours = {header for header, _ in (*_EVERY_ANSWER, *self.exchange.state["headers"])}
        unchanged = [one for one in self.headers if one[0] in ours or one[0] == b"etag"]
        sent = (self.exchange.sent.get(name, b"") for name in _DECIDING)
        asked = len(self.exchange.target) + sum(map(len, sent))
        return Answer(self.headers, unchanged, self.etag, bytes(self.body), asked)


def is_among(tags: str, etag: str) -> bool:
    """Whether `If-None-Match` names an answer (RFC 9110, weak comparison)."""
    return tags.strip() == "*" or etag.removeprefix("W/") in {
        tag.strip().removeprefix("W/") for tag in tags.split(",")
    }


def install(app: FastAPI, edition: Callable[[], object], most_bytes: int) -> None:
    """Put the layer around an application, within it compression, within that the short way.

    It keeps finished answers of at most so many bytes, as long as `edition` stays what it is.
    """
    make = app.build_middleware_stack

    def build() -> ASGIApp:
        direct = Direct(make())
        return Http(direct, _coding(direct), edition, most_bytes)

    app.build_middleware_stack = build  # type: ignore[method-assign]


def _coding(app: ASGIApp) -> ASGIApp:
    """The application for clients that say which codings they accept."""
    try:
        from starlette_compress import CompressMiddleware, remove_compress_type
    except ImportError:  # without the extra `compress`
        left = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *_FILES)
        return GZipMiddleware(app, compresslevel=4, exclude_content_types=left)
    for media_type in _FILES:
        remove_compress_type(media_type)
    return CompressMiddleware(app)
