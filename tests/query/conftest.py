"""A toy model for the query toolbox: books, their copies and topics, a tree of genres.

Its tables have a registry of their own, so that the schema of a release does not know them; its
resources begin with `toy-`. Rows are built into a real release and read through its engine.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic import Field as PydanticField
from sqlalchemy import event, insert, select, true
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from app.database import Release, Releases, writable
from app.query import fields
from app.query.answers import Read, answer_collection, answer_item, answer_list
from app.query.pages import Cursor, Page, read_page
from app.query.parameters import ListQuery
from app.query.problems import install
from app.query.reading import split, understand
from app.query.settling import settle
from app.query.spool import Spool
from app.query.values import Flag, Number, Vocabulary, Year
from app.tables import Body, Redirect, Tally
from app.tables import Span as Days

PATH = "/v1/toy-books"
Span = tuple[str | None, str | None, str | None]
QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=40)


class Toy(SQLModel, registry=registry()):
    """Base of the toy tables, apart from those of a release."""


class Term(Toy, table=True):
    scheme: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    label_en: str | None
    label_zh: str | None


class GenrePath(Toy, table=True):
    ancestor_id: str = Field(primary_key=True)
    descendant_id: str = Field(primary_key=True)


class Book(Toy, table=True):
    id: str = Field(primary_key=True)
    shelf_id: str | None
    genre_id: str | None
    year: int | None
    price: float | None
    title: str | None
    signed: bool | None
    printed: str | None
    printed_start: str | None
    printed_end: str | None
    printed_span: int | None = None
    edition: str


class Copy(Toy, table=True):
    id: str = Field(primary_key=True)
    place: int | None = None
    book_id: str
    condition: str
    lost: bool
    worth: float


class Topic(Toy, table=True):
    book_id: str = Field(primary_key=True)
    genre_id: str = Field(primary_key=True)


Edition = StrEnum("Edition", ["LATEST", "ALL"])
SHELVES = {"s-n": ("North Wing", "北厅"), "s-s": ("South Wing", "南厅"), "s-x": ("Cellar", None)}
CONDITIONS = ("fine", "good", "poor")
PARENTS = {"fiction": None, "crime": "fiction", "noir": "crime", "poetry": None, "haiku": "poetry"}
DATES: dict[str | None, Span] = {
    text: (text, start, end)
    for text, start, end in (
        (None, None, None),
        ("2010", "2010-01-01", "2010-12-31"),
        ("2010-06", "2010-06-01", "2010-06-30"),
        ("2010-06-15", "2010-06-15", "2010-06-15"),
        ("2009-07/2010-06", "2009-07-01", "2010-06-30"),
        ("2010-12/2011-02", "2010-12-01", "2011-02-28"),
        ("2010~", None, None),
        ("../2010-06", None, "2010-06-30"),
        ("2010-06/..", "2010-06-01", None),
    )
}


def lineage(genre: str | None) -> Iterator[str]:
    """A genre and all that are broader."""
    while genre:
        yield genre
        genre = PARENTS[genre]


@dataclass(frozen=True)
class Row:
    """A book with all that points to it, as plain Python."""

    id: str
    shelf: str | None = None
    genre: str | None = None
    year: int | None = None
    price: float | None = None
    title: str | None = None
    signed: bool | None = None
    printed: Span = (None, None, None)
    edition: str = "latest"
    conditions: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


def _some(words: Iterable[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(sorted(words)), unique=True, max_size=2).map(tuple)


def _maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


_ROWS = st.builds(
    Row,
    id=st.just(""),
    shelf=_maybe(*SHELVES),
    genre=_maybe(*PARENTS),
    year=_maybe(1999, 2000, 2001),
    price=_maybe(-1.5, 0.0, 0.1, 20.0),
    title=_maybe("A", "a b", "B", "50% off_", "書"),
    signed=_maybe(True, False),
    printed=st.sampled_from(list(DATES.values())),
    edition=st.sampled_from(["latest", "older"]),
    conditions=_some(CONDITIONS),
    lost=_some(CONDITIONS),
    topics=_some(PARENTS),
)


@st.composite
def books(draw: st.DrawFn) -> list[Row]:
    """Some books, with many unknown and many equal values, in no order."""
    rows = draw(st.lists(_ROWS, max_size=8))
    names = draw(st.permutations([f"b{i}" for i in range(len(rows))]))
    return [replace(row, id=name) for row, name in zip(rows, names, strict=True)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def packed(payload: object) -> str:
    """A payload as a cursor packs its own."""
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


_WORDS = (col(Term.label_en), col(Term.label_zh))
VOCABULARIES = {
    scheme: Vocabulary(select(col(Term.id), *_WORDS).where(col(Term.scheme) == scheme), "A word.")
    for scheme in ("shelf", "genre", "condition")
}
BOOKS = Vocabulary(select(col(Book.id)), "A book.")
TREE = fields.Tree(col(GenrePath.ancestor_id), col(GenrePath.descendant_id))


KEYS: Any = {"propertyNames": {"enum": ["shelf", "year"]}}


class TermRead(BaseModel):
    """A word of a vocabulary, where a book names it."""

    id: str
    label_en: str | None
    label_zh: str | None


class BookRead(Read):
    """A toy book as it is served: a value of every kind."""

    shelf: TermRead | None = None
    year: int | None = None
    price: float | None = None
    title: str | None = None
    signed: bool | None = None
    printed: str | None = None
    topics: list[TermRead]
    conditions: list[str]
    loans: list[dict[str, Any]]
    refs: dict[str, list[str]] = PydanticField(json_schema_extra=KEYS)


def served(row: Row) -> BookRead:
    """A book as it is served."""
    labels = SHELVES.get(row.shelf or "", (None, None))
    shelf = TermRead(id=row.shelf, label_en=labels[0], label_zh=labels[1]) if row.shelf else None
    return BookRead(
        id=row.id,
        shelf=shelf,
        year=row.year,
        price=row.price,
        title=row.title,
        signed=row.signed,
        printed=row.printed[0],
        topics=[TermRead(id=topic, label_en=topic, label_zh=None) for topic in row.topics],
        conditions=[*row.conditions],
        loans=[{"condition": one, "days": 2} for one in row.lost],
        refs={"year": [f"{row.id}-c1", f"{row.id}-c2"]} if row.year else {},
    )


class BookQuery(ListQuery, resource="toy-books", table=Book, singular="toy_book"):
    """What toy books can be asked: a field of every family."""

    id = fields.OneOf(Book.id, BOOKS, "The book itself.")
    shelf = fields.OneOf(Book.shelf_id, VOCABULARIES["shelf"], "Its shelf.")
    genre = fields.Concept(Book.genre_id, VOCABULARIES["genre"], "Its genre.", tree=TREE)
    year = fields.Ordered(Book.year, Year, "Its year.")
    price = fields.Ordered(Book.price, Number, "Its price.")
    title = fields.Words(Book.title, "Its title.")
    signed = fields.OneOf(Book.signed, Flag, "Whether it is signed.")
    printed = fields.Dated(
        Book.printed, Book.printed_start, Book.printed_end, "When it was printed."
    )
    condition = fields.Related(
        Copy.condition,
        VOCABULARIES["condition"],
        "The condition of a copy that is not lost.",
        key=Copy.book_id,
        to=Book.id,
        where=col(Copy.lost).is_(False),
    )
    topic = fields.RelatedConcept(
        Topic.genre_id,
        VOCABULARIES["genre"],
        "A topic.",
        tree=TREE,
        key=Topic.book_id,
        to=Book.id,
        where=true(),
    )
    measured = fields.Measure(
        Book.price,
        same=("shelf",),
        once=("year",),
        only={"A price is unknown.": col(Book.price).is_not(None)},
        adds={"Signed books do not add up.": col(Book.signed).is_not(True)},
    )
    edition = fields.Choice(
        Edition.LATEST,
        {Edition.LATEST: col(Book.edition) == "latest", Edition.ALL: true()},
        "Only the latest, or all.",
    )


class CopyQuery(
    ListQuery, resource="toy-copies", table=Copy, singular="toy_copy", sort="-condition,id"
):
    """What toy copies can be asked: enough to be a list about a book."""

    toy_book = fields.OneOf(Copy.book_id, BOOKS, "Whose copy it is.")
    condition = fields.OneOf(Copy.condition, VOCABULARIES["condition"], "Its condition.")
    worth = fields.Ordered(Copy.worth, Number, "What it would bring.")
    lost = fields.Choice(
        Edition.LATEST,
        {Edition.LATEST: col(Copy.lost).is_(False), Edition.ALL: true()},
        "Only those that are there, or all.",
    )


class CopyRead(Read):
    """A toy copy."""


BookQuery.reads(BookRead)
CopyQuery.reads(CopyRead)


@lru_cache(maxsize=64)
def _filled(rows: tuple[Row, ...], redirects: frozenset[tuple[str, str | None]]) -> bytes:
    """The file of these rows, which many tests share: to make it takes longer than most of them."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "made")
        _fill(path, rows, dict(redirects))
        return path.read_bytes()


