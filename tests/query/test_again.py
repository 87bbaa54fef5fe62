"""What came before, byte for byte, is answered as it was then, for as long as that is right."""

import itertools
import logging
import re
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from app.query import http
from tests.conftest import listening
from tests.query.conftest import PATH, QUICK, Library, Row, application
from tests.query.test_kept import kept_by, layered, told

ASKED, GO_ON = threading.Event(), threading.Event()
QUESTIONS = (
    PATH,
    f"{PATH}?limit=2",
    f"{PATH}?year=1999&facet=shelf",
    f"{PATH}?sort=-price&format=csv",
    f"{PATH}?nothing=1",
    f"{PATH}/b1",
    f"{PATH}/gone",
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(QUESTIONS),
        st.sampled_from(("GET", "HEAD")),
        st.sampled_from(("identity", "gzip")),
        st.sampled_from(("application/json", "text/csv", "*/*")),
        st.sampled_from(("nothing", "the last tag", "*")),
        st.integers(0, 9).map(lambda n: n == 0),
    ),
    min_size=8,
    max_size=20,
)
Served = tuple[FastAPI, int]


@pytest.fixture
def served(shop: Library) -> Iterator[Served]:
    """An application over a release of one book, and its port; `/slow` waits to be let go on."""
    shop.publish([Row(id="b1")])
    app = application(shop)

    @app.get("/slow")
    def wait() -> str:
        ASKED.set()
        GO_ON.wait(5)
        return "slow"

    http.install(app, shop.releases.edition, 1_000_000)
    with listening(app) as port:
        yield app, port


def connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is sent goes at once
    return connection


def head(path: str = PATH, method: str = "GET", version: str = "1.1", *lines: str) -> bytes:
    """A request as it is sent."""
    return "\r\n".join([f"{method} {path} HTTP/{version}", "host: x", *lines, "", ""]).encode()


def answer(connection: socket.socket, method: str = "GET") -> tuple[int, bytes]:
    """The next answer on a connection: status and body; it must be all that is there by then."""
    found = HTTPResponse(connection, method=method)
    found.begin()
    return found.status, found.read()


def at_hand(app: FastAPI) -> int:
    return len(kept_by(app)._ready)


def test_the_same_request_finds_its_answer_at_hand_until_another_release_is_loaded(
    served: Served, shop: Library
) -> None:
    app, port = served
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        answers = [client.get(PATH) for _ in range(5)]
        assert len({one.content for one in answers}) == 1
        assert len({one.headers["x-request-id"] for one in answers}) == 5
        assert len({(*sorted(one.headers),) for one in answers}) == 1
        (ready,) = kept_by(app)._ready.values()
        assert (ready.status, ready.of.used) == (200, 3)
        named = client.get(PATH, headers={"X-Request-ID": "mine"})
        assert (named.headers["x-request-id"], at_hand(app)) == ("mine", 1)
        shop.publish([Row(id="b2")])
        assert client.get(PATH).json()["data"][0]["id"] == "b2"
        assert at_hand(app) == 0


@settings(QUICK, max_examples=6)
@given(steps=STEPS, years=st.lists(st.sampled_from([None, 1999, 2000]), min_size=1, max_size=6))
def test_what_is_asked_again_equals_what_is_made_anew_whatever_is_asked_and_loaded(
    library: Library, steps: list[tuple[str, str, str, str, str, bool]], years: list[int | None]
) -> None:
    editions = itertools.cycle(years)

    def publish() -> None:
        library.publish([Row(id=f"b{i}", year=next(editions), price=i) for i in range(5)])

    publish()
    (_, keeping), (making, _) = layered(library, 60_000), layered(library, 0)
    tag, of_connection = "", {"date", "server", "transfer-encoding"}
    with listening(keeping) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for path, method, coding, form, condition, loads in steps:
            headers = {"Host": "testserver", "Accept-Encoding": coding, "Accept": form}
            if condition != "nothing":
                headers["If-None-Match"] = tag if condition == "the last tag" else condition
            if loads:
                publish()
            fresh = told(making.request(method, path, headers=headers))
            for _ in range(4):
                again = client.request(method, path, headers=headers)
                status, sent, body = told(again)
                assert (status, [h for h in sent if h[0] not in of_connection], body) == fresh
            tag = again.headers.get("etag", tag)


@pytest.mark.parametrize(
    "request_",
    [
        head(PATH, "GET", "1.1", "x-request-id: mine"),
        head(PATH, "GET", "1.1", "range: bytes=0-3"),
        head(PATH, "GET", "1.1", "upgrade: h2c", "connection: upgrade"),
        head(f"{PATH}?{'&'.join(f'title={i:0100}' for i in range(40))}"),
        head("/nowhere"),
    ],
    ids=["named", "a part", "another protocol", "long", "not found"],
)
def test_what_depends_on_more_or_is_not_kept_is_not_at_hand(
    request_: bytes, served: Served
) -> None:
    app, port = served
    with connected(port) as connection:
        for _ in range(4):
            connection.sendall(request_)
            assert answer(connection)[0] == (404 if b"nowhere" in request_ else 200)
    assert at_hand(app) == 0


