"""A client that openapi-python-client makes of the contract pages through every list."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

pytest.importorskip("openapi_python_client", reason="the extra `clients` is not installed")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def package(real: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, importable."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_bytes(real.get("/openapi.json").content)
    command = [str(BIN / "openapi-python-client"), "generate", "--path", "openapi.json"]
    made = subprocess.run(
        [*command, "--meta", "none", "--output-path", "gaoxin_generated"],
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},  # it calls ruff
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.split() == ["Generating", "gaoxin_generated"], made.stdout  # no warning
    sys.path.insert(0, str(folder))
    yield "gaoxin_generated"
    sys.path.remove(str(folder))


@pytest.fixture
def client(package: str, real: httpx.Client) -> Iterator[Any]:
    generated = importlib.import_module(package)
    address = str(real.base_url)
    with generated.Client(base_url=address, raise_on_unexpected_status=True) as client:
        yield client


def test_a_generated_client_pages_through_every_list(
    package: str, client: Any, real: httpx.Client
) -> None:
    index = real.get("/v1").json()["resources"]
    counts = real.get("/v1/release").json()["data"]["counts"]
    for resource in index:
        operation = importlib.import_module(f"{package}.api.{resource}.list_{resource}")
        ids: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = operation.sync(client=client, limit=200, total="exact", **more)
            ids += [row.id for row in page.data]
            if page.links.next_ is None:
                break
            more = {"cursor": parse_qs(urlsplit(page.links.next_).query)["cursor"][0]}
        assert len(set(ids)) == len(ids) == page.meta.total, resource
        shown = page.meta.left_out.additional_properties
        assert len(ids) + sum(shown.values()) == counts[resource], resource


def test_it_reads_a_row_and_a_problem(package: str, client: Any) -> None:
    get_zone = importlib.import_module(f"{package}.api.zones.get_zone")
    zone = get_zone.sync("baiyin", client=client).data
    assert (zone.short_name_zh, zone.province.id) == ("白银", "CN-GS")
    problem = get_zone.sync("bayin", client=client)
    assert (problem.code, problem.errors[0].did_you_mean) == ("not-found", "baiyin")
