"""`gaoxin check`: one small function a rule, each saying what is wrong and how to mend it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from app.resources.passages import Texts
from app.seed.anchors import check_anchors, too_long
from app.seed.claims import (
    ATTRIBUTES,
    CLAIMS,
    Attribute,
    Cite,
    Claim,
    Indicator,
    Industry,
    Milestone,
    Preference,
    PropertyPreference,
    Relation,
    Shape,
    Source,
    Stated,
    Statistic,
    fold,
    names,
)
from app.seed.dates import StatedDate, parse_date
from app.seed.figures import read_figures
from app.seed.files import Finding, canonical
from app.seed.progress import Progress, silent
from app.seed.proof import Verdict, prove, prove_attribute
from app.seed.read import ENTITIES, Seed, grouped, guess
from app.seed.units import BadSize, conversions
from app.vocabulary import Comparator, Operation

RATIOS = {"growth_of", "share_of", "multiple_of", "rate_of"}
"""What only a ratio is to another indicator."""
SUMMED = {"part_of", "increase_of"}
"""What an indicator is only to one in its own unit."""
OBJECTS = {
    **dict.fromkeys(("focuses_on", "active_in", "achieved_in"), "industry/"),
    "located_in": "place/",
}
"""What the object of a relation type is, where it can be of one kind only."""


def check(seed: Seed, texts: Texts | None = None, progress: Progress = silent) -> list[Finding]:
    """Everything wrong with a seed; its anchors too, for the documents whose text is at hand."""
    if seed.findings:  # a file that has no shape would make every other rule complain
        return seed.findings
    if not seed.sheets or read_figures(seed, OF_ROWS, texts, progress):
        for rule in progress(RULES, "checking", "rules", len(RULES)):
            rule(seed)
        check_anchors(seed, texts)
    return seed.findings


def redirects_lead_somewhere(seed: Seed) -> None:
    """An id that is no longer used is not in use, and its successor is."""
    resources = {*seed.identities, *(kind.resource for kind in CLAIMS), "documents"}
    for renamed in seed.redirects:
        known = seed.ids(renamed.resource)
        if renamed.resource not in resources:
            hint = guess(renamed.resource, resources)
            seed.find(renamed, f"there is no resource {renamed.resource!r}{hint}", "resource")
        elif renamed.id in known:
            seed.find(renamed, f"{renamed.id!r} is in use in {renamed.resource}", "id")
        elif renamed.to is not None and renamed.to not in known:
            hint = guess(renamed.to, known)
            seed.find(renamed, f"there is no {renamed.to!r} in {renamed.resource}{hint}", "to")


def ids_are_unique(seed: Seed) -> None:
    """An id names one thing, and leads to one."""
    _stand_once(seed, seed.redirects, lambda renamed: (renamed.resource, renamed.id))
    for scheme, codes in seed.codes.items():
        _stand_once(seed, codes, lambda code: code.id, f"the {scheme} code {{.id!r}} stands twice")
    for resource, identities in seed.identities.items():
        said = f"{{.id!r}} stands twice in {resource}"
        _stand_once(seed, identities, lambda identity: identity.id, said)


def _stand_once(
    seed: Seed,
    models: Iterable[Any],
    key: Callable[[Any], object],
    said: str = "{.id!r} stands twice",
) -> None:
    counts = Counter(map(key, models))
    for model in models:
        if counts[key(model)] > 1:
            seed.find(model, said.format(model), "id")


def names_are_known(seed: Seed) -> None:
    """A code stands in its scheme of vocabularies/codes.yaml, and what is referred to exists."""
    for model in seed.each(Shape):
        for field, may in names(type(model)).items():
            value = getattr(model, field)
            for name in value if isinstance(value, list) else [value]:
                if name is not None and name not in (known := seed.ids(may.of)):
                    said = may.unknown.format(name, may.of)
                    seed.find(model, said + guess(name, known), field)


def entities_are_known(seed: Seed) -> None:
    """Subjects and objects exist."""
    for stated in seed.each(Stated):
        if stated.about is None:
            seed.find(stated, "name a `subject`: here, or once for the whole document")
        elif stated.about != "national":
            _entity(seed, stated, "subject", stated.about)
    for claim in seed.each(Claim):
        kind = (claim.about or "").partition("/")[0]
        if kind in ENTITIES and kind != "zone":
            seed.find(claim, "a claim speaks of a zone/… or is national", "subject")
    for relation in seed.each(Relation):
        _entity(seed, relation, "object", relation.object)
        kind = OBJECTS.get(relation.type, "")
        if not relation.object.startswith(kind):
            seed.find(relation, f"{relation.type} needs {kind}…", "object")


def _entity(seed: Seed, model: BaseModel, field: str, entity: str) -> None:
    kind, _, identifier = entity.partition("/")
    if kind not in ENTITIES:
        known = ", ".join(f"{word}/…" for word in ENTITIES)
        seed.find(model, f"{entity!r} is none of {known}", field)
    elif identifier not in seed.ids(ENTITIES[kind]):
        hint = guess(identifier, seed.ids(ENTITIES[kind]))
        seed.find(model, f"there is no {identifier!r} in {ENTITIES[kind]}{hint}", field)


def attributes_are_known(seed: Seed) -> None:
    """A property belongs to the kind of its subject and has a fitting value."""
    for attribute in seed.each(Attribute):
        known = ATTRIBUTES.get((attribute.about or "").partition("/")[0], {})
        if attribute.field not in known:
            listed = ", ".join(known) or "none"
            message = f"{attribute.field!r} is no property of it; these are: {listed}"
            seed.find(attribute, message, "field")
        elif kind := known[attribute.field]:
            ids = seed.ids(ENTITIES.get(kind, kind))
            if attribute.value not in ids:
                hint = guess(attribute.value, ids)
                seed.find(attribute, f"there is no {kind} {attribute.value!r}{hint}", "value")
        elif attribute.field == "coordinates" and not _is_point(attribute.value):
            seed.find(attribute, "coordinates are 'latitude, longitude' in degrees", "value")


def _is_point(text: str) -> bool:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def fields_are_cited(seed: Seed) -> None:
    """Every field that needs a phrase has one, and every phrase names a field that is there."""
    for stated in seed.each(Stated):
        cited = {cite.for_ for cite in stated.cite}
        for field in stated.must_cite:
            if field not in cited:
                message = f"{field!r} has no citation; add {{for: {field}, text: …}}"
                seed.find(stated, message, "cite")
        may = type(stated).model_fields.keys() - {"id", "subject", "cite"}
        for cite in stated.cite:
            if cite.for_ not in may or getattr(stated, cite.for_) in (None, []):
                seed.find(cite, f"{cite.for_!r} is no filled-in field of this claim", "for")


def speakers_are_known(seed: Seed) -> None:
    """Words are attributed to somebody whom the document names."""
    for document in seed.documents:
        known = {speaker.id for speaker in document.speakers}
        for cite in document.cites:
            if cite.attributed_to and cite.attributed_to not in known:
                hint = guess(cite.attributed_to, known)
                message = f"{cite.attributed_to!r} is no speaker of this document{hint}"
                seed.find(cite, message, "attributed_to")


def phrases_are_short(seed: Seed) -> None:
    """A phrase is an anchor, never a sentence."""
    for cite in seed.each(Cite):
        if cite.text and (reason := too_long(cite.text)):
            seed.find(cite, reason, "text")


def batches_fit_dates(seed: Seed) -> None:
    """A batch belongs to a national approval, and holds or lies in its date."""
    batches: dict[str | None, StatedDate] = {}
    for code in seed.codes.get("batch", []):
        try:
            batches[code.id] = parse_date(code.id)
        except ValueError as error:
            seed.find(code, f"a batch is named by its date; {error}", "id")
    for milestone in seed.each(Milestone):
        batch, date = batches.get(milestone.batch), parse_date(milestone.date)
        if milestone.batch and milestone.kind != "national_approval":
            seed.find(milestone, "only a national_approval comes with a batch", "batch")
        elif batch and not (batch.contains(date) or date.contains(batch)):
            message = f"an approval of {milestone.date} did not come with that batch"
            seed.find(milestone, message, "batch")


def units_fit(seed: Seed) -> None:
    """A figure is in the base unit of its indicator."""
    units = {indicator.id: indicator.unit for indicator in seed.each(Indicator)}
    for figure in seed.each(Statistic):
        unit = units.get(figure.indicator, figure.unit)
        if figure.unit != unit:
            message = f"{figure.indicator} is measured in {unit}, not {figure.unit}"
            seed.find(figure, message, "unit")


def indicators_fit(seed: Seed) -> None:
    """What is said of two indicators is said once, and can be true of them."""
    indicators = {indicator.id: indicator for indicator in seed.each(Indicator)}
    inverse = {code.id: code.inverse for code in seed.codes.get("indicator_relation", [])}
    said: set[frozenset[str]] = set()
    for one in indicators.values():
        for tie in one.related:
            other, pair = indicators.get(tie.to, one), frozenset((one.id, tie.to))
            if tie.to == one.id:
                seed.find(tie, f"{one.id!r} is related to itself; leave it out", "to")
            elif pair in said:
                seed.find(tie, f"how it stands to {tie.to!r} is said already; keep one", "to")
            elif tie.how in inverse and not inverse[tie.how]:
                written = next((code for code, i in inverse.items() if i == tie.how), "…")
                message = f"write it at {tie.to!r}: {{to: {one.id}, how: {written}}}"
                seed.find(tie, message, "how")
            elif tie.how in RATIOS and one.measure != "ratio":
                message = f"only a ratio is {tie.how}, and this is a {one.measure}; mend either"
                seed.find(tie, message, "how")
            elif tie.how in SUMMED and one.unit != other.unit:
                message = (
                    f"{tie.how} needs one unit, and this is in {one.unit}, {tie.to} in {other.unit}"
                )
                seed.find(tie, message, "how")
            said.add(pair)


def units_convert(seed: Seed) -> None:
    """A unit with a size has one that can be read."""
    units = seed.codes.get("unit", [])
    try:
        list(conversions(units))
    except BadSize as error:
        seed.find(next(unit for unit in units if unit.id == error.unit), str(error), "size")


def phrases_do_not_contradict(seed: Seed) -> None:
    """What a claim says can be read again in its phrases."""
    for document in seed.documents:
        for attribute in document.attributes:
            if (proof := prove_attribute(attribute)).verdict == Verdict.REFUSED:
                seed.find(attribute, f"{attribute.field}: {proof.why}", proof.field)
        for claim in document.claims:
            for proof in prove(claim, document):
                if proof.verdict == Verdict.REFUSED:
                    seed.find(claim, str(proof), proof.field)


def derived_figures_follow(seed: Seed) -> None:
    """A derived figure is what its operation makes of its inputs."""
    figures = {figure.id: figure for figure in seed.each(Statistic)}
    for figure in figures.values():
        if bool(figure.inputs) != bool(figure.operation):
            seed.find(figure, "`operation` and `inputs` go together", "inputs")
        inputs = [figures[name] for name in figure.inputs if name in figures]
        if not inputs or not figure.operation:
            continue
        if figure in inputs or len(inputs) < 2:
            seed.find(figure, "a figure follows from two or more others", "inputs")
        elif {i.unit for i in inputs} != {figure.unit}:
            seed.find(figure, "its inputs are in another unit", "inputs")
        elif any(i.nature != figure.nature for i in inputs):
            seed.find(figure, "its inputs are of another nature", "nature")
        elif any(i.comparator != Comparator.EXACTLY for i in (figure, *inputs)):
            seed.find(figure, "nothing certain follows from, or is, an inexact figure", "inputs")
        else:
            first, *rest = (Fraction(str(i.value)) for i in inputs)
            sign = -1 if figure.operation == Operation.DIFFERENCE else 1
            value = first + sign * sum(rest)
            if Fraction(str(figure.value)) != value:
                message = f"the {figure.operation} of its inputs is {float(value):g}"
                seed.find(figure, message, "value")


def documents_stand_once(seed: Seed) -> None:
    """A document is entered once: by address, by text, and by publisher, date and title."""
    keys: dict[object, list[Source]] = defaultdict(list)
    for source in seed.each(Source):
        particulars = (source.publisher, source.published_on, source.title)
        for key in filter(None, (source.url, source.sha256, particulars)):
            keys[key].append(source)
    for first, *twins in keys.values():
        for twin in twins:
            seed.find(twin, f"this is the same document as {first.id!r}; keep one", "id")


def facts_stand_once(seed: Seed) -> None:
    """One document fills a slot once, and an id names one fact."""
    for document in seed.documents:
        slots: dict[object, str] = {}
        for claim in document.claims:
            if other := slots.get(claim.slot):
                seed.find(claim, f"{document.document.id} claims this already, as {other!r}", "id")
            slots[claim.slot] = claim.id
    by_id = grouped(seed.each(Claim), lambda claim: claim.id)
    by_slot = grouped(seed.each(Claim), lambda claim: claim.slot)
    for claims in by_id.values():
        for i, claim in enumerate(claims):
            if not all(earlier.agrees(claim) for earlier in claims[:i]):
                seed.find(claim, f"the id {claim.id!r} names another fact; choose its own", "id")
    for claims in by_slot.values():
        for i, claim in enumerate(claims):
            for other in {e.id: e for e in claims[:i] if e.id != claim.id}:
                if all(e.agrees(c) for e in by_id[other] for c in by_id[claim.id]):
                    seed.find(claim, f"this agrees with {other!r}; give it that id", "id")
                    break


def judgements_decide(seed: Seed) -> None:
    """A choice is made once, of something that is stated, and between rivals."""
    slots = {claim.id: claim.slot for claim in seed.each(Claim)}
    rivals: dict[Any, set[str]] = defaultdict(set)
    for identifier, slot in slots.items():
        rivals[slot].add(identifier)
    for attribute in seed.each(Attribute):
        rivals[attribute.about, attribute.field].add(attribute.value)
    decided: set[Any] = set()
    made = seed.judgements
    choices: list[tuple[Preference | PropertyPreference, Any]] = [
        *((choice, slots.get(choice.prefer)) for choice in made.preferences),
        *((choice, (choice.subject, choice.field)) for choice in made.properties),
    ]
    for choice, slot in choices:
        if choice.prefer not in rivals[slot]:
            hint = guess(choice.prefer, rivals[slot] or slots)
            seed.find(choice, f"no document states {choice.prefer!r}{hint}", "prefer")
        elif len(rivals[slot]) == 1:
            seed.find(choice, f"{choice.prefer!r} has no rival; leave the choice out", "prefer")
        elif slot in decided:
            seed.find(choice, "another choice was made between these rivals; keep one", "prefer")
        decided.add(slot)


def doubts_still_stand(seed: Seed) -> None:
    """What is doubted is still stated so."""
    claims = grouped(seed.each(Claim), lambda claim: claim.id)
    for doubt in seed.judgements.doubts:
        stated = {str(getattr(claim, doubt.field, None)) for claim in claims.get(doubt.fact, [])}
        if not stated:
            hint = guess(doubt.fact, claims)
            seed.find(doubt, f"no document states {doubt.fact!r}{hint}", "fact")
        elif doubt.stated not in stated:
            message = f"its {doubt.field} is {', '.join(sorted(stated))}; mend the doubt or drop it"
            seed.find(doubt, message, "stated")


def taxonomies_have_no_circles(seed: Seed) -> None:
    """Nothing is broader than itself."""
    _no_circles(seed, {i.id: (i, i.broader) for i in seed.each(Industry)})
    said = [a for a in seed.each(Attribute) if a.field == "broader"]
    places = grouped(said, lambda attribute: (attribute.about or "").removeprefix("place/"))
    _no_circles(seed, {i: (those[0], [a.value for a in those]) for i, those in places.items()})


def _no_circles(seed: Seed, broader: Mapping[str, tuple[Any, list[str]]]) -> None:
    for identifier, (model, direct) in broader.items():
        above, todo = set(), list(direct)
        while todo:
            one = todo.pop()
            if one not in above:
                above.add(one)
                todo += broader[one][1] if one in broader else []
        if identifier in above:
            field = "broader" if hasattr(model, "broader") else "value"
            seed.find(model, f"{identifier!r} is broader than itself", field)


def labels_name_one_concept(seed: Seed) -> None:
    """A label of the industry taxonomy, in either language, leads to one concept."""
    owners: dict[str, str] = {}
    for industry in seed.each(Industry):
        for where, label in industry.labels:
            owner = owners.setdefault(fold(label), industry.id)
            if owner != industry.id:
                seed.find(industry, f"{label!r} names {owner!r} already; keep one", *where)


def wordings_stand_once(seed: Seed) -> None:
    """A wording that means several concepts stands once, and is no label of one."""
    labels = {fold(label): i.id for i in seed.each(Industry) for _, label in i.labels}
    counts = Counter(fold(wording.wording) for wording in seed.wordings)
    for wording in seed.wordings:
        folded = fold(wording.wording)
        if counts[folded] > 1:
            seed.find(wording, f"{wording.wording!r} stands twice", "wording")
        elif folded in labels:
            message = f"{wording.wording!r} names {labels[folded]!r} already; keep one"
            seed.find(wording, message, "wording")


def files_are_canonical(seed: Seed) -> None:
    """There is one way to write a file, so that a difference is a difference of content."""
    for file, model in seed.files.values():
        if model is not None and file.text != canonical(model):
            file.find((), "this file is not in canonical form; `gaoxin check --fix` rewrites it")


RULES: tuple[Callable[[Seed], None], ...] = (
    ids_are_unique,
    redirects_lead_somewhere,
    names_are_known,
    entities_are_known,
    attributes_are_known,
    fields_are_cited,
    speakers_are_known,
    phrases_are_short,
    batches_fit_dates,
    units_fit,
    indicators_fit,
    units_convert,
    phrases_do_not_contradict,
    derived_figures_follow,
    documents_stand_once,
    facts_stand_once,
    judgements_decide,
    doubts_still_stand,
    taxonomies_have_no_circles,
    labels_name_one_concept,
    wordings_stand_once,
    files_are_canonical,
)
OF_ROWS = (
    names_are_known,
    entities_are_known,
    fields_are_cited,
    phrases_are_short,
    units_fit,
    phrases_do_not_contradict,
)
"""The rules that look at one claim at a time, which each row of a table must keep."""
