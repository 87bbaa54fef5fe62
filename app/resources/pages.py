"""Pages for people beside the docs explorer: the guide and the data dictionary."""

import json

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.query.html import Html, element, join, link, page, prose, table
from app.resources.fields import Asked, Column, ListFields, catalogue

router = APIRouter(prefix="/docs", include_in_schema=False)

GUIDE = (
    (
        "Ask",
        "`field=value` asks for rows whose field has that value. Repeat a parameter for any of "
        "several values; different fields are joined by “and”. Nothing is ignored: a misspelt "
        "parameter is answered with the nearest one and the corrected request.",
        ("Zones approved in 2010", "/v1/zones?approved_year=2010"),
        ("In Gansu or Shaanxi", "/v1/zones?province=CN-GS&province=CN-SN"),
        (
            "In the west, with a service platform",
            "/v1/zones?region=west&platform_kind=service_platform",
        ),
    ),
    (
        "Operators",
        "`field__operator=value` asks in another way. Which operators a field has stands in the "
        "dictionary.",
        ("None of these", "/v1/zones?province__not=CN-GS"),
        ("From 1991 to 1993", "/v1/zones?approved_year__gte=1991&approved_year__lte=1993"),
        ("A part of a name", "/v1/zones?name_zh__contains=苏州"),
        ("The beginning of a name", "/v1/zones?name_en__prefix=Xi"),
        ("Unknown to the base, which is not no", "/v1/zones?established_on__state=unknown"),
    ),
    (
        "Industries",
        "An industry means it and everything narrower.",
        ("Biomedicine or anything narrower", "/v1/zones?industry=biomedicine"),
        ("Exactly that industry", "/v1/zones?industry__exact=biomedicine"),
        ("Both of two", "/v1/zones?industry__all=biomedicine&industry__all=chemicals"),
    ),
    (
        "Dates",
        "A date is a year, a month or a day, and an interval of days: a condition holds when it "
        "holds for every day. Rows whose date is too imprecise to decide are left out and counted "
        "in `meta.undecided`.",
        ("Approved within 2010", "/v1/zones?approved_on=2010"),
        (
            "From September 2010 on, before 2012",
            "/v1/zones?approved_on__gte=2010-09&approved_on__lt=2012",
        ),
    ),
    (
        "Words and places",
        "`q` finds words in English, Chinese or pinyin; `near` and `bbox` find places on the map.",
        ("Zones that have to do with some words", "/v1/zones?q=生物医药"),
        ("Anything that has them, best first", "/v1/search?q=biomedicine"),
        ("While somebody types", "/v1/suggest?q=zhong guan"),
        ("From names to ids", "/v1/resolve?name=西安高新区&name=61103001"),
        ("Within 300 km, the nearest first", "/v1/zones?near=36.06,103.83&within_km=300"),
    ),
    (
        "Figures",
        "A figure has its indicator, period, unit, nature and coverage. Observed, target, forecast "
        "and planned are never mixed; `rank=all` shows rivals where sources disagree.",
        ("Which figures of GDP there are", "/v1/statistics?indicator=gdp&scope=national"),
        ("A target for 2023", "/v1/statistics?nature=target&period=2023"),
        ("Only the newest of each series", "/v1/statistics?zone=baiyin&latest=1"),
        ("What had been published by 2013", "/v1/statistics?indicator=zones&as_of=2013"),
    ),
    (
        "Series and tables",
        "A series is the figures of one quantity in the order of their periods, gaps explicit; a "
        "table puts them side by side. `measure` works out growth or shares and names the inputs, "
        "or says why there is none.",
        ("By year, in 100 million yuan", "/v1/statistics/series?indicator=gdp&unit=yi_yuan"),
        ("Average growth a year", "/v1/statistics/series?indicator=gdp&measure=cagr"),
        (
            "A row for each year",
            "/v1/statistics/table?indicator=gdp&indicator=exports&rows=period&columns=indicator",
        ),
    ),
    (
        "Order and pages",
        "`sort` takes several keys, `-` descends, unknown values come last. Follow `links.next` "
        "until it is null.",
        ("The newest first", "/v1/milestones?kind=national_approval&sort=-date,id"),
        ("A short page", "/v1/zones?limit=2"),
    ),
    (
        "Counts",
        "`facet` counts the rows for each value of some fields, beside the page: as many as "
        "choosing that value would give. `group_by` counts in up to three ways at once; figures "
        "also have sums and means.",
        ("By region and year", "/v1/zones?facet=region,approved_year&limit=5"),
        ("The values of a field, with labels", "/v1/platforms?facet=kind&limit=1"),
        ("Approvals by year", "/v1/milestones?kind=national_approval&group_by=year"),
        ("As a table", "/v1/milestones?kind=national_approval&group_by=year&format=csv"),
    ),
    (
        "Less and more of a row",
        "`fields` gives only some fields; `include` puts inside each row what is about it.",
        ("Names and dates only", "/v1/zones?fields=id,name_zh,approved_on"),
        ("With its milestones", "/v1/zones?id=baiyin&include=milestones"),
    ),
    (
        "Evidence",
        "Every fact lists its citations: the phrases that state it, and where they stand.",
        ("What the source literally says", "/v1/citations?fact=baiyin-national-approval"),
        ("The citations inside each row", "/v1/milestones?zone=baiyin&include=citations"),
        ("Why a row is an answer", "/v1/zones?industry=biomedicine&explain=matches"),
        ("What is known of which zone", "/v1/coverage?zone=baiyin"),
    ),
    (
        "Forms",
        "`format` gives the rows in another form than JSON, all of them unless `limit` is given.",
        ("For a data frame", "/v1/statistics?scope=national&format=csv"),
        ("For Excel", "/v1/zones?format=xlsx"),
        ("For DuckDB or polars", "/v1/milestones?format=parquet"),
        ("Zones for a map", "/v1/zones?format=geojson"),
    ),
    (
        "Releases",
        "What is served is immutable and named: `release=` asks one of the kept releases again.",
        ("What is served", "/v1/release"),
        ("What is kept", "/v1/releases"),
    ),
)
"""The language by example: a heading, what to know, and questions with their requests."""


