"""What one server does by itself: growth, deep pages, counts, search, bulk, load.

Asked one after the other on one connection, each request different. Beside the time that the asker
waited stands the time that the server's threads ran, which other programs disturb less.
"""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from app.query.pages import Cursor
from benchmarks import sheets
from benchmarks.speed_questions import neighbours
from benchmarks.speed_servers import ASKING, Call, NotMeasured, Server, anonymous_kb, ask_on
from benchmarks.speed_tables import reading

KEPT_OPEN = 3
"""Seconds; uvicorn closes after five."""
Told = dict[str, Any]
PAGES = {
    "observed, largest first": "nature=observed&sort=-value",
    "of zones, newest period first": "scope=zone&sort=-period",
    "exact, by id": "comparator=exactly&sort=id",
    "since 2000, by period": "period__gte=2000&sort=period",
    "nine indicators, largest first": "indicator=revenue&indicator=employees&indicator=enterprises"
    "&indicator=gdp&indicator=taxes&indicator=exports&indicator=investment"
    "&indicator=high-tech-enterprises&indicator=industrial-output-value&sort=-value",
    "by zone, indicator and period, which is the default": "",
}
"""Filtered, sorted pages that are full on either base."""
COUNTS = {
    "count of all": "total=exact",
    "facet of all: indicator": "facet=indicator",
    "facet of all: zone": "facet=zone",
    "facet of all: nature": "facet=nature",
}
FILTERED = {
    "count: one zone": "zone=baiyin&total=exact",
    "facet: indicator of one zone": "zone=baiyin&facet=indicator",
    "count: one indicator": "indicator=revenue&total=exact",
    "facet: zone of one indicator": "indicator=revenue&facet=zone",
    "facet: nature of three indicators": "indicator=revenue&indicator=employees&indicator=taxes"
    "&facet=nature",
    "count: targets": "nature=target&total=exact",
    "facet: indicator of a year": "period=2015&facet=indicator",
}
"""Of some thousand to a hundred thousand rows of the generated base."""


class Asker:
    """Asks one server, one question after the other."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.waited: list[float] = []
        self.ran = 0.0
        self.failed = 0
        self.last = 0.0

    def ask(self, target: str) -> bytes:
        """Ask, noting how long it took; on a new connection where the server has closed the old."""
        if time.perf_counter() - self.last > KEPT_OPEN:
            self.connection.close()
        ran, began = self.server.cpu_seconds(), time.perf_counter()
        answer = ask_on(self.connection, Call(target))
        self.waited.append(1000 * (time.perf_counter() - began))
        self.ran += 1000 * (self.server.cpu_seconds() - ran)
        self.last = time.perf_counter()
        self.failed += answer.status != 200
        return answer.body

    def told(self) -> Told:
        """Medians and the rest, of what was asked."""
        if self.failed:
            return {"error": f"{self.failed} of {len(self.waited)} answers failed"}
        return {
            "ms": median(self.waited),
            "p95": quantiles(self.waited, n=20)[-1],
            "cpu_ms": self.ran / len(self.waited),
            "times": len(self.waited),
        }


def growth(small: Server, large: Server, times: int) -> Iterator[Told]:
    """The same pages on both bases, in turn."""
    for name, asked in PAGES.items():
        askers = [Asker(small), Asker(large)]
        for limit in range(30, 30 + times):
            for asker in askers:
                asker.ask(f"/v1/statistics?{asked}{'&' if asked else ''}limit={limit}")
        yield _compared(name, asked, askers)


def deep(server: Server, file: Path, times: int) -> Iterator[Told]:
    """The first page against the one after the row 900 000, by its cursor."""
    orders = {"id": ("id", "id"), "-value": ("value, id", "value DESC, id")}
    connection = reading(file)
    for sort, (columns, order) in orders.items():
        (count,) = connection.execute(
            "SELECT count(*) FROM statistic WHERE rank = 'preferred'"
        ).fetchone()
        place = count * 9 // 10
        found = f"SELECT {columns} FROM statistic WHERE rank = 'preferred' ORDER BY {order}"
        after = [*connection.execute(f"{found} LIMIT 1 OFFSET {place}").fetchone()]
        askers = [Asker(server), Asker(server)]
        for limit in range(30, 30 + times):
            target = f"/v1/statistics?sort={sort}&limit={limit}"
            body = askers[0].ask(target)
            askers[1].ask(f"{target}&cursor={_moved(body, after)}")
        yield _compared(f"page at row {place} by {sort}", f"sort={sort}", askers)
    connection.close()


def _moved(page: bytes, after: list[Any]) -> str:
    """The cursor of a page's next one, set after another row."""
    found = re.search(rb'"next":"([^"]+)"', page)
    if not found:
        raise NotMeasured(f"the first page has no next one: {page[:200]!r}")
    (text,) = parse_qs(urlsplit(found[1].decode()).query)["cursor"]
    cursor = Cursor.decode(text)
    assert cursor
    return Cursor(cursor.release, cursor.digest, after).encode()


