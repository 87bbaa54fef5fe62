"""The pages of the explorer, put together."""

from fastapi import FastAPI

from app.explorer import compare, indicators, view, zones

PAGES = (zones, compare, indicators)
"""Every group of pages: a new one is a file beside this, its templates and a name here."""


def install(app: FastAPI) -> None:
    """Have the application show the explorer."""
    for pages in PAGES:
        app.include_router(pages.router)
    app.include_router(view.static)
    view.install(app)
