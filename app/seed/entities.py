"""From identities and properties to rows: zones, places, industries and what else is spoken of."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.query.answers import Read
from app.query.values import State
from app.resources.common import FACTS, IN_ZONE, Ref
from app.resources.coverage import CoverageRead
from app.resources.documents import DocumentRead
from app.resources.evidence import Doubt
from app.resources.indicators import IndicatorRead, RelatedIndicator
from app.resources.industries import IndustryRead
from app.resources.organizations import OrganizationRead
from app.resources.places import PlaceRead
from app.resources.programmes import ProgrammeRead
from app.resources.zones import TOLD, ZoneIndustry, ZoneRead
from app.seed import claims
from app.seed.dates import parse_date
from app.seed.facts import Fact, Property, build_properties
from app.seed.read import Seed
from app.seed.rows import Labels, batch, cite_fact, cite_property, doubt_row, fact_row
from app.vocabulary import Nature, Rank, Scope


@dataclass(frozen=True)
class ZoneRule:
    """Which preferred fact a field of a zone is read off, and which phrase states it."""

    field: str
    of: type[claims.Claim]
    where: Callable[[Any], bool]
    value: str


ZONE_RULES = (
    ZoneRule("approved_on", claims.Milestone, lambda m: m.kind == "national_approval", "date"),
    ZoneRule(
        "provincial_approved_on",
        claims.Milestone,
        lambda m: m.kind == "provincial_approval",
        "date",
    ),
    ZoneRule(
        "established_on",
        claims.Milestone,
        lambda m: (m.kind, m.label) == ("founding", None),
        "date",
    ),
)
"""One table of rules for the fields of a zone that are read off its facts."""
AREA_KINDS: dict[tuple[str, Nature], str] = {
    ("approved_area", Nature.OBSERVED): "approved",
    ("jurisdiction_area", Nature.OBSERVED): "jurisdiction",
    ("whole", Nature.OBSERVED): "unspecified",
    ("planned_area", Nature.PLANNED): "planned",
    ("planned_area", Nature.OBSERVED): "planned",
    ("whole", Nature.PLANNED): "planned",
    ("built_up_area", Nature.OBSERVED): "built_up",
    ("core_area", Nature.OBSERVED): "core",
}
"""Which area a zone is said to have, by coverage and nature, the most telling first: a stated
extent of the whole zone before one that is not told, what is before what is planned, the whole
before a part."""
CLASSIFICATIONS = ("isic_4",)
"""The published classifications whose codes industries have: attribute `x_code`, `codes.x`."""


def build_rows(seed: Seed, facts: list[Fact]) -> dict[str, list[Read]]:
    """Every row of a release, by resource, in the order of insertion."""
    labels, properties = Labels(seed), build_properties(seed)
    citations = [citation for fact in facts for citation in cite_fact(fact, labels)]
    for (subject, field), values in properties.items():
        citations += [c for value in values for c in cite_property(subject, field, value, labels)]
    rows: dict[str, list[Read]] = {kind.resource: [] for kind in claims.CLAIMS}
    cited = {fact.claim.id: [*chain.from_iterable(fact.citations.values())] for fact in facts}
    for fact in facts:
        rows[fact.claim.resource].append(fact_row(fact, labels, cited))
    entities = _Entities(seed, labels, facts, properties, rows).rows()
    covered = _coverage(entities["zones"], labels)
    return {**entities, **rows, "citations": [*citations], "coverage": [*covered]}


class _Entities:
    """Makes the rows of everything that facts speak of, from the rows of the facts."""

    def __init__(
        self,
        seed: Seed,
        labels: Labels,
        facts: list[Fact],
        properties: dict[tuple[str, str], list[Property]],
        made: dict[str, list[Any]],
    ) -> None:
        self.seed, self.labels, self.properties, self.made = seed, labels, properties, made
        self.facts: dict[str | None, list[Fact]] = defaultdict(list)
        for fact in facts:
            if fact.rank == Rank.PREFERRED:
                self.facts[fact.claim.about].append(fact)

    def rows(self) -> dict[str, list[Read]]:
        """The rows of each resource, those that others refer to first."""
        of = self.seed.identities
        zones = [self._zone(zone) for zone in of["zones"]]
        return {
            "places": self._places(zones),
            "organizations": self._organizations(),
            "programmes": self._programmes(),
            "industries": self._industries(zones),
            "indicators": self._indicators(),
            "zones": [*zones],
            "documents": [self._document(file) for file in self.seed.documents],
        }

    def _preferred(self, subject: str, field: str) -> Property | None:
        return next(iter(self.properties.get((subject, field), [])), None)

    def _zone(self, zone: claims.Identity) -> ZoneRead:
        subject = f"zone/{zone.id}"
        values: dict[str, Any] = {}
        refs: dict[str, list[str]] = {}
        doubts = []
        for field in ("name_en", "name_zh", "level", "gb_code"):
            if found := self._preferred(subject, field):
                values[field], refs[field] = found.value, found.citations
        self._locate(subject, values, refs)
        for rule in ZONE_RULES:
            fitting = [
                fact
                for fact in self.facts[subject]
                if isinstance(fact.claim, rule.of) and rule.where(fact.claim)
            ]
            if fitting:
                best = min(fitting, key=lambda fact: fact.evidence[0].weight)
                values[rule.field] = getattr(best.claim, rule.value)
                refs[rule.field] = best.citations[rule.value]
                if rule.field == "approved_on" and (came := batch(best)):
                    values["batch"], refs["batch"] = came, refs[rule.field]
                told = [doubt for doubt in best.doubts if doubt.field == rule.value]
                doubts += [doubt_row(doubt, rule.field, self.labels) for doubt in told]
        if "approved_on" in values:
            approved = parse_date(values["approved_on"])
            values |= {"approved_precision": approved.precision, "approved_year": approved.year}
            refs |= dict.fromkeys(("approved_precision", "approved_year"), refs["approved_on"])
        doubts += self._measure(subject, values, refs)
        values["industries"], refs["industries"] = self._focus(subject)
        aliases, refs["aliases"] = self._aliases(subject)
        values = {**dict.fromkeys(TOLD), **values, "short_name_zh": zone.label_zh}
        return ZoneRead.model_validate(
            {
                **values,
                "id": zone.id,
                "short_name_en": zone.label_en,
                "own_labels": zone.own_labels,
                "aliases": aliases,
                "counts": _counts(fact.claim.resource for fact in self.facts[subject]),
                "refs": {field: ids for field, ids in refs.items() if ids},
                "doubts": doubts,
                "states": {
                    f: State.UNKNOWN if values[f] in (None, []) else State.KNOWN for f in TOLD
                },
            }
        )

    def _measure(
        self, subject: str, values: dict[str, Any], refs: dict[str, list[str]]
    ) -> list[Doubt]:
        """Fill in the area of a zone: that of the first kind which is known, and which that is."""
        order, found = list(AREA_KINDS), []
        for fact in self.facts[subject]:
            claim = fact.claim
            if isinstance(claim, claims.Statistic) and claim.indicator == "area":
                kind = (claim.coverage, claim.nature)
                if kind in AREA_KINDS:
                    found.append((order.index(kind), fact.evidence[0].weight, claim, fact))
        if found:
            place, _, claim, fact = min(found, key=lambda one: one[:2])
            values["area_km2"], values["area_comparator"] = claim.value, claim.comparator
            values["area_kind"] = AREA_KINDS[order[place]]
            refs |= dict.fromkeys(
                ("area_km2", "area_comparator", "area_kind"), fact.citations["value"]
            )
            told = [doubt for doubt in fact.doubts if doubt.field == "value"]
            return [doubt_row(doubt, "area_km2", self.labels) for doubt in told]
        return []

    def _locate(self, subject: str, values: dict[str, Any], refs: dict[str, list[str]]) -> None:
        """Fill in where a zone is: its own city and province, and what those are known for."""

        def take(field: str, about: str | None, name: str) -> str | None:
            found = self._preferred(about, name) if about else None
            if not found:
                return None
            values[field], refs[field] = self.labels.ref("places", found.value), found.citations
            return f"place/{found.value}"

        city = take("city", subject, "city")
        take("region", take("province", subject, "province"), "broader")
        if city and (point := self._seat(city)):
            values["latitude"], values["longitude"] = _point(point)
            refs["latitude"] = refs["longitude"] = point.citations
        values["places"], refs["places"] = self._within(subject)

    def _within(self, subject: str) -> tuple[list[Ref], list[str]]:
        """Every place a zone lies in, the areas that sources name last, and their citations."""
        found: dict[str, list[str]] = {}
        todo = [p for name in ("city", "province") if (p := self._preferred(subject, name))]
        while todo:
            place = todo.pop(0)
            if place.value not in found:
                found[place.value] = place.citations
                above = self._preferred(f"place/{place.value}", "broader")
                todo += [above] if above else []
        for fact in self.facts[subject]:
            claim = fact.claim
            if isinstance(claim, claims.Relation) and claim.type == "located_in":
                found.setdefault(claim.object.removeprefix("place/"), fact.citations["object"])
        return self.labels.refs("places", found), list(chain.from_iterable(found.values()))

    def _seat(self, city: str) -> Property | None:
        """The coordinates of a city or, where they are not known, of what it lies in."""
        if point := self._preferred(city, "coordinates"):
            return point
        above = self._preferred(city, "broader")
        return self._preferred(f"place/{above.value}", "coordinates") if above else None

    def _focus(self, subject: str) -> tuple[list[ZoneIndustry], list[str]]:
        """The industries of a zone, each once with each role, and their citations."""
        seen, refs = {}, []
        for fact in self.facts[subject]:
            claim = fact.claim
            if isinstance(claim, claims.Relation) and claim.type in IN_ZONE:
                ref = self.labels.ref("industries", claim.object.partition("/")[2])
                seen[(ref.id, claim.role)] = ZoneIndustry(**ref.model_dump(), role=claim.role)
                refs += fact.citations["object"]
        return list(seen.values()), refs

    def _aliases(self, subject: str) -> tuple[list[str], list[str]]:
        """Every other name that sources use, and their citations."""
        rivals = [self.properties.get((subject, name), [])[1:] for name in ("name_en", "name_zh")]
        others = [*self.properties.get((subject, "alias"), []), *chain.from_iterable(rivals)]
        return [v.value for v in others], [c for v in others for c in v.citations]

    def _places(self, zones: list[ZoneRead]) -> list[Read]:
        held = Counter(place.id for z in zones for place in (z.city, z.province, z.region) if place)
        rows: list[Read] = []
        for place in self.seed.identities["places"]:
            subject = f"place/{place.id}"
            names = {"broader": "broader", "iso_3166_2": "iso_3166_2"}
            names |= dict.fromkeys(("latitude", "longitude"), "coordinates")
            found = {f: p for f, n in names.items() if (p := self._preferred(subject, n))}
            values = {field: value.value for field, value in found.items()}
            point = _point(found["latitude"]) if "latitude" in found else (None, None)
            rows.append(
                PlaceRead(
                    **place.model_dump(),
                    broader=self.labels.maybe("places", values.get("broader")),
                    iso_3166_2=values.get("iso_3166_2"),
                    latitude=point[0],
                    longitude=point[1],
                    refs={field: value.citations for field, value in found.items()},
                    counts={"zones": held[place.id]},
                )
            )
        return rows

    def _organizations(self) -> list[Read]:
        tied = Counter(r.object.id for r in self.made["relations"] if _is(r, "organizations"))
        published = Counter(file.document.publisher for file in self.seed.documents)
        rows: list[Read] = []
        for organization in self.seed.identities["organizations"]:
            subject = f"organization/{organization.id}"
            part_of = self._preferred(subject, "part_of")
            aliases, named = self._aliases(subject)
            refs = {"part_of": part_of.citations if part_of else [], "aliases": named}
            rows.append(
                OrganizationRead(
                    **organization.model_dump(),
                    aliases=aliases,
                    part_of=self.labels.maybe("organizations", part_of.value if part_of else None),
                    refs={field: ids for field, ids in refs.items() if ids},
                    counts={
                        "relations": tied[organization.id],
                        "documents": published[organization.id],
                    },
                )
            )
        return rows

    def _programmes(self) -> list[Read]:
        tied = Counter(r.object.id for r in self.made["relations"] if _is(r, "programmes"))
        told = Counter(p.id for s in self.made["statements"] for p in s.programmes)
        return [
            ProgrammeRead(
                **programme.model_dump(),
                counts={"relations": tied[programme.id], "statements": told[programme.id]},
            )
            for programme in self.seed.identities["programmes"]
        ]

    def _industries(self, zones: list[ZoneRead]) -> list[Read]:
        industries: list[Any] = self.seed.identities["industries"]
        above: dict[str, set[str]] = defaultdict(set)
        narrower: dict[str, list[str]] = defaultdict(list)
        for ancestor, descendant in paths(self.seed):
            above[descendant].add(ancestor)
        for industry in industries:
            for broader in industry.broader:
                narrower[broader].append(industry.id)
        in_zones = Counter(
            chain.from_iterable({a for i in z.industries for a in above[i.id]} for z in zones)
        )
        tied = Counter(
            a for r in self.made["relations"] if _is(r, "industries") for a in above[r.object.id]
        )
        rows: list[Read] = []
        for industry in industries:
            codes = {
                name: code
                for name in CLASSIFICATIONS
                if (code := self._preferred(f"industry/{industry.id}", f"{name}_code"))
            }
            cited = [*chain.from_iterable(code.citations for code in codes.values())]
            rows.append(
                IndustryRead(
                    **industry.model_dump(exclude={"broader"}),
                    broader=self.labels.refs("industries", industry.broader),
                    narrower=self.labels.refs("industries", narrower[industry.id]),
                    codes={name: code.value for name, code in codes.items()},
                    refs={"codes": cited} if cited else {},
                    counts={"zones": in_zones[industry.id], "relations": tied[industry.id]},
                )
            )
        return rows

    def _indicators(self) -> list[Read]:
        indicators: list[Any] = self.seed.identities["indicators"]
        inverse = {c.id: c.inverse for c in self.seed.codes.get("indicator_relation", [])}
        ties: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in indicators:
            for tie in one.related:
                ties[one.id].append((tie.to, tie.how))
                ties[tie.to].append((one.id, str(inverse[tie.how])))
        stated: dict[str, list[tuple[claims.Source, claims.Statistic]]] = defaultdict(list)
        for file in self.seed.documents:
            for claim in file.statistics:
                stated[claim.indicator].append((file.document, claim))
        return [self._indicator(one, ties[one.id], stated[one.id]) for one in indicators]

    def _indicator(
        self,
        indicator: claims.Identity,
        ties: list[tuple[str, str]],
        stated: list[tuple[claims.Source, claims.Statistic]],
    ) -> IndicatorRead:
        """An indicator, with what it is to others and what the claims of it tell."""
        figures = [claim for _, claim in stated]
        about = {claim.about for claim in figures}
        zones = about - {"national"}
        scopes = {Scope.ZONE: zones, Scope.NATIONAL: about - zones}
        observed = [c.period for c in figures if c.period and c.nature == Nature.OBSERVED]
        publishers = sorted({source.publisher for source, _ in stated if source.publisher})
        return IndicatorRead(
            **indicator.model_dump(exclude={"own_labels", "related"}),
            related=[
                RelatedIndicator(**self.labels.ref("indicators", to).model_dump(), how=how)
                for to, how in ties
            ],
            publishers=self.labels.refs("organizations", publishers),
            scopes=[scope for scope, subjects in scopes.items() if subjects],
            natures=[nature for nature in Nature if any(c.nature == nature for c in figures)],
            period_first=min(observed, key=lambda p: _bounds(p)[0], default=None),
            period_last=max(observed, key=lambda p: _bounds(p)[1], default=None),
            counts={
                "statistics": len({claim.id for claim in figures}),
                "zones": len(zones),
                "documents": len({source.id for source, _ in stated}),
            },
        )

    def _document(self, file: claims.DocumentFile) -> DocumentRead:
        source = file.document
        published = parse_date(source.published_on) if source.published_on else None
        claimed = [claim.resource for claim in file.claims]
        cited = ["citations" for stated in file.stated for _ in stated.cite]
        return DocumentRead.model_validate(
            {
                **source.model_dump(),
                "publisher": self.labels.maybe("organizations", source.publisher),
                "published_precision": published and published.precision,
                "counts": _counts([*claimed, *cited], "citations"),
            }
        )


def paths(seed: Seed) -> Iterator[tuple[str, str]]:
    """Every industry with itself and everything narrower, at any depth."""
    industries: list[Any] = seed.identities["industries"]
    broader = {industry.id: industry.broader for industry in industries}
    for identifier in broader:
        above, todo = set(), [identifier]
        while todo:
            one = todo.pop()
            if one not in above:
                above.add(one)
                todo += broader[one]
        for ancestor in sorted(above):
            yield ancestor, identifier


def _coverage(zones: Iterable[Any], labels: Labels) -> Iterator[Read]:
    """For each zone and field, whether it is known."""
    for zone in zones:
        for field, state in zone.states.items():
            yield CoverageRead(
                id=f"{zone.id}.{field}",
                zone=labels.ref("zones", zone.id),
                field=field,
                state=state,
                citations=zone.refs.get(field, []),
            )


def _counts(resources: Iterable[str], *also: str) -> dict[str, int]:
    none = dict.fromkeys((*FACTS, *also), 0)
    return {**none, **Counter(resources)}


def _is(relation: Any, resource: str) -> bool:
    return bool(relation.object.resource == resource)


def _bounds(period: str) -> tuple[str, str]:
    """What periods are put in order by: first and last day, or the one that is known, or words."""
    date = parse_date(period)
    first, last = date.start or date.end or period, date.end or date.start or period
    return first, last.rpartition("/")[2]


def _point(coordinates: Property) -> tuple[float, float]:
    latitude, longitude = coordinates.value.split(",")
    return float(latitude), float(longitude)
