"""Making a release: the same everywhere, whole or not at all, immutable, and few are kept."""

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from app import tables
from app.database import KEPT, ReleaseMissing, Releases, writable
from app.main import ensure_release
from app.seed.read import Seed
from app.seed.release import SeedRefused, load, release_name
from app.settings import Settings, bundled
from tests.conftest import ROOT, SMALL_SEED, edit, once

ATLAS, BLOG = "documents/atlas.yaml", "documents/blog-2021-03.yaml"
CODES, INDUSTRIES = "vocabularies/codes.yaml", "vocabularies/industries.yaml"


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name not in (".lock", ".seed")}


def query(releases: Releases, sql: str) -> list[Any]:
    with releases.current().connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "data" / "releases")


@pytest.fixture
def live(releases: Releases, small_release: Releases) -> dict[str, bytes]:
    """The release of the small seed is there; gives its files."""
    shutil.copytree(small_release.folder, releases.folder)
    return files(releases.folder)


def other(folder: Path, patch: int) -> None:
    """Make the seed another version."""
    path = folder / "release.yaml"
    _, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(f"version: 2001.2.{patch}\n{rest}", encoding="utf-8")


def test_the_same_seed_has_the_same_name_and_the_same_bytes(
    seed_copy: Path, releases: Releases, small_release: Releases
) -> None:
    everything = "SELECT * FROM body ORDER BY resource, id"
    assert load(seed_copy, releases) == small_release.current_name()
    assert query(releases, everything) == query(small_release, everything)


def test_a_release_is_named_by_its_version_and_a_hash(small_release: Releases) -> None:
    name = small_release.current_name() or ""
    version, _, digest = name.rpartition("-")
    assert version == "2001.2.3"
    assert len(digest) == 6
    assert int(digest, 16) >= 0
    ((body,),) = query(small_release, "SELECT json_text FROM body WHERE resource = 'release'")
    assert json.loads(body)["id"] == name


def test_every_row_has_a_body_and_the_release_counts_them(small_release: Releases) -> None:
    ((body,),) = query(small_release, "SELECT json_text FROM body WHERE resource = 'release'")
    counts = dict(
        query(
            small_release,
            "SELECT resource, count(*) FROM body WHERE resource != 'release' GROUP BY resource",
        )
    )
    assert json.loads(body)["counts"] == counts
    assert counts["zones"] == 7
    for resource, table in {"zones": "zone", "citations": "citation"}.items():
        rows = query(small_release, f"SELECT id FROM {table} ORDER BY id")
        where = f"WHERE resource = '{resource}' ORDER BY id"
        assert rows == query(small_release, f"SELECT id FROM body {where}")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("release.yaml", "version: 2001.2.3", "version: 2001.2.4"),
        ("release.yaml", "licence: CC0-1.0", "licence: CC-BY-4.0"),
        ("zones/epsilon.yaml", "label_en: Epsilon", "label_en: epsilon"),
        ("redirects.yaml", "to: alpha\n", "to: beta\n"),
        (CODES, "label_en: Provincial\n", "label_en: provincial\n"),
        (INDUSTRIES, "- '2010'", "- '2011'"),
        ("vocabularies/wordings.yaml", "- lasers", "- graphene"),
        (BLOG, "date: '2011'", "date: 2011-01"),
        (BLOG, "value: 4500000000", "value: 4500000001"),
        (BLOG, "at: 159", "at: 160"),
        (BLOG, "text: 'no'", "text: 'No'"),
        (BLOG, "  type: located_in\n", "  type: located_in\n  role: leading\n"),
    ],
)
def test_another_value_makes_another_name(file: str, old: str, new: str, seed_copy: Path) -> None:
    before = release_name(Seed(seed_copy))
    edit(seed_copy, file, old, new)
    assert release_name(Seed(seed_copy)) != before


TIE = "  type: located_in\n  object: place/lowland\n"
CITE = "- {for: date, at: 159, text: approved in 2011}"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (BLOG, "", "# a remark\n"),
        (BLOG, "document:", "# a remark\n\ndocument:   # another"),
        (BLOG, "date: '2011'", 'date: "2011"'),
        (BLOG, "date: '2011'", "date: 2011"),
        (BLOG, "tier: 3\n", "tier:    3\n"),
        (BLOG, "value: 4500000000", "value: 4_500_000_000"),
        (BLOG, TIE, "  object: place/lowland\n  type: located_in\n"),
        (BLOG, CITE, "- {text: approved in 2011, for: date, at: 159}"),
        (BLOG, CITE, "- for: date\n    at: 159\n    text: approved in\n      2011"),
        (INDUSTRIES, "  broader:\n  - health\n", "  broader: [health]\n"),
        (INDUSTRIES, "label_zh: 激光\n", "label_zh: 激光\n  aliases: []\n"),
    ],
)
def test_another_layout_leaves_the_name(file: str, old: str, new: str, seed_copy: Path) -> None:
    before = release_name(Seed(seed_copy))
    edit(seed_copy, file, old, new)
    assert Seed(seed_copy).findings == []
    assert release_name(Seed(seed_copy)) == before