@router.get("/guide")
def show_guide() -> HTMLResponse:
    """Show the language by example."""
    sections = []
    for title, about, *examples in GUIDE:
        told = (
            join(element("dt", str(question)), element("dd", link(str(address))))
            for question, address in examples
        )
        sections += [element("h2", title), element("p", prose(str(about))), element("dl", *told)]
    return page("Guide", around(), *sections)


@router.get("/dictionary")
def show_dictionary() -> HTMLResponse:
    """Show every field of every list."""
    lists = list(catalogue())
    contents = element("nav", *(link(f"#{one.id}", one.id) for one in lists))
    return page("Data dictionary", around(), contents, *map(_described, lists))


def around() -> Html:
    """Links to the other pages."""
    about = (
        ("/docs", "Explorer"),
        ("/docs/guide", "Guide"),
        ("/docs/dictionary", "Dictionary"),
        ("/docs/recipes", "Recipes"),
        ("/v1", "API"),
    )
    return element("nav", *(link(*one) for one in about))


def _described(one: ListFields) -> Html:
    takes = {
        "sort": [key for key in one.sorts if not key.startswith("-")],
        "facet": one.facets,
        "group_by": one.groups,
        "format": one.formats,
        "include": one.includes,
    }
    also = "; ".join(f"`{name}`: {', '.join(keys)}" for name, keys in takes.items() if keys)
    return element(
        "section",
        element("h2", one.id),
        element("p", prose(one.description), " ", link(one.address)),
        element("h3", "What a row holds"),
        table(("Field", "Type", "What it says", "Example"), *map(_column, one.columns)),
        element("h3", "What can be asked"),
        table(("Field", "Type", "What it is", "Parameters"), *map(_asked, one.fields)),
        element("p", prose(also)),
        id=one.id,
    )


def _column(column: Column) -> tuple[str, ...]:
    shown = column.example
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
    return (
        element("code", column.name),
        column.type + (", or null" if column.nullable else ""),
        join(prose(column.description), _listed(column.values)),
        element("code", text) if shown is not None else "",
    )


def _asked(field: Asked) -> tuple[str, ...]:
    said = [join(element("code", by.parameter), " ", prose(by.means)) for by in field.operators]
    where = join(" Values: ", link(field.vocabulary)) if field.vocabulary else ""
    return (
        element("code", field.name),
        field.type,
        join(prose(field.description), where, _listed(field.operators[0].values)),
        join(*(element("div", one) for one in said)),
    )


def _listed(values: list[str] | None) -> Html:
    return join(" One of: ", element("code", ", ".join(values)), ".") if values else Html()
