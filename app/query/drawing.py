"""Lines and bars on cards: what each mark looks like, where it stands and how it is named."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from app.query.cards import EDGE, GRID, SOFT, WIDTH, Card, settings, width_of, wrap
from app.query.charts import Bars, Chart, Language, Line, Lines, Point, number, say

MOST_LINES, MOST_PARTS, MOST_BARS = 12, 7, 100
COLOURS = ("#0072b2", "#c44e00", "#007a58", "#cc79a7", "#332288", "#5a3e1b", "#1f2328")
"""After Okabe and Ito: each stands out from white, and from the others without red or green."""
MARKERS = ("o", "s", "P", "X", "*", "h")
HATCHES = ("", "//", "\\\\", "--", "xx", "||", "++")
DASHES = {"solid": "-", "dashed": (0, (5, 3)), "dotted": (0, (1, 2))}
SIGNS = {"about": "≈", "over": ">", "at_least": "≥", "under": "<", "at_most": "≤"}
KINDS = {"over": "lower", "at_least": "lower", "under": "upper", "at_most": "upper"}
"""The kind of mark of a comparator, where it is not named like it."""


def draw(chart: Chart) -> bytes:
    """An SVG document, the same bytes for the same chart."""
    with settings():
        card = Card(chart)
        if isinstance(chart, Lines):
            _draw_lines(card, chart)
        else:
            _draw_bars(card, chart)
        return card.save()


@dataclass(frozen=True)
class _Drawn:
    """A line as it is drawn: its points that have a place, and how it looks."""

    line: Line
    places: list[tuple[float, Point]]
    color: str
    marker: str

    @property
    def known(self) -> list[tuple[float, float, Point]]:
        """Its places and values."""
        return [(x, p.value, p) for x, p in self.places if p.value is not None]

    @property
    def is_broken(self) -> bool:
        """Whether there is a gap between two of its values."""
        return " " in "".join(" " if p.value is None else "x" for _, p in self.places).strip()

    @property
    def kinds(self) -> dict[str, list[tuple[float, float]]]:
        """The places of its marks by what they look like."""
        found: dict[str, list[tuple[float, float]]] = {}
        for x, y, point in self.known:
            found.setdefault(KINDS.get(point.comparator, point.comparator), []).append((x, y))
        return found

    def look(self, kind: str = "exactly") -> dict[str, Any]:
        """How its marks of a kind look."""
        return _look(self.color, self.marker, kind, hollow=self.line.style != "solid")


def _look(color: str, marker: str, kind: str, hollow: bool = False) -> dict[str, Any]:
    """How a mark looks: a bound points to where the value may be, what is not exact is hollow."""
    marker = {"lower": "^", "upper": "v"}.get(kind, marker)
    hollow = hollow or kind == "about"
    return {
        "marker": marker,
        "markersize": 10.5 if marker == "*" else 8.5 if marker in "^vXPp" else 6.5,
        "markerfacecolor": "white" if hollow else color,
        "markeredgecolor": color if hollow else "white",
        "markeredgewidth": 1.6 if hollow else 0.8,
    }


def _prepare(lines: Sequence[Line]) -> list[_Drawn]:
    """Those lines that have a value to show, with their colours and markers."""
    found: list[_Drawn] = []
    colors: dict[str, str] = {}
    for line in lines:
        places = [(x, point) for point in line.points if (x := _when(point)) is not None]
        if any(point.value is not None for _, point in places):
            next_color = COLOURS[len(colors) % len(COLOURS)]
            color = colors.setdefault(line.family or f"\0{len(found)}", next_color)
            marker = MARKERS[len(found) % len(MARKERS)]
            marker = {"dashed": "D", "dotted": "p"}.get(line.style, marker)
            found.append(_Drawn(line, places, color, marker))
    return found


def _when(point: Point) -> float | None:
    """The middle of its period in years, or the day that is known of it."""
    days = [date.fromisoformat(day) for day in (point.start, point.end) if day]
    if len(days) == 2:
        return (_years(days[0]) + _years(days[1] + timedelta(1))) / 2
    return _years(days[0]) if days else None


def _years(day: date) -> float:
    """A day as a year and the part of it that has gone by."""
    first, after = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - first) / (after - first)


def _draw_lines(card: Card, chart: Lines) -> None:
    """Values over time, each line named at its end."""
    every = _prepare(chart.lines)
    drawn = every[:MOST_LINES]
    card.head(len(every) - len(drawn))
    if not drawn:
        card.nothing()
        return
    values = [y for one in drawn for _, y, _ in one.known]
    low, high = min(values), max(values)
    left = _values_axis(card, 0 if 0 <= low < 0.6 * high else low, high)
    each = len({one.color for one in drawn}) == 1 and len(values) <= 14  # room for every value
    ends = [_end(one, "" if each else chart.language) for one in drawn]
    names = [wrap(end, 140, 12.5, 3) for end in ends]
    if len(drawn) == 1 and drawn[0].line.label.casefold() in chart.title.casefold():
        names = [[]]
    heights = [15.0 * len(name) + 4 for name in names]
    room = max((30 + width_of(text, 12.5) for name in names for text in name), default=4)
    card.plot(left, EDGE + room, max(250, sum(heights)))
    _time_axis(card, [place for one in drawn for place in one.places])
    _name(card, drawn, names, heights)
    for at, one in enumerate(drawn):
        _draw_line(card, one, f"line-{at}")
    if each:
        _write_values(card, drawn)
    card.y += 28
    card.key(list(_marks(drawn, chart.language)))


def _draw_line(card: Card, one: _Drawn, gid: str) -> None:
    """Its course, broken at gaps, and its marks, one group for each kind."""
    xs = [x for x, _ in one.places]
    ys = [float("nan") if point.value is None else point.value for _, point in one.places]
    observed = one.line.style == "solid"
    style = {"color": one.color, "lw": 2 if observed else 1.6, "ls": DASHES[one.line.style]}
    card.axes.plot(xs, ys, gid=gid, clip_on=False, zorder=3 + observed, **style)  # type: ignore[arg-type]
    for kind, marks in one.kinds.items():
        style = {"ls": "", "zorder": 3.5 + observed, **one.look(kind)}
        xs, ys = map(list, zip(*marks, strict=True))
        card.axes.plot(xs, ys, gid=f"{gid}-{kind}", clip_on=False, **style)  # type: ignore[arg-type]


def _end(one: _Drawn, language: Language | Literal[""]) -> str:
    """What stands at the end of a line: its name and, in a language, its last value."""
    last = _written(one.known[-1][2])
    return say("end", language, one.line.label, last) if language else one.line.label


def _written(point: Point) -> str:
    """A value as it is written beside its mark."""
    sign = SIGNS.get(point.comparator, "")
    return sign + "\u2009" * len(sign) + number(point.value or 0)


def _name(
    card: Card, drawn: Sequence[_Drawn], names: Sequence[list[str]], heights: Sequence[float]
) -> None:
    """Names beside the ends of lines, as near to them as they can be without touching."""
    left, top, width, height = card.box
    edge = left + width
    ends = [card.at(*one.known[-1][:2]) for one in drawn]
    order = sorted((at for at in range(len(drawn)) if names[at]), key=lambda at: ends[at][1])
    sizes = [heights[at] for at in order]
    centres = spread([ends[at][1] for at in order], sizes, top, top + height)
    for at, centre in zip(order, centres, strict=True):
        color, (x, y) = drawn[at].color, ends[at]
        leader = Line2D([x + 6, edge + 4, edge + 14], [y, y, centre], color=color, lw=0.7)
        leader.set(alpha=0.45, visible=x > edge - 0.2 * width or len(drawn) <= 6)
        last = drawn[at].known[-1][2].comparator
        mark = Line2D([edge + 20], [centre], **drawn[at].look(KINDS.get(last, last)))
        for line in leader, mark:
            line.set_transform(card.down)
            card.figure.add_artist(line)
        for row, text in enumerate(names[at], 1):
            base = centre - heights[at] / 2 + 15 * row - 1.5
            card.write(edge + 30, base, text, 12.5)


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres near those wanted, in the same order, of things that must not touch."""
    centres: list[float] = []
    for want, size in zip(wanted, sizes, strict=True):
        centres.append(max(want, low + size / 2))
        low = centres[-1] + size / 2
    for at in reversed(range(len(centres))):
        centres[at] = min(centres[at], high - sizes[at] / 2)
        high = centres[at] - sizes[at] / 2
    return centres


