"""Every word that a page asks for is there, in both languages."""

import re
from string import Formatter

from app.explorer.view import HERE
from app.explorer.words import WORDS

_ASKED = re.compile(r"""(?:\bt|\bsay)\(\s*"([^"{}]+)"\s*[,)]""")


def test_every_word_that_is_asked_for_is_there() -> None:
    asked = {
        key
        for folder, kind in ((HERE, "*.py"), (HERE / "templates", "*.html"))
        for file in folder.glob(kind)
        for key in _ASKED.findall(file.read_text(encoding="utf-8"))
    }
    assert len(asked) > 100
    assert sorted(asked - WORDS.keys()) == []


def test_both_languages_say_the_same_values() -> None:
    for key, words in WORDS.items():
        english, chinese = ({name for _, name, *_ in Formatter().parse(w) if name} for w in words)
        assert english == chinese, key
