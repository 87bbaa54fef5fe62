"""A seed with generated tables of figures, to measure how they are loaded.

    python benchmarks/sheets.py FOLDER [figures, 1000000]

Copies seed_data to FOLDER and adds the figures of `speed_figures.py`: a document a year, as a
yearbook of all zones would be, with its table. Load it by `gaoxin load --seed FOLDER`.
"""

import csv
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.seed.claims import DocumentFile, Indicator, Zone
from app.seed.files import canonical
from app.seed.read import Seed
from app.seed.sheets import COLUMNS, tree_of
from app.settings import bundled
from benchmarks.speed_figures import Quantity, Subject, figures

_NATURES = {"target": "目标", "forecast": "预计", "planned": "计划"}


def make(folder: Path, count: int, written_out: bool = False) -> int:
    """Write the seed; returns how many figures were added. `folder` must not be there.

    Figures that are `written_out` stand in the YAML of their documents, as claims that are typed.
    """
    shutil.copytree(bundled("seed_data"), folder)
    seed = Seed(folder)
    zones = [Subject(z.id, z.label_en, z.label_zh or z.label_en) for z in seed.each(Zone)]
    subjects = [Subject(None, "", "全国高新区"), *sorted(zones, key=lambda zone: zone.slug)]
    known = sorted(seed.each(Indicator), key=lambda one: one.id)
    measured = [Quantity(i.id, i.label_en, i.label_zh or "", i.unit, i.dimension) for i in known]
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    before: Mapping[str, Any] = {}
    for one in figures(subjects, measured, count):
        # A rival that says the same is none: it would be the same figure, under another id.
        if not one["rival_of"] or any(one[n] != before[n] for n in ("value", "comparator")):
            tables[one["document"][-4:]].append(cells(one))
        before = one
    for year, rows in tables.items():
        name = f"generated-{year}"
        source = {
            "id": name,
            "title": f"全国高新区{year}年统计年鉴（生成数据）",
            "publisher": None,
            "published_on": str(int(year) + 1),
            "language": "zh",
            "tier": 2,
            "note": "Generated to measure speed; it states nothing.",
        }
        path = folder / "documents" / f"{name}.yaml"
        claims = [tree_of(tuple(row.get(n, "") for n in COLUMNS)) for row in rows * written_out]
        document = DocumentFile.model_validate({"document": source, "statistics": claims})
        path.write_text(canonical(document), encoding="utf-8")
        if not written_out:
            write_sheet(path.with_suffix(".csv"), rows)
    return sum(map(len, tables.values()))


def cells(one: Mapping[str, Any]) -> dict[str, Any]:
    """A generated figure as a row of a table."""
    plain = {"coverage": "whole", "comparator": "exactly"}
    row = {name: one[name] for name in COLUMNS if name in one and one[name] != plain.get(name)}
    cited = {"value_text": one["published_text"], "period_text": _period(one["period"])}
    if one["nature"] != "observed":
        cited["nature_text"] = {"target": "目标", "forecast": "预计", "planned": "计划"}[
            one["nature"]
        ]
    if one["coverage"] != "whole":
        cited["coverage_text"] = one["coverage"]
    subject = f"zone/{one['zone']}" if one["zone"] else "national"
    return {**row, "subject": subject, **cited}


def _period(period: str) -> str:
    """A year, or its first months, as a yearbook says it."""
    first, _, last = period.partition("/")
    return f"{first[:4]}年1-{int(last[5:])}月" if last else f"{first}年"


def write_sheet(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write figures, as dicts of cells by column, as a table in its form."""
    ordered = sorted(rows, key=lambda row: str(row["id"]))
    names = [name for name in COLUMNS if any(row.get(name) for row in ordered)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int((sys.argv[2:] or ["1000000"])[0]))
