"""What every page has: its language, links, words, the API, and how it is rendered and kept."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from markupsafe import Markup
from starlette.exceptions import HTTPException

from app.explorer import telling
from app.explorer.api import Answer, Api, Moved, Refused
from app.explorer.telling import Language
from app.explorer.words import WORDS, say
from app.query.formats import FORMATS
from app.query.http import raw
from app.query.parameters import Pairs, Row, address
from app.query.problems import NotFound
from app.query.spool import build

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
_OF_PAGES = {"facet", "include", "fields", "limit", "explain", "group_by", "lang", "release"}
"""What a page asks for itself, and what its own links carry: no part of what a reader chose."""
LINKED = ("zones", "indicators", "industries", "documents")
"""The resources whose rows have a page each."""
SECTIONS = (*LINKED[:1], "compare", *LINKED[1:], "coverage", "changes")
"""The pages that each page leads to."""
UNFILED = ("/v1/changes", "/v1/search")
"""The lists that the API gives as JSON only."""
FORMS = {"csv": "CSV", "xlsx": "Excel", "geojson": "GeoJSON", "svg": "SVG"}
"""What the forms of the API are called."""


@cache
def _templates() -> "Callable[[str], Template]":
    """What finds a template; no start and no answer of the API needs it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template


def _digest() -> str:
    """Names what templates and static files say, so that caches never mix two versions."""
    files = sorted(one for name in ("templates", "static") for one in (HERE / name).iterdir())
    return hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:12]


STAMP = _digest()


