"""Charts: what one shows, as data and in words; `drawing` makes the picture of it.

The words are the picture for those who cannot see it: they name what the marks name, bounds,
targets and gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Point:
    """A value of a period; without a value it is a gap, where the line is broken."""

    start: str | None
    """The first day of the period; this or the last may be missing where it is open."""
    end: str | None
    label: str
    value: float | None
    comparator: str = "exactly"
    """Or about, over, at_least, under, at_most."""


@dataclass(frozen=True)
class Line:
    """Values in the order of their periods."""

    label: str
    points: Sequence[Point]
    style: Literal["solid", "dashed", "dotted"] = "solid"
    """Observed; a target or planned; a forecast."""
    family: str = ""
    """Lines of one family share a colour, such as a quantity observed and its target."""


@dataclass(frozen=True)
class Lines:
    """Values over time."""

    title: str
    subtitle: str
    unit: str
    lines: Sequence[Line]
    sources: Sequence[str]
    language: Language = "en"


@dataclass(frozen=True)
class Bars:
    """Counts or values by category: one part is plain bars, several are stacked or side by side."""

    title: str
    subtitle: str
    unit: str
    categories: Sequence[str]
    parts: Sequence[tuple[str, Sequence[float | None]]]
    sources: Sequence[str]
    language: Language = "en"
    stacked: bool = True
    """Whether parts add up; they stand side by side if not, and where one is below zero."""


Chart = Lines | Bars


def draw(chart: Chart) -> bytes:
    """An SVG document, the same bytes for the same chart; needs the extra `svg`."""
    from app.query import drawing

    return drawing.draw(chart)


_WORDS = {
    "dashed": ("target or planned", "目标或规划"),
    "dotted": ("forecast", "预测"),
    "about": ("about", "约"),
    "lower": ("at least, or more than", "不低于或超过"),
    "upper": ("at most, or less than", "不超过或低于"),
    "gap": ("line broken: no value", "断线：无数值"),
    "nothing": ("Nothing to draw: no value is known.", "没有可绘制的数值。"),
    "hidden": ("{} more not shown", "另有 {} 项未显示"),
    "others": ("{} others", "其他 {} 项"),
    "sources": ("Sources: {}", "来源：{}"),
    "and": ("{}; and {} more", "{}；等另外 {} 项"),
    " ": (" ", ""),
    ";": ("; ", "；"),
    "said": ("{}.", "{}。"),
    "is exactly": ("{}", "{}"),
    "is about": ("about {}", "约{}"),
    "is over": ("more than {}", "超过{}"),
    "is at_least": ("at least {}", "不低于{}"),
    "is under": ("less than {}", "低于{}"),
    "is at_most": ("at most {}", "不超过{}"),
    "in": ("{} ({})", "{}（{}）"),
    "unit": ("Unit: {}.", "单位：{}。"),
    "of": ("{}: {}.", "{}：{}。"),
    "end": ("{}: {}", "{}：{}"),
    "named": ("{} ({})", "{}（{}）"),
    "none": ("no value", "无数值"),
    "no value": ("no value for {}", "{}无数值"),
    "course": ("{} values, from {} to {}", "{}个数值，自{}至{}"),
    "range": ("lowest {}, highest {}", "最低{}，最高{}"),
}
"""What a chart says itself, in English and in Chinese."""


def say(key: str, language: Language, *values: object) -> str:
    """A text of a chart's own, with values in it."""
    return _WORDS[key][language == "zh"].format(*values)


def number(value: float, digits: int = 4) -> str:
    """A number with commas; if it is not whole, to some significant digits."""
    if value % 1:
        value = round(value, max(0, digits - 1 - floor(log10(abs(value)))))
    return f"{value:,.15g}".replace("-", "−")


def describe(chart: Chart) -> str:
    """What a chart shows: of each line or part its ends, extremes and gaps."""
    language = chart.language
    told = _lines(chart) if isinstance(chart, Lines) else _bars(chart)
    head = [say("said", language, chart.subtitle.rstrip(".。"))] if chart.subtitle else []
    head += [say("unit", language, chart.unit)] if chart.unit else []
    return say(" ", language).join([*head, *(told or [say("nothing", language)])])


def _lines(chart: Lines) -> list[str]:
    told = []
    for line in chart.lines:
        name = line.label
        if line.style != "solid":
            name = say("named", chart.language, name, say(line.style, chart.language))
        told.append(_tell(name, line.points, chart.language))
    return told


def _bars(chart: Bars) -> list[str]:
    told = []
    for name, values in chart.parts:
        points = [Point(None, None, *of) for of in zip(chart.categories, values, strict=True)]
        told.append(_tell(name or chart.title, points, chart.language, in_order=False))
    return told if chart.categories else []


def _tell(name: str, points: Sequence[Point], language: Language, in_order: bool = True) -> str:
    """One line or part in words: every value of a few, else what stands out."""

    def at(point: Point) -> str:
        value = say(f"is {point.comparator}", language, number(point.value or 0, 12))
        return say("in", language, value, point.label)

    known = [point for point in points if point.value is not None]
    gaps = [point.label for point in points if point.value is None]
    if len(known) <= (3 if in_order else 12):
        said = [at(point) for point in known] or [say("none", language)]
    else:
        low, *_, high = sorted(known, key=lambda point: point.value or 0)
        said = [say("range", language, at(low), at(high))]
        if in_order:
            said.insert(0, say("course", language, len(known), at(known[0]), at(known[-1])))
    if gaps and known:
        said.append(say("no value", language, ", ".join(gaps)))
    return say("of", language, name, say(";", language).join(said))
