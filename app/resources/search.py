"""Search: rows found by words, suggested while one types, and names resolved to ids."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import select
from sqlmodel import col

from app.database import Release
from app.query import problems
from app.query.answers import Page, PageMeta, Read, Rows, answer_page, release_of
from app.query.direct import quick
from app.query.parameters import RELEASE, Query, control
from app.query.plans import COUNTED
from app.query.reading import mend, split, understand
from app.query.values import Few, Slug, Typed, Vocabulary
from app.resources.common import Part, eg
from app.search import finding, index, resolving
from app.search.finding import Hits, Sought
from app.search.resolving import Fit
from app.tables import SearchRow

router = APIRouter(tags=["search"])
MOST_SUGGESTED = 10
SEARCHED = Vocabulary(select(col(SearchRow.resource)).distinct(), "A list that is searched.")
_SAYS = "Only rows of this list. Repeat the parameter for several."
RESOURCE = control("resource", _SAYS, Slug, repeats=True, vocabulary=SEARCHED)


class Matched(Part):
    """Why a row was found."""

    field: str = eg("name_zh")
    """The field that the words stand in; `platforms` are the names of a zone's platforms."""
    snippet: str = eg("«白银»高新技术产业开发区")
    """What stands there, the words between « and »."""


class SearchHit(Read):
    """A row that was found."""

    id: str = eg("baiyin")
    """Its id in its list."""
    resource: str = eg("zones")
    """The list that it is in: `/v1/{resource}/{id}` is its address."""
    label_en: str | None = eg("Baiyin")
    """What it is called in English."""
    label_zh: str | None = eg("白银")
    """And in Chinese."""
    score: float = eg(1.0)
    """At least 0.9: that is its name; 0.7: a name begins so; 0.5: all words are in its names; 0.3:
    in what it is tied to; 0.1: in its texts; else only some are. Less for a misspelling."""
    matched: Matched
    """Why it was found."""


class Candidate(Part):
    """A row that a name may mean."""

    id: str = eg("suzhou-industrial-park")
    """Its id."""
    label_en: str | None = eg("Suzhou Industrial Park")
    """What it is called in English."""
    label_zh: str | None = eg("苏州工业园区")
    """And in Chinese."""
    score: float = eg(1.0)
    """How well the name fits, from 0 to 1."""
    match: Fit
    """By what it fits."""
    name: str = eg("苏州工业园区")
    """The name or code of the row that fits best."""


class Resolved(Part):
    """One name, and the row that it means."""

    name: str = eg("苏州工业园区")
    """The name as it was given."""
    resource: str = eg("zones")
    """The list of the row."""
    id: str | None = eg("suzhou-industrial-park")
    """The id of the row that fits best; null where none fits well."""
    label_en: str | None = eg("Suzhou Industrial Park")
    """What it is called in English."""
    label_zh: str | None = eg("苏州工业园区")
    """And in Chinese."""
    score: float = eg(1.0)
    """How well it fits, from 0 to 1; of the best candidate where none fits well."""
    match: Fit
    """By what: a name or code as it stands (`exact`), another of its names or its name with another
    ending (`alias`), the same in pinyin, a likeness (`fuzzy`), or `none`."""
    ambiguous: bool
    """Whether another candidate fits as well."""
    candidates: list[Candidate]
    """The rows that come nearest, best first, at most five."""


class SearchQuery(Query):
    """What `GET /v1/search` can be asked."""

    parameters: ClassVar = {
        "q": control(
            "q",
            "The words to look for, in any language.",
            Typed,
            required=True,
            example="biomedicine",
        ),
        "resource": RESOURCE,
        "limit": control("limit", "The most rows to show.", Few, default=20),
        "release": RELEASE,
    }


class SuggestQuery(Query):
    """What `GET /v1/suggest` can be asked."""

    parameters: ClassVar = {
        "q": control("q", "What was typed so far.", Typed, required=True, example="zhong guan"),
        "resource": RESOURCE,
        "release": RELEASE,
    }


class ResolveQuery(Query):
    """What `GET /v1/resolve` can be asked."""

    parameters: ClassVar = {
        "name": control(
            "name",
            "A name, alias or code. Repeat the parameter for up to 100, answered in their order.",
            Typed,
            repeats=True,
            required=True,
            example="白银高新区",
        ),
        "resource": control(
            "resource",
            "The list that the names are of.",
            Slug,
            vocabulary=SEARCHED,
            default="zones",
        ),
        "release": RELEASE,
    }

    @property
    def canonical(self) -> str:
        """The names in their order, which is that of the answers."""
        names = self.conditions["name"].values
        return json.dumps([super().canonical, names], ensure_ascii=False)


_FAILURES = (
    problems.Gone,
    problems.Unavailable,
    problems.TooSlow,
    problems.UnknownParameter,
    problems.InvalidValue,
    problems.NotAcceptable,
)


def _documented(query: type[Query], row: type[BaseModel]) -> dict[str, Any]:
    return {
        "response_model": Page[row],  # type: ignore[valid-type]
        "responses": problems.declared(*_FAILURES),
        "openapi_extra": {"parameters": [p.schema() for p in query.parameters.values()]},
    }


