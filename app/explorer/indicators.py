"""The indicators: the catalogue, and the page of one with its chart and who says so."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from fastapi import APIRouter, Response
from markupsafe import Markup

from app.explorer.api import Answer, Picture, Refused
from app.explorer.listing import read_list
from app.explorer.view import View, Viewed, corrected
from app.query.parameters import Pairs, Row, address

router = APIRouter(include_in_schema=False)
FACETS = ("dimension", "measure", "scope", "nature", "publisher")
ALSO = ("unit", "zone", "related")
SUBJECT = ("scope", "zone")
CHOSEN = (*SUBJECT, "coverage", "series")
"""What a reader chooses of an indicator's figures; with none of these, the nation's are shown."""
OWN = ("indicator", "rank", "include", "facet", "limit")
"""What this page asks the API of itself."""
UNITS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "CNY": (
        ("trillion_yuan", "billion_yuan", "million_yuan"),
        ("trillion_yuan", "yi_yuan", "wan_yuan"),
    ),
    "USD": (("billion_dollars", "million_dollars"),) * 2,
    "km2": (("hectare", "mu"),) * 2,
}
"""The units in which people read figures of a base unit, in English and in Chinese."""
MEASURES = ("growth", "cagr", "share")
MOST_BARS = 12
"""Zones that are drawn beside each other with several parts each."""
ALL = ("limit", "1000")
AT_ONCE = 100
"""Documents that one address asks for."""


@dataclass(frozen=True)
class Stated:
    """A figure with who says so: the documents, each with its words."""

    row: Row
    said: Sequence[tuple[Row, Sequence[str]]]


@dataclass(frozen=True)
class Line:
    """An observation of a series, or a run of those without a value."""

    series: Row
    observation: Row
    figures: Mapping[str, Stated]
    until: str | None = None
    reasons: Sequence[str] = ()

    @property
    def period(self) -> str | None:
        """Its period; of a run the first to the last."""
        first: str | None = self.observation["period"]
        return f"{first}/{self.until}" if self.until else first

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell of it but why."""
        return self.observation["value"] is None and not self.observation["stated"]

    @property
    def time(self) -> tuple[str, str]:
        """Where it stands among others."""
        one = self.observation
        begins = one["period_start"] or one["period_end"] or one["as_of"] or ""
        return begins, one["period_end"] or ""

    @property
    def zone(self) -> str | None:
        """The id of its zone, or None for the nation."""
        return f"{self.series['zone']['id']}" if self.series["zone"] else None

    @property
    def part(self) -> str:
        """The part that it speaks of."""
        return f"{self.series['coverage']}"

    def group(self) -> tuple[str | None, str]:
        """Whose figure it is and of which part."""
        return self.zone, self.part

    @property
    def figure(self) -> Stated | None:
        """What is published, with who says so; None for what is worked out."""
        return self.figures.get(self.observation["statistic"] or "")

    @property
    def inputs(self) -> list[Stated]:
        """The figures that it is worked out of."""
        ids = self.observation["inputs"]
        return [self.figures[one] for one in ids if one in self.figures]

    @property
    def rivals(self) -> list[tuple[Row, Stated | None]]:
        """What other sources state of the same, with who."""
        return [(one, self.figures.get(one["id"])) for one in self.observation["rivals"]]


@dataclass(frozen=True)
class Option:
    """One of several ways to see the page."""

    label: Markup
    href: str
    chosen: bool
    count: int | None = None


@router.get("/indicators")
async def show_indicators(view: Viewed) -> Response:
    """Show what is measured, by dimension, each with its newest national figure."""
    newest = [("latest", "1"), ("scope", "national"), ("coverage", "whole"), ("nature", "observed")]
    listing, figures, units = await asyncio.gather(
        read_list(view, "indicators", FACETS, ALSO, own=[ALL]),
        view.api.get("/v1/statistics", [*newest, ALL]),
        view.units(),
    )
    order = [one["value"] for one in listing.answer.facets["dimension"]]
    rows = sorted(listing.rows, key=lambda row: order.index(row["dimension"]))
    return await view.render(
        "indicators.html",
        listing=listing,
        groups=[(name, list(some)) for name, some in groupby(rows, lambda r: r["dimension"])],
        newest=_newest(figures.rows),
        units=units,
    )


def _newest(figures: Sequence[Row]) -> dict[str, Row]:
    """The newest figure of each indicator, an exact one rather than a bound."""

    def age(row: Row) -> tuple[str, bool]:
        return row["period_end"] or row["period_start"] or "", row["comparator"] == "exactly"

    return {row["indicator"]["id"]: row for row in sorted(figures, key=age)}


