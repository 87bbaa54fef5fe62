"""Files of lines that were made ahead are those that are made of bodies, byte for byte."""

import io
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Release, Releases
from app.query import exports, lines
from app.query.formats import FORMATS
from app.query.lines import make_lines
from app.query.parameters import ListQuery, Pairs
from app.query.reading import understand
from app.resources import service  # noqa: F401  (all lists are known)
from app.seed.progress import silent
from tests.conftest import SMALL_SEED
from tests.query.conftest import QUICK
from tests.resources.conftest import serving

LISTS = ("statistics", "citations")


@pytest.fixture(scope="module")
def release(small_release: Releases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """The small seed, whose lists count as long; their lines stand in packs of three."""
    folder = tmp_path_factory.mktemp("lines") / "releases"
    releases = Releases(Path(shutil.copytree(small_release.folder, folder)))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("LONG", 1), ("AT_ONCE", 3), ("_UNPACKED", 0)):
            patch.setattr(lines, name, value)
        assert sorted(make_lines(releases, silent)) == sorted(LISTS)
        yield releases.current()


def file_of(release: Release, resource: str, pairs: Pairs, form: str) -> tuple[bytes, bool]:
    """The file that is asked for, and whether its lines were made ahead."""
    (asked,) = (one for one in ListQuery.__subclasses__() if one.rows == resource)
    query = understand(asked, f"/v1/{resource}", [*pairs, ("format", form)], release)
    table, file = exports.table_of(query, {}, lambda rows: {"rows": rows}), io.BytesIO()
    FORMATS[form].write(table, file)
    return file.getvalue(), table.ready is not None


OF_BOTH = [("limit", "0"), ("limit", "4"), ("sort", "id"), ("fields", "id"), ("zone", "alpha")]
OF = {
    "statistics": [
        *OF_BOTH,
        ("rank", "all"),
        ("scope", "zone"),
        ("period__gte", "2010"),
        ("nature", "forecast"),
        ("value__gte", "100"),
        ("include", "citations"),
        ("sort", "-value"),
    ],
    "citations": [*OF_BOTH, ("anchored", "true"), ("resource", "statistics")],
}
PAIRS = st.sampled_from(LISTS).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(st.sampled_from(OF[name]), max_size=3, unique_by=lambda pair: pair[0]),
    )
)


@given(asked=PAIRS, form=st.sampled_from(["ndjson", "csv"]))
@QUICK
def test_a_file_is_the_same_with_lines_made_ahead(
    release: Release, asked: tuple[str, Pairs], form: str
) -> None:
    found, _ = file_of(release, *asked, form)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exports, "ready_lines", lambda *_: None)
        assert file_of(release, *asked, form) == (found, False)


@pytest.mark.parametrize("form", ["ndjson", "csv"])
@pytest.mark.parametrize(
    ("resource", "pairs", "ahead"),
    [
        ("statistics", [], True),
        ("statistics", [("rank", "all")], True),
        ("statistics", [("scope", "zone"), ("limit", "5")], True),
        ("statistics", [("sort", "-value")], False),
        ("statistics", [("fields", "value")], False),
        ("statistics", [("include", "citations")], False),
        ("citations", [], True),
        ("zones", [], False),
    ],
)
def test_whole_rows_in_the_order_of_the_list_are_copied(
    release: Release, resource: str, pairs: Pairs, ahead: bool, form: str
) -> None:
    assert file_of(release, resource, pairs, form)[1] is ahead


def test_few_rows_here_and_there_are_made_of_their_bodies(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_UNPACKED", 4)
    assert not file_of(release, "statistics", [], "csv")[1]


def test_another_program_does_not_take_them(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "build", lambda: "another")
    assert not file_of(release, "statistics", [], "csv")[1]


def test_they_are_made_once(release: Release) -> None:
    releases = Releases(release.path.parent)
    (made,) = (release.path.parent / "lines").glob("*.sqlite")
    before = made.stat().st_mtime_ns
    assert lines.make_lines(releases, silent)
    assert made.stat().st_mtime_ns == before


def test_short_lists_need_none(small_release: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONG", 20_000)
    assert make_lines(small_release, silent) == []
    assert not (small_release.folder / "lines").exists()


@pytest.fixture
def lacking(small_release: Releases, tmp_path: Path) -> Path:
    """Data with a list that seems long, whose lines are not made."""
    folder = Path(shutil.copytree(small_release.folder, tmp_path / "releases"))
    with closing(sqlite3.connect(Releases(folder).current().path)) as file, file:
        file.execute("UPDATE citation SET place = 20000 WHERE place = 1")
    return tmp_path


def test_a_server_has_them_made_while_it_answers(lacking: Path) -> None:
    ahead = Releases(lacking / "releases" / "lines")
    with serving(SMALL_SEED, lacking) as client:
        with ahead.lock():  # whoever makes them waits
            assert client.get("/v1/citations?format=csv").status_code == 200
            assert ahead.kept() == []
        end = time.monotonic() + 60
        while not ahead.kept() and time.monotonic() < end:
            assert client.get("/v1/zones").status_code == 200
            time.sleep(0.02)
    assert len(ahead.kept()) == 1


def test_who_makes_them_ends_with_the_server(lacking: Path) -> None:
    ahead = Releases(lacking / "releases" / "lines")
    with ahead.lock(), serving(SMALL_SEED, lacking, errors=subprocess.PIPE):
        pass
    assert ahead.kept() == []
