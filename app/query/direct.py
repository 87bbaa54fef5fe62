"""The short way to endpoints that read their request themselves.

To find a route among a hundred, to solve what it depends on and to serialize what it gives takes
the framework longer than most answers take. An endpoint that wants its request, at most the `id` of
its path, and gives a finished response needs none of that.
"""

import re
from collections.abc import Callable
from inspect import get_annotations, iscoroutinefunction, signature
from math import inf
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.database import PATIENCE, QueryTooSlow
from app.query.problems import Problem, answered

Endpoint = Callable[..., Response]
_LONGEST_ID = 200
"""The framework refuses longer ones."""
_LONG = re.compile(rb"(?:^|&)(?:format|include|explain|group_by|name)=|limit=(?:[2-9]\d\d|\d{4})|%")
_JSON = (b"*/*", b"application/json")
_WAIT = 0.005
"""Seconds that one SELECT may keep all others waiting."""
_QUICK: set[Endpoint] = set()


def quick(endpoint: Endpoint) -> Endpoint:
    """Say of an endpoint that is no list that it answers as soon as one."""
    _QUICK.add(endpoint)
    return endpoint


class Direct:
    """Calls such endpoints itself and leaves every other request to the application within."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._paths: dict[str, Endpoint | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, if there is a short way."""
        found = self._find(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        endpoint, arguments = found
        request = Request(scope, receive, send)
        answer: ASGIApp | None
        try:
            at_once = self._is_quick(scope)
            answer = _answer(endpoint, request, arguments, _WAIT) if at_once else None
            if answer is None:
                answer = await run_in_threadpool(_answer, endpoint, request, arguments)
        except Exception:  # the framework comes to it again, and says so in its own way
            answer = self.app
        await (answer or self.app)(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint of a path and what it takes beside the request."""
        path: str = scope["path"]
        paths = self._paths or self._learn(scope["app"])
        if path in paths:
            endpoint = paths[path]
            return (endpoint, {}) if endpoint else None
        folder, _, identifier = path.rpartition("/")
        endpoint = paths.get(f"{folder}/{{id}}")
        fits = endpoint is not None and 0 < len(identifier) <= _LONGEST_ID
        return (endpoint, {"id": identifier}) if endpoint and fits else None

    def _is_quick(self, scope: Scope) -> bool:
        """Whether what is asked is most likely answered before a thread would have taken it.

        To hand it to one and to wait takes as long as a page of a list does, and longer where there
        are several processors. Whatever is no list or row and not said to be quick, writes files,
        goes through rows one by one or has many of them goes to a thread.
        """
        path = scope["path"]
        known = path in self._paths and self._paths[path] not in _QUICK
        if known and f"{path}/{{id}}" not in self._paths:
            return False
        accepted = next((v for n, v in scope["headers"] if n == b"accept"), b"*/*")
        return accepted in _JSON and not _LONG.search(scope["query_string"])

    def _learn(self, app: FastAPI) -> dict[str, Endpoint | None]:
        """The endpoint of each path; None for those that need the framework."""
        for route in iter_route_contexts(app.routes):
            path = route.path_format or route.path
            if path and path not in self._paths:
                self._paths[path] = route.endpoint if _is_plain(path, route.endpoint) else None
        return self._paths


def _answer(
    endpoint: Endpoint, request: Request, arguments: dict[str, str], seconds: float = inf
) -> Response | None:
    """The answer, or None where a SELECT for it took longer than so many seconds."""
    patience = PATIENCE.set(seconds)
    try:
        return endpoint(request, **arguments)
    except Problem as problem:
        return answered(problem)
    except QueryTooSlow as failure:
        return answered(failure) if seconds == inf else None
    finally:
        PATIENCE.reset(patience)


def _is_plain(path: str, endpoint: Any) -> bool:
    wanted = {"request", *(["id"] if path.endswith("/{id}") else [])}
    return (
        path.count("{") == len(wanted) - 1
        and signature(endpoint).parameters.keys() == wanted
        and get_annotations(endpoint, eval_str=True).get("return") is Response
        and not iscoroutinefunction(endpoint)
    )