@router.get("/v1/search", **_documented(SearchQuery, SearchHit))
@quick
def search(request: Request) -> Response:
    """Search all lists at once, best first, with the words that matched.

    English, Chinese (simplified or traditional) and pinyin find the same; case, accents, hyphens
    and small typing errors are forgiven. To filter one list by words and more use its `q`; while
    somebody types use `/v1/suggest`; to turn names into ids use `/v1/resolve`.

    - in Chinese: [/v1/search?q=生物医药](/v1/search?q=生物医药)
    - in pinyin: [/v1/search?q=xi%20an](/v1/search?q=xi%20an)
    - only statements:
      [/v1/search?q=research&resource=statements](/v1/search?q=research&resource=statements)
    """

    def find(release: Release, query: Query) -> Hits:
        words, limit = query.scalar("q"), query.scalar("limit")
        return finding.search(release, words, _resources(query), limit)

    return _found(request, SearchQuery, find)


@router.get("/v1/suggest", **_documented(SuggestQuery, SearchHit))
@quick
def suggest(request: Request) -> Response:
    """Suggest at most ten rows whose names go on as somebody types.

    Names are entered at any of their words, in English, Chinese or pinyin, with or without spaces;
    codes at their beginning. `score` is as in `/v1/search`.

    - [/v1/suggest?q=bai](/v1/suggest?q=bai)
    - [/v1/suggest?q=白](/v1/suggest?q=白)
    """

    def find(release: Release, query: Query) -> Hits:
        words = query.scalar("q")
        return finding.suggest(release, words, _resources(query), MOST_SUGGESTED)

    return _found(request, SuggestQuery, find)


@router.get("/v1/resolve", **_documented(ResolveQuery, Resolved))
def resolve(request: Request) -> Response:
    """Turn names, aliases or codes into ids: one answer for each, in the order given.

    So that a script can join its own table to this base. Endings that most names share
    ("National High-tech Industrial Development Zone", 高新区) decide nothing; where no row fits
    well, `id` is null and `match` is `none`. Look through whatever is `fuzzy` or `ambiguous`.

    - a name and a code:
      [/v1/resolve?name=白银高新区&name=62103002](/v1/resolve?name=白银高新区&name=62103002)
    - industries:
      [/v1/resolve?name=bio-medicine&resource=industries](/v1/resolve?name=bio-medicine&resource=industries)
    """
    query = _understand(request, ResolveQuery)
    resource = query.scalar("resource")

    def read() -> Rows:
        names = query.conditions["name"].values
        rows = [
            _resolved(query.release, name, resource).model_dump_json().encode() for name in names
        ]
        return rows, _meta(query, rows, len(rows)), None

    return answer_page(request, query, read)


def _understand(request: Request, asked: type[Query]) -> Query:
    """What a request asks; one that misses what is required is told so."""
    path, pairs = request.scope["path"], split(request.scope["query_string"])
    query = understand(asked, path, pairs, release_of(request, asked, pairs, None))
    for name, parameter in asked.parameters.items():
        if parameter.required and name not in query.conditions:
            message = f"{name!r} is missing. {parameter.says}"
            whole = mend(asked, path, pairs, query.release)
            flaw = problems.Flaw(parameter=name, message=message, corrected=whole)
            raise problems.InvalidValue(message, [flaw])
    return query


def _resources(query: Query) -> Sequence[str]:
    condition = query.conditions.get("resource")
    return condition.values if condition else ()


def _meta(query: Query, rows: Sequence[bytes], total: int) -> PageMeta:
    counted = total <= COUNTED
    return PageMeta(
        total=total if counted else None,
        total_at_least=None if counted else total,
        returned=len(rows),
        undecided=0,
        release=query.release.name,
        query=query.understood(),
    )


def _found(
    request: Request, asked: type[Query], find: Callable[[Release, Query], Hits]
) -> Response:
    """The answer with what `find` finds."""
    query = _understand(request, asked)

    def read() -> Rows:
        found = find(query.release, query)
        rows = index.rows(query.release, [hit.row for hit in found.hits])
        hits, sought = [], Sought(found.name.told)
        for hit, row in zip(found.hits, rows, strict=True):
            field, snippet = finding.why(hit, sought, row.passages)
            told = {
                "id": row.row_id,
                "resource": row.resource,
                "label_en": row.label_en,
                "label_zh": row.label_zh,
                "score": hit.score,
                "matched": {"field": field, "snippet": snippet},
            }
            hits.append(to_json(told))
        return hits, _meta(query, hits, found.total), None

    return answer_page(request, query, read)


def _resolved(release: Release, name: str, resource: str) -> Resolved:
    found = resolving.resolve(release, name, resource)
    best = found[0] if found else None
    fits = best is not None and best.match != Fit.NONE
    candidates = [Candidate(**vars(candidate)) for candidate in found]
    return Resolved(
        name=name,
        resource=resource,
        id=best.id if best and fits else None,
        label_en=best.label_en if best and fits else None,
        label_zh=best.label_zh if best and fits else None,
        score=best.score if best else 0,
        match=best.match if best else Fit.NONE,
        ambiguous=fits and len(found) > 1 and found[1].score == found[0].score,
        candidates=candidates,
    )
