"""The tokeniser, the same for load and query: what a text consists of, however it is typed.

Width, case, accents and traditional characters are folded; apostrophes and hyphens within a word
are joined, so that "bio-medicine" is "biomedicine". Latin text gives words, Chinese gives every
pair of characters and every single one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from app.search.sounds import characters, sounds

_JOINERS = "-\u2010\u2011'’‘ʼ`´＇"
_JOINED = re.compile("[-'`]")
_LATIN = re.compile("[a-z0-9]+(?:(?<=[a-z])[-'`](?=[a-z])[a-z0-9]+)*|&")
_STOP = {"a", "an", "and", "at", "by", "for", "in", "its", "of", "on", "or", "the", "to", "with"}

# The words that names share and that tell nothing apart, by what they stand for.
_ENGLISH = {"national": "n", "development": "d", "demonstration": "x", "park": "p", "and": ""}
_ENGLISH |= dict.fromkeys(("high", "hi", "tech", "hightech", "hitech", "new", "science"), "h")
_ENGLISH |= dict.fromkeys(("technology", "technologies", "technological", "gaoxin"), "h")
_ENGLISH |= dict.fromkeys(("industrial", "industry", "industries"), "i")
_ENGLISH |= dict.fromkeys(("zone", "area", "district", "htz", "hidz", "gaoxinqu"), "z")
_ADMINISTRATIVE = {"province", "city", "municipality", "prefecture", "county"}
_ENDING = re.compile(
    "(?:国家级?)?(?:高新技术|高新科技|高科技|高技术|新技术|高新|农高|科技)?(?:产业|工业)?"
    "(?:开发|示范)?(?:园区|新区|园|区)$"
)
_CHINESE = {"国家": "n", "高": "h", "新技术": "h", "产业": "i", "工业": "i"}
_CHINESE |= {"开发": "d", "示范": "x", "园": "p", "区": "z"}
_SEAT = re.compile("(?<=..)(?:产业|行业|特别行政区|自治区|自治州|地区|省|市|县|区)$")


@dataclass(frozen=True)
class Word:
    """A word, or an unbroken run of Chinese characters, and where it stands in its text."""

    text: str
    start: int
    end: int
    parts: tuple[str, ...] = ()
    """What a hyphen or apostrophe joins, where one does."""
    chinese: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it stands in its text letter by letter."""
        return self.end - self.start == len(self.text)

    @cached_property
    def tokens(self) -> list[str]:
        """What the word is found by."""
        if not self.chinese:
            return list(map(stem, dict.fromkeys((self.text, *self.parts))))
        pairs = [self.text[i : i + 2] for i in range(len(self.text) - 1)]
        return [*pairs, *self.text]

    @cached_property
    def pinyin(self) -> list[str]:
        """The syllables of a Chinese run; another word is one of its own."""
        return sounds(self.text) if self.chinese else [self.text]


@cache
def _simplify() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@cache
def _fold(character: str) -> str:
    """A character without width, case, accent and tradition; empty for a mark over another."""
    # The dotless i and the sharp s fold in the second step, which NFKC alone would miss.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return _simplify()(bare) if is_chinese(bare) else bare


@cache
def _classed(character: str) -> tuple[str, bool, bool]:
    """A folded character, whether it is part of a word, and whether that is Chinese."""
    folded = _fold(character)
    return folded, folded.isalnum(), is_chinese(folded)


def is_chinese(text: str) -> bool:
    """Whether the text begins with a Chinese character."""
    return bool(text) and (
        "\u3400" <= text[0] <= "\u9fff" or "\U00020000" <= text[0] <= "\U0003ffff"
    )


@cache
def _all_pinyin() -> re.Pattern[str]:
    """What consists of syllables of pinyin."""
    syllables = {"".join(map(_fold, one)) for one in re.findall(r"[^\W\d]+", characters())}
    vowels = (syllable for syllable in sorted(syllables) if set(syllable) & set("aeiou"))
    return re.compile(f"(?:{'|'.join(vowels)})+")


@lru_cache(maxsize=20_000)
def plain_pinyin(word: str) -> str | None:
    """Pinyin without what is often confused (z and zh, n and ng …); None if it is no pinyin."""
    if not word.isascii() or not _all_pinyin().fullmatch(word[:40]):
        return None
    return re.sub("(?<=[zcs])h", "", word).replace("ng", "n")


