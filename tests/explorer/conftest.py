"""The servers of the resources' tests, whose pages are read as a browser gets them."""

import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from app.database import Releases
from app.seed.anchors import fix
from app.seed.read import Seed
from app.seed.release import load
from tests.conftest import SMALL_SEED, SMALL_TEXTS
from tests.resources.conftest import real as real
from tests.resources.conftest import serving
from tests.resources.conftest import small as small

REWRITTEN = {
    "gazette-2020": ("issue seven", "issue <seven>"),
    "tribune-2019": ("id: alpha-incubator", "id: alpha-hatchery"),
}
"""What documents say otherwise in a second release: a title, and a fact of another id."""


class Page(HTMLParser):
    """A page as its elements name other addresses."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.text = answer, answer.text
        self.links: list[str] = []
        self.assets: list[str] = []
        self.tags: list[str] = []
        self.next = ""
        self.attributes: set[str] = set()
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element is, has and names."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if ("rel", "next") in attrs:
            self.next = dict(attrs)["href"] or ""
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "action", "data", "poster"):
                self.assets.append(value or "")

    @property
    def words(self) -> str:
        """What is written on it."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))


def read(client: httpx.Client, path: str, status: int = 200) -> Page:
    """A page, which must have this status."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer)


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with the texts and two releases: in the second two documents are rewritten."""
    place = tmp_path_factory.mktemp("twice")
    seed, data = Path(shutil.copytree(SMALL_SEED, place / "seed")), place / "data"
    load(seed, Releases(data / "releases"))
    for name, (old, new) in REWRITTEN.items():
        path = seed / "documents" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    fix(Seed(seed), None)
    load(seed, Releases(data / "releases"))
    texts = {"GAOXIN_DOCUMENTS_DIR": str(SMALL_TEXTS)}
    with patch.dict(os.environ, texts), serving(seed, data) as client:
        yield client


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    """Both languages."""
    assert isinstance(request.param, str)
    return request.param