@router.get("/indicators/{id}")
async def show_indicator(view: Viewed, id: str) -> Response:
    """Show what an indicator is, the chart of its figures, and each figure with who says so."""
    indicator = (await view.api.get(f"/v1/indicators/{id}")).row
    try:
        asked, parts = await _asked(view, indicator)
        series, figures = await _figures(view, asked)
    except Refused as refused:
        chosen = {name for name, _ in view.pairs}
        own = [*OWN, *(name for name in CHOSEN if name not in chosen)]
        raise corrected(refused, f"/v1/indicators/{id}", own) from refused
    view.main = address("/v1/statistics/series", asked)
    stated = await _stated(view, figures.rows)
    lines = list(_lines(series.rows, stated, "measure" in dict(asked)))
    picture, zones, units = await asyncio.gather(
        _picture(view, asked, lines), _zones(view, indicator), _units(view, indicator["unit"])
    )
    return await view.render(
        "indicator.html",
        indicator=indicator,
        asked=dict(asked),
        picture=picture,
        lines=lines,
        refused=list(dict.fromkeys(one["refused"] for one in series.rows if one["refused"])),
        zones_differ=len({line.zone for line in lines}) > 1,
        parts_differ=len({line.part for line in lines}) > 1,
        more=series.next or figures.next,
        parts=parts,
        units=units,
        options=_options(view, indicator, asked, parts, zones, units),
        hidden=[pair for pair in view.pairs if pair[0] != "as_of"] + view.hidden,
        related=_related(indicator),
        forms=[
            (name, address("/v1/statistics/series", [*asked, ("format", form)]))
            for form, name in view.forms("csv", "xlsx")
        ],
    )


async def _asked(view: View, indicator: Row) -> tuple[Pairs, Answer]:
    """The figures that are asked for, and the parts that those of the same subject speak of."""
    asked: Pairs = [("indicator", indicator["id"])]
    default = not {name.partition("__")[0] for name, _ in view.pairs}.intersection(CHOSEN)
    if default and "national" in indicator["scopes"]:
        asked.append(("scope", "national"))
    counted = [p for p in (*asked, *view.pairs) if p[0] not in ("measure", "cursor", "limit")]
    more = [("facet", "coverage"), ("limit", "0")]
    parts = await view.api.get("/v1/statistics", [*counted, *more])
    if default and any(one["value"] == "whole" for one in parts.facets["coverage"]):
        asked.append(("coverage", "whole"))
    return [*asked, *view.pairs], parts


async def _figures(view: View, asked: Pairs) -> tuple[Answer, Answer]:
    """The series, and each of their figures and rivals with the words of its sources."""
    plain = [p for p in asked if p[0] not in ("measure", "rank", "cursor", "limit")]
    more = [("rank", "all"), ("include", "citations"), ALL]
    return await asyncio.gather(
        view.api.get("/v1/statistics/series", [*asked, *([] if "limit" in dict(asked) else [ALL])]),
        view.api.get("/v1/statistics", [*plain, *more]),
    )


async def _stated(view: View, figures: Sequence[Row]) -> dict[str, Stated]:
    """The figures, each with its documents in the order in which it cites them."""
    cited = [citation for row in figures for citation in row["citations"]]
    ids = list(dict.fromkeys(citation["document"]["id"] for citation in cited))
    asked = [("fields", "id,title,publisher,published_on,language,url"), ALL]
    runs = [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)]
    answers = await asyncio.gather(
        *(view.api.get("/v1/documents", [*(("id", one) for one in run), *asked]) for run in runs)
    )
    documents = {row["id"]: row for answer in answers for row in answer.rows}
    stated = {}
    for row in figures:
        said: dict[str, list[str]] = {}
        for citation in row["citations"]:
            words = said.setdefault(citation["document"]["id"], [])
            written = citation["as_written"]
            if written and citation["fact"]["field"] == "value" and written not in words:
                words.append(written)
        stated[row["id"]] = Stated(row, [(documents[one], words) for one, words in said.items()])
    return stated


def _lines(series: Sequence[Row], figures: Mapping[str, Stated], derived: bool) -> Iterator[Line]:
    """Figures of the same subject and part in the order of their periods, whatever their nature.

    A year without a figure is left out where one of another nature or of a part of that year is
    there; those that follow each other are one line. What is not worked out keeps its reason.
    """
    lines = [Line(one, each, figures) for one in series for each in one["observations"]]
    order = {group: at for at, group in enumerate(dict.fromkeys(map(Line.group, lines)))}
    lines.sort(key=lambda line: (order[line.group()], *line.time))
    for _, some in groupby(lines, Line.group):
        every = list(some)
        known = {(line.period or "")[:4] for line in every if not (derived or line.empty)}
        kept = [line for line in every if not (line.empty and line.period in known)]
        for empty, run in groupby(kept, lambda line: line.empty):
            first, *rest = run
            if not empty:
                yield from (first, *rest)
            else:
                reasons = [line.observation["reason"] for line in (first, *rest)]
                last = rest[-1].period if rest else None
                yield replace(first, until=last, reasons=list(dict.fromkeys(filter(None, reasons))))


