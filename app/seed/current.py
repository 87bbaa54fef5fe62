"""Whether the current release is that of a seed, told by the bytes of its files alone.

A start with an unchanged seed then reads and checks nothing: it costs one hash of some megabytes,
and none of the modules that make a release.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from app.database import Releases
from app.settings import bundled

_MEMORY = ".seed"
"""The file in the folder of releases that holds a fingerprint and the release it led to."""


def fingerprint(folder: Path) -> str:
    """A hash of every file that decides what release is made: of the seed, and of our code."""
    digest = hashlib.sha256()
    code = Path(__file__).parents[1]
    for root, ending in ((folder, ""), (code, ".py"), (bundled("migrations"), ".py")):
        found = [os.path.join(at, name) for at, _, names in os.walk(root) for name in names]
        for path in sorted(p for p in found if p.endswith(ending) and os.path.isfile(p)):
            with open(path, "rb") as file:  # a table may be large
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.removeprefix(str(root))}\0{content}\0".encode())
    return digest.hexdigest()


def known_release(folder: Path, releases: Releases) -> str | None:
    """The current release, if it was made of the very files in `folder`."""
    with releases.lock():
        name = releases.current_name()
        if name is None or not releases.path(name).is_file():
            return None
        with suppress(FileNotFoundError):
            told = (releases.folder / _MEMORY).read_text(encoding="utf-8")
            if told == f"{fingerprint(folder)} {name}\n":
                return name
        return None


def remember(files: str, name: str, releases: Releases) -> None:
    """Note that files with this fingerprint make the release `name`, now the current one."""
    with suppress(OSError):  # it only saves time
        (releases.folder / _MEMORY).write_text(f"{files} {name}\n", encoding="utf-8")
