"""Tables of figures: what is served of them is what the same claims in YAML would give."""

import csv
import hashlib
import io
import json
import random
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from app.database import Releases
from app.resources.passages import Texts
from app.seed.anchors import fix
from app.seed.check import check
from app.seed.claims import DocumentFile
from app.seed.facts import unproven
from app.seed.figures import MOST_TOLD, read_cell, reading_of, tokens_of
from app.seed.files import canonical
from app.seed.phrases import plain_number, read_quantities
from app.seed.read import Seed
from app.seed.release import load, release_name
from app.seed.sheets import COLUMNS, FORM
from app.seed.show import show

Row = dict[str, str]
Made = dict[str, list[Any]]

UNITS = {
    "gdp": "CNY",
    "enterprises": "enterprises",
    "employees": "persons",
    "area": "km2",
    "export-growth": "percent",
}


def claim_of(row: Row) -> dict[str, Any]:
    """A row as the claim that a curator would write in YAML."""
    plain = {k: v for k, v in row.items() if v and not k.endswith(("_text", "_at"))}
    cites = [
        {"for": field, "text": row[f"{field}_text"]}
        | ({"at": row[f"{field}_at"]} if row.get(f"{field}_at") else {})
        for field in ("value", "period", "coverage", "nature")
        if row.get(f"{field}_text")
    ]
    return {**plain, "period": row.get("period") or None, "cite": cites}


def sheet_of(rows: Iterable[Row]) -> str:
    """Rows as a table in its form."""
    ordered = sorted(rows, key=lambda row: row["id"])
    names = [name for name in COLUMNS if any(row.get(name) for row in ordered)]
    file = io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(ordered)
    return file.getvalue()


def write(folder: Path, name: str, rows: list[Row], yaml: bool = False, **more: Any) -> None:
    """A document with these figures, in YAML or in a table."""
    source = {"id": name, "title": name, "publisher": "bureau", "published_on": "2023-05-01"}
    source |= {"language": "en", "tier": 2} | more.pop("about", {})
    tree: dict[str, Any] = {"document": source, "subject": "zone/alpha", **more}
    if yaml:
        claims = [claim_of(row) for row in sorted(rows, key=lambda row: row["id"])]
        tree["statistics"] = tree.get("statistics", []) + claims
    else:
        (folder / f"documents/{name}.csv").write_text(sheet_of(rows), encoding="utf-8")
    text = canonical(DocumentFile.model_validate(tree))
    (folder / f"documents/{name}.yaml").write_text(text, encoding="utf-8")


TABLES = """SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%'
  AND name NOT LIKE 'sqlite%'"""
ROWS = "SELECT resource, row_id, label_en, label_zh, favoured FROM searchrow ORDER BY number"
PASSAGES = """SELECT resource, row_id, field, kind, text FROM searchpassage p
  JOIN searchrow r ON r.number = p.row_number ORDER BY r.number, p.number"""
WORDS = """SELECT term, (SELECT count(*) FROM searchrow WHERE number < doc), col, offset
  FROM temp.terms ORDER BY 1, 2, 3, 4"""


def everything(folder: Path, data: Path) -> Made:
    """Every table of the release of a seed; of its numbers only the order is told."""
    name = load(folder, Releases(data))
    with sqlite3.connect(data / f"{name}.sqlite") as db:
        found = {
            table: sorted(db.execute(f'SELECT * FROM "{table}"'), key=str)
            for (table,) in db.execute(TABLES)
        }
        found["body"] = [(r, i, body.replace(name, "RELEASE")) for r, i, body in found["body"]]
        found["rows"], found["passages"] = list(db.execute(ROWS)), list(db.execute(PASSAGES))
        db.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search_words, instance)")
        found["words"] = list(db.execute(WORDS))
        found["schema"] = sorted(db.execute("SELECT name, sql FROM sqlite_master"), key=str)
        assert list(db.execute("PRAGMA foreign_key_check")) == []
    return found


