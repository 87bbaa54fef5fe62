"""How fast it is, beside its peers and beside what the server can send at all.

    python benchmarks/speed.py [--sections peers growth bulk load] [--quick] [--work FOLDER]

Starts real servers on loopback, one core for all of them, of which only the one that is asked runs;
wrk asks from another core. Rounds are interleaved, and ratios are those within a round. Writes
Markdown, JSON and a plot to `benchmarks/results/`; ends with 1 if an answer failed. Needs wrk on
PATH and `pip install -e '.[peers,parquet,svg]'`; what is missing is reported as not measured.
FOLDER keeps the bases and tables that are made, so that a second run begins at once.
"""

import argparse
import os
import pickle
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from app.database import Releases
from app.query.lines import make_lines
from app.seed.progress import silent
from app.seed.release import load as load_seed
from app.settings import Settings
from benchmarks import speed_probes as probes
from benchmarks import speed_servers as servers
from benchmarks.speed_base import make, name_of
from benchmarks.speed_plans import plans
from benchmarks.speed_questions import Question, questions, rows_of
from benchmarks.speed_report import write
from benchmarks.speed_servers import Call, NotMeasured, Server, Wrk, ask
from benchmarks.speed_tables import export, reading

RESULTS = Path(__file__).parent / "results"
TURNS = 3
"""How often servers take turns at a hot question in a round: on it a second of noise shows most."""
SECTIONS = ("peers", "growth", "bulk", "load")
BASES = ("real", "million")
RECORDED = 200
"""Answers to a cold question that the limit sends."""
SAMPLED = 10
"""Answers whose rows are counted, so that one sees who was asked the same."""
PACKAGES = ["fastapi", "starlette", "uvicorn", "uvloop", "httptools"]
PACKAGES += ["sqlalchemy", "sqlmodel", "pydantic", "datasette", "roapi"]
Told = dict[str, Any]


