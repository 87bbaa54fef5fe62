"""Anchors: the phrases that claims cite, and their places in the texts they were read from.

Text quote and text position selectors of the W3C Web Annotation model; a position counts code
points of the UTF-8 text exactly as in the file.
"""

import re
from collections.abc import Iterator
from functools import partial

from app.resources.passages import Texts
from app.seed.claims import Cite
from app.seed.files import Finding, canonical
from app.seed.read import Seed
from app.seed.sheets import rewrite

MOST_WORDS = 12
_WORD = re.compile(r"[\u3400-\u9fff]{1,3}|[^\s\u3400-\u9fff]+")
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’)]*$")


def too_long(phrase: str) -> str | None:
    """Why a phrase is no anchor, or None. Three Chinese characters count as a word."""
    words = len(_WORD.findall(phrase))
    if words > MOST_WORDS:
        return f"the phrase has {words} words; cite at most {MOST_WORDS}"
    if words > 1 and _SENTENCE_END.search(phrase):
        return "the phrase ends a sentence; cite only the words that state the fact"
    return None


def check_anchors(seed: Seed, texts: Texts | None) -> None:
    """Report phrases that are not in their document, or not where the claim says."""
    for document in seed.documents:
        source = document.document
        text = texts.of(source.sha256) if texts else None
        covered: set[int] = set()
        for cite in document.cites:
            _check_place(seed, cite, source.sha256 is not None)
            if text is None or cite.text is None:
                continue
            if cite.text not in text:
                seed.find(cite, f"the document does not say {cite.text!r}", "text")
            elif cite.at is not None and not text.startswith(cite.text, cite.at):
                there = f"{cite.text!r} is not at {cite.at} but at {_place(cite, text)}; use --fix"
                seed.find(cite, there, "at")
            if cite.at is not None:
                covered.update(range(cite.at, cite.at + len(cite.text)))
        if text is not None and len(covered) > len(text) / 2:
            much = f"the phrases cover {len(covered)} of {len(text)} characters; half is the most"
            seed.find(source, much)


def _check_place(seed: Seed, cite: Cite, anchored: bool) -> None:
    """A phrase has a place if the text is at hand, and only then."""
    if anchored and cite.text is None:
        seed.find(cite, "the text is at hand; cite the words that state it", "text")
    elif anchored and cite.at is None:
        message = "the phrase has no place yet; `gaoxin check --documents DIR --fix` finds it"
        seed.find(cite, f"{message}, or needs an `at` near the one meant of several")
    elif cite.at is not None and not anchored:
        seed.find(cite, "a place needs the text's sha256 in `document`", "at")


def without_text(seed: Seed, texts: Texts) -> Iterator[Finding]:
    """Documents whose text is not at hand, so that no phrase of them was found again."""
    for document in seed.documents:
        source = document.document
        if source.sha256 and texts.of(source.sha256) is None:
            message = f"no text with the sha256 of {source.id} is there; it was not verified"
            yield seed.remark(source, message)


def fix(seed: Seed, texts: Texts | None) -> list[str]:
    """Write places and canonical form into the files; returns the names of those changed."""
    changed = []
    for document in seed.documents:
        text = texts.of(document.document.sha256) if texts else None
        for cite in document.cites if text else []:
            place = _place(cite, text or "")
            if place is not None:
                cite.at = place
    for name, (file, model) in seed.files.items():
        if model is None:
            continue
        written = canonical(model)
        if written != file.path.read_text(encoding="utf-8"):
            file.path.write_text(written, encoding="utf-8")
            changed.append(name)
    for document in seed.documents:
        source = document.document
        if sheet := seed.sheets.get(source.id):
            text = (texts.of(source.sha256) if texts else None) or ""
            if rewrite(sheet, partial(_place, text=text)):
                changed.append(sheet.name)
    return changed


def _place(cite: Cite, text: str) -> int | None:
    """Where a phrase stands: the occurrence nearest to its `at`, or its only one."""
    if cite.text is None:
        return None
    places = [m.start() for m in re.finditer(f"(?={re.escape(cite.text)})", text)]
    if cite.at is not None and places:
        return min(places, key=lambda place: abs(place - (cite.at or 0)))
    return places[0] if len(places) == 1 else None