def phrase(dice: random.Random, indicator: str) -> tuple[str, str]:
    """A cell as it is printed, and its value."""
    n = dice.choice([dice.randint(1, 40), dice.randint(1780, 2120), dice.randint(1, 10**7)])
    tenth = f"{n / 10}"
    plain = tenth.removesuffix(".0")
    ways = {
        "gdp": [
            (f"{n} million yuan", str(n * 10**6)),
            (f"{n:,}.5 万元", str(n * 10**4 + 5000)),
            (f"¥{n:,}", str(n)),
        ],
        "area": [(f"{n}.25 km²", f"{n}.25"), (f"{n} sq km", str(n)), ("twelve sq km", "12")],
        "export-growth": [(f"{tenth}%", plain), (f"-{tenth}%", f"-{plain}"), (f"{n}%", str(n))],
    }
    return dice.choice(
        ways.get(indicator, [(f"{n:,}", str(n)), (str(n), str(n)), (f"{n:,}人", str(n))])
    )


def figures(dice: random.Random, count: int, prefix: str = "almanac") -> list[Row]:
    """Random figures of many shapes, one a slot."""
    made: dict[tuple[str, ...], Row] = {}
    for number in range(count):
        indicator, year = dice.choice([*UNITS]), str(dice.randint(2001, 2022))
        coverage = dice.choice(["", "", "", "whole", "large_zones"])
        nature = dice.choice(["observed"] * 6 + ["target"])
        zone = dice.choice(["zone/beta", "zone/gamma", "zone/alpha", "national", ""])
        period = dice.choice([year, year, f"{year}-01/{year}-06", ""])
        text, value = phrase(dice, indicator)
        row = {
            "id": f"{prefix}-{number:04}",
            "subject": zone,
            "indicator": indicator,
            "coverage": coverage,
            "period": period,
            "value": value,
            "unit": UNITS[indicator],
            "comparator": dice.choice(["", "", "exactly"]),
            "nature": nature,
            "reading": "As it “stands” there." if dice.random() < 0.1 else "",
            "note": 'What „else“ they "said", 100%s!' if dice.random() < 0.1 else "",
            "value_text": text,
            "period_text": {4: f"in {year}", 0: ""}.get(len(period), f"January to June {year}"),
            "coverage_text": "of large zones" if coverage == "large_zones" else "",
            "nature_text": "the target" if nature == "target" else "",
        }
        slot = (zone or "zone/alpha", indicator, coverage or "whole", period, nature)
        made.setdefault(slot, row)
    return list(made.values())


def both(small_seed: Path, folder: Path, build: Any) -> tuple[Made, Made]:
    """What is released of a seed, and of one in which the figures stand in YAML."""
    made = []
    for yaml in (False, True):
        seed = folder / f"seed-{yaml}"
        shutil.copytree(small_seed, seed)
        build(seed, yaml)
        made.append(everything(seed, folder / f"data-{yaml}"))
    return made[0], made[1]


def same(one: Made, other: Made) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert one[name] == other[name], name


@pytest.mark.parametrize("number", range(3))
def test_a_table_is_served_as_the_same_claims_in_yaml(
    number: int, small_seed: Path, tmp_path: Path
) -> None:
    def build(seed: Path, yaml: bool) -> None:
        write(seed, "almanac", figures(random.Random(number), 150), yaml)
        write(seed, "zz-almanac", figures(random.Random(9), 3, "zz"), yaml)

    same(*both(small_seed, tmp_path, build))


