"""What pages offer to take along works: the lines of the API call, the files, the questions."""

import re
import shlex
from html import unescape

import httpx
import pytest

from app.explorer.home import QUESTIONS
from app.explorer.view import View
from app.query.formats import FORMATS
from tests.explorer.browser.addresses import PAGES
from tests.explorer.conftest import read

SHOWN = [one.path for one in PAGES if one.status == 200 and not one.twice]


def line_of(client: httpx.Client, path: str, name: str) -> str | None:
    """A line of the box with the API call; None for a page that has no call."""
    found = re.search(
        rf"<dt>{name}</dt>\s*<dd[^>]*><pre><code>(.*?)</code>", read(client, path).text, re.S
    )
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("path", SHOWN)
def test_the_line_for_curl_is_answered(real: httpx.Client, path: str) -> None:
    if line := line_of(real, path, "curl"):
        command, asked = shlex.split(line)
        assert command == "curl"
        assert real.get(asked).status_code == 200


@pytest.mark.parametrize("path", SHOWN)
def test_the_lines_for_pandas_run(real: httpx.Client, path: str) -> None:
    pytest.importorskip("pandas", reason="the extra `clients` is not installed")
    if line := line_of(real, path, "pandas"):
        begun, _, read_in = line.partition("\n")
        names: dict[str, object] = {}
        exec(f"{begun}\nrows = {read_in}", names)
        empty = "nothing" in path or path == "/changes"  # of one release
        assert bool(len(names["rows"])) is not empty  # type: ignore[arg-type]


@pytest.mark.parametrize("path", SHOWN)
def test_every_file_that_is_offered_is_there(real: httpx.Client, path: str) -> None:
    offered = re.findall(r'href="([^"]*format=[^"]*)"', read(real, path).text)
    for one in offered:
        assert real.get(unescape(one)).status_code == 200, one


def test_only_forms_that_the_server_writes_are_offered(
    real: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Plain:
        is_there = False

    assert "format=xlsx" in read(real, "/zones").text
    monkeypatch.setitem(FORMATS, "xlsx", Plain())
    assert View.forms(None, "csv", "xlsx") == [("csv", "CSV")]  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "path"), QUESTIONS)
def test_a_question_of_the_first_page_is_answered(real: httpx.Client, name: str, path: str) -> None:
    asked = next(one for one in read(real, "/").links if one.partition("#")[0] == path)
    page = read(real, path)
    assert "#" not in asked or f'id="{asked.partition("#")[2]}"' in page.text
    told = {
        "approved": ">September 2010<",
        "biomedicine": "<q>",
        "gdp": "trillion yuan",
        "target": '<span class="tag nature-target">',
        "forecast": '<span class="tag nature-forecast">',
        "source": "<q lang=",
    }
    assert told[name] in page.text


@pytest.mark.parametrize(
    ("path", "guess"),
    [
        ("/zonez", "/zones"),
        ("/zonez/baiyin", "/zones/baiyin"),
        ("/indicator/gdp", "/indicators/gdp"),
        ("/coverages/x", "/coverage"),
        ("/qwertz", None),
        ("/zones/baiyn", "/zones/baiyin"),
        ("/zones/nope", "/zones"),
    ],
)
def test_an_address_that_is_not_there_leads_on(
    real: httpx.Client, path: str, guess: str | None, lang: str
) -> None:
    tail = "?lang=zh" if lang == "zh" else ""
    page = read(real, path + tail, 404)
    assert guess is None or guess + tail in page.links
    assert page.words.count("Did you mean" if lang == "en" else "您是指") == (
        guess not in (None, "/zones") or path == "/zonez"
    )
    assert f'value="{path.rsplit("/", 1)[-1]}"' in page.text
    assert page.tags.count("h1") == 1


@pytest.mark.parametrize("path", ["/zonez", "/v1/zonez", "/v1/zones/nope", "/v1"])
def test_programs_are_told_as_before(real: httpx.Client, path: str) -> None:
    page = {"Accept": "text/html"} if path.startswith("/v1") else {"Accept": "*/*"}
    answer = real.get(path, headers=page)
    assert answer.headers["content-type"].startswith("application/")


LONGEST = ("zone-reference-2026-11", "ankang-development-history", "national-zones-2012-2022")


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_pages_are_small_as_sent(real: httpx.Client, name: str) -> None:
    page = read(real, f"/documents/{name}")
    own = [f"/documents/{name}", *(one for one in page.assets if one.startswith("/static/"))]
    sent = sum(_sent(real, one) for one in own)
    assert 5_000 < sent < 50_000


def _sent(client: httpx.Client, path: str) -> int:
    """The bytes of an answer on their way, packed as any browser takes them."""
    headers = {"Accept-Encoding": "gzip", "Accept": "text/html"}
    with client.stream("GET", path, headers=headers) as answer:
        return sum(map(len, answer.iter_raw()))
