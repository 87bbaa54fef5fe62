"""The short way to an endpoint and the framework's way lead to the same answer."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.database import Releases
from app.main import create_app
from app.query.direct import Direct
from app.settings import Settings
from tests.resources.test_contract import OPERATIONS, path_of

OF_EXCHANGE = {"x-request-id", "server-timing"}
PATHS = [path_of(path) for path in OPERATIONS]
ODD = [
    "/v1/zones?limit=0",
    "/v1/zones?limt=5",
    "/v1/zones?cursor=x",
    "/v1/zones?format=csv",
    "/v1/zones?release=none",
    "/v1/zones/nowhere",
    f"/v1/zones/{'a' * 201}",
    "/v1/zones/",
    "/v1/zones/%E7%99%BD",
    "/v1/zones/a%2Fb",
    "/v1/nothing",
    "/v1/statistics/series?zone=baiyin",
    "/v1/search?q=baiyin",
    "/v1/search",
]


def application(releases: Releases) -> FastAPI:
    return create_app(Settings(data_dir=releases.folder.parent, kept_bytes=0))


def know_nothing(direct: Direct, _app: FastAPI) -> dict[str, Any]:
    direct._paths[""] = None
    return direct._paths


@pytest.fixture(scope="module")
def ways(small_release: Releases) -> tuple[TestClient, TestClient]:
    """Two clients: one whose application knows the short way, and one whose does not."""
    clients = [TestClient(application(small_release), follow_redirects=False) for _ in range(2)]
    clients[0].get("/healthz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Direct, "_learn", lambda own, _: own._paths.setdefault("", None) or own._paths
        )
        clients[1].get("/healthz")
    return clients[0], clients[1]


def told(answer: Any) -> tuple[Any, ...]:
    headers = sorted((n, v) for n, v in answer.headers.items() if n not in OF_EXCHANGE)
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize("path", [*PATHS, *ODD])
def test_both_ways_lead_to_the_same_answer(path: str, ways: tuple[TestClient, TestClient]) -> None:
    short, framework = ways
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        assert told(short.request(method, path)) == told(framework.request(method, path))


def test_every_list_and_every_row_is_answered_the_short_way(small_release: Releases) -> None:
    app = application(small_release)
    short = {path for path, endpoint in Direct(app)._learn(app).items() if endpoint}
    lists = {path for path in OPERATIONS if f"{path}/{{id}}" in OPERATIONS}
    assert short >= lists | {f"{path}/{{id}}" for path in lists}
