"""A seed that did not change is known by its bytes: nothing is read, checked or built."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.database import Releases
from app.main import ensure_release
from app.seed import current
from app.seed.current import fingerprint, known_release
from app.seed.release import load
from app.settings import Settings
from tests.conftest import SMALL_SEED, edit

T = TypeVar("T")


@pytest.fixture
def releases(tmp_path: Path, small_release: Releases) -> Releases:
    """The release of the small seed is there."""
    shutil.copytree(small_release.folder, tmp_path / "data" / "releases")
    return Releases(tmp_path / "data" / "releases")


def test_a_server_starts_without_reading_an_unchanged_seed(
    releases: Releases, seed_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("app.seed.release.Seed")
    settings = Settings(data_dir=releases.folder.parent, seed_dir=seed_copy)
    assert ensure_release(settings) == releases.current_name()


def test_any_other_byte_is_another_seed(releases: Releases, seed_copy: Path) -> None:
    assert known_release(seed_copy, releases) == releases.current_name()
    edit(seed_copy, "zones/epsilon.yaml", "label_en: Epsilon", "label_en: Epsilom")
    assert known_release(seed_copy, releases) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda seed: (seed / "zones" / "more.yaml").write_text(""),
        lambda seed: (seed / "zones" / "epsilon.yaml").unlink(),
        lambda seed: (seed / "zones" / "epsilon.yaml").rename(seed / "zones" / "e.yaml"),
        lambda seed: (seed / "zones" / "epsilon.yaml").rename(seed / "epsilon.yaml"),
    ],
)
def test_other_files_are_another_seed(change: Any, seed_copy: Path) -> None:
    before = fingerprint(seed_copy)
    assert before == fingerprint(SMALL_SEED)
    change(seed_copy)
    assert fingerprint(seed_copy) != before


def test_other_code_may_make_another_release(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "app" / "seed" / "current.py"
    code.parent.mkdir(parents=True)
    code.write_text("")
    monkeypatch.setattr(current, "__file__", str(code))
    assert known_release(SMALL_SEED, releases) is None


@pytest.mark.parametrize("lost", ["current", ".seed", "*.sqlite"])
def test_what_is_lost_is_made_again(lost: str, releases: Releases) -> None:
    name = releases.current_name()
    for path in releases.folder.glob(lost):
        path.unlink()
    releases = Releases(releases.folder)  # a program that starts, and has not looked before
    assert known_release(SMALL_SEED, releases) is None
    assert load(SMALL_SEED, releases) == name
    assert known_release(SMALL_SEED, releases) == name


def test_another_release_that_became_current_is_not_that_of_the_seed(releases: Releases) -> None:
    name = releases.current_name() or ""
    shutil.copy(releases.path(name), releases.path("2001.2.3-abcdef"))
    (releases.folder / "current").write_text("2001.2.3-abcdef\n", encoding="ascii")
    assert known_release(SMALL_SEED, releases) is None


def test_a_seed_that_was_edited_while_it_was_read_is_not_remembered(
    tmp_path: Path, seed_copy: Path
) -> None:
    releases = Releases(tmp_path / "data" / "releases")

    def edited(items: Iterable[T], phase: str, _unit: str, _total: int) -> Iterable[T]:
        if phase == "checking":
            (seed_copy / "note.txt").write_text("x", encoding="utf-8")
        return items

    name = load(seed_copy, releases, progress=edited)
    assert releases.current_name() == name
    assert known_release(seed_copy, releases) is None


def test_every_phase_tells_how_far_it_is(tmp_path: Path) -> None:
    told: dict[str, int] = {}

    def noted(items: Iterable[T], phase: str, _unit: str, total: int) -> Iterable[T]:
        found = list(items)
        assert len(found) == total
        told[phase] = total
        return found

    load(SMALL_SEED, Releases(tmp_path / "releases"), progress=noted)
    assert told["reading documents"] == len([*SMALL_SEED.glob("documents/*.yaml")])
    assert told["writing zones"] == 7
    assert told["indexing"] > 7
