"""The documents: what they are, and each fact they state with the words that state it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from fastapi import APIRouter, Response
from markupsafe import Markup

from app.explorer.api import Answer
from app.explorer.listing import Choice, Facet, Listing, read_list
from app.explorer.view import View, Viewed
from app.query.parameters import Row, address

router = APIRouter(include_in_schema=False)
YEAR = "published_on"
CODED = {
    "milestones": "kind",
    "statistics": "coverage",
    "relations": "type,role,stage",
    "platforms": "kind,status",
    "statements": "kind",
}
"""The resources whose rows are facts, with their codes, whose labels their facets have."""
NEWEST = ("sort", "-published_on")
RIVALS = ("milestones", "statistics")
ZONES_IN_A_FILTER = 100


@router.get("/documents")
async def show_documents(view: Viewed) -> Response:
    """Show the documents that the reader asks for."""
    listing, years = await asyncio.gather(
        read_list(
            view, "documents", ("tier", "language", "publisher"), by_value=("tier",), own=[NEWEST]
        ),
        read_years(view),
    )
    listing.more.append(_years(view, listing, years.body["groups"]))
    return await view.render("documents.html", listing=listing)


async def read_years(view: View) -> Answer:
    """How many documents each year has, a filter on it set aside."""
    rest = [pair for pair in view.pairs if pair[0] not in (YEAR, "sort", "cursor", "limit")]
    grouped = [("group_by", "published_on_year"), ("limit", "0")]
    return await view.api.get("/v1/documents", [*rest, *grouped])


def _years(view: View, listing: Listing, groups: Sequence[Row]) -> Facet:
    """The years as a facet: the newest first."""
    asked = {value for name, value in listing.filters if name == YEAR}
    choices = []
    for one in sorted(groups, key=lambda one: -(one["published_on_year"] or 0)):
        if year := one["published_on_year"]:
            others = asked ^ {str(year)}
            href = view.here(*((YEAR, other) for other in sorted(others)), but=(YEAR, "cursor"))
            choices.append(Choice(Markup(year), one["count"], str(year) in asked, href))
    return Facet(YEAR, view.t("field.year"), choices, bool(asked))


@dataclass
class Passage:
    """A piece of the text of a document, with the phrases in it."""

    start: int
    text: str
    phrases: list[tuple[int, int]] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The place after its last character."""
        return self.start + len(self.text)

    @property
    def marked(self) -> Markup:
        """Its text with the phrases marked; phrases that overlap are one mark."""
        told, at = Markup(), self.start
        for start, end in sorted(self.phrases):
            if end > at:
                begin = max(start, at)
                told += self.text[at - self.start : begin - self.start]
                told += Markup("<mark>{}</mark>").format(
                    self.text[begin - self.start : end - self.start]
                )
                at = end
        return told + self.text[at - self.start :]


@dataclass
class Stated:
    """A fact, or what is said of a zone or the like, with the citations of this document."""

    resource: str
    id: str
    zone: Row | None
    citations: Sequence[Row]
    row: Row | None
    """The fact as it is served; None for an entity, whose served values may be another's."""

    @property
    def passages(self) -> list[Passage]:
        """The words around its phrases, where the server has the text; what overlaps is joined."""
        joined: list[Passage] = []
        pieces = [(_begin(one), one) for one in self.citations if one["passage"]]
        for begin, one in sorted(pieces, key=lambda piece: piece[0]):
            text = "".join(one["passage"][part] for part in ("prefix", "exact", "suffix"))
            if joined and begin <= joined[-1].end:
                joined[-1].text += text[joined[-1].end - begin :]
            else:
                joined.append(Passage(begin, text))
            joined[-1].phrases.append((one["start"], one["end"]))
        return joined


def _begin(citation: Row) -> int:
    start: int = citation["start"] - len(citation["passage"]["prefix"])
    return start


@router.get("/documents/{id}")
async def show_document(view: Viewed, id: str) -> Response:
    """Show a document, and every fact it states beside the words that state it."""
    view.main = address("/v1/citations", [("document", id)])
    about = await view.api.get(f"/v1/documents/{id}")
    cited = await view.api.every("/v1/citations", [("document", id)])
    spoken = await view.api.get("/v1/documents", [("id", id), ("facet", "language")])
    facts = await read_facts(view, cited.rows)
    stated = list(_stated(view, cited.rows, facts))
    return await view.render(
        "document.html",
        document=about.row,
        language=spoken.named("language", about.row["language"]),
        groups=[(name, list(group)) for name, group in groupby(stated, lambda one: one.resource)],
        facts=facts,
        units=await view.units(),
        total=len(cited.rows),
        with_text=any(one["passage"] for one in cited.rows),
    )


async def read_facts(view: View, citations: Sequence[Row]) -> dict[str, Answer]:
    """The facts of the zones and of the programme that citations speak of, by resource."""
    zones = {one["zone"]["id"] if one["zone"] else None for one in citations}
    named = [("zone", one) for one in sorted(filter(None, zones))][:ZONES_IN_A_FILTER]
    scopes = [[("scope", "national")]] if None in zones else []
    if len(zones) > ZONES_IN_A_FILTER:
        scopes = [[]]
    elif named:
        scopes.append(named)
    wanted = {one["fact"]["resource"] for one in citations} & CODED.keys()
    answers = {}
    for resource in CODED:
        if resource in wanted:
            own = [("facet", CODED[resource])]
            own += [("rank", "all")] if resource in RIVALS else []
            parts = [await view.api.every(f"/v1/{resource}", [*s, *own]) for s in scopes]
            answers[resource] = _joined(parts)
    return answers


def _joined(parts: Sequence[Answer]) -> Answer:
    """Several answers about different rows as one."""
    rows = [row for part in parts for row in part.rows]
    facets: dict[str, list[Row]] = {}
    for part in parts:
        for name, values in part.facets.items():
            facets.setdefault(name, []).extend(values)
    return Answer({"data": rows, "facets": facets})


def _stated(view: View, citations: Sequence[Row], facts: dict[str, Answer]) -> Iterable[Stated]:
    """What a document states: by resource, zone and place in the text."""
    rows = {(name, row["id"]): row for name, answer in facts.items() for row in answer.rows}
    by_fact: dict[tuple[str, str], list[Row]] = {}
    for one in citations:
        by_fact.setdefault((one["fact"]["resource"], one["fact"]["id"]), []).append(one)
    order = [*CODED, "zones", "places", "organizations", "industries"]

    def key(item: tuple[tuple[str, str], list[Row]]) -> tuple[int, str, float]:
        (resource, _), cited = item
        zone = view.plain(cited[0]["zone"]) if cited[0]["zone"] else ""
        return order.index(resource), zone, min(one["start"] or 0 for one in cited)

    for (resource, name), cited in sorted(by_fact.items(), key=key):
        yield Stated(resource, name, cited[0]["zone"], cited, rows.get((resource, name)))