async def _picture(view: View, asked: Pairs, lines: Sequence[Line]) -> Picture | None:
    """The chart over time; of several zones, and where no period is known, bars instead."""
    lang = [("lang", "zh")] if view.lang == "zh" else []
    zones, parts = ({line.zone for line in lines}, {line.part for line in lines})
    if len(zones) < 2 and any(line.observation["period"] for line in lines):
        return await view.api.picture("/v1/statistics/series", [*asked, *lang])
    if len(lines) < 2 or (len(zones) > MOST_BARS and len(parts) > 1):
        return None
    sides = ("zone", "coverage") if len(zones) > 1 else ("coverage", "zone")
    across = list(zip(("rows", "columns"), sides, strict=True))
    plain = [pair for pair in asked if pair[0] not in ("rank", "cursor", "limit")]
    return await view.api.picture("/v1/statistics/table", [*plain, *across, *lang])


async def _zones(view: View, indicator: Row) -> Sequence[Row]:
    """The zones that have figures of an indicator."""
    if "zone" not in indicator["scopes"]:
        return ()
    wanted = ("fields", "id,short_name_en,short_name_zh")
    return (await view.api.get("/v1/zones", [("indicator", indicator["id"]), wanted, ALL])).rows


def _options(
    view: View, indicator: Row, asked: Pairs, parts: Answer, zones: Sequence[Row], units: Answer
) -> dict[str, list[Option]]:
    """The ways to see the figures: whose, of which part, what is worked out, in which unit."""
    now = dict(asked)
    subject = [pair for pair in asked if pair[0] in SUBJECT]

    def option(name: str, value: str, label: str | Markup, count: int | None = None) -> Option:
        href = view.here(*([(name, value)] if value else []), but=(name,))
        return Option(Markup("{}").format(label), href, now.get(name, "") == value, count)

    whose = []
    if zones and "national" in indicator["scopes"]:
        nation = now.get("scope") == "national" and "zone" not in now
        whose.append(Option(Markup(view.t("figures.nation")), view.here(but=CHOSEN), nation))
    if len(zones) > 1:
        every = "zone" not in now and now.get("scope") != "national"
        href = view.here(("scope", "zone"), but=CHOSEN)
        whose.append(Option(Markup(view.t("figures.zones")), href, every, len(zones)))
    for zone in zones:
        href = view.here(("zone", zone["id"]), but=CHOSEN)
        chosen = ("zone", zone["id"]) in asked
        whose.append(Option(view.label(zone, "short_name"), href, chosen))
    kinds = [one for one in parts.facets["coverage"] if one["count"]]
    rest = subject or [("scope", "zone")]
    part = [
        Option(
            view.label(one),
            view.here(*rest, ("coverage", one["value"]), but=CHOSEN),
            ("coverage", one["value"]) in asked,
            one["count"],
        )
        for one in kinds
    ]
    if len(kinds) > 1:
        every = "coverage" not in now
        part.append(Option(Markup(view.t("figures.parts")), view.here(*rest, but=CHOSEN), every))
    return {
        "whose": whose,
        "part": part if len(part) > 1 else [],
        "measure": [option("measure", one, view.t(f"measure.{one}")) for one in ("", *MEASURES)],
        "unit": [
            option("unit", "", view.t("in.")),
            *(
                option("unit", one, view.label(units.named("unit", one)))
                for one in _read_in(view, indicator["unit"])
                if units.named("unit", one)["label_en"]
            ),
        ],
    }


def _read_in(view: View, unit: str) -> Sequence[str]:
    """The units in which the reader's language has figures of a base unit."""
    return UNITS.get(unit, ((), ()))[view.lang == "zh"]


async def _units(view: View, unit: str) -> Answer:
    """Base units and those that figures are shown in, as far as the release has them."""
    asked = [value for name, value in view.pairs if name == "unit"]
    try:
        return await view.units(*dict.fromkeys([*_read_in(view, unit), *asked]))
    except Refused:
        return await view.units(*asked)


def _related(indicator: Row) -> list[tuple[str, list[Row]]]:
    """What an indicator stands to, by how; what it must not be taken for comes first."""
    ties = sorted(indicator["related"], key=lambda one: (one["how"] != "differs_from", one["how"]))
    return [(how, list(some)) for how, some in groupby(ties, lambda one: one["how"])]
