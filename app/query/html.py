"""Pages for people: a few elements, escaped, in one frame that needs nothing from elsewhere."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse

_STYLE = """
body{max-width:60rem;margin:0 auto;padding:1rem;color:#1b1f24;background:#fff;
 font:1rem/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
h1,h2,h3{line-height:1.25;margin:1.5em 0 .5em}h1{margin-top:.5em}
a{color:#0550ae}code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
pre{overflow:auto;max-height:34rem;padding:.6em .8em;border:1px solid #d8dee4;border-radius:4px;
 white-space:pre-wrap;overflow-wrap:anywhere;font:.85em/1.5 ui-monospace,monospace}
nav a{display:inline-block;margin-right:.9em}dt{margin-top:.8em}dd{margin:0 0 0 1.2em}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
 padding:.35em .6em .35em 0;border-bottom:1px solid #d8dee4}th,td:first-child{white-space:nowrap}
@media(max-width:40rem){thead{display:none}tr{display:block;padding:.5em 0;
 border-bottom:1px solid #d8dee4}td{display:block;border:0;padding:.1em 0}
 td:first-child{font-weight:bold}}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}a{color:#79b8ff}
 th,td,tr,pre{border-color:#30363d}}
"""


class Html(str):
    """Markup; any other text is escaped where it becomes part of a page."""

    __slots__ = ()


def element(name: str, *content: str, **attributes: str) -> Html:
    """An element with its content."""
    said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{said}>{join(*content)}</{name}>")


def join(*content: str) -> Html:
    """Pieces one after another."""
    return Html("".join(c if isinstance(c, Html) else escape(c) for c in content))


def prose(text: str) -> Html:
    """A text whose `marked` words are code."""
    parts = text.split("`")
    return join(*(element("code", p) if i % 2 else p for i, p in enumerate(parts)))


def link(address: str, text: str | None = None) -> Html:
    """A link; without a text it shows its address."""
    return element("a", text or element("code", address), href=address)


def table(head: tuple[str, ...], *rows: tuple[str, ...]) -> Html:
    """A table; on a narrow screen each row stands on its own."""
    top = element("tr", *(element("th", cell) for cell in head))
    below = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    return element("table", element("thead", top), element("tbody", *below))


def page(title: str, *content: str) -> HTMLResponse:
    """A whole page."""
    head = join(
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width,initial-scale=1">'),
        element("title", f"{title} · Gaoxin 高新"),
        element("style", Html(_STYLE)),
    )
    body = element("body", element("h1", title), *content)
    return HTMLResponse(f'<!doctype html><html lang="en"><head>{head}</head>{body}</html>')


def wants_html(request: Request) -> bool:
    """Whether a browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "")
