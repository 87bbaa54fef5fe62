"""The short way to endpoints that read their request themselves.

To find a route among a hundred, to solve what it depends on and to serialize what it gives takes
the framework longer than most answers take. An endpoint that wants its request, at most the `id` of
its path, and gives a finished response needs none of that.
"""

from collections.abc import Callable
from inspect import get_annotations, iscoroutinefunction, signature
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.database import QueryTooSlow
from app.query.problems import Problem, answered

Endpoint = Callable[..., Response]
_LONGEST_ID = 200
"""The framework refuses longer ones."""


class Direct:
    """Calls such endpoints itself and leaves every other request to the application within."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._paths: dict[str, Endpoint | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, if there is a short way."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        paths = self._paths or self._learn(scope["app"])
        endpoint, arguments = paths.get(path), {}
        if path not in paths:
            folder, _, identifier = path.rpartition("/")
            endpoint = paths.get(f"{folder}/{{id}}") if 0 < len(identifier) <= _LONGEST_ID else None
            arguments = {"id": identifier}
        if endpoint is None:
            await self.app(scope, receive, send)
            return
        try:
            request = Request(scope, receive, send)
            response = await run_in_threadpool(endpoint, request, **arguments)
        except (Problem, QueryTooSlow) as failure:
            response = answered(failure)
        await response(scope, receive, send)

    def _learn(self, app: FastAPI) -> dict[str, Endpoint | None]:
        """The endpoint of each path; None for those that need the framework."""
        for route in iter_route_contexts(app.routes):
            path = route.path_format or route.path
            if path and path not in self._paths:
                self._paths[path] = route.endpoint if _is_plain(path, route.endpoint) else None
        return self._paths


def _is_plain(path: str, endpoint: Any) -> bool:
    wanted = {"request", *(["id"] if path.endswith("/{id}") else [])}
    return (
        path.count("{") == len(wanted) - 1
        and signature(endpoint).parameters.keys() == wanted
        and get_annotations(endpoint, eval_str=True).get("return") is Response
        and not iscoroutinefunction(endpoint)
    )
