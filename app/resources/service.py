"""Everything that is routed: the resources, the index, the release and the health of the server."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.query.answers import Read, answer_collection, answer_item, current_release, documented
from app.query.html import element, link, page, prose, wants_html
from app.query.http import raw
from app.query.parameters import ListQuery, Query
from app.query.problems import CATALOGUE, InvalidValue, NotFound, Unavailable, declared
from app.resources import (
    changes,
    citations,
    coverage,
    documents,
    fields,
    indicators,
    industries,
    milestones,
    organizations,
    pages,
    places,
    platforms,
    programmes,
    recipes,
    relations,
    search,
    series,
    statements,
    statistics,
    table,
    zones,
)
from app.resources.common import Part, eg, identifier

router = APIRouter()


class ReleaseRead(Read):
    """One release: an immutable edition of the whole base."""

    id: str = eg("2026.11.1-3f9c2a")
    """Its name: version and hash."""
    version: str = eg("2026.11.1")
    """Version of the knowledge."""
    date: str = eg("2026-11-22")
    """When this version was made up."""
    title_en: str
    """What the base is called."""
    title_zh: str
    """And in Chinese."""
    licence: str = eg("CC-BY-4.0")
    """Licence of the compilation (SPDX)."""
    attributions: list[str]
    """Whom to credit for what."""
    counts: dict[str, int] = eg({"zones": 1, "citations": 60})
    """Rows of each resource."""
    proofs: dict[str, int] = eg({"proven": 300, "undecidable": 1, "unanchored": 0})
    """Facts that their phrases prove, leave undecided, or whose source's text was not at hand."""


class Index(Part):
    """What there is and how to ask."""

    title: str
    """What this is."""
    release: str
    """The current release."""
    resources: dict[str, str]
    """The address of each list."""
    ask: dict[str, str]
    """How to ask, by example."""
    links: dict[str, str]
    """Where to read on."""


class Health(Part):
    """How the server is."""

    status: str = eg("ok")
    """`ok`, or the answer is no 200."""
    release: str | None = eg("2026.11.1-3f9c2a")
    """The release that is served, for readiness."""


class ProblemKind(Part):
    """One kind of problem."""

    code: str = eg("unknown-parameter")
    status: int = eg(422)
    title: str = eg("Unknown query parameter")
    about: str
    """What it means and how to correct it."""


RESOURCES = (
    zones,
    milestones,
    industries,
    platforms,
    indicators,
    statistics,
    relations,
    statements,
    organizations,
    programmes,
    places,
    documents,
    citations,
    coverage,
)
"""Every resource: a new one is a file beside this and a line here."""


@router.get("/v1", tags=["service"], response_model=Index, responses=declared(Unavailable))
def get_index(request: Request) -> dict[str, Any]:
    """Get the index: every list, how to ask, where to read on."""
    return {
        "title": request.app.title,
        "release": current_release(request).name,
        "resources": {q.rows: f"/v1/{q.rows}" for q in ListQuery.__subclasses__()},
        "ask": {
            "zones approved in 2010": "/v1/zones?approved_year=2010",
            "zones with biomedicine": "/v1/zones?industry=biomedicine",
            "the figures of a zone": "/v1/statistics?zone=baiyin",
            "who says when it was approved": "/v1/citations?fact=baiyin-national-approval",
            "whatever has these words": "/v1/search?q=生物医药",
            "names while one types": "/v1/suggest?q=bai",
            "which zones these names mean": "/v1/resolve?name=白银高新区&name=62103002",
        },
        "links": {
            "docs": "/docs",
            "guide": "/docs/guide",
            "dictionary": "/docs/dictionary",
            "recipes": "/docs/recipes",
            "fields": "/v1/fields",
            "openapi": "/openapi.json",
            "release": "/v1/release",
            "releases": "/v1/releases",
        },
    }


@router.get("/v1/release", tags=["service"], **documented(Query, ReleaseRead))
def get_release(request: Request) -> Response:
    """Get what is served: its version, date, licence, attributions and how many rows it has."""
    return answer_item(request, "release", "current")


_UNKEPT = raw({"Cache-Control": "no-store"})


@router.get("/healthz", tags=["service"], response_model=Health, responses=declared())
def get_health(request: Request) -> dict[str, Any]:
    """Say whether the process answers.

    For readiness use `/readyz`.
    """
    request.state.headers = _UNKEPT
    return {"status": "ok", "release": None}


@router.get("/readyz", tags=["service"], response_model=Health, responses=declared(Unavailable))
def get_readiness(request: Request) -> dict[str, Any]:
    """Say whether a release is loaded and can be queried."""
    request.state.headers = _UNKEPT
    return {"status": "ok", "release": current_release(request).name}


@router.get(
    "/problems/{code}",
    tags=["service"],
    response_model=ProblemKind,
    responses={200: {"content": {"text/html": {}}}, **declared(NotFound, InvalidValue)},
)
def get_problem(
    request: Request, code: Annotated[str, identifier("unknown-parameter")]
) -> Response | dict[str, Any]:
    """Explain a kind of problem; a browser gets a page.

    The `type` of every problem is such an address.
    """
    if code not in CATALOGUE:
        raise NotFound(f"There is no problem {code!r}; there are: {', '.join(CATALOGUE)}.")
    kind = CATALOGUE[code]
    if wants_html(request):
        about = element("p", prose(kind.about))
        answered = element("p", prose(f"HTTP status {kind.status}, code `{code}`."))
        others = element("nav", *(link(f"/problems/{c}", k.title) for c, k in CATALOGUE.items()))
        return page(kind.title, about, answered, others)
    return {"code": code, "status": kind.status, "title": kind.title, "about": kind.about}


for resource in (series, table, *RESOURCES, search, changes, fields, pages, recipes):
    router.routes += resource.router.routes  # to include each would have it looked through twice


@router.get(
    "/v1/{resource}/{id}/{collection}",
    status_code=307,
    response_class=RedirectResponse,
    responses=declared(NotFound, InvalidValue, Unavailable),
    tags=["service"],
)
def follow(
    request: Request,
    resource: Annotated[str, identifier("zones")],
    id: Annotated[str, identifier("baiyin")],
    collection: Annotated[str, identifier("milestones")],
) -> Response:
    """Go from a row to the list of what is about it, such as a zone's milestones.

    - [/v1/zones/baiyin/milestones](/v1/zones/baiyin/milestones) leads to
      [/v1/milestones?zone=baiyin](/v1/milestones?zone=baiyin)
    """
    return answer_collection(request, resource, id, collection)