@pytest.mark.parametrize(
    ("version", "line"), [("1.0", "accept: */*"), ("1.1", "connection: close")]
)
def test_a_connection_that_ends_with_its_answer_ends(
    version: str, line: str, served: Served
) -> None:
    app, port = served
    for _ in range(4):
        with connected(port) as connection:
            connection.sendall(head(PATH, "GET", version, line))
            assert answer(connection)[0] == 200
            assert connection.recv(1) == b""
    assert at_hand(app) == 0


def test_a_request_in_pieces_and_two_at_once_are_answered_and_not_at_hand(served: Served) -> None:
    app, port = served
    with connected(port) as connection:
        connection.sendall(head())
        said = [answer(connection)]
        for _ in range(3):
            connection.sendall(head("/nowhere") + head()[:20])
            assert answer(connection)[0] == 404  # so the rest comes by itself
            connection.sendall(head()[20:])
            said.append(answer(connection))
        for _ in range(3):
            connection.sendall(2 * head())
            said += read_two(connection)
    assert {status for status, _ in said} == {200}
    assert len({body for _, body in said}) == 1
    assert at_hand(app) == 0


def read_two(connection: socket.socket) -> list[tuple[int, bytes]]:
    """Two answers that may come in one piece."""
    whole = b""
    while True:
        whole += connection.recv(2**16)
        found = re.findall(rb"HTTP/1.1 (\d+).*?content-length: (\d+).*?\r\n\r\n", whole, re.S)
        if len(found) == 2:
            break
    ends = [match.end() for match in re.finditer(rb"\r\n\r\n", whole)]
    starts = [end for end in ends if whole[end : end + 1] in b'{"']
    while len(whole) < starts[1] + int(found[1][1]):
        whole += connection.recv(2**16)
    return [
        (int(status), whole[start : start + int(length)])
        for start, (status, length) in zip(starts, found, strict=True)
    ]


def test_what_is_at_hand_does_not_overtake_what_was_asked_before(served: Served) -> None:
    app, port = served
    with connected(port) as connection, connected(port) as other:
        for _ in range(4):
            connection.sendall(head())
            kept = answer(connection)
        assert at_hand(app) == 1
        connection.sendall(head("/slow"))
        assert ASKED.wait(5)
        connection.sendall(head())
        for _ in range(2):  # so the server has seen what came before
            other.sendall(head())
            assert answer(other) == kept
        assert not GO_ON.is_set()
        GO_ON.set()
        assert read_two(connection) == [(200, b'"slow"'), kept]


def test_what_looks_like_a_request_but_is_the_body_of_one_is_none(served: Served) -> None:
    app, port = served
    with connected(port) as connection:
        for _ in range(4):
            connection.sendall(head())
            answer(connection)
        assert at_hand(app) == 1
        connection.sendall(head(PATH, "POST", "1.1", f"content-length: {len(head())}"))
        assert answer(connection)[0] == 405  # before its body came
        connection.sendall(head())
        connection.sendall(head("/nowhere"))
        assert answer(connection)[0] == 404


def test_who_does_not_read_is_not_answered_on_and_on(served: Served, shop: Library) -> None:
    app, port = served
    shop.publish([Row(id=f"b{i:03}", title="long " * 400) for i in range(200)])
    asked, times = head(f"{PATH}?limit=200"), 40
    with connected(port) as other:
        for _ in range(3):
            other.sendall(asked)
            body = answer(other)[1]
        assert len(body) > 400_000
        (ready,) = kept_by(app)._ready.values()
        with connected(port) as connection:
            for _ in range(times):
                connection.sendall(asked)
                other.sendall(head("/nowhere"))  # so each comes by itself
                assert answer(other)[0] == 404
            assert ready.of.used < times
            whole = bytearray()
            while whole.count(b"HTTP/1.1 200 OK") < times or not whole.endswith(body[-50:]):
                whole += connection.recv(2**20)


def test_a_question_for_the_head_alone_has_it_again_and_no_body(served: Served) -> None:
    app, port = served
    with connected(port) as connection:
        connection.sendall(head())
        body = answer(connection)[1]
        for method in ("GET", "HEAD", "HEAD", "HEAD", "GET"):
            connection.sendall(head(PATH, method))
            assert answer(connection, method) == (200, b"" if method == "HEAD" else body)
    assert at_hand(app) == 2


def test_what_is_answered_again_is_a_line_of_the_log_too(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    app, port = served
    with (
        caplog.at_level(logging.INFO, "gaoxin.access"),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        answers = [client.get(f"{PATH}?title=%0a") for _ in range(5)]
    assert at_hand(app) == 1
    lines = [r.getMessage() for r in caplog.records if r.name == "gaoxin.access"]
    assert len(lines) == 5
    for one, line in zip(answers, lines, strict=True):
        said = rf"GET {PATH}\?title=%0a 200 \d+\.\dms {len(one.content)}B "
        assert re.fullmatch(said + one.headers["x-request-id"], line)
