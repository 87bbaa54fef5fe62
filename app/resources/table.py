"""Tables: figures as a pivot that a spreadsheet or a chart takes at once."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from fastapi import APIRouter, Request, Response

from app.query.answers import Meta, Page, Read, answer_file, answer_page, documented
from app.query.charts import Bars, Lines
from app.query.exports import form_of
from app.query.formats import FORMATS, Column, Table
from app.query.parameters import Parameter, Row, control
from app.query.problems import Flaw, InvalidValue
from app.query.rows import written
from app.resources.charting import bars_of, lines_of
from app.resources.common import OF_ZONE, Part, Ref, eg, ref
from app.resources.series import SeriesQuery, all_series, asked_series, meta_of
from app.vocabulary import Comparator, Nature, PeriodKind

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
MOST_FIGURES = 10_000
DIMENSIONS = ("indicator", "zone", "coverage", "nature", "period_kind", "bound", "period")


class TableRow(Read):
    """The figures that differ in one dimension only, side by side.

    The dimension of the columns is null here; `meta.columns` has its values.
    """

    id: str = eg("gdp.national.whole.observed.year")
    """What tells it from other rows, joined by dots."""
    indicator: Ref | None = eg(ref("gdp", "GDP", "生产总值"))
    """What is measured."""
    zone: Ref | None = OF_ZONE
    """The zone; null also for the programme as a whole."""
    coverage: str | None = eg("whole")
    """What part the figures speak of."""
    nature: Nature | None
    """Observed, target, forecast or planned."""
    period_kind: PeriodKind | None
    """What kind of periods they are of."""
    bound: bool | None
    """Whether they only bound the quantity."""
    period: str | None = eg(None)
    """The period, as an EDTF date or interval."""
    unit: str | None = eg("CNY")
    """Unit of the values; null where columns have different ones."""
    values: dict[str, int | float | None] = eg({"2020": 13600000000000, "2021": 15300000000000})
    """By column; null where no figure is known."""
    figures: dict[str, list[str]] = eg({"2020": ["national-gdp-2020"]})
    """By column the ids of the figures: one, or the inputs of what is worked out."""
    comparators: dict[str, Comparator] = eg({"2020": "about"})
    """By column how a figure stands to the quantity, where it is not `exactly`."""
    reasons: dict[str, str] = eg({"2019": "There is no figure for 2018."})
    """By column why nothing is worked out."""


class TableColumn(Part):
    """A column of a table."""

    value: str = eg("2021")
    """The key of its values; `national` for the programme as a whole, `none` for no period."""
    label_en: str | None = eg(None)
    """What it is called in English, if it is not a period."""
    label_zh: str | None = eg(None)
    """And in Chinese."""
    unit: str | None = eg(None)
    """The unit of its values, where columns have different ones."""


class TableMeta(Meta):
    """What a table was made from."""

    returned: int
    """Rows of the table; all that there are."""
    undecided: int
    """Figures left out because their date is known, but too imprecisely to decide."""
    left_out: dict[str, int]
    """Figures that only a choice leaves out, such as rivals by `rank`."""
    rows: list[str]
    """The dimensions that tell rows apart: those asked for, and any other that differs."""
    columns: list[TableColumn]
    """The columns, in order."""


class TablePage(Page[TableRow]):
    """A table."""

    meta: TableMeta  # type: ignore[assignment]


class TableQuery(SeriesQuery):
    """What a table can be asked: which figures, and what stands where."""

    rows = "table"
    parameters: ClassVar[dict[str, Parameter]] = {
        **{
            name: parameter
            for name, parameter in SeriesQuery.parameters.items()
            if name not in ("limit", "cursor", "rank")
        },
        "rows": control(
            "rows",
            "The dimensions that the rows are told apart and ordered by, a comma list. Any other "
            "in which figures differ follows, so that a value is never one of several.",
            Literal[DIMENSIONS],
            comma=True,
            most=len(DIMENSIONS),
            default="indicator",
        ),
        "columns": control(
            "columns",
            "The dimension whose values are the columns.",
            Literal[DIMENSIONS],
            default="period",
        ),
    }

    @property
    def limit(self) -> None:
        """A table is whole."""
        return

    def scalar(self, name: str) -> Any:
        """The value of a parameter that takes one; of those that a table has not, None."""
        return super().scalar(name) if name in self.parameters else None


@router.get("/table", **documented(TableQuery, TableRow) | {"response_model": TablePage})
def get_table(request: Request) -> Response:
    """Get figures as a pivot: rows and columns of your choice, one value in each cell.

    Filters, units and `measure` are those of `/v1/statistics/series`. Years between the first and
    the last without a figure have a column as well. At most 10 000 figures.

    - the nation's figures by year:
      [/v1/statistics/table?scope=national&period_kind=year&nature=observed](/v1/statistics/table?scope=national&period_kind=year&nature=observed)
    - zones beside each other:
      [/v1/statistics/table?indicator=area&rows=zone&columns=coverage&unit=hectare](/v1/statistics/table?indicator=area&rows=zone&columns=coverage&unit=hectare)
    - a column for each indicator, a row for each year, as a spreadsheet draws it:
      [/v1/statistics/table?indicator=gdp&indicator=exports&rows=period&columns=indicator&unit=yi_yuan](/v1/statistics/table?indicator=gdp&indicator=exports&rows=period&columns=indicator&unit=yi_yuan)
    """
    query, _ = asked_series(request, TableQuery)

    def read() -> tuple[list[bytes], TableMeta, None]:
        rows, _, meta = pivot(query, _gathered(query))
        return [written(row).encode() for row in rows], meta, None

    form = form_of(query)
    if form == FORMATS["json"]:
        return answer_page(request, query, read)
    return answer_file(request, query, form, lambda: _file(query))


def _gathered(query: TableQuery) -> list[Row]:
    """Every series that is asked for; raises `InvalidValue` for more figures than a table has."""
    found, figures = [], 0
    for some in all_series(query):
        found += some
        figures += sum(len(one["observations"]) for one in some)
        if figures > MOST_FIGURES:
            message = f"A table has at most {MOST_FIGURES} figures; ask for fewer by a filter."
            raise InvalidValue(message, [Flaw(parameter="indicator", message=message)])
    return found


def pivot(query: TableQuery, series: Sequence[Row]) -> tuple[list[Row], list[Row], TableMeta]:
    """The rows of a table, its columns and what is told of it."""
    across, units = query.scalar("columns"), {one["unit"] for one in series if one["observations"]}
    mixed = across == "indicator" and len(units) > 1
    asked = [name for name in query.listed("rows") or ["indicator"] if name != across]
    along = [*asked, *(name for name in DIMENSIONS if name not in (*asked, across))]
    rows: dict[tuple[str, ...], Row] = {}
    columns: dict[str, Row] = {}
    order: dict[str, Any] = {}
    for one in series:
        for observation in one["observations"]:
            cell = {**one, "period": observation["period"]}
            start = observation["period_start"] or observation["period_end"] or ""
            keys = {name: _key(cell, name) for name in DIMENSIONS}
            order[keys["period"]] = (start, observation["period_end"] or "")
            columns.setdefault(keys[across], _column(cell, across, keys[across], mixed))
            key = tuple(keys[name] for name in along)
            row = rows.setdefault(key, _row(cell, along, key, None if mixed else one["unit"]))
            _fill(row, keys[across], observation)

    def place(name: str, value: str) -> Any:
        return order[value] if name == "period" else (value != "national", value)

    names = sorted(columns, key=lambda value: (place(across, value), value))
    ordered = sorted(
        rows, key=lambda key: [(place(n, k), k) for n, k in zip(along, key, strict=True)]
    )
    made = [rows[key] for key in ordered]
    for row in made:
        row["values"] = {name: row["values"].get(name) for name in names}
    differ = [
        name
        for at, name in enumerate(along)
        if name in asked or len({key[at] for key in ordered}) > 1
    ]
    page, shown = meta_of(query, len(made)), [columns[name] for name in names]
    told = page.model_dump(include={"undecided", "left_out", "release", "query", "returned"})
    return made, shown, TableMeta(**told, rows=differ, columns=[TableColumn(**c) for c in shown])


def _key(cell: Row, name: str) -> str:
    """The value of a dimension as a text: a reference by its id."""
    value = cell[name]
    if isinstance(value, dict):
        return f"{value['id']}"
    if value is None:
        return "national" if name == "zone" else "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _column(cell: Row, across: str, key: str, mixed: bool) -> Row:
    labels = cell[across] if isinstance(cell[across], dict) else {}
    named = {name: labels.get(name) for name in ("label_en", "label_zh")}
    return {"value": key, **named, "unit": cell["unit"] if mixed else None}


def _row(cell: Row, along: list[str], key: tuple[str, ...], unit: str | None) -> Row:
    dimensions = {name: cell[name] if name in along else None for name in DIMENSIONS}
    parts: Row = {name: {} for name in ("values", "figures", "comparators", "reasons")}
    return {"id": ".".join(key), **dimensions, "unit": unit, **parts}


def _fill(row: Row, column: str, observation: Row) -> None:
    """Put an observation into its cell."""
    row["values"][column] = observation["value"]
    if own := observation["statistic"] or observation["inputs"]:
        row["figures"][column] = own if isinstance(own, list) else [own]
    if observation["comparator"] not in (None, Comparator.EXACTLY):
        row["comparators"][column] = observation["comparator"]
    if observation["reason"]:
        row["reasons"][column] = observation["reason"]


def _file(query: TableQuery) -> Table:
    """The table flat: what tells rows apart, the unit, and a column for each column."""
    series = _gathered(query)
    rows, columns, meta = pivot(query, series)
    refs = ("indicator", "zone")
    head = [
        Column((name, part) if part else (name,), bool if name == "bound" else str)
        for name in meta.rows
        for part in (("id", "label_en", "label_zh") if name in refs else ("",))
    ]
    units = [Column(("unit",), str)] if any(row["unit"] for row in rows) else []
    cells = [
        Column(
            ("values", one["value"]),
            float,
            alias="_".join(filter(None, (one["value"], one["unit"]))),
        )
        for one in columns
    ]

    def chart() -> Lines | Bars:
        if "period" in (query.scalar("columns"), *meta.rows):
            return lines_of(query, series)
        return bars_of(query, rows, columns, query.scalar("columns"))

    told: Mapping[str, Any] = meta.model_dump(mode="json")
    return Table(
        "table",
        [*head, *units, *cells],
        [rows],
        lambda _: dict(told),
        bool(query.scalar("bom")),
        chart,
    )
