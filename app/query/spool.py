"""Files that were made once to be sent often: a folder bounded in bytes, shared by all workers."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

SPARED = 60
"""Seconds for which a file that was asked for stays, whatever its size."""
ABANDONED = 3600
"""Seconds after which a draft is what a killed worker left."""


@cache
def build() -> str:
    """A fingerprint of this program, so that an upgrade never answers 304 to an old client."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


class Spool:
    """A folder of finished files; whatever was not used for longest makes room for new ones."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder, self.most_bytes = folder, most_bytes

    def file(self, name: str, write: Callable[[BinaryIO], None]) -> Path:
        """The file `name`, written whole by `write` if it is not there.

        Two that write the same at once do no harm: each draft is its own, the later one replaces.
        """
        path = self.folder / name
        with suppress(FileNotFoundError):
            os.utime(path)
            return path
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".", suffix=".draft", dir=self.folder)
        try:
            with open(handle, "wb") as file:
                write(file)
            os.replace(draft, path)
        finally:
            Path(draft).unlink(missing_ok=True)
        self._make_room()
        return path

    def _make_room(self) -> None:
        """Remove the files that were not used for longest, until the rest fits."""
        found, now = [], time.time()
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another worker made room just now
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        total = sum(size for _, size, _ in found)
        for used, size, path in sorted(found):
            is_draft = path.name.startswith(".")
            if now - used > (ABANDONED if is_draft else SPARED) and (
                is_draft or total > self.most_bytes
            ):
                path.unlink(missing_ok=True)
                total -= size
