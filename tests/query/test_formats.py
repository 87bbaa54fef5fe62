"""Every form says what JSON says: the same rows, columns and text, safe, whole and in ranges."""

import csv
import io
import json
import math
import os
import threading
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from app.query import formats, spool
from app.query.formats import FORMATS, Row, Table, choose, columns_of
from app.query.problems import NotAcceptable
from app.query.spool import Spool
from tests.query.conftest import PATH, QUICK, BookRead, Library, books, served
from tests.query.conftest import Row as Book
from tests.tables import READERS, read_csv, read_ndjson

COLUMNS = columns_of(BookRead)
NAMES = [column.name for column in COLUMNS]
ROWS = [
    Book("b1", "s-n", "noir", 1999, 20.0, "A", True, ("2010~", None, None), topics=("crime",)),
    Book("b2", "s-x", year=2000, price=-1.5, title="=1+1", conditions=("fine", "good")),
    Book("b3", title='a "b",\r\n書', signed=False, lost=("poor",)),
]


def written(name: str, rows: Sequence[Row | str | bytes], **more: Any) -> bytes:
    """What a writer makes of rows, which it is given two at a time."""
    if FORMATS[name].library:
        pytest.importorskip(FORMATS[name].library)
    batches = [rows[start : start + 2] for start in range(0, len(rows), 2)]
    file = io.BytesIO()
    FORMATS[name].write(Table("books", COLUMNS, batches, lambda n: {"returned": n}, **more), file)
    return file.getvalue()


def flat(row: Row) -> Row:
    return {column.name: column.of(row) for column in COLUMNS}


def test_a_row_is_flattened_by_one_rule() -> None:
    row = served(ROWS[1]).model_dump(mode="json")
    row["topics"] = [{"id": "noir"}, {"id": "haiku"}]
    row["loans"] = [{"condition": "poor"}]
    assert flat(row) == {
        "id": "b2",
        "shelf_id": "s-x",
        "shelf_label_en": "Cellar",
        "shelf_label_zh": None,
        "year": 2000,
        "price": -1.5,
        "title": "=1+1",
        "signed": None,
        "printed": None,
        "topics": "noir|haiku",
        "conditions": "fine|good",
        "loans": '[{"condition":"poor"}]',
        "shelf_refs": None,
        "year_refs": "b2-c1|b2-c2",
    }


def test_columns_are_those_of_the_model_whatever_a_row_has() -> None:
    assert list(flat({"id": "x"})) == list(flat(served(ROWS[0]).model_dump())) == NAMES
    types = {column.name: column.type for column in COLUMNS}
    assert (types["year"], types["price"], types["signed"]) == (int, float, bool)
    assert {types[name] for name in ("id", "shelf_id", "topics", "loans", "year_refs")} == {str}


def test_what_only_some_requests_add_is_a_column_of_theirs() -> None:
    columns = {column.name: column for column in columns_of(BookRead, frozenset({"topics", "new"}))}
    assert [*columns] == [*NAMES, "new"]
    row = {"id": "x", "topics": [{"id": "a", "more": 1}], "new": []}
    assert columns["topics"].of(row) == '[{"id":"a","more":1}]'
    assert columns["new"].of(row) is None


@pytest.mark.parametrize("name", READERS)
@given(rows=books())
@QUICK
def test_every_form_says_what_json_says(name: str, rows: list[Book]) -> None:
    found = [served(row).model_dump(mode="json") for row in rows]
    assert READERS[name](written(name, found), COLUMNS) == [flat(row) for row in found]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"))
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("name", READERS)
@given(title=TEXT, price=NUMBER, year=st.integers(-(2**53), 2**53))
@QUICK
def test_every_text_and_number_comes_back(name: str, title: str, price: float, year: int) -> None:
    row = {"id": "x", "title": title, "price": price, "year": year}
    if name == "xlsx":  # Excel's own precision, and the limits of XML's white space
        price, year = float(f"{price:.16G}"), int(float(f"{year:.16G}"))
    (found,) = READERS[name](written(name, [row]), COLUMNS)
    assert found["title"] == (title or None)
    assert math.isclose(found["price"], price, rel_tol=1e-15)
    assert found["year"] == year
    assert type(found["year"]) is int or name == "xlsx"


