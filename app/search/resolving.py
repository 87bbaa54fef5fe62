"""From a name that somebody uses to the row that it means, with how well it fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import LCSseq

from app.database import Release
from app.search import index
from app.search.finding import likeness, near_words
from app.search.index import NAMES, Kind, Passage
from app.search.words import Name, Word, plain_pinyin, read_name, read_words

MOST = 5
"""The most candidates shown for a name."""
FITS = 0.5
"""What a candidate must score to be an answer."""
SHOWN = 0.3
"""What it must score to be shown at all."""
_CONSIDERED = 20
"""How many rows are compared, of those that share words with a name."""
_SAME_WORD = 0.8
"""How alike two words must be for one to be a misspelling of the other."""
_CHARACTER = 3
"""A Chinese character tells as much as so many letters."""


class Fit(StrEnum):
    """By what a name fits a row."""

    EXACT = "exact"
    ALIAS = "alias"
    PINYIN = "pinyin"
    FUZZY = "fuzzy"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """A row that a name may mean."""

    id: str
    label_en: str | None
    label_zh: str | None
    score: float
    match: Fit
    name: str


def resolve(release: Release, text: str, resource: str) -> list[Candidate]:
    """The rows that `text` may mean, best first; the first is the answer unless it is `none`."""
    asked = read_name(text)
    numbers = sorted(_considered(release, asked, resource))
    found = []
    for row in index.rows(release, numbers):
        score, match, name = _best(asked, [passage for _, passage in row.passages])
        labels = (row.row_id, row.label_en, row.label_zh)
        if score >= SHOWN:
            fit = match if score >= FITS else Fit.NONE
            found.append(Candidate(*labels, round(score, 3), fit, name))
    return sorted(found, key=lambda one: (-one.score, one.id))[:MOST]


def _considered(release: Release, asked: Name, resource: str) -> set[int]:
    """The numbers of the rows worth a comparison: by name, by near words, by some of the words."""
    terms = (Word(asked.core_key, 0, 0), *asked.core[:8])
    near = {term for word in terms for term, _ in near_words(release, word)}
    keys = near | {asked.key, asked.core_key, asked.pinyin} - {""}
    found = {*index.named(release, keys, resource)}
    characters = [Word(c, 0, 0, (), True) for w in asked.core if w.chinese for c in w.text]
    meant = [*asked.core, *(word for term in sorted(near) for word in read_words(term))]
    for words in (meant, characters):
        if words and (words is meant or not found):  # single characters are common
            some = index.expression(index.groups(release, words), (), [resource], some=True)
            found |= {row for row, _ in index.matching(release, some, _CONSIDERED)}
    return found


def _best(asked: Name, passages: Sequence[Passage]) -> tuple[float, Fit, str]:
    """How well the best name of a row fits, by what, and that name."""
    ties = [read_name(p.text) for p in passages if p.kind == Kind.RELATED]
    best = (0.0, Fit.NONE, "")
    for passage in passages:
        if passage.kind in (*NAMES, Kind.CODE, Kind.TITLE):
            score, match = _fit(asked, read_name(passage.text), passage.kind, ties)
            best = max(best, (score, match, passage.text), key=lambda one: one[0])
    return best


def _fit(asked: Name, name: Name, kind: Kind, ties: Sequence[Name]) -> tuple[float, Fit]:
    """How well a name fits: as a whole, but for its ending, in pinyin, by its words."""
    if asked.key and asked.key == name.key:
        return 1.0, Fit.ALIAS if kind == Kind.ALIAS else Fit.EXACT
    if not asked.core or not name.core or kind == Kind.CODE:
        return 0.0, Fit.NONE
    union = asked.ending | name.ending
    ending = 0.04 * (len(asked.ending & name.ending) / len(union) if union else 1)
    if asked.core_key == name.core_key:
        return 0.95 + ending, Fit.ALIAS
    if asked.pinyin == name.pinyin:
        return 0.9 + ending, Fit.PINYIN
    alike = _alike(asked, name, ties)
    return (alike + ending if alike else 0), Fit.FUZZY


def _alike(asked: Name, name: Name, ties: Sequence[Name]) -> float:
    """How far the words of two names are the same, a row's ties explaining words in excess."""
    tied = [word for tie in ties for word in tie.core]
    ours, theirs = _share(asked, name.core, tied), _share(name, asked.core, ())
    pinyin = asked.is_chinese != name.is_chinese
    keys = (asked.pinyin, name.pinyin) if pinyin else (asked.core_key, name.core_key)
    whole = 0.0 if pinyin and asked.is_chinese else _likeness(*keys)
    words = 0.55 * ours + 0.3 * theirs if theirs else 0
    return max(words, 0.7 * whole if whole >= _SAME_WORD else 0)


def _likeness(one: str, other: str) -> float:
    """How alike two words are; other syllables of pinyin are another name, no misspelling."""
    plain = plain_pinyin(one), plain_pinyin(other)
    return 0.0 if None not in plain and plain[0] != plain[1] else likeness(one, other)


def _share(name: Name, words: Sequence[Word], tied: Sequence[Word]) -> float:
    """How much of a name stands in `words`, or else in what its row is tied to."""
    found = 0.0
    for word in name.core:
        if word.chinese:
            places = {place for other in words for place in _places(word, other, 1)}
            places |= {place for other in tied for place in _places(word, other, 2)}
            found += _CHARACTER * len(places)
        else:
            alike = (_likeness(word.text, o.text) for o in (*words, *tied) if not o.chinese)
            best = max((one for one in alike if one >= _SAME_WORD), default=0)
            found += len(word.text) * best**2  # so that a word of a name outweighs a near name
    return found / sum(len(w.text) * (_CHARACTER if w.chinese else 1) for w in name.core)


def _places(word: Word, other: Word, least: int) -> Iterator[int]:
    """Where characters of a Chinese word stand in another, at least so many together."""
    for block in LCSseq.opcodes(word.text, other.text) if other.chinese else ():
        if block.tag == "equal" and block.src_end - block.src_start >= least:
            yield from range(block.src_start, block.src_end)
