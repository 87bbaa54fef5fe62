"""What every answer carries, whatever stands behind it."""

import gzip
import logging
import re
import sys
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import cast

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.query import http
from app.query.answers import current_release
from app.query.problems import LONGEST_URL
from tests.query.conftest import PATH, Library, Row
from tests.query.test_problems import problem_of
from tests.test_database import ENDLESS

KEPT = "public, max-age=60, stale-while-revalidate=600"
ROWS = [Row(id=f"book-{n:03}") for n in range(200)]


@pytest.fixture
def layered(client: TestClient, shop: Library) -> TestClient:
    """The toy application within the layer, and a few routes that misbehave."""
    shop.publish(ROWS)
    shop.releases.seconds = 0.2
    shop.releases._open.clear()
    app = cast(FastAPI, client.app)
    http.install(app, shop.releases.edition, 100_000)

    @app.get("/fails")
    def fail() -> None:
        raise RuntimeError("a surprise")

    @app.get("/slow")
    def wait(request: Request) -> None:
        with current_release(request).connect() as connection:
            connection.execute(text(ENDLESS.format("count(*)")))

    @app.get("/export")
    def export() -> Response:
        return Response("id\n" * 1000, media_type="text/csv")

    @app.get("/map")
    def map_() -> Response:
        return Response("{}\n" * 1000, media_type="application/geo+json")

    return client


EVERY = [PATH, f"{PATH}/book-001", f"{PATH}?nothing=1", "/nowhere", "/fails", "/slow"]


@pytest.mark.parametrize("path", EVERY)
def test_every_answer_tells_caches_other_origins_and_the_log(
    path: str, layered: TestClient
) -> None:
    headers = layered.get(path).headers
    assert headers["vary"] == "Accept, Accept-Encoding"
    assert headers["access-control-allow-origin"] == "*"
    for name in ("ETag", "Link", "Content-Disposition", "X-Request-Id", "Accept-Ranges"):
        assert name in headers["access-control-expose-headers"].split(", ")
    assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
    assert re.fullmatch(r"total;dur=\d+\.\d", headers["server-timing"])


def test_data_may_be_kept_for_a_while_and_a_pinned_release_for_good(
    layered: TestClient, shop: Library
) -> None:
    current = shop.releases.current()
    for path in (PATH, f"{PATH}/book-001"):
        answer = layered.get(path)
        assert answer.headers["cache-control"] == KEPT
        made = parsedate_to_datetime(answer.headers["last-modified"]).timestamp()
        assert made == int(current.built_at)
        pinned = layered.get(path, params={"release": current.name})
        assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
        same = layered.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert same.status_code == 304
        for name in ("cache-control", "last-modified", "vary", "etag"):
            assert same.headers[name] == answer.headers[name]


@pytest.mark.parametrize("path", [f"{PATH}?release=toy-9", "/nowhere", "/fails", "/slow"])
def test_a_problem_is_never_kept(path: str, layered: TestClient) -> None:
    answer = layered.get(path)
    assert answer.status_code >= 400
    assert answer.headers["cache-control"] == "no-store"
    assert "last-modified" not in answer.headers


def test_a_query_over_its_time_is_a_problem_and_the_next_one_answers(layered: TestClient) -> None:
    for _ in range(3):
        answer = layered.get("/slow")
        problem = problem_of(answer, 503, "too-slow")
        assert problem["detail"] == "The query ran longer than 0.2 seconds."
        assert int(answer.headers["retry-after"]) > 0
        assert layered.get(PATH).status_code == 200


@pytest.mark.parametrize("sent", ["a1b2", "1-5f/x+y=:.z", "x" * 128])
def test_a_sane_request_id_is_taken_over(sent: str, layered: TestClient) -> None:
    answer = layered.get("/nowhere", headers={"X-Request-Id": sent})
    assert answer.headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "a\tb", "x" * 129, 'q"', "书".encode(), b"\xb2"])
def test_any_other_request_id_is_replaced(sent: str | bytes, layered: TestClient) -> None:
    answer = layered.get(
        PATH, headers=[(b"X-Request-Id", sent if isinstance(sent, bytes) else sent.encode())]
    )
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


def test_an_address_has_a_longest_length(layered: TestClient) -> None:
    longest = f"{PATH}?title=" + "x" * (LONGEST_URL - len(PATH) - 7)
    assert layered.get(longest).status_code == 422  # read, and refused for its value
    answer = layered.get(longest + "x")
    problem = problem_of(answer, 414, "uri-too-long")
    assert f"{LONGEST_URL + 1} bytes" in problem["detail"]


def test_a_preflight_is_answered(layered: TestClient) -> None:
    asked = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-request-id, if-none-match",
    }
    answer = layered.options(PATH, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "*"
    assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_answers_are_compressed_as_asked(coding: str, layered: TestClient) -> None:
    plain = layered.get(PATH, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with layered.stream("GET", PATH, headers={"Accept-Encoding": coding}) as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) == len(body) < len(plain.content) / 3
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"]
    if coding == "gzip":
        assert gzip.decompress(body) == plain.content


def test_without_the_extra_there_is_gzip_alone(
    client: TestClient, shop: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "starlette_compress", None)
    shop.publish(ROWS)
    app = cast(FastAPI, client.app)
    http.install(app, shop.releases.edition, 100_000)

    @app.get("/export")
    def export() -> Response:
        return Response("id\n" * 1000, media_type="text/csv")

    for accepted in ("gzip", "br, gzip, zstd"):
        answer = client.get(PATH, headers={"Accept-Encoding": accepted})
        assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get(PATH, headers={"Accept-Encoding": "br"}).headers
    exported = client.get("/export", headers={"Accept-Encoding": "gzip"})
    assert exported.headers["content-length"] == "3000"


@pytest.mark.parametrize("path", ["/export", "/map"])
def test_files_are_sent_as_they_are(path: str, layered: TestClient) -> None:
    answer = layered.get(path, headers={"Accept-Encoding": "gzip, br, zstd"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == "3000"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "gaoxin.access"):
        yield caplog


def test_every_request_is_a_line_of_the_log(
    layered: TestClient, log: pytest.LogCaptureFixture
) -> None:
    got = layered.get(f"{PATH}?limit=1", headers={"X-Request-Id": "mine", "Accept-Encoding": ""})
    layered.head(f"{PATH}?title=a%0ab")
    layered.get("/fails")
    lines = [r.getMessage() for r in log.records if r.name == "gaoxin.access"]
    shape = r"GET {}\?limit=1 200 \d+\.\dms {}B mine"
    assert re.fullmatch(shape.format(PATH, len(got.content)), lines[0])
    assert re.fullmatch(rf"HEAD {PATH}\?title=a%0ab 200 \d+\.\dms 0B [0-9a-f]{{16}}", lines[1])
    assert lines[2].startswith("GET /fails 500 ")


def test_other_protocols_pass() -> None:
    app = FastAPI()
    http.install(app, lambda: None, 0)
    with TestClient(app):  # its lifespan
        pass
