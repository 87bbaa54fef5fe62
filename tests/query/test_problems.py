"""Every failure is a problem document that says how to mend it."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from app.query.problems import (
    CATALOGUE,
    MEDIA_TYPE,
    Flaw,
    InvalidValue,
    NotFound,
    Problem,
    UnknownParameter,
    declared,
    install,
)
from tests.query.conftest import PATH, Library, Row

KINDS = list(CATALOGUE.values())
MEMBERS = {"type", "title", "status", "code", "detail", "errors"}


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, whose shape is that of every failure."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    problem: dict[str, Any] = answer.json()
    assert set(problem) == MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert (problem["type"], problem["title"]) == (f"/problems/{code}", CATALOGUE[code].title)
    assert problem["detail"]
    return problem


def test_there_are_few_kinds_of_problem_and_each_has_a_code_of_its_own() -> None:
    subclasses: set[type[Problem]] = {Problem, *Problem.__subclasses__()}
    assert set(KINDS) == subclasses
    assert len({kind.code for kind in subclasses}) == len(subclasses) <= 12
    assert [code for code, kind in CATALOGUE.items() if kind.code != code] == []
    assert all(code == code.lower() and " " not in code and "_" not in code for code in CATALOGUE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_explains_itself(kind: type[Problem]) -> None:
    assert kind.status in (400, 404, 405, 406, 410, 414, 422, 500, 503)
    assert kind.title
    assert kind.about.endswith(".")
    assert kind.__doc__


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_is_written_as_json_of_one_shape(kind: type[Problem]) -> None:
    flaw = Flaw(parameter="yaer", message="what", did_you_mean="year", corrected="/v1/x?year=1")
    answer = kind("Happened: 书 <b>.", [flaw], {"Retry-After": "5"}).response()
    assert (answer.status_code, answer.headers["content-type"]) == (kind.status, MEDIA_TYPE)
    assert answer.headers["retry-after"] == "5"
    assert json.loads(bytes(answer.body)) == {
        "type": f"/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "detail": "Happened: 书 <b>.",
        "errors": [
            {"parameter": "yaer", "message": "what", "did_you_mean": "year", "try": "/v1/x?year=1"}
        ],
    }
    assert json.loads(bytes(kind("Happened.").response().body))["errors"] == []


def test_a_route_declares_how_it_may_fail_once_a_status() -> None:
    answers = declared(UnknownParameter, InvalidValue, NotFound)
    assert set(answers) == {404, 414, 422, 500}
    assert "`unknown-parameter`" in answers[422]["description"]
    assert "`invalid-value`" in answers[422]["description"]
    assert all(list(answer["content"]) == [MEDIA_TYPE] for answer in answers.values())


@pytest.fixture
def failing() -> TestClient:
    """Asks an application whose routes fail."""
    app = FastAPI()
    install(app)

    @app.get("/crash")
    def crash() -> None:
        raise ValueError("secret")

    @app.get("/http/{status}")
    def fail(status: int) -> None:
        raise HTTPException(status, "As asked.", {"Retry-After": "9"})

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/crash", 405, "method-not-allowed"),
        ("DELETE", "/http/404", 405, "method-not-allowed"),
        ("GET", "/crash", 500, "internal-error"),
        ("GET", "/http/x", 422, "invalid-value"),
        ("GET", "/http/400", 400, "bad-request"),
        ("GET", "/http/404", 404, "not-found"),
        ("GET", "/http/503", 503, "unavailable"),
        ("GET", "/http/406", 406, "bad-request"),
        ("GET", "/http/413", 413, "bad-request"),
        ("GET", "/http/500", 500, "internal-error"),
    ],
)
def test_a_failure_of_the_framework_is_a_problem_too(
    failing: TestClient, method: str, url: str, status: int, code: str
) -> None:
    answer = failing.request(method, url)
    assert "secret" not in answer.text
    problem_of(answer, status, code)


def test_other_methods_are_told_which_are_allowed(failing: TestClient) -> None:
    assert failing.post("/crash").headers["allow"] == "GET, HEAD, OPTIONS"
    options = failing.options("/crash")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert failing.get("/http/503").headers["retry-after"] == "9"


@pytest.mark.parametrize("url", [PATH, f"{PATH}/emma", f"{PATH}?yaer=2000"])
def test_without_a_release_the_answer_is_to_come_back(client: TestClient, url: str) -> None:
    answer = client.get(url)
    problem_of(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_a_release_that_is_not_kept_is_gone(shop: Library, client: TestClient) -> None:
    shop.publish([])
    for name in ("toy-9", "../current", "a/b", "\0", "书"):
        answer = client.get(PATH, params={"release": name, "limit": 5})
        (flaw,) = problem_of(answer, 410, "gone")["errors"]
        assert (flaw["parameter"], flaw["try"]) == ("release", f"{PATH}?limit=5")


def test_an_id_is_found_moved_withdrawn_or_unknown(shop: Library, client: TestClient) -> None:
    shop.publish([Row("emma"), Row("faust")], {"ema": "emma", "hamlet": None})
    found = client.get(f"{PATH}/emma").json()
    assert found["data"]["id"] == "emma"
    assert found["links"]["toy-copies"] == "/v1/toy-copies?toy_book=emma"
    moved = client.get(f"{PATH}/ema")
    assert (moved.status_code, moved.headers["location"]) == (308, f"{PATH}/emma")
    problem_of(client.get(f"{PATH}/hamlet"), 410, "gone")
    (flaw,) = problem_of(client.get(f"{PATH}/fausst"), 404, "not-found")["errors"]
    assert (flaw["did_you_mean"], flaw["try"]) == ("faust", f"{PATH}/faust")
    (flaw,) = problem_of(client.get(f"{PATH}/zzz"), 404, "not-found")["errors"]
    assert flaw["try"] == PATH
    problem_of(client.get(f"{PATH}/emma?shelf=s-n"), 422, "unknown-parameter")


def test_what_is_about_a_row_is_a_list_of_its_own(shop: Library, client: TestClient) -> None:
    shop.publish([Row("emma")])
    led = client.get(f"{PATH}/emma/toy-copies?limit=5")
    assert led.status_code == 307
    assert led.headers["location"] == "/v1/toy-copies?toy_book=emma&limit=5"
    for url in (f"{PATH}/emma/toy-books", f"{PATH}/zzz/toy-copies", f"{PATH}/emma/x"):
        problem_of(client.get(url), 404, "not-found")


def test_a_refused_request_names_one_that_is_answered(shop: Library, client: TestClient) -> None:
    shop.publish([Row("emma", "s-n")])
    for question in ("yaer=2000", "shelf=North Wing&limit=x", "srot=-yaer", "total=1&cursor="):
        problem = problem_of(client.get(f"{PATH}?{question}"), 422, CATALOGUE_OF[question[:4]])
        assert all(client.get(flaw["try"]).status_code == 200 for flaw in problem["errors"])


CATALOGUE_OF = {
    "yaer": "unknown-parameter",
    "shel": "invalid-value",
    "srot": "unknown-parameter",
    "tota": "invalid-value",
}


@pytest.mark.parametrize(
    "question",
    [
        "cursor=x&yaer=1",
        "cursor={cursor}&shelf=s-n",
        "cursor={cursor}&shelf=North Wing",
        "release=x&limit=x",
        "release=x&cursor={cursor}&yaer=1",
        "relase=x",
        "release=x&cursr=x",
    ],
)
def test_a_cursor_or_release_is_corrected_together_with_other_flaws(
    shop: Library, client: TestClient, question: str
) -> None:
    shop.publish([Row("emma", "s-n"), Row("faust")])
    following = client.get(f"{PATH}?limit=1").json()["links"]["next"]
    answer = client.get(f"{PATH}?{question.format(cursor=following.split('cursor=')[1])}")
    assert answer.status_code in (410, 422)
    assert all(client.get(flaw["try"]).status_code == 200 for flaw in answer.json()["errors"])
