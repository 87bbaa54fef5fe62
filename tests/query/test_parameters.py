"""From a query string to what it asks: every flaw is told, and the correction can be asked."""

import json
from itertools import permutations
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Release, Releases
from app.query.parameters import MOST_VALUES, Pairs, address
from app.query.problems import InvalidValue, Problem, UnknownParameter
from app.query.reading import split, understand
from tests.query.conftest import CONDITIONS, PATH, QUICK, BookQuery, Library, Row, parsed

KNOWN = list(BookQuery.parameters)
PLAIN = [name for name in KNOWN if "__" not in name]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    rows = [Row("emma", "s-n"), Row("faust", "s-s")]
    return Library(Releases(tmp_path_factory.mktemp("books"))).publish(rows)


def refused(release: Release, query_string: str) -> Problem:
    with pytest.raises(Problem) as caught:
        parsed(release, query_string)
    assert caught.value.status == 422
    return caught.value


def corrected(problem: Problem) -> str:
    """The one corrected request that all flaws of a problem name."""
    (url,) = {flaw.corrected for flaw in problem.errors}
    assert url is not None
    assert urlsplit(url).path == PATH
    return urlsplit(url).query


@pytest.mark.parametrize(
    ("query_string", "name", "guess", "allowed", "correct"),
    [
        ("yaer=2000", "yaer", "year", PLAIN, "year=2000"),
        ("yaer=1", "yaer", "year", PLAIN, ""),
        ("Year=2000&shelf=s-n", "Year", "year", PLAIN, "year=2000&shelf=s-n"),
        ("yaer=2000&year=1999", "yaer", "year", PLAIN, "year=1999"),
        ("zzzzzz=1&limit=5", "zzzzzz", None, PLAIN, "limit=5"),
        ("=1", "", None, PLAIN, ""),
        ("shelff=North Wing", "shelff", "shelf", PLAIN, "shelf=s-n"),
        ("srot=-yaer,id", "srot", "sort", PLAIN, "sort=-year,id"),
        *(
            (f"{field}__{wrong}=x", f"{field}__{wrong}", guess, own, "")
            for field, wrong, guess in (
                ("year", "gtt", "year__gt"),
                ("condition", "al", "condition__all"),
                ("printed", "equals", "printed"),
            )
            for own in [[n for n in KNOWN if n.split("__")[0] == field]]
        ),
    ],
)
def test_an_unknown_parameter_is_answered_with_the_nearest_and_the_allowed(
    release: Release,
    query_string: str,
    name: str,
    guess: str | None,
    allowed: list[str],
    correct: str,
) -> None:
    problem = refused(release, query_string)
    assert isinstance(problem, UnknownParameter)
    (flaw,) = problem.errors
    assert (flaw.parameter, flaw.did_you_mean, flaw.allowed) == (name, guess, allowed)
    assert corrected(problem) == correct


def test_an_unknown_operator_is_answered_with_one_of_the_same_field(release: Release) -> None:
    (flaw,) = refused(release, "year__contains=20").errors
    assert flaw.did_you_mean is None
    assert "year__gt" in (flaw.allowed or [])


FULL = "&".join(f"title={n}" for n in range(MOST_VALUES))
SORTS = ",".join(["year"] * 8)
STATES = ["known", "unknown"]
IDS = ["s-n", "s-s", "s-x"]


