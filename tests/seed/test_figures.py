"""Tables of figures: what is served of them is what the same claims in YAML would give."""

import csv
import io
import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from app.database import Releases
from app.seed.check import check
from app.seed.files import canonical
from app.seed.claims import DocumentFile
from app.seed.read import Seed
from app.seed.release import load
from app.seed.sheets import COLUMNS

Row = dict[str, str]


def claim_of(row: Row) -> dict[str, Any]:
    """A row as the claim that a curator would write in YAML."""
    plain = {name: cell for name, cell in row.items() if not name.endswith(("_text", "_at"))}
    cites = [
        {"for": field, "text": row[f"{field}_text"]}
        | ({"at": row[f"{field}_at"]} if row.get(f"{field}_at") else {})
        for field in ("value", "period", "coverage", "nature")
        if row.get(f"{field}_text")
    ]
    return {**{k: v for k, v in plain.items() if v}, "period": row["period"] or None, "cite": cites}


def sheet_of(rows: Iterable[Row]) -> str:
    """Rows as a table in its form."""
    ordered = sorted(rows, key=lambda row: row["id"])
    names = [name for name in COLUMNS if any(row.get(name) for row in ordered)]
    file = io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(ordered)
    return file.getvalue()


def write(folder: Path, name: str, rows: list[Row], yaml: bool, **about: Any) -> None:
    """A document with these figures, in YAML or in a table."""
    source = {
        "id": name,
        "title": name,
        "publisher": "bureau",
        "published_on": "2023-05-01",
        "language": "en",
        "tier": 2,
        **about,
    }
    tree: dict[str, Any] = {"document": source, "subject": "zone/alpha"}
    if yaml:
        tree["statistics"] = [claim_of(row) for row in sorted(rows, key=lambda row: row["id"])]
    elif rows:
        (folder / f"documents/{name}.csv").write_text(sheet_of(rows), encoding="utf-8")
    model = DocumentFile.model_validate(tree)
    (folder / f"documents/{name}.yaml").write_text(canonical(model), encoding="utf-8")


def everything(folder: Path, data: Path) -> dict[str, list[Any]]:
    """Every table of the release of a seed, in an order that no number decides."""
    assert check(Seed(folder)) == []
    releases = Releases(data)
    load(folder, releases)
    release = releases.current()
    with release.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {
            name: sorted(tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')))
            for name in names
            if not name.startswith(("search", "alembic")) 
        }
        found["body"] = [
            (resource, name, body.replace(release.name, "RELEASE"))
            for resource, name, body in found["body"]
        ]
        found["searchrow"] = [
            tuple(row)
            for row in connection.execute(
                text("SELECT resource, row_id, label_en, label_zh, favoured FROM searchrow ORDER BY number")
            )
        ]
        found["searchpassage"] = [
            tuple(row)
            for row in connection.execute(
                text(
                    "SELECT resource, row_id, field, kind, text FROM searchpassage p JOIN searchrow r "
                    "ON r.number = p.row_number ORDER BY r.number, p.number"
                )
            )
        ]
    release.engine.dispose()
    import sqlite3
    with sqlite3.connect(releases.path(release.name)) as raw:
        raw.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'search_words', 'instance')")
        ranks = {n: i for i, (n,) in enumerate(raw.execute("SELECT number FROM searchrow ORDER BY number"))}
        found["words"] = sorted((t, ranks[d], c, o) for t, d, c, o in raw.execute("SELECT term, doc, col, offset FROM temp.terms"))
        found["indexes"] = sorted(raw.execute("SELECT name, sql FROM sqlite_master"), key=str)
    return found


UNITS = {"gdp": "CNY", "enterprises": "enterprises", "employees": "persons", "area": "km2", "export-growth": "percent"}


def figures(seed: int, count: int, prefix: str = "almanac") -> list[Row]:
    """Random figures, in many shapes."""
    dice = random.Random(seed)
    made: dict[tuple[str, ...], Row] = {}
    for _ in range(count):
        indicator = dice.choice([*UNITS])
        zone = dice.choice(["alpha", "beta", "gamma", "delta", ""])
        national = dice.random() < 0.1
        year = str(dice.randint(2001, 2022))
        coverage = dice.choice(["", "", "", "whole", "large_zones"])
        nature = dice.choice(["observed"] * 6 + ["target"])
        words, value = phrase(dice, indicator)
        subject = "national" if national else zone and f"zone/{zone}"
        row = {
            "id": f"{prefix}-{zone or 'own'}{'-all' * national}-{indicator}-{year}-{coverage or 'x'}-{nature}".replace("_", "-"),
            "subject": subject,
            "indicator": indicator,
            "coverage": coverage,
            "period": dice.choice([year, year, ""]),
            "value": value,
            "unit": UNITS[indicator],
            "comparator": "",
            "nature": nature,
            "note": "What „else“, \"said\" 100%?" if dice.random() < 0.1 else "",
            "value_text": words,
        }
        if row["period"]:
            row["period_text"] = f"in {year}"
        if coverage == "large_zones":
            row["coverage_text"] = "of large zones"
        if nature == "target":
            row["nature_text"] = "the target"
        key = (subject or "zone/alpha", indicator, row["period"], coverage or "whole", nature)
        if key not in {k for k in made}:
            made.setdefault(key, row)
    return [*{row["id"]: row for row in made.values()}.values()]


def phrase(dice: random.Random, indicator: str) -> tuple[str, str]:
    """A cell as it is printed, and its value."""
    n = dice.choice([dice.randint(1, 40), dice.randint(1780, 2120), dice.randint(1, 10**7)])
    if indicator == "gdp":
        return dice.choice([(f"{n} million yuan", str(n * 10**6)), (f"{n:,}.5 万元", str(n * 10**4 + 5000)), (f"¥{n:,}", str(n))])
    if indicator == "area":
        return dice.choice([(f"{n}.25 km²", f"{n}.25"), (f"{n} sq km", str(n))])
    if indicator == "export-growth":
        tenth = f"{n / 10}"
        plain = tenth.removesuffix(".0")
        return dice.choice([(f"{tenth}%", plain), (f"-{tenth}%", f"-{plain}"), (f"{n}%", str(n))])
    return dice.choice([(f"{n:,}", str(n)), (f"{n:,} persons", str(n)), (f"{n:,}人", str(n))])


@pytest.mark.parametrize("seed", range(3))
def test_a_table_is_served_as_the_same_claims_in_yaml(
    seed: int, small_seed: Path, tmp_path: Path
) -> None:
    made = {}
    for yaml in (True, False):
        folder = tmp_path / f"seed-{yaml}"
        shutil.copytree(small_seed, folder)
        write(folder, "almanac", figures(seed, 150), yaml)
        made[yaml] = everything(folder, tmp_path / f"data-{yaml}")
    assert made[True].keys() == made[False].keys()
    for name in made[True]:
        assert made[False][name] == made[True][name], name
