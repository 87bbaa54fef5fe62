"""The figures that speed is measured with: the same every time, and such as documents print."""

from collections import Counter

from app.seed.dates import parse_date
from app.seed.phrases import read_dates, read_quantities
from benchmarks.sheets import cells
from benchmarks.speed_figures import Quantity, Subject, documents, figures

SUBJECTS = [Subject(None, "", "全国高新区"), Subject("baiyin", "Baiyin", "白银")]
INDICATORS = [
    Quantity("revenue", "Revenue", "营业收入", "CNY", "money"),
    Quantity("employees", "Employees", "从业人员", "persons", "count"),
    Quantity("area", "Area", "面积", "km2", "area"),
]


def test_the_same_figures_every_time_each_once() -> None:
    first, again = (list(figures(SUBJECTS, INDICATORS, 800)) for _ in range(2))
    assert first == again
    assert len({one["id"] for one in first}) == len(first) == 800
    assert Counter(one["indicator"] for one in first) == {"revenue": 400, "employees": 400}


def test_figures_are_what_their_phrases_say_and_documents_are_there() -> None:
    known = {one["id"] for one in documents(SUBJECTS)}
    for one in figures(SUBJECTS, INDICATORS, 800):
        (read,) = read_quantities(one["published_text"])
        assert (float(read.value), read.comparator) == (one["value"], one["comparator"])
        assert one["document"] in known
        assert parse_date(one["period"]).start


def test_rivals_follow_what_is_preferred_to_them() -> None:
    seen = set()
    for one in figures(SUBJECTS, INDICATORS, 800):
        assert one["rival_of"] is None or one["rival_of"] in seen
        seen.add(one["id"])


def test_their_periods_are_what_a_yearbook_says() -> None:
    for one in figures(SUBJECTS, INDICATORS, 800):
        (read,) = read_dates(str(cells(one)["period_text"]))
        assert read.edtf == one["period"]
