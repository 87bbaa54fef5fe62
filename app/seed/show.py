"""What `gaoxin show` prints for a curator: a row field by field, with its claims and phrases."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from app.query.answers import Read
from app.resources.evidence import OF_ENTITY, OF_FACT, CitationRead
from app.seed.claims import CLAIMS, Attribute
from app.seed.entities import build_rows
from app.seed.facts import Fact, build_facts
from app.seed.read import ENTITIES, Seed, grouped, guess
from app.vocabulary import Rank

KINDS = {**ENTITIES, **{kind.resource.removesuffix("s"): kind.resource for kind in CLAIMS}}
"""What a curator calls a row, and its resource."""
_APART = {"id", "refs", "states", "citations", "counts"}


class NotThere(LookupError):
    """There is no such row; the message says what is near."""


def show(seed: Seed, kind: str, identifier: str) -> Iterator[str]:
    """The lines that tell of one row; raises `NotThere`."""
    resource = KINDS.get(kind, kind)
    facts = build_facts(seed)
    rows = build_rows(seed, facts)
    if resource not in rows:
        raise NotThere(f"{kind!r} is none of {', '.join(KINDS)}")
    found = {row.id: row for row in rows[resource]}
    if identifier not in found:
        raise NotThere(f"there is no {identifier!r} in {resource}{guess(identifier, found)}")
    return _Shown(seed, facts, rows["citations"]).lines(resource, found[identifier])


class _Shown:
    """Tells rows, given every citation and where its claim stands."""

    def __init__(self, seed: Seed, facts: list[Fact], citations: list[Read]) -> None:
        self.citations: Mapping[str, Any] = {citation.id: citation for citation in citations}
        self.facts = {fact.claim.id: fact for fact in facts}
        self.rivals = grouped(facts, lambda fact: fact.claim.slot)
        self.places: dict[Any, str] = {}
        for file in seed.documents:
            for stated in file.stated:
                remark = seed.remark(stated, "")
                for cite in stated.cite:
                    if isinstance(stated, Attribute):
                        of = (str(stated.about).partition("/")[2], stated.field)
                    else:
                        of = (stated.id, cite.for_)
                    key = (file.document.id, *of, cite.text, cite.at)
                    self.places[key] = f"{remark.file}:{remark.line}"

    def lines(self, resource: str, row: Read) -> Iterator[str]:
        """A heading, each known field with what states it, and the names of those unknown."""
        yield f"{resource}/{row.id}"
        values: dict[str, Any] = row.model_dump(mode="json")
        of = OF_ENTITY if "refs" in values else OF_FACT
        unknown = []
        for field, value in values.items():
            if field in _APART:
                continue
            if value in (None, [], {}):
                unknown.append(field)
                continue
            yield f"{field}: {_plain(value)}"
            cited = of.ids(values, field) if of is OF_ENTITY else self._by_field(values, field)
            yield from self._evidence([self.citations[one] for one in cited])
        if unknown:
            yield f"unknown: {', '.join(unknown)}"

    def _by_field(self, values: dict[str, Any], field: str) -> list[str]:
        """The citations that state just this field of a fact."""
        ids: list[str] = values.get("citations", [])
        return [one for one in ids if self.citations[one].fact.field == field]

    def _evidence(self, cited: list[CitationRead]) -> Iterator[str]:
        """Each phrase with the place of its claim, and what rivals of the claim say."""
        told = set()
        for citation in cited:
            fact, phrase = citation.fact, citation.as_written
            key = (citation.document.id, fact.id, fact.field, phrase, citation.start)
            at = f" at {citation.start}" if citation.anchored else ", unanchored"
            speaker = f", quoting {citation.attributed_to.name}" if citation.attributed_to else ""
            yield f"  {self.places.get(key, citation.document.id)}"
            said = f"“{phrase}”" if phrase else "not quoted"
            yield f"    {fact.resource}/{fact.id} {fact.field}: {said}{at}{speaker}"
            known = self.facts.get(fact.id)
            if known and known.claim.id not in told:
                told.add(known.claim.id)
                yield from self._rivals(known, fact.field)

    def _rivals(self, fact: Fact, field: str) -> Iterator[str]:
        for other in self.rivals[fact.claim.slot]:
            if other is not fact:
                value = _plain(getattr(other.claim, field, None))
                rank = "preferred" if other.rank == Rank.PREFERRED else "left out"
                yield f"    rival {other.claim.id}: {value} ({rank}: {other.rank_reason})"


def _plain(value: Any) -> str:
    """A value on one line, a reference by its id."""
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return str(value["id"]) if "id" in value else json.dumps(value, ensure_ascii=False)
    return str(value)