def test_most_rows_are_written_without_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    row = served(
        Book("b1", "s-n", "noir, at last", 1999, 20.5, conditions=("fine",))
    ).model_dump_json()
    wanted = [written(name, [row]) for name in ("ndjson", "csv")]
    monkeypatch.setattr(formats, "_read", None)
    assert [written(name, [row]) for name in ("ndjson", "csv")] == wanted


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text('=-,|"\\\n\x1f＝[]e0.')
ROW = st.fixed_dictionaries(
    {"id": ANY_TEXT},
    optional={
        "title": st.none() | ANY_TEXT,
        "year": st.none() | st.integers(),
        "price": st.none() | NUMBER | st.integers(),
        "signed": st.none() | st.booleans(),
        "shelf": st.none() | st.fixed_dictionaries({}, optional={"id": ANY_TEXT, "else": ANY_TEXT}),
        "topics": st.lists(ANY_TEXT) | st.lists(st.fixed_dictionaries({"id": ANY_TEXT})),
        "conditions": st.none() | st.lists(st.sampled_from(["", ",", "=", "fine"])),
        "loans": st.lists(st.fixed_dictionaries({}, optional={"price": NUMBER})),
        "refs": st.fixed_dictionaries({}, optional={"year": st.none() | st.lists(ANY_TEXT)}),
        "more": st.recursive(ANY_TEXT, st.lists),
    },
)


@pytest.mark.parametrize("name", [name for name in READERS if name != "xlsx"])
@given(rows=st.lists(ROW, max_size=3))
@QUICK
def test_rows_are_written_alike_read_or_as_they_stand_in_json(name: str, rows: list[Row]) -> None:
    if name == "parquet" and any(abs(row.get("year") or 0) >= 2**63 for row in rows):
        return
    as_read = written(name, rows)
    assert written(name, [json.dumps(row, ensure_ascii=False) for row in rows]) == as_read
    assert written(name, [to_json(row) for row in rows]) == as_read


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "－1"])
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written("csv", [{"id": text, "price": -1.5}]).decode()))
    assert row["id"] == f"'{text}"
    assert row["price"] == "-1.5"


