"""What is found, best first, and why.

Rows are gathered in tiers, each one indexed question: whose name is this, whose name begins so,
who has all the words in a name, in what it is tied to, in a text. Only if there is none at all are
misspelt words replaced by near ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA
from sqlalchemy import false

from app.database import Release
from app.query.fields import Clause, Field, Operator
from app.query.plans import COUNTED
from app.query.values import Typed
from app.search import index
from app.search.index import Asked, Entered, Kind, Passage, Passages
from app.search.words import Name, Word, read_name, read_words, stem

EXACT, PREFIX, WORDS, RELATED, TEXTS, SOME = 0.9, 0.7, 0.5, 0.3, 0.1, 0.0
"""What each tier scores at least; being favoured and being close add up to a tenth."""
_COLUMNS = {
    WORDS: ("name", "alias", "pinyin"),
    RELATED: ("name", "alias", "pinyin", "related"),
    TEXTS: (),
}
_NEAR = 0.7
"""How alike a word must be to one that it may have meant."""
_SHOWN = 160
"""The longest snippet."""


class Hit(NamedTuple):
    """A row that was found, and the passage that its name was entered by, if it was."""

    row: int
    score: float
    passage: int | None = None


@dataclass(frozen=True)
class Hits:
    """What was found, best first, by which spelling, and how many there are."""

    hits: list[Hit]
    name: Name
    total: int


def search(release: Release, text: str, resources: Sequence[str], most: int) -> Hits:
    """The rows that have the words of `text`; if there is none, those that have some."""
    name = read_name(text)
    for alike, likeness in spellings(release, name):
        best = _each(_by_names(release, alike, resources, most))
        groups = index.groups(release, alike.told)
        texts = index.expression(groups, resources=resources)
        total = index.count(release, texts, index.RANKED + 1)
        few = total <= index.RANKED  # so are those that have the words in some columns
        for tier, columns in _COLUMNS.items() if total else ():
            if len(best) < most:
                asked = index.expression(groups, columns, resources) if columns else texts
                found = _by_words(release, asked, tier, most, few)
                best = {hit.row: hit for hit in found} | best
        total = max(len(best), total if few else index.count(release, texts, COUNTED + 1))
        if best:
            return Hits(_best(best.values(), likeness, most), alike, total)
    asked = index.expression(index.groups(release, name.told), (), resources, some=True)
    total = index.count(release, asked, COUNTED + 1)
    hits = [*_by_words(release, asked, SOME, most, total <= index.RANKED)]
    return Hits(_best(hits, 1, most), name, total)


def suggest(release: Release, text: str, resources: Sequence[str], most: int) -> Hits:
    """The rows whose names go on as `text` begins."""
    name = read_name(text)
    for alike, likeness in spellings(release, name):
        if found := _each(_going_on(release, alike, resources, most)):
            best = _best(found.values(), likeness, most)
            return Hits(best, alike, len(best))
    return Hits([], name, 0)


def _each(hits: Iterable[Hit]) -> dict[int, Hit]:
    """The best hit of each row."""
    return {hit.row: hit for hit in sorted(hits, key=lambda hit: -hit.score)[::-1]}


def _best(hits: Iterable[Hit], likeness: float, most: int) -> list[Hit]:
    ordered = sorted(hits, key=lambda hit: (-hit.score, hit.row))[:most]
    return [Hit(hit.row, round(hit.score * likeness, 3), hit.passage) for hit in ordered]


def _score(tier: float, favoured: bool, close: float) -> float:
    return tier + 0.05 * favoured + 0.05 * close


def _by_names(release: Release, name: Name, resources: Sequence[str], most: int) -> Iterator[Hit]:
    """The rows that have this name, those whose names end so, and those whose names go on so."""
    known = index.known_keys(release, name.key, name.core_key, stem(name.key))
    for key in known:
        for one in index.entered(release, key, resources, most, whole=True):
            # Without the ending that was asked for it is another name, if it never had any.
            other = key != name.key and one.how != "core" and bool(name.ending)
            close = 1 if key == name.key and one.how != "core" else 0.5
            yield _hit(one, close, whole=not other)
    if name.key in known:
        yield from _going_on(release, name, resources, most)


def _going_on(release: Release, name: Name, resources: Sequence[str], most: int) -> Iterator[Hit]:
    """The rows whose names begin so, or go on so within."""
    for one in index.entered(release, name.key, resources, 4 * most) if name.key else ():
        close = len(name.key) / (len(one.key) + (one.how == "core"))
        yield _hit(one, close, whole=close == 1)


def _hit(one: Entered, close: float, whole: bool) -> Hit:
    """A hit by a key, of which `whole` tells whether it was all that was asked for."""
    begins = one.start == 0 or (whole and one.how == Kind.TITLE)
    tier = (WORDS, PREFIX, EXACT)[begins + whole]
    return Hit(one.row, _score(tier, one.favoured, close), one.passage)


def _by_words(release: Release, asked: Asked, tier: float, most: int, few: bool) -> Iterator[Hit]:
    whole = tier != SOME
    found = index.matching(release, asked, most, whole, few)
    for i, (row, favoured) in enumerate(found):
        yield Hit(row, _score(tier, favoured and whole, 1 - (i + 1) / (len(found) + 1)))


def spellings(release: Release, name: Name) -> Iterator[tuple[Name, float]]:
    """The name as it is, then as it may have been meant, each with how alike that is."""
    if not name.told:
        return
    yield name, 1.0
    if len(name.told) > 6:
        return
    ways = [near_words(release, word) or [(word.text, 1.0)] for word in name.told]
    whole = Word(name.core_key or name.key, 0, 0)
    meant = [(" ".join(w for w, _ in way), _product(s for _, s in way)) for way in product(*ways)]
    if len(name.told) > 1 and not name.is_chinese:
        meant += near_words(release, whole)
    best = sorted(dict(meant).items(), key=lambda one: (-one[1], one[0]))
    for text, likeness in islice(best, 6):
        if read_name(text).told != name.told:
            yield read_name(text), likeness


def _product(numbers: Iterable[float]) -> float:
    result = 1.0
    for number in numbers:
        result *= number
    return result


def near_words(release: Release, word: Word, most: int = 3) -> list[tuple[str, float]]:
    """The words that a word may have meant, the likeliest first, with how alike they are."""
    near = {term: likeness(word.text, term) for term in index.near_terms(release, word.text)}
    if word.chinese:
        near.setdefault("".join(word.pinyin), 0.9)
    best = sorted(near.items(), key=lambda one: (-one[1], one[0]))
    return [one for one in best if one[1] >= _NEAR][:most]


def likeness(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1; a wrong first letter is rarer than any other."""
    return OSA.normalized_similarity(one, other) * (1 if one[:1] == other[:1] else 0.85)


