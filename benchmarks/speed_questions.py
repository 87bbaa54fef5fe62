"""The questions, and how each server is asked them; what a peer cannot ask is left out.

Hot questions are one address repeated. Cold ones go through thousands of addresses in an order that
is drawn once: no cache holds them all, and none comes back soon.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any
from urllib.parse import quote, unquote, urlencode

from benchmarks.speed_servers import Call

MOST = 20_000
"""Addresses of a cold question."""
GZIP = {"Accept-Encoding": "gzip"}
_RUN = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{3,})*")
Asked = dict[str, Any]
Form = Callable[[Asked], Call]


@dataclass(frozen=True)
class Question:
    """What is asked, by the addresses of each server that can be asked it."""

    name: str
    says: str
    calls: Mapping[str, Sequence[Call]]
    headers: Mapping[str, str] = field(default_factory=dict)
    hot: bool = False
    conditional: bool = False


def questions(connection: sqlite3.Connection, release: str) -> list[Question]:
    """Every question, of one base."""
    return [*_hot(), *_cold(connection, release)]


def _hot() -> list[Question]:
    page = {"gaoxin": [Call("/v1/statistics?sort=id&limit=50")]}
    had = "the same, by a client that has it"
    everybody = {
        **page,
        "roapi": [Call("/api/tables/statistic?sort=id&limit=50")],
        "plain": [Call("/statistics?sort=id&limit=50")],
        **_datasette("/gaoxin/statistic.json?_sort=id&_size=50"),
    }
    return [
        Question("list", "50 statistics, one address repeated", everybody, hot=True),
        Question("list, gzip", "the same, compressed", page, GZIP, hot=True),
        Question("list, 304", had, page, hot=True, conditional=True),
    ]


def _datasette(target: str) -> dict[str, list[Call]]:
    """With the count of all rows that it gives by default, and without."""
    call = Call(target + "&_shape=objects")
    return {"datasette": [_uncounted(call)], "datasette counting": [call]}


def _cold(connection: sqlite3.Connection, release: str) -> list[Question]:
    industries = _column(connection, "SELECT id FROM industry ORDER BY id")
    citations = _column(connection, "SELECT id FROM citation ORDER BY id LIMIT 20000")
    texts = _column(connection, "SELECT text FROM searchpassage ORDER BY number LIMIT 12000")
    bounds = [{"least": i / MOST, "limit": 40 + i % 21} for i in range(1, MOST + 1)]
    subtrees = [{"industry": i, "limit": n} for i, n in product(industries, range(10, 160))]
    words = [{"q": some} for some in dict.fromkeys(neighbours(texts))]
    written = (*citations, *map(_spelt, citations)) if len(citations) < MOST else citations
    items = [{"id": one, "release": pinned} for pinned in ("", release) for one in written]
    return [
        _asked(
            "filtered",
            "preferred observed statistics above a value, largest first, some 50 of them",
            bounds,
            gaoxin=lambda a: Call(
                f"/v1/statistics?nature=observed&value__gte={a['least']}&sort=-value"
                f"&limit={a['limit']}"
            ),
            roapi=lambda a: Call(
                "/api/tables/statistic?filter[nature]=%27observed%27&filter[rank]=%27preferred%27"
                f"&filter[value]gte={a['least']}&sort=-value&limit={a['limit']}"
            ),
            plain=lambda a: Call(
                f"/statistics?nature=observed&rank=preferred&value_gte={a['least']}&sort=-value"
                f"&limit={a['limit']}"
            ),
            datasette=lambda a: Call(
                "/gaoxin/statistic.json?nature=observed&rank=preferred"
                f"&value__gte={a['least']}&_sort_desc=value&_size={a['limit']}&_shape=objects"
            ),
        ),
        _asked(
            "industry subtree",
            "ties to an industry or anything narrower",
            subtrees,
            gaoxin=lambda a: Call(f"/v1/relations?industry={a['industry']}&limit={a['limit']}"),
            roapi=lambda a: Call("/api/sql", _subtree(f"'{a['industry']}'", a["limit"])),
            plain=lambda a: Call(f"/relations?industry={a['industry']}&limit={a['limit']}"),
            datasette=lambda a: Call(_sql(_subtree(":i", ":n"), i=a["industry"], n=a["limit"])),
        ),
        _asked(
            "facet",
            "the same statistics by id, with how many there are of each indicator",
            bounds,
            gaoxin=lambda a: Call(
                f"/v1/statistics?nature=observed&value__gte={a['least']}&sort=id"
                f"&limit={a['limit']}&facet=indicator"
            ),
            roapi=lambda a: Call("/api/sql", _counts(a["least"])),
            plain=lambda a: Call(
                f"/statistics/by-indicator?nature=observed&rank=preferred&value_gte={a['least']}"
                f"&limit={a['limit']}"
            ),
            datasette=lambda a: Call(
                "/gaoxin/statistic.json?nature=observed&rank=preferred"
                f"&value__gte={a['least']}&_sort=id&_size={a['limit']}&_shape=objects"
                "&_facet=indicator_id&_facet_size=100"
            ),
        ),
        _asked(
            "search",
            "the rows found by one to three words that stand together in a name or text",
            words,
            gaoxin=lambda a: Call("/v1/search?" + urlencode(a)),
            roapi=lambda a: Call("/api/sql", _containing(a["q"])),
            plain=lambda a: Call("/search?" + urlencode(a)),
            datasette=lambda a: Call(
                "/gaoxin/searchrow.json?_fts_table=search_words&_fts_pk=number&_size=20"
                f"&_shape=objects&{urlencode({'_search': a['q']})}"
            ),
        ),
        _asked(
            "item",
            "one citation by its id",
            items,
            gaoxin=lambda a: Call(
                f"/v1/citations/{a['id']}" + (f"?release={a['release']}" if a["release"] else "")
            ),
            roapi=lambda a: Call(f"/api/tables/citation?filter[id]=%27{a['id']}%27&limit=1"),
            plain=lambda a: Call(f"/citations/{a['id']}"),
            datasette=lambda a: Call(
                f"/gaoxin/citation/{_tilde(unquote(a['id']))}.json?_shape=objects"
            ),
        ),
    ]


def _asked(name: str, says: str, asked: Sequence[Asked], **forms: Form) -> Question:
    """A cold question: everybody is asked the same, in the same order."""
    drawn = list(asked)
    Random(name).shuffle(drawn)
    drawn = drawn[:MOST]
    calls = {server: [form(one) for one in drawn] for server, form in forms.items()}
    if "/statistic.json" in calls["datasette"][0].target:
        calls["datasette counting"] = calls["datasette"]
        calls["datasette"] = [_uncounted(call) for call in calls["datasette"]]
    return Question(name, says, calls)


def neighbours(texts: Iterable[str]) -> Iterator[str]:
    """Words of the texts, alone and with those that follow."""
    for text in texts:
        for run in _RUN.findall(text):
            words = run.split()
            yield from (
                " ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)
            )


def _uncounted(call: Call) -> Call:
    """Without the count of all rows that Datasette makes by default."""
    return Call(call.target + "&_nocount=1&_nosuggest=1")


def _subtree(industry: str, limit: object) -> str:
    return (
        "SELECT r.id, r.scope, r.zone_id, r.type, r.object_resource, r.object_id, r.role, r.stage,"
        " r.proven FROM relation r JOIN industrypath p ON p.descendant_id = r.object_id"
        f" WHERE p.ancestor_id = {industry} AND r.object_resource = 'industries'"
        f" ORDER BY r.id LIMIT {limit}"
    )


def _counts(least: float) -> str:
    """The counts alone: a page beside them would be a second question."""
    return (
        "SELECT indicator_id, count(*) AS n FROM statistic WHERE nature = 'observed'"
        f" AND rank = 'preferred' AND value >= {least} GROUP BY indicator_id ORDER BY n DESC"
    )


def _containing(words: str) -> str:
    text = words.replace("'", "''")
    return (
        "SELECT DISTINCT r.resource, r.row_id, r.label_en, r.label_zh FROM searchpassage p"
        f" JOIN searchrow r ON r.number = p.row_number WHERE p.text ILIKE '%{text}%' LIMIT 20"
    )


def _sql(statement: str, **values: object) -> str:
    return "/gaoxin.json?" + urlencode({"sql": statement, **values, "_shape": "objects"})


def _spelt(identifier: str) -> str:
    """An id as another address has it, so that the addresses of a small base do not come back."""
    return f"%{ord(identifier[0]):02X}{identifier[1:]}"


def _tilde(text: str) -> str:
    """As Datasette writes what is not a letter, digit, `-` or `_` in a path."""
    return quote(text, safe="").replace("%", "~").replace(".", "~2E")


def _column(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [value for (value,) in connection.execute(statement) if value]


def rows_of(body: bytes) -> int:
    """How many rows an answer has, whoever gave it."""
    told = json.loads(body)
    for name in ("data", "rows"):
        if isinstance(told, dict) and isinstance(told.get(name), list):
            return len(told[name])
    return len(told) if isinstance(told, list) else 1