def _write_values(card: Card, drawn: Sequence[_Drawn]) -> None:
    """Each value beside its mark, the highest first, where nothing else is."""
    marks = [(*card.at(x, y), _written(point)) for one in drawn for x, y, point in one.known]
    taken = [(x, y, 5.0, 5.0) for x, y, _ in marks]  # centres and half sizes
    for one in drawn:
        for (x, first), (to, second) in zip(one.places, one.places[1:], strict=False):
            if first.value is not None and second.value is not None:
                (x, y), (to, end) = card.at(x, first.value), card.at(to, second.value)
                shares = [step / 24 for step in range(25)]
                taken += [(x + of * (to - x), y + of * (end - y), 2, 2) for of in shares]
    for x, y, text in sorted(marks, key=lambda mark: mark[1]):
        half = width_of(text, 11.5) / 2
        aside = half + 5
        for right, down in (
            (0, -14),
            (0, 15),
            (-aside, -12),
            (aside, 12),
            (aside, -12),
            (-aside, 12),
        ):
            box = (x + right, y + down, half, 5)
            if not any(_touch(box, other) for other in taken):
                taken.append(box)
                card.write(x + right, y + down + 4, text, 11.5, ha="center")
                break


def _touch(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(one[i] - other[i]) < one[i + 2] + other[i + 2] for i in (0, 1))


