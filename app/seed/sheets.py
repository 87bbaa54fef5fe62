"""A table of figures beside its document, `documents/<id>.csv`: each row is a statistic claim.

A row says what a plain figure says in YAML, an empty cell what a missing key says there. A row is
one line, and lines are sorted by id: so a difference is one of content, and an id that stands twice
stands beside itself.
"""

import csv
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from app.seed.claims import Cite, DocumentFile, Number, Statistic
from app.seed.files import Sheet
from app.seed.read import explain, guess

Cells = tuple[str, ...]

FIELDS = (
    *("id", "subject", "indicator", "coverage", "period", "value", "unit", "comparator"),
    *("nature", "reading", "note"),
)
CITED = tuple(Statistic.cited)
COLUMNS = (*FIELDS, *(f"{field}_{part}" for field in CITED for part in ("text", "at")))
"""The columns in their order; a table has those that it needs."""
NEEDED = ("id", "indicator", "value", "unit", "nature", "value_text")
FORM = "this file is not in canonical form; `gaoxin check --fix` rewrites it"
_PERIOD, _VALUE = COLUMNS.index("period"), COLUMNS.index("value")
_NUMBER = TypeAdapter[int | float](Number)


class _Echo:
    """Gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


_line: Callable[[Any], str] = csv.writer(_Echo(), lineterminator="\n").writerow


def rows(sheet: Sheet) -> Iterator[tuple[int, Cells]]:
    """The cells of each row, those of COLUMNS, with its line; what is no row is found."""
    number, raw = 1, ""

    def lines() -> Iterator[str]:
        nonlocal raw
        for raw in file:  # noqa: UP028
            yield raw

    try:
        with sheet.path.open(encoding="utf-8", newline="") as file:
            read = csv.reader(lines(), strict=True)
            header = sheet.tree = next(read, [])
            header[:1] = [name.removeprefix("\ufeff") for name in header[:1]]
            if not _fits(sheet, header, raw):
                return
            width = len(header)
            chosen = itemgetter(*(header.index(n) if n in header else -1 for n in COLUMNS))
            for number, cells in enumerate(read, 2):
                if read.line_num != number:
                    sheet.find((number,), "a cell holds a line break; write it on one line")
                    return
                if ('"' in raw or "\r" in raw or raw[-1] != "\n") and _line(cells) != raw:
                    sheet.find((number,), FORM)
                if len(cells) != width:
                    sheet.find((number,), f"{len(cells)} cells, where the header has {width}")
                    continue
                cells.append("")
                yield number, chosen(cells)
    except (csv.Error, UnicodeDecodeError) as error:
        sheet.find((number + 1,), f"this is no CSV in UTF-8: {error}")


def _fits(sheet: Sheet, header: list[str], raw: str) -> bool:
    """Whether the columns are known, each stands once, and none is missing that is needed."""
    flaws = [f"there is no column {n!r}{guess(n, COLUMNS)}" for n in header if n not in COLUMNS]
    flaws += [f"the column {n!r} is missing" for n in NEEDED if n not in header]
    flaws += ["a column stands twice"] * (len({*header}) < len(header))
    for flaw in flaws:
        sheet.find((1,), flaw)
    if _line([name for name in COLUMNS if name in header]) != raw:
        sheet.find((1,), FORM)
    return not flaws


def claim_of(sheet: Sheet, number: int, cells: Cells, document: DocumentFile) -> Statistic | None:
    """A row as the claim that it is; None, with findings, where it is none."""
    tree = tree_of(cells)
    if not tree["cite"]:
        sheet.find((number,), "'value' has no citation; fill in value_text")
        return None
    try:
        claim = Statistic.model_validate(tree)
    except ValidationError as error:
        for flaw in error.errors():
            where = flaw["loc"]
            if where[0] == "cite":
                where = (f"{tree['cite'][where[1]]['for']}_{where[2]}",)
            sheet.find((number,), explain({**flaw, "loc": where}))
        return None
    claim._inherited = document.subject
    return claim


def tree_of(cells: Cells) -> dict[str, Any]:
    """A row as it would stand in YAML."""
    texts = zip(CITED, cells[len(FIELDS) :: 2], cells[len(FIELDS) + 1 :: 2], strict=True)
    cites = [{"for": f, "text": t or None, "at": at or None} for f, t, at in texts if t or at]
    tree = {name: cell for name, cell in zip(FIELDS, cells, strict=False) if cell}
    return {**tree, "period": cells[_PERIOD] or None, "cite": cites}


def tidy(cells: Cells) -> Cells:
    """The cells in their form: trimmed, and numbers as JSON has them."""
    trimmed = [cell.strip() for cell in cells]
    with suppress(ValidationError):  # the check says so
        trimmed[_VALUE] = to_json(_NUMBER.validate_python(trimmed[_VALUE])).decode()
    for i in range(len(FIELDS) + 1, len(COLUMNS), 2):
        if trimmed[i].isdecimal():
            trimmed[i] = str(int(trimmed[i]))
    return tuple(trimmed)


def rewrite(sheet: Sheet, place: Callable[[Cite], int | None]) -> bool:
    """Write a table in its form, with the places of its phrases; whether anything changed."""
    draft, before = sheet.path.with_suffix(".draft"), sheet.digest()
    filled: set[str] = set()
    with closing(sqlite3.connect("")) as sorter:
        sorter.execute("CREATE TABLE line (id TEXT, cells TEXT)")
        for _, cells in rows(sheet):
            placed = _placed(tidy(cells), place)
            filled |= {name for name, cell in zip(COLUMNS, placed, strict=True) if cell}
            sorter.execute("INSERT INTO line VALUES (?, ?)", (placed[0], _line(placed)))
        if any(finding.message != FORM for finding in sheet.findings):
            return False  # a row that could not be read would be lost
        names = [name for name in COLUMNS if name in filled or name in sheet.tree]
        chosen = itemgetter(*(COLUMNS.index(name) for name in names))
        found = sorter.execute("SELECT cells FROM line ORDER BY id, rowid")
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(_line(names))
            file.writelines(_line(chosen(cells)) for cells in csv.reader(one for (one,) in found))
    os.replace(draft, sheet.path)
    return sheet.digest() != before


def _placed(cells: Cells, place: Callable[[Cite], int | None]) -> Cells:
    """The cells of a row with the place of each phrase that has one."""
    made = list(cells)
    for i in range(len(FIELDS), len(COLUMNS), 2):
        text, at = made[i : i + 2]
        if text and (not at or at.isdecimal()):
            found = place(Cite(for_="value", at=int(at) if at else None, text=text))
            made[i + 1] = at if found is None else str(found)
    return tuple(made)