@pytest.mark.parametrize("number", range(2))
def test_what_several_documents_state_is_one_fact_or_rivals(
    number: int, small_seed: Path, tmp_path: Path
) -> None:
    """Some figures of a table stand in another one, some have rivals there, or in YAML."""
    dice = random.Random(number)
    first = figures(dice, 60)
    others = []
    for row in first[::2]:
        text, value = phrase(dice, row["indicator"])
        if value == row["value"] or dice.random() < 0.5:  # it agrees
            others.append(row | {"note": ""})
        else:
            rival = {"id": f"x-{row['id']}", "value_text": text, "value": value}
            others.append(row | rival)
    values, more = {row["value"] for row in (*first, *others)}, {}
    for name in ("other", "zz-other"):  # none of which agrees with another
        drawn = figures(random.Random(name), 150, name)
        more[name] = [*{row["value"]: row for row in drawn if row["value"] not in values}.values()]
        values |= {row["value"] for row in drawn}
    rival = {"id": "a-rival", "value": "4500000001", "value_text": "4,500,000,001 yuan"}
    gdp = {"subject": "zone/alpha", "indicator": "gdp", "period": "2018", "unit": "CNY"}
    gdp |= {"nature": "observed", "period_text": "2018"}

    def build(seed: Path, yaml: bool) -> None:
        write(seed, "almanac", first, yaml)
        write(seed, "ledger", others, yaml, about={"tier": 1, "published_on": "2021"})
        write(seed, "notes", [gdp | rival], yaml, about={"published_on": None})
        for name, rows in more.items():
            write(seed, name, rows, yaml)

    same(*both(small_seed, tmp_path, build))


def test_what_refers_to_a_row_finds_it(small_seed: Path, tmp_path: Path) -> None:
    """A sum of rows, a choice between rows, and a doubt about one."""
    count = {"indicator": "zones", "unit": "zones", "nature": "observed", "subject": "national"}
    count |= {"period": "2015", "period_text": "in 2015"}
    rows = [
        count | {"id": f"z-{n}", "value": n, "value_text": n, "coverage": c, "coverage_text": c}
        for n, c in (("4", "upland_zones"), ("5", "lowland_zones"))
    ]
    rivals = [{**rows[0], "id": "z-7", "value": "7", "value_text": "7"}]
    total = {**claim_of(count | {"id": "z-sum"}), "value": 9, "operation": "sum"}
    judged = """preferences:
- prefer: z-7
  reason: It is newer.
doubts:
- fact: z-5
  field: value
  stated: '5'
  kind: implausible
  reason: It is odd.
"""

    def build(seed: Path, yaml: bool) -> None:
        derived = [total | {"inputs": ["z-4", "z-5"], "reading": "9 = 4 + 5."}]
        write(seed, "almanac", rows, yaml, statistics=derived)
        write(seed, "ledger", rivals, yaml)
        (seed / "judgements.yaml").write_text(judged, encoding="utf-8")

    same(*both(small_seed, tmp_path, build))


