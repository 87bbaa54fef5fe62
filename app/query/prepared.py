"""Statements made once for all questions of the same shape: only their values differ.

To build a SELECT and to compile it takes longer than SQLite needs to answer it. The conditions of a
request whose operators only compare with their values are given placeholders in place of them; what
else a request says decides the shape.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from app.database import Release
from app.query.values import Span


class _Compiler(SQLiteCompiler):
    """Writes the hints of a SELECT too, such as INDEXED BY."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        """The hint as it is given."""
        return text


Fetched = list[tuple[Any, ...]]
_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")
_DIALECT.statement_compiler = _Compiler
_MOST = 1024
"""What a release remembers of shapes."""
T = TypeVar("T")


@dataclass(frozen=True)
class Statement:
    """A compiled SELECT."""

    sql: str
    names: tuple[str, ...]
    """The placeholders, in their order."""
    fixed: Mapping[str, Any]
    """The values of those that never differ."""
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
    """The columns whose values are not as SQLite has them, and what makes them so."""

    @classmethod
    def of(cls, select: Select[*tuple[Any, ...]]) -> "Statement":
        """Compile a SELECT."""
        compiled = select.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        types = [column.type for column in select.selected_columns]
        readers = [(i, type_.result_processor(_DIALECT, None)) for i, type_ in enumerate(types)]
        return cls(
            str(compiled),
            tuple(compiled.positiontup or ()),
            {name: _plain(value) for name, value in compiled.params.items()},
            tuple((i, reader) for i, reader in readers if reader),
        )

    def fetch(self, release: Release, values: Mapping[str, Any]) -> Fetched:
        """All rows, given the values of the placeholders that it shares with others."""
        rows: Fetched = release.fetch(self.sql, self.given(values))
        if not self.readers:
            return rows
        return [self._read(row) for row in rows]

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """The values of all placeholders, in their order."""
        known = {**self.fixed, **values}
        return [known[name] for name in self.names]

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        read = list(row)
        for i, reader in self.readers:
            read[i] = reader(read[i])
        return tuple(read)


class Shapes:
    """What one release knows by the shapes of questions; what was not used for longest goes first.

    Statements above all.
    """

    def __init__(self, most: int = _MOST) -> None:
        self.most = most
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, shape: Hashable, make: Callable[[], T]) -> T:
        """What is known of a shape, made where it is not."""
        known: T | None = self._known.pop(shape, None)
        return self.put(shape, make() if known is None else known)

    def put(self, shape: Hashable, known: T) -> T:
        """Remember something of a shape."""
        self._known[shape] = known
        if len(self._known) > self.most:
            self._known.popitem(last=False)
        return known


def placeholder(name: str, value: Any) -> Any:
    """What stands in a statement for a value of this kind."""
    if isinstance(value, Span):
        return Span(name, *(placeholder(end, "") for end in held(name, value)))
    return bindparam(name, required=False)


def held(name: str, value: Any) -> dict[str, Any]:
    """The values that such a placeholder is given."""
    if isinstance(value, Span):
        return {f"{name}_start": value.start, f"{name}_end": value.end}
    return {name: _plain(value)}


def _plain(value: Any) -> Any:
    """A value as SQLite takes it at once."""
    return value.value if isinstance(value, Enum) else value
