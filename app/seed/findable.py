"""What each row is found by: which of its fields are names, codes, ties or texts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel

from app.query.answers import Read
from app.search.index import Kind, Passage, Row
from app.seed.read import holding

FAVOURED = "zones"
"""The resource that comes first among equals."""
FOUND = (
    "zones",
    "industries",
    "platforms",
    "indicators",
    "organizations",
    "programmes",
    "places",
    "milestones",
    "statistics",
    "statements",
    "documents",
)
"""The resources that are searched. Citations and relations say what other rows do."""
_KINDS = {
    **dict.fromkeys(("short_name_en", "short_name_zh", "label_en", "label_zh"), Kind.NAME),
    **dict.fromkeys(("name_en", "name_zh"), Kind.NAME),
    "aliases": Kind.ALIAS,
    **dict.fromkeys(("id", "gb_code", "iso_3166_2", "official_number", "codes"), Kind.CODE),
    **dict.fromkeys(("title", "title_en", "title_zh"), Kind.TITLE),
    **dict.fromkeys(("text_en", "text_zh", "definition", "abstract", "label"), Kind.TEXT),
    **dict.fromkeys(("published_text", "reading", "note", "date", "period", "horizon"), Kind.TEXT),
}
"""A field's name tells what its text is to the row; what refers to another row is a tie."""
_UNFOUND = ("related", "publishers")
"""What says of an indicator who else is near it: nobody who looks for those looks for it."""
_LABELS = ("label", "short_name", "name", "title", "text")


def findable(rows: Mapping[str, Sequence[Read]], free: Iterable[int] = ()) -> Iterator[Row]:
    """Every row that search finds, with the passages it is found by.

    `free` tells how many numbers stay free before each statistic, and after the last one.
    """
    also, before, rest = _also(rows), iter(free), 0
    for resource in FOUND:
        for row in rows[resource]:
            found = found_by(resource, row, also[(resource, row.id)])
            room, rest = next(before, 0) if resource == "statistics" else rest, 0
            yield replace(found, before=room) if room else found
        if resource == "statistics":
            rest = next(before, 0)


def found_by(resource: str, row: Read, also: Iterable[Passage] = ()) -> Row:
    """What one row is found by, and is called."""
    said = vars(row)
    own = {field: said[field] for field in _telling(type(row))}
    en, zh = (_label(own, language) for language in ("en", "zh"))
    return Row(resource, row.id, en, zh, (*_passages(own), *also))


@cache
def _telling(shape: type[BaseModel]) -> list[str]:
    """The fields by which rows of a shape are found, or called."""
    known = _KINDS.keys() | {name for name, _ in holding(shape)} - {*_UNFOUND}
    if not any(_KINDS.get(field) == Kind.NAME for field in shape.model_fields):
        known -= {"id"}  # it says what the labels and texts of a fact say
    return [field for field in shape.model_fields if field in known]


def _also(rows: Mapping[str, Sequence[Any]]) -> dict[tuple[str, str], list[Passage]]:
    """What a zone is found by that its own row does not say."""
    found: dict[tuple[str, str], list[Passage]] = defaultdict(list)
    aliases = {industry.id: industry.aliases for industry in rows["industries"]}
    for platform in rows["platforms"]:
        for name in filter(None, (platform.name_en, platform.name_zh)):
            if platform.zone:
                found[("zones", platform.zone.id)].append(Passage("platforms", Kind.RELATED, name))
    for zone in rows["zones"]:
        for industry in zone.industries:
            for name in aliases[industry.id]:
                found[("zones", zone.id)].append(Passage("industries", Kind.RELATED, name))
    return found


def _passages(row: Mapping[str, Any]) -> Iterator[Passage]:
    """The texts of a row, by the names of its fields."""
    for field, value in row.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, BaseModel):
                labels = (getattr(one, "label_en", None), getattr(one, "label_zh", None))
                yield from (Passage(field, Kind.RELATED, label) for label in labels if label)
            elif isinstance(one, str) and one and field in _KINDS:
                yield Passage(field, _KINDS[field], one)
            elif isinstance(one, dict) and field in _KINDS:
                yield from (Passage(field, _KINDS[field], str(v)) for v in one.values())


def _label(row: Mapping[str, Any], language: str) -> str | None:
    """What a row is called in one language: its name, title, text or indicator, with its zone."""
    title = row.get("title") if language == "en" else None  # as references to documents do
    named = (row.get(f"{name}_{language}") for name in _LABELS)
    indicator, zone = (
        getattr(row.get(name), f"label_{language}", None) for name in ("indicator", "zone")
    )
    text = next(filter(None, (*named, title, indicator)), None)
    return f"{zone}: {text}" if zone and text else text
