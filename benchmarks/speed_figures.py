"""Generated statistics: real zones and indicators, made-up figures, the same ones every time.

What is drawn is what documents say, as plain rows: their writing is another's. Proportions follow
the real base where it is a guide (comparators, natures, rivals, unread sources); of periods it is
none, since a million figures need more years and quarters than five documents have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from app.seed.phrases import plain_number

YEARS = range(1991, 2026)
QUARTERS = {"q1": "03", "h1": "06", "q3": "09"}
"""What is published within a year, by its last month."""
_COMPARATORS = {"exactly": 85, "over": 8, "about": 5, "at_least": 1, "under": 1, "at_most": 1}
_WORDS = {
    "exactly": "",
    "over": "超过",
    "about": "约",
    "at_least": "不低于",
    "under": "不到",
    "at_most": "不超过",
}
_NATURES = {"target": 4, "forecast": 3, "planned": 3}
_RIVALS = 0.05
_READ = 0.83
"""The share of documents whose text was at hand."""
_UNITS = {
    "CNY": (("亿元", 10**8), ("万元", 10**4)),
    "USD": (("亿美元", 10**8), ("万美元", 10**4)),
    "persons": (("万人", 10**4), ("人", 1)),
    "enterprises": (("家", 1),),
    "institutions": (("家", 1),),
    "facilities": (("个", 1),),
    "projects": (("个", 1),),
    "patents": (("件", 1),),
    "percent": (("%", 1),),
}
"""In which words a unit is printed, the larger first, and their size."""
_LEVELS = {"CNY": 2e8, "USD": 2e7, "percent": 12.0, "persons": 3000.0}
"""What an indicator of a unit is about in 1991, in a zone of middle size; others begin with 20."""
_NOT_OF_ZONES = ("national-", "zones-", "demonstration-", "development-", "area")


@dataclass(frozen=True)
class Subject:
    """A zone, or the programme where `id` is None, with what it is called."""

    id: str | None
    label_en: str
    label_zh: str

    @property
    def slug(self) -> str:
        """What ids begin with."""
        return self.id or "national"


@dataclass(frozen=True)
class Quantity:
    """An indicator."""

    id: str
    label_en: str
    label_zh: str
    unit: str
    dimension: str


def documents(subjects: Sequence[Subject]) -> Iterator[dict[str, Any]]:
    """One document a subject and year, published in the spring after."""
    for subject in subjects:
        for year in YEARS:
            draw = Random(f"document {subject.slug} {year}")
            yield {
                "id": document_of(subject, year),
                "title": f"{subject.label_zh} {year}年统计公报（生成数据）",
                "published_on": f"{year + 1}-{draw.randint(2, 5):02}-{draw.randint(1, 28):02}",
                "tier": draw.choices((1, 2, 3), (5, 4, 1))[0],
                "language": "zh",
                "read": draw.random() < _READ,
                "note": "Generated to measure speed; it states nothing about the zone.",
            }


def document_of(subject: Subject, year: int) -> str:
    """The id of the document that tells of a year."""
    return f"generated-{subject.slug}-{year}"


def figures(
    subjects: Sequence[Subject], indicators: Sequence[Quantity], count: int
) -> Iterator[dict[str, Any]]:
    """Exactly `count` figures (there are enough for 1.5 million), spread evenly over subjects.

    A rival follows the figure that is preferred to it.
    """
    measured = [
        one
        for one in indicators
        if one.unit in _UNITS and one.dimension != "share" and not one.id.startswith(_NOT_OF_ZONES)
    ]
    pairs = [(subject, indicator) for subject in subjects for indicator in measured]
    for k, (subject, indicator) in enumerate(pairs):
        quota = count * (k + 1) // len(pairs) - count * k // len(pairs)
        drawn = _of_pair(subject, indicator)
        for _ in range(quota):
            yield next(drawn)


def _of_pair(subject: Subject, indicator: Quantity) -> Iterator[dict[str, Any]]:
    """The figures of one indicator of one zone: years first, then plans, parts of years, parts."""
    draw = Random(f"figures {subject.slug} {indicator.id}")
    growing = indicator.unit != "percent"
    level = _LEVELS.get(indicator.unit, 20.0) * draw.lognormvariate(0, 1)
    level *= 100 if subject.id is None and growing else 1
    pace = draw.uniform(1.03, 1.16)
    values = {}
    for year in YEARS:
        values[year] = level * draw.uniform(0.93, 1.07)
        level *= pace if growing else 1
    stem = f"{subject.slug}-{indicator.id}-generated"

    def figure(name: str, year: int, period: str, value: float, **more: str) -> dict[str, Any]:
        return {
            "id": f"{stem}-{name}",
            "zone": subject.id,
            "indicator": indicator.id,
            "coverage": "whole",
            "period": period,
            "unit": indicator.unit,
            "nature": "observed",
            "document": document_of(subject, year),
            "rival_of": None,
            **_printed(draw, indicator, value),
            **more,
        }

    for year in reversed(YEARS):
        one = figure(str(year), year, str(year), values[year])
        yield one
        if year < YEARS[-1] and draw.random() < _RIVALS:
            revised = values[year] * draw.choice((0.97, 0.99, 1.02, 1.04))
            yield figure(f"{year}-revised", year + 1, str(year), revised, rival_of=one["id"])
    for year in draw.sample(YEARS[:-1], 8):
        nature = draw.choices([*_NATURES], [*_NATURES.values()])[0]
        planned = values[year + 1] * draw.uniform(0.95, 1.15)
        yield figure(f"{year + 1}-{nature}", year, str(year + 1), planned, nature=nature)
    for year in reversed(YEARS):
        for i, (name, month) in enumerate(QUARTERS.items(), 1):
            part = values[year] * (draw.uniform(0.22, 0.27) * i if growing else 1)
            yield figure(f"{year}-{name}", year, f"{year}-01/{year}-{month}", part)
    for coverage in ("core_area", "high_tech_industry_enterprises", "first_phase"):
        for year in reversed(YEARS):
            part = values[year] * draw.uniform(0.2, 0.6)
            name = f"{year}-{coverage.replace('_', '-')}"
            yield figure(name, year, str(year), part, coverage=coverage)


def _printed(draw: Random, indicator: Quantity, value: float) -> dict[str, Any]:
    """A value as it is printed: in which words, with how many digits, and what it then is."""
    printed, size = next((one for one in _UNITS[indicator.unit] if value >= one[1]), ("", 0))
    if not size:
        printed, size = _UNITS[indicator.unit][-1]
    digits = draw.randint(1, 2) if size > 1 or indicator.unit == "percent" else 0
    number = max(round(Decimal(value) / size, digits), Decimal(1))
    comparator = draw.choices([*_COMPARATORS], [*_COMPARATORS.values()])[0]
    text = f"{number:f}".rstrip("0").rstrip(".") if digits else f"{number:f}"
    return {
        "value": plain_number(number * size),
        "comparator": comparator,
        "published_text": f"{indicator.label_zh}{_WORDS[comparator]}{text}{printed}",
        "published_value": plain_number(number),
        "published_unit": printed,
    }