def _marks(drawn: Sequence[_Drawn], language: Language) -> Iterator[tuple[Artist, str]]:
    """The marks that occur and are not plain, explained."""
    found = {of for one in drawn for of in (one.line.style, *one.kinds, "gap" * one.is_broken)}
    if not any("about" in one.kinds for one in drawn if one.line.style == "solid"):
        found.discard("about")  # what is not observed is hollow anyway
    for key in ("dashed", "dotted", "lower", "upper", "about", "gap"):
        if key in found:
            marker = {"dashed": "D", "dotted": "p", "gap": ""}.get(key, "o")
            look = _look(SOFT, marker, key, hollow=key in DASHES) if marker else {}
            middle = 0 if marker else float("nan")
            sample = Line2D([0, 8, 10, 12, 20], [0, 0, middle, 0, 0], color=SOFT, lw=1.6, **look)
            sample.set(linestyle=DASHES.get(key, "" if marker else "-"), markevery=[2])
            yield sample, say(key, language)


def _time_axis(card: Card, places: Sequence[tuple[float, Point]]) -> None:
    """Years below their middles; the labels of the periods where all lie within two years."""
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    whole = all(abs(x % 1 - 0.5) < 0.01 for x, _ in places)
    pad = max(0.03 * (east - west), 0.35) if whole else 0.08 * (east - west) or 0.1
    pad = min(pad, 1)
    card.axes.set_xlim(west - pad, east + pad)
    labels: dict[float, str] = {}
    if whole or east - west > 2:
        step = _step(card.box[2] / (east - west + 2 * pad))
        years = [year for year in range(int(west), int(east) + 1) if year % step == 0]
        labels = {year + 0.5: str(year) for year in years}
        if not whole and step == 1:
            card.axes.set_xticks([*years, years[-1] + 1], minor=True)  # where years begin
    else:
        free = float(WIDTH)
        for x, point in sorted(places, key=lambda place: -place[0]):
            middle, half = card.at(x, 0)[0], width_of(point.label, 12) / 2
            if middle + half <= free and x not in labels:
                labels[x] = point.label
                free = middle - half - 8
    card.axes.set_xticks(list(labels), list(labels.values()))
    card.axes.tick_params(axis="x", length=4, pad=6)
    card.axes.tick_params(axis="x", which="minor", length=8, color=SOFT)


