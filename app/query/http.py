"""What HTTP asks of every address, whatever stands behind it."""

import logging
import re
from email.utils import formatdate
from secrets import token_hex
from time import perf_counter

from fastapi import FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.query.problems import LONGEST_URL, TooLong

LOG = logging.getLogger("gaoxin.access")


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_EVERY_ANSWER = _raw(
    {
        "Vary": "Accept, Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, Content-Disposition, X-Request-Id,"
        " Accept-Ranges, Retry-After, Server-Timing",
    }
)
_KEPT = "public, max-age=60, stale-while-revalidate=600"
_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
_SANE = re.compile(rb"[\w.:=+/-]{1,128}")
_FILES = (
    "text/csv",
    "application/geo+json",
    "application/x-ndjson",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""Sent as they are, so that their length and ranges are those of the file."""


def caching(built_at: float, pinned: bool) -> dict[str, str]:
    """How long an answer of a release may be kept, and when the release was made."""
    return {
        "Last-Modified": formatdate(built_at, usegmt=True),
        "Cache-Control": _KEPT_FOR_GOOD if pinned else _KEPT,
    }


class Http:
    """The outermost layer, which every answer passes, also those that the framework makes.

    It names and logs each request, refuses addresses that are too long, answers HEAD as GET without
    the body (for polars, link checkers and curl -I), and lets caches and other origins know what
    they may do. A route says more in `request.state.headers`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the answer back."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began = perf_counter()
        method = scope["method"]
        sent = next((v for n, v in scope["headers"] if n == b"x-request-id"), b"")
        name = sent.decode() if _SANE.fullmatch(sent) else token_hex(8)
        target: bytes = scope.get("raw_path") or scope["path"].encode()
        target += b"?" + scope["query_string"] if scope["query_string"] else b""
        state = {**scope.get("state", {}), "method": method, "headers": {"Cache-Control": _KEPT}}
        scope = {**scope, "state": state, "method": "GET" if method == "HEAD" else method}
        status = size = 0

        async def passed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                kept = {"Cache-Control": "no-store"} if status >= 400 else state["headers"]
                took = f"total;dur={1000 * (perf_counter() - began):.1f}"
                own = _raw({**kept, "X-Request-Id": name, "Server-Timing": took})
                ours = {header for header, _ in (*_EVERY_ANSWER, *own)}
                theirs = [one for one in message["headers"] if one[0] not in ours]
                message = {**message, "headers": [*theirs, *_EVERY_ANSWER, *own]}
            else:
                if method == "HEAD":
                    message = {**message, "body": b""}
                size += len(message.get("body", b""))
            await send(message)

        try:
            if len(target) > LONGEST_URL:
                refused = TooLong(
                    f"The address has {len(target)} bytes; it may have {LONGEST_URL}."
                )
                await refused.response()(scope, receive, passed)
            else:
                await self.app(scope, receive, passed)
        finally:
            if LOG.isEnabledFor(logging.INFO):
                shown = target[:2000].decode("ascii", "backslashreplace")
                spent = 1000 * (perf_counter() - began)
                LOG.info("%s %s %d %.1fms %dB %s", method, shown, status, spent, size, name)


def install(app: FastAPI) -> None:
    """Put the layer around an application, and compression inside it."""
    try:
        from starlette_compress import CompressMiddleware, remove_compress_type

        for media_type in _FILES:
            remove_compress_type(media_type)
        app.add_middleware(CompressMiddleware)
    except ImportError:  # without the extra `compress`
        left = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *_FILES)
        app.add_middleware(GZipMiddleware, compresslevel=4, exclude_content_types=left)
    make = app.build_middleware_stack
    app.build_middleware_stack = lambda: Http(make())  # type: ignore[method-assign]
