"""Recipes: how dashboards, spreadsheets and data frames take the figures, ready to be copied.

What they rely on is tested: each address answers, with the columns and paths that a recipe names.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app.query.html import element, link, page, prose
from app.resources.pages import around

router = APIRouter(prefix="/docs", include_in_schema=False)
YEARS = "scope=national&nature=observed&period_kind=year&coverage=whole"
TABLE = (
    f"/v1/statistics/table?{YEARS}&indicator=gdp&indicator=revenue"
    "&rows=period&columns=indicator&unit=yi_yuan"
)
SERIES = f"/v1/statistics/series?{YEARS}&indicator=gdp&unit=yi_yuan"
CHART = f"/v1/statistics/series?{YEARS}&indicator=gdp&format=svg"

CSV_QUERY = """\
let
    Source = Csv.Document(
        Web.Contents("{base}", [
            RelativePath = "v1/statistics/table",
            Query = [
                scope = "national", nature = "observed", period_kind = "year", coverage = "whole",
                indicator = {"gdp", "revenue"}, rows = "period", columns = "indicator",
                unit = "yi_yuan", format = "csv"
            ]
        ]),
        [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]
    ),
    Named = Table.PromoteHeaders(Source, [PromoteAllScalars = true]),
    Unknown = Table.ReplaceValue(
        Named, "", null, Replacer.ReplaceValue, Table.ColumnNames(Named)
    ),
    Typed = Table.TransformColumnTypes(
        Unknown,
        {{"period", Int64.Type}, {"gdp", type number}, {"revenue", type number}}, "en-US"
    )
in
    Typed"""
PAGED_QUERY = """\
let
    Page = (after as nullable text) => Json.Document(
        Web.Contents("{base}", [
            RelativePath = "v1/citations",
            Query = [fields = "fact,document,as_written", limit = "1000"]
                & (if after = null then [] else [cursor = after])
        ])
    ),
    Pages = List.Generate(
        () => Page(null),
        each _ <> null,
        each if [links][next] = null then null
            else Page(Text.AfterDelimiter([links][next], "cursor=")),
        each [data]
    ),
    Rows = Table.FromRecords(List.Combine(Pages)),
    Facts = Table.ExpandRecordColumn(
        Rows, "fact", {"resource", "id", "field"}, {"fact_resource", "fact_id", "fact_field"}
    ),
    Documents = Table.ExpandRecordColumn(
        Facts, "document", {"id", "label_en"}, {"document_id", "document_label_en"}
    )