@pytest.mark.parametrize(
    ("query_string", "flaw", "correct"),
    [
        ("limit=1&limit=2", {"parameter": "limit"}, "limit=1"),
        ("year__gt=2000&year__gt=2000", {"parameter": "year__gt"}, "year__gt=2000"),
        ("sort=year&sort=id", {"parameter": "sort"}, "sort=year"),
        ("shelf=", {"parameter": "shelf", "value": ""}, ""),
        ("shelf", {"parameter": "shelf", "value": ""}, ""),
        ("sort=year,,id", {"parameter": "sort", "value": ""}, "sort=year,id"),
        ("cursor=", {"parameter": "cursor", "value": ""}, ""),
        ("limit=1001", {"value": "1001"}, ""),
        ("limit=-1&shelf=s-n", {"value": "-1"}, "shelf=s-n"),
        ("limit=ten", {"value": "ten"}, ""),
        ("year=1899&year=2000", {"value": "1899"}, "year=2000"),
        ("year=2000.5", {"value": "2000.5"}, ""),
        ("price=nan", {"value": "nan"}, ""),
        ("price__gt=-inf", {"value": "-inf"}, ""),
        ("price__lt=1e999", {"value": "1e999"}, ""),
        ("printed=2010-02-30", {"value": "2010-02-30"}, ""),
        ("printed__gte=2010-13&printed__lt=2011", {"value": "2010-13"}, "printed__lt=2011"),
        ("signed=yes", {"value": "yes"}, ""),
        (
            "shelf=North Wing",
            {"value": "North Wing", "did_you_mean": "s-n", "allowed": IDS},
            "shelf=s-n",
        ),
        ("shelf__not=%E5%8C%97", {"did_you_mean": "s-n", "allowed": IDS}, "shelf__not=s-n"),
        ("shelf=S-N&shelf=s-s", {"did_you_mean": "s-n", "allowed": IDS}, "shelf=s-n&shelf=s-s"),
        ("shelf=attic", {"did_you_mean": None, "allowed": IDS}, ""),
        ("id=ema", {"did_you_mean": "emma", "allowed": ["emma", "faust"]}, "id=emma"),
        ("condition=god", {"did_you_mean": "good", "allowed": list(CONDITIONS)}, "condition=good"),
        (
            "printed__state=knwn",
            {"did_you_mean": "known", "allowed": STATES},
            "printed__state=known",
        ),
        ("edition=al", {"did_you_mean": "all", "allowed": ["latest", "all"]}, "edition=all"),
        ("sort=-yaer", {"value": "-yaer", "did_you_mean": "-year"}, "sort=-year"),
        (f"{FULL}&title=x", {"parameter": "title"}, FULL),
        (f"sort={SORTS},id", {"parameter": "sort"}, f"sort={SORTS}"),
        (f"title={'x' * 201}", {"parameter": "title"}, ""),
        (f"cursor={'x' * 2001}", {"parameter": "cursor"}, ""),
        (f"release={'x' * 161}", {"parameter": "release"}, ""),
        pytest.param("total=exct", {"did_you_mean": "exact", "allowed": ["exact"]}, "total=exact"),
    ],
)
def test_a_value_that_cannot_be_used_is_answered_with_what_can(
    release: Release, query_string: str, flaw: dict[str, Any], correct: str
) -> None:
    problem = refused(release, query_string)
    assert isinstance(problem, InvalidValue)
    (found,) = problem.errors
    assert {name: getattr(found, name) for name in flaw} == flaw
    assert corrected(problem) == correct


def test_a_hundred_values_and_eight_keys_are_allowed(release: Release) -> None:
    query = parsed(release, f"{FULL}&sort={SORTS}")
    assert len(query.conditions["title"].values) == 100
    assert len(query.sort) == 9


def test_a_long_vocabulary_is_not_listed(library: Library) -> None:
    many = library.publish(Row(f"b{n}") for n in range(MOST_VALUES + 1))
    (flaw,) = refused(many, "id=b-7").errors
    assert (flaw.allowed, flaw.did_you_mean) == (None, "b7")


def test_all_flaws_of_a_request_are_told_at_once(release: Release) -> None:
    problem = refused(release, "yaer=2000&limit=0&limit=x&shelf=&printed=2010-13&shelf=cellar&a=b")
    found = [(flaw.parameter, flaw.value) for flaw in problem.errors]
    assert [name for name, _ in found] == ["yaer", "limit", "shelf", "shelf", "printed", "a"]
    assert [value for _, value in found if value is not None] == ["", "cellar", "2010-13"]
    assert all(flaw.message in problem.detail for flaw in problem.errors)
    assert corrected(problem) == "year=2000&limit=0&shelf=s-x"


@pytest.mark.parametrize(
    "query_string",
    [
        "year__gtt=2000&year__gtx=2001",
        "year__gtt=x&year__gtx=2001",
        "&".join(f"{name}=s-n" for name in ("shelff", "shelfe") for _ in range(60)),
    ],
)
def test_two_spellings_of_one_name_are_corrected_to_one(
    release: Release, query_string: str
) -> None:
    assert parsed(release, corrected(refused(release, query_string))).conditions


@pytest.mark.parametrize(
    "query_string",
    [b"title=%ff", b"title=%e4%b9", b"%c3=1", "title=书".encode(), b"&".join([b"a=1"] * 1001)],
)
def test_a_query_string_that_cannot_be_read_is_refused(query_string: bytes) -> None:
    with pytest.raises(InvalidValue, match="cannot be read"):
        split(query_string)


def test_an_escape_that_is_none_is_taken_as_it_stands() -> None:
    assert split(b"title=%zz&title=%&title=50%25+off") == [
        ("title", "%zz"),
        ("title", "%"),
        ("title", "50% off"),
    ]


