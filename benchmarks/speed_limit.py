"""The limit: what uvicorn can send at all, with nothing behind it but a dictionary.

`GAOXIN_SPEED_ANSWERS` names a file of recorded answers: for each address and what of the headers of
a request matters, the status, headers and bytes that the server under test sent. Addresses under
`/file` are sent from the file `GAOXIN_SPEED_BULK`, as Starlette sends files.
"""

import os
import pickle
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

Key = tuple[bytes, bool, bool]
"""Path with query, whether gzip is accepted, whether the question is conditional."""
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def _messages(answer: Answer) -> tuple[dict[str, Any], dict[str, Any]]:
    status, headers, body = answer
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


_FILE = os.environ.get("GAOXIN_SPEED_BULK")
_ANSWERS: dict[Key, tuple[dict[str, Any], dict[str, Any]]] = {
    key: _messages(answer)
    for key, answer in pickle.loads(Path(os.environ["GAOXIN_SPEED_ANSWERS"]).read_bytes()).items()
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Send what was recorded."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if _FILE and scope["path"] == "/file":
        await FileResponse(_FILE)(scope, receive, send)
        return
    gzip = conditional = False
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            gzip = b"gzip" in value
        elif name == b"if-none-match":
            conditional = True
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    start, body = _ANSWERS[target, gzip, conditional]
    await send(start)
    await send(body)
