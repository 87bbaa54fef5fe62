"""Dates and figures as people read them, in both languages, as precisely as they are known."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

Language = Literal["en", "zh"]
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_SCALES: dict[Language, Sequence[tuple[Decimal, str]]] = {
    "en": (
        (Decimal(10) ** 12, "trillion"),
        (Decimal(10) ** 9, "billion"),
        (Decimal(10) ** 6, "million"),
    ),
    "zh": ((Decimal(10) ** 12, "万亿"), (Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
}


def date(edtf: str, language: Language) -> str:
    """An EDTF date or interval in words: `2010-09` is September 2010, `../2015` until 2015."""
    if "/" not in edtf:
        return _date(edtf, language)
    first, last = edtf.split("/")
    if first in ("..", ""):
        return f"until {_date(last, 'en')}" if language == "en" else f"至{_date(last, 'zh')}"
    if last in ("..", ""):
        return f"since {_date(first, 'en')}" if language == "en" else f"{_date(first, 'zh')}起"
    between = " to " if language == "en" else "至"
    return between.join(_date(end, language) for end in (first, last))


def _date(edtf: str, language: Language) -> str:
    plain, mark = edtf.rstrip("~?%"), edtf[-1]
    about, unsure = mark in "~%", mark in "?%"
    if language == "en":
        return f"{'about ' if about else ''}{_plain_en(plain)}{' (uncertain)' if unsure else ''}"
    return f"{'约' if about else ''}{_plain_zh(plain)}{'（不确定）' if unsure else ''}"


def _plain_en(edtf: str) -> str:
    if found := re.fullmatch(r"(\d{2,3})X{1,2}", edtf):
        return f"{found[1]:0<4}s"
    if not (found := _DATE.fullmatch(edtf)):
        return edtf
    year, month, day = found.groups()
    parts = (str(int(day)) if day else "", _MONTHS[int(month) - 1] if month else "", year)
    return " ".join(filter(None, parts))


def _plain_zh(edtf: str) -> str:
    if found := re.fullmatch(r"(\d{2,3})X{1,2}", edtf):
        return f"{found[1]:0<4}年代"
    if not (found := _DATE.fullmatch(edtf)):
        return edtf
    year, month, day = found.groups()
    return f"{year}年" + (f"{int(month)}月" if month else "") + (f"{int(day)}日" if day else "")


def number(value: float, language: Language, scaled: bool = False) -> str:
    """A number with its digits grouped, and no digit lost; large ones `scaled` to a word."""
    exact = Decimal(str(value))
    if scaled:
        for scale, word in _SCALES[language]:
            if abs(exact) >= scale:
                return f"{(exact / scale).normalize():,f}{' ' if language == 'en' else ''}{word}"
    return f"{exact.normalize():,f}"


def money(unit: str) -> bool:
    """Whether a unit is a currency, whose figures are read in millions."""
    return len(unit) == 3 and unit.isupper()
