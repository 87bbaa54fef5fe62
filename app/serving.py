"""Uvicorn's connections, on which the head of an answer is sent together with its body.

Uvicorn writes each by itself; the second call of the system is a tenth of the time that a small
answer takes.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_BEGINS = b"HTTP/1.1 2"
"""What the head of an answer with a body begins with, most likely; to keep another is no fault."""


class Connection(HttpToolsProtocol):
    """For `uvicorn.run(http=...)`: a connection that writes by way of `_Joining`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection."""
        super().connection_made(cast(asyncio.Transport, _Joining(transport, self.loop)))


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

    def close(self) -> None:
        """Close the connection when all is sent."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)
