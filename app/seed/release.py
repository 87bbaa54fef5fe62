"""From a seed to a release: checked, built beside the others, proven whole, then pointed to."""

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, inspect
from sqlmodel import SQLModel

from app import resources, search, seed, tables, vocabulary
from app.database import Releases, finish, writable, write_rows
from app.query import settling, tallying
from app.query.answers import Read
from app.query.parameters import ListQuery
from app.query.settling import settle
from app.resources.common import Ref
from app.resources.passages import Texts
from app.resources.service import ReleaseRead
from app.search import index
from app.seed.check import check
from app.seed.current import fingerprint, remember
from app.seed.dates import parse_date
from app.seed.entities import build_rows, paths
from app.seed.facts import build_facts
from app.seed.files import Finding
from app.seed.filling import fill, free_numbers
from app.seed.findable import FAVOURED, FOUND, findable
from app.seed.progress import Progress, silent
from app.seed.proof import Verdict
from app.seed.read import Seed, holding
from app.seed.units import conversions
from app.settings import bundled


class SeedRefused(ValueError):
    """The seed fails its check; `findings` says where and why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"seed_data has {len(findings)} flaws; nothing was changed")
        self.findings = findings


def load(
    folder: Path, releases: Releases, texts: Texts | None = None, progress: Progress = silent
) -> str:
    """Make the release of the seed in `folder` the current one; returns its name.

    Does nothing when it is already. Raises `SeedRefused`, leaving everything as it was, when the
    seed fails its check.
    """
    collecting = gc.isenabled()
    gc.disable()  # nothing that is made here is garbage, and to look for it takes a second
    try:
        files = fingerprint(folder)
        content = Seed(folder, progress)
        if findings := check(content, texts, progress):
            raise SeedRefused(findings)
        name = release_name(content)
        with releases.lock():
            if releases.current_name() != name or not releases.path(name).is_file():
                releases.publish(name, lambda draft: _build(content, name, draft, progress))
            if fingerprint(folder) == files:  # nobody wrote in it meanwhile
                remember(files, name, releases)
        return name
    finally:
        if collecting:
            gc.enable()


def release_name(content: Seed) -> str:
    """The version, and a hash of the knowledge and of the code that makes rows of it."""
    assert content.release
    digest = hashlib.sha256(content.fingerprint().encode())
    for source in _representation():
        digest.update(source.read_bytes())
    return f"{content.release.version}-{digest.hexdigest()[:6]}"


def _representation() -> Iterator[Path]:
    """The sources that decide what a row looks like."""
    for module in (tables, vocabulary, settling, tallying):
        yield Path(str(module.__file__))
    for package in (resources, search, seed):
        yield from sorted(Path(package.__path__[0]).glob("*.py"))
    yield from sorted((bundled("migrations") / "versions").glob("*.py"))


def _build(content: Seed, name: str, path: Path, progress: Progress) -> None:
    _create_tables(path)
    facts = build_facts(content)
    rows = build_rows(content, facts)
    with writable(path) as connection:
        codes = ((scheme, code) for scheme, known in content.codes.items() for code in known)
        _insert(
            connection, tables.Code, ({**dict(code), "scheme": scheme} for scheme, code in codes)
        )
        _insert(connection, tables.UnitFactor, conversions(content.codes.get("unit", [])))
        renamed = ({**dict(one), "successor": one.to} for one in content.redirects)
        _insert(connection, tables.Redirect, renamed)
        kept_in = {query.rows: query.table for query in ListQuery.__subclasses__()}
        for resource, made in rows.items():
            _insert(connection, kept_in[resource], made)
            told = progress(made, f"writing {resource}", "rows", len(made))
            _insert(connection, tables.Body, (_body(resource, row.id, row) for row in told))
            links = (link for row in made for link in _links(resource, row))
            _insert(connection, tables.Link, links)
        pairs = ({"ancestor_id": a, "descendant_id": d} for a, d in paths(content))
        _insert(connection, tables.IndustryPath, pairs)
        free = free_numbers(content, rows["statistics"]) if content.figures else ()
        all_found = findable(rows, free)
        found = progress(all_found, "indexing", "rows", sum(len(rows[r]) for r in FOUND))
        index.fill(connection, found, FAVOURED)
        assert content.release
        short = [fact.shortfall for fact in facts]
        verdicts = Counter(proof.verdict if proof else Verdict.PROVEN for proof in short)
        proofs = {
            str(v): verdicts[v] + content.plain.verdicts[v] for v in Verdict if v != Verdict.REFUSED
        }
        counts = Counter({resource: len(found) for resource, found in rows.items()})
        for plain in content.plain.documents.values():
            counts.update(plain)
        about = ReleaseRead(id=name, **content.release.model_dump(), counts=counts, proofs=proofs)
        _insert(connection, tables.Body, [_body("release", "current", about)])
    if content.figures:
        fill(content, path, rows, _columns, progress)
    settle(path)
    finish(path)


def _create_tables(path: Path) -> None:
    """Run the migrations on the fresh file."""
    from alembic import command  # only a release that is built needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    with writable(path) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _insert(
    connection: Connection, table: type[SQLModel], rows: Iterable[Mapping[str, Any] | BaseModel]
) -> None:
    """Write what of each row the table has columns for."""
    names = [column.name for column in inspect(table).columns if column.computed is None]
    readers: list[Callable[[Mapping[str, Any]], Any]] = []

    def values() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            fields = vars(row) if isinstance(row, BaseModel) else row
            readers[:] = readers or [_reader(name, fields) for name in names]
            yield tuple([read(fields) for read in readers])

    write_rows(connection, str(table.__tablename__), names, values())


def _columns(names: Iterable[str], fields: Mapping[str, Any]) -> list[Any]:
    """The columns with these names of the fields of a row."""
    return [_reader(name, fields)(fields) for name in names]


def _reader(column: str, fields: Iterable[str]) -> Callable[[Mapping[str, Any]], Any]:
    """What reads a column off the fields of a row.

    `x_id` is `x.id`, `x_start` and `x_end` are the days of date `x`; a column without field is
    empty.
    """
    if column in fields:
        return itemgetter(column)
    stem, _, part = column.rpartition("_")
    if stem in fields and part in ("start", "end"):
        return lambda row: getattr(parse_date(row[stem]), part) if row[stem] else None
    for field in fields:
        if column.startswith(f"{field}_"):
            inner = column.removeprefix(f"{field}_")
            return lambda row: getattr(row[field], inner, None)
    return lambda _row: None


def _body(resource: str, identifier: str, row: BaseModel) -> dict[str, str]:
    return {"resource": resource, "id": identifier, "json_text": row.model_dump_json()}


def _links(resource: str, row: Read) -> Iterator[dict[str, Any]]:
    """One link for each member of a list of references."""
    for name, _ in holding(type(row)):
        if isinstance(value := getattr(row, name), list):
            for target in dict.fromkeys(t.id for t in value if isinstance(t, Ref)):
                yield {"resource": resource, "row_id": row.id, "field": name, "target_id": target}
