"""The index inside a release: how it is filled and read. All SQL of search stands here.

The full-text table (https://www.sqlite.org/fts5.html) holds tokens that `words` made, so that its
own tokeniser has only to part them at spaces. Names are also entered by key, misspellings by slip:
both are equalities or ranges of an index, whose cost does not grow with the base.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice, starmap
from typing import Any

from sqlalchemy import Connection, Select, column, select, table
from sqlmodel import col

from app.database import Release, write_rows
from app.search.words import Word, read_name, read_words, slips, starts
from app.tables import SearchRow

CREATE = """
CREATE VIRTUAL TABLE search_words USING fts5(
  resource, name, alias, pinyin, related, text, content='', tokenize='ascii'
)"""
DROP = "DROP TABLE search_words"


# A list is handed over as a JSON array: so each statement is one text, whatever is asked.
_MATCHING = """
    SELECT r.number, r.favoured FROM search_words JOIN searchrow r ON r.number = search_words.rowid
    WHERE search_words MATCH :asked
    ORDER BY (r.favoured AND :favour) DESC, bm25(search_words, 0, 10, 8, 6, 3, 1), r.number
    LIMIT :most"""
_FIRST = """
    SELECT r.number, r.favoured FROM search_words JOIN searchrow r ON r.number = search_words.rowid
    WHERE search_words MATCH :asked ORDER BY search_words.rowid LIMIT :most"""
_COUNT = "SELECT count(*) FROM search_words WHERE search_words MATCH :asked"
_COUNT_SOME = """
    SELECT count(*) FROM (SELECT 1 FROM search_words WHERE search_words MATCH :asked LIMIT :most)"""
RANKED = 10_000
"""Rows that are ranked; of more, which have a very common word, the first will do."""
# Of a beginning of one or two letters there may be very many keys: it is chosen from the first.
_ENTERED = """
    SELECT r.number, k.passage_number, k.how, k.start, k.key, r.favoured
    FROM (SELECT * FROM searchkey WHERE key >= :first AND key < :last LIMIT 4000) k
    JOIN searchpassage p ON p.number = k.passage_number JOIN searchrow r ON r.number = p.row_number
    WHERE :all OR r.resource IN (SELECT value FROM json_each(:resources))
    ORDER BY k.start > 0, r.favoured DESC, length(k.key), k.how IN ('core', 'code'), r.number
    LIMIT :most"""
_NAMED = """
    SELECT DISTINCT r.number FROM searchkey k JOIN searchpassage p ON p.number = k.passage_number
    JOIN searchrow r ON r.number = p.row_number
    WHERE k.key IN (SELECT value FROM json_each(:keys)) AND r.resource = :resource"""
_NEAR_TERMS = """
    SELECT DISTINCT term FROM searchslip WHERE slip IN (SELECT value FROM json_each(:slips))"""
_ROWS = """
    SELECT number, resource, row_id, label_en, label_zh
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


@dataclass(frozen=True)
class Entered:
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


def expression(
    words: Sequence[Word],
    columns: Iterable[str] = (),
    resources: Iterable[str] = (),
    some: bool = False,
) -> str:
    """The full-text query for rows that have all `words`, or any of them.

    Each stands as it is or joined with its neighbour. Tokens are letters and digits only, so
    nothing that was typed can be an operator.
    """
    groups, link = [], " OR " if some else " AND "
    for i, word in enumerate(words):
        if word.chinese:
            pairs = word.tokens[: max(1, len(word.text) - 1)]
            groups.append("(" + link.join(f'"{pair}"' for pair in pairs) + ")")
            continue
        near = [words[j : j + 2] for j in (i - 1, i) if j >= 0]
        alone = [pair for pair in near if len(pair) == 2 and not any(w.chinese for w in pair)]
        ways = [_begins(word.tokens[0]), *(_begins(a.text + b.text) for a, b in alone)]
        if word.parts:
            ways.append("(" + " AND ".join(_begins(part) for part in word.tokens[1:]) + ")")
        groups.append("(" + " OR ".join(ways) + ")")
    asked = link.join(groups)
    within = f"{{{' '.join(columns)}}} : ({asked})" if columns else f"({asked})"
    of = " OR ".join(f'"{resource}"' for resource in resources)
    return f"(resource : ({of})) AND {within}" if of else within


def _begins(token: str) -> str:
    return f'"{token}" *' if len(token) > 2 else f'"{token}"'


def matching(
    release: Release, asked: str, most: int, favour: bool = True
) -> list[tuple[int, bool]]:
    """The numbers of the rows that a full-text query finds, best first, and who is favoured.

    Without `favour` only rare words decide: of a whole question, not those that every row has.
    """
    given = {"asked": asked, "most": most}
    if count_some(release, asked, RANKED + 1) > RANKED:
        found = release.fetch(_FIRST, given)
    else:
        found = release.fetch(_MATCHING, {**given, "favour": favour})
    return [(number, bool(favoured)) for number, favoured in found]


def count(release: Release, asked: str) -> int:
    """How many rows a full-text query finds."""
    ((number,),) = release.fetch(_COUNT, {"asked": asked})
    return int(number)


def count_some(release: Release, asked: str, most: int) -> int:
    """The same, but no further than `most`."""
    ((number,),) = release.fetch(_COUNT_SOME, {"asked": asked, "most": most})
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
    return list(starmap(Entered, release.fetch(_ENTERED, asked)))


def named(release: Release, keys: Iterable[str], resource: str) -> list[int]:
    """The numbers of the rows of a resource whose names can be entered at any of `keys`."""
    asked = {"keys": json.dumps(sorted(keys)), "resource": resource}
    return [number for (number,) in release.fetch(_NAMED, asked)]


def near_terms(release: Release, word: str) -> list[str]:
    """The terms that `word` may be a misspelling of."""
    asked = {"slips": json.dumps(sorted(slips(word)))}
    return [term for (term,) in release.fetch(_NEAR_TERMS, asked)]


def rows(release: Release, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The rows with these numbers: resource, id and labels."""
    names = ("resource", "row_id", "label_en", "label_zh")
    found = release.fetch(_ROWS, {"numbers": json.dumps([*numbers])})
    return {number: dict(zip(names, row, strict=True)) for number, *row in found}


def passages(release: Release, numbers: Sequence[int]) -> dict[int, list[tuple[int, Passage]]]:
    """The passages of the rows with these numbers, each with its own, the most telling first."""
    found: dict[int, list[tuple[int, Passage]]] = {number: [] for number in numbers}
    for number, row, field, kind, words in release.fetch(
        _PASSAGES, {"numbers": json.dumps([*numbers])}
    ):
        found[row].append((number, Passage(field, _KINDS[kind][1], words)))
    for those in found.values():
        those.sort(key=lambda one: (_KINDS[one[1].kind][0], one[0]))
    return found
