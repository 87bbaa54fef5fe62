"""Every operator of every family equals a plain Python reading of the rows.

A condition is 1 where it is certain, 0 where it is excluded and 0.5 where the date is too
imprecise to decide; `and` is the least of several, `or` the greatest.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from itertools import combinations
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Release, Releases
from app.query.fields import OneOf
from app.query.parameters import ListQuery
from app.query.problems import Problem
from app.query.values import parse_span
from tests.query.conftest import (
    CONDITIONS,
    DATES,
    PARENTS,
    QUICK,
    SHELVES,
    Book,
    BookQuery,
    Library,
    Row,
    Span,
    ask,
    books,
    ids,
    lineage,
)

Asked = list[tuple[str, list[str]]]
POOL: dict[str, list[str]] = {
    "shelf": list(SHELVES),
    "genre": list(PARENTS),
    "year": ["1999", "2000", "2001", "2002"],
    "price": ["-1.5", "0", "0.1", "1e1", "20"],
    "title": ["A", "a b", "B", "50% off_", "書", "%", "_", " ", "b"],
    "signed": ["true", "false"],
    "printed": ["2009", "2010", "2011", "2010-06", "2010-12", "2010-06-15", "2010-06-30"],
    "condition": list(CONDITIONS),
    "topic": list(PARENTS),
    "edition": ["latest", "all"],
}
NAMES = [n for n, p in BookQuery.parameters.items() if p.field and p.field.name in POOL]
DAYS = range(date(2008, 1, 1).toordinal(), date(2013, 1, 1).toordinal())
"""All days there are: an open end reaches as far."""


def values_of(name: str) -> list[str]:
    return ["known", "unknown"] if name.endswith("__state") else POOL[name.split("__")[0]]


@cache
def on_every_day(interval: Span, operator: str, asked: str) -> float:
    """Whether it holds for every day of the interval, for none, or for some."""
    span = parse_span(asked)
    first, last = date.fromisoformat(span.start), date.fromisoformat(span.end)
    start, end = (date.fromisoformat(day).toordinal() if day else None for day in interval[1:])
    days = {
        "": range(first.toordinal(), last.toordinal() + 1),
        "gt": range(last.toordinal() + 1, DAYS.stop),
        "gte": range(first.toordinal(), DAYS.stop),
        "lt": range(DAYS.start, first.toordinal()),
        "lte": range(DAYS.start, last.toordinal() + 1),
    }[operator]
    meant = [day in days for day in range(start or DAYS.start, (end or DAYS.stop - 1) + 1)]
    return 1 if all(meant) else 0.5 if any(meant) else 0


def printed(row: Row, operator: str, asked: list[str]) -> float:
    if row.printed[0] is None:
        return 0
    if operator == "not":
        return 1 - printed(row, "", asked)
    return max(on_every_day(row.printed, operator, one) for one in asked)


def keys(row: Row, name: str) -> set[str]:
    """What a row answers to when it is asked for one of several."""
    own: dict[str, Iterable[str]] = {
        "genre": lineage(row.genre),
        "genre__exact": [row.genre] if row.genre else [],
        "condition": row.conditions,
        "topic": (broader for topic in row.topics for broader in lineage(topic)),
        "topic__exact": row.topics,
        "signed": [] if row.signed is None else [str(row.signed).lower()],
    }
    if name in own:
        return set(own[name])
    value = getattr(row, name)
    return set() if value is None else {str(value)}


def truth(row: Row, name: str, asked: list[str]) -> float:
    """A plain reading of one parameter."""
    field, _, operator = name.partition("__")
    if operator == "state":
        known = row.printed[0] is not None if field == "printed" else bool(keys(row, field))
        return known == (asked == ["known"])
    if field == "printed":
        return printed(row, operator, asked)
    if field == "edition":
        return asked == ["all"] or row.edition == "latest"
    if field in ("year", "price"):
        value, numbers = getattr(row, field), [float(one) for one in asked]
        compare: dict[str, Callable[[], bool]] = {
            "": lambda: value in numbers,
            "not": lambda: value not in numbers,
            "gt": lambda: value > numbers[0],
            "gte": lambda: value >= numbers[0],
            "lt": lambda: value < numbers[0],
            "lte": lambda: value <= numbers[0],
        }
        return value is not None and compare[operator]()
    if operator in ("contains", "prefix"):
        title, part = (row.title or "").lower(), asked[0].lower()
        return part in title if operator == "contains" else title.startswith(part)
    own = keys(row, name if operator == "exact" else field)
    if operator == "all":
        return set(asked) <= own
    if operator == "not":
        return (bool(own) or field in ("condition", "topic")) and not own & set(asked)
    return bool(own & set(asked))


def compare(release: Release, rows: list[Row], asked: Asked) -> None:
    """What the release answers is what a plain reading of `rows` gives."""
    latest: Asked = [] if "edition" in dict(asked) else [("edition", ["latest"])]
    verdicts = {row.id: min(truth(row, *one) for one in asked + latest) for row in rows}
    certain = sorted(name for name, verdict in verdicts.items() if verdict == 1)
    question = urlencode(asked, doseq=True)
    page = ask(release, f"{question}&limit=1000&total=exact")
    assert ids(page) == certain, question
    assert page.total == ask(release, f"{question}&limit=0").total == len(certain), question
    assert page.undecided == list(verdicts.values()).count(0.5), question


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, list[Row]]:
    """A row for every value of every field, and one of which nothing is known."""
    made: list[dict[str, object]] = [{}, {"edition": "older"}]
    made += [{"shelf": shelf} for shelf in SHELVES]
    made += [{"genre": genre, "topics": (genre,)} for genre in PARENTS]
    made += [{"topics": pair} for pair in combinations(PARENTS, 2)]
    made += [{"year": year, "price": year - 2000.0} for year in (1999, 2000, 2001)]
    made += [{"price": price} for price in (-1.5, 0.1, 10.0, 20.0)]
    made += [{"title": title} for title in ("A", "a b", "B", "50% off_", "500 off-", "書")]
    made += [{"signed": signed} for signed in (True, False)]
    made += [{"printed": interval} for interval in DATES.values()]
    made += [{"conditions": some} for n in (1, 2, 3) for some in combinations(CONDITIONS, n)]
    made += [{"lost": ("fine",), "conditions": ("poor",)}, {"lost": ("good",)}]
    rows = [Row(**{"id": f"b{n:02}", **own}) for n, own in enumerate(made)]  # type: ignore[arg-type]
    return Library(Releases(tmp_path_factory.mktemp("grid"))).publish(rows), rows


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_every_operator_equals_a_plain_reading(
    grid: tuple[Release, list[Row]], name: str
) -> None:
    values = values_of(name)
    most = 3 if BookQuery.parameters[name].repeats else 1
    for several in (some for n in range(1, most + 1) for some in combinations(values, n)):
        compare(*grid, [(name, list(several))])


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Several parameters with their values."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    return [
        (name, draw(st.lists(st.sampled_from(values_of(name)), min_size=1, max_size=most)))
        for name in names
        for most in [3 if BookQuery.parameters[name].repeats else 1]
    ]


@QUICK
@given(rows=books(), asked=st.lists(questions(), min_size=3, max_size=3))
def test_random_questions_on_random_rows_equal_a_plain_reading(
    library: Library, rows: list[Row], asked: list[Asked]
) -> None:
    release = library.publish(rows)
    for question in asked:
        compare(release, rows, question)


FEW = [
    Row("a", "s-n", "noir", 1999, 2.5, "Über all", True, DATES["2010-06-15"], "latest", ("fine",)),
    Row("b", "s-s", "crime", 2000, 3.0, "100% cotton", False, DATES["2010"], topics=("haiku",)),
    Row("c", "s-s", "poetry", 2001, printed=DATES["2010-06/.."], conditions=("fine", "good")),
    Row("d", printed=DATES["2010~"], lost=("fine",), topics=("poetry", "noir")),
    Row("e"),
    Row("f", "s-n", edition="older"),
]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Library(Releases(tmp_path_factory.mktemp("few"))).publish(FEW)


@pytest.mark.parametrize(
    ("question", "answer", "undecided"),
    [
        ("shelf=s-n", "a", 0),
        ("shelf=s-n&edition=all", "af", 0),
        ("shelf=s-n&shelf=s-s", "abc", 0),
        ("shelf__not=s-s", "a", 0),
        ("shelf__state=unknown", "de", 0),
        ("genre=crime", "ab", 0),
        ("genre__exact=crime", "b", 0),
        ("genre__not=crime", "c", 0),
        ("year__gt=1999&year__lte=2000", "b", 0),
        ("year__not=2000", "ac", 0),
        ("price__gte=2.5&price__lt=3", "a", 0),
        ("title__contains=%25", "b", 0),
        ("title__prefix=100", "b", 0),
        ("title__contains=COTT", "b", 0),
        ("signed=false", "b", 0),
        ("condition=fine", "ac", 0),
        ("condition__all=fine&condition__all=good", "c", 0),
        ("condition__not=fine", "bde", 0),
        ("condition__state=unknown", "bde", 0),
        ("topic=poetry", "bd", 0),
        ("topic__exact=poetry", "d", 0),
        ("topic__all=poetry&topic__all=crime", "d", 0),
        ("topic__not=haiku", "acde", 0),
        ("printed=2010", "ab", 2),
        ("printed=2010-06", "a", 3),
        ("printed__not=2010-06", "", 3),
        ("printed__not=2009", "abc", 1),
        ("printed__gt=2010-06-14", "a", 3),
        ("printed__gte=2010-06", "ac", 2),
        ("printed__lt=2011", "ab", 2),
        ("printed__lte=2010", "ab", 2),
        ("printed__gte=2010&shelf=s-s", "bc", 0),
        ("printed__state=known", "abcd", 0),
        ("printed__state=unknown&printed__not=2009", "", 0),
    ],
)
def test_a_question_has_the_answer_that_a_reader_expects(
    few: Release, question: str, answer: str, undecided: int
) -> None:
    page = ask(few, question)
    assert ("".join(ids(page)), page.undecided) == (answer, undecided)


@pytest.mark.parametrize("field", ["shelf", "genre", "year", "price", "signed", "printed"])
def test_an_unknown_value_is_never_among_those_that_are_not(
    grid: tuple[Release, list[Row]], field: str
) -> None:
    unknown = set(ids(ask(grid[0], f"{field}__state=unknown&limit=1000")))
    assert unknown
    for value in POOL[field]:
        assert unknown.isdisjoint(ids(ask(grid[0], f"{field}__not={value}&limit=1000")))


def test_words_are_compared_whole_as_they_stand(few: Release) -> None:
    assert ids(ask(few, urlencode({"title": "100% COTTON"}))) == []
    assert ids(ask(few, urlencode({"title__contains": "100% COTTON"}))) == ["b"]


def test_a_text_with_a_nul_is_refused(few: Release) -> None:
    with pytest.raises(Problem, match="NUL"):
        ask(few, "title__contains=%00zzz")


def test_a_field_may_not_take_a_name_that_a_query_uses_itself() -> None:
    with pytest.raises(TypeError, match="limit"):

        class Clash(ListQuery, resource="toy-clash", table=Book):
            limit = OneOf(Book.id, str, "Taken.")  # type: ignore[assignment]


def test_a_column_that_is_never_null_cannot_be_asked_for_its_state() -> None:
    assert "id" in BookQuery.parameters
    assert "id__state" not in BookQuery.parameters
