"""The short way to an endpoint and the framework's way lead to the same answer."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.database import PATIENCE, QueryTooSlow, Release, Releases
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
def ways(small_release: Releases) -> Iterator[tuple[TestClient, TestClient]]:
    """Two clients: one whose application knows the short way, and one whose does not."""
    one, other = (TestClient(application(small_release), follow_redirects=False) for _ in range(2))
    with one, other:  # all requests of a client are in one event loop: each a tenth as long
        one.get("/healthz")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                Direct, "_learn", lambda own, _: own._paths.setdefault("", None) or own._paths
            )
            other.get("/healthz")
        yield one, other


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


def test_a_list_whose_select_takes_long_goes_to_a_thread_and_is_answered(
    small_release: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    find = Release.fetch

    def slow(own: Release, sql: str, values: Any, *more: Any) -> Any:
        threads.append(threading.current_thread().name)
        if PATIENCE.get() < 1:
            raise QueryTooSlow("The query ran longer than others should wait")
        return find(own, sql, values, *more)

    with TestClient(application(small_release)) as client:
        monkeypatch.setattr(Release, "fetch", slow)
        assert client.get("/v1/zones?approved_year=2010").status_code == 200
    assert len({*threads}) == 2


@pytest.mark.parametrize(
    ("path", "accept", "quick"),
    [
        ("/v1/zones?limit=50", "*/*", True),
        ("/v1/zones/baiyin", "application/json", True),
        ("/v1/zones?limit=500", "*/*", False),
        ("/v1/zones?format=csv", "*/*", False),
        ("/v1/zones?form%61t=csv", "*/*", False),
        ("/v1/zones?facet=region&group_by=region", "*/*", False),
        ("/v1/zones", "text/csv", False),
        ("/v1/statistics/series", "*/*", False),
    ],
)
def test_what_may_take_long_is_handed_to_a_thread_at_once(
    path: str, accept: str, quick: bool, small_release: Releases
) -> None:
    app = application(small_release)
    direct = Direct(app)
    direct._learn(app)
    path, _, query = path.partition("?")
    headers = [(b"accept", accept.encode())]
    scope = {"path": path, "query_string": query.encode(), "headers": headers}
    assert direct._is_quick(scope) is quick
