"""What is kept equals what would be made anew, and stays within its room."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.query import http
from app.query.kept import Answer, Kept
from tests.query.conftest import PATH, Library, Row, application

OF_EXCHANGE = {"x-request-id", "server-timing"}


def layered(library: Library, most_bytes: int) -> tuple[TestClient, FastAPI]:
    app = application(library)
    http.install(app, library.releases.edition, most_bytes)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False), app


def told(answer: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted((n, v) for n, v in answer.headers.items() if n not in OF_EXCHANGE)
    return answer.status_code, headers, answer.content


def kept_by(app: FastAPI) -> Kept:
    return cast(http.Http, app.middleware_stack).kept


def test_the_second_time_an_answer_is_kept_and_the_third_time_found(shop: Library) -> None:
    shop.publish([Row(id="b1")])
    client, app = layered(shop, 100_000)
    seen = []
    for _ in range(3):
        client.get(PATH)
        seen.append(kept_by(app).bytes > 0)
    assert seen == [False, True, True]
    (answer,) = kept_by(app)._answers.values()
    assert answer.used == 1


def test_a_client_that_has_the_answer_has_it_kept_too(shop: Library) -> None:
    shop.publish([Row(id="b1")])
    client, app = layered(shop, 100_000)
    tag = client.get(PATH).headers["etag"]
    for _ in range(3):
        answer = client.get(PATH, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert kept_by(app).bytes > 0


def test_a_long_question_takes_room(shop: Library) -> None:
    shop.publish([Row(id="b1")])
    client, app = layered(shop, 100_000)
    path = f"{PATH}?" + "&".join(f"title={'x' * 150}{i}" for i in range(40))
    for _ in range(4):
        assert client.get(path).status_code == 200
    assert kept_by(app).bytes > len(path) > 6000


def test_what_is_refused_or_has_no_tag_is_not_kept(shop: Library) -> None:
    client, app = layered(shop, 100_000)

    @app.get("/clock")
    def tell() -> dict[str, int]:
        return {"now": 1}

    for path in (PATH, "/nowhere", "/clock"):  # of no release yet: 503
        for _ in range(3):
            client.get(path)
    assert kept_by(app).bytes == 0
    shop.publish([Row(id="b1")])
    assert client.get(PATH).status_code == 200


def test_what_is_too_large_to_be_kept_is_sent_all_the_same(shop: Library) -> None:
    shop.publish([Row(id=f"b{i:04}", title="long " * 400) for i in range(400)])
    client, app = layered(shop, 10**9)
    plain = {"Accept-Encoding": "identity"}
    for form in ("json", "ndjson"):
        path = f"{PATH}?limit=400&format={form}"
        answers = [client.get(path, headers=plain) for _ in range(3)]
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].text.count('"id":') == 400
        known = plain | {"If-None-Match": answers[0].headers["ETag"]}
        again = [client.get(path, headers=known) for _ in range(4)]
        assert [(one.status_code, one.content) for one in again] == [(304, b"")] * 4
    assert kept_by(app).bytes == 0


def made(size: int = 1000) -> Answer:
    return Answer([], [], '"x"', b"x" * size)


def test_room_is_bounded_and_made_by_what_nobody_asked_again() -> None:
    kept = Kept(20_000)
    kept.find("r", "hot")
    kept.keep("r", "hot", made())
    for number in range(500):  # each random question twice, the hot one now and then
        question = f"random-{number}"
        assert kept.find("r", question) is None
        assert not kept.wants(question)
        assert kept.wants(question)
        kept.keep("r", question, made())
        assert kept.bytes <= 20_000
        if number % 5 == 0:
            assert kept.find("r", "hot") is not None


def test_an_answer_made_of_the_release_before_is_not_kept() -> None:
    kept = Kept(20_000)
    kept.find("older", "question")
    kept.find("newer", "other")
    kept.keep("older", "question", made())
    assert kept.find("newer", "question") is None


def test_what_was_kept_of_a_release_goes_with_it() -> None:
    kept = Kept(20_000)
    kept.find("older", "question")
    kept.keep("older", "question", made())
    assert kept.find("newer", "question") is None
    assert kept.bytes == 0
