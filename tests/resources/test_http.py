"""What HTTP promises, against a real server."""

import json
import socket
from typing import Any

import httpx
import pytest

PATHS = [
    "/v1",
    "/v1/zones",
    "/v1/zones/baiyin",
    "/v1/release",
    "/healthz",
    "/docs",
    "/openapi.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_as_get_without_a_body(path: str, real: httpx.Client) -> None:
    plain = {"Accept-Encoding": "identity"}
    got, head = real.get(path, headers=plain), real.head(path, headers=plain)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers.get("etag") == got.headers.get("etag")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_kept(path: str, real: httpx.Client) -> None:
    assert real.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PATHS[:4])
def test_options_names_the_methods(path: str, real: httpx.Client) -> None:
    answer = real.options(path)
    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_other_methods_are_refused_with_what_is_allowed(method: str, real: httpx.Client) -> None:
    answer = real.request(method, "/v1/zones")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    problem(answer, "method-not-allowed")


@pytest.mark.parametrize(
    "path", ["/v1/zones", "/v1/zones?approved_year=2010", "/v1/zones/baiyin", "/v1/release"]
)
def test_an_etag_answers_304(path: str, real: httpx.Client) -> None:
    tag = real.get(path).headers["etag"]
    for sent in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
        answer = real.get(path, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert real.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_same_question_has_the_same_etag_however_it_is_spelt(real: httpx.Client) -> None:
    one = real.get("/v1/milestones?zone=baiyin&kind=initiative&kind=national_approval")
    two = real.get("/v1/milestones?kind=national_approval&kind=initiative&zone=baiyin")
    other = real.get("/v1/milestones?kind=national_approval&zone=baiyin")
    assert one.headers["etag"] == two.headers["etag"] != other.headers["etag"]


def test_a_flawed_question_is_refused_even_with_a_matching_etag(real: httpx.Client) -> None:
    answer = real.get("/v1/zones?aproved_year=2010", headers={"If-None-Match": "*"})
    assert answer.status_code == 422


def problem(answer: httpx.Response, code: str) -> dict[str, Any]:
    """The problem of an answer, its shape proven."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors"}
    assert body["code"] == code
    assert body["status"] == answer.status_code
    assert body["type"] == f"/problems/{code}"
    return body


CASES = [
    ("/v1/zones?aproved_year=2010", 422, "unknown-parameter", "approved_year"),
    ("/v1/zones?approved_year__from=2010", 422, "unknown-parameter", None),
    ("/v1/zones?approved_on=2010-02-30", 422, "invalid-value", None),
    ("/v1/zones?approved_on=0", 422, "invalid-value", None),
    ("/v1/zones?approved_year=MMX", 422, "invalid-value", None),
    ("/v1/zones?area_km2__gt=nan", 422, "invalid-value", None),
    ("/v1/zones?area_km2__gt=1e999", 422, "invalid-value", None),
    ("/v1/zones?province=Gansu", 422, "invalid-value", "CN-GS"),
    ("/v1/zones?industry=bio-medicine", 422, "invalid-value", "biomedicine"),
    ("/v1/zones?industry=生物医药", 422, "invalid-value", "biomedicine"),
    ("/v1/zones?province=", 422, "invalid-value", None),
    ("/v1/zones?limit=1&limit=2", 422, "invalid-value", None),
    ("/v1/zones?limit=1001", 422, "invalid-value", None),
    ("/v1/zones?limit=-1", 422, "invalid-value", None),
    ("/v1/zones?sort=aproved_on", 422, "invalid-value", "approved_on"),
    ("/v1/zones?cursor=garbage", 422, "invalid-cursor", None),
    ("/v1/zones?province=%ff", 422, "invalid-value", None),
    ("/v1/zones?release=2020.1.1-000000", 410, "gone", None),
    ("/v1/zones/bayin", 404, "not-found", "baiyin"),
    ("/v1/zones/baiyin?limit=1", 422, "unknown-parameter", None),
    ("/v1/zones?fields=name_hz", 422, "invalid-value", "name_zh"),
    ("/v1/zones?facet=provinces", 422, "invalid-value", "province"),
    ("/v1/zones?facet=name_zh", 422, "invalid-value", None),
    ("/v1/zones?group_by=level,region,province,city", 422, "invalid-value", None),
    ("/v1/zones?include=citation,milestones", 422, "invalid-value", "citations"),
    ("/v1/zones/baiyin/nothing", 404, "not-found", None),
    ("/v1/zones/nowhere/milestones", 404, "not-found", None),
    ("/v1/nothing", 404, "not-found", None),
    ("/v1/zones/", 404, "not-found", None),
    ("/problems/nothing", 404, "not-found", None),
]


@pytest.mark.parametrize(("path", "status", "code", "meant"), CASES)
def test_a_flawed_request_is_a_typed_problem_that_says_how_to_mend_it(
    path: str, status: int, code: str, meant: str | None, real: httpx.Client
) -> None:
    answer = real.get(path)
    assert answer.status_code == status
    body = problem(answer, code)
    assert meant in [None, *(e.get("did_you_mean") for e in body["errors"])]
    for flaw in body["errors"]:
        if "try" in flaw:
            assert real.get(flaw["try"]).status_code == 200
    kind = real.get(body["type"])
    assert kind.status_code == 200
    assert kind.json()["code"] == code


def test_more_values_than_a_hundred_are_refused(real: httpx.Client) -> None:
    query = "&".join(f"approved_year={year}" for year in range(1950, 2051))
    body = problem(real.get(f"/v1/zones?{query}"), "invalid-value")
    assert real.get(body["errors"][0]["try"]).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/zones?q=%00",
        b"/v1/zones/%2e%2e/%2e%2e",
        b"//v1/zones",
        b"/v1/zones/\xe7\x99\xbd",
        b"/v1/zones?name_zh__contains=\xe7\x99\xbd",
    ],
)
def test_raw_oddities_are_no_fault_of_the_server(target: bytes, real: httpx.Client) -> None:
    with socket.create_connection((real.base_url.host, real.base_url.port or 80)) as connection:
        request = b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(request % target)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    status = int(answer.split()[1])
    assert 400 <= status < 500 or status in (200, 301, 307, 308)


def test_links_are_absolute_paths_and_the_end_is_null(real: httpx.Client) -> None:
    body = real.get("/v1/milestones?zone=baiyin&limit=3").json()
    assert body["links"]["self"] == "/v1/milestones?zone=baiyin&limit=3"
    following = real.get(body["links"]["next"])
    assert following.json()["links"]["next"] is None
    ids = [m["id"] for m in (*body["data"], *following.json()["data"])]
    assert len(ids) == len(set(ids)) == 4


def test_a_page_carries_the_link_header(real: httpx.Client) -> None:
    answer = real.get("/v1/milestones?limit=1")
    assert answer.headers["link"] == f'<{answer.json()["links"]["next"]}>; rel="next"'


def test_a_cursor_of_another_query_is_refused(real: httpx.Client) -> None:
    following = real.get("/v1/milestones?limit=1").json()["links"]["next"]
    problem(real.get(f"{following}&kind=initiative"), "invalid-cursor")
    problem(real.get(following.replace("/milestones", "/statements")), "invalid-cursor")


def test_an_item_links_to_what_is_about_it(real: httpx.Client) -> None:
    links = real.get("/v1/zones/baiyin").json()["links"]
    assert links["milestones"] == "/v1/milestones?zone=baiyin"
    answer = real.get("/v1/zones/baiyin/milestones?sort=-date")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/v1/milestones?zone=baiyin&sort=-date"
    for address in links.values():
        assert real.get(address).status_code == 200


def test_meta_shows_the_question_as_understood(real: httpx.Client) -> None:
    meta = real.get("/v1/zones?industry=new-materials&approved_on__gte=2010").json()["meta"]
    assert meta["query"]["approved_on__gte"] == "2010"
    assert set(meta["query"]["industry"]) >= {"new-materials", "new-energy-materials"}
    assert meta["total"] == meta["returned"] > 0


def test_the_release_can_be_pinned(real: httpx.Client) -> None:
    name = real.get("/v1/release").json()["data"]["id"]
    answer = real.get("/v1/zones", params={"release": name})
    assert answer.json()["meta"]["release"] == name
    assert answer.json()["data"] == real.get("/v1/zones").json()["data"]


def test_the_docs_need_no_network(real: httpx.Client) -> None:
    page = real.get("/docs").text
    assert "//cdn" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert real.get(f"/static-offline-docs/{asset}").status_code == 200


def test_json_is_utf8_and_unescaped(real: httpx.Client) -> None:
    answer = real.get("/v1/zones/baiyin")
    assert "白银高新技术产业开发区" in answer.content.decode()
    assert json.loads(answer.content)["data"]["short_name_zh"] == "白银"