def _step(room: float) -> int:
    """How many years there are from one label to the next, if a year has so much room."""
    return next(years for years in (1, 2, 5, 10, 20, 50, 100, 1000) if years * room >= 38)


def _values_axis(card: Card, low: float, high: float, upright: bool = True) -> float:
    """Gives an axis its ticks, limits and grid; tells how far the labels reach in from the left."""
    if low == high:
        low, high = min(low, 0), max(high, 0) or float(not low)
    if upright:
        room = 0.06 * (high - low)  # for what is written above and below
        low, high = low - room * (low < 0), high + room
    ticks = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    exact = [f"{tick:.12g}" for tick in ticks]
    digits = max(len(of.partition(".")[2]) for of in exact)
    labels = [f"{float(of):,.{digits}f}".replace("-", "−") for of in exact]
    axes, bottom, top = card.axes, float(exact[0]), float(exact[-1])
    axis = axes.yaxis if upright else axes.xaxis
    axis.set_ticks([float(of) for of in exact], labels=labels)
    axis.grid(color=GRID, linewidth=1)
    axes.set(**{"ylim" if upright else "xlim": (bottom, top), "axisbelow": True})
    axes.tick_params(axis="both", labelsize=12, labelcolor=SOFT, color=GRID, length=0)
    axes.spines[:].set_visible(False)
    base = bottom if bottom > 0 else min(0, top)
    (axes.axhline if upright else axes.axvline)(base, color=SOFT, linewidth=1, zorder=1.5)
    return EDGE + max(width_of(label, 12) for label in labels) + 8


_Ends = Sequence[Sequence[float | None]]
"""For each row of bars in a category, where they end."""
_Place = Callable[[float, float, float, float], Rectangle]
"""A bar from its side, base, thickness and length."""


def _draw_bars(card: Card, chart: Bars) -> None:
    """Bars from zero: upright for years and a few short names, else lying one under another."""
    names = chart.categories[:MOST_BARS]
    parts = [(name, values[:MOST_BARS]) for name, values in chart.parts]
    known = [value for _, values in parts for value in values if value is not None]
    stacked = len(parts) == 1 or (chart.stacked and min(known, default=0) >= 0)
    if len(parts) > MOST_PARTS and stacked:
        rest = [values for _, values in parts[MOST_PARTS - 1 :]]
        others = say("others", chart.language, len(rest))
        parts[MOST_PARTS - 1 :] = [(others, [_sum(of) for of in zip(*rest, strict=True)])]
    card.head(len(chart.categories) - len(names) + len(parts[MOST_PARTS:]))
    if not known:
        card.nothing()
        return
    rows = [values for _, values in parts[:MOST_PARTS]]
    if len(rows) > 1:
        card.key(
            [(_dress(Rectangle((0, -7), 20, 11), at), parts[at][0]) for at in range(len(rows))]
        )
        card.y += 10
    ends = [[_sum(of) for of in zip(*rows, strict=True)]] if stacked else rows
    reach = [0.0, *(value for of in ends for value in of if value is not None)]
    place = (_upright if _fit(names) else _lying)(card, names, ends, min(reach), max(reach))
    thick = 0.74 / len(ends)
    for at in range(len(names)):
        base = 0.0
        for part, values in enumerate(rows):
            side = at + ((0 if stacked else part) - len(ends) / 2) * thick
            bar = _dress(place(side, base, thick, values[at] or 0), part)
            bar.set(gid=f"part-{part}-{at}", visible=bool(values[at]))
            card.axes.add_patch(bar)
            base += (values[at] or 0) * stacked


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum of those that are known, if any is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _dress(bar: Rectangle, part: int) -> Rectangle:
    """A bar in the colour and hatching of its part."""
    bar.set(fc=COLOURS[part], hatch=HATCHES[part], ec="#ffffff90", lw=0.8)
    return bar