class Run:
    """One run: what is asked for, and what was found so far."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.folder: Path = asked.work
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rounds = asked.rounds or (1 if asked.quick else 3)
        self.seconds = asked.seconds or (1 if asked.quick else 3)
        self.times = 11 if asked.quick else 31
        self.bases = asked.bases or (BASES[:1] if asked.quick else BASES)
        self.figures = asked.figures or (50_000 if asked.quick else 1_000_000)
        about = {**_about(asked), "figures": self.figures}
        self.found: Told = {"about": about, "errors": []}
        self.real = self._real()

    def _real(self) -> Path:
        """The data folder of the real base, which is loaded if need be."""
        folder = self.folder / "real"
        load_seed(Settings().seed_dir, Releases(folder / "releases"))
        return folder

    @property
    def million(self) -> Path:
        """The data folder of the generated base, which is made if need be."""
        if self.asked.million:
            return Path(self.asked.million)
        folder, source = self.folder / "million", file_of(self.real)
        if Releases(folder / "releases").current_name() != name_of(source, self.figures):
            self._say(f"making a base of {self.figures} figures")
            make(source, folder, self.figures)
        return folder

    def peers(self) -> None:
        """Everybody, on both bases."""
        self.found["peers"] = {
            base: self._try(f"peers, {base} base", partial(self._beside, base))
            for base in self.bases
        }

    def _beside(self, base: str) -> Told:
        data, folder = self.million if base == "million" else self.real, self.folder / f"run-{base}"
        folder.mkdir(exist_ok=True)
        file = file_of(data)
        with closing(reading(file)) as connection:
            asked = questions(connection, file.stem)
        made, missing = self._servers(base, data, folder)
        record(made[0], asked, folder)
        limit = servers.limit(folder)
        told: Told = {"missing": missing, "release": file.stem, "rows": {}, "questions": {}}
        told["questions"] = {q.name: {"says": q.says, "hot": q.hot, "rounds": []} for q in asked}
        told["servers"] = {one.name: {"first": [], "memory": []} for one in (*made, limit)}
        wrk = Wrk(folder)
        for number in range(self.rounds):
            self._say(f"{base} base, round {number + 1} of {self.rounds}")
            self._round(told, [*made, limit], asked, wrk)
        return told

    def _servers(self, base: str, data: Path, folder: Path) -> tuple[list[Server], Told]:
        """Gaoxin and the peers that are there; why the others are not."""
        file, tables = file_of(data), self.folder / f"tables-{file_of(data).stem}"
        missing: Told = {}

        def roapi() -> Server:
            if not (tables / "done").is_file():
                export(file, tables)
                (tables / "done").touch()
            return servers.roapi(tables, folder)

        made = [servers.gaoxin(data, folder, real=base == "real")]
        peers: dict[str, Callable[[], Server]] = {
            "roapi": roapi,
            "plain": lambda: servers.plain(file, folder),
            "datasette": lambda: servers.datasette(file, folder),
        }
        for name, make_one in peers.items():
            try:
                made.append(make_one())
            except (NotMeasured, OSError, subprocess.CalledProcessError) as why:
                missing[name] = str(why)
        return made, missing

    def _round(self, told: Told, made: list[Server], asked: list[Question], wrk: Wrk) -> None:
        """Start all; ask each question of each in turn; note their memory."""
        up = []
        try:
            for server in made:
                try:
                    server.start()
                    up.append(server)
                    told["servers"][server.name]["first"].append(server.seconds_to_first_answer)
                except NotMeasured as why:
                    told["missing"][server.name] = str(why)
            turns = [(q, turn) for q in asked for turn in range(TURNS if q.hot else 1)]
            for question, turn in turns:
                found: Told = {}
                for server in up:
                    for variant, calls in question.calls.items():
                        if variant.partition(" ")[0] == server.name:
                            found[variant] = self._ask(wrk, server, question, calls, not turn)
                told["questions"][question.name]["rounds"].append(found)
                for variant, one in found.items():
                    if "error" in one:
                        self.found["errors"].append(f"{question.name}, {variant}: {one['error']}")
            for server in up:
                told["servers"][server.name]["memory"].append(server.anonymous_mb())
        finally:
            for server in up:
                server.stop()

    def _ask(
        self, wrk: Wrk, server: Server, question: Question, calls: Sequence[Call], warms: bool
    ) -> Told:
        headers = dict(question.headers)
        if question.conditional:
            headers["If-None-Match"] = ask(server.port, calls[0]).header("etag")
        try:
            some = [ask(server.port, call, headers) for call in calls[:SAMPLED]]
            size = sum(len(one.body) for one in some) / len(some)
            whole = [one.body for one in some if not one.header("content-encoding")]
            rows = [rows_of(body) for body in whole if body]
            if warms and (question.hot or not self.asked.quick):
                wrk.run(server, question.name, calls, headers, 1)
                server.settle()
            found = wrk.run(server, question.name, calls, headers, self.seconds)
            return {**found, "size": size, "rows": rows, "listed": len(calls)}
        except (NotMeasured, OSError, ValueError) as why:
            return {"error": str(why)}
        finally:
            server.settle()

    def growth(self) -> None:
        """Both bases; deep pages, counts, facets and searches of the large one."""
        folder = self.folder
        small = servers.gaoxin(self.real, folder, real=True)
        large = servers.gaoxin(self.million, folder, real=False)
        with servers.running(small, large):
            file = file_of(self.million)
            parts: dict[str, Callable[[], Any]] = {
                "growth": lambda: list(probes.growth(small, large, self.times)),
                "deep": lambda: list(probes.deep(large, file, self.times)),
                "counts": lambda: list(probes.counts(large, self.times // 2)),
                "search": lambda: {
                    "real": probes.searching(small, file_of(self.real), 3 * self.times),
                    "million": probes.searching(large, file_of(self.real), 3 * self.times),
                },
            }
            asked = {**probes.PAGES, **probes.COUNTS, **probes.FILTERED}
            targets = [
                f"/v1/statistics?{one}&limit=29".replace("?&", "?") for one in asked.values()
            ]
            parts["plans"] = lambda: list(plans(self.million, file, targets))
            for name, part in parts.items():
                self._say(name)
                self.found[name] = self._try(name, part)
            self.found["workers"] = {
                base: {"memory": server.anonymous_mb(), "first": server.seconds_to_first_answer}
                for base, server in (("real", small), ("million", large))
            }

    def bulk(self) -> None:
        """The whole generated base as files, once `gaoxin lines` has run."""
        self.found["bulk"] = []
        self._say("bulk, lines")
        began, folder = time.process_time(), self.million / "releases"
        made = make_lines(Releases(folder), silent)
        size = sum(file.stat().st_size for file in (folder / "lines").glob("*.sqlite"))
        spent = time.process_time() - began
        self.found["lines"] = {"lists": made, "cpu_seconds": spent, "bytes": size}
        for form in ("ndjson", "csv"):
            self._say(f"bulk, {form}")
            with tempfile.TemporaryDirectory(dir=self.folder) as spool:
                server = servers.gaoxin(self.million, self.folder, real=False)
                server.environment = {**server.environment, "GAOXIN_SPOOL_DIR": spool}
                (self.folder / "answers.pickle").write_bytes(pickle.dumps(_FIRST))
                part = partial(self._as_file, server, form)
                told = self._try(f"bulk, {form}", part)
                self.found["bulk"].append({"name": f"bulk: {form}", **told})

    def _as_file(self, server: Server, form: str) -> Told:
        with servers.running(server):
            times, limit = 1 if self.asked.quick else 3, partial(servers.limit, self.folder)
            return probes.bulk(server, limit, self.folder, form, times)

    def load(self) -> None:
        """The real seed, from its text, then with generated figures, in YAML and in tables."""
        self._say("load")
        times = 1 if self.asked.quick else 3
        self.found["load"] = self._try("load", lambda: probes.load(Settings().seed_dir, times))
        part = partial(probes.load_yaml, 2_000 if self.asked.quick else 20_000, times)
        self.found["yaml"] = self._try("yaml", part)
        figures = 20_000 if self.asked.quick else 200_000
        self.found["tables"] = self._try("tables", lambda: probes.load_tables(figures))

    def _try(self, name: str, part: Callable[[], Any]) -> Any:
        """What a part finds, or why it found nothing; what failed in it is an error of the run."""
        try:
            found = part()
            for one in found if isinstance(found, list) else []:
                if "error" in one:
                    self.found["errors"].append(f"{one.get('name', name)}: {one['error']}")
            return found
        except (NotMeasured, OSError) as why:
            self.found["errors"].append(f"{name}: {why}")
            return {"error": str(why)}

    def _say(self, what: str) -> None:
        print(f"{datetime.now():%H:%M:%S} {what}", file=sys.stderr, flush=True)  # noqa: T201


_FIRST: dict[tuple[bytes, bool, bool], Any] = {(b"/first", False, False): (200, [], b"")}
_ADDED = ("date", "server", "connection", "transfer-encoding")
"""Headers that uvicorn adds by itself."""


def record(server: Server, asked: Sequence[Question], folder: Path) -> None:
    """Have the limit send what the server sends: bytes and headers, for the same questions."""
    answers = dict(_FIRST)
    with servers.running(server):
        for question in asked:
            headers = dict(question.headers)
            calls = list(question.calls["gaoxin"])[:RECORDED]
            if question.conditional:
                headers["If-None-Match"] = ask(server.port, calls[0]).header("etag")
            for call in calls:
                told = ask(server.port, call, headers)
                if told.status >= 400:
                    raise NotMeasured(f"{call.target}: {told.status} {told.body[:200]!r}")
                raw = [
                    (name.lower().encode(), value.encode())
                    for name, value in told.headers
                    if name.lower() not in _ADDED
                ]
                key = (call.target.encode(), "Accept-Encoding" in headers, question.conditional)
                answers[key] = (told.status, raw, told.body)
            question.calls["limit"] = calls  # type: ignore[index]
    (folder / "answers.pickle").write_bytes(pickle.dumps(answers))


def file_of(data: Path) -> Path:
    """The current release of a data folder."""
    releases = Releases(data / "releases")
    name = releases.current_name()
    assert name
    return releases.path(name)


def _about(asked: argparse.Namespace) -> Told:
    """When, on what and of what."""
    said = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((x.split(":")[1].strip() for x in said.splitlines() if "model name" in x), "")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": commit,
        "quick": asked.quick,
        "kernel": platform.release(),
        "machine": f"{model or platform.machine()}, {len(servers.CORES)} cores",
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": dict(_versions()),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, "not installed"


def main() -> int:
    """Run the sections that are asked for and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--bases", nargs="+", choices=BASES)
    parser.add_argument("--quick", action="store_true", help="some minutes, to try it")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--figures", type=int)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "gaoxin-speed")
    parser.add_argument("--million", type=Path, help="a data folder that speed_base.py made")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if len(servers.CORES) < 2:
        parser.error("it takes two cores: one for the servers, one for who asks")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left running
    began, run = time.perf_counter(), Run(asked)
    for section in asked.sections:
        try:
            getattr(run, section)()
        except NotMeasured as why:
            run.found["errors"].append(f"{section}: {why}")
        run.found["about"]["seconds"] = time.perf_counter() - began
        run.found["about"]["load_average_after"] = os.getloadavg()
        report = write(run.found, asked.results)
    print(report.read_text(encoding="utf-8"))  # noqa: T201
    return 1 if run.found["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
