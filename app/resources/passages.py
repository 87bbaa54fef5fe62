"""The texts of documents, where a server has them, and the words around a phrase."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, select
from sqlmodel import col

from app.query.parameters import Row
from app.tables import Body

MOST_AROUND = 240
"""Characters on each side of a phrase."""


class Texts:
    """The texts in a folder, known by their hash."""

    def __init__(self, folder: Path) -> None:
        files = (file for file in sorted(folder.iterdir()) if file.is_file())
        self._files = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}
        self.digest = hashlib.sha256("".join(sorted(self._files)).encode()).hexdigest()[:12]
        """A name for what is there."""

    def of(self, sha256: str | None) -> str | None:
        """The text with this hash, if it is at hand and still the same."""
        file = self._files.get(sha256 or "")
        return _read(file, str(sha256)) if file else None


@lru_cache(maxsize=64)
def _read(file: Path, sha256: str) -> str | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content.decode("utf-8") if hashlib.sha256(content).hexdigest() == sha256 else None


class Passages:
    """Completes citations with the passage that their phrase stands in."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def __call__(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Give each row its `passage`, where the text of its document is at hand."""
        named = {row["document"]["id"] for row in rows if row["anchored"]}
        wanted = select(col(Body.id), col(Body.json_text)).where(
            col(Body.resource) == "documents", col(Body.id).in_(named)
        )
        hashes = {name: json.loads(text)["sha256"] for name, text in connection.execute(wanted)}
        for row in rows:
            text = self.texts.of(hashes.get(row["document"]["id"]))
            if text is not None and row["anchored"]:
                row["passage"] = around(text, row["start"], row["end"])


def around(text: str, start: int, end: int) -> dict[str, str]:
    """A phrase with the rest of its paragraph, shortened at a space where that is long."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end:].partition("\n")[0]
    if len(before) > MOST_AROUND:
        before = before[-MOST_AROUND:].partition(" ")[2] or before[-MOST_AROUND:]
    if len(after) > MOST_AROUND:
        after = after[:MOST_AROUND].rpartition(" ")[0] or after[:MOST_AROUND]
    return {"prefix": before, "exact": text[start:end], "suffix": after}
