"""Strangers read what is served: data frame libraries, DuckDB, spreadsheets and maps, unmodified.

They are in an extra of their own, `pip install -e '.[clients]'`; what is absent is skipped.
"""

import io
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.resources.recipes import RECIPES, TABLE

pytestmark = pytest.mark.xdist_group("clients")

CITATIONS = "/v1/citations"
STATISTICS = "/v1/statistics?sort=id"


@pytest.fixture
def url(real: httpx.Client) -> str:
    """Where the server is."""
    return str(real.base_url).rstrip("/")


def total(real: httpx.Client, path: str) -> int:
    """How many rows a list has."""
    asked = f"{path}{'&' if '?' in path else '?'}limit=0"
    number: int = real.get(asked).json()["meta"]["total"]
    return number


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet", "xlsx"])
def test_pandas_reads_every_form_by_its_url(form: str, url: str, real: httpx.Client) -> None:
    pandas = pytest.importorskip("pandas")
    read: dict[str, Any] = {
        "csv": pandas.read_csv,
        "ndjson": lambda address: pandas.read_json(address, lines=True),
        "parquet": pandas.read_parquet,
        "xlsx": pandas.read_excel,
    }
    frame = read[form](f"{url}/v1/statistics?format={form}&sort=id")
    rows = {row["id"]: row for row in real.get(f"{STATISTICS}&limit=1000").json()["data"]}
    assert list(frame["id"]) == list(rows)
    values = [row["value"] for row in rows.values()]
    assert list(frame["value"]) == pytest.approx(values, rel=1e-15)  # pandas' own rounding
    assert list(frame["derived"]) == [row["derived"] for row in rows.values()]
    assert frame["value"].dtype.kind in "if"
    gdp = frame[frame["indicator_id"] == "gdp"]
    assert len(gdp) == total(real, "/v1/statistics?indicator=gdp")


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_polars_reads_by_url(form: str, url: str, real: httpx.Client) -> None:
    polars = pytest.importorskip("polars")
    address = f"{url}{CITATIONS}?format={form}"
    more = {"infer_schema_length": None} if form == "ndjson" else {}  # its guess: 100 rows
    frame = getattr(polars, f"read_{form}")(address, **more)
    assert frame.height == total(real, CITATIONS)
    assert frame.schema["start"] == polars.Int64
    assert frame.schema["anchored"] == polars.Boolean
    longest = frame["as_written"].str.len_chars().max()
    rows = real.get(f"{CITATIONS}?limit=1000").json()["data"]
    assert longest >= max(len(row["as_written"] or "") for row in rows)


def test_polars_scans_a_part_of_a_parquet_file(url: str, real: httpx.Client) -> None:
    polars = pytest.importorskip("polars")
    scan = polars.scan_parquet(f"{url}{CITATIONS}?format=parquet")
    anchored = scan.filter(polars.col("anchored")).select("id").collect().height
    assert anchored == total(real, f"{CITATIONS}?anchored=true")


@pytest.fixture
def duck() -> Any:
    """DuckDB with its extension for HTTP, from the wheel of that."""
    duckdb = pytest.importorskip("duckdb")
    held = find_spec("duckdb_ext")
    if held is None or not held.submodule_search_locations:
        pytest.skip("could not find duckdb-ext-httpfs")
    folder = Path(next(iter(held.submodule_search_locations)), "extensions")
    duckdb.execute("SET extension_directory = ?", [str(folder)])
    return duckdb