_SCALARS = st.characters(exclude_categories=["Cs"])
_SENSIBLE = (
    *("s-n", "North Wing", "crime", "2000", "-1.5", "emma", "true", "2010-06", "fine", "known"),
    *("all", "exact", "year,-price", "-yaer,id", "5", "toy-0"),
)
_ODD = ("", "nan", "-inf", "1e999", "9" * 400, "2010-13", "id,,id", "+1", "%", "&=#", "a\0b", "书")
_NAMES = st.sampled_from(KNOWN)
_MISSPELT = st.builds(
    lambda name, at, put: name[: at % len(name)] + put + name[at % len(name) + 1 :],
    _NAMES,
    st.integers(0, 20),
    st.sampled_from(["", "_", "x", "E"]),
)
_VALUES = st.sampled_from(_SENSIBLE + _ODD) | st.text(_SCALARS, max_size=12)
_PAIRS = st.lists(
    st.tuples(_NAMES | _NAMES | _MISSPELT | st.text(_SCALARS, max_size=8), _VALUES), max_size=7
)


def attempt(release: Release, pairs: Pairs) -> BookQuery | Problem:
    try:
        return understand(BookQuery, PATH, pairs, release)
    except Problem as problem:
        return problem


@QUICK
@given(pairs=_PAIRS)
def test_any_request_is_understood_or_refused_with_one_that_is(
    release: Release, pairs: Pairs
) -> None:
    problem = attempt(release, pairs)
    if isinstance(problem, Problem):
        assert problem.status == 422
        assert {flaw.parameter for flaw in problem.errors} <= set(dict(pairs))
        parsed(release, corrected(problem))


@QUICK
@given(pairs=_PAIRS.map(lambda pairs: [p for p in pairs if p[0] in KNOWN and p[1] in _SENSIBLE]))
def test_the_address_of_the_next_page_asks_the_same(release: Release, pairs: Pairs) -> None:
    query = attempt(release, pairs)
    if isinstance(query, Problem):
        return
    following = parsed(release, urlsplit(query.link("there")).query)
    assert following.scalar("cursor") == "there"
    assert (following.digest, following.limit) == (query.digest, query.limit)


@QUICK
@given(pairs=_PAIRS)
def test_an_address_can_be_split_again(pairs: Pairs) -> None:
    assert split(urlsplit(address(PATH, pairs)).query.encode()) == pairs


def test_order_does_not_matter_to_the_canonical_form(release: Release) -> None:
    pairs = [("shelf", "s-n"), ("shelf", "s-s"), ("year__gt", "2000"), ("sort", "year,id")]
    forms = {
        (query.canonical, query.digest)
        for order in permutations([*pairs, ("shelf", "s-n")])
        for query in [parsed(release, urlencode(order))]
    }
    assert len(forms) == 1
    ((canonical, _),) = forms
    assert json.loads(canonical)["shelf"] == ["s-n", "s-s"]


def test_different_questions_differ_in_their_canonical_form(release: Release) -> None:
    asked = [
        *("", "shelf=s-n", "shelf=s-s", "shelf=s-n&shelf=s-s", "shelf__not=s-n", "sort=year"),
        *("sort=-year", "sort=year,title", "sort=title,year", "year=2000", "year__gte=2000"),
        *("printed=2010", "printed=2010-01", "price=0.1", "price=0.10000001", "title=a,b"),
        *(
            "title=a&title=b",
            "edition=all",
            "signed=true",
            "signed=false",
            "limit=1",
            "total=exact",
        ),
    ]
    forms = [parsed(release, one).canonical for one in asked]
    assert len(set(forms)) == len(asked)
    paging = [parsed(release, one).digest for one in asked[:-2]]
    assert len(set(paging)) == len(asked) - 2
    assert parsed(release, "limit=1").digest == parsed(release, "total=exact").digest


def test_what_was_understood_is_shown_with_its_types_and_narrower_genres(release: Release) -> None:
    query = parsed(
        release,
        "shelf=s-n&genre=crime&topic__exact=crime&year__gt=2000&printed=2010-06&sort=-year,id"
        "&signed=true",
    )
    assert query.understood() == {
        "shelf": ["s-n"],
        "genre": ["crime", "noir"],
        "topic__exact": ["crime"],
        "year__gt": 2000,
        "printed": ["2010-06"],
        "sort": ["-year", "id"],
        "signed": [True],
    }
