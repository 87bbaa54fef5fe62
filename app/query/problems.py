"""Every failure as `application/problem+json` (RFC 9457): typed, and saying how to mend it."""

from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException

from app.database import QueryTooSlow
from app.query.described import Described

MEDIA_TYPE = "application/problem+json"
METHODS = "GET, HEAD, OPTIONS"
LONGEST_URL = 32_768
"""Bytes of an address with its query string; many proxies allow fewer."""


class Flaw(Described):
    """One thing that is wrong with a request, and how to correct it."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    parameter: str
    """The query or path parameter at fault."""
    message: str
    """What is wrong with it."""
    value: str | None = None
    """The value as sent."""
    allowed: list[str] | None = None
    """The allowed names or values, where they are few."""
    did_you_mean: str | None = None
    """The nearest allowed name or value."""
    corrected: str | None = Field(None, alias="try")
    """The request with every flaw corrected; it answers 200."""


class ProblemRead(Described):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["/problems/unknown-parameter"])
    """Address of the page that explains this kind of problem."""
    title: str = Field(examples=["Unknown query parameter"])
    """The kind of problem, the same for every occurrence."""
    status: int = Field(examples=[422])
    """The HTTP status."""
    code: str = Field(examples=["unknown-parameter"])
    """The kind of problem, for programs."""
    detail: str = Field(examples=["'aproved_year' is not a parameter of /v1/zones."])
    """What happened this time."""
    errors: list[Flaw] = Field([])
    """Each flaw of the request."""


class Problem(Exception):
    """A failure that the caller is told about; each kind is a subclass."""

    code: ClassVar[str] = "internal-error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The server failed"
    about: ClassVar[str] = "The fault is ours, not the request's. Trying again may help."

    def __init__(
        self, detail: str, errors: list[Flaw] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}

    def response(self, status: int | None = None) -> Response:
        """This problem as an HTTP answer, of another status than its kind's if given."""
        problem = ProblemRead(
            type=f"/problems/{self.code}",
            title=self.title,
            status=status or self.status,
            code=self.code,
            detail=self.detail,
            errors=self.errors,
        )
        return Response(
            problem.model_dump_json(exclude_none=True),
            status_code=status or self.status,
            media_type=MEDIA_TYPE,
            headers=self.headers,
        )


class UnknownParameter(Problem):
    """A query parameter that the resource does not have."""

    code, status, title = "unknown-parameter", 422, "Unknown query parameter"
    about = (
        "A parameter that this address does not have. Nothing is ignored silently, since an ignored"
        " filter answers another question. `did_you_mean` names the nearest one, `try` the"
        " corrected request."
    )


class InvalidValue(Problem):
    """A parameter whose value cannot be used."""

    code, status, title = "invalid-value", 422, "Invalid parameter value"
    about = (
        "A value that is empty, of the wrong type, out of range, not in the vocabulary, given"
        " twice where one is allowed, or more than a hundred. `allowed` lists what is, `try` is"
        " the corrected request. To ask for no restriction, leave the parameter out."
    )


class InvalidCursor(Problem):
    """A cursor that was not issued for this query."""

    code, status, title = "invalid-cursor", 422, "Invalid cursor"
    about = (
        "A cursor belongs to the query that issued it. Follow `links.next` as it stands, or start"
        " again without `cursor`."
    )


class NotFound(Problem):
    """An address or id that does not exist."""

    code, status, title = "not-found", 404, "Not found"
    about = "There is no such address, or no row with this id. `/v1` lists the addresses."


class Gone(Problem):
    """Something that was there and no longer is."""

    code, status, title = "gone", 410, "No longer available"
    about = (
        "The id was withdrawn, or the release that was asked for (or that a cursor came from) is"
        " no longer kept. Start again without `cursor` and `release`."
    )


class MethodNotAllowed(Problem):
    """A method other than GET, HEAD and OPTIONS."""

    code, status, title = "method-not-allowed", 405, "Method not allowed"
    about = "The API is read-only: GET, HEAD and OPTIONS."


