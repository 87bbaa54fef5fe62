"""Uvicorn's connections, faster where it matters to who asks again and again.

A request that came before, byte for byte, is answered with what was sent then as long as that is
at hand (`app.query.kept`): neither is it parsed nor is the application called. And the head of any
answer is sent together with its body, which uvicorn sends by a call of the system each.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.query.http import AGAIN, Http
from app.query.kept import Ready

_BEGINS = b"HTTP/1.1 2"
"""What the head of an answer with a body begins with, most likely; to keep another is no fault."""


class Connection(HttpToolsProtocol):
    """For `uvicorn.run(http=...)`: a connection that knows requests again, and joins its writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection."""
        super().connection_made(cast(asyncio.Transport, _Joining(transport, self.loop)))
        self._http: Http | None = self.app_state.get(AGAIN)
        self._asker = (self.scheme, self.client and self.client[0])
        self._extensions: Any = {AGAIN: {"sent": self._put_at_hand}}
        self._begun = self._ended = 0
        self._request: bytes | None = None

    def data_received(self, data: bytes) -> None:
        """Take what the client sent: more of a request, one, or several."""
        answered = self._begun == self._ended and (not self.cycle or self.cycle.response_complete)
        rests = answered and not self.flow.write_paused
        if rests and self._http and (again := self._http.again((self._asker, data))):
            ready, own = again
            head = ready.head + _lines((*self.server_state.default_headers, *own)) + b"\r\n"
            self.transport.writelines((head, ready.body))
            self.on_response_complete()
            return
        self._request, begun = None, self._begun
        super().data_received(data)
        if rests and self._begun == self._ended == begun + 1:
            self._request = data

    def on_message_begin(self) -> None:
        """Count a request that begins, and say in its scope whom to tell what was sent."""
        super().on_message_begin()
        self._begun += 1
        self.scope["extensions"] = self._extensions

    def on_message_complete(self) -> None:
        """Count a request that is all here."""
        super().on_message_complete()
        self._ended += 1

    def _put_at_hand(self, edition: object, ready: Ready) -> None:
        """Have at hand what was sent to the last request, if it came whole and alone."""
        if self._http and self._request and self.cycle.keep_alive and not self._leaves():
            ready = replace(ready, head=STATUS_LINE[ready.status] + _lines(ready.headers))
            self._http.kept.put_at_hand(edition, (self._asker, self._request), ready)

    def _leaves(self) -> bool:
        """Whether the client is gone or wants another protocol."""
        return not self.parser or self.parser.should_upgrade()


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers])


class _Joining:
    """A transport that keeps the head of an answer until its body is written.

    No longer than what is ready to run takes: whoever waits for what follows sends the head alone.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._soon = transport, loop.call_soon
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's."""
        found = getattr(self._transport, name)
        setattr(self, name, found)
        return found

    def write(self, data: bytes) -> None:
        """Send this and the head that waits for it; keep it if it is one."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data[: len(_BEGINS)] == _BEGINS:
            self._head = data
            self._soon(self._send)
        else:
            self._transport.write(data)

    def writelines(self, parts: Iterable[bytes]) -> None:
        """Send these after what waits."""
        self._send()
        self._transport.writelines(parts)

    def close(self) -> None:
        """Close the connection when all is sent."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)
