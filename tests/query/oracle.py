"""A plain reading of what a list can be asked: lists and loops over all its rows, no SQL.

`Oracle.differences` puts one question to the release and to the rows and says where they differ:
which rows, in which order, on which pages, how many undecided, every facet and every group. A
condition is 1 where it is certain, 0 where it is excluded and 0.5 where the date is too imprecise.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.database import Release
from app.query.facets import count_facets
from app.query.fields import (
    Choice,
    Concept,
    Dated,
    Field,
    Newest,
    Ordered,
    Related,
    RelatedConcept,
    Words,
)
from app.query.geo import RADIUS_KM, Inside, Near
from app.query.groups import count_groups
from app.query.pages import Cursor, Page, read_page
from app.query.parameters import ListQuery
from app.query.reading import split, understand
from app.query.values import parse_span

Asked = list[tuple[str, list[str]]]
FIRST, LAST = "0000", "9999-99-99"


@dataclass
class Entry:
    """A row: for each field the values it has, a date as its text with its first and last day."""

    id: str
    values: dict[str, list[Any]]


@dataclass
class Oracle:
    """Everything a list holds, asked in plain Python."""

    query: type[ListQuery]
    entries: list[Entry]
    broader: Mapping[str, set[str]]
    """Each concept with itself and all that are broader."""
    choices: Mapping[str, Mapping[str, Callable[[Entry], bool]]] = field(default_factory=dict)
    faults: Mapping[str, Callable[[Entry], bool]] = field(default_factory=dict)
    """By its reason what makes a figure unfit for anything; `sums` only for a sum."""
    sums: Mapping[str, Callable[[Entry], bool]] = field(default_factory=dict)
    figure: Callable[[Entry], float | None] = lambda _: None
    shown: Callable[[Entry, Asked], Entry] = lambda entry, _: entry
    """A row as a question shows it."""
    moment: Callable[[Entry], tuple[str, str]] = lambda entry: (entry.id, "")
    """The series of a row and its time in it."""
    known: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def keys(self, entry: Entry, name: str) -> list[Any]:
        """The values a row answers to, the broader concepts of its own included."""
        own = entry.values.get(name, [])
        if not isinstance(self.query.fields[name], (Concept, RelatedConcept)):
            return list(dict.fromkeys(own))
        if (entry.id, name) not in self.known:
            above = {b for one in own for b in self.broader.get(one, ())}
            self.known[entry.id, name] = sorted(above)
        return self.known[entry.id, name]

    def verdict(self, entry: Entry, name: str, asked: list[str]) -> float:
        """Whether a row satisfies one parameter."""
        base, _, operator = name.partition("__")
        known, one = self.query.fields[base], asked[0]
        own = self.keys(entry, base)
        if isinstance(known, Choice):
            return bool(self.choices[base][one](entry))
        if isinstance(known, (Near, Inside)):
            return self._on_map(entry, known, asked)
        if operator == "state":
            return bool(own) == (one == "known")
        if isinstance(known, Dated):
            if len(known.operators) == 1:  # what had been published by then
                operator = "lte"
            return _dated(own[0], operator, asked) if own else 0
        if operator in ("contains", "prefix"):
            text, part = (f"{own[0]}".lower() if own else ""), one.lower()
            return bool(own) and (part in text if operator == "contains" else text.startswith(part))
        if isinstance(known, Ordered):
            return bool(own) and _compared(own[0], operator, [float(text) for text in asked])
        if operator == "exact":
            own = entry.values.get(base, [])
        shared = {text_of(value) for value in own} & set(asked)
        if operator == "all":
            return shared == set(asked)
        if operator == "not":
            return not shared and (bool(own) or isinstance(known, Related))
        return bool(shared)

    def _on_map(self, entry: Entry, known: Field, asked: list[str]) -> bool:
        place = [entry.values[name] for name in ("latitude", "longitude")]
        if not all(place):
            return False
        latitude, longitude = (float(own[0]) for own in place)
        if isinstance(known, Near):
            return distance(latitude, longitude, asked[0]) <= float(asked[1])
        west, south, east, north = map(float, asked[0].split(","))
        inside = west <= longitude <= east
        if west > east:
            inside = longitude >= west or longitude <= east
        return south <= latitude <= north and inside

    def certain(self, asked: Asked, without: str = "") -> tuple[list[Entry], int]:
        """The rows that surely satisfy all, and how many are undecided.

        Of a field that is set aside, the newest are told value by value.
        """
        given = dict(asked)
        whole = [(n, v) for n, v in asked if n not in ("within_km",)]
        whole = [(n, [*v, *given["within_km"]] if n == "near" else v) for n, v in whole]
        for name, known in self.query.fields.items():
            if isinstance(known, Choice) and name not in given:
                whole.append((name, [str(known.default)]))
        whole = [(n, v) for n, v in whole if n.partition("__")[0] != without]
        newest = [int(v[0]) for n, v in whole if isinstance(self.query.fields.get(n), Newest)]
        whole = [(n, v) for n, v in whole if not isinstance(self.query.fields.get(n), Newest)]
        rows = [self.shown(entry, asked) for entry in self.entries]
        told = [(e, min((self.verdict(e, *one) for one in whole), default=1)) for e in rows]
        times: dict[str, set[str]] = {}

        def moment(entry: Entry) -> tuple[str, str]:
            series, time = self.moment(entry)
            return (f"{series} {self.keys(entry, without) if without else ''}", time)

        for series, time in (moment(entry) for entry, verdict in told if verdict == 1):
            times.setdefault(series, set()).add(time)

        def new(entry: Entry) -> bool:
            series, time = moment(entry)
            return all(sum(t > time for t in times.get(series, ())) < most for most in newest)

        found = [entry for entry, verdict in told if verdict == 1 and new(entry)]
        return found, sum(1 for entry, verdict in told if verdict == 0.5 and new(entry))

    def ordered(self, found: list[Entry], sort: list[str], near: str = "") -> list[str]:
        """The ids in order: unknown last, ties settled by id."""
        rows = sorted(found, key=lambda entry: entry.id)
        for key in reversed(sort):
            name = key.removeprefix("-")
            values = {entry.id: self._sorted_by(entry, name, near) for entry in rows}
            known = [entry for entry in rows if values[entry.id] is not None]
            known.sort(key=lambda e: values[e.id], reverse=key.startswith("-"))
            rows = known + [entry for entry in rows if values[entry.id] is None]
        return [entry.id for entry in rows]

    def _sorted_by(self, entry: Entry, name: str, near: str) -> Any:
        if name == "id":
            return entry.id
        if name == "distance":
            return distance(entry.values["latitude"][0], entry.values["longitude"][0], near)
        own = entry.values.get(name) or [None]
        return own[0][1] if own[0] and isinstance(self.query.fields[name], Dated) else own[0]

    def dimension(self, entry: Entry, name: str) -> list[Any]:
        """The values by which a row is counted, None where it has none."""
        if name not in self.query.fields:
            dates = entry.values.get(name.removesuffix("_year"), [])
            whole = [start for _, start, end in dates if start and end and start[:4] == end[:4]]
            return [int(start[:4]) for start in whole] or [None]
        return self.keys(entry, name) or [None]

    def facet(self, asked: Asked, name: str) -> list[tuple[Any, int]]:
        """Each value with its rows, the field's own conditions set aside, best first."""
        found, _ = self.certain(asked, without=name)
        counts = Counter(value for entry in found for value in self.dimension(entry, name))
        for one in dict(asked).get(name, []):
            matching = [v for e in self.entries for v in self.keys(e, name) if text_of(v) == one]
            counts[matching[0] if matching else _typed(self.query.fields[name], one)] += 0
        if dict(asked).get(f"{name}__state") == ["unknown"]:
            counts[None] += 0
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0]))

    def groups(self, asked: Asked, names: list[str]) -> dict[tuple[Any, ...], list[Entry]]:
        """The rows with each combination of values."""
        groups: dict[tuple[Any, ...], list[Entry]] = {}
        for entry in self.certain(asked)[0]:
            for one in product(*(self.dimension(entry, name) for name in names)):
                groups.setdefault(one, []).append(entry)
        return groups

    def figures(self, group: list[Entry]) -> dict[str, float | None]:
        """What is made of the figures of a group, None where it would mean nothing."""
        measure = self.query.measured
        if not measure:
            return {}

        def differ(names: Sequence[str]) -> bool:
            sets = [{tuple(e.values[name]) for e in group} for name in names]
            return any(len(s) > 1 or (len(group) > 1 and () in s) for s in sets)

        unfit = differ(measure.same) or any(map_any(group, fault) for fault in self.faults.values())
        unsummed = differ(measure.once) or any(
            map_any(group, fault) for fault in self.sums.values()
        )
        own = [figure for entry in group if (figure := self.figure(entry)) is not None]
        return {
            "sum": None if unfit or unsummed else math.fsum(own),
            "mean": None if unfit else math.fsum(own) / len(own),
            "min": None if unfit else min(own),
            "max": None if unfit else max(own),
        }

    def differences(
        self,
        release: Release,
        asked: Asked,
        sort: list[str],
        limit: int,
        facets: list[str],
        groups: list[str],
    ) -> Iterator[str]:
        """Where the release's answers to a question are not those of a plain reading."""
        more = [("limit", [str(limit)])]
        more += [("sort", [",".join(sort)])] if sort else []
        more += [("facet", [",".join(facets)])] if facets else []
        more += [("group_by", [",".join(groups)])] if groups else []
        question = urlencode([*asked, *more], doseq=True)
        query = self.understood(release, question)
        found, undecided = self.certain(asked)
        near = dict(asked).get("near", [""])[0]
        keys = sort or (["distance"] if near else str(query.parameters["sort"].default).split(","))
        expected = self.ordered(found, keys, near)
        page = read_page(query, None)
        if (page.total, page.undecided) != (len(expected), undecided):
            yield f"{question}: {page.total}, {page.undecided} are {len(expected)}, {undecided}"
        if limit and (paged := list(_paged(query, page))) != expected:
            yield f"{question}: {paged} are {expected}"
        shown, cut = count_facets(query, "")
        for name in facets:
            told = [(one["value"], one["count"]) for one in shown[name]]
            if told != self.facet(asked, name)[: len(told)] or (name in cut and len(told) < 1000):
                yield f"{question}: {name} is {self.facet(asked, name)}, not {told}"
            for one in shown[name][:2]:
                yield from self._toggled(release, asked, name, one)
        if groups:
            yield from self._grouped(query, asked, groups, question)

    def _toggled(
        self, release: Release, asked: Asked, name: str, one: dict[str, Any]
    ) -> Iterator[str]:
        """Where choosing a value of a facet does not give its count, or not lead back."""
        there = self.understood(release, urlsplit(one["toggle"]).query)
        own = f"{name}__state" if one["value"] is None else name
        chosen = set(dict(asked).get(own, ()))
        said = "unknown" if one["value"] is None else text_of(one["value"])
        now = {
            text for c in there.conditions.values() if c.parameter.name == own for text in c.texts
        }
        if one["selected"] is not (said in chosen) or (own == name and now != chosen ^ {said}):
            yield f"{one} after {chosen} gives {now}"
        if not chosen and (total := read_page(there, None).total) != one["count"]:
            yield f"{one} gives {total}"

    def _grouped(
        self, query: ListQuery, asked: Asked, names: list[str], question: str
    ) -> Iterator[str]:
        told, cut = count_groups(query)
        expected = self.groups(asked, names)
        order = sorted(expected, key=lambda one: [(value is None, value) for value in one])
        if [tuple(row[name] for name in names) for row in told] != order[: len(told)]:
            yield f"{question}: groups are {order}, not {told}"
        elif cut.get("groups", len(told)) != len(expected):
            yield f"{question}: {len(expected)} groups, not {cut}"
        else:
            for row, one in zip(told, order, strict=False):
                figures = self.figures(expected[one])
                same = row["count"] == len(expected[one])
                same &= all(_close(row[name], value) for name, value in figures.items())
                same &= all((row[name] is None) == (name in row["reasons"]) for name in figures)
                if not same:
                    yield f"{question}: {row} is {len(expected[one])} {figures}"

    def understood(self, release: Release, question: str) -> ListQuery:
        """The query of a query string."""
        pairs = split(question.encode("ascii"))
        return understand(self.query, f"/v1/{self.query.rows}", pairs, release)

    def question(self, random: Random) -> tuple[Asked, list[str], int, list[str], list[str]]:
        """Some filters with values that rows have, sort keys, a limit, facets and dimensions."""
        names = [
            name
            for name, p in self.query.parameters.items()
            if p.field and self._pool(p.field, random)
        ]
        asked: Asked = []
        for name in random.sample(names, min(len(names), random.choice((0, 1, 1, 2, 3)))):
            parameter = self.query.parameters[name]
            assert parameter.field
            most = random.choice((1, 1, 2, 3)) if parameter.repeats else 1
            if name.endswith("__state"):
                asked.append((name, [random.choice(("known", "unknown"))]))
            elif pool := self._pool(parameter.field, random):
                asked.append((name, random.sample(pool, min(most, len(pool)))))
        if "near" in dict(asked):
            asked.append(("within_km", [random.choice(("50", "400", "3000"))]))
        keys = list(self.query.parameters["sort"].adapter.json_schema()["enum"])
        near = "near" in dict(asked)
        keys = [key for key in keys if near or not key.endswith("distance")]
        sort = random.sample(keys, min(len(keys), random.choice((0, 1, 2, 3))))
        whole = min(len(self.entries), 2000)
        facets, dimensions = list(self.query.counted), list(self.query.dimensions)
        return (
            asked,
            sort,
            random.choice((0, whole // 9 + 1, whole // 3 + 1, 1000)),
            random.sample(facets, min(len(facets), random.choice((0, 1, 2)))),
            random.sample(dimensions, min(len(dimensions), random.choice((0, 1, 2, 3)))),
        )

    def _pool(self, known: Field, random: Random) -> list[str]:
        """Some texts to ask a field for."""
        if isinstance(known, Choice):
            return [str(choice) for choice in known.clauses]
        if isinstance(known, Near):
            return ["36.06,103.83", "22.5,114.06", "89,10"]
        if isinstance(known, Newest):
            return ["1", "2", "3"]
        if isinstance(known, Inside):
            return ["103,34,110,38", "170,-10,105,40", "0,0,0,0"]
        some = random.sample(self.entries, min(len(self.entries), 12))
        values = [v for e in some for v in self.keys(e, known.name)]
        if isinstance(known, Dated):
            days = [day for _, *both in values for day in both if day]
            return sorted({day[:n] for day in days for n in (4, 7, 10)})
        lengths = (2, 5, 200) if isinstance(known, Words) else (200,)
        return sorted({text_of(value)[:most] for value in values for most in lengths} - {""})


def text_of(value: Any) -> str:
    """A value as its parameter takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def distance(latitude: float, longitude: float, point: str) -> float:
    """Kilometres along a great circle."""
    north, east = map(float, point.split(","))
    lat, own = math.radians(north), math.radians(latitude)
    up = math.sin((own - lat) / 2)
    across = math.sin((math.radians(longitude) - math.radians(east)) / 2)
    return (
        2
        * RADIUS_KM
        * math.asin(math.sqrt(up * up + math.cos(lat) * math.cos(own) * across * across))
    )


def map_any(group: list[Entry], fault: Callable[[Entry], bool]) -> bool:
    """Whether any of a group has a fault."""
    return any(map(fault, group))


def _typed(known: Field, text: str) -> Any:
    return (
        int(text) if isinstance(known, Ordered) else {"true": True, "false": False}.get(text, text)
    )


def _close(told: float | None, meant: float | None) -> bool:
    if told is None or meant is None:
        return told is meant
    return math.isclose(told, meant, rel_tol=1e-9, abs_tol=1e-9)


def _compared(own: float, operator: str, asked: list[float]) -> bool:
    compare = {
        "": own in asked,
        "not": own not in asked,
        "gt": own > asked[0],
        "gte": own >= asked[0],
        "lt": own < asked[0],
        "lte": own <= asked[0],
    }
    return compare[operator]


def _dated(own: tuple[str, str | None, str | None], operator: str, asked: list[str]) -> float:
    if operator == "not":
        return 1 - _dated(own, "", asked)
    return max(_of_days(own[1] or FIRST, own[2] or LAST, operator, one) for one in asked)


def _of_days(start: str, end: str, operator: str, asked: str) -> float:
    """Whether it holds of every day from `start` to `end`, of none, or of some."""
    span = parse_span(asked)
    if operator == "gt":
        return 1 if start > span.end else 0.5 if end > span.end else 0
    if operator == "gte":
        return 1 if start >= span.start else 0.5 if end >= span.start else 0
    if operator == "lt":
        return 1 if end < span.start else 0.5 if start < span.start else 0
    if operator == "lte":
        return 1 if end <= span.end else 0.5 if start <= span.end else 0
    if start >= span.start and end <= span.end:
        return 1
    return 0.5 if start <= span.end and end >= span.start else 0


def _paged(query: ListQuery, page: Page) -> Iterator[str]:
    """The ids of all pages, each found by the cursor of the one before."""
    while True:
        yield from (json.loads(body)["id"] for body in page.bodies)
        if page.following is None:
            return
        page = read_page(query, Cursor.decode(page.following))
