"""From identities and properties to rows: zones, places, industries and what else is spoken of."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

from app.query.answers import Read
from app.query.values import State
from app.resources.common import FACTS, IN_ZONE
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
from app.seed.read import Seed, grouped
from app.seed.rows import Labels, batch, cite_fact, cite_property, doubt_row, fact_row
from app.vocabulary import Nature, Rank, Scope

C = TypeVar("C", bound=claims.Claim)

ZONE_DATES: dict[str, Callable[[claims.Milestone], bool]] = {
    "approved_on": lambda event: event.kind == "national_approval",
    "provincial_approved_on": lambda event: event.kind == "provincial_approval",
    "established_on": lambda event: (event.kind, event.label) == ("founding", None),
}
"""Of which preferred milestone a field of a zone is the date."""
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
CLASSIFICATIONS = [name.removesuffix("_code") for name in claims.ATTRIBUTES["industry"]]
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


class _Known:
    """What is known of a row, field by field, and the citations that each rests on."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.refs: dict[str, list[str]] = {}
        self.doubts: list[Doubt] = []

    def fill(self, citations: list[str], **values: Any) -> None:
        """Set fields that rest on the same citations."""
        self.values |= values
        if citations:
            self.refs |= dict.fromkeys(values, citations)


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
        preferred = (fact for fact in facts if fact.rank == Rank.PREFERRED)
        self.sources = {file.document.id: file.document for file in seed.documents}
        self.facts = grouped(preferred, lambda fact: fact.claim.about)
        self.tied = Counter((row.object.resource, row.object.id) for row in made["relations"])

    def rows(self) -> dict[str, list[Read]]:
        """The rows of each resource, those that others refer to first."""
        zones = [self._zone(zone) for zone in self.seed.each(claims.Zone)]
        return {
            "places": [*self._places(zones)],
            "organizations": [*self._organizations()],
            "programmes": [*self._programmes()],
            "industries": [*self._industries(zones)],
            "indicators": [*self._indicators()],
            "zones": [*zones],
            "documents": [self._document(file) for file in self.seed.documents],
        }

    def _preferred(self, subject: str, field: str) -> Property | None:
        return next(iter(self.properties.get((subject, field), [])), None)

    def _facts(self, subject: str, shape: type[C]) -> Iterator[tuple[Fact, C]]:
        """The preferred facts about a subject that are of one shape."""
        for fact in self.facts.get(subject, []):
            if isinstance(fact.claim, shape):
                yield fact, fact.claim

    def _zone(self, zone: claims.Zone) -> ZoneRead:
        subject, known = f"zone/{zone.id}", _Known()
        for field in ("name_en", "name_zh", "level", "gb_code"):
            if found := self._preferred(subject, field):
                known.fill(found.citations, **{field: found.value})
        self._locate(subject, known)
        self._date(subject, known)
        self._measure(subject, known)
        self._focus(subject, known)
        self._aliases(subject, known)
        values = {**dict.fromkeys(TOLD), **known.values, "short_name_zh": zone.label_zh}
        unknown = {field for field in TOLD if values[field] in (None, [])}
        return ZoneRead(
            **values,
            id=zone.id,
            short_name_en=zone.label_en,
            own_labels=zone.own_labels,
            counts=_counts(
                (fact.claim.resource for fact in self.facts.get(subject, [])),
                statistics=self.seed.plain.subjects[subject],
            ),
            refs=known.refs,
            doubts=known.doubts,
            states={f: State.UNKNOWN if f in unknown else State.KNOWN for f in TOLD},
        )

    def _doubt(self, fact: Fact, field: str, shown: str, known: _Known) -> None:
        """Note doubts about the field of a fact beside the field that shows it."""
        told = [doubt for doubt in fact.doubts if doubt.field == field]
        known.doubts += [doubt_row(doubt, shown, self.labels) for doubt in told]

    def _date(self, subject: str, known: _Known) -> None:
        """Fill in the dates of a zone."""
        for field, fits in ZONE_DATES.items():
            found = [pair for pair in self._facts(subject, claims.Milestone) if fits(pair[1])]
            if found:
                fact, event = min(found, key=lambda pair: pair[0].evidence[0].weight)
                known.fill(fact.citations["date"], **{field: event.date})
                if field == "approved_on" and (came := batch(fact)):
                    known.fill(fact.citations["date"], batch=came)
                self._doubt(fact, "date", field, known)
        if "approved_on" in known.values:
            date, cited = parse_date(known.values["approved_on"]), known.refs["approved_on"]
            known.fill(cited, approved_precision=date.precision, approved_year=date.year)

    def _measure(self, subject: str, known: _Known) -> None:
        """Fill in the area of a zone: that of the first kind which is known, and which that is."""
        order, found = list(AREA_KINDS), []
        for fact, figure in self._facts(subject, claims.Statistic):
            kind = (figure.coverage, figure.nature)
            if figure.indicator == "area" and kind in AREA_KINDS:
                found.append((order.index(kind), fact.evidence[0].weight, figure, fact))
        if found:
            place, _, figure, fact = min(found, key=lambda one: one[:2])
            known.fill(
                fact.citations["value"],
                area_km2=figure.value,
                area_comparator=figure.comparator,
                area_kind=AREA_KINDS[order[place]],
            )
            self._doubt(fact, "value", "area_km2", known)

    def _locate(self, subject: str, known: _Known) -> None:
        """Fill in where a zone is: its own city and province, and what those are known for."""

        def take(field: str, about: str | None, name: str) -> str | None:
            found = self._preferred(about, name) if about else None
            if not found:
                return None
            known.fill(found.citations, **{field: self.labels.ref("places", found.value)})
            return f"place/{found.value}"

        city = take("city", subject, "city")
        take("region", take("province", subject, "province"), "broader")
        if city and (point := self._seat(city)):
            known.fill(point.citations, **_point(point))
        within = self._within(subject)
        places = self.labels.refs("places", within)
        known.fill([*chain.from_iterable(within.values())], places=places)

    def _within(self, subject: str) -> dict[str, list[str]]:
        """Every place a zone lies in, with its citations; the areas that sources name last."""
        found: dict[str, list[str]] = {}
        todo = [p for name in ("city", "province") if (p := self._preferred(subject, name))]
        while todo:
            place = todo.pop(0)
            if place.value not in found:
                found[place.value] = place.citations
                above = self._preferred(f"place/{place.value}", "broader")
                todo += [above] if above else []
        for fact, tie in self._facts(subject, claims.Relation):
            if tie.type == "located_in":
                found.setdefault(tie.object.removeprefix("place/"), fact.citations["object"])
        return found

    def _seat(self, city: str) -> Property | None:
        """The coordinates of a city or, where they are not known, of what it lies in."""
        if point := self._preferred(city, "coordinates"):
            return point
        above = self._preferred(city, "broader")
        return self._preferred(f"place/{above.value}", "coordinates") if above else None

    def _focus(self, subject: str, known: _Known) -> None:
        """Fill in the industries of a zone, each once with each role."""
        seen: dict[tuple[str, str | None], ZoneIndustry] = {}
        cited: list[str] = []
        for fact, tie in self._facts(subject, claims.Relation):
            if tie.type in IN_ZONE:
                ref = self.labels.ref("industries", tie.object.partition("/")[2])
                seen[ref.id, tie.role] = ZoneIndustry(**ref.model_dump(), role=tie.role)
                cited += fact.citations["object"]
        known.fill(cited, industries=[*seen.values()])

    def _aliases(self, subject: str, known: _Known) -> None:
        """Fill in every other name that sources use."""
        rivals = [self.properties.get((subject, name), [])[1:] for name in ("name_en", "name_zh")]
        others = [*self.properties.get((subject, "alias"), []), *chain.from_iterable(rivals)]
        cited = [citation for other in others for citation in other.citations]
        known.fill(cited, aliases=[other.value for other in others])

    def _places(self, zones: list[ZoneRead]) -> Iterator[Read]:
        held = Counter(place.id for z in zones for place in (z.city, z.province, z.region) if place)
        for place in self.seed.each(claims.Place):
            subject, known = f"place/{place.id}", _Known()
            known.values = dict.fromkeys(("broader", "iso_3166_2", "latitude", "longitude"))
            if above := self._preferred(subject, "broader"):
                known.fill(above.citations, broader=self.labels.ref("places", above.value))
            if code := self._preferred(subject, "iso_3166_2"):
                known.fill(code.citations, iso_3166_2=code.value)
            if point := self._preferred(subject, "coordinates"):
                known.fill(point.citations, **_point(point))
            counts = {"zones": held[place.id]}
            yield PlaceRead(**place.model_dump(), **known.values, refs=known.refs, counts=counts)

    def _organizations(self) -> Iterator[Read]:
        published = Counter(file.document.publisher for file in self.seed.documents)
        for organization in self.seed.each(claims.Organization):
            subject, known = f"organization/{organization.id}", _Known()
            known.values["part_of"] = None
            if above := self._preferred(subject, "part_of"):
                known.fill(above.citations, part_of=self.labels.ref("organizations", above.value))
            self._aliases(subject, known)
            counts = {
                "relations": self.tied["organizations", organization.id],
                "documents": published[organization.id],
            }
            yield OrganizationRead(
                **organization.model_dump(), **known.values, refs=known.refs, counts=counts
            )

    def _programmes(self) -> Iterator[Read]:
        told = Counter(p.id for s in self.made["statements"] for p in s.programmes)
        for programme in self.seed.each(claims.Programme):
            tied = self.tied["programmes", programme.id]
            counts = {"relations": tied, "statements": told[programme.id]}
            yield ProgrammeRead(**programme.model_dump(), counts=counts)

    def _industries(self, zones: list[ZoneRead]) -> Iterator[Read]:
        above: dict[str, set[str]] = defaultdict(set)
        tied: Counter[str] = Counter()
        for ancestor, descendant in paths(self.seed):
            above[descendant].add(ancestor)
            tied[ancestor] += self.tied["industries", descendant]
        narrower: dict[str, list[str]] = defaultdict(list)
        for industry in self.seed.each(claims.Industry):
            for broader in industry.broader:
                narrower[broader].append(industry.id)
        in_zones = Counter(
            chain.from_iterable({a for i in z.industries for a in above[i.id]} for z in zones)
        )
        for industry in self.seed.each(claims.Industry):
            codes = {
                name: code
                for name in CLASSIFICATIONS
                if (code := self._preferred(f"industry/{industry.id}", f"{name}_code"))
            }
            cited = [*chain.from_iterable(code.citations for code in codes.values())]
            yield IndustryRead(
                **industry.model_dump(exclude={"broader"}),
                broader=self.labels.refs("industries", industry.broader),
                narrower=self.labels.refs("industries", narrower[industry.id]),
                codes={name: code.value for name, code in codes.items()},
                refs={"codes": cited} if cited else {},
                counts={"zones": in_zones[industry.id], "relations": tied[industry.id]},
            )

    def _indicators(self) -> Iterator[Read]:
        inverse = {c.id: c.inverse for c in self.seed.codes.get("indicator_relation", [])}
        ties: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.seed.each(claims.Indicator):
            for tie in one.related:
                ties[one.id].append((tie.to, tie.how))
                ties[tie.to].append((one.id, str(inverse[tie.how])))
        told = (
            (file.document, claim)
            for file in self.seed.documents
            for claim in (*file.statistics, *self.seed.plain.stated[file.document.id])
        )
        stated = grouped(told, lambda pair: pair[1].indicator)
        for one in self.seed.each(claims.Indicator):
            yield self._indicator(one, ties[one.id], stated.get(one.id, []))

    def _indicator(
        self,
        indicator: claims.Identity,
        ties: list[tuple[str, str]],
        stated: list[tuple[claims.Source, claims.Statistic]],
    ) -> IndicatorRead:
        """An indicator, with what it is to others and what the claims of it tell."""
        figures, plain = [claim for _, claim in stated], self.seed.plain
        about = {claim.about for claim in figures if claim.id} | plain.spoken[indicator.id]
        zones = about - {"national"}
        scopes = {Scope.ZONE: zones, Scope.NATIONAL: about - zones}
        observed = [c.period for c in figures if c.period and c.nature == Nature.OBSERVED]
        sources = {source.id for source, _ in stated} | plain.sources[indicator.id]
        publishers = {self.sources[source].publisher for source in sources}
        return IndicatorRead(
            **indicator.model_dump(exclude={"own_labels", "related"}),
            related=[
                RelatedIndicator(**self.labels.ref("indicators", to).model_dump(), how=how)
                for to, how in ties
            ],
            publishers=self.labels.refs("organizations", sorted(filter(None, publishers))),
            scopes=[scope for scope, subjects in scopes.items() if subjects],
            natures=[nature for nature in Nature if any(c.nature == nature for c in figures)],
            period_first=min(observed, key=lambda p: _bounds(p)[0], default=None),
            period_last=max(observed, key=lambda p: _bounds(p)[1], default=None),
            counts={
                "statistics": len({c.id for c in figures if c.id}) + plain.indicators[indicator.id],
                "zones": len(zones),
                "documents": len(sources),
            },
        )

    def _document(self, file: claims.DocumentFile) -> DocumentRead:
        source = file.document
        published = parse_date(source.published_on) if source.published_on else None
        counted = [claim.resource for claim in file.claims] + ["citations"] * len(file.cites)
        return DocumentRead(
            **source.model_dump(exclude={"publisher"}),
            publisher=self.labels.maybe("organizations", source.publisher),
            published_precision=published and published.precision,
            counts=_counts(counted, "citations", **self.seed.plain.documents[source.id]),
        )


def paths(seed: Seed) -> Iterator[tuple[str, str]]:
    """Every industry with itself and everything narrower, at any depth."""
    broader = {industry.id: industry.broader for industry in seed.each(claims.Industry)}
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


def _counts(resources: Iterable[str], *also: str, **plain: int) -> dict[str, int]:
    """How many there are of each resource, with the plain figures of tables."""
    none = dict.fromkeys((*FACTS, *also), 0)
    return {**none, **(Counter(resources) + Counter(plain))}


def _bounds(period: str) -> tuple[str, str]:
    """What periods are put in order by: first and last day, or the one that is known, or words."""
    date = parse_date(period)
    first, last = date.start or date.end or period, date.end or date.start or period
    return first, last.rpartition("/")[2]


def _point(coordinates: Property) -> dict[str, float]:
    latitude, longitude = coordinates.value.split(",")
    return {"latitude": float(latitude), "longitude": float(longitude)}