class NotAcceptable(Problem):
    """An answer that cannot be given in the form asked for."""

    code, status, title = "not-acceptable", 406, "Not available in this form"
    about = (
        "`Accept` names none of the forms that this address has, or the library that writes the"
        " form is not installed on this server, or the form cannot hold the answer. `detail` lists"
        " what there is; `format` in the query wins over `Accept`."
    )


class TooLong(Problem):
    """An address of more bytes than the server reads."""

    code, status, title = "uri-too-long", 414, "Address too long"
    about = (
        f"An address has at most {LONGEST_URL} bytes with its query string. Ask for fewer values at"
        " a time, or for a wider filter."
    )


class TooSlow(Problem):
    """A query that took longer than the server allows."""

    code, status, title = "too-slow", 503, "The query took too long"
    about = (
        "The query was stopped at the time limit that this server sets for each. Narrow it, or ask"
        " again after `Retry-After`: the server may have been busy."
    )


class BadRequest(Problem):
    """A request that HTTP or the framework refuses."""

    code, status, title = "bad-request", 400, "Bad request"
    about = "The request could not be understood."


class Unavailable(Problem):
    """No release is loaded."""

    code, status, title = "unavailable", 503, "Not available"
    about = "No release is loaded yet. `gaoxin load` makes one; `Retry-After` says when to ask."


CATALOGUE: dict[str, type[Problem]] = {
    kind.code: kind
    for kind in (
        UnknownParameter,
        InvalidValue,
        InvalidCursor,
        NotFound,
        Gone,
        MethodNotAllowed,
        NotAcceptable,
        TooLong,
        BadRequest,
        Unavailable,
        TooSlow,
        Problem,
    )
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
_BY_STATUS: dict[int, type[Problem]] = {
    404: NotFound,
    405: MethodNotAllowed,
    422: InvalidValue,
    503: Unavailable,
}


def declared(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may fail in these ways, by status."""
    answers: dict[int | str, dict[str, Any]] = {}
    failures: tuple[type[Problem], ...] = (*kinds, TooLong, Problem)
    for kind in failures:
        answer = answers.setdefault(
            kind.status,
            {
                "description": HTTPStatus(kind.status).phrase,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemRead"}}},
            },
        )
        answer["description"] += f" (`{kind.code}`)"
    return answers


def answered(failure: Problem | QueryTooSlow) -> Response:
    """The answer in place of one that could not be given."""
    if isinstance(failure, QueryTooSlow):
        failure = TooSlow(f"{failure}.", headers={"Retry-After": "10"})
    return failure.response()


def install(app: FastAPI) -> None:
    """Have every failure of ours and of the framework answered as a problem."""

    @app.exception_handler(Problem)
    @app.exception_handler(QueryTooSlow)
    def of_ours(_request: Request, failure: Problem | QueryTooSlow) -> Response:
        return answered(failure)

    @app.exception_handler(RequestValidationError)
    def of_validation(_request: Request, error: RequestValidationError) -> Response:
        flaws = [
            Flaw(parameter=str(e["loc"][-1]), message=e["msg"], value=str(e.get("input")))
            for e in error.errors()
        ]
        return InvalidValue("; ".join(f.message for f in flaws), flaws).response()

    @app.exception_handler(HTTPException)
    def of_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": METHODS, **_PREFLIGHT})
            detail = f"{request.method} is not allowed here; use {METHODS}."
            return MethodNotAllowed(detail, headers={"Allow": METHODS}).response()
        if error.status_code == 404:
            return NotFound(f"There is no {request.url.path}; /v1 lists what there is.").response()
        other = Problem if error.status_code >= 500 else BadRequest
        kind = _BY_STATUS.get(error.status_code, other)
        failure = kind(str(error.detail), headers=dict(error.headers or {}))
        return failure.response(error.status_code)

    @app.exception_handler(Exception)
    def of_surprise(_request: Request, _error: Exception) -> Response:
        return Problem("The server met a fault of its own; it was logged.").response()
