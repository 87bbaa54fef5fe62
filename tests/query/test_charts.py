"""A chart is one document that says in marks, and again in words, just what it was given."""

import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")

from app.query import cards, drawing
from app.query.charts import Bars, Chart, Line, Lines, Point, describe, draw, number

SVG = "{http://www.w3.org/2000/svg}"


def year(of: int, value: float | None, comparator: str = "exactly") -> Point:
    return Point(f"{of}-01-01", f"{of}-12-31", str(of), value, comparator)


OBSERVED = Line("Sold", [year(2019, 5), year(2020, None), year(2021, 7.25, "over")], family="s")
TARGET = Line("Sold, target", [year(2025, 20, "about")], "dashed", "s")
LINES = Lines("Books <&> more", "All shops", "million", [OBSERVED, TARGET], ["A & B", "C"])
BARS = Bars("Books", "", "", ["noir", "haiku"], [("", [3, None])], ["A"])


def tree(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(draw(chart))


def texts(chart: Chart) -> str:
    """All that is written in a chart, one text a line."""
    return "\n".join(of.text or "" for of in tree(chart).iter(f"{SVG}text"))


def group(chart: Chart, gid: str) -> str:
    """The group of that id as text, or nothing."""
    found = tree(chart).find(f".//{SVG}g[@id='{gid}']")
    return "" if found is None else ElementTree.tostring(found, "unicode")


def of_years(values: Sequence[float | None], **more: Any) -> Lines:
    points = [year(2000 + at, value) for at, value in enumerate(values)]
    return Lines("T", "", "", [Line("one", points)], [], **more)


def bars(values: Sequence[float | None], names: Sequence[str], **more: Any) -> Bars:
    return Bars("T", "", "", names, [("", values)], [], **more)


@pytest.mark.parametrize(
    "chart", [LINES, BARS, of_years([]), replace(BARS, categories=[], parts=[])]
)
def test_a_document_that_names_itself_and_scales(chart: Chart) -> None:
    root = tree(chart)
    title, told = root[0], root[1]
    assert (title.tag, told.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], told.attrib["id"]]
    assert (title.text, told.text) == (chart.title, describe(chart))
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"


def test_it_stands_alone_and_runs_nothing() -> None:
    text = draw(LINES).decode()
    links = re.findall(r"(?:href|src)\s*=\s*\"(.)", text)
    assert set(links) <= {"#"}
    assert "<script" not in text
    assert "<!DOCTYPE" not in text
    assert not re.search(r"url\((?!#)|@import|<image|<metadata", text)


def test_the_same_chart_is_the_same_bytes_in_any_thread(caplog: pytest.LogCaptureFixture) -> None:
    charts: list[Chart] = [LINES, BARS, of_years([1, 2], language="zh"), replace(LINES, title="书")]
    once = [draw(chart) for chart in charts]
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(draw, charts * 4))
    assert again == once * 4
    assert not [of for of in caplog.records if of.levelno >= logging.WARNING]  # about fonts


def test_settings_of_the_process_are_as_before() -> None:
    from matplotlib import rcParams

    before = dict(rcParams)
    draw(LINES)
    assert dict(rcParams) == before


def test_what_is_not_plain_looks_otherwise() -> None:
    assert "dasharray" not in group(LINES, "line-0")
    assert "dasharray" in group(LINES, "line-1")
    assert len(re.findall("<svg:use|<ns0:use", group(LINES, "line-0-exactly"))) == 1
    marks = [group(LINES, f"line-0-{kind}") for kind in ("exactly", "lower")]
    assert len({re.sub('#m\\w+|id="\\w+"', "", mark) for mark in marks}) == 2
    assert "fill: #ffffff" in group(LINES, "line-1-about")
    assert "fill: #ffffff" not in group(LINES, "line-0-exactly").replace("stroke: #ffffff", "")
    written = texts(LINES)
    for text in ("target or planned", "at least, or more than", "line broken: no value"):
        assert text in written
    assert ">\u20097.25" in written
    assert "≈\u200920" in written


def test_a_gap_breaks_the_line() -> None:
    def moves(chart: Lines) -> int:
        path = re.search(r' d="([^"]*)"', group(chart, "line-0"))
        return path[1].count("M") if path else 0

    assert moves(of_years([1, 2, 3, 4])) == 1
    assert moves(of_years([1, 2, None, 3, 4])) == 2
    assert "line broken" not in texts(of_years([None, 1, 2, None]))


def test_lines_of_a_family_share_a_colour_and_others_none() -> None:
    def color(gid: str) -> str:
        found = re.search("stroke: (#\\w+)", group(chart, gid))
        return found[1] if found else ""

    point = [year(2020, 1), year(2021, 2)]
    lines = [Line("a", point, family="f"), Line("b", point), Line("c", point, "dotted", "f")]
    chart = replace(LINES, lines=lines)
    assert color("line-0") == color("line-2") != color("line-1")


