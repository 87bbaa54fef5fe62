"""Dates and periods as sources state them: which forms there are, and the days they span."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.seed.dates import parse_date
from tests.conftest import once

QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=25)


@pytest.mark.parametrize(
    ("text", "start", "end", "precision", "year"),
    [
        ("2010-09-29", "2010-09-29", "2010-09-29", "day", 2010),
        ("2012-02-29", "2012-02-29", "2012-02-29", "day", 2012),
        ("2010-09", "2010-09-01", "2010-09-30", "month", 2010),
        ("2012-02", "2012-02-01", "2012-02-29", "month", 2012),
        ("2010-02", "2010-02-01", "2010-02-28", "month", 2010),
        ("2010-12", "2010-12-01", "2010-12-31", "month", 2010),
        ("1991", "1991-01-01", "1991-12-31", "year", 1991),
        ("0800", "0800-01-01", "0800-12-31", "year", 800),
        ("199X", "1990-01-01", "1999-12-31", "decade", None),
        ("201X", "2010-01-01", "2019-12-31", "decade", None),
        ("19XX", "1900-01-01", "1999-12-31", "century", None),
        ("2018~", None, None, "year", None),
        ("2018?", None, None, "year", None),
        ("2018%", None, None, "year", None),
        ("2018-09~", None, None, "month", None),
        ("2018-09-29?", None, None, "day", None),
        ("../2015", None, "2015-12-31", "interval", None),
        ("../2015-06", None, "2015-06-30", "interval", None),
        ("2015/..", "2015-01-01", None, "interval", None),
        ("2015-06-03/..", "2015-06-03", None, "interval", None),
        ("2001/2003", "2001-01-01", "2003-12-31", "interval", None),
        ("2022-01/2022-07", "2022-01-01", "2022-07-31", "interval", 2022),
        ("2022/2022", "2022-01-01", "2022-12-31", "interval", 2022),
        ("199X/2005-03", "1990-01-01", "2005-03-31", "interval", None),
        ("2018/2021~", "2018-01-01", None, "interval", None),
        ("2018~/2021", None, "2021-12-31", "interval", None),
        ("2013~/2023~", None, None, "interval", None),
        once(
            *("201X~", None, None, "decade", None),
            was="an approximate decade is given days it surely spans",
        ),
        once(
            *("20XX?", None, None, "century", None),
            was="an uncertain century is given days it surely spans",
        ),
    ],
)
def test_a_date_has_the_days_it_surely_spans_and_its_precision(
    text: str, start: str | None, end: str | None, precision: str, year: int | None
) -> None:
    read = parse_date(text)
    assert (read.text, read.start, read.end, read.precision) == (text, start, end, precision)
    assert read.year == year


ALLOWED = "is not an EDTF date such as 2010, 2010-09, 2010-09-29, 201X, 2018~, ../2015 or 2018/20"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *(
            (text, f"{text!r} {ALLOWED}")
            for text in (
                *("", "..", "summer", "September 2010", "2010年", "２０１０", "10", "010", "20100"),
                *("2010-9", "2010-09-9", "20100929", "29-09-2010", "2010.09"),
                *("2010-13", "2010-00", "2010-02-30", "2011-02-31", "2010-09-00", "2010-21"),
                *("-2010", "Y-17000", "y20100", "XXXX", "2XXX", "2010-09-29T10:00:00", "2018~~"),
                *("2010-XX", "2010-09-XX"),
                *("[2010,2011]", "{2010,2011}", "[2010..2011]", "~2018", "null"),
            )
        ),
        ("2010/", f"'' {ALLOWED}"),
        ("/2010", f"'' {ALLOWED}"),
        ("2010/09/29", f"'09/29' {ALLOWED}"),
        ("2010/2011/2012", f"'2011/2012' {ALLOWED}"),
        ("2010/soon", f"'soon' {ALLOWED}"),
        ("soon/2010", f"'soon' {ALLOWED}"),
        ("2003/2001", "'2003/2001' ends before it begins"),
        ("2010-09/2010-08", "'2010-09/2010-08' ends before it begins"),
        ("../..", "'../..' says nothing; leave the date out"),
        once(*("2010-02-29", f"'2010-02-29' {ALLOWED}"), was="29 February stands in every year"),
        once(
            *("2010 ", f"'2010 ' {ALLOWED}"),
            was="what has another length is a KeyError, which no caller expects",
        ),
        once(
            *("2010-09~-11", f"'2010-09~-11' {ALLOWED}"),
            was="what has another length is a KeyError, which no caller expects",
        ),
        once(
            *("2010-1X", f"'2010-1X' {ALLOWED}"),
            was="the library fails, and prints, where a month is half unknown",
        ),
        once(
            *("2010-09-2X", f"'2010-09-2X' {ALLOWED}"),
            was="the library's own message says nothing of dates",
        ),
    ],
)
def test_what_is_no_date_is_refused_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        parse_date(text)


@pytest.mark.parametrize(
    ("wide", "narrow", "holds"),
    [
        ("2010", "2010", True),
        ("2010", "2010-09", True),
        ("2010", "2010-09-29", True),
        ("2010-09", "2010-09-29", True),
        ("201X", "2010", True),
        ("19XX", "199X", True),
        ("2001/2003", "2002-05", True),
        ("2001/2003", "2001/2002", True),
        ("2018~", "2018~", True),
        ("../2015", "../2015", True),
        ("2010-09", "2010", False),
        ("2010", "2011", False),
        ("2010-09-29", "2010-09-30", False),
        ("2001/2003", "2003/2004", False),
        ("2018~", "2018", False),
        ("2018", "2018~", False),
        ("2018~", "2018?", False),
        ("../2015", "2014", True),
        ("../2015", "2015-09-29", True),
        ("../2015", "2016", False),
        ("../2015", "2018~", False),
        ("2014", "../2015", False),
        ("2015/..", "2016", False),
        ("2010", "2010-09/..", False),
    ],
)
def test_a_date_contains_what_says_the_same_as_precisely_or_more(
    wide: str, narrow: str, holds: bool
) -> None:
    assert parse_date(wide).contains(parse_date(narrow)) is holds


days = st.dates(min_value=date(1000, 1, 1))


@QUICK
@given(day=days)
def test_every_day_lies_in_its_month_its_year_and_its_decade(day: date) -> None:
    iso = day.isoformat()
    nested = [parse_date(text) for text in (f"{iso[:3]}X", iso[:4], iso[:7], iso)]
    assert all(a.contains(b) for i, a in enumerate(nested) for b in nested[i:])
    assert not any(b.contains(a) for i, a in enumerate(nested) for b in nested[i + 1 :])


@QUICK
@given(days=st.tuples(days, days))
def test_an_interval_spans_from_its_first_to_its_last_day_and_never_backwards(
    days: tuple[date, date],
) -> None:
    first, last = (day.isoformat() for day in days)
    if first <= last:
        interval = parse_date(f"{first}/{last}")
        assert (interval.start, interval.end) == (first, last)
        assert interval.contains(parse_date(first))
    else:
        with pytest.raises(ValueError, match="ends before it begins"):
            parse_date(f"{first}/{last}")
