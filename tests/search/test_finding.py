"""What is found on a toy index, in which order, and why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.database import Release
from app.search import finding, index, resolving
from app.search.finding import Sought
from app.search.resolving import Fit
from app.search.words import read_name


def ids(release: Release, text: str, *resources: str, suggest: bool = False) -> list[str]:
    find = finding.suggest if suggest else finding.search
    numbers = [hit.row for hit in find(release, text, resources, 10).hits]
    return [row.row_id for row in index.rows(release, numbers)]


def why(release: Release, text: str) -> tuple[str, str]:
    found = finding.search(release, text, (), 1)
    [hit] = found.hits
    [row] = index.rows(release, [hit.row])
    return finding.why(hit, Sought(found.name.told), row.passages)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("tea", "tea"),
        ("TEAS", "tea"),
        ("茶叶", "tea"),
        ("茶", "tea"),
        ("茶葉", "tea"),
        ("chaye", "tea"),
        ("cha ye", "tea"),
        ("biotea", "bio-tea"),
        ("bio tea", "bio-tea"),
        ("organic tea", "bio-tea"),
        ("xian", "xian"),
        ("xi an", "xian"),
        ("西安高新区", "xian"),
        ("haerbin", "harbin"),
        ("ha er bin", "harbin"),
        ("Harbni", "harbin"),
        ("哈耳滨", "harbin"),
        ("cafe zoe", "zoe"),
        ("shade silk", "zoe"),
        ("77", "suzhou"),
        ("shaanxi", "xian"),
        ("the opening of suzhou house", "opening"),
    ],
)
def test_the_row_that_is_meant_comes_first(toys: Release, text: str, first: str) -> None:
    assert ids(toys, text)[0] == first


def test_a_name_comes_before_its_beginning_before_words_before_ties_before_texts(
    toys: Release,
) -> None:
    assert ids(toys, "suzhou house") == ["suzhou", "opening", "silk"]
    assert ids(toys, "silk") == ["silk", "zoe"]
    scores = [hit.score for hit in finding.search(toys, "tea", (), 10).hits]
    assert scores == sorted(scores, reverse=True)


def test_common_words_find_the_same_rows_unranked(
    toys: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("tea", "suzhou house", "silk", "tea silk", "shaanxi", "chaye", "silk trombone")
    ranked = [{*ids(toys, text)} for text in words]
    for name in ("RANKED", "_COMMON", "_SEEN", "_USUAL"):
        monkeypatch.setattr(index, name, 1)
    large = Release(toys.name, toys.engine, toys.built_at, toys.path)
    assert [{*ids(large, text)} for text in words] == ranked


def test_only_rows_of_the_resources_asked_for(toys: Release) -> None:
    assert ids(toys, "silk", "shops") == ["zoe"]
    assert ids(toys, "silk", "notes") == []


def test_rows_with_some_of_the_words_are_a_last_resort(toys: Release) -> None:
    assert set(ids(toys, "silk trombone")) == {"silk", "zoe"}


def test_the_total_counts_what_is_not_shown(toys: Release) -> None:
    found = finding.search(toys, "tea", (), 1)
    assert (len(found.hits), found.total) == (1, 3)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("su", "suzhou"),
        ("Hous", "suzhou"),
        ("苏", "suzhou"),
        ("ha er b", "harbin"),
        ("7", "suzhou"),
    ],
)
def test_names_go_on_as_one_types(toys: Release, text: str, first: str) -> None:
    assert ids(toys, text, suggest=True)[0] == first


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("silk", ("name", "«Silk»")),
        ("bio tea", ("name", "«Bio-tea»")),
        ("shaanxi", ("related", "«Shaanxi»")),
        ("shade", ("text", "Tea and silk in the «shade»")),
        ("sichou", ("name", "«丝绸»")),
        ("苏州", ("name", "«苏州»高新区")),
    ],
)
def test_a_hit_says_why(toys: Release, text: str, reason: tuple[str, str]) -> None:
    assert why(toys, text) == reason


def test_a_long_text_is_cut_around_what_matched() -> None:
    passage = index.Passage("text", index.Kind.TEXT, "lorem " * 100 + "silk" + " ipsum" * 100)
    sought = Sought(read_name("silk").told)
    _, snippet = finding.why(finding.Hit(1, 1.0), sought, [(1, passage)])
    assert "«silk»" in snippet
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert len(snippet) < 170


@pytest.mark.parametrize(
    ("text", "resource", "answer"),
    [
        ("Suzhou House", "shops", ("suzhou", Fit.EXACT)),
        ("77", "shops", ("suzhou", Fit.EXACT)),
        ("Harbin Hi-Tech Zone", "shops", ("harbin", Fit.ALIAS)),
        ("organic teas", "wares", ("bio-tea", Fit.ALIAS)),
        ("haerbin", "shops", ("harbin", Fit.PINYIN)),
        ("Harbni", "shops", ("harbin", Fit.FUZZY)),
        ("Xi'an, Shaanxi", "shops", ("xian", Fit.FUZZY)),
        ("Xi'an, Shaanxi", "wares", None),
        ("Nannjing", "shops", ("nanjing", Fit.FUZZY)),
        ("Nanjin", "shops", ("nanjing", Fit.FUZZY)),
        ("Nanping", "shops", None),
        ("南平", "shops", None),
        ("Zone", "shops", None),
        ("高新区", "shops", None),
        ("78", "shops", None),
        ("🙂", "shops", None),
    ],
)
def test_a_name_is_resolved_or_nothing_is(
    toys: Release, text: str, resource: str, answer: tuple[str, Fit] | None
) -> None:
    found = resolving.resolve(toys, text, resource)
    best = [(one.id, one.match) for one in found if one.match != Fit.NONE][:1]
    assert best == ([answer] if answer else [])
    assert all(0 <= one.score <= 1 for one in found)


SIGNS = st.text(st.sampled_from("\"'*^:(){}+-~,.%_\\\0;&|<> NEARORANDNOT 苏州ab😀"), max_size=200)


@given(st.one_of(st.text(max_size=200), SIGNS))
@settings(deadline=None, max_examples=300)
def test_nothing_that_is_typed_breaks_a_query(toys: Release, text: str) -> None:
    for found in (finding.search(toys, text, (), 5), finding.suggest(toys, text, ("shops",), 5)):
        for hit in found.hits:
            [row] = index.rows(toys, [hit.row])
            assert finding.why(hit, Sought(found.name.told), row.passages)
    assert len(resolving.resolve(toys, text, "shops")) <= resolving.MOST


@pytest.mark.parametrize("text", ["a " * 100, "苏" * 200, "a-" * 100, "苏a" * 100, "x" * 200])
def test_a_text_as_long_as_allowed_is_answered(toys: Release, text: str) -> None:
    finding.search(toys, text, ("shops", "wares"), 5)
    resolving.resolve(toys, text, "shops")
