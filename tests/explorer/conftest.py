"""The servers of the resources' tests, whose pages are read as a browser gets them."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.resources.conftest import real as real
from tests.resources.conftest import small as small


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


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    """Both languages."""
    assert isinstance(request.param, str)
    return request.param