def _fill(path: Path, rows: Iterable[Row], redirects: Mapping[str, str | None]) -> None:
    content: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (Term, GenrePath, Book, Copy, Topic, Body, Redirect, Days, Tally)
    }

    def add(table: Any, **values: Any) -> None:
        content[table].append(values)

    for shelf, (en, zh) in SHELVES.items():
        add(Term, scheme="shelf", id=shelf, label_en=en, label_zh=zh)
    for scheme, words in (("genre", PARENTS), ("condition", CONDITIONS)):
        for word in words:
            add(Term, scheme=scheme, id=word, label_en=None, label_zh=None)
    for genre in PARENTS:
        for ancestor in lineage(genre):
            add(GenrePath, ancestor_id=ancestor, descendant_id=genre)
    for row in rows:
        own = {n: getattr(row, n) for n in ("id", "year", "price", "title", "signed", "edition")}
        dates = dict(zip(("printed", "printed_start", "printed_end"), row.printed, strict=True))
        add(Book, **own, **dates, shelf_id=row.shelf, genre_id=row.genre)
        for lost, held in ((False, row.conditions), (True, row.lost)):
            for one in held:
                name = f"{row.id}-{one}-{lost}"
                add(Copy, id=name, book_id=row.id, condition=one, lost=lost, worth=1.0)
                add(Body, resource="toy-copies", id=name, json_text=json.dumps({"id": name}))
        for topic in row.topics:
            add(Topic, book_id=row.id, genre_id=topic)
        add(Body, resource="toy-books", id=row.id, json_text=served(row).model_dump_json())
    for old, successor in redirects.items():
        add(Redirect, resource="toy-books", id=old, successor=successor)
    with writable(path) as connection:
        for table, entries in content.items():
            table.__table__.create(connection)
            if entries:
                connection.execute(insert(table), entries)
    settle(path)