def why(hit: Hit, sought: "Sought", passages: Passages) -> tuple[str, str]:
    """The field by which a row was found, and a snippet of it with what matched in « »."""
    if hit.passage is None:
        best = sought.best(passages)
    else:
        best = next(passage for number, passage in passages if number == hit.passage)
    spans = sought.within(best)
    if hit.passage and not spans and (core := read_name(best.text).told):
        spans = [(core[0].start, core[-1].end)]
    return best.field, _marked(best.text, spans)


class Sought:
    """Words that are sought in texts: English ones by their stems, Chinese ones pair by pair."""

    def __init__(self, asked: Sequence[Word]) -> None:
        words = {stem(w.text) for w in asked if not w.chinese}
        words |= {stem(a.text + b.text) for a, b in pairwise(asked)}
        latin = (f" {one}" if len(one) > 2 else f" {one} " for one in words)
        pairs = {t for w in asked if w.chinese for t in w.tokens[: max(1, len(w.text) - 1)]}
        self._tokens = (*latin, *pairs)

    def best(self, passages: Passages) -> Passage:
        """The first of the passages of a row in which the most of them are."""
        best, most = None, -1
        for _, passage in passages:
            tokens, found = passage.tokens, 0
            for one in self._tokens:
                if one in tokens:
                    found += 1
            if found > most:
                best, most = passage, found
                if found == len(self._tokens):
                    break
        assert best, "a row that is found has passages"
        return best

    def within(self, passage: Passage) -> list[tuple[int, int]]:
        """Where they are in the text of a passage: in each word once."""
        tokens, spans = passage.tokens, set()
        for one in self._tokens:
            at = tokens.find(one)
            while at >= 0:
                word = read_words(passage.text)[tokens.count("|", 0, at) - 1]
                if not word.chinese:
                    spans.add((word.start, word.end))
                elif one[0] != " ":
                    start = word.start + at - tokens.rindex("|", 0, at) - 2
                    spans.add((start, start + len(one)))
                at = tokens.find(one, tokens.index("|", at))
        return sorted(spans)


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A snippet of a text around the first span, every span in it marked."""
    first = spans[0][0] if spans else 0
    start = 0 if len(text) <= _SHOWN else max(0, min(first - _SHOWN // 3, len(text) - _SHOWN))
    end, at, parts = min(len(text), start + _SHOWN), start, ["…" if start else ""]
    merged: list[list[int]] = []
    for begins, ends in spans:
        if merged and begins <= merged[-1][1]:
            merged[-1][1] = max(ends, merged[-1][1])
        else:
            merged.append([begins, ends])
    for begins, ends in merged:
        if ends <= end:
            parts += [text[at:begins], "«", text[begins:ends], "»"]
            at = ends
    return "".join([*parts, text[at:end], "…" if end < len(text) else ""])


class Found(Field):
    """The rows that search finds: `q = Found("things")`. Words are joined by "and"."""

    value = Typed
    operators = (Operator("", "has these words", lambda f, v: f.finds(v[0])),)

    def __init__(self, resource: str) -> None:
        super().__init__(
            "Words in the row's names and texts, or in the names of what it is tied to, in either "
            "language or in pinyin; misspellings are forgiven if nothing is found without. For the "
            "best first, over all resources, use `/v1/search`."
        )
        self.resource = resource
        self.of: Any = None

    def __set_name__(self, owner: Any, name: str) -> None:
        super().__set_name__(owner, name)
        self.of = owner

    def sought(self, values: Sequence[Any], release: Release) -> Sequence[Any]:
        """The full-text query of the first spelling that finds anything; empty without one."""
        for name, _ in spellings(release, read_name(values[0])):
            asked = index.expression(index.groups(release, name.told), (), [self.resource])
            if index.count(release, asked, 1):
                return [asked.whole]
        return [""]

    def finds(self, asked: str) -> Clause:
        """The rows of the resource that a full-text query finds."""
        if not asked:
            return false()
        clause: Clause = self.of.table.id.in_(index.found_ids(self.resource, asked))
        return clause
