"""What goes out on a connection, by a real server and plain sockets."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.conftest import listening

BODY = b"x" * 1000
GO_ON = threading.Event()


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once or, at `/slow`, sends the body once it is let."""
    assert scope["type"] == "http"
    size = b"%d" % (2 * len(BODY))
    start: Message = {"type": "http.response.start", "status": 200}
    await send({**start, "headers": [(b"content-length", size)]})
    if scope["path"] == "/slow":
        await asyncio.to_thread(GO_ON.wait, 5)
    if scope["path"] == "/broken":
        return
    for more in (True, False):
        part: Message = {"type": "http.response.body", "body": BODY, "more_body": more}
        await send(part)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with listening(answers) as port:
        yield port


def asked(port: int, path: str, method: str = "GET") -> Iterator[bytes]:
    """What comes of an answer, as it comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            f"{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
        )
        while found := connection.recv(2**16):
            yield found


def test_a_head_comes_together_with_the_first_of_its_body(port: int) -> None:
    first, *rest = asked(port, "/")
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert first.partition(b"\r\n\r\n")[2].startswith(BODY)
    assert b"".join([first, *rest]).endswith(b"\r\n\r\n" + 2 * BODY)


def test_a_head_does_not_wait_for_a_body_that_is_long_in_coming(port: int) -> None:
    found = asked(port, "/slow")
    head = next(found)
    assert head.endswith(b"\r\n\r\n")
    assert not GO_ON.is_set()
    GO_ON.set()
    assert b"".join(found) == 2 * BODY


def test_an_answer_without_a_body_is_sent(port: int) -> None:
    assert b"".join(asked(port, "/", "HEAD")).endswith(b"\r\n\r\n")


def test_the_head_of_an_answer_that_breaks_off_is_sent(port: int) -> None:
    assert b"".join(asked(port, "/broken")).startswith(b"HTTP/1.1 200 OK\r\n")


def test_answers_to_requests_sent_at_once_come_in_their_order(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        last = b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        connection.sendall(2 * b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" + last)
        whole = b""
        while found := connection.recv(2**16):
            whole += found
    assert [part.count(b"x") for part in whole.split(b"HTTP/1.1 200 OK")[1:]] == [2000, 2000, 0]
