"""A white card with a title, room for a plot, and sources, which is written as SVG by matplotlib.

A card is laid out from the top in pixels. Widths of text are reckoned here and never measured: the
reader's fonts are not the server's, which may have none for Chinese.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from threading import Lock
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Affine2D

from app.query.charts import Chart, describe, say

WIDTH, EDGE = 560, 20
INK, SOFT, GRID = "#1f2328", "#57606a", "#dfe3e8"
_FONTS = (
    "'Helvetica Neue', Arial, 'Noto Sans', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'WenQuanYi Micro Hei', sans-serif"
)
_FONT = "DejaVu Sans"
"""What comes with matplotlib, for what it asks of a font; the reader's are named at the root."""
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "chart",
    "text.parse_math": False,
    "font.family": _FONT,
    "hatch.linewidth": 0.8,
}
_ONE_AT_A_TIME = Lock()
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_WORD = re.compile(rf"\s*([{_WIDE}][、-】，．：；！？）]*|[^\s{_WIDE}]{{1,22}})", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@contextmanager
def settings() -> Iterator[None]:
    """What cards need of matplotlib's settings, which are the process's: one thread at a time."""
    with _ONE_AT_A_TIME, rc_context(_SETTINGS):  # type: ignore[arg-type]
        yield


def width_of(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is about, in pixels: a Chinese character is as wide as it is high."""
    ems = 0.0
    for character in text:
        if east_asian_width(character) in "WF":
            ems += 1
        elif character in "iljtfrI.,:;'|!()[] -\u00a0\u2009":
            ems += 0.32
        else:
            ems += 0.7 if character.isupper() or character in "mw%≈≥≤<>−" else 0.56
    return ems * size * (1.06 if bold else 1)


def wrap(text: str, width: float, size: float, most: int, bold: bool = False) -> list[str]:
    """A text in at most so many lines of a width; the last ends in `…` where there was more."""
    lines = [""]
    for word in _WORD.finditer(text):
        longer = f"{lines[-1]}{' ' if word[0] != word[1] else ''}{word[1]}".lstrip(" ")
        if lines[-1] and width_of(longer, size, bold) > width:
            lines.append(word[1])
        else:
            lines[-1] = longer
    if len(lines) > most:
        last = lines[most - 1]
        while last and width_of(last + "…", size, bold) > width:
            last = last[:-1]
        lines[most - 1 :] = [last.rstrip() + "…"]
    return lines


class _Renderer(RendererSVG):
    """matplotlib's own, with widths of text as they are reckoned here."""

    def get_text_width_height_descent(
        self,
        s: str,
        prop: FontProperties,
        ismath: object,  # noqa: ARG002
    ) -> tuple[float, float, float]:
        size = prop.get_size_in_points()
        return width_of(s, size, prop.get_weight() == "bold"), 0.93 * size, 0.21 * size


class Card:
    """A picture that grows downwards: what is put on it moves `y`."""

    def __init__(self, chart: Chart):
        self.chart = chart
        self.figure = Figure(figsize=(WIDTH / 72, 1), dpi=72, facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.down = Affine2D()
        self.y = 14.0
        self.box = (0.0, 0.0, 0.0, 0.0)

    def write(self, x: float, y: float, text: str, size: float, **style: str) -> None:
        """A line of text whose baseline is at `y`."""
        style = {"color": INK, **style}
        self.figure.text(x, y, text, fontsize=size, transform=self.down, **style)  # type: ignore[arg-type]

    def paragraph(self, text: str, size: float, most: int = 3, **style: str) -> None:
        """Lines of text from edge to edge, one under another."""
        for line in wrap(text, WIDTH - 2 * EDGE, size, most, style.get("weight") == "bold"):
            self.y += round(size * 1.38) if line else 0
            self.write(EDGE, self.y, line, size, **style)

    def head(self, hidden: int = 0) -> None:
        """The title and what is said under it, with how much is not shown."""
        more = say("hidden", self.chart.language, hidden) if hidden else ""
        self.paragraph(self.chart.title, 19, weight="bold")
        self.y += 1
        self.paragraph(" · ".join(filter(None, (self.chart.subtitle, more))), 13.5, color=SOFT)
        self.y += 12

    def key(self, entries: Sequence[tuple[Artist, str]]) -> None:
        """Samples of marks with their meanings, side by side as far as they fit.

        A sample is made for the origin and is moved to its place.
        """
        x = float(EDGE)
        for sample, meaning in entries:
            [text] = wrap(meaning, WIDTH - 2 * EDGE - 28, 12, 1)
            wide = 34 + width_of(text, 12) + 10
            if x == EDGE or x + wide > WIDTH - EDGE / 2:
                x = EDGE
                self.y += 20
            sample.set_transform(Affine2D().translate(x, self.y - 4) + self.down)
            self.figure.add_artist(sample)
            self.write(x + 28, self.y, text, 12, color=SOFT)
            x += wide
        self.y += 6 if entries else 0

    def plot(self, left: float, right: float, height: float) -> None:
        """Room for the axes, from here down, with the unit above them."""
        self.paragraph(self.chart.unit, 12, 1, color=SOFT)
        self.y += 12
        self.box = left, self.y, WIDTH - left - right, height
        self.y += height

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes is on the card."""
        left, top, width, height = self.box
        (west, east), (south, north) = self.axes.get_xlim(), self.axes.get_ylim()
        across, up = (x - west) / (east - west), (y - south) / (north - south)
        return left + across * width, top + (1 - up) * height

    def nothing(self) -> None:
        """Says that there is nothing to draw."""
        self.axes.set_visible(False)
        told = say("nothing", self.chart.language)
        self.write(WIDTH / 2, self.y + 60, told, 14, color=SOFT, ha="center")
        self.y += 100

    def foot(self) -> None:
        """The sources, as many as go into three lines."""
        sources, language = list(dict.fromkeys(self.chart.sources)), self.chart.language
        self.y += 8
        for shown in range(min(len(sources), 20), 0, -1):
            text = say("sources", language, say(";", language).join(sources[:shown]))
            if shown < len(sources):
                text = say("and", language, text, len(sources) - shown)
            if shown == 1 or len(wrap(text, WIDTH - 2 * EDGE, 11, 4)) <= 3:
                self.paragraph(text, 11, color=SOFT)
                break
        self.y += 18

    def save(self) -> bytes:
        """The document: all of matplotlib's but its root, which gets a name and a description."""
        self.foot()
        left, top, width, height = self.box
        self.figure.set_size_inches(WIDTH / 72, self.y / 72)
        self.down.scale(1, -1).translate(0, self.y)
        bottom = 1 - (top + height) / self.y
        self.axes.set_position((left / WIDTH, bottom, width / WIDTH, height / self.y))
        text = StringIO()
        about = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        renderer = _Renderer(WIDTH, self.y, text, metadata=about)  # type: ignore[no-untyped-call]
        self.figure.draw(renderer)
        renderer.finalize()  # type: ignore[no-untyped-call]
        drawn = text.getvalue().replace(f"; font-family: '{_FONT}'", "")
        inside = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
        said = self.chart.title, describe(self.chart)
        title, told = (escape(_NOT_XML.sub("", text)) for text in said)
        name = f"chart-{sha256(f'{title}{told}'.encode()).hexdigest()[:10]}"
        root = (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {WIDTH} {self.y:g}" width="{WIDTH}" height="{self.y:g}" role="img" '
            f'aria-labelledby="{name} {name}-told" lang="{self.chart.language}" '
            f'style="max-width:100%;height:auto" font-family="{_FONTS}">\n'
            f'<title id="{name}">{title}</title>\n<desc id="{name}-told">{told}</desc>'
        )
        return _NOT_XML.sub("", root + inside).encode()
