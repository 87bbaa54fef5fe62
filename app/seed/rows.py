"""From facts to rows: what the API returns of each, made once, in the shape of its read model."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.resources.common import Ref
from app.resources.evidence import CitationRead, CitedFact, Doubt, Speaker
from app.resources.evidence import Fact as FactRead
from app.resources.milestones import MilestoneRead
from app.resources.platforms import PlatformRead
from app.resources.relations import RelationObject, RelationRead
from app.resources.statements import StatementRead
from app.resources.statistics import StatisticRead
from app.seed import claims
from app.seed.claims import Cite, Source
from app.seed.dates import StatedDate, parse_date
from app.seed.facts import Evidence, Fact, Property
from app.seed.phrases import read_quantities
from app.seed.read import ENTITIES, Seed
from app.vocabulary import BOUNDS, PeriodKind, Scope


class Labels:
    """What everything that can be referred to is called."""

    def __init__(self, seed: Seed) -> None:
        self._known = {
            (resource, identity.id): identity
            for resource, identities in seed.identities.items()
            for identity in identities
        }
        self._documents = {file.document.id: file.document for file in seed.documents}
        self.kinds = {code.id: code for code in seed.codes.get("milestone_kind", [])}

    def __getitem__(self, key: tuple[str, str]) -> Any:
        return self._known[key]

    def ref(self, resource: str, identifier: str) -> Ref:
        """A reference to a row, with its labels."""
        identity = self._known[(resource, identifier)]
        return Ref(id=identity.id, label_en=identity.label_en, label_zh=identity.label_zh)

    def maybe(self, resource: str, identifier: str | None) -> Ref | None:
        """The same, of what may be unknown."""
        return self.ref(resource, identifier) if identifier else None

    def document(self, identifier: str) -> Ref:
        """A reference to a document, by its title."""
        return Ref(id=identifier, label_en=self._documents[identifier].title, label_zh=None)

    def zone(self, subject: str | None) -> Ref | None:
        """The zone that a subject is, if it is one."""
        kind, _, identifier = (subject or "").partition("/")
        return self.ref("zones", identifier) if kind == "zone" else None

    def refs(self, resource: str, identifiers: Iterable[str]) -> list[Ref]:
        """References to several rows."""
        return [self.ref(resource, identifier) for identifier in identifiers]


def entity(text: str) -> tuple[str, str]:
    """`zone/baiyin` as its resource and id."""
    kind, _, identifier = text.partition("/")
    return ENTITIES[kind], identifier


def cite_fact(fact: Fact, labels: Labels) -> Iterator[CitationRead]:
    """The citations of a fact; notes their ids with it."""
    claim = fact.claim
    zone = labels.zone(claim.about)
    for citation in _citations(claim.resource, claim.id, fact.evidence, zone, None):
        fact.citations.setdefault(citation.fact.field, []).append(citation.id)
        yield citation


def cite_property(
    subject: str, field: str, value: Property, labels: Labels
) -> Iterator[CitationRead]:
    """The citations of a property; notes their ids with it."""
    zone = labels.zone(subject)
    for citation in _citations(*entity(subject), value.evidence, zone, field, value.value):
        value.citations.append(citation.id)
        yield citation


def _citations(
    resource: str,
    identifier: str,
    evidence: list[Evidence],
    zone: Ref | None,
    field: str | None,
    value: str = "",
) -> Iterator[CitationRead]:
    seen = set()
    for source, speakers, cite in _phrases(evidence):
        name = field or cite.for_
        key = f"{resource} {source.id} {cite.at} {cite.text or ''} {value}"
        digest = hashlib.sha256(key.encode()).hexdigest()[:6]
        citation = CitationRead(
            id=f"{identifier}.{name}.{digest}",
            fact=CitedFact(resource=resource, id=identifier, field=name),
            zone=zone,
            document=Ref(id=source.id, label_en=source.title, label_zh=None),
            as_written=cite.text,
            start=cite.at,
            end=None if cite.at is None else cite.at + len(cite.text or ""),
            anchored=cite.at is not None,
            attributed_to=speakers[cite.attributed_to] if cite.attributed_to else None,
        )
        if citation.id not in seen:
            seen.add(citation.id)
            yield citation


def _phrases(evidence: list[Evidence]) -> Iterator[tuple[Source, dict[str, Speaker], Cite]]:
    """Each phrase with its source and whom that quotes, the best evidence first."""
    for one in evidence:
        speakers = {s.id: Speaker(**s.model_dump()) for s in one.document.speakers}
        for cite in one.claim.cite:
            yield one.source, speakers, cite


def fact_row(fact: Fact, labels: Labels, citations: Mapping[str, list[str]]) -> FactRead:
    """The row of a fact, given the ids of the citations of each fact."""
    claim = fact.claim
    inputs = claim.inputs if isinstance(claim, claims.Statistic) else []
    cited = [citation for name in (claim.id, *inputs) for citation in citations[name]]
    zone = labels.zone(claim.about)
    about = {
        "id": claim.id,
        "scope": Scope.ZONE if zone else Scope.NATIONAL,
        "zone": zone,
        "reading": claim.reading,
        "note": claim.note,
        "doubts": [doubt_row(doubt, doubt.field, labels) for doubt in fact.doubts],
        "proven": not fact.shortfall,
        "unproven": fact.shortfall and str(fact.shortfall),
        "citations": list(dict.fromkeys(cited)),
    }
    return _MAKERS[type(claim)](fact, claim, about, labels)


def doubt_row(doubt: claims.Doubt, field: str, labels: Labels) -> Doubt:
    """A doubt about the field that it is shown beside."""
    document = labels.document(doubt.document) if doubt.document else None
    return Doubt(field=field, kind=doubt.kind, reason=doubt.reason, document=document)


def _milestone(
    fact: Fact, claim: claims.Milestone, about: dict[str, Any], labels: Labels
) -> MilestoneRead:
    date, kind = parse_date(claim.date), labels.kinds[claim.kind]
    return MilestoneRead(
        **about,
        kind=claim.kind,
        label=claim.label,
        date=date.text,
        date_precision=date.precision,
        date_start=date.start,
        date_end=date.end,
        year=date.year,
        batch=batch(fact),
        title_en=claim.title_en or kind.label_en,
        title_zh=claim.title_zh or kind.label_zh,
        by=labels.refs("organizations", dict.fromkeys(_by(fact))),
        rank=fact.rank,
        rank_reason=fact.rank_reason,
    )


def batch(fact: Fact) -> str | None:
    """The batch that it came with, by the best document that says so."""
    known = (getattr(evidence.claim, "batch", None) for evidence in fact.evidence)
    return next(filter(None, known), None)


def _by(fact: Fact) -> Iterator[str]:
    """Who did it, by every document that says so."""
    for evidence in fact.evidence:
        if isinstance(evidence.claim, claims.Milestone):
            yield from evidence.claim.by


def _platform(
    _fact: Fact, claim: claims.Platform, about: dict[str, Any], _labels: Labels
) -> PlatformRead:
    own = claim.model_dump(include={"name_en", "name_zh", "kind", "status", "named", "since"})
    return PlatformRead(**about, **own)


def _statistic(
    fact: Fact, claim: claims.Statistic, about: dict[str, Any], labels: Labels
) -> StatisticRead:
    period = parse_date(claim.period) if claim.period else None
    phrase = next(iter(claim.phrases("value")), None)
    read = read_quantities(phrase) if phrase else []
    published = next((q for q in read if float(q.value) == claim.value), None)
    same = {"coverage", "period", "value", "unit", "comparator", "nature", "conversion"}
    return StatisticRead(
        **about,
        **claim.model_dump(include=same | {"operation", "inputs"}),
        indicator=labels.ref("indicators", claim.indicator),
        period_start=period and period.start,
        period_end=period and period.end,
        period_kind=period.kind if period else PeriodKind.NONE,
        series=series_of(claim, period),
        as_of=None if period else fact.evidence[0].source.published_on,
        published_on=fact.published_on,
        currency=claim.unit
        if labels[("indicators", claim.indicator)].dimension == "money"
        else None,
        derived=bool(claim.inputs),
        published_text=phrase,
        published_value=_plain(published.number) if published else None,
        published_unit=published.published_unit if published else None,
        rank=fact.rank,
        rank_reason=fact.rank_reason,
        rival_of=fact.rival_of,
        standing=fact.standing,
    )


def series_of(claim: claims.Statistic, period: StatedDate | None) -> str:
    """The series that a figure belongs to, named by its dimensions as SDMX does.

    Bounds are no values, so those of a quantity are a series of their own.
    """
    subject = (claim.about or "").rpartition("/")[2]
    kind = period.kind if period else PeriodKind.NONE
    bound = ["bound"] if claim.comparator in BOUNDS else []
    return ".".join([subject, claim.indicator, claim.coverage, claim.nature, kind, *bound])


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _relation(
    _fact: Fact, claim: claims.Relation, about: dict[str, Any], labels: Labels
) -> RelationRead:
    resource, identifier = entity(claim.object)
    return RelationRead(
        **about,
        type=claim.type,
        object=RelationObject(resource=resource, **labels.ref(resource, identifier).model_dump()),
        role=claim.role,
        stage=claim.stage,
        wording=next(iter(claim.phrases("object")), None),
    )


def _statement(
    _fact: Fact, claim: claims.Statement, about: dict[str, Any], labels: Labels
) -> StatementRead:
    own = claim.model_dump(include={"kind", "text_en", "text_zh", "horizon"})
    named = {
        "organizations": labels.refs("organizations", claim.organizations),
        "programmes": labels.refs("programmes", claim.programmes),
    }
    return StatementRead(**about, **own, **named)


_MAKERS: dict[type[claims.Claim], Callable[..., FactRead]] = {
    claims.Milestone: _milestone,
    claims.Platform: _platform,
    claims.Statistic: _statistic,
    claims.Relation: _relation,
    claims.Statement: _statement,
}
