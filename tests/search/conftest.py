"""A toy index of shops and wares."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from app import tables
from app.database import Release, Releases, writable
from app.search import index
from app.search.index import Kind, Passage, Row

INDEX: Any = (tables.SearchRow, tables.SearchPassage, tables.SearchKey, tables.SearchSlip)


def row(resource: str, identifier: str, *passages: tuple[Kind, str]) -> Row:
    said = (Passage(str(kind), kind, words) for kind, words in passages)
    return Row(resource, identifier, identifier, None, tuple(said))


ROWS = (
    row("wares", "tea", (Kind.NAME, "Tea"), (Kind.NAME, "茶叶"), (Kind.TEXT, "Goes with café")),
    row("wares", "bio-tea", (Kind.NAME, "Bio-tea"), (Kind.ALIAS, "organic teas")),
    row("wares", "silk", (Kind.NAME, "Silk"), (Kind.NAME, "丝绸"), (Kind.RELATED, "Suzhou House")),
    row(
        "shops", "suzhou", (Kind.NAME, "Suzhou House"), (Kind.NAME, "苏州高新区"), (Kind.CODE, "77")
    ),
    row("shops", "harbin", (Kind.NAME, "Harbin"), (Kind.NAME, "哈尔滨开发区")),
    row("shops", "xian", (Kind.NAME, "Xi'an"), (Kind.NAME, "西安园区"), (Kind.RELATED, "Shaanxi")),
    row("shops", "nanjing", (Kind.NAME, "Nanjing"), (Kind.NAME, "南京")),
    row("shops", "zoe", (Kind.NAME, "Zoë's Café"), (Kind.TEXT, "Tea and silk in the shade")),
    row("notes", "opening", (Kind.TITLE, "The opening of Suzhou House")),
)


def _fill(path: Path) -> None:
    with writable(path) as connection:
        SQLModel.metadata.create_all(connection, [table.__table__ for table in INDEX])
        connection.execute(text(index.CREATE))
        connection.execute(text(index.CREATE_TERMS))
        index.fill(connection, ROWS, "shops")


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """The toy index; shops come first among equals."""
    releases = Releases(tmp_path_factory.mktemp("toys"))
    with releases.lock():
        releases.publish("toys", _fill)
    yield releases.current()
    releases.current().close()