class Unchanged(Exception):
    """The reader already has this page."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


class View:
    """One request for a page."""

    def __init__(self, request: Request) -> None:
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        self.request = request
        self.lang: Language = "zh" if ("lang", "zh") in pairs else "en"
        spoken = (("lang", "en"), ("lang", "zh"))
        self.pairs: Pairs = [pair for pair in pairs if pair not in spoken and pair[0] != "release"]
        """What the reader asks for, as the API takes it."""
        release = next((value for name, value in pairs if name == "release"), None)
        self.api = Api(request, release)
        self._kept: Pairs = [("lang", "zh")] if self.lang == "zh" else []
        self._kept += [("release", release)] if release else []
        self.main: str | None = None
        """The API's address that a reader takes along; None where there is none."""

    def t(self, key: str, **values: object) -> str:
        """Words of the interface."""
        return say(key, self.lang, **values)

    def maybe(self, key: str, otherwise: str) -> str:
        """Words of the interface, where a key may have none."""
        return self.t(key) if key in WORDS else otherwise

    def field(self, name: str) -> str:
        """What a field is called: in either language it is one, and itself where it has no name."""
        for key in (f"field.{name}", f"list.{name}", f"field.{name[:-3]}"):
            if key in WORDS:
                return self.t(key)
        return name

    def link(self, path: str, *pairs: tuple[str, str]) -> str:
        """The address of a page in the reader's language."""
        return address(path, [*pairs, *self._kept])

    def to(self, resource: str, ref: Row) -> str:
        """The address of the page of a row."""
        return self.link(f"/{resource}/{ref['id']}")

    def page_of(self, asked: str) -> str:
        """The page of an address of the API, such as a facet's `toggle` or a problem's `try`."""
        path, _, query = asked.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        chosen = [p for p in pairs if p[0] not in _OF_PAGES or p in self.pairs]
        return self.link(path.removeprefix("/v1") or "/", *chosen)

    def here(self, *pairs: tuple[str, str], but: Iterable[str] = ()) -> str:
        """This page, with other parameters in place of those named."""
        rest = [pair for pair in self.pairs if pair[0] not in but]
        return self.link(self.request.url.path, *rest, *pairs)

    @property
    def section(self) -> str:
        """The part of the site that this page is in; empty for the first page."""
        return self.request.url.path.split("/")[1]

    @property
    def sections(self) -> tuple[str, ...]:
        """The parts of the site."""
        return SECTIONS

    @property
    def linked(self) -> tuple[str, ...]:
        """The resources whose rows have a page each."""
        return LINKED

    @property
    def kinds(self) -> str:
        """What a row of each resource is called, for the script that shows suggestions."""
        stem = "resource."
        named = {key.removeprefix(stem): self.t(key) for key in WORDS if key.startswith(stem)}
        return json.dumps(named, ensure_ascii=False)

    @property
    def curl(self) -> str:
        """A shell command that asks the page's main call."""
        return f"curl '{self.base}{self.main}'"

    @property
    def pandas(self) -> str:
        """The same as a data frame: a list as CSV or, where it has none, as JSON; others as is."""
        path, _, query = (self.main or "").partition("?")
        as_it_is = f'pd.read_json("{self.base}{self.main}", typ="series")'
        if path == "/v1":
            read = as_it_is
        elif path in UNFILED:
            read = f'pd.DataFrame({as_it_is}["data"])'
        elif path.count("/") > 2 and not path.startswith("/v1/statistics/"):
            read = f'{as_it_is}["data"]'
        else:
            joined = "&".join(filter(None, (query, "format=csv")))
            read = f'pd.read_csv("{self.base}{path}?{joined}")'
        return f"import pandas as pd\n{read}"

    @property
    def gap(self) -> str:
        """What stands between one name and the next."""
        return "、" if self.lang == "zh" else ", "

    @property
    def comma(self) -> str:
        """What stands between a name and what says more of it."""
        return "，" if self.lang == "zh" else ", "

    @property
    def colon(self) -> str:
        """What stands between a name and what it names."""
        return "：" if self.lang == "zh" else ": "

    @property
    def other(self) -> Language:
        """The language that the reader has not chosen."""
        return "en" if self.lang == "zh" else "zh"

    def forms(self, *names: str) -> list[tuple[str, str]]:
        """Those of some forms that this server can write, each with what people call it."""
        return [(name, FORMS[name]) for name in names if FORMATS[name].is_there]

    @property
    def switched(self) -> str:
        """This page in the other language."""
        other = [("lang", "zh")] if self.lang == "en" else []
        rest = [pair for pair in self._kept if pair[0] != "lang"]
        return address(self.request.url.path, [*self.pairs, *rest, *other])

    @property
    def hidden(self) -> Pairs:
        """What a form must send along so that language and release stay."""
        return self._kept

    def label(self, ref: Row | None, stem: str = "label") -> Markup:
        """A label in the reader's language, or in the other with its `lang`; nothing for None."""
        if ref is None:
            return Markup()
        if own := ref[f"{stem}_{self.lang}"]:
            return Markup("{}").format(own)
        if foreign := ref[f"{stem}_{self.other}"]:
            return Markup('<span lang="{}">{}</span>').format(self.other, foreign)
        return Markup("{}").format(ref.get("value", ref.get("id", "")))

    def plain(self, ref: Row, stem: str = "label") -> str:
        """The same without markup, for titles and attributes."""
        return str(self.label(ref, stem).striptags())

    def date(self, edtf: str | None) -> Markup:
        """An EDTF date in words, with itself for machines; nothing for None."""
        if not edtf:
            return Markup()
        told = telling.date(edtf, self.lang)
        exact = edtf.replace("-", "").isdigit()
        return Markup('<time datetime="{}">{}</time>' if exact else "{1}").format(edtf, told)

    def number(self, value: float, unit: str = "") -> Markup:
        """A number with its digits grouped; sums of money in millions or 亿."""
        told = telling.number(value, self.lang, telling.money(unit))
        return Markup('<data value="{}">{}</data>').format(value, told)

    def static(self, name: str) -> str:
        """The address of a file of ours, which changes when it does."""
        return f"/static/{STAMP}/{name}"

    @property
    def base(self) -> str:
        """The address of this server, for calls to copy."""
        return (self.request.app.state.settings.base_url or str(self.request.base_url)).rstrip("/")

    async def units(self, *others: str) -> Answer:
        """The units of all indicators, and others that are named, with their labels."""
        asked = [("unit", one) for one in others]
        return await self.api.get("/v1/indicators", [*asked, ("facet", "unit"), ("limit", "0")])

    async def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """The page of a template; what is around it (the release) is asked of the API too."""
        release = None if status == 503 else (await self.api.get("/v1/release")).row
        text = _templates()(template).render(view=self, release=release, **values)
        return HTMLResponse(text, status, {**_POLICY, "Content-Language": self.lang})