PLAIN = {
    "id": "b",
    "subject": "zone/beta",
    "indicator": "gdp",
    "coverage": "",
    "period": "2015",
    "value": "1200000",
    "unit": "CNY",
    "comparator": "",
    "nature": "observed",
    "value_text": "1.2 million yuan",
    "period_text": "in 2015",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"indicator": "gpd"}, "there is no 'gpd' in indicators; did you mean 'gdp'?"),
        ({"subject": "zone/betta"}, "there is no 'betta' in zones; did you mean 'beta'?"),
        ({"subject": "place/beta"}, "a claim speaks of a zone/… or is national"),
        ({"coverage": "whol"}, "'whol' is no coverage code; did you mean 'whole'?"),
        ({"period": "2015-13"}, "period: '2015-13' is not an EDTF date"),
        ({"period": "2016"}, "period: its phrases say 2015"),
        ({"period_text": ""}, "'period' has no citation; fill in period_text"),
        ({"value": "12a"}, "value.int: Input should be a valid integer"),
        ({"value": "1200001"}, "value: its phrases say '1.2 million yuan' (1200000 CNY)"),
        ({"value": "1200000.0"}, FORM),
        ({"value_text": ""}, "'value' has no citation; fill in value_text"),
        ({"value_text": "over 1.2 million yuan"}, "comparator: its phrases say"),
        ({"value_text": "1.2 million dollars"}, "value: its phrases say"),
        ({"value_text": "1.2 million yuan "}, FORM),
        ({"value_text": "1.2 million yuan" + " or so" * 7}, "the phrase has 17 words"),
        ({"unit": "USD"}, "gdp is measured in CNY, not USD"),
        ({"comparator": "more"}, "comparator: Input should be 'exactly'"),
        ({"nature": "target", "nature_text": "of it"}, "nature: no word of its phrases marks"),
        ({"nature": ""}, "'nature' is missing"),
        ({"id": "b b"}, "id: String should match pattern"),
        ({"id": "a"}, "the id 'a' stands twice; choose another one"),
        ({"id": "programme-gdp-2021"}, "names another fact; choose its own"),
        ({"subject": "zone/alpha"}, "almanac claims this already, as 'a'"),
        ({"value_at": "3"}, "a place needs the text's sha256 in `document`"),
        ({"value_at": "x"}, "value_at: Input should be a valid integer"),
    ],
)
def test_a_row_must_keep_every_rule(changed: Row, said: str, seed_copy: Path) -> None:
    rows = [{**PLAIN, "id": "a", "subject": "zone/alpha"}, PLAIN | changed, {**PLAIN, "id": "z"}]
    rows[2]["subject"] = "zone/gamma"
    write(seed_copy, "almanac", rows)
    found = check(Seed(seed_copy))
    assert any(said in finding.message for finding in found), found
    assert {finding.file for finding in found} <= {"documents/almanac.csv"}
    assert {finding.line for finding in found} == {3}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("id,indicator,value,unit,nature,value_text,vale\n", 1, "did you mean 'value'?"),
        ("id,indicator,unit,nature,value_text\n", 1, "the column 'value' is missing"),
        ("indicator,id,value,unit,nature,value_text\n", 1, FORM),
        ("\ufeffid,indicator,value,unit,nature,value_text\n", 1, FORM),
        ("id,indicator,value,unit,nature,value_text\r\n", 1, FORM),
        ("id,indicator,value,unit,nature,value_text\nx,y\n", 2, "2 cells, where the header has 6"),
        (
            'id,indicator,value,unit,nature,value_text\n"a\nb",,,,,\n',
            2,
            "a cell holds a line break",
        ),
        ('id,indicator,value,unit,nature,value_text\n"a"b,,,,,\n', 2, "this is no CSV in UTF-8"),
    ],
)
def test_a_table_has_a_form(text: str, line: int, said: str, seed_copy: Path) -> None:
    write(seed_copy, "almanac", [])
    (seed_copy / "documents/almanac.csv").write_text(text, encoding="utf-8", newline="")
    found = [finding for finding in check(Seed(seed_copy)) if said in finding.message]
    assert [(finding.file, finding.line) for finding in found] == [("documents/almanac.csv", line)]


def test_a_table_without_its_document_is_refused(seed_copy: Path) -> None:
    (seed_copy / "documents/nobody.csv").write_text("id\n", encoding="utf-8")
    (found,) = check(Seed(seed_copy))
    assert (
        str(found) == "documents/nobody.csv:1: documents/nobody.yaml must say what the document is"
    )


def test_of_very_many_flaws_the_first_are_told(seed_copy: Path) -> None:
    rows = [PLAIN | {"id": f"r{n:05}", "indicator": "gpd"} for n in range(3 * MOST_TOLD)]
    write(seed_copy, "almanac", rows)
    found = check(Seed(seed_copy))
    assert len(found) == MOST_TOLD + 2
    assert sum("no further row was read" in finding.message for finding in found) == 1


