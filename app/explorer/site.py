"""The pages of the explorer, put together."""

from fastapi import FastAPI

from app.explorer import (
    changes,
    compare,
    coverage,
    documents,
    home,
    indicators,
    industries,
    view,
    zone,
    zones,
)

PAGES = (changes, compare, coverage, documents, home, indicators, industries, zone, zones)
"""Every group of pages: a new one is a file beside this, its templates and a name here."""


def install(app: FastAPI) -> None:
    """Have the application show the explorer."""
    for pages in PAGES:
        app.include_router(pages.router)
    app.include_router(view.static)
    view.install(app)