def view_of(request: Request) -> View:
    """The view of a request; raises `Unchanged` where the reader's copy is as good."""
    name = request.app.state.releases.current_name()
    said = f"{name}\n{build()}\n{STAMP}\n{request.app.state.variant}\n{request.url}"
    etag = f'W/"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'
    if etag in request.headers.get("if-none-match", ""):
        raise Unchanged(etag)
    request.state.headers = raw({"Cache-Control": "public, no-cache", "ETag": etag})
    view = View(request)
    if "format" in dict(view.pairs):
        raise Refused(422, _no_format(view))
    return view


def _no_format(view: View) -> Row:
    """The problem of a page that is asked for in a form of the API."""
    told = "A page is HTML; the API call at its foot takes 'format'."
    rest = [pair for pair in view.pairs if pair[0] != "format"]
    flaw = {"message": told, "try": address(f"/v1{view.request.url.path}", rest)}
    problem = {"type": "/problems/unknown-parameter", "title": "Unknown parameter"}
    return {**problem, "status": 422, "detail": told, "errors": [flaw]}


Viewed = Annotated[View, Depends(view_of)]
"""What a page's function is given."""


def corrected(refused: Refused, page: str, without: Collection[str]) -> Refused:
    """A refusal whose corrections lead to a page (with `/v1`), without what that asks itself."""
    for flaw in refused.problem.get("errors", ()):
        if "try" in flaw:
            pairs = parse_qsl(flaw["try"].partition("?")[2], keep_blank_values=True)
            flaw["try"] = address(page, [pair for pair in pairs if pair[0] not in without])
    return refused


async def _show_problem(request: Request, refused: Refused) -> Response:
    """The page of a problem of the API."""
    view = View(request)
    sought = request.url.path.rsplit("/", 1)[-1] if refused.status == 404 else ""
    return await view.render("error.html", refused.status, problem=refused.problem, sought=sought)


async def _show_lost(request: Request, error: HTTPException) -> Response:
    """The page of an address that is not there, for a browser; for others the API's problem."""
    path = request.url.path
    answer: Response = request.app.exception_handlers[HTTPException](request, error)
    if path.startswith("/v1") or "text/html" not in request.headers.get("accept", ""):
        return answer
    section, _, rest = path[1:].partition("/")
    near = get_close_matches(section, SECTIONS, 1)
    problem = json.loads(bytes(answer.body)) | {"detail": f"There is no {path}.", "errors": []}
    for name in near:
        guess = f"/{name}/{rest}" if rest and name in LINKED else f"/{name}"
        problem["errors"] = [
            {"message": problem["detail"], "did_you_mean": guess, "try": f"/v1{guess}"}
        ]
    return await View(request).render("error.html", 404, problem=problem, sought=rest or section)


async def _follow(request: Request, moved: Moved) -> Response:
    """From a renamed id to its successor."""
    location = View(request).page_of(moved.location)
    return Response(status_code=308, headers={"Location": location})


async def _keep(_request: Request, unchanged: Unchanged) -> Response:
    return Response(status_code=304, headers={"ETag": unchanged.etag})


static = APIRouter(include_in_schema=False)


@static.get("/static/{stamp}/{name}")
def show_static(request: Request, stamp: str, name: str) -> FileResponse:
    """Send a file of ours; one asked for by its stamp is kept for good."""
    if name not in {one.name for one in (HERE / "static").iterdir()}:
        _no_file(name)
    if stamp == STAMP:
        request.state.headers = raw({"Cache-Control": "public, max-age=31536000, immutable"})
    return FileResponse(HERE / "static" / name)


def _no_file(name: str) -> NoReturn:
    raise NotFound(f"There is no static file {name!r}.")


def install(app: FastAPI) -> None:
    """Have the API's failures and redirects shown as pages."""
    app.add_exception_handler(Refused, _show_problem)  # type: ignore[arg-type]
    app.add_exception_handler(404, _show_lost)  # type: ignore[arg-type]
    app.add_exception_handler(Moved, _follow)  # type: ignore[arg-type]
    app.add_exception_handler(Unchanged, _keep)  # type: ignore[arg-type]