def test_a_broken_seed_is_refused_and_the_live_release_untouched(
    seed_copy: Path, releases: Releases, live: dict[str, bytes]
) -> None:
    edit(seed_copy, BLOG, "kind: national_approval", "kind: natoinal_approval")
    with pytest.raises(SeedRefused, match="seed_data has 1 flaws; nothing was changed") as refusal:
        load(seed_copy, releases)
    (finding,) = refusal.value.findings
    assert (finding.file, finding.line) == (BLOG, 19)
    assert files(releases.folder) == live


def test_a_broken_seed_makes_no_first_release(seed_copy: Path, releases: Releases) -> None:
    (seed_copy / "release.yaml").unlink()
    with pytest.raises(SeedRefused):
        load(seed_copy, releases)
    assert releases.current_name() is None
    with pytest.raises(ReleaseMissing, match="no release is loaded"):
        releases.current()


class Interrupted(Exception):
    """Something that no code expects."""


def interrupt(*_: object, **__: object) -> None:
    raise Interrupted


@pytest.mark.parametrize(
    "step",
    [
        "app.seed.release._create_tables",
        "app.seed.release.build_rows",
        "app.seed.release.finish",
        "app.database.os.fsync",
        "app.database.os.replace",
    ],
)
def test_a_build_that_fails_midway_changes_nothing(
    step: str,
    seed_copy: Path,
    releases: Releases,
    live: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = releases.current_name()
    other(seed_copy, 4)
    with monkeypatch.context() as patched:
        patched.setattr(step, interrupt)
        with pytest.raises(Interrupted):
            load(seed_copy, releases)
    assert files(releases.folder) == live
    assert releases.current_name() == before


@pytest.mark.parametrize(
    "changed",
    [True, once(False, was="a load that had nothing to do left the draft of a killed one")],
)
def test_what_a_killed_loader_left_behind_is_cleared_away(
    changed: bool, seed_copy: Path, releases: Releases, live: dict[str, bytes]
) -> None:
    for name in (".2001.2.2-abcdef.99.draft", ".2001.2.2-abcdef.99.draft-journal"):
        (releases.folder / name).write_bytes(b"torn")
    if changed:
        other(seed_copy, 4)
    name = load(seed_copy, releases)
    assert set(files(releases.folder)) == {*live, f"{name}.sqlite"}


def test_a_release_that_is_current_is_not_built_again(
    seed_copy: Path, releases: Releases, live: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.seed.release.build_rows", interrupt)
    assert load(seed_copy, releases) == releases.current_name()
    assert files(releases.folder) == live


def test_a_release_whose_file_is_gone_is_built_again(
    seed_copy: Path, releases: Releases, live: dict[str, bytes]
) -> None:
    name = releases.current_name() or ""
    releases.path(name).unlink()
    assert load(seed_copy, releases) == name
    assert set(files(releases.folder)) == set(live)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO code VALUES ('x', 'x', 'x', 'x', NULL)",
        "UPDATE zone SET area_km2 = 0",
        "DELETE FROM body",
        "DROP TABLE body",
        "CREATE TABLE more (id)",
        "PRAGMA user_version = 7",
        "VACUUM",
    ],
)
def test_a_release_is_opened_for_reading_only(statement: str, small_release: Releases) -> None:
    name = small_release.current_name() or ""
    before = small_release.path(name).read_bytes()
    with (
        small_release.current().connect() as connection,
        pytest.raises(OperationalError, match="readonly database"),
    ):
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))
    assert small_release.path(name).read_bytes() == before


def test_a_reader_cannot_lift_the_ban_on_writing(small_release: Releases) -> None:
    with small_release.current().connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("PRAGMA query_only = 0")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            raw.execute("DELETE FROM body")
        raw.execute("PRAGMA query_only = 1")


def test_the_last_releases_are_kept_and_no_more(seed_copy: Path, releases: Releases) -> None:
    names = []
    for patch in range(KEPT + 1):
        other(seed_copy, patch)
        names.append(load(seed_copy, releases))
        os.utime(releases.path(names[-1]), (patch, patch))
    assert set(files(releases.folder)) == {"current", *(f"{n}.sqlite" for n in names[-KEPT:])}
    assert releases.current_name() == names[-1]


