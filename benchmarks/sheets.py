"""Writes generated figures as tables of `seed_data/documents`, to be loaded as any others are."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.seed.sheets import COLUMNS


def write_sheet(path: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """Write figures, as dicts of cells by column, as a table in its form; returns how many."""
    ordered = sorted(rows, key=lambda row: str(row["id"]))
    names = [name for name in COLUMNS if any(row.get(name) for row in ordered)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)
    return len(ordered)
