"""From series to the picture of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Literal

from sqlalchemy import Connection, select
from sqlmodel import col

from app.database import Release
from app.query.charts import Bars, Language, Line, Lines, Point
from app.query.parameters import Query, Row
from app.query.problems import Flaw, InvalidValue
from app.query.values import parse_span
from app.resources.shown import factors, scaled
from app.tables import Code
from app.vocabulary import Nature, PeriodKind

STYLES: Mapping[str, Literal["solid", "dashed", "dotted"]] = {
    Nature.OBSERVED: "solid",
    Nature.TARGET: "dashed",
    Nature.PLANNED: "dashed",
    Nature.FORECAST: "dotted",
}
READABLE: Mapping[tuple[str, str], Sequence[str]] = {
    ("CNY", "en"): ("trillion_yuan", "billion_yuan", "million_yuan"),
    ("CNY", "zh"): ("trillion_yuan", "yi_yuan", "wan_yuan"),
    ("USD", "en"): ("billion_dollars", "million_dollars"),
    ("USD", "zh"): ("billion_dollars", "million_dollars"),
}
"""The units in which people read large sums, the greatest first."""
WORDS = {
    "national": ("National high-tech zones", "国家高新区"),
    Nature.OBSERVED: ("observed", "实际"),
    Nature.TARGET: ("target", "目标"),
    Nature.FORECAST: ("forecast", "预测"),
    Nature.PLANNED: ("planned", "规划"),
    PeriodKind.YEAR: ("by year", "年度"),
    PeriodKind.MONTH: ("single months", "月份"),
    PeriodKind.DAY: ("single days", "时点"),
    PeriodKind.PART_OF_YEAR: ("parts of years", "年内时段"),
    PeriodKind.YEARS: ("several years", "多年"),
    PeriodKind.OPEN: ("open or approximate periods", "起止不详"),
    PeriodKind.NONE: ("no period given", "未注明时间"),
    "bound": ("bounds", "上下限"),
    "growth": ("growth over the year before", "同比增长"),
    "cagr": ("compound annual growth", "年均复合增长"),
    "share": ("share of the national figure", "占全国高新区比重"),
    "quantity": ("Figures", "数据"),
    "doubted": ("doubted", "存疑"),
}
"""What codes are called on a chart, in English and Chinese."""
_SHARED = ("indicator", "zone", "coverage", "nature", "period_kind", "bound")


def lines_of(query: Query, series: list[Row]) -> Lines:
    """The picture of series: one line each, in one unit; raises `InvalidValue` for several."""
    language: Language = query.scalar("lang") or "en"
    shown = [one for one in series if one["observations"]]
    codes = query.release.memo(_codes, _codes)
    unit = _readable(query, shown, _one_unit([one["unit"] for one in shown]), language)
    told = [{name: _said(one, name, language, codes) for name in _SHARED} for one in shown]
    same = [name for name in _SHARED if len({one[name] for one in told}) == 1]
    common = told[0] if told else dict.fromkeys(_SHARED, "")
    title = common["indicator"] if "indicator" in same else _word("quantity", language)
    subtitle = [common[name] for name in same if name != "indicator" and common[name]]
    if measure := query.scalar("measure"):
        subtitle.insert(0, _word(measure, language))
    documents = [ref["label_en"] for one in shown for ref in one["documents"]]
    return Lines(
        title=query.scalar("title") or title,
        subtitle=" · ".join(subtitle),
        unit=codes.get(("unit", unit), {}).get(language, unit),
        lines=[
            Line(
                label=" · ".join(one[n] for n in _SHARED if n not in same and one[n]) or title,
                points=[
                    _point(each, raw["unit"], unit, query.release) for each in raw["observations"]
                ],
                style=STYLES[raw["nature"]],
                family=".".join(raw["id"].split(".")[:3]),
            )
            for raw, one in zip(shown, told, strict=True)
        ],
        sources=[*_doubted(shown, language), *documents, f"Gaoxin {query.release.name}"],
        language=language,
    )


def _doubted(shown: list[Row], language: Language) -> Iterator[str]:
    """The figures that are shown though they are doubted."""
    for one in shown:
        for observation in one["observations"]:
            if observation["doubts"]:
                yield f"{_word('doubted', language)}: {observation['period']}"


def bars_of(query: Query, rows: list[Row], columns: list[Row], across: str) -> Bars:
    """The picture of a table without time: bars for each row, one for each column."""
    language: Language = query.scalar("lang") or "en"
    codes = query.release.memo(_codes, _codes)
    unit = _one_unit([one["unit"] for one in (*rows, *columns) if one["unit"]])
    own = [name for name in _SHARED if name != across]
    said = [[_said(row, name, language, codes) for name in own] for row in rows]
    differ = [len(set(of)) > 1 for of in zip(*said, strict=True)]
    told = [" · ".join(filter(None, compress(of, differ))) for of in said]
    titles = (
        [word for word, varies in zip(said[0], differ, strict=True) if not varies] if said else []
    )
    labels = [
        c[f"label_{language}"] or codes.get((across, c["value"]), {}).get(language) or c["value"]
        for c in columns
    ]
    return Bars(
        title=query.scalar("title")
        or " · ".join(filter(None, titles))
        or _word("quantity", language),
        subtitle="",
        unit=codes.get(("unit", unit), {}).get(language, unit),
        categories=told,
        parts=[
            (label, [row["values"][column["value"]] for row in rows])
            for label, column in zip(labels, columns, strict=True)
        ],
        sources=[f"Gaoxin {query.release.name}"],
        language=language,
        stacked=False,
    )


def _one_unit(units: Sequence[str]) -> str:
    """The unit of all; raises `InvalidValue` where they have several."""
    known = sorted(set(units))
    if len(known) > 1:
        message = f"A chart has one unit, and these have {len(known)}: {', '.join(known)}."
        raise InvalidValue(message, [Flaw(parameter="format", message=message, allowed=known)])
    return known[0] if known else ""


def _said(one: Row, name: str, language: Language, codes: Mapping[tuple[str, str], Row]) -> str:
    """What a dimension of a series is called."""
    value = one[name]
    if name == "bound":
        return _word("bound", language) if value else ""
    if name == "coverage":
        return "" if value == "whole" else f"{codes.get((name, value), {}).get(language, value)}"
    if name == "zone" and value is None:
        return _word("national", language)
    if isinstance(value, dict):
        return f"{value[f'label_{language}'] or value['label_en']}"
    return _word(value, language)


def _word(code: str, language: Language) -> str:
    return WORDS[code][language == "zh"]


def _codes(connection: Connection) -> dict[tuple[str, str], Row]:
    wanted = select(col(Code.scheme), col(Code.id), col(Code.label_en), col(Code.label_zh))
    rows = connection.execute(wanted.where(col(Code.scheme).in_(("coverage", "unit"))))
    return {
        (scheme, code): {"en": english, "zh": chinese} for scheme, code, english, chinese in rows
    }


def _readable(query: Query, shown: list[Row], own: str, language: Language) -> str:
    """The unit that is asked for, or the greatest one in which the largest value is above one."""
    largest = max((abs(o["value"] or 0) for one in shown for o in one["observations"]), default=0)
    for unit in () if query.scalar("unit") else READABLE.get((own, language), ()):
        if scaled(largest, factors(query.release, unit)[own]) >= 1:
            return unit
    return own


def _point(observation: Row, own: str, unit: str, release: Release) -> Point:
    value = observation["value"]
    if value is not None and own != unit:
        value = scaled(value, factors(release, unit)[own])
    # Without a period it stands at the date of its source, which may be no more than a year.
    said = parse_span(observation["as_of"]) if observation["as_of"] else None
    return Point(
        start=said.start if said else observation["period_start"],
        end=said.end if said else observation["period_end"],
        label=observation["period"] or observation["as_of"] or "",
        value=value,
        comparator=observation["comparator"] or "exactly",
    )