def _compared(name: str, asked: str, askers: Sequence[Asker]) -> Told:
    base, other = (asker.told() for asker in askers)
    told: Told = {"name": name, "asked": asked, "base": base, "other": other}
    if failed := base.get("error") or other.get("error"):
        told["error"] = failed
    else:
        told |= {"ratio": other["ms"] / base["ms"], "cpu_ratio": other["cpu_ms"] / base["cpu_ms"]}
    return told


def counts(server: Server, times: int) -> Iterator[Told]:
    """Counts and facets, of everything and of a part."""
    for kind, questions in (("all", COUNTS), ("filtered", FILTERED)):
        for name, asked in questions.items():
            asker = Asker(server)
            for limit in range(1, 1 + times):
                asker.ask(f"/v1/statistics?{asked}&limit={limit}")
            yield {"name": name, "asked": asked, "kind": kind, **asker.told()}


def searching(server: Server, file: Path, times: int) -> Told:
    """What people type: names and words in both languages."""
    connection = reading(file)
    texts = [
        text for (text,) in connection.execute("SELECT text FROM searchpassage WHERE number < 9000")
    ]
    connection.close()
    chinese = [text for text in texts if not text.isascii() and len(text) < 12]
    words = [*dict.fromkeys(neighbours(texts))][::37][:times] + chinese[::29][:times]
    asker = Asker(server)
    for word in words:
        asker.ask("/v1/search?" + urlencode({"q": word}))
    return asker.told()


def bulk(
    server: Server, limit: Callable[[Path], Server], folder: Path, form: str, times: int
) -> Told:
    """A whole base as a file: the rate against that of a file that is there; memory; the others.

    The server may use both cores, as its threads do where it is deployed.
    """
    target, got = f"/v1/statistics?rank=all&format={form}", folder / f"bulk.{form}"
    spool = Path(server.environment["GAOXIN_SPOOL_DIR"])
    server.spread()
    _small_requests(server, seconds=1)  # not the first
    alone, meanwhile, took = [], [], []
    before, peak = server.anonymous_mb(), 0.0
    for _ in range(times):
        alone += _small_requests(server, seconds=5)
        with _watching(server) as seen, _beside(server) as waited:
            took.append(_download(server, target, Path(os.devnull)))
        meanwhile += waited
        peak = max([peak, *seen])
        again = _download(server, target, got)
        for file in spool.iterdir():
            file.unlink()
    other = limit(got)
    other.start()
    try:
        sent = median(_download(other, "/file", Path(os.devnull)) for _ in range(3))
    finally:
        other.stop()
    size, seconds = got.stat().st_size, median(took)
    got.unlink()
    return {
        "form": form,
        "bytes": size,
        "seconds": seconds,
        "mb_per_s": size / seconds / 1e6,
        "again_mb_per_s": size / again / 1e6,
        "file_mb_per_s": size / sent / 1e6,
        "of_file": sent / seconds,
        "anonymous_before": before,
        "anonymous_peak": peak,
        "p99_alone": _p99(alone),
        "p99_meanwhile": _p99(meanwhile),
        "asked_meanwhile": len(meanwhile),
    }


