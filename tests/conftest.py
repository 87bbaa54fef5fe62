"""The small seed: frozen and fictional, so that new facts never break a test of behaviour.

What a seed makes is loaded once for all workers of a run; who changes it takes a copy.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from filelock import FileLock

from app.cli import main
from app.database import Releases
from app.resources.passages import Texts
from app.seed.current import known_release
from app.seed.release import load
from app.serving import Connection

ROOT = Path(__file__).parents[1]
REAL_SEED = ROOT / "seed_data"
SMALL_SEED, SMALL_TEXTS = ROOT / "tests" / "small_seed", ROOT / "tests" / "small_texts"


LONGEST = ("test_swap.py", "test_wheel.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins, so that in the end no worker waits for another."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


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
    """The release of the small seed, not to be changed."""
    releases = _loaded(SMALL_SEED, tmp_path_factory)
    yield releases
    releases.current().close()


@pytest.fixture(scope="session")
def real_release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """The release of the real seed, not to be changed."""
    releases = _loaded(REAL_SEED, tmp_path_factory)
    yield releases
    releases.current().close()


@contextmanager
def listening(app: Any) -> Iterator[int]:
    """A port on which an application answers, by the connections of `gaoxin serve`."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http=Connection, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


class Ran(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


Gaoxin = Callable[..., Ran]


@pytest.fixture
def gaoxin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gaoxin:
    """Run the command line, without the start of Python and the imports, which take most of it."""

    def run(*arguments: str | Path, **environment: str | Path) -> Ran:
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))
        capsys.readouterr()
        return Ran(main([*map(str, arguments)]), *capsys.readouterr())

    return run


def _loaded(seed: Path, factory: pytest.TempPathFactory) -> Releases:
    """The release of a seed, in a folder of all workers; the first that asks loads it."""
    own = factory.getbasetemp()
    place = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / seed.name
    releases = Releases(place / "releases")
    with FileLock(f"{place}.lock"):
        if not known_release(seed, releases):
            load(seed, releases)
    return releases


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
