"""Real servers on loopback, each on the same core; who asks is on another."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORES = sorted(os.sched_getaffinity(0))
SERVED, ASKING = CORES[0], CORES[-1]
CONNECTIONS = 16
TIMEOUT = 30
"""Seconds that an answer may take."""

_SCRIPT = """
local calls, at = {}, 0
function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, target, body = line:match("^(%S+)\\t(%S+)\\t?(.*)$")
    calls[#calls + 1] = wrk.format(method, target, nil, body ~= "" and body or nil)
  end
  at = tonumber(arguments[2])
end
function request()
  at = at % #calls + 1
  return calls[at]
end
function done(summary, latency)
  local failed = 0
  for _, count in pairs(summary.errors) do failed = failed + count end
  io.write(string.format(
    '\\n{"requests": %d, "seconds": %f, "bytes": %d, "failed": %d, "p50": %f, "p99": %f}',
    summary.requests, summary.duration / 1e6, summary.bytes, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


class NotMeasured(Exception):
    """Why something could not be measured; the report says so."""


@dataclass(frozen=True)
class Call:
    """One request; with a body it is a POST."""

    target: str
    body: str = ""

    @property
    def line(self) -> str:
        """As the script of wrk reads it."""
        return "\t".join(("POST" if self.body else "GET", self.target, self.body))


@dataclass
class Server:
    """A server that can be started, and the process once it was."""

    name: str
    command: Sequence[str]
    first: Call
    """What is asked until it answers."""
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    seconds_to_first_answer: float = 0
    log: Path = Path(os.devnull)

    def start(self, patience: float = 600) -> None:
        """Start it on its core and wait for its first answer."""
        self.port = _free_port()
        command = [part.format(port=self.port) for part in self.command]
        environment = {**os.environ, **self.environment, "PYTHONDONTWRITEBYTECODE": ""}
        began = time.perf_counter()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(SERVED), *command],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while True:
            try:
                answer = ask(self.port, self.first)
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - began > patience:
                    self.stop()
                    tail = self.log.read_bytes()[-400:].decode(errors="replace").strip()
                    raise NotMeasured(f"{self.name} did not start: {tail}") from None
                time.sleep(0.01)
        self.seconds_to_first_answer = time.perf_counter() - began
        if answer.status != 200:
            self.stop()
            raise NotMeasured(f"{self.name} answered {answer.status}: {answer.body[:300]!r}")

    def stop(self) -> None:
        """End the process that was started here."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def spread(self) -> None:
        """Let it use all cores, until it is started again."""
        for process in self._processes():
            for thread in Path(f"/proc/{process}/task").iterdir():
                os.sched_setaffinity(int(thread.name), CORES)

    def anonymous_mb(self) -> float:
        """Memory that is its own (RssAnon), of the largest of its processes: the worker."""
        return max(anonymous_kb(process) for process in self._processes()) / 1024

    def cpu_seconds(self) -> float:
        """Time that all its threads have run."""
        spent = 0
        for process in self._processes():
            for thread in Path(f"/proc/{process}/task").iterdir():
                with suppress(OSError):  # it has ended meanwhile
                    spent += int((thread / "schedstat").read_text().split()[0])
        return spent / 1e9

    def settle(self, patience: float = 60) -> None:
        """Wait until it has done with what nobody waits for; else start it anew."""
        began = time.perf_counter()
        while time.perf_counter() - began < patience:
            ran = self._ticks()
            time.sleep(0.2)
            if self._ticks() - ran < 2:
                return
        self.stop()
        self.start()

    def _ticks(self) -> int:
        """Time that it has run, in hundredths of a second, also by threads that have ended."""
        stats = (Path(f"/proc/{process}/stat").read_text() for process in self._processes())
        return sum(int(one) for stat in stats for one in stat.rpartition(")")[2].split()[11:13])

    def _processes(self) -> list[int]:
        assert self.process
        found, todo = [], [self.process.pid]
        while todo:
            one = todo.pop()
            found.append(one)
            for thread in Path(f"/proc/{one}/task").iterdir():
                with suppress(OSError):
                    todo += map(int, (thread / "children").read_text().split())
        return found


@dataclass(frozen=True)
class Answered:
    """An answer: status, headers as they were sent, and body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """One header, or nothing."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")


def ask(port: int, call: Call, headers: Mapping[str, str] | None = None) -> Answered:
    """Put one question on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        return ask_on(connection, call, headers)
    finally:
        connection.close()


def ask_on(
    connection: http.client.HTTPConnection, call: Call, headers: Mapping[str, str] | None = None
) -> Answered:
    """Put one question on a connection that stays open."""
    sent = {"Accept": "*/*", **(headers or {})}
    method = "POST" if call.body else "GET"
    connection.request(method, call.target, call.body or None, sent)
    answer = connection.getresponse()
    return Answered(answer.status, answer.getheaders(), answer.read())


@dataclass
class Wrk:
    """wrk on the other core, going through a list of calls and on from where it stopped."""

    folder: Path
    offsets: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not shutil.which("wrk"):
            raise NotMeasured("wrk is not on PATH (apt-get install wrk, or brew install wrk)")
        self.script = self.folder / "ask.lua"
        self.script.write_text(_SCRIPT)

    def run(
        self,
        server: Server,
        question: str,
        calls: Sequence[Call],
        headers: Mapping[str, str],
        seconds: float,
    ) -> dict[str, Any]:
        """Ask for some seconds; an answer that is an error is an error of the run."""
        listed = self.folder / f"{server.name}-{question}.txt".replace(" ", "-")
        listed.write_text("".join(call.line + "\n" for call in calls))
        key = (server.name, question)
        command = ["taskset", "-c", str(ASKING), "wrk", "-t1", f"-c{CONNECTIONS}"]
        command += [f"-d{max(1, round(seconds))}s", f"--timeout={TIMEOUT}s", "-s", str(self.script)]
        for name, value in {"Accept": "*/*", **headers}.items():
            command += ["-H", f"{name}: {value}"]
        command += [f"http://127.0.0.1:{server.port}", "--", str(listed)]
        command += [str(self.offsets.get(key, 0) % len(calls))]
        ran = server.cpu_seconds()
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        ran = server.cpu_seconds() - ran
        try:
            told: dict[str, Any] = json.loads(run.stdout.rpartition("\n")[2])
        except ValueError:
            raise NotMeasured(f"wrk failed: {run.stderr[-300:] or run.stdout[-300:]}") from None
        self.offsets[key] = self.offsets.get(key, 0) + told["requests"] + CONNECTIONS
        if told["failed"]:
            raise NotMeasured(f"{told['failed']} of {told['requests']} answers failed")
        told["rate"] = told["requests"] / told["seconds"]
        told["cpu_rate"] = told["requests"] / ran
        return told


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    """Servers that run for as long as the block, and those that cannot be started left out."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()


def gaoxin(data_dir: Path, folder: Path, real: bool) -> Server:
    """One worker of Gaoxin: as `gaoxin serve` starts it; a generated base by uvicorn alone."""
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "{port}"]
    return Server(
        "gaoxin",
        command if real else uvicorn("app.main:app", "app.serving:Connection"),
        Call("/v1/zones?limit=1"),
        {"GAOXIN_DATA_DIR": str(data_dir), "GAOXIN_ACCESS_LOG": "false"},
        log=folder / "gaoxin.log",
    )


def uvicorn(app: str, http: str = "auto") -> list[str]:
    """The command for an application on uvicorn, with the arguments of `gaoxin serve`."""
    how = f"host='127.0.0.1', port={{port}}, http={http!r}, access_log=False"
    return [sys.executable, "-c", f"import uvicorn; uvicorn.run({app!r}, {how})"]


def limit(folder: Path, bulk: Path | None = None) -> Server:
    """The bare application that sends what was recorded."""
    return Server(
        "limit",
        uvicorn("benchmarks.speed_limit:app"),
        Call("/first"),
        {
            "GAOXIN_SPEED_ANSWERS": str(folder / "answers.pickle"),
            **({"GAOXIN_SPEED_BULK": str(bulk)} if bulk else {}),
        },
        log=folder / "limit.log",
    )


def plain(file: Path, folder: Path) -> Server:
    """The plain FastAPI + SQLModel service."""
    return Server(
        "plain",
        uvicorn("benchmarks.speed_plain:app"),
        Call("/statistics?limit=1"),
        {"GAOXIN_SPEED_FILE": str(file)},
        log=folder / "plain.log",
    )


_QUIETLY = """
import uvicorn
from datasette.cli import cli
run = uvicorn.run
uvicorn.run = lambda app, **given: run(app, **given, access_log=False)
cli()
"""
"""Datasette has no setting for that it logs no accesses, as none of the others does."""


def datasette(file: Path, folder: Path) -> Server:
    """Datasette on the same file: immutable, counted beforehand, nothing suggested."""
    program = _program("datasette")
    link = folder / "gaoxin.db"
    link.unlink(missing_ok=True)
    link.symlink_to(file)
    counts = folder / "counts.json"
    subprocess.run(
        [program, "inspect", str(link), "--inspect-file", str(counts)],
        check=True,
        capture_output=True,
    )
    settings = {
        "suggest_facets": "off",
        "max_returned_rows": "1000",
        "sql_time_limit_ms": "20000",
        "facet_time_limit_ms": "20000",
        "cache_size_kb": "65536",
    }
    chosen = [part for pair in settings.items() for part in ("--setting", *pair)]
    command = [sys.executable, "-c", _QUIETLY, "serve", "-i", str(link)]
    command += ["--inspect-file", str(counts), *chosen]
    return Server(
        "datasette",
        [*command, "--port", "{port}"],
        Call("/gaoxin/statistic.json?_size=1"),
        log=folder / "datasette.log",
    )


def roapi(tables: Path, folder: Path) -> Server:
    """ROAPI on the same tables, as parquet files that it holds in memory."""
    program = _program("roapi")
    named = [
        part for file in sorted(tables.glob("*.parquet")) for part in ("-t", f"{file.stem}={file}")
    ]
    command = [program, "-a", "127.0.0.1:{port}", "-p", f"127.0.0.1:{_free_port()}", *named]
    return Server(
        "roapi",
        command,
        Call("/api/tables/statistic?limit=1"),
        {"RUST_LOG": "error"},
        log=folder / "roapi.log",
    )


def _program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if not found:
        raise NotMeasured(f"{name} is not installed (pip install -e '.[peers]')")
    return found


def anonymous_kb(process: int) -> int:
    """Memory that is a process's own."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon")), 0)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