def test_fix_writes_the_form_and_the_places(seed_copy: Path, tmp_path: Path) -> None:
    text = "In 2015 Beta made 1.2 million yuan, and Gamma made 3 million yuan in 2015."
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/almanac.txt").write_text(text, encoding="utf-8")
    about = {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    gamma = {"id": "a", "subject": "zone/gamma", "value": "3000000"}
    rows = [PLAIN, PLAIN | gamma | {"value_text": "3 million yuan"}]
    write(seed_copy, "almanac", rows, about=about)
    path, texts = seed_copy / "documents/almanac.csv", Texts(tmp_path / "texts")
    names = [*filter(None, PLAIN), "note"]
    lines = [",".join(names), *(",".join(f' "{row.get(n, "")}" ' for n in names) for row in rows)]
    path.write_text("\r\n".join(lines).replace(' "', '"').replace('" ', '"'), encoding="utf-8")
    assert {f.message for f in check(Seed(seed_copy), texts)} > {FORM}
    assert fix(Seed(seed_copy), texts) == ["documents/almanac.csv"]
    with path.open(encoding="utf-8", newline="") as file:
        made = list(csv.DictReader(file))
    assert [(row["id"], row["value_at"], row["period_at"]) for row in made] == [
        ("a", "51", "66"),
        ("b", "18", "66"),
    ]
    assert check(Seed(seed_copy), texts) == []
    assert fix(Seed(seed_copy), texts) == []
    assert not list(seed_copy.glob("documents/*.draft"))


def test_phrases_are_looked_for_in_the_text(seed_copy: Path, tmp_path: Path) -> None:
    text = "In 2015 Beta made 1.2 million yuan."
    (tmp_path / "almanac.txt").write_text(text, encoding="utf-8")
    about = {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    rows = [PLAIN | {"value_at": "19", "period_text": "In 2015", "period_at": "0"}]
    write(seed_copy, "almanac", rows, about=about)
    (seed_copy / "texts").mkdir()
    shutil.move(tmp_path / "almanac.txt", seed_copy / "texts")
    found = check(Seed(seed_copy), Texts(seed_copy / "texts"))
    assert any("is not at 19 but at 18; use --fix" in finding.message for finding in found), found


def test_a_cell_is_part_of_the_knowledge(seed_copy: Path) -> None:
    names = set()
    for value in ("1200000", "1300000"):
        write(seed_copy, "almanac", [PLAIN | {"value": value}])
        names.add(release_name(Seed(seed_copy)))
    assert len(names) == 2


def test_a_row_can_be_shown_and_what_it_lacks_is_told(seed_copy: Path) -> None:
    write(seed_copy, "almanac", [PLAIN, PLAIN | {"id": "c", "subject": "zone/gamma"}])
    seed = Seed(seed_copy)
    seed.shown.add("c")
    assert check(seed) == []
    told = list(show(seed, "statistic", "c"))
    assert told[0] == "statistics/c"
    assert "  documents/almanac.csv:3" in told
    left = {str(finding) for finding, _ in unproven(seed)}
    why = "value: the text of its source was not at hand to find its phrases in"
    assert left >= {f"documents/almanac.csv:{n}: {i}: {why}" for n, i in ((2, "b"), (3, "c"))}


BEFORE = ["", "over ", "about ", "¥", "$", "-", "RMB ", "超过", "No. ", "第", "in ", "世界"]
AFTER = ["", "%", " million yuan", "亿元", "万", "km²", " sq km", " mu", " hectares", "人", "家"]
AFTER += [
    " zones",
    " years",
    "th",
    "月",
    "日",
    "年",
    "G",
    "强",
    "多亿元",
    "+",
    " May",
    "倍",
    "世纪",
]


def test_what_is_read_of_one_number_is_read_of_all_of_its_kind() -> None:
    dice = random.Random(1)
    tried = 0
    for _ in range(3000):
        n = dice.choice([dice.randint(1, 31), dice.randint(1790, 2110), dice.randint(1, 10**9)])
        number = dice.choice([str(n), f"{n:,}"]) + dice.choice(["", "", ".5", ".25", ".120"])
        text = dice.choice(BEFORE) + number + dice.choice(AFTER)
        read = read_quantities(text)
        value = plain_number(read[0].value) if read else n
        if found := read_cell(text, json.dumps(value)):
            tried += 1
            reading, digits, decimals = found
            assert digits + decimals == number
            said = reading.before + digits.replace(",", " ") + decimals.replace(".", " ")
            assert said + reading.after == tokens_of(text)
            if reading.factor is None:
                assert not read
            else:
                (only,) = read
                printed = reading.printed(digits.replace(",", ""), decimals)
                assert printed == json.dumps(plain_number(only.number))
    assert tried > 1000


def test_numbers_that_read_otherwise_are_not_taken_together() -> None:
    assert reading_of("世界", "强", False, False) is None
    assert reading_of("", " May", False, False) is None
    assert reading_of("", " million yuan", False, False)
    assert read_cell("1,234 million yuan", "1234000001") is None
