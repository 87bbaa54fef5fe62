"""The sounds of Chinese characters: the syllables that `pypinyin.lazy_pinyin` gives, from its data.

As objects its dictionaries take 57 MB, which is most of what a server needs. Here they stay the
text of its files, with a sorted line for each phrase: where in the file its syllables begin.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_OF_PHRASES = "phrases_dict.json"
_PHRASE = re.compile('"([^"]+)": ')
_END = re.compile(r"\]\s*\]")
_FIRST = re.compile('[^",]+')
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
    phrase, _, at = _line(f"{text} ").partition(" ")
    if phrase != text:
        return []
    file = _file(_OF_PHRASES)
    end = _END.search(file, int(at))
    assert end
    return [*map(_plain, _SOUND.findall(file, int(at), end.end()))]


@cache
def _character(character: str) -> str:
    mark = f'"{ord(character)}": "'
    at = characters().find(mark)
    found = _FIRST.match(characters(), at + len(mark)) if at >= 0 else None
    return _plain(found[0]) if found else character


@cache
def _phrases() -> list[str]:
    return sorted(f"{found[1]} {found.end()}" for found in _PHRASE.finditer(_file(_OF_PHRASES)))


def characters() -> str:
    """The sounds of each character, as pypinyin has them, by its number."""
    return _file("pinyin_dict.json")


@cache
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
