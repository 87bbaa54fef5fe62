"""The small seed: frozen and fictional, so that new facts never break a test of behaviour."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.database import Releases
from app.resources.passages import Texts
from app.seed.release import load

ROOT = Path(__file__).parents[1]
SMALL_SEED, SMALL_TEXTS = ROOT / "tests" / "small_seed", ROOT / "tests" / "small_texts"


@pytest.fixture(scope="session")
def small_seed() -> Path:
    """The folder of the small seed; copy it (`seed_copy`) to change it."""
    return SMALL_SEED


@pytest.fixture(scope="session")
def small_texts() -> Texts:
    """The texts of the small seed's documents."""
    return Texts(SMALL_TEXTS)


@pytest.fixture
def seed_copy(tmp_path: Path) -> Path:
    """A copy of the small seed that a test may break."""
    return Path(shutil.copytree(SMALL_SEED, tmp_path / "seed"))


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """The small seed, loaded once for each worker, each into a folder of its own."""
    releases = Releases(tmp_path_factory.mktemp("small") / "releases")
    load(SMALL_SEED, releases)
    yield releases
    releases.current().engine.dispose()


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the one occurrence of `old` in a file; an empty `old` appends.

    Gives the line of the mark `»` in `new` or, without one, the line on which `new` begins.
    """
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert not old or text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    start = text.index(old) if old else len(text)
    changed = text[:start] + new + text[start + len(old) :]
    path.write_text(changed.replace("»", ""), encoding="utf-8")
    return changed.count("\n", 0, start + max(new.find("»"), 0)) + 1


def once(*case: object, was: str) -> Any:
    """A case of a fault that was found and mended; `was` tells the fault."""
    return pytest.param(*case, id=was)