def test_twelve_lines_are_shown_and_the_rest_counted() -> None:
    lines = [Line(f"line {at}", [year(2020, at), year(2021, 2 * at)]) for at in range(15)]
    chart = replace(LINES, lines=lines)
    assert "All shops · 3 more not shown" in texts(chart)
    assert group(chart, "line-11")
    assert not group(chart, "line-12")
    assert "line 14: 14 (2020)" in describe(chart)


def test_words_tell_the_data() -> None:
    assert describe(LINES) == (
        "All shops. Unit: million. Sold: 5 (2019); more than 7.25 (2021); no value for 2020. "
        "Sold, target (target or planned): about 20 (2025)."
    )
    assert "4 values, from 1 (2000) to 2 (2003); lowest 1 (2000), highest 9 (2002)." in describe(
        of_years([1, 3, 9, 2])
    )
    assert describe(replace(BARS, language="zh")) == "Books：3（noir）；haiku无数值。"
    assert describe(of_years([], language="zh")) == "one：无数值。"


def test_text_is_text_and_is_no_markup() -> None:
    risky = "<b>&\"'$x_1$]]>\x00\ud800"
    chart = replace(LINES, title=risky, lines=[replace(OBSERVED, label=risky), TARGET])
    chart = replace(chart, sources=[risky])
    assert texts(chart).count("<b>&\"'$x_1$]]>") == 3


def test_a_chinese_character_is_as_wide_as_high() -> None:
    assert cards.width_of("高新区", 10) == 30
    assert cards.width_of("zones", 10) < 30
    lines = cards.wrap("国家高新技术产业开发区，营业收入", 60, 10, 5)
    assert [len(line) for line in lines] == [6, 6, 4]
    assert not any(line.startswith("，") for line in lines)
    assert cards.wrap("one two three four", 40, 10, 2) == ["one two", "three…"]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_to_draw_is_said(values: Sequence[float | None]) -> None:
    names = ["a"] * len(values)
    assert "Nothing to draw" in texts(of_years(values))
    assert "没有可绘制的数值。" in texts(bars(values, names, language="zh"))


@pytest.mark.parametrize(
    "values", [[0], [5], [-5], [7, 7], [-3, 4], [0.0001, 0.0002], [1e12, 9e12]]
)
def test_any_values_have_a_place(values: Sequence[float]) -> None:
    assert "nan" not in draw(of_years(values)).decode().lower()
    assert group(of_years(values), "line-0-exactly")
    assert "nan" not in draw(bars(values, ["a", "b"][: len(values)])).decode().lower()


def test_open_and_short_periods_stand_where_they_are() -> None:
    points = [
        Point(None, "2021-03-31", "../2021-03", 1),
        Point("2021-06-15", "2021-06-15", "2021-06-15", 2),
        Point("2021-09-01", None, "2021-09/..", 3),
        Point(None, None, "some day", 4),
    ]
    written = texts(replace(LINES, lines=[Line("one", points)]))
    assert all(point.label in written for point in points[:3])
    assert "some day" not in written


def test_bars_stand_up_for_years_and_lie_for_long_names() -> None:
    years = [str(of) for of in range(1988, 2024)]
    assert "1990\n1995" in texts(bars([1] * 36, years))
    long = ["a name that is far too long to stand under a bar", *"bcdefghijklmn"]
    first = texts(bars(range(1, 15), long)).splitlines()
    assert "a name that is far too long to" in first


def test_parts_add_up_unless_they_cannot() -> None:
    parts: list[tuple[str, Sequence[float | None]]] = [("x", [1, 2]), ("y", [3, None])]
    chart = replace(BARS, parts=parts)
    assert {"4", "2"} <= set(texts(chart).splitlines())
    beside = texts(replace(chart, stacked=False)).splitlines()
    assert {"1", "2", "3", "–"} <= set(beside)
    assert {"x", "y"} <= set(beside)
    below = replace(chart, parts=[("x", [1, 2]), ("y", [-3, 1])])
    assert {"−3", "2"} <= set(texts(below).splitlines())
    many = replace(chart, parts=[(f"p{at}", [1, 1]) for at in range(11)])
    assert "5 others" in texts(many)
    assert "11" in texts(many).splitlines()


def test_sources_take_three_lines_at_most() -> None:
    chart = replace(
        LINES, sources=[f"a source with a rather long name, number {at}" for at in range(40)]
    )
    *_, last = texts(chart).splitlines()
    assert re.search(r"; and \d+ more$", last)
    assert texts(chart).count("rather long") < 12
    assert texts(replace(LINES, sources=["A", "A"])).endswith("Sources: A")


def test_things_that_must_not_touch() -> None:
    assert drawing.spread([10, 11, 12], [10, 10, 10], 0, 100) == [10, 20, 30]
    assert drawing.spread([98, 99], [10, 10], 0, 100) == [85, 95]


def test_numbers() -> None:
    of = [number(value) for value in (1234567, 0.000123456, -1.5, 14.95478, 169.0, 0)]
    assert of == ["1,234,567", "0.0001235", "−1.5", "14.95", "169", "0"]
