"""A real uvicorn on a free port, driven with httpx: one with the real seed, one with the small."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.database import Releases
from tests.conftest import REAL_SEED, SMALL_SEED
from tests.conftest import ROOT as ROOT


@contextmanager
def serving(
    seed: Path, data: Path, workers: int = 1, errors: int = subprocess.DEVNULL
) -> Iterator[httpx.Client]:
    """`gaoxin serve` in a process of its own, ready to answer.

    If its errors go to a pipe, the end of whatever it started is waited for too.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)],
        cwd=ROOT,
        env={**os.environ, "GAOXIN_SEED_DIR": str(seed), "GAOXIN_DATA_DIR": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=errors,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            _wait(client, process)
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):  # a busy machine takes its time to start several processes
        assert process.poll() is None, "the server stopped"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")


@pytest.fixture(scope="session")
def real(real_release: Releases) -> Iterator[httpx.Client]:
    """The API with the real seed."""
    with serving(REAL_SEED, real_release.folder.parent) as client:
        yield client


@pytest.fixture(scope="session")
def small(small_release: Releases) -> Iterator[httpx.Client]:
    """The API with the frozen small seed, so that new facts never break a test of behaviour."""
    with serving(SMALL_SEED, small_release.folder.parent) as client:
        yield client
