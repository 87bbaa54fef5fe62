"""Kills of the load: `kill -9` at any moment harms neither the server nor the next load."""

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from app.database import Releases
from benchmarks.swap import ASKED, Start, said, start_load, variant
from tests.resources.conftest import serving

MOMENTS = ("any", "writing", "any", "pointing")


def wait_for(happened: Callable[[], bool], pause: float = 0.0005) -> float:
    """Look again and again, for a minute at most; gives the seconds that it took."""
    start = time.perf_counter()
    while not happened() and time.perf_counter() - start < 60:
        time.sleep(pause)
    return time.perf_counter() - start


class Trial:
    """A folder of releases with a server beside it, and what went wrong there."""

    def __init__(self, folder: Path, data: Path, start: Start = start_load) -> None:
        self.seeds, self.data, self.start = (folder / "live", folder / "next"), data, start
        self.releases = Releases(data / "releases")
        self.harm: list[str] = []
        variant(0, self.seeds[0])

    def drafts(self) -> list[Path]:
        """What a load that is not done has written."""
        return [*self.releases.folder.glob(".*draft*")]

    def written(self, mark: str) -> bool:
        """Whether the release of a mark has its name."""
        return any(self.releases.folder.glob(f"{mark}-*.sqlite"))

    def live(self) -> str:
        """The mark of the release in the pointer."""
        return (self.releases.current_name() or "").partition("-")[0]

    def measure(self) -> tuple[float, float]:
        """How long a load takes, and how long of that it writes."""
        mark = variant(1, self.seeds[0])
        start, process = time.perf_counter(), self.start(self.seeds[0], self.data)
        wait_for(lambda: bool(self.drafts()))
        writing = wait_for(lambda: self.written(mark))
        process.wait()
        return time.perf_counter() - start, writing

    def kill(self, mark: str, moment: str, whole: float, writing: float) -> str:
        """Kill a load of the next seed at a moment; gives how far it came."""
        process = self.start(self.seeds[1], self.data)
        if moment == "writing":
            wait_for(lambda: bool(self.drafts()))
        if moment == "pointing":
            wait_for(lambda: bool(self.drafts()))
            wait_for(lambda: self.written(mark), pause=0)
        spread = {"any": whole * 1.05, "writing": writing, "pointing": 0.0005}[moment]
        time.sleep(random.uniform(0, spread))
        process.kill()
        if process.wait() == 0:
            return "done before the kill"
        if self.live() == mark:
            return "killed after the pointer moved"
        if self.written(mark):
            return "killed between file and pointer"
        return "killed while writing" if self.drafts() else "killed before writing"

    def judge(self, url: httpx.URL, when: str, *marks: str) -> None:
        """The pointer must name one of these and a sound file, and the server answer all of it."""
        live, path = self.live(), self.releases.path(self.releases.current_name() or "?")
        if live not in marks:
            self.harm.append(f"{when}: the pointer names {live}, not {marks}")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            if (verdict := file.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                self.harm.append(f"{when}: {path.name}: {verdict}")
        anew = {"Connection": "close"}  # each question may reach another worker
        with httpx.Client(base_url=url, timeout=60, headers=anew) as client:
            for question in ASKED:
                answer = client.get(f"/v1/{question}")
                if answer.status_code != 200 or said(answer.json()) != (live, {live}):
                    self.harm.append(f"{when}: {question}: {answer.text[:300]}")

    def load(self, url: httpx.URL, when: str, seed: Path, mark: str) -> None:
        """The next load must succeed, be answered, and leave nothing unfinished."""
        if code := self.start(seed, self.data).wait():
            self.harm.append(f"{when}: the next load ended with {code}")
        if drafts := self.drafts():
            self.harm.append(f"{when}: the next load left {[draft.name for draft in drafts]}")
            for draft in drafts:  # each is told once
                draft.unlink()
        self.judge(url, f"{when}, loaded anew", mark)


def run(folder: Path, kills: int, start: Start = start_load) -> tuple[Counter[str], list[str]]:
    """Kill so many loads, a server running beside; gives how far they came, and the harm done."""
    trial, stages = Trial(folder, folder / "data", start), Counter[str]()
    with serving(trial.seeds[0], trial.data, workers=2) as server:
        url, times = server.base_url, trial.measure()
        for n in range(kills):
            old, new, moment = trial.live(), variant(n + 2, trial.seeds[1]), MOMENTS[n % 4]
            stage = trial.kill(new, moment, *times)
            stages[stage] += 1
            when = f"kill {n} ({moment}: {stage})"
            trial.judge(url, when, old, new)
            if n % 8 < 4:  # the seed that was killed, or the one that was there before
                trial.seeds = trial.seeds[1], trial.seeds[0]
            trial.load(url, when, trial.seeds[0], new if n % 8 < 4 else old)
    return stages, trial.harm


def main() -> int:
    """Print how far the loads came, and the harm; 1 when there is any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    with tempfile.TemporaryDirectory() as folder:
        stages, harm = run(Path(folder), parser.parse_args().kills)
    lines = [f"{count} {stage}" for stage, count in stages.most_common()]
    sys.stdout.write("\n".join([*lines, f"{len(harm)} harmed", *harm[:20], ""]))
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
