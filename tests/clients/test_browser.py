"""A page of another origin fetches from the API in a real browser, and the pages render there."""

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no chromium")
OFF = ("gpu", "quic", "background-networking", "component-update", "sync")
OPTIONS = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in OFF)]
OPTIONS += ["--virtual-time-budget=20000", "--dump-dom"]
PAGE = """<!doctype html><meta charset="utf-8"><pre id="told"></pre><script>
const api = "%s"
async function ask() {
  const plain = await fetch(api + "/v1/zones?approved_year=2010&limit=1")
  const body = await plain.json()
  // X-Request-Id makes it a request that the browser asks leave for first.
  const again = await fetch(api + body.links.next, {headers: {"X-Request-Id": "from-a-page"}})
  const flawed = await fetch(api + "/v1/zones?aproved_year=2010")
  return {
    status: plain.status, total: body.meta.total, etag: plain.headers.get("etag"),
    link: plain.headers.get("link"), id: again.headers.get("x-request-id"),
    rows: (await again.json()).data.length, code: (await flawed.json()).code,
  }
}
ask().catch(error => ({error: String(error)}))
  .then(told => { document.getElementById("told").textContent = JSON.stringify(told) })
</script>"""


@pytest.fixture
def browse(tmp_path: Path) -> Callable[[str], str]:
    """What a page has become when its scripts are done."""

    def open_(address: str) -> str:
        command = [str(BROWSER), *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", address]
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
        return done.stdout.decode()

    return open_


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The address of another origin, which serves the files of a folder."""
    (tmp_path / "site").mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Nothing."""

    serve = functools.partial(Quiet, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()
        thread.join()


def test_a_page_of_another_origin_reads_answers_headers_and_problems(
    browse: Callable[[str], str], elsewhere: str, real: httpx.Client, tmp_path: Path
) -> None:
    page = PAGE % str(real.base_url).rstrip("/")
    (tmp_path / "site" / "index.html").write_text(page, encoding="utf-8")
    found = re.search(r'<pre id="told">(.*?)</pre>', browse(elsewhere), re.S)
    assert found
    told: dict[str, Any] = json.loads(unescape(found[1]))
    own = real.get("/v1/zones?approved_year=2010&limit=1")
    assert told == {
        "status": 200,
        "total": own.json()["meta"]["total"],
        "etag": own.headers["etag"],
        "link": own.headers["link"],
        "id": "from-a-page",
        "rows": 1,
        "code": "unknown-parameter",
    }


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/docs/guide", "苏州"),
        ("/docs/recipes", "Csv.Document"),
        ("/docs/dictionary", "甘肃省"),
        ("/problems/gone", "No longer"),
    ],
)
def test_a_browser_gets_pages(
    path: str, words: str, browse: Callable[[str], str], real: httpx.Client
) -> None:
    shown = browse(str(real.base_url).rstrip("/") + path)
    assert words in shown
    assert "<style>" in shown
