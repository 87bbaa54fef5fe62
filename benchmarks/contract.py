"""Fuzzes a running server by its own contract with schemathesis, every check on.

    python benchmarks/contract.py                       # a minute, as .ci/run does
    python benchmarks/contract.py --examples 2500       # some 100 000 cases: hours

Exits with 1 when an answer is no match for the contract.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
CONFIG = Path(__file__).with_name("schemathesis.toml")


def main() -> int:
    """Serve the real knowledge on a free port and fuzz it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=3, help="cases of each operation, at most")
    parser.add_argument("--seconds", type=int, help="stop after so long")
    parser.add_argument("--seed", type=int, default=6, help="of the random cases")
    asked = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "GAOXIN_DATA_DIR": data, "GAOXIN_ACCESS_LOG": "false"},
        )
        try:
            wait(f"http://127.0.0.1:{port}/readyz")
            command = [str(Path(sys.executable).with_name("schemathesis"))]
            command += ["--config-file", str(CONFIG), "run"]
            command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure"]
            command += ["--max-examples", str(asked.examples), "--seed", str(asked.seed)]
            command += ["--max-time", str(asked.seconds)] if asked.seconds else []
            command += [f"http://127.0.0.1:{port}/openapi.json"]
            with tempfile.TemporaryDirectory() as folder:  # for what it keeps of failures
                return subprocess.call(command, cwd=folder)
        finally:
            server.terminate()
            server.wait(20)


def wait(address: str) -> None:
    """Until the server answers."""
    for _ in range(600):
        try:
            urlopen(address).close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
