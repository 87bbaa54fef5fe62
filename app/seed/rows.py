"""From facts to rows: what the API returns of each, made once, in the shape of its read model."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from app.seed.claims import names
from app.seed.dates import StatedDate, parse_date
from app.seed.facts import Evidence, Fact, Property
from app.seed.phrases import plain_number, read_quantities
from app.seed.read import ENTITIES, Seed
from app.vocabulary import BOUNDS, PeriodKind, Scope


class Labels:
    """What everything that can be referred to is called."""

    def __init__(self, seed: Seed) -> None:
        self._refs: dict[str, dict[str, Ref]] = {
            resource: {i.id: _ref(i.id, i.label_en, i.label_zh) for i in identities}
            for resource, identities in seed.identities.items()
        }
        titles = {source.id: source.title for source in seed.each(claims.Source)}
        self._refs["documents"] = {i: _ref(i, title, None) for i, title in titles.items()}
        self.kinds = {code.id: code for code in seed.codes.get("milestone_kind", [])}
        self.dimensions = {i.id: i.dimension for i in seed.each(claims.Indicator)}

    def __contains__(self, resource: str) -> bool:
        return resource in self._refs

    def ref(self, resource: str, identifier: str) -> Ref:
        """A reference to a row, with its labels."""
        return self._refs[resource][identifier]

    def maybe(self, resource: str, identifier: str | None) -> Ref | None:
        """The same, of what may be unknown."""
        return self.ref(resource, identifier) if identifier else None

    def refs(self, resource: str, identifiers: Iterable[str]) -> list[Ref]:
        """References to several rows."""
        return [self.ref(resource, identifier) for identifier in identifiers]

    def zone(self, subject: str | None) -> Ref | None:
        """The zone that a subject is, if it is one."""
        kind, _, identifier = (subject or "").partition("/")
        return self.ref("zones", identifier) if kind == "zone" else None


def _ref(identifier: str, label_en: str, label_zh: str | None) -> Ref:
    return Ref(id=identifier, label_en=label_en, label_zh=label_zh)


def entity(text: str) -> tuple[str, str]:
    """`zone/baiyin` as its resource and id."""
    kind, _, identifier = text.partition("/")
    return ENTITIES[kind], identifier


def cite_fact(fact: Fact, labels: Labels) -> Iterator[CitationRead]:
    """The citations of a fact; notes their ids with it."""
    claim = fact.claim
    zone = labels.zone(claim.about)
    for citation in _citations(claim.resource, claim.id, fact.evidence, zone, labels):
        fact.citations.setdefault(citation.fact.field, []).append(citation.id)
        yield citation


def cite_property(
    subject: str, field: str, value: Property, labels: Labels
) -> Iterator[CitationRead]:
    """The citations of a property; notes their ids with it."""
    zone = labels.zone(subject)
    own = (field, value.value)
    for citation in _citations(*entity(subject), value.evidence, zone, labels, *own):
        value.citations.append(citation.id)
        yield citation


def _citations(
    resource: str,
    identifier: str,
    evidence: list[Evidence],
    zone: Ref | None,
    labels: Labels,
    field: str | None = None,
    value: str = "",
) -> Iterator[CitationRead]:
    """Each phrase once, that of the best evidence first."""
    seen = set()
    for one in evidence:
        speakers = {s.id: Speaker(**s.model_dump()) for s in one.document.speakers}
        for cite in one.claim.cite:
            name = field or cite.for_
            digest = citation_digest(resource, one.source.id, cite.at, cite.text, value)
            cited = f"{identifier}.{name}.{digest}"
            if cited in seen:
                continue
            seen.add(cited)
            yield CitationRead(
                id=cited,
                fact=CitedFact(resource=resource, id=identifier, field=name),
                zone=zone,
                document=labels.ref("documents", one.source.id),
                as_written=cite.text,
                start=cite.at,
                end=None if cite.at is None else cite.at + len(cite.text or ""),
                anchored=cite.at is not None,
                attributed_to=speakers[cite.attributed_to] if cite.attributed_to else None,
            )


def citation_digest(
    resource: str, document: str, at: int | str | None, text: str | None, value: str = ""
) -> str:
    """What tells the citations of one field apart."""
    key = f"{resource} {document} {at} {text or ''} {value}"
    return hashlib.sha256(key.encode()).hexdigest()[:6]


def fact_row(fact: Fact, labels: Labels, citations: Mapping[str, list[str]]) -> FactRead:
    """The row of a fact, given the ids of the citations of each fact.

    What the claim or the fact has by the same name is taken over, ids with their labels.
    """
    claim = fact.claim
    read, more = _SHAPES[type(claim)]
    fields = read.model_fields.keys()
    row = claim.model_dump(include=fields & type(claim).model_fields.keys())
    for name, may in names(type(claim)).items():
        if may.of in labels:
            ids = row[name]
            row[name] = (
                labels.refs(may.of, ids) if isinstance(ids, list) else labels.ref(may.of, ids)
            )
    row |= {name: getattr(fact, name) for name in _STANDING & fields}
    inputs = claim.inputs if isinstance(claim, claims.Statistic) else []
    cited = [citation for name in (claim.id, *inputs) for citation in citations[name]]
    zone = labels.zone(claim.about)
    row |= {
        "scope": Scope.ZONE if zone else Scope.NATIONAL,
        "zone": zone,
        "doubts": [doubt_row(doubt, doubt.field, labels) for doubt in fact.doubts],
        "proven": not fact.shortfall,
        "unproven": fact.shortfall and str(fact.shortfall),
        "citations": list(dict.fromkeys(cited)),
    }
    return read.model_validate(row | (more(fact, claim, labels) if more else {}))


def doubt_row(doubt: claims.Doubt, field: str, labels: Labels) -> Doubt:
    """A doubt about the field that it is shown beside."""
    document = labels.maybe("documents", doubt.document)
    return Doubt(field=field, kind=doubt.kind, reason=doubt.reason, document=document)


def _milestone(fact: Fact, claim: claims.Milestone, labels: Labels) -> dict[str, Any]:
    date, kind = parse_date(claim.date), labels.kinds[claim.kind]
    return {
        "date_precision": date.precision,
        "date_start": date.start,
        "date_end": date.end,
        "year": date.year,
        "batch": batch(fact),
        "title_en": claim.title_en or kind.label_en,
        "title_zh": claim.title_zh or kind.label_zh,
        "by": labels.refs("organizations", dict.fromkeys(_by(fact))),
    }


def batch(fact: Fact) -> str | None:
    """The batch that it came with, by the best document that says so."""
    known = (getattr(evidence.claim, "batch", None) for evidence in fact.evidence)
    return next(filter(None, known), None)


def _by(fact: Fact) -> Iterator[str]:
    """Who did it, by every document that says so."""
    for evidence in fact.evidence:
        if isinstance(evidence.claim, claims.Milestone):
            yield from evidence.claim.by


def _statistic(fact: Fact, claim: claims.Statistic, labels: Labels) -> dict[str, Any]:
    period = parse_date(claim.period) if claim.period else None
    phrase = next(iter(claim.phrases("value")), None)
    read = read_quantities(phrase or "")
    published = next((q for q in read if float(q.value) == claim.value), None)
    money = labels.dimensions[claim.indicator] == "money"
    return {
        "period_start": period and period.start,
        "period_end": period and period.end,
        "period_kind": period.kind if period else PeriodKind.NONE,
        "series": series_of(claim, period),
        "as_of": None if period else fact.evidence[0].source.published_on,
        "currency": claim.unit if money else None,
        "derived": bool(claim.inputs),
        "published_text": phrase,
        "published_value": plain_number(published.number) if published else None,
        "published_unit": published.published_unit if published else None,
    }


def series_of(claim: claims.Statistic, period: StatedDate | None) -> str:
    """The series that a figure belongs to, named by its dimensions as SDMX does.

    Bounds are no values, so those of a quantity are a series of their own.
    """
    subject = (claim.about or "").rpartition("/")[2]
    kind = period.kind if period else PeriodKind.NONE
    bound = ["bound"] if claim.comparator in BOUNDS else []
    return ".".join([subject, claim.indicator, claim.coverage, claim.nature, kind, *bound])


def _relation(_fact: Fact, claim: claims.Relation, labels: Labels) -> dict[str, Any]:
    resource, identifier = entity(claim.object)
    named = labels.ref(resource, identifier).model_dump()
    wording = next(iter(claim.phrases("object")), None)
    return {"object": RelationObject(resource=resource, **named), "wording": wording}


_SHAPES: dict[type[claims.Claim], tuple[type[FactRead], Callable[..., dict[str, Any]] | None]] = {
    claims.Milestone: (MilestoneRead, _milestone),
    claims.Platform: (PlatformRead, None),
    claims.Statistic: (StatisticRead, _statistic),
    claims.Relation: (RelationRead, _relation),
    claims.Statement: (StatementRead, None),
}
"""The read model of each kind of claim, and what makes the fields that do not follow by name."""
_STANDING = {"rank", "rank_reason", "rival_of", "standing", "published_on"}
"""The fields that tell how a fact stands among others."""
