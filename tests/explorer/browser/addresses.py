"""Every kind of page, with the state that it is to be answered with."""

from typing import NamedTuple


class Address(NamedTuple):
    """A page to look at."""

    path: str
    status: int = 200
    """What it is answered with, where that is no success."""
    twice: bool = False
    """Whether it is of the small server that has the texts and two releases."""

    def spoken(self, lang: str) -> str:
        """The page in a language."""
        joint = "&" if "?" in self.path else "?"
        return self.path if lang == "en" else f"{self.path}{joint}lang=zh"


PAGES = (
    Address("/"),
    Address("/search?q=biomedicine"),
    Address("/search?q=nothing-has-this-word"),
    Address("/zones"),
    Address("/zones?industry=biomedicine&region=west"),
    Address("/zones?q=nothing-has-this-word"),
    Address("/zones?aproved_year=2010", 422),
    Address("/zones/baiyin"),
    Address("/zones/suzhou"),
    Address("/zones/nowhere", 404),
    Address("/compare"),
    Address("/compare?zone=baiyin"),
    Address("/compare?zone=baiyin&zone=lanzhou&zone=xian"),
    Address("/indicators"),
    Address("/indicators/gdp"),
    Address("/indicators/gdp?measure=growth"),
    Address("/industries"),
    Address("/industries?q=medicine"),
    Address("/industries/biomedicine"),
    Address("/documents"),
    Address("/documents/chinadaily-2013-11-29-baiyin"),
    Address("/coverage"),
    Address("/coverage?zone=baiyin"),
    Address("/changes"),
    Address("/documents/zone-reference-2026-11"),
    Address("/documents/ankang-development-history"),
    Address("/indicators/area?zone=baotou-rare-earth"),
    Address("/compare?zone=baiyin&zone=lanzhou&zone=xian&zone=suzhou&zone=shenyang"),
    Address("/zonez", 404),
    Address("/changes", twice=True),
    Address("/documents/gazette-2020", twice=True),
    Address("/documents/tribune-2019", twice=True),
)
