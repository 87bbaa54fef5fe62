"""Values: what each type reads and refuses, the nearest word of a vocabulary, texts of cursors."""

import base64
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.query.pages import Cursor
from app.query.values import (
    Flag,
    Number,
    PartialDate,
    Slug,
    Span,
    State,
    Text,
    Whole,
    Year,
    nearest,
    parse_span,
)
from tests.query.conftest import JSON, QUICK, VOCABULARIES, Library, Row, packed, statements


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2010", "2010-01-01", "2010-12-31"),
        ("2010-02", "2010-02-01", "2010-02-28"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2010-09-30", "2010-09-30", "2010-09-30"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_a_date_is_its_first_and_last_day(text: str, start: str, end: str) -> None:
    assert parse_span(text) == Span(text, start, end)
    assert str(parse_span(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("0000", "2010-00", "2010-13", "2010-02-29", "2010-04-31", "2010-01-00", "1900-02-29"),
        *("", "10", "20100", "2010-9", "2010-9-01", "201009", "2010-09-1", "2010-", "2010/09"),
        *("-2010", "+2010", " 2010", "2010\n", "2010-09-30T00:00", "2010~", "../2010", "201X"),
        *("２０１０", "٢٠١٠", "2010－09", "today", "NaN"),
    ],
)
def test_what_is_in_no_calendar_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|in the calendar"):
        parse_span(text)


def test_only_a_text_is_a_date() -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        parse_span(2010)


@QUICK
@given(day=st.dates(), precision=st.sampled_from([4, 7, 10]))
def test_a_date_covers_exactly_the_days_that_are_spelt_like_it(day: date, precision: int) -> None:
    span = parse_span(day.isoformat()[:precision])
    first, last = date.fromisoformat(span.start), date.fromisoformat(span.end)
    assert first <= day <= last
    assert first.isoformat().startswith(span.text)
    assert last.isoformat().startswith(span.text)
    if first > date.min:
        assert not (first - timedelta(1)).isoformat().startswith(span.text)
    if last < date.max:
        assert not (last + timedelta(1)).isoformat().startswith(span.text)


@QUICK
@given(text=st.text(alphabet="0123456789-", max_size=11) | st.text(max_size=11))
def test_a_date_is_read_as_the_calendar_reads_it_or_refused(text: str) -> None:
    padded = text + "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else text
    try:
        wanted = date.fromisoformat(padded) if len(padded) == 10 and text.isascii() else None
    except ValueError:
        wanted = None
    try:
        assert wanted == date.fromisoformat(parse_span(text).start)
    except ValueError:
        assert wanted is None


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (Flag, "true", True),
        (Flag, "false", False),
        (Year, "1900", 1900),
        (Year, "2100", 2100),
        (Whole, "0", 0),
        (Whole, str(2**53), 2**53),
        (Number, "-1e3", -1000.0),
        (Number, "0.1", 0.1),
        (Text, "书" * 200, "书" * 200),
        (Slug, "x" * 160, "x" * 160),
        (State, "known", State.KNOWN),
        (PartialDate, "2010", parse_span("2010")),
    ],
)
def test_a_type_reads_a_text(type_: Any, text: str, value: object) -> None:
    assert TypeAdapter(type_).validate_python(text) == value


@pytest.mark.parametrize(
    ("type_", "texts"),
    [
        (Flag, ["", "True", "1", "yes", "0", "on", "true "]),
        (Year, ["", "1899", "2101", "20.5", "1e3", "0x7d0", "２０１０", "nan", "9" * 5000]),
        (Whole, ["-1", str(2**53 + 1), "1.5", "9" * 40]),
        (Number, ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "1,5", "0x10", "", "1\0"]),
        (Text, ["", "x" * 201]),
        (Slug, ["", "x" * 161]),
        (State, ["Known", "", "null"]),
    ],
)
def test_a_type_refuses_a_text(type_: Any, texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(ValidationError):
            TypeAdapter(type_).validate_python(text)


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        (Flag, {"type": "boolean"}),
        (Year, {"type": "integer", "minimum": 1900, "maximum": 2100}),
        (Number, {"type": "number"}),
        (Text, {"type": "string", "minLength": 1, "maxLength": 200}),
        (
            PartialDate,
            {"type": "string", "format": "partial-date", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"},
        ),
    ],
)
def test_a_type_says_in_the_contract_what_it_takes(type_: Any, schema: dict[str, Any]) -> None:
    assert TypeAdapter(type_).json_schema() == schema


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("North Wing", "s-n"),
        ("north wing", "s-n"),
        ("Noth Wing", "s-n"),
        ("北厅", "s-n"),
        ("cellar", "s-x"),
        ("S-S", "s-s"),
        ("quarry", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_a_word_is_answered_with_the_id_whose_id_or_label_is_nearest(
    library: Library, text: str, found: str | None
) -> None:
    assert VOCABULARIES["shelf"].nearest(library.publish([]), text) == found


def test_a_vocabulary_is_read_once_from_a_release(library: Library) -> None:
    first, second = library.publish([]), library.publish([Row("a")])
    with statements(first) as seen:
        assert list(VOCABULARIES["shelf"].ids(first)) == list(VOCABULARIES["shelf"].ids(first))
    assert len(seen) == 1
    with statements(second) as seen:
        assert set(VOCABULARIES["shelf"].ids(second)) == {"s-n", "s-s", "s-x"}
    assert len(seen) == 1


def test_nothing_is_near_when_nothing_resembles() -> None:
    assert nearest("year", ["yaer", "price"]) == "yaer"
    assert nearest("year", ["price"]) is None
    assert nearest("year", []) is None


GARBAGE = ("", "x", "x" * 5, "W10", "====", "書", "a b", "+/+/", "\0", "x" * 3000)
PAYLOADS: tuple[Any, ...] = (None, [], {}, "abc", 3, [1, 2, 3], ["r", "d"], ["r", "d", {}])
DEEP = base64.urlsafe_b64encode(b"[" * 1400).decode()


@pytest.mark.parametrize("text", [*GARBAGE, *map(packed, PAYLOADS), DEEP])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert Cursor.decode(text) is None


@QUICK
@given(payload=JSON | st.tuples(st.text(), st.text(), JSON | st.lists(JSON)), junk=st.text())
def test_any_text_is_a_cursor_or_none(payload: object, junk: str) -> None:
    assert Cursor.decode(junk) is None
    cursor = Cursor.decode(packed(payload))
    if cursor:
        again = Cursor.decode(cursor.encode())
        assert json.dumps(vars(again)) == json.dumps(vars(cursor))