def _fit(names: Sequence[str]) -> bool:
    """Whether names go under upright bars: years, or few and short."""
    if all(re.fullmatch(r"\d{4}", name) for name in names):
        return len(names) <= 60
    slot = (WIDTH - 2 * EDGE - 50) / len(names) - 6
    lines = [wrap(name, slot, 12, 3) for name in names]
    fits = all(len(of) < 3 and max(width_of(line, 12) for line in of) <= slot for of in lines)
    return fits and len(names) <= 12


def _upright(card: Card, names: Sequence[str], ends: _Ends, low: float, high: float) -> _Place:
    """Upright bars, with names below and values above where they fit."""
    left = _values_axis(card, low, high)
    card.axes.set(xlim=(-0.5, len(names) - 0.5), xticks=[])
    card.plot(left, EDGE, 250)
    slot = card.box[2] / len(names)
    step = _step(slot) if len(names) > 12 else 1
    lines = [wrap(name, slot - 4, 12, 2) if step == 1 else [name] for name in names]
    for at, of in enumerate(lines):
        for row, text in enumerate(of if step == 1 or int(names[at]) % step == 0 else (), 1):
            card.write(card.at(at, 0)[0], card.y + 3 + 15 * row, text, 12, color=SOFT, ha="center")
    card.y += 9 + 15 * max(map(len, lines))
    values = [of for of in _written_ends(ends) if len(names) <= 12 or of[2] != "0"]
    if all(width_of(text, 11) < slot / len(ends) for _, _, text in values):
        for middle, value, text in values:
            x, y = card.at(middle, value)
            card.write(x, y - 5 if value >= 0 else y + 13, text, 11, ha="center")
    return lambda side, base, thick, long: Rectangle((side, base), thick, long)


def _lying(card: Card, names: Sequence[str], ends: _Ends, low: float, high: float) -> _Place:
    """Lying bars, with names before and values behind them."""
    _values_axis(card, low, high, upright=False)
    card.axes.set(ylim=(len(names) - 0.5, -0.5), yticks=[])
    card.axes.tick_params(axis="x", labeltop=True, labelbottom=False)
    lines = [wrap(name, 180, 12.5, 2) for name in names]
    row = max(7 + 14 * max(map(len, lines)), 14 * len(ends) + 8)
    values = list(_written_ends(ends))
    behind = max(width_of(text, 11.5) for _, _, text in values) + 8
    before = EDGE + max(width_of(text, 12.5) for of in lines for text in of)
    card.y += 0 if card.chart.unit else 14
    card.plot(before + 10 + behind * (low < 0), EDGE + behind, row * len(names))
    for at, of in enumerate(lines):
        for up, text in enumerate(of):
            base = card.at(0, at)[1] + 4.5 + (up - (len(of) - 1) / 2) * 15
            card.write(before, base, text, 12.5, ha="right")
    for middle, value, text in values:
        x, y = card.at(value, middle)
        card.write(
            x + (5 if value >= 0 else -5), y + 4, text, 11.5, ha="right" if value < 0 else "left"
        )
    card.y += 6
    return lambda side, base, thick, long: Rectangle((base, side), long, thick)


def _written_ends(ends: _Ends) -> Iterator[tuple[float, float, str]]:
    """The middle and the end of each bar or stack, and what is written there."""
    for row, values in enumerate(ends):
        for at, value in enumerate(values):
            middle = at + (row - (len(ends) - 1) / 2) * 0.74 / len(ends)
            yield middle, value or 0, "–" if value is None else number(value)
