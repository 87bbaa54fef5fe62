"""The tokeniser: what is typed in different ways gives the same words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from app.search.sounds import sounds
from app.search.words import read_name, read_words, slips, starts, stem


def tokens(text: str) -> list[str]:
    return [token for word in read_words(text) for token in word.tokens]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bio-Medicine", "biomedicine"),
        ("bio\u2010medicine", "biomedicine"),
        ("Xi'an", "xian"),
        ("Xi’an", "XIAN"),
        ("Ürümqi", "urumqi"),
        ("U\u0308ru\u0308mqi", "urumqi"),
        ("ＢＡＩＹＩＮ", "baiyin"),
        ("Straße", "STRASSE"),
        ("蘇州工業園區", "苏州工业园区"),
        ("Tea & Silk", "tea and silk"),
        ("“一带一路”", "一带一路"),
    ],
)
def test_spellings_of_the_same_are_one(one: str, other: str) -> None:
    assert read_name(one).key == read_name(other).key


def test_chinese_gives_pairs_and_single_characters() -> None:
    assert tokens("生物医药") == ["生物", "物医", "医药", "生", "物", "医", "药"]
    assert tokens("茶") == ["茶"]


def test_a_word_with_a_hyphen_is_found_whole_and_in_parts() -> None:
    assert tokens("bio-medicine") == ["biomedicine", "bio", "medicine"]


def test_a_hyphen_between_numbers_or_alone_joins_nothing() -> None:
    assert tokens("37028-2018 a - b -c") == ["37028", "2018", "a", "b", "c"]


def test_scripts_are_parted_where_they_meet() -> None:
    assert [word.text for word in read_words("5G通信AI")] == ["5g", "通信", "ai"]


def test_words_know_where_they_stand() -> None:
    text = "The Xi’an zone, 西安高新区 (Ürümqi)"
    assert [text[w.start : w.end] for w in read_words(text)] == [
        "The",
        "Xi’an",
        "zone",
        "西安高新区",
        "Ürümqi",
    ]


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [("batteries", "battery"), ("robots", "robot"), ("gas", "gas"), ("glass", "glass")],
)
def test_plurals_are_folded(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("Baiyin National High-Tech Industrial Development Zone", "baiyin"),
        ("Suzhou National New & Hi-tech Industrial Development Zone", "suzhou"),
        ("Xian HTZ", "xian"),
        ("zhuzhou gaoxinqu", "zhuzhou"),
        ("西安国家级高新区", "西安"),
        ("国家级白银高新区", "白银"),
        ("苏州工业园区", "苏州"),
        ("深圳市高新技术产业园区", "深圳"),
        ("Shaanxi Province", "shaanxi"),
        ("甘肃省", "甘肃"),
        ("新材料产业", "新材料"),
        ("High-tech services", "hightechservices"),
        ("National Bureau of Statistics", "nationalbureaustatistics"),
        ("High-tech Zone", ""),
        ("高新技术产业开发区", ""),
    ],
)
def test_endings_that_names_share_are_set_apart(text: str, core: str) -> None:
    assert read_name(text).core_key == core


def test_a_name_is_entered_at_every_word_character_and_syllable() -> None:
    entered = {(key, start) for key, start, _ in starts(read_name("上海张江园区"))}
    assert {("张江园区", 2), ("张江", 2), ("上海张江", 0), ("zhangjiang", 2)} <= entered
    assert {key for key, _, _ in starts(read_name("East Lake"))} == {"eastlake", "lake"}


@pytest.mark.parametrize("meant", ["shenyang", "zhuzhou", "biomedicine", "hefei"])
def test_a_slip_shares_a_key_with_its_word(meant: str) -> None:
    for i in range(1, len(meant) - 1):
        missing, wrong = meant[:i] + meant[i + 1 :], meant[:i] + "x" + meant[i + 1 :]
        swapped = meant[:i] + meant[i + 1] + meant[i] + meant[i + 2 :]
        for typed in (missing, wrong, swapped, meant[:i] + "x" + meant[i:]):
            assert slips(typed) & slips(meant), typed


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=300)
def test_tokens_are_letters_and_digits_whatever_is_typed(text: str) -> None:
    for word in read_words(text):
        assert 0 <= word.start < word.end <= len(text)
        assert all(map(str.isalnum, word.tokens))
        assert all(token == token.casefold() for token in word.tokens)
    assert read_name(text).told is not None


HAN = st.text(st.sampled_from("重庆长春沙厦门六安行乐大绿女一不了觉\u9fa6㐀"), max_size=8)


@given(HAN)
@settings(deadline=None, max_examples=300)
def test_sounds_are_those_that_pypinyin_gives(text: str) -> None:
    assert sounds(text) == lazy_pinyin(text)


def test_every_phrase_sounds_as_pypinyin_says() -> None:
    phrases = [*PHRASES_DICT][::50]
    assert [sounds(one) for one in phrases] == [lazy_pinyin(one) for one in phrases]
