"""The sounds of Chinese characters: the syllables that `pypinyin.lazy_pinyin` gives, from its data.

As objects its dictionaries take 57 MB, which is most of what a server needs. Here they stay text:
phrases as sorted lines, each with its syllables, and characters in the file as it is.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_PHRASE = re.compile(r'"([^"]+)": (\[\s*\[.*?\]\s*\])', re.DOTALL)
_SOUND = re.compile(r'\[\s*"([^"]*)"')
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))


@lru_cache(maxsize=10_000)
def sounds(text: str) -> list[str]:
    """The syllables of Chinese characters: of the longest phrases that are known, else of each."""
    return [sound for part in _parts(text) for sound in (_phrase(part) or map(_character, part))]


def _parts(text: str) -> Iterator[str]:
    """The phrases and single characters that a text consists of, as pypinyin parts it."""
    while text:
        known, end = 1, 1
        while end <= len(text) and _begins(text[:end]):
            known = end if _phrase(text[:end]) else known
            end += 1
        if end > len(text) and not _phrase(text[:known]):
            yield from text
            return
        yield text[:known]
        text = text[known:]


def _line(text: str) -> str:
    """The first line that does not come before a text."""
    lines = _phrases()
    at = bisect_left(lines, text)
    return lines[at] if at < len(lines) else ""


def _begins(text: str) -> bool:
    return _line(text).startswith(text)


def _phrase(text: str) -> list[str]:
    """The syllables of a phrase; none if it is not known as one."""
    phrase, *found = _line(f"{text} ").split() or [""]
    return found if phrase == text else []


@cache
def _character(character: str) -> str:
    found = re.search(f'"{ord(character)}": "([^",]+)', characters())
    return _plain(found[1]) if found else character


@cache
def _phrases() -> list[str]:
    text = _file("phrases_dict.json")
    return sorted(
        " ".join((found[1], *map(_plain, _SOUND.findall(found[2]))))
        for found in _PHRASE.finditer(text)
    )


@cache
def characters() -> str:
    """The sounds of each character, as pypinyin has them, by its number."""
    return _file("pinyin_dict.json")


def _file(name: str) -> str:
    found = find_spec("pypinyin")  # without what importing it loads
    assert found
    assert found.origin
    return Path(found.origin).with_name(name).read_text(encoding="utf-8")


@cache
def _plain(sound: str) -> str:
    """A syllable without its tone, v standing for ü."""
    bare = unicodedata.normalize("NFD", sound).translate(_TONES)
    return unicodedata.normalize("NFC", bare).replace("ü", "v")