def stem(word: str) -> str:
    """An English word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


@lru_cache(maxsize=20_000)
def read_words(text: str) -> tuple[Word, ...]:
    """The words of a text, in order."""
    return tuple(_latin_words(text) if text.isascii() else _words(text))


def _latin_words(text: str) -> Iterator[Word]:
    """What `_words` gives, five times as fast where nothing has to be folded but case."""
    for match in _LATIN.finditer(text.lower()):
        if (found := match[0]).isalnum():
            yield Word(found, *match.span())
        elif found == "&":
            yield Word("and", *match.span())
        else:
            parts = tuple(_JOINED.split(found))
            yield Word("".join(parts), *match.span(), parts)


def _words(text: str) -> Iterator[Word]:
    parts, start, chinese = [""], 0, False

    def finished(end: int) -> Iterator[Word]:
        if joined := "".join(parts):
            inner = tuple(p for p in parts if p) if len(parts) > 1 else ()
            yield Word(joined, start, end, inner if len(inner) > 1 else (), chinese)

    for i, character in enumerate(text):
        folded, counts, han = _classed(character)
        if character == "&":
            yield from finished(i)
            yield Word("and", i, i + 1)
            parts, start = [""], i + 1
        elif counts:
            if han != chinese or parts == [""]:
                yield from finished(i)
                parts, start, chinese = [""], i, han
            parts[-1] += folded
        elif character in _JOINERS and parts[-1][-1:].isalpha() and _letter(text[i + 1 : i + 2]):
            if not chinese:
                parts.append("")
        elif folded or not unicodedata.combining(character):
            yield from finished(i)
            parts, start = [""], i + 1
    yield from finished(len(text))


def _letter(character: str) -> bool:
    return character.isalpha() and not is_chinese(character)


@dataclass(frozen=True)
class Name:
    """A name or a query: its words, and what of it tells it apart from others."""

    text: str
    words: tuple[Word, ...]
    core: tuple[Word, ...]
    """Without the endings that many names share; empty when there is nothing else."""
    ending: frozenset[str]
    """What stands in those, by its kind."""

    @property
    def told(self) -> tuple[Word, ...]:
        """The words that it must be found by."""
        return self.core or self.words

    @cached_property
    def key(self) -> str:
        """The whole as one word."""
        return joined(self.words)

    @cached_property
    def core_key(self) -> str:
        """The core as one word."""
        return joined(self.core)

    @cached_property
    def pinyin(self) -> str:
        """The core in pinyin, as one word."""
        return "".join(s for word in self.core for s in word.pinyin)

    @property
    def is_chinese(self) -> bool:
        """Whether any of it is Chinese."""
        return any(word.chinese for word in self.core)


@lru_cache(maxsize=20_000)
def read_name(text: str) -> Name:
    """The words of a name, and its core."""
    words = read_words(text)
    kinds = [_ENGLISH.get(word.text) for word in words]
    kept: list[Word] = []
    ending: set[str] = set()
    i = 0
    while i < len(words):
        end = i
        while end < len(words) and kinds[end] is not None:
            end += 1
        run = {kind for kind in kinds[i:end] if kind}
        closes = end == len(words) and run and run <= {"i"} and kept
        if run & {"z", "p"} or closes:
            ending |= run | ({"h"} if words[end - 1].text in ("htz", "gaoxinqu", "hidz") else set())
        elif end == i:
            kept.append(words[i])
            end += 1
        else:
            kept += words[i:end]
        i = end
    if len(kept) > 1 and kept[-1].text in _ADMINISTRATIVE:
        kept.pop()
    kept = [*_without_endings(kept, ending)]
    core = [word for word in kept if word.text not in _STOP]
    if ending:
        core = [word for word in core if word.text != "national"]
    return Name(text, words, tuple(core), frozenset(ending))


def _without_endings(words: Sequence[Word], ending: set[str]) -> Iterator[Word]:
    """The words, the Chinese ones without a shared ending; notes what those had."""
    for word in words:
        text = word.text
        if word.chinese:
            found = _ENDING.search(text)
            if found and len(found[0]) > 1:
                ending |= {kind for part, kind in _CHINESE.items() if part in found[0]}
                text = re.sub("^国家级?", "", text[: found.start()])
            text = _SEAT.sub("", text)
        if text:
            yield Word(text, word.start, word.start + len(text), word.parts, word.chinese)


def joined(words: Sequence[Word]) -> str:
    """Words as one."""
    return "".join(word.text for word in words)


def starts(name: Name) -> Iterator[tuple[str, int, str]]:
    """Each place at which a name can be entered: what follows as one word, its number, and how.

    They are the words and Chinese characters of what tells the name apart, and their syllables in
    pinyin; number 0 is the beginning. Each is there twice: to the end of the name, and of its core.
    """
    chinese = any(word.chinese for word in name.words)
    for how, units in (("name", _letters), ("pinyin", _syllables))[: 1 + chinese]:
        whole, core = units(name.words), units(name.core)
        for i in range(len(core) or len(whole)):
            yield "".join(whole[i:]), i, how
        if len(core) < len(whole):
            for i in range(len(core)):
                yield "".join(core[i:]), i, "core"


def _letters(words: Sequence[Word]) -> list[str]:
    return [c for word in words for c in (word.text if word.chinese else [word.text])]


def _syllables(words: Sequence[Word]) -> list[str]:
    return [syllable for word in words for syllable in word.pinyin]


def slips(term: str) -> set[str]:
    """The beginning of a term with up to two letters left out, one where it is short.

    Two terms share one when a letter of theirs is wrong, missing, too many or swapped: so a
    misspelling finds its term by equality alone.
    """
    found = level = {term[:7]}
    for _ in range(2 if len(term) > 6 else 1):
        level = {part[:i] + part[i + 1 :] for part in level for i in range(len(part))}
        found = found | level
    return found
