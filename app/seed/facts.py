"""From claims to facts: claims that agree are one fact, those that do not are ranked rivals."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.seed.claims import Claim, DocumentFile, Doubt, Milestone, Relation, Source, Stated
from app.seed.dates import parse_date
from app.seed.files import Finding
from app.seed.proof import Proof, Verdict, shortfall
from app.seed.read import Seed, grouped
from app.vocabulary import Rank


@dataclass(frozen=True)
class Evidence:
    """One document's claim."""

    document: DocumentFile
    claim: Stated

    @property
    def source(self) -> Source:
        """The document's particulars."""
        return self.document.document

    @property
    def weight(self) -> tuple[int, int, str]:
        """Sorts better evidence first: by tier, then the more recent."""
        return weight_of(self.source)


def weight_of(source: Source) -> tuple[int, int, str]:
    """Sorts better sources first: by tier, then the more recent."""
    published = source.published_on and parse_date(source.published_on).end
    recency = int(published.replace("-", "")) if published else 0
    return (source.tier, -recency, source.id)


@dataclass
class Fact:
    """One served fact with every claim that states it, the best first."""

    served: Evidence
    evidence: list[Evidence]
    rank: Rank = Rank.PREFERRED
    rank_reason: str | None = None
    rival_of: str | None = None
    """Id of the fact that is preferred to it."""
    standing: int = 0
    """Its place among its rivals, the preferred one being 0."""
    citations: dict[str, list[str]] = field(default_factory=dict)
    """Ids of its citations by the field they state."""
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def claim(self) -> Claim:
        """The claim that is served."""
        assert isinstance(self.served.claim, Claim)
        return self.served.claim

    @property
    def published_on(self) -> str | None:
        """When the first document that states it was published, as far as that is known."""
        dates = [one.source.published_on for one in self.evidence if one.source.published_on]
        return min(dates, key=lambda date: (parse_date(date).end or "9", date), default=None)

    @cached_property
    def shortfall(self) -> Proof | None:
        """What keeps its phrases from proving the claim that is served, if anything."""
        return shortfall(self.claim, self.served.document)


@dataclass
class Property:
    """The value of a property of a zone, place or organization, and its rivals."""

    value: str
    evidence: list[Evidence]
    chosen: bool
    """Whether a person preferred it."""
    citations: list[str] = field(default_factory=list)


def build_facts(seed: Seed) -> list[Fact]:
    """Every fact of the seed, in the order of its documents."""
    claims: dict[str, list[Evidence]] = defaultdict(list)
    for document in seed.documents:
        for claim in document.claims:
            claims[claim.id].append(Evidence(document, claim))
    facts = [_fact(evidence) for evidence in claims.values()]
    chosen = {choice.prefer: choice.reason for choice in seed.judgements.preferences}
    doubts = grouped(seed.judgements.doubts, lambda doubt: doubt.fact)
    for fact in facts:
        fact.doubts = doubts.get(fact.claim.id, [])
    for rivals in grouped(facts, lambda fact: fact.claim.slot).values():
        if len(rivals) > 1:
            rank_rivals(rivals, chosen)
    return facts


def build_properties(seed: Seed) -> dict[tuple[str, str], list[Property]]:
    """The values of each subject and property, the preferred one first."""
    values: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for document in seed.documents:
        for one in document.attributes:
            values[one.about or "", one.field, one.value].append(Evidence(document, one))
    chosen = {(c.subject, c.field, c.prefer) for c in seed.judgements.properties}
    found: dict[tuple[str, str], list[Property]] = defaultdict(list)
    for key, evidence in values.items():
        found[key[:2]].append(Property(key[2], _best_first(evidence), key in chosen))
    for rivals in found.values():
        rivals.sort(key=lambda rival: (not rival.chosen, rival.evidence[0].weight))
    return dict(found)


def _best_first(evidence: list[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda one: one.weight)


def _fact(evidence: list[Evidence]) -> Fact:
    best = _best_first(evidence)
    return Fact(min(best, key=_coarseness), best)


def _coarseness(evidence: Evidence) -> float:
    """Claims that agree may differ in precision: the finest date, and a told role, is served."""
    claim = evidence.claim
    if isinstance(claim, Relation):
        return float(claim.role is None)
    return parse_date(claim.date).days if isinstance(claim, Milestone) else 0


def rank_rivals(rivals: list[Fact], chosen: Mapping[str, str]) -> None:
    """Prefer the fact that a person chose, else the one with the best evidence; say why."""
    rivals.sort(key=lambda f: (f.claim.id not in chosen, f.evidence[0].weight, f.claim.id))
    (best, second), others = rivals[:2], rivals[1:]
    (tier, recency, _), (other_tier, other_recency, _) = (
        fact.evidence[0].weight for fact in (best, second)
    )
    source = best.evidence[0].source.id
    if best.claim.id in chosen:
        best.rank_reason = chosen[best.claim.id]
    elif tier < other_tier:
        best.rank_reason = f"{source} has a better tier than its rivals"
    elif recency < other_recency:
        best.rank_reason = f"{source} is more recent than its rivals of the same tier"
    else:
        best.rank_reason = "neither tier nor date decides; its id comes first"
    for standing, other in enumerate(others, 1):
        other.rank, other.rival_of, other.standing = Rank.NORMAL, best.claim.id, standing
        other.rank_reason = f"{best.claim.id} is preferred: {best.rank_reason}"


def unproven(seed: Seed) -> Iterator[tuple[Finding, Verdict]]:
    """Each fact that its phrases do not prove: where it stands, and why."""
    for fact in build_facts(seed):
        if proof := fact.shortfall:
            yield seed.remark(fact.claim, f"{fact.claim.id}: {proof}"), proof.verdict
    if seed.figures:
        yield from seed.figures.unproven()
