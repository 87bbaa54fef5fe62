"""Swaps under load: releases are loaded in turn while clients read; no answer may mix two."""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx

from app.database import KEPT
from tests.resources.conftest import ROOT, serving

BASE = next(f for f in (ROOT / "tests" / "small_seed", ROOT / "seed_data") if f.is_dir())
LISTS = ("zones?limit=2", "zones?limit=3&sort=-id", "milestones?scope=zone&limit=9", "release")
ASKED = (*LISTS, *(f"zones/{file.stem}" for file in BASE.glob("zones/*.yaml")))


class Loading(Protocol):  # noqa: D101
    def kill(self) -> None: ...  # noqa: D102
    def wait(self) -> int: ...  # noqa: D102


Start = Callable[[Path, Path], Loading]


def start_load(seed: Path, data: Path) -> subprocess.Popen[bytes]:
    """Start `gaoxin load`."""
    command = [sys.executable, "-m", "app.cli", "load", "--seed", str(seed)]
    own = {**os.environ, "GAOXIN_DATA_DIR": str(data)}
    return subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.DEVNULL)


def variant(number: int, folder: Path) -> str:
    """Copy the seed, its version and the label of every zone marked; gives the mark."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    mark = f"9999.1.{number}"
    for file in (*folder.glob("zones/*.yaml"), folder / "release.yaml"):
        text = re.sub(r"(?m)^(label_en: .*)$", rf"\1 {mark}", file.read_text(encoding="utf-8"))
        file.write_text(re.sub(r"(?m)^version: .*$", f"version: {mark}", text), encoding="utf-8")
    return mark


def said(answer: dict[str, Any]) -> tuple[str, set[str]]:
    """The mark of the release that an answer names, and those of what it shows."""
    data, marks = answer["data"], set()
    for row in data if isinstance(data, list) else [data]:
        shown = row.get("version") or row.get("short_name_en") or row["zone"]["label_en"]
        marks.add(shown.rpartition(" ")[2])
    return answer["meta"]["release"].partition("-")[0], marks


class Figures:
    """What happened; `live` are the marks that an answer may have now, `kept` those to ask for."""

    def __init__(self, mark: str) -> None:
        self.live, self.kept = [mark], [mark]
        self.times: list[float] = []
        self.events: list[tuple[str, str]] = []

    def ask(self, client: httpx.Client, path: str, of: str | None = None) -> tuple[str, str] | None:
        """Ask once and judge; `of` is the release of a cursor. Gives the next page and its mark."""
        live, kept, start = self.live, self.kept, time.perf_counter()
        try:
            answer = client.get(path)
        except httpx.HTTPError as error:
            self.events.append(("failed", f"{path}: {error!r}"))
            return None
        self.times.append(time.perf_counter() - start)
        if answer.status_code != 200:
            gone = answer.status_code == 410 and of and not (of in kept and of in self.kept)
            self.events.append(("gone" if gone else "failed", f"{path}: {answer.text}"))
            return None
        mark, marks = said(answer.json())
        if marks != {mark}:
            self.events.append(("mixed", f"{path}: {mark} shows {marks}"))
        if mark not in ([of] if of else live + self.live):
            self.events.append(("stale", f"{path}: {mark}, not {of or live}"))
        return (page, mark) if (page := answer.json()["links"].get("next")) else None

    def load(self, mark: str, loading: Loading) -> None:
        """Follow a load; when it is done, nothing but its release may be answered."""
        kept = [*(m for m in self.kept if m != mark), mark][-KEPT:]
        self.live, self.kept = [*self.live, mark], [m for m in self.kept if m in kept]
        assert loading.wait() == 0, f"the load of {mark} failed"
        self.live, self.kept = [mark], kept
        self.events.append(("swapped", mark))

    def report(self) -> tuple[str, bool]:
        """The figures on one line, below it the first of what went wrong; whether all is well."""
        times, kinds = sorted(self.times), ("swapped", "failed", "mixed", "stale", "gone")
        p50, p99 = (1000 * times[int(len(times) * part)] for part in (0.5, 0.99))
        counts = [f"{sum(kind == k for k, _ in self.events)} {kind}" for kind in kinds]
        line = f"{len(times)} answers, {', '.join(counts)}; p50 {p50:.1f} ms, p99 {p99:.1f} ms"
        wrong = [" ".join(event) for event in self.events if event[0] in kinds[1:4]]
        return "\n".join([line, *wrong[:9], ""]), not wrong


def _read(url: httpx.URL, figures: Figures, stop: threading.Event, pause: float) -> None:
    """Read lists, items and pages, some long after the page before, until told to stop."""
    pages: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=60, limits=httpx.Limits(keepalive_expiry=2)) as client:
        while not stop.wait(pause):
            if following := figures.ask(client, f"/v1/{random.choice(ASKED)}"):
                figures.ask(client, *following)
                pages.setdefault(following[1], following[0])
                mark = random.choice([*pages])
                figures.ask(client, pages[mark], mark)


def run(
    folder: Path, swaps: int, seeds: int = 2, start: Start = start_load, pause: float = 0.002
) -> Figures:
    """Load `seeds` in turn, `swaps` times, beside a server of two workers that is being read.

    Each reader asks again after a `pause`.
    """
    marks = [variant(n, folder / str(n)) for n in range(seeds)]
    figures, stop, data = Figures(marks[0]), threading.Event(), folder / "data"
    with serving(folder / "0", data, workers=2) as server, ThreadPoolExecutor() as pool:
        reading = [pool.submit(_read, server.base_url, figures, stop, pause) for _ in range(3)]
        try:
            server.headers["Connection"] = "close"  # each question may reach another worker
            for n in range(1, swaps + 1):
                figures.load(marks[n % seeds], start(folder / str(n % seeds), data))
                for _ in range(8):
                    figures.ask(server, "/v1/zones")
        finally:
            stop.set()
        for reader in reading:
            reader.result()
    return figures


def main() -> int:
    """Print the figures; 1 when an answer failed, was mixed or stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swaps", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=2, help="with more than 3, cursors are gone")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told, well = run(Path(folder), asked.swaps, asked.seeds).report()
    sys.stdout.write(told)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