def _download(server: Server, target: str, to: Path) -> float:
    """The seconds that it took."""
    command = ["taskset", "-c", str(ASKING), "curl", "-sSf", "-o", str(to)]
    began = time.perf_counter()
    run = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}{target}"], capture_output=True, check=False
    )
    if run.returncode:
        raise NotMeasured(f"{target}: {run.stderr[-200:].decode()}")
    return time.perf_counter() - began


@contextmanager
def _watching(server: Server) -> Iterator[list[float]]:
    """Its own memory, twenty times a second."""
    seen: list[float] = []
    yield from _during(lambda: seen.append(server.anonymous_mb()), seen, 0.05)


@contextmanager
def _own_memory(process: int) -> Iterator[list[float]]:
    """The same of a process that may end."""
    seen = [0.0]

    def look() -> None:
        with suppress(OSError):
            seen.append(anonymous_kb(process) / 1024)

    yield from _during(look, seen, 0.05)


@contextmanager
def _beside(server: Server) -> Iterator[list[float]]:
    """How long small requests take, asked a hundred times a second."""
    asker = Asker(server)
    number = iter(range(10**9))

    def one() -> None:
        asker.ask(f"/v1/zones?limit={next(number) % 20 + 1}")

    yield from _during(one, asker.waited, 0.01)


def _during(act: Callable[[], Any], result: list[float], pause: float) -> Iterator[list[float]]:
    done = threading.Event()

    def go() -> None:
        while not done.wait(pause):
            act()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield result
    finally:
        done.set()
        thread.join()


def _small_requests(server: Server, seconds: float) -> list[float]:
    with _beside(server) as waited:
        time.sleep(seconds)
    return waited


def _p99(waited: Iterable[float]) -> float | None:
    found = sorted(waited)
    return found[min(len(found) - 1, len(found) * 99 // 100)] if found else None


def load(seed: Path, times: int) -> Told:
    """The real base from its YAML: seconds, claims a second, memory."""
    seconds, ran, peaks = zip(*(_load(seed) for _ in range(times)), strict=True)
    return _loaded("claims", _claims(seed), median(seconds), median(ran), max(peaks), times)


def load_yaml(figures: int, times: int) -> Told:
    """The real base with figures written out in YAML: claims a second of the whole load, memory."""
    with tempfile.TemporaryDirectory() as folder:
        sheets.make(Path(folder) / "seed", figures, written_out=True)
        return load(Path(folder) / "seed", times)


def load_tables(figures: int) -> Told:
    """The real base with figures in tables: rows a second of the whole load, memory."""
    with tempfile.TemporaryDirectory() as folder:
        rows = sheets.make(Path(folder) / "seed", figures)
        return _loaded("rows", rows, *_load(Path(folder) / "seed"), 1)


def _claims(seed: Path) -> int:
    check = [sys.executable, "-m", "app.cli", "check", "--seed", str(seed)]
    said = subprocess.run(check, capture_output=True, text=True, check=False).stderr
    return int(re.findall(r"(\d+) claims", said)[0])


def _loaded(unit: str, count: int, seconds: float, ran: float, peak: float, times: int) -> Told:
    return {
        unit: count,
        "seconds": seconds,
        "cpu_seconds": ran,
        f"{unit}_per_s": count / seconds,
        f"{unit}_per_cpu_s": count / ran,
        "peak_mb": peak,
        "runs": times,
    }


def _load(seed: Path) -> tuple[float, float, float]:
    """One load into a new folder: its seconds, its CPU time, its own memory in MB."""
    command = [sys.executable, "-m", "app.cli", "load"]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--seed", str(seed)],
            env={**os.environ, "GAOXIN_DATA_DIR": folder, "PYTHONDONTWRITEBYTECODE": ""},
            stdout=subprocess.DEVNULL,
        )
        with _own_memory(process.pid) as seen:
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise NotMeasured(f"gaoxin load ended with {process.returncode}")
        seconds = time.perf_counter() - began
    return seconds, usage.ru_utime + usage.ru_stime, max(seen)