@dataclass
class Library:
    """A folder of releases of the toy model."""

    releases: Releases
    _numbers: Iterator[int] = field(default_factory=count)

    def publish(
        self, rows: Iterable[Row], redirects: Mapping[str, str | None] | None = None
    ) -> Release:
        """Make a release with these rows the current one."""
        name = f"toy-{next(self._numbers)}"
        made = _filled(tuple(rows), frozenset((redirects or {}).items()))

        def put(draft: Path) -> None:
            draft.write_bytes(made)

        with self.releases.lock():
            self.releases.publish(name, put)
        return self.releases.current()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Where tests publish as many releases as they like; only the last ones are kept."""
    return Library(Releases(tmp_path_factory.mktemp("many")))


@pytest.fixture
def shop(tmp_path: Path) -> Library:
    """A folder of one test's own, still without a release."""
    return Library(Releases(tmp_path))


def application(library: Library) -> FastAPI:
    """Serves the toy books of a library."""
    app, releases = FastAPI(), library.releases
    app.state.releases, app.state.settings = releases, SimpleNamespace(base_url="")
    app.state.completions, app.state.variant = {}, ""
    app.state.spool = Spool(releases.folder / "spool", 10**9)
    install(app)

    @app.get(PATH)
    def list_books(request: Request) -> Response:
        return answer_list(request, BookQuery)

    @app.get(PATH + "/{id}")
    def get_book(request: Request, id: str) -> Response:
        return answer_item(request, BookQuery, id)

    @app.get(PATH + "/{id}/{collection}")
    def follow(request: Request, id: str, collection: str) -> Response:
        return answer_collection(request, "toy-books", id, collection)

    return app


@pytest.fixture
def client(shop: Library) -> TestClient:
    """Asks an application that serves the releases of `shop`."""
    app = application(shop)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def parsed(release: Release, query_string: str) -> BookQuery:
    """The query of a query string; raises a `Problem`."""
    return understand(BookQuery, PATH, split(query_string.encode()), release)


def ask(release: Release, query_string: str, cursor: str | None = None) -> Page:
    """The page that a query string asks for."""
    return read_page(parsed(release, query_string), Cursor.decode(cursor) if cursor else None)


def ids(page: Page) -> list[str]:
    return [json.loads(body)["id"] for body in page.bodies]


@contextmanager
def statements(release: Release) -> Iterator[list[str]]:
    """The SQL statements that the release executes meanwhile."""
    seen: list[str] = []
    fetch = Release.fetch

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def noted(own: Release, sql: str, values: Any, *more: Any) -> Any:
        if own is release:
            seen.append(sql)
        return fetch(own, sql, values, *more)

    event.listen(release.engine, "before_cursor_execute", note)
    with patch.object(Release, "fetch", noted):
        yield seen
    event.remove(release.engine, "before_cursor_execute", note)
