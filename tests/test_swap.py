"""Swaps under load and kills of the load, a few of each; benchmarks/ has the many."""

import multiprocessing
import os
import sys
from multiprocessing import forkserver
from pathlib import Path

import pytest

from benchmarks import kill, swap

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["app.cli", "app.seed.current", "app.seed.progress", "app.seed.release"]
)


@pytest.fixture(autouse=True)
def ready() -> None:
    """What is forked from has begun to import before anything is measured."""
    forkserver.ensure_running()


class Forked:
    """`gaoxin load` without the start of Python and the imports, which take most of its time."""

    def __init__(self, seed: Path, data: Path) -> None:
        self.process = FORKS.Process(target=_load, args=(str(seed), str(data)))
        self.process.start()
        self.kill = self.process.kill

    def wait(self) -> int:
        self.process.join(60)
        assert self.process.exitcode is not None, "the load hangs"
        return self.process.exitcode


def _load(seed: str, data: str) -> None:
    from app.cli import main

    os.environ["GAOXIN_DATA_DIR"] = data
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(main(["load", "--seed", seed]))


def test_every_answer_under_load_is_wholly_of_one_release(tmp_path: Path) -> None:
    told, well = swap.run(tmp_path, swaps=3, start=Forked, pause=0.02).report()
    assert well, told
    assert "3 swapped" in told


def test_a_killed_load_harms_neither_the_server_nor_the_next(tmp_path: Path) -> None:
    stages, harm = kill.run(tmp_path, kills=5, start=Forked)
    assert not harm
    assert stages.total() == 5
