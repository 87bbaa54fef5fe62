"""Footnotes: each phrase that a page rests on has one number, in the order of its document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.query.parameters import Row


@dataclass(frozen=True)
class Note:
    """One phrase of one document."""

    number: int
    citation: Row


@dataclass(frozen=True)
class Source:
    """A document with the phrases that are cited of it."""

    document: Row
    notes: list[Note]


class Notes:
    """The footnotes of a page."""

    def __init__(self, citations: Iterable[Row]) -> None:
        by_document: dict[str, dict[str, list[Row]]] = {}
        for one in citations:
            phrases = by_document.setdefault(one["document"]["id"], {})
            phrases.setdefault(one["as_written"] or "", []).append(one)
        self.sources: list[Source] = []
        self._numbers: dict[str, int] = {}
        self._words: dict[int, str] = {}
        for phrases in by_document.values():
            ordered = sorted(phrases.values(), key=lambda same: same[0]["start"] or 0)
            notes = [self._note(same) for same in ordered]
            self.sources.append(Source(notes[0].citation["document"], notes))

    def of(self, cited: Iterable[str | Row]) -> list[tuple[int, str]]:
        """The numbers of citations or their ids, each once, with the words they lead to."""
        ids = (one if isinstance(one, str) else one["id"] for one in cited)
        numbers = sorted({self._numbers[one] for one in ids if one in self._numbers})
        return [(number, self._words[number]) for number in numbers]

    def tell(self, documents: Mapping[str, Row]) -> None:
        """Put what is known of the documents in place of the references to them."""
        self.sources = [
            Source(documents.get(one.document["id"], one.document), one.notes)
            for one in self.sources
        ]

    def _note(self, same: list[Row]) -> Note:
        number = len(self._words) + 1
        self._words[number] = same[0]["as_written"] or same[0]["document"]["label_en"] or ""
        self._numbers |= dict.fromkeys((one["id"] for one in same), number)
        return Note(number, same[0])