def test_the_current_release_is_never_pruned(
    seed_copy: Path, releases: Releases, live: dict[str, bytes]
) -> None:
    for n in range(KEPT + 2):
        future = 4_000_000_000 + n
        path = releases.path(f"2001.1.{n}-abcdef")
        path.write_bytes(b"")
        os.utime(path, (future, future))
    other(seed_copy, 4)
    name = load(seed_copy, releases)
    kept = {path.stem for path in releases.folder.glob("*.sqlite")}
    assert kept == {name, f"2001.1.{KEPT + 1}-abcdef", f"2001.1.{KEPT}-abcdef"}
    assert query(releases, "SELECT count(*) FROM zone") == [(7,)]


def test_an_earlier_seed_can_be_loaded_again(
    seed_copy: Path, releases: Releases, live: dict[str, bytes]
) -> None:
    first = releases.current_name()
    other(seed_copy, 4)
    assert load(seed_copy, releases) != first
    other(seed_copy, 3)
    assert load(seed_copy, releases) == first == releases.current_name()


def test_a_reader_of_a_release_goes_on_reading_it_after_another_is_loaded(
    seed_copy: Path, releases: Releases, live: dict[str, bytes]
) -> None:
    held = releases.current()
    edit(seed_copy, "zones/epsilon.yaml", "label_en: Epsilon", "label_en: Other")
    load(seed_copy, releases)
    name = "SELECT short_name_en FROM zone WHERE id = 'epsilon'"
    with held.connect() as connection:
        assert connection.execute(text(name)).scalar() == "Epsilon"
    assert query(releases, name) == [("Other",)]


def test_two_loads_at_once_both_succeed(tmp_path: Path) -> None:
    seeds = [Path(shutil.copytree(SMALL_SEED, tmp_path / name)) for name in ("one", "two")]
    other(seeds[1], 4)
    loads = [
        subprocess.Popen(
            [sys.executable, "-m", "app.cli", "load", "--seed", str(seed)],
            cwd=ROOT,
            env={**os.environ, "GAOXIN_DATA_DIR": str(tmp_path / "data")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in seeds
    ]
    told = [load.communicate(timeout=120) for load in loads]
    assert [load.returncode for load in loads] == [0, 0], told
    releases = Releases(tmp_path / "data" / "releases")
    names = {out.split()[1] for out, _ in told}
    assert len(names) == 2
    assert set(files(releases.folder)) == {"current", *(f"{name}.sqlite" for name in names)}
    assert releases.current_name() in names
    for name in names:
        with releases.open(name).connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


ALIASES = """- subject: organization/council
  field: alias
  value: 'yes'
  cite:
  - {for: value, text: 'yes'}
"""
AL = """- subject: {}/alpha
  field: alias
  value: al
  cite:
  - {{for: value, text: al}}
"""
BOTH = AL.format("zone") + AL.format("place")
TWICE = "a citation's id does not tell apart what one phrase is cited for"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (BLOG, "publisher: null", "publisher: press"),
        (ATLAS, "published_on: null", "published_on: 19XX"),
        ("zones/beta.yaml", "label_zh: 贝塔\nown_labels:\n- label_zh\n", ""),
        once(
            *(BLOG, "subject: zone/delta\n  kind", "subject: place/XX-A\n  kind"),
            was="a claim about a place passes the check and breaks a foreign key",
        ),
        once(
            *(BLOG, "object: industry/lasers", "object: organization/press"),
            was="a focus on what is no industry passes the check",
        ),
        once(
            *(INDUSTRIES, "  label_zh: 激光\n", ""),
            was="an industry without Chinese label passes the check",
        ),
        once(
            *("vocabularies/indicators.yaml", "  label_zh: 从业人员\n", ""),
            was="an indicator without Chinese label passes the check",
        ),
        once(*(ATLAS, ALIASES, ALIASES + ALIASES.replace("value: 'yes'", "value: ja")), was=TWICE),
        once(*(ATLAS, ALIASES, ALIASES + BOTH), was=TWICE),
        once(
            *("redirects.yaml", "", "- id: alfa\n  resource: zones\n  to: beta\n"),
            was="an id that is redirected twice passes the check",
        ),
    ],
)
def test_what_passes_the_check_can_be_loaded(
    file: str, old: str, new: str, seed_copy: Path, releases: Releases
) -> None:
    edit(seed_copy, file, old, new)
    try:
        load(seed_copy, releases)
    except SeedRefused:
        assert releases.current_name() is None
    else:
        assert query(releases, "SELECT count(*) FROM zone") == [(7,)]


