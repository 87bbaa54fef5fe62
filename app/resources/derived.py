"""What is worked out of a series on request: growth, compound growth, a share of the nation's.

Every value names its inputs; where nothing may be made of them, the reason stands in its place. A
series is of one nature, coverage, unit and kind of period, so what is made of it never mixes them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.vocabulary import Comparator, PeriodKind

Row = dict[str, Any]
DIGITS = 4
"""Decimals of a percentage that we work out."""
_YEARLY = (PeriodKind.YEAR, PeriodKind.PART_OF_YEAR, PeriodKind.MONTH, PeriodKind.DAY)


class Derivation(StrEnum):
    """What can be worked out of a series."""

    GROWTH = "growth"
    CAGR = "cagr"
    SHARE = "share"


def derive(series: Row, how: Derivation, national: Mapping[str, Row], kind: str) -> None:
    """Put what is worked out of a series in place of its observations.

    `national` has the national observations of the same quantity by their period; `kind` is what
    the indicator is: a stock, a flow or a ratio.
    """
    series["measure"], series["refused"] = how, _refused(series, how, national, kind)
    if series["refused"]:
        series["observations"] = []
        return
    series["unit"], series["currency"] = "percent", None
    known = {one["period"]: one for one in series["observations"]}
    make: dict[Derivation, Callable[[], Iterable[Row]]] = {
        Derivation.GROWTH: lambda: (_growth(one, known) for one in series["observations"]),
        Derivation.CAGR: lambda: [_compound(series["observations"])],
        Derivation.SHARE: lambda: (_share(one, national) for one in series["observations"]),
    }
    series["observations"] = list(make[how]())


def _refused(series: Row, how: Derivation, national: Mapping[str, Row], kind: str) -> str | None:
    """Why nothing can be worked out of a whole series."""
    if kind in ("ratio", "position"):
        return f"{series['indicator']['id']} is a {kind}, of which there is no {how}."
    if series["bound"]:
        return "Its figures only bound the quantity (`over`, `at_most` …)."
    if series["period_kind"] not in (*_YEARLY, PeriodKind.YEARS):
        return f"Its figures have no certain period ({series['period_kind']}) to compare by."
    if how == Derivation.SHARE:
        if series["scope"] == "national":
            return "It is the national figure itself."
        if not national:
            return (
                "There is no national figure of the same indicator, coverage "
                f"({series['coverage']}), nature ({series['nature']}) and kind of period "
                f"({series['period_kind']})."
            )
    elif series["period_kind"] not in _YEARLY:
        return f"Figures of such periods ({series['period_kind']}) have no year before."
    elif how == Derivation.CAGR and len([o for o in series["observations"] if o["statistic"]]) < 2:
        return "There are not two figures to grow from one to the other."
    return None


def _growth(one: Row, known: Mapping[str, Row]) -> Row:
    """Growth over the same period of the year before."""
    before = known.get(year_before(one["period"]))
    reason = _unfit(one, before, f"There is no figure for {year_before(one['period'])}.")
    made = _made(one, [before, one] if before else [one], reason)
    if not reason and before:
        made["value"] = _percent(_exact(one) / _exact(before) - 1)
    return made


def _share(one: Row, national: Mapping[str, Row]) -> Row:
    """Its part of the national figure of the same period."""
    whole = national.get(one["period"])
    reason = _unfit(one, whole, f"There is no national figure for {one['period']}.")
    made = _made(one, [one, whole] if whole else [one], reason)
    if not reason and whole:
        made["value"] = _percent(_exact(one) / _exact(whole))
    return made


def _compound(observations: list[Row]) -> Row:
    """Compound annual growth from the first figure to the last."""
    known = [one for one in observations if one["statistic"]]
    first, last = known[0], known[-1]
    years = int(last["period"][:4]) - int(first["period"][:4])
    same = first["period"] and last["period"] and _shifted(first["period"], years) == last["period"]
    reason = None if years and same else "First and last are not the same part of their years."
    made = _made(last, [first, last], reason or _unfit(last, first, ""))
    made["period"] = f"{first['period'].partition('/')[0]}/{last['period'].rpartition('/')[2]}"
    made["period_start"] = first["period_start"]
    if not made["reason"]:
        made["value"] = _percent(Fraction(float(_exact(last) / _exact(first)) ** (1 / years)) - 1)
    return made


def _unfit(one: Row, other: Row | None, missing: str) -> str | None:
    """Why a figure cannot be set against another one."""
    if not one["statistic"]:
        return f"There is no figure for {one['period']}."
    if other is None or not other["statistic"]:
        return missing
    if _exact(other) <= 0:
        return f"{other['statistic']} is not above zero."
    return None


def _made(one: Row, inputs: Iterable[Row], reason: str | None) -> Row:
    """A derived observation, still without its value."""
    used = [each for each in inputs if each["statistic"]]
    about = any(each["comparator"] == Comparator.ABOUT for each in used)
    comparator = Comparator.ABOUT if about else Comparator.EXACTLY
    return {
        **one,
        "statistic": None,
        "value": None,
        "comparator": None if reason else comparator,
        "obs_status": "O" if reason else one["obs_status"],
        "derived": True,
        "published_text": None,
        "inputs": [] if reason else [each["statistic"] for each in used],
        "citations": list(dict.fromkeys(c for each in used for c in each["citations"])),
        "rivals": [],
        "stated": [],
        "doubts": [doubt for each in used for doubt in each["doubts"]],
        "reason": reason,
    }


def _exact(one: Row) -> Fraction:
    return Fraction(str(one["value"]))


def _percent(part: Fraction) -> int | float:
    rounded = round(100 * part, DIGITS)
    return int(rounded) if rounded.denominator == 1 else float(rounded)


def year_before(period: str) -> str:
    """The same period a year earlier: `2021-01/2021-07` of `2022-01/2022-07`."""
    return _shifted(period, -1)


def _shifted(period: str, years: int) -> str:
    return re.sub(r"(?<![\d-])\d{4}", lambda found: f"{int(found[0]) + years:04}", period)