def test_no_cell_of_a_sheet_is_a_formula_or_a_link() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    rows: list[Row] = [{"id": "=1+1"}, {"id": "https://example.org"}, {"id": "{=1}"}]
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", rows))).active
    cells = [sheet.cell(line, 1) for line in (2, 3, 4)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [
        (row["id"], "s", None) for row in rows
    ]


def test_what_a_sheet_cannot_hold_is_refused_not_cut() -> None:
    with pytest.raises(NotAcceptable, match="cannot hold 'title' of 'x'"):
        written("xlsx", [{"id": "x", "title": "a" * 32768}])


def test_csv_is_rfc_4180_and_has_a_mark_only_where_asked() -> None:
    rows = [served(row).model_dump(mode="json") for row in ROWS]
    content = written("csv", rows)
    assert content.startswith(b"id,shelf_id,")
    assert content.count(b"\r\n") == len(rows) + 2  # the header, and one inside quotes
    assert ',"a ""b"",\r\n書",false,'.encode() in content
    assert written("csv", rows, bom=True) == b"\xef\xbb\xbf" + content


@pytest.mark.parametrize("name", ["xlsx", "parquet"])
def test_the_same_rows_are_the_same_bytes(name: str) -> None:
    rows = [served(row).model_dump(mode="json") for row in ROWS]
    first = written(name, rows)
    time.sleep(1.1)  # a clock of seconds would show
    assert written(name, rows) == first


def test_numbers_are_typed_even_where_no_row_has_one() -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    schema = parquet.read_schema(io.BytesIO(written("parquet", [])))
    types = {name: schema.field(name).type for name in ("id", "year", "price", "signed")}
    assert types == {
        "id": pa.string(),
        "year": pa.int64(),
        "price": pa.float64(),
        "signed": pa.bool_(),
    }


def test_rows_are_points_or_features_without_a_place() -> None:
    rows: list[Row] = [
        {"id": "x", "latitude": 1.5, "longitude": -2.5},
        {"id": "y", "latitude": None},
    ]
    collection = json.loads(written("geojson", [{"longitude": None, **row} for row in rows]))
    assert (collection["type"], collection["meta"]) == ("FeatureCollection", {"returned": 2})
    one, other = collection["features"]
    assert one["geometry"] == {"type": "Point", "coordinates": [-2.5, 1.5]}
    assert (one["id"], one["properties"]["id"]) == ("x", "x")
    assert other["geometry"] is None
    assert json.loads(written("geojson", []))["features"] == []


ALL = tuple(FORMATS)


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV; header=present", "csv"),
        ("text/*", "csv"),
        ("text/csv;q=0.5, application/x-ndjson", "ndjson"),
        ("text/csv, */*;q=0.1", "csv"),
        ("text/csv, application/json", "json"),
        ("application/json;q=0.9, application/vnd.apache.parquet", "parquet"),
        ("*/*, application/json;q=0", "ndjson"),
        ("application/geo+json", "geojson"),
        (FORMATS["xlsx"].media_type, "xlsx"),
        ("application/pdf, text/csv;q=high, text/csv;q=0.1", "csv"),
    ],
)
def test_accept_decides_by_weight_and_closeness(
    accept: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "installed", lambda _: True)
    assert choose(accept, ALL) == name


@pytest.mark.parametrize("accept", ["application/pdf", "text/csv;q=0", "*/*;q=0", ",", "text"])
def test_what_nothing_fits_is_told_with_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable, match=r"application/vnd\.apache\.parquet") as told:
        choose(accept, ALL)
    assert told.value.errors[0].allowed == [form.media_type for form in FORMATS.values()]


# Over HTTP


@pytest.fixture
def ask(client: TestClient, shop: Library) -> TestClient:
    """Asks for three books."""
    shop.publish(ROWS)
    return client


def test_a_list_answers_in_every_form_by_name_and_by_accept(ask: TestClient) -> None:
    wanted = [flat(row) for row in ask.get(PATH).json()["data"]]
    assert len(wanted) == 3
    for name, read in READERS.items():
        if not FORMATS[name].is_there:
            continue
        named = ask.get(f"{PATH}?format={name}")
        assert (named.status_code, named.headers["content-type"].split(";")[0]) == (
            200,
            FORMATS[name].media_type,
        )
        assert read(named.content, COLUMNS) == wanted
        accepted = ask.get(PATH, headers={"Accept": FORMATS[name].media_type})
        assert accepted.content == named.content
        assert accepted.headers["etag"] == named.headers["etag"]
        assert "Accept" in accepted.headers["vary"]
        assert f'.{name}"' in named.headers["content-disposition"]


def test_fields_choose_the_columns_and_what_is_included_is_one(ask: TestClient) -> None:
    asked = f"{PATH}?fields=price&include=toy-copies"
    rows = read_ndjson(ask.get(f"{asked}&format=ndjson").content, COLUMNS)
    assert list(rows[0]) == ["id", "price", "cut", "toy-copies"]
    whole = ask.get(asked).json()["data"]
    included = [json.loads(row["toy-copies"] or "[]") for row in rows]
    assert included == [row["toy-copies"] for row in whole]
    assert any(included)


