"""The server: `uvicorn app.main:app`, or `create_app(settings)` for other settings."""

import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from app import __version__
from app.database import Releases
from app.explorer import site
from app.query import http, problems
from app.query.parameters import ListQuery
from app.query.spool import Spool
from app.resources import search, service
from app.resources.passages import Passages, Texts
from app.seed.current import known_release
from app.settings import Settings

ABOUT = """
The cited knowledge base of China's national high-tech industrial development zones (国家高新区).

**Ask** with `field=value` or `field__operator=value`; repeat a parameter for "any of", join fields
for "and": [/v1/zones?approved_year=2010](/v1/zones?approved_year=2010),
[/v1/zones?industry=biomedicine&province=CN-GS](/v1/zones?industry=biomedicine&province=CN-GS),
[/v1/statistics?nature=forecast](/v1/statistics?nature=forecast). Nothing is ignored: a misspelt
parameter is answered with the nearest one.

**Dates** are EDTF at the precision a source states. `approved_on=2010` means inside 2010; rows
whose date is too imprecise to decide are left out and counted in `meta.undecided`.

**Evidence**: every fact lists its `citations`, each an exact phrase of a document with its place
([/v1/citations](/v1/citations)). `null` means unknown, which is not no; ask for it with
`field__state=unknown`.

**Pages**: follow `links.next` until it is null. Every answer names its `release`, which never
changes: its `ETag` answers `If-None-Match` with 304. An address has at most 32 768 bytes.

**Read on**: the language by example in the [guide](/docs/guide), every field in the
[data dictionary](/docs/dictionary), the same for programs in [/v1/fields](/v1/fields).
"""


def ensure_release(settings: Settings) -> str:
    """Build the release if there is none or it is out of date; returns its name.

    A seed that fails its check, or for which the disk has no room, never replaces a release that is
    there: that one goes on, and the log says so. Without one, `SeedRefused` or `OSError` is raised.
    """
    releases = Releases(settings.data_dir / "releases")
    if known := known_release(settings.seed_dir, releases):
        return known
    from app.seed.release import SeedRefused, load  # a second of imports, and not needed to serve

    try:
        return load(settings.seed_dir, releases)
    except (SeedRefused, OSError) as failure:
        name = releases.current_name()
        if name is None:
            raise
        first = f". First flaw: {failure.findings[0]}" if isinstance(failure, SeedRefused) else ""
        logging.getLogger("uvicorn.error").warning("%s; serving %s%s", failure, name, first)
        return name


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; when it starts and there is no release at all, it builds one."""
    chosen = settings or Settings()
    releases = Releases(chosen.data_dir / "releases", chosen.query_seconds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if releases.current_name() is None:
            ensure_release(chosen)
        gc.freeze()  # what is there by now stays: it need not be looked through again
        sys.setswitchinterval(0.0005)  # who writes a file soon gives way to who answers
        yield

    app = FastAPIOffline(
        redoc_url=None,
        redirect_slashes=False,
        title="Gaoxin",
        version=__version__,
        description=ABOUT,
        lifespan=lifespan,
        openapi_tags=TAGS,
        generate_unique_id_function=_operation_id,
        contact={"name": "The curators of Gaoxin"},
        servers=[{"url": chosen.base_url or "/", "description": "This server"}],
        license_info={"name": "Code: MIT; data: see /v1/release", "identifier": "MIT"},
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asked at every request
        swagger_ui_parameters={"docExpansion": "list", "defaultModelsExpandDepth": 0},
    )
    app.state.settings = chosen
    app.state.releases = releases
    app.state.spool = Spool(chosen.spool_dir or chosen.data_dir / "spool", chosen.spool_bytes)
    texts = Texts(chosen.documents_dir) if chosen.documents_dir else None
    app.state.completions = {"citations": Passages(texts)} if texts else {}
    app.state.variant = texts.digest if texts else ""
    app.include_router(service.router)
    site.install(app)
    problems.install(app)
    http.install(app, releases.edition, chosen.kept_bytes)
    _complete_openapi(app)
    return app


def _tag(module: ModuleType) -> dict[str, Any]:
    """A resource's heading in the docs explorer, from the first line of its module."""
    about = (module.__doc__ or "").partition(": ")[2].strip()
    return {
        "name": module.__name__.rsplit(".", 1)[-1],
        "description": about[:1].upper() + about[1:],
    }


TAGS = [
    *map(_tag, (*service.RESOURCES, search)),
    {"name": "service", "description": "The index, the release and the server's health."},
]


def _operation_id(route: APIRoute) -> str:
    return route.name


def _complete_openapi(app: FastAPI) -> None:
    """Add what FastAPI does not derive: the problem schema, and summaries from docstrings."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = make()
            problem = problems.ProblemRead.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            document["security"] = []  # open to everybody
            schemas = document["components"]["schemas"]
            for query in ListQuery.__subclasses__():
                if row := schemas.get(query.row.__name__):
                    row["properties"] |= query.included_schemas("#/components/schemas/{model}")
            schemas |= {**problem.pop("$defs"), "ProblemRead": problem}
            for path in document["paths"].values():
                summary, _, more = path["get"]["description"].partition("\n")
                path["get"] |= {"summary": summary, "description": more.strip() or summary}
        return make()

    app.openapi = openapi  # type: ignore[method-assign]


app = create_app()