@pytest.mark.parametrize(
    ("form", "reads"), [("csv", "read_csv"), ("ndjson", "read_ndjson"), ("parquet", "read_parquet")]
)
def test_duckdb_counts_what_the_api_counts(
    form: str, reads: str, duck: Any, url: str, real: httpx.Client
) -> None:
    table = f"{reads}('{url}{CITATIONS}?format={form}')"
    (rows,) = duck.sql(f"SELECT count(*) FROM {table}").fetchone()
    assert rows == total(real, CITATIONS)
    counts = duck.sql(f"SELECT fact_resource, count(*) FROM {table} GROUP BY ALL").fetchall()
    assert len(counts) > 5
    for resource, count in counts:
        assert count == total(real, f"{CITATIONS}?resource={resource}")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("zones", "province,region,level,approved_year,batch"),
        ("milestones", "scope,zone,kind,year"),
        ("statistics", "indicator,zone,coverage,nature,period_kind,comparator"),
        ("relations", "type,role,stage,zone"),
        ("platforms", "kind,status,zone"),
        ("statements", "kind,zone"),
        ("documents", "publisher,tier,language"),
        ("organizations", "kind"),
        ("coverage", "field,state"),
    ],
)
def test_duckdb_groups_a_file_as_the_facets_count(
    name: str, fields: str, duck: Any, url: str, real: httpx.Client
) -> None:
    told = real.get(f"/v1/{name}?facet={fields}&limit=0").json()["facets"]
    table = f"read_parquet('{url}/v1/{name}?format=parquet')"
    columns = {row[0] for row in duck.sql(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    for field in fields.split(","):
        column = field if field in columns else f"{field}_id"
        counts = duck.sql(f"SELECT {column}, count(*) FROM {table} GROUP BY ALL").fetchall()
        assert {one["value"]: one["count"] for one in told[field]} == dict(counts)


def test_duckdb_joins_two_lists(duck: Any, url: str, real: httpx.Client) -> None:
    asked = f"""
        SELECT count(*) FROM read_parquet('{url}/v1/statistics?format=parquet') s
        JOIN read_parquet('{url}/v1/zones?format=parquet') z ON s.zone_id = z.id
        WHERE z.province_id = 'CN-GS'"""
    (rows,) = duck.sql(asked).fetchone()
    zones = [row["id"] for row in real.get("/v1/zones?province=CN-GS").json()["data"]]
    assert rows == sum(total(real, f"/v1/statistics?zone={zone}") for zone in zones) > 0


def test_openpyxl_opens_the_sheet(real: httpx.Client) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    content = real.get("/v1/zones?format=xlsx&sort=id").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    (sheet,) = book.worksheets
    header, *rows = sheet.iter_rows(values_only=True)
    assert (sheet.title, sheet.freeze_panes) == ("zones", "A2")
    zones = real.get("/v1/zones?sort=id&limit=1000").json()["data"]
    for field in ("id", "name_zh", "latitude", "approved_year"):
        column = header.index(field)
        assert [row[column] for row in rows] == [zone[field] for zone in zones]


def test_pyogrio_maps_the_zones(url: str, real: httpx.Client) -> None:
    raw = pytest.importorskip("pyogrio.raw")
    content = real.get("/v1/zones?format=geojson&sort=id").content
    meta, _, geometry, fields = raw.read(content)
    zones = real.get("/v1/zones?sort=id&limit=1000").json()["data"]
    assert meta["crs"] == "EPSG:4326"
    assert len(geometry) == len(zones)
    assert [shape is not None for shape in geometry] == [
        zone["latitude"] is not None for zone in zones
    ]
    names = list(meta["fields"])
    assert list(fields[names.index("id")]) == [zone["id"] for zone in zones]
    assert "province_label_zh" in names


README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)
EXAMPLES = [block for block in BLOCKS if ":8000/v1" in block[1]]


def test_the_examples_of_the_readme_run(duck: Any, url: str, tmp_path: Path) -> None:
    for module in ("pandas", "polars"):
        pytest.importorskip(module)
    assert [language for language, _ in EXAMPLES] == ["sh", "python"]
    for language, block in EXAMPLES:
        text = block.replace("http://127.0.0.1:8000", url)
        if language == "python":
            exec(text, {})
        else:
            subprocess.run(["sh", "-ec", text], cwd=tmp_path, check=True, capture_output=True)
    sizes = {file.suffix: file.stat().st_size for file in tmp_path.iterdir()}
    assert sizes.keys() == {".csv", ".xlsx"}
    assert all(sizes.values())


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_the_recipes_of_data_frames_run(
    library: str, url: str, real: httpx.Client, request: pytest.FixtureRequest
) -> None:
    found = pytest.importorskip(library)
    made = {library: request.getfixturevalue("duck") if library == "duckdb" else found}
    ((_, _, lines),) = (recipe for recipe in RECIPES if recipe[0] == "Python")
    (line,) = (code for code in lines.values() if code.startswith(library))
    read = eval(line.replace("{base}", url), made)  # as the page shows it
    columns: dict[str, Any] = {
        "pandas": lambda: read.reset_index().to_dict("list"),
        "polars": lambda: read.to_dict(as_series=False),
        "duckdb": lambda: read.df().to_dict("list"),
    }[library]()
    assert list(columns) == ["period", "unit", "gdp", "revenue"]
    rows = real.get(TABLE).json()["data"]
    assert [str(period) for period in columns["period"]] == [row["period"] for row in rows]
    known = [row["values"]["gdp"] for row in rows if row["values"]["gdp"] is not None]
    assert [value for value in columns["gdp"] if value is not None and value == value] == known