def test_what_of_an_included_list_is_cut_is_told(
    ask: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.query.rows.MOST_INCLUDED", 1)
    answer = ask.get(f"{PATH}?include=toy-copies&format=ndjson")
    (cut,) = [row["cut"] for row in read_ndjson(answer.content, COLUMNS) if row["cut"]]
    assert json.loads(cut) == {"toy-copies": 2}


def test_format_wins_over_accept(ask: TestClient) -> None:
    answer = ask.get(f"{PATH}?format=json", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "application/json"
    answer = ask.get(f"{PATH}?format=csv", headers={"Accept": "application/pdf"})
    assert answer.headers["content-type"].startswith("text/csv")


def test_a_file_is_the_full_set_unless_limited(ask: TestClient, shop: Library) -> None:
    shop.publish(Book(f"b{i}") for i in range(60))
    assert len(read_csv(ask.get(f"{PATH}?format=csv").content, COLUMNS)) == 60
    for limit in (0, 1, 50):
        answer = ask.get(f"{PATH}?format=csv&limit={limit}")
        assert len(read_csv(answer.content, COLUMNS)) == limit
        assert answer.headers["etag"] != ask.get(f"{PATH}?format=csv").headers["etag"]


def test_a_file_names_what_tells_about_it(ask: TestClient) -> None:
    answer = ask.get(f"{PATH}?year__lt=2000&format=csv&limit=5")
    link = answer.headers["link"]
    assert link == f'<{PATH}?year__lt=2000&limit=0>; rel="describedby"'
    assert ask.get(link[1:].partition(">")[0]).json()["meta"]["total"] == 1


def test_filters_and_sort_hold_for_files(ask: TestClient) -> None:
    asked = f"{PATH}?year__state=known&sort=-year"
    ids = [row["id"] for row in ask.get(asked).json()["data"]]
    assert ids == ["b2", "b1"]
    assert [
        row["id"] for row in read_ndjson(ask.get(f"{asked}&format=ndjson").content, COLUMNS)
    ] == ids


def problem(answer: Response, status: int, code: str) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    return str(answer.json()["detail"])


def test_what_nothing_fits_is_406_everywhere(ask: TestClient) -> None:
    for path in (PATH, f"{PATH}/b1"):
        told = problem(ask.get(path, headers={"Accept": "application/pdf"}), 406, "not-acceptable")
        assert "application/json" in told
    problem(ask.get(f"{PATH}/b1", headers={"Accept": "text/csv"}), 406, "not-acceptable")
    problem(ask.get(PATH, headers={"Accept": "application/geo+json"}), 406, "not-acceptable")


@pytest.mark.parametrize("name", ["xlsx", "parquet"])
def test_a_missing_library_is_406_that_names_its_extra(
    name: str, ask: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "installed", lambda _: False)
    told = problem(ask.get(f"{PATH}?format={name}"), 406, "not-acceptable")
    assert f"pip install 'gaoxin[{name}]'" in told
    accept = FORMATS[name].media_type
    assert told == problem(ask.get(PATH, headers={"Accept": accept}), 406, "not-acceptable")
    second = ask.get(PATH, headers={"Accept": f"{accept}, text/csv;q=0.1"})
    assert second.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    "query",
    ["format=pdf", "format=geojson", "bom=true", "format=json&bom=true", "format=ndjson&bom=true"],
)
def test_what_is_no_form_or_not_of_this_form_is_told(query: str, ask: TestClient) -> None:
    if query == "format=json&bom=true":
        pytest.xfail("not told yet") if False else None
    problem(ask.get(f"{PATH}?{query}"), 422, "invalid-value")


def test_a_cursor_is_of_pages_not_of_files(ask: TestClient) -> None:
    following = ask.get(f"{PATH}?limit=1").json()["links"]["next"]
    for more, headers in (("&format=csv", {}), ("", {"Accept": "text/csv"})):
        answer = ask.get(following + more, headers=headers)
        problem(answer, 422, "invalid-cursor")


def test_ranges_join_to_the_file(ask: TestClient) -> None:
    url = f"{PATH}?format=csv"
    whole = ask.get(url)
    size, tag = len(whole.content), whole.headers["etag"]
    assert whole.headers["content-length"] == str(size)
    assert whole.headers["accept-ranges"] == "bytes"
    parts = [ask.get(url, headers={"Range": f"bytes={a}"}) for a in ("0-9", "10-99", "100-")]
    assert {part.status_code for part in parts} == {206}
    assert b"".join(part.content for part in parts) == whole.content
    assert parts[0].headers["content-range"] == f"bytes 0-9/{size}"
    assert ask.get(url, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    same = ask.get(url, headers={"Range": "bytes=0-9", "If-Range": tag})
    other = ask.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


@pytest.mark.parametrize(("sent", "status"), [("bytes=9999-", 416), ("bytes=x", 400)])
def test_a_range_that_is_none_is_a_problem(sent: str, status: int, ask: TestClient) -> None:
    url = f"{PATH}?format=csv"
    answer = ask.get(url, headers={"Range": sent})
    problem(answer, status, "bad-request")
    assert answer.headers["content-range"] == f"bytes */{len(ask.get(url).content)}"


def test_a_file_has_a_strong_etag_and_the_date_of_its_release(ask: TestClient) -> None:
    url = f"{PATH}?format=csv"
    answer = ask.get(url)
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    unchanged = ask.get(url, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    modified = parsedate_to_datetime(answer.headers["last-modified"])
    assert abs(modified.timestamp() - time.time()) < 60
    os.utime(next((spool_of(ask)).glob("*")), (0, 0))
    assert ask.get(url).headers["last-modified"] == answer.headers["last-modified"]


def spool_of(ask: TestClient) -> Path:
    folder: Path = ask.app.state.spool.folder  # type: ignore[attr-defined]
    return folder


def test_a_file_is_written_once(ask: TestClient) -> None:
    first = ask.get(f"{PATH}?format=csv&year=1999&year=2000").content
    (file,) = spool_of(ask).iterdir()
    file.write_bytes(b"kept")
    assert first != ask.get(f"{PATH}?year=2000&year=1999&format=csv").content == b"kept"


# The spool


def content(size: int) -> Any:
    return lambda file: file.write(b"x" * size)


def old(path: Path, seconds: int) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_the_spool_is_bounded_and_the_unused_go_first(tmp_path: Path) -> None:
    kept = Spool(tmp_path / "s", 250)
    for age, name in ((300, "a"), (400, "b")):
        old(kept.file(name, content(100)), age)
    kept.file("a", content(0))  # used again
    old(kept.folder / "a", 200)
    kept.file("c", content(100))
    assert sorted(path.name for path in kept.folder.iterdir()) == ["a", "c"]
    old(kept.folder / "c", 100)
    kept.file("large", content(1000))
    assert [path.name for path in kept.folder.iterdir()] == ["large"]


def test_what_is_in_use_stays_for_a_while(tmp_path: Path) -> None:
    kept = Spool(tmp_path, 150)
    first = kept.file("a", content(100))
    kept.file("b", content(100))
    assert first.exists()


def test_a_draft_that_fails_leaves_nothing_and_an_abandoned_one_goes(tmp_path: Path) -> None:
    kept = Spool(tmp_path, 1000)

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        kept.file("a", fail)
    assert [*tmp_path.iterdir()] == []
    (tmp_path / ".left.draft").write_bytes(b"half")
    (tmp_path / ".going-on.draft").write_bytes(b"half")
    old(tmp_path / ".left.draft", 2 * spool.ABANDONED)
    kept.file("b", content(1))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".going-on.draft", "b"]


def test_two_that_write_at_once_do_no_harm(tmp_path: Path) -> None:
    kept, meet = Spool(tmp_path, 1000), threading.Barrier(2, timeout=10)
    found: list[bytes] = []

    def slowly(file: BinaryIO) -> None:
        file.write(b"whole ")
        meet.wait()
        file.write(b"file")

    def run() -> None:
        found.append(kept.file("a", slowly).read_bytes())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"whole file"] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
