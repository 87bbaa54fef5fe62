"""Full disks: a load that runs out of space says so and leaves everything as it was."""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.kill import Trial
from benchmarks.swap import variant
from tests.resources.conftest import ROOT, serving

SKIPPED = 77
KIB = 1024


@contextmanager
def mounted(folder: Path, kind: str, size: int = 32 * KIB * KIB) -> Iterator[Path]:
    """A small file system, unmounted at the end; `SystemExit(77)` where that is not allowed."""
    place, image = folder / "disk", folder / "image"
    place.mkdir()
    commands: dict[str, list[list[str | Path]]] = {
        "tmpfs": [["mount", "-t", "tmpfs", "-o", f"size={size}", "gaoxin", place]],
        "ext4": [
            ["truncate", "-s", str(size), image],
            ["mkfs.ext4", "-q", "-F", "-m", "0", image],
            ["mount", "-o", "loop", image, place],
        ],
    }
    try:
        for command in commands[kind]:
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stdout.write(f"skipped: no {kind} can be mounted here ({error})\n")
        raise SystemExit(SKIPPED) from None
    try:
        yield place
    finally:
        if subprocess.run(["umount", place], check=False).returncode:
            subprocess.run(["umount", "-l", place], check=False)


@contextmanager
def filled(disk: Path, leave: int) -> Iterator[None]:
    """All but `leave` bytes of the disk are taken."""
    state = os.statvfs(disk)
    filler = disk / "filler"
    with filler.open("wb") as file:
        size = state.f_bavail * state.f_frsize - leave
        while size > 0:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
                break
            except OSError:  # the file system keeps some for itself
                size -= 64 * KIB
    try:
        yield
    finally:
        filler.unlink()


def files(folder: Path) -> dict[str, str]:
    """The hash of every file but the lock."""
    found = (path for path in folder.iterdir() if path.name != ".lock")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def attempt(trial: Trial, url: httpx.URL, disk: Path, leave: int, number: int) -> str:
    """Load with so little space, then with enough; gives what the first load said."""
    old, new, before = trial.live(), variant(number, trial.seeds[1]), files(trial.releases.folder)
    when = f"{leave} bytes free"
    with filled(disk, leave):
        ran = subprocess.run(
            [sys.executable, "-m", "app.cli", "load", "--seed", trial.seeds[1]],
            cwd=ROOT,
            env={**os.environ, "GAOXIN_DATA_DIR": str(trial.data)},
            capture_output=True,
            text=True,
            check=False,
        )
        after = files(trial.releases.folder)
        if ran.returncode:
            said = ran.stderr.splitlines()
            if ran.returncode > 2 or len(said) != 1:
                trial.harm.append(f"{when}: code {ran.returncode}, {len(said)} lines: {said[-1:]}")
            if before.items() - after.items():
                trial.harm.append(f"{when}: changed {before.items() - after.items()}")
            if left := after.keys() - before.keys():
                trial.harm.append(f"{when}: left behind {left}")
        trial.judge(url, when, old if ran.returncode else new)
    trial.seeds = trial.seeds[1], trial.seeds[0]
    trial.load(url, when, trial.seeds[0], new)
    return (
        f"{when}: code {ran.returncode}: {' / '.join((ran.stderr or ran.stdout).splitlines()[-1:])}"
    )


def start_full(trial: Trial, disk: Path, number: int) -> None:
    """A server that is started on a full disk with a newer seed goes on with the old release."""
    variant(number, trial.seeds[1])
    try:
        with filled(disk, 0), serving(trial.seeds[1], trial.data) as server:
            trial.judge(server.base_url, "started on a full disk", trial.live())
    except AssertionError as error:
        trial.harm.append(f"started on a full disk: {error}")


def run(folder: Path, kind: str) -> list[str]:
    """Try every case, printing what happened; gives the harm done."""
    with mounted(folder, kind) as disk:
        trial = Trial(folder, disk / "data")
        with serving(trial.seeds[0], trial.data, workers=2) as server:
            size = trial.releases.path(trial.releases.current_name() or "").stat().st_size
            near = [size + 4 * KIB * pages for pages in (-16, -2, -1, 0, 1, 2, 4, 8, 16, 256)]
            for n, leave in enumerate([0, 4 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB, *near]):
                sys.stdout.write(attempt(trial, server.base_url, disk, leave, n + 1) + "\n")
        start_full(trial, disk, 99)
    return trial.harm


def main() -> int:
    """Print what happened; 1 when there was harm, 77 when nothing could be tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("tmpfs", "ext4"), default="tmpfs")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the disk is unmounted
    with tempfile.TemporaryDirectory() as folder:
        harm = run(Path(folder), parser.parse_args().kind)
    sys.stdout.write("\n".join([f"{len(harm)} harmed", *harm, ""]))
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