in
    Documents"""

Recipe = tuple[str, str, Mapping[str, str]]

RECIPES: Sequence[Recipe] = (
    (
        "Power Query (Excel, Power BI)",
        "New query → Blank query → Advanced editor. CSV has all rows, JSON comes in pages. The "
        "first argument of `Web.Contents` never changes, so Power BI can refresh the query.",
        {"A table by CSV": CSV_QUERY, "Rows by JSON, page after page": PAGED_QUERY},
    ),
    (
        "Excel",
        "`WEBSERVICE` works in Excel for Windows, up to 32 767 characters, and gives texts, of "
        "which `VALUE` makes numbers. `IMAGE` takes no SVG: save the chart and insert it as a "
        "picture.",
        {
            "Data → From Web": f"{{base}}{TABLE}&format=csv&bom=true",
            "The same as a workbook": f"{{base}}{TABLE}&format=xlsx",
            "By formula, with this address in A1": f"{{base}}{TABLE}&format=csv",
            "and this in another cell": '=TEXTSPLIT(WEBSERVICE(A1), ",", CHAR(13)&CHAR(10), FALSE, '
            '0, "")',
            "The chart": f"{{base}}{CHART}",
        },
    ),
    (
        "Python",
        "A line each; an unknown figure is missing, not zero.",
        {
            "pandas": f'pandas.read_csv("{{base}}{TABLE}&format=csv", index_col="period")',
            "polars": f'polars.read_csv("{{base}}{TABLE}&format=csv")',
            "DuckDB": f"duckdb.sql(\"FROM read_csv('{{base}}{TABLE}&format=csv')\")",
        },
    ),
    (
        "A chart in a page or README",
        "`format=svg` draws series, tables and groups, with unit, sources and release; `lang=zh` "
        "in Chinese. `release=` pins a picture for as long as that release is kept.",
        {
            "HTML": f'<img src="{{base}}{CHART}" alt="GDP of the national high-tech zones">',
            "Markdown": f"![国家高新区生产总值]({{base}}{CHART}&lang=zh)",
            "Approvals by year": "{base}/v1/milestones?kind=national_approval&group_by=year"
            "&format=svg",
        },
    ),
)
"""A heading, what to know, and what to copy by what it is; `{base}` is where we are asked."""


@router.get("/recipes")
def show_recipes(request: Request) -> HTMLResponse:
    """Show the recipes, with addresses of this server."""
    base = _base(request)
    importing = (
        "Dashboards → New → Import takes this, with the data source Infinity and nothing to set "
        "in it: a chart by JSON, one by CSV, and a table of the zone that a variable chooses. The "
        "variable has one value: an empty “All” would be refused."
    )
    made = json.dumps(dashboard(base), ensure_ascii=False, indent=1)
    grafana: Recipe = ("Grafana", importing, {link("/docs/recipes/grafana.json"): made})
    sections = [
        part
        for title, about, parts in (grafana, *RECIPES)
        for part in (
            element("h2", title),
            element("p", prose(about)),
            *(
                element(name, text)
                for caption, code in parts.items()
                for name, text in (("h3", caption), ("pre", code.replace("{base}", base)))
            ),
        )
    ]
    return page("Recipes", around(), *sections)


@router.get("/recipes/grafana.json")
def get_dashboard(request: Request) -> JSONResponse:
    """Get the dashboard that Grafana imports."""
    return JSONResponse(dashboard(_base(request)))


def _base(request: Request) -> str:
    configured: str = request.app.state.settings.base_url
    return (configured or str(request.base_url)).rstrip("/")


def dashboard(base: str) -> dict[str, Any]:
    """A Grafana dashboard on the data source Infinity, which is chosen at import."""
    plugin = "yesoreyeram-infinity-datasource"
    source = {"type": plugin, "uid": "${DS_INFINITY}"}

    def query(kind: str, path: str, root: str, *columns: tuple[str, ...]) -> dict[str, Any]:
        names = ("selector", "text", "type", "timestampFormat")
        return {
            "refId": "A",
            "datasource": source,
            "type": kind,
            "source": "url",
            "parser": "backend",
            "format": "table",
            "url": base + path,
            "url_options": {"method": "GET", "data": ""},
            "root_selector": root,
            "columns": [dict(zip(names, column, strict=False)) for column in columns],
        }

    def panel(kind: str, title: str, place: tuple[int, ...], asked: dict[str, Any]) -> Any:
        return {
            "type": kind,
            "title": title,
            "gridPos": dict(zip("xywh", place, strict=True)),
            "datasource": source,
            "fieldConfig": {"defaults": {}, "overrides": []},
            "targets": [asked],
        }

    by_json = query(
        "json",
        SERIES,
        "data.observations",
        ("period_start", "Year", "timestamp", "2006-01-02"),
        ("value", "GDP (亿元)", "number"),
    )
    by_csv = query(
        "csv",
        f"{TABLE}&format=csv",
        "",
        ("period", "Year", "string"),
        ("gdp", "GDP (亿元)", "number"),
        ("revenue", "Revenue (亿元)", "number"),
    )
    of_zone = query(
        "json",
        "/v1/statistics?zone=${zone}&limit=1000",
        "data",
        ("indicator.label_en", "Indicator", "string"),
        ("coverage", "Of which part", "string"),
        ("period", "Period", "string"),
        ("value", "Value", "number"),
        ("unit", "Unit", "string"),
        ("comparator", "Comparator", "string"),
        ("nature", "Nature", "string"),
        ("published_text", "As published", "string"),
    )
    zones = query(
        "json",
        "/v1/zones?fields=id,short_name_en&limit=1000",
        "data",
        ("short_name_en", "__text", "string"),
        ("id", "__value", "string"),
    )
    chosen = {
        "name": "zone",
        "label": "Zone",
        "type": "query",
        "datasource": source,
        "refresh": 1,
        "current": {"text": "Baiyin", "value": "baiyin"},
        "query": {"refId": "variable", "queryType": "infinity", "infinityQuery": zones},
    }
    asked = {"name": "DS_INFINITY", "label": "Infinity", "type": "datasource", "pluginId": plugin}
    return {
        "__inputs": [{**asked, "pluginName": "Infinity"}],
        "title": "National high-tech zones of China",
        "schemaVersion": 41,
        "timezone": "utc",
        "time": {"from": "2005-01-01T00:00:00.000Z", "to": "now"},
        "templating": {"list": [chosen]},
        "panels": [
            panel("timeseries", "GDP of all zones", (0, 0, 12, 9), by_json),
            panel("barchart", "GDP and revenue of all zones", (12, 0, 12, 9), by_csv),
            panel("table", "Figures of $zone", (0, 9, 24, 10), of_zone),
        ],
    }