def test_what_is_said_of_a_place_is_not_said_of_the_zone_of_that_name(
    seed_copy: Path, releases: Releases
) -> None:
    edit(seed_copy, BLOG, "subject: zone/delta\n  kind", "subject: place/alpha\n  kind")
    try:
        load(seed_copy, releases)
    except SeedRefused:
        return
    zone = "SELECT zone_id FROM milestone WHERE id = 'delta-founding'"
    assert query(releases, zone) == [(None,)]


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "高新 100%",
        *(
            once(name, was="the address of the file is not quoted")
            for name, raises in {
                "a#b": OperationalError,
                "a?b": FileNotFoundError,
                "a%20b": OperationalError,
            }.items()
        ),
    ],
)
def test_the_folder_of_releases_may_have_any_name(
    name: str, small_seed: Path, tmp_path: Path
) -> None:
    releases = Releases(tmp_path / name / "releases")
    load(small_seed, releases)
    assert query(releases, "SELECT count(*) FROM zone") == [(7,)]


def schema() -> MetaData:
    """The tables of a release, without those that other tests may have declared."""
    metadata = MetaData(naming_convention=SQLModel.metadata.naming_convention)
    for table in SQLModel.metadata.sorted_tables:
        if table.name in {
            str(getattr(model, "__tablename__", "")) for model in vars(tables).values()
        }:
            table.to_metadata(metadata)
    return metadata


def ours(name: str | None, *_: Any) -> bool:
    """Whether a table or index is a model's: search has its own, settling its indexes."""
    return not str(name).startswith(("search_", "by_"))


def test_the_migrations_create_the_tables_of_the_models_in_an_empty_file(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    with writable(tmp_path / "empty.sqlite") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        found = set(inspect(connection).get_table_names())
        options = {"compare_server_default": True, "include_name": ours}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, schema())
    assert {name for name in found if ours(name)} == {"alembic_version", *schema().tables}
    assert differences == []


def test_a_release_has_the_tables_of_the_models(small_release: Releases) -> None:
    with small_release.current().connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, schema()) == []


def test_the_migrations_can_be_taken_back(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    with writable(tmp_path / "empty.sqlite") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_codes_redirects_and_the_taxonomy_stand_in_their_tables(small_release: Releases) -> None:
    assert query(small_release, "SELECT * FROM redirect ORDER BY resource, id") == [
        ("milestones", "alpha-approval", "alpha-national-approval"),
        ("platforms", "alpha-casino", None),
        ("zones", "alfa", "alpha"),
    ]
    assert query(small_release, "SELECT * FROM code WHERE scheme = 'level' ORDER BY id") == [
        ("level", "national", "National", "国家级", None),
        ("level", "provincial", "Provincial", "省级", None),
    ]
    below = "SELECT descendant_id FROM industrypath WHERE ancestor_id = '{}' ORDER BY 1"
    for ancestor, expected in {
        "materials": ["biomaterials", "graphene", "materials", "new-materials"],
        "health": ["biomaterials", "biomedicine", "health", "vaccines"],
        "vaccines": ["vaccines"],
    }.items():
        assert [id for (id,) in query(small_release, below.format(ancestor))] == expected


def test_yaml_traps_come_through_as_text(small_release: Releases) -> None:
    bodies = {
        (resource, id): json.loads(body)
        for resource, id, body in query(small_release, "SELECT resource, id, json_text FROM body")
    }
    traps = ["no", "null", "~", "1e3", ">=x", "a: b", "- c", "#d"]
    assert bodies["industries", "graphene"]["aliases"] == traps
    assert bodies["documents", "blog-2021-03"]["note"] == ">=x"
    assert bodies["documents", "tribune-2019"]["note"] == "no"
    assert bodies["documents", "gazette-2020"]["official_number"] == "2010"
    assert bodies["zones", "epsilon"]["aliases"] == ["no"]
    assert bodies["organizations", "council"]["aliases"] == ["yes"]


def test_a_server_without_room_for_a_newer_release_goes_on_with_the_old_one(
    seed_copy: Path, releases: Releases, live: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=releases.folder.parent, seed_dir=seed_copy)
    before = releases.current_name()
    other(seed_copy, 5)

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr("app.seed.release.finish", full)
        with pytest.raises(OSError, match=r"disk is full.*; nothing was changed"):
            load(seed_copy, releases)
        assert ensure_release(settings) == before
    assert files(releases.folder) == live
    assert ensure_release(settings) != before


def test_a_load_with_room_for_the_release_but_not_for_the_pointer_changes_nothing(
    seed_copy: Path, releases: Releases, live: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def full(handle: int) -> None:
        if os.fstat(handle).st_size < 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    other(seed_copy, 6)
    monkeypatch.setattr("app.database.os.fsync", full)
    with pytest.raises(OSError, match=r"No space left.*; nothing was changed"):
        load(seed_copy, releases)
    assert files(releases.folder) == live


def test_a_server_without_any_release_and_without_room_says_so(
    seed_copy: Path, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("app.seed.release.finish", full)
    with pytest.raises(OSError, match="no room"):
        ensure_release(Settings(data_dir=releases.folder.parent, seed_dir=seed_copy))
