"""The index inside a release: how it is filled and read. All SQL of search stands here.

The full-text table (https://www.sqlite.org/fts5.html) holds tokens that `words` made, so that its
own tokeniser has only to part them at spaces. Names are also entered by key, misspellings by slip:
both are equalities or ranges of an index, whose cost does not grow with the base.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, column, func, select, table
from sqlmodel import col

from app.database import Release, write_rows
from app.query.prepared import Shapes
from app.search.words import Word, read_name, read_words, slips, starts
from app.tables import SearchRow

CREATE = """
CREATE VIRTUAL TABLE search_words USING fts5(
  resource, name, alias, pinyin, related, text, content='', tokenize='ascii'
)"""
DROP = "DROP TABLE search_words"
# What stands in it, word by word: https://www.sqlite.org/fts5.html#the_fts5vocab_virtual_table_module
CREATE_TERMS = "CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_words, instance)"
DROP_TERMS = "DROP TABLE search_terms"


T = TypeVar("T")
_MOST_KEPT = 2_000
"""Rows that are kept as they were read."""
# A list is handed over as a JSON array: so each statement is one text, whatever is asked.
_BEST = """
    SELECT r.number, r.favoured FROM search_words JOIN searchrow r ON r.number = search_words.rowid
    WHERE search_words MATCH :ranking {within}
    ORDER BY (r.favoured AND :favour) DESC, bm25(search_words, 0, 10, 8, 6, 3, 1), r.number
    LIMIT :most"""
_MATCHING = _BEST.format(within="")
_WITHIN = _BEST.format(
    within="""AND +search_words.rowid IN
    (SELECT rowid FROM search_words WHERE search_words MATCH :whole)"""
)
_FIRST = """
    SELECT r.number, r.favoured FROM search_words JOIN searchrow r ON r.number = search_words.rowid
    WHERE search_words MATCH :whole ORDER BY search_words.rowid LIMIT :most"""
_COUNT = """
    SELECT count(*) FROM (SELECT 1 FROM search_words WHERE search_words MATCH :whole LIMIT :most)"""
RANKED = 2_500
"""Rows that are ranked; of more, which have a very common word, the first will do."""
_COMMON = 2 * RANKED
"""A word that occurs so often tells nothing apart: rows are ranked by the others."""
_SEEN, _MOST_TERMS = 500, 16
"""Occurrences that are looked at to know where words stand, and words that begin the same."""
_USUAL = 20
"""A common word stands in a column if so many of those occurrences do."""
_STANDING = """
    SELECT term, col, count(*) FROM (SELECT term, col FROM search_terms
    WHERE term >= :first AND term < :last LIMIT :most) GROUP BY term, col"""
_OCCURRENCES = """
    SELECT count(*) FROM (SELECT 1 FROM search_terms
    WHERE term >= :first AND term < :last LIMIT :most)"""
_TERMS = """
    WITH RECURSIVE found (term) AS (SELECT :term UNION ALL SELECT (SELECT term FROM search_terms
    WHERE term >= found.term || '!' AND term < :last LIMIT 1)
    FROM found WHERE found.term IS NOT NULL LIMIT :most)
    SELECT term FROM found WHERE term IS NOT NULL"""
# Of a beginning of one or two letters there may be very many keys: it is chosen from the first.
_ENTERED = """
    SELECT r.number, k.passage_number, k.how, k.start, k.key, r.favoured
    FROM (SELECT * FROM searchkey WHERE key >= :first AND key < :last LIMIT 4000) k
    JOIN searchpassage p ON p.number = k.passage_number JOIN searchrow r ON r.number = p.row_number
    WHERE :all OR r.resource IN (SELECT value FROM json_each(:resources))
    ORDER BY k.start > 0, r.favoured DESC, length(k.key), k.how IN ('core', 'code'), r.number
    LIMIT :most"""
_KNOWN_KEYS = """
    SELECT DISTINCT column1 FROM (VALUES (?), (?), (?)) WHERE column1 > '' AND EXISTS
    (SELECT 1 FROM searchkey WHERE key >= column1 AND key < column1 || char(0x10ffff))"""
_NAMED = """
    SELECT DISTINCT r.number FROM searchkey k JOIN searchpassage p ON p.number = k.passage_number
    JOIN searchrow r ON r.number = p.row_number
    WHERE k.key IN (SELECT value FROM json_each(:keys)) AND r.resource = :resource"""
_NEAR_TERMS = """
    SELECT DISTINCT term FROM searchslip WHERE slip IN (SELECT value FROM json_each(:slips))"""
_ROWS = """
    SELECT number, row_id, resource, label_en, label_zh
    FROM searchrow WHERE number IN (SELECT value FROM json_each(:numbers))"""
_PASSAGES = """
    SELECT number, row_number, field, kind, text
    FROM searchpassage WHERE row_number IN (SELECT value FROM json_each(:numbers))"""


class Kind(StrEnum):
    """What a passage is to its row, the most telling first; but for codes, a column of tokens."""

    NAME = "name"
    ALIAS = "alias"
    CODE = "code"
    TITLE = "title"
    RELATED = "related"
    TEXT = "text"


_KINDS = {str(kind): (place, kind) for place, kind in enumerate(Kind)}
NAMES = (Kind.NAME, Kind.ALIAS)
_COLUMN = {Kind.CODE: "alias", Kind.TITLE: "related"}
_COLUMNS = ("resource", *dict.fromkeys(_COLUMN.get(kind, str(kind)) for kind in Kind), "pinyin")
_FILLED = {
    "searchrow": ("number", "resource", "row_id", "label_en", "label_zh", "favoured"),
    "searchpassage": ("number", "row_number", "field", "kind", "text"),
    "searchkey": ("key", "passage_number", "how", "start"),
    "search_words": ("rowid", *_COLUMNS),
}
"""The tables of the index, and what of each is written."""


@dataclass(frozen=True)
class Passage:
    """A name or text that a row is found by."""

    field: str
    kind: Kind
    text: str

    @cached_property
    def tokens(self) -> str:
        """The tokens of the text, word by word, Chinese runs whole: `| hitech hi tech | zone |`.

        What does not stand letter by letter in the text has none.
        """
        words = read_words.__wrapped__(self.text)  # each is read once, and not worth keeping
        own = [
            word.text * word.is_plain if word.chinese else " ".join(word.tokens) for word in words
        ]
        return f"| {' | '.join(own)} |"


@dataclass(frozen=True)
class Row:
    """A row to be found."""

    resource: str
    row_id: str
    label_en: str | None
    label_zh: str | None
    passages: tuple[Passage, ...]
    before: int = 0
    """How many numbers stay free before it, for rows that are written otherwise."""


Passages = Sequence[tuple[int, Passage]]
"""Those of a row, each with its number, the most telling first."""


class Known(NamedTuple):
    """What is told of a row that is found."""

    row_id: str
    resource: str
    label_en: str | None
    label_zh: str | None
    passages: Passages


class Entered(NamedTuple):
    """A row that was entered by a key."""

    row: int
    passage: int
    how: str
    start: int
    key: str
    favoured: bool


def fill(connection: Connection, rows: Iterable[Row], favoured: str) -> None:
    """Write the index of `rows`; those of the resource `favoured` come first among equals."""
    left, terms, row_number, passages_before = iter(rows), set[str](), 0, 0
    while some := list(islice(left, 2000)):
        made: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _FILLED}
        found, passages, keys, words = made.values()
        for row in some:
            row_number += 1 + row.before
            labels = (row.label_en, row.label_zh)
            found.append((row_number, row.resource, row.row_id, *labels, row.resource == favoured))
            for passage in dict.fromkeys(row.passages):
                number = passages_before + len(passages) + 1
                passages.append((number, row_number, passage.field, passage.kind, passage.text))
                keys += ((key, number, *how) for key, *how in _keys(passage))
                terms |= _terms(passage)
            words.append((row_number, *_tokens(row)))
        for table_name, rows_made in made.items():
            write_rows(connection, table_name, _FILLED[table_name], rows_made)
        passages_before += len(passages)
    near = sorted((slip, term) for term in terms for slip in slips(term))
    write_rows(connection, "searchslip", ("slip", "term"), near)


def _keys(passage: Passage) -> Iterator[tuple[str, str, int]]:
    """Where a passage can be entered: a name at each word, a code or title at its beginning."""
    if passage.kind in NAMES:
        found: dict[tuple[str, str], int] = {}
        for key, start, how in starts(read_name(passage.text)):
            if key:
                found.setdefault((key, how), start)
        yield from ((key, how, start) for (key, how), start in found.items())
    elif passage.kind in (Kind.CODE, Kind.TITLE) and (key := read_name(passage.text).key):
        yield key, passage.kind, int(passage.kind == Kind.TITLE)


def _terms(passage: Passage) -> set[str]:
    """The words of a name, and its core, that a misspelling may have meant."""
    if passage.kind not in NAMES:
        return set()
    name = read_name(passage.text)
    words = {word.text for word in name.words if not word.chinese}
    if len(name.core) <= 3:
        words |= {name.core_key, name.pinyin}
    return {w for w in words if len(w) > (2 if not w.isascii() else 3) and len(w) < 30}


def _tokens(row: Row) -> Iterator[str]:
    """The tokens of a row, column by column of the full-text table."""
    columns: dict[str, list[str]] = {column: [] for column in _COLUMNS}
    columns["resource"].append(row.resource)
    for passage in row.passages:
        own, sounds = said(passage.text, passage.kind)
        columns[_COLUMN.get(passage.kind, passage.kind)].append(own)
        columns["pinyin"].append(sounds)
    return (" ".join(filter(None, one)) for one in columns.values())


@lru_cache(maxsize=10_000)
def said(text: str, kind: Kind) -> tuple[str, str]:
    """The tokens of a passage, and those of the sounds of a name."""
    tokens: list[str] = []
    sounds = [] if kind in NAMES else tokens
    for word in read_words(text):
        tokens += word.tokens
        if word.chinese and kind in (*NAMES, Kind.RELATED):
            for i, syllable in enumerate(word.pinyin):
                sounds += syllable, "".join(word.pinyin[i : i + 4])
    return " ".join(tokens), " ".join(sounds) if kind in NAMES else ""


@dataclass(frozen=True)
class Phrase:
    """A part of a full-text query, and the columns in which rows have it; none: no row has."""

    text: str
    columns: frozenset[str]
    common: bool = False


@dataclass(frozen=True)
class Asked:
    """A full-text query, and the part of it that ranks what it finds; both may be empty."""

    whole: str
    ranking: str


def groups(release: Release, words: Sequence[Word]) -> list[list[Phrase]]:
    """The ways in which each word can stand: as it is, joined with its neighbour, or in parts.

    Tokens are letters and digits only, so nothing that was typed can be an operator.
    """
    made = []
    for i, word in enumerate(words):
        if word.chinese:
            pairs = word.tokens[: max(1, len(word.text) - 1)]
            made += [[_known(release, pair)] for pair in pairs]
            continue
        near = [words[j : j + 2] for j in (i - 1, i) if j >= 0]
        alone = [pair for pair in near if len(pair) == 2 and not any(w.chinese for w in pair)]
        own, *parts = (_known(release, token, len(token) > 2) for token in word.tokens)
        joint = (_known(release, a.text + b.text, len(a.text + b.text) > 2) for a, b in alone)
        made.append([own, *joint, *([_all(parts)] if parts else [])])
    return made


def expression(
    groups: Iterable[Iterable[Phrase]],
    columns: Sequence[str] = (),
    resources: Iterable[str] = (),
    some: bool = False,
) -> Asked:
    """The full-text query for rows that have all the groups, or any; empty if none can.

    What no row has is not asked, since that costs as much.
    """
    within = frozenset(columns or _COLUMNS)
    there, rare = list[str](), list[str]()
    for group in groups:
        ways = [way for way in group if not way.columns.isdisjoint(within)]
        if ways:
            there.append(f"({' OR '.join([way.text for way in ways])})")
            rare += there[-1:] if not any([way.common for way in ways]) else ()
        elif not some:
            return Asked("", "")
    link, where = " OR " if some else " AND ", f"{{{' '.join(columns)}}} : " if columns else ""
    whole, ranking = (
        f"{where}({link.join(of)})" if of else ""
        for of in ((rare or there) if some else there, rare)
    )
    of = " OR ".join(f'"{resource}"' for resource in resources)
    whole = f"(resource : ({of})) AND {whole}" if of and whole else whole
    return Asked(whole, ranking)


def _all(parts: Sequence[Phrase]) -> Phrase:
    """All of several phrases, in the columns that each stands in."""
    columns = frozenset(_COLUMNS) if all(part.columns for part in parts) else frozenset[str]()
    text = " AND ".join(f"({part.text})" for part in parts)
    return Phrase(f"({text})", columns, any(part.common for part in parts))


def _known(release: Release, token: str, begins: bool = False) -> Phrase:
    """The phrase for a token, or for all that begin with it."""
    known = release.memo(_known, lambda _: lru_cache(10_000)(partial(_look_up, release)))
    return known(token, begins)


def _look_up(release: Release, token: str, begins: bool) -> Phrase:
    asked = {"first": token, "last": token + ("\U0010ffff" if begins else "!"), "most": _SEEN}
    found = release.fetch(_STANDING, asked)
    terms, common = [*dict.fromkeys(term for term, *_ in found)], False
    seen = Counter[str]()
    for _, standing, times in found:
        seen[standing] += times
    columns = frozenset(seen)
    if seen.total() == _SEEN:
        given = asked | {"term": terms[0], "most": _MOST_TERMS}
        terms = [term for (term,) in release.fetch(_TERMS, given)]
        ((occurrences,),) = release.fetch(_OCCURRENCES, asked | {"most": _COMMON})
        common = occurrences == _COMMON and _is_large(release)
        # Where a common word is rare, all that have it would be gone through to find few.
        usual = (one for one, times in seen.items() if times >= _USUAL)
        columns = frozenset(usual if common else _COLUMNS)
    if len(terms) == 1 or common:  # to gather all that begin so takes long where it is common
        text = " OR ".join(f'"{term}"' for term in terms)
    else:
        text = f'"{token}" *'
    return Phrase(text, columns, common)


def matching(
    release: Release, asked: Asked, most: int, favour: bool = True, few: bool = False
) -> list[tuple[int, bool]]:
    """The numbers of the rows that a full-text query finds, best first, and who is favoured.

    Unless it is known that they are `few` enough to be ranked, they are counted. Without `favour`
    only rare words decide: of a whole question, not those that every row has.
    """
    if not asked.whole:
        return []
    given = {**vars(asked), "most": most, "favour": favour}
    few = few or not _is_large(release) or count(release, asked, RANKED + 1) <= RANKED
    if not (asked.ranking and few):
        found = release.fetch(_FIRST, given)
    else:
        same = asked.ranking == asked.whole
        found = release.fetch(_MATCHING if same else _WITHIN, given)
    return [(number, bool(favoured)) for number, favoured in found]


def _is_large(release: Release) -> bool:
    """Whether there are more rows than are ever ranked."""

    def look(connection: Connection) -> bool:
        last = select(func.max(col(SearchRow.number)))
        return (connection.execute(last).scalar() or 0) > RANKED

    return release.memo(_is_large, look)


def count(release: Release, asked: Asked, most: int) -> int:
    """How many rows a full-text query finds, counted no further than `most`."""
    if not asked.whole:
        return 0
    ((number,),) = release.fetch(_COUNT, {"whole": asked.whole, "most": most})
    return int(number)


def found_ids(resource: str, asked: str) -> Select[Any]:
    """The ids of the rows of a resource that a full-text query finds."""
    words = table("search_words", column("rowid"))
    inside = select(words.c.rowid).where(column("search_words").op("MATCH")(asked))
    return select(col(SearchRow.row_id)).where(
        col(SearchRow.resource) == resource, col(SearchRow.number).in_(inside)
    )


def entered(
    release: Release, key: str, resources: Sequence[str], most: int, whole: bool = False
) -> list[Entered]:
    """The rows whose names can be entered at `key`: all of it, or as a beginning."""
    asked = {
        "first": key,
        "last": key + ("\0" if whole else "\U0010ffff"),
        "resources": json.dumps([*resources]),
        "all": not resources,
        "most": most,
    }
    return list(map(Entered._make, release.fetch(_ENTERED, asked)))


def known_keys(release: Release, *keys: str) -> list[str]:
    """Those of three keys that names are entered at, or begin with."""
    return [key for (key,) in release.fetch(_KNOWN_KEYS, keys)]


def named(release: Release, keys: Iterable[str], resource: str) -> list[int]:
    """The numbers of the rows of a resource whose names can be entered at any of `keys`."""
    asked = {"keys": json.dumps(sorted(keys)), "resource": resource}
    return [number for (number,) in release.fetch(_NAMED, asked)]


def near_terms(release: Release, word: str) -> list[str]:
    """The terms that `word` may be a misspelling of."""
    asked = {"slips": json.dumps(sorted(slips(word)))}
    return [term for (term,) in release.fetch(_NEAR_TERMS, asked)]


def rows(release: Release, numbers: Sequence[int]) -> list[Known]:
    """What is told of the rows with these numbers: it never changes, so it is kept once read."""
    kept: Shapes = release.memo(rows, lambda _: Shapes(_MOST_KEPT))
    known: dict[int, Known | None] = {number: kept.get(number, _unread) for number in numbers}
    if missing := [number for number, row in known.items() if row is None]:
        asked = {"numbers": json.dumps(missing)}
        said: dict[int, list[tuple[int, Passage]]] = defaultdict(list)
        for number, row, field, kind, words in release.fetch(_PASSAGES, asked):
            said[row].append((number, Passage(field, _KINDS[kind][1], words)))
        for those in said.values():
            those.sort(key=lambda one: (_KINDS[one[1].kind][0], one[0]))
        for number, *called in release.fetch(_ROWS, asked):
            known[number] = kept.put(number, Known._make((*called, said[number])))
    return [row for number in numbers if (row := known[number])]


def _unread() -> Known | None:
    return None
