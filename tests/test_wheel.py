"""A built wheel, installed outside the checkout, carries its knowledge and serves the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_installed_wheel_serves_the_same(tmp_path: Path) -> None:
    run("-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    site, data = tmp_path / "site", tmp_path / "data"
    run(
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-compile",
        "--target",
        site,
        wheel,
        cwd=tmp_path,
    )
    script = """
import json, pathlib
import app
from app.main import create_app
from app.settings import Settings
from fastapi.testclient import TestClient
with TestClient(create_app()) as client:
    zones = client.get("/v1/zones?approved_year=2010").json()
    docs = client.get("/docs").status_code
    home = client.get("/").text
    style = client.get(home.split('rel="stylesheet" href="')[1].split('"')[0]).status_code
told = [app.__file__, str(Settings().seed_dir), zones["data"][0]["id"], docs, style]
print(json.dumps(told))
"""
    printed = run("-c", script, cwd=tmp_path, PYTHONPATH=str(site), GAOXIN_DATA_DIR=str(data))
    package, seed, zone, docs, style = json.loads(printed.splitlines()[-1])
    assert Path(package).is_relative_to(site)
    assert Path(seed).is_relative_to(site)
    assert (zone, docs, style) == ("baiyin", 200, 200)
    assert list((data / "releases").glob("*.sqlite"))
