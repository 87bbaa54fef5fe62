"""Measure search, suggest and resolve on the cases in search_cases.csv.

    python benchmarks/search.py [folder of a seed]

prints, per kind and overall, how often the expected row is the first hit and among the first five,
the median time of an answer in process, and every miss. The cases were written before tuning.
"""

import csv
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.database import Release, Releases
from app.search import finding, index, resolving
from app.search.resolving import Fit
from app.seed.release import load
from app.settings import Settings

CASES = Path(__file__).with_name("search_cases.csv")
TARGETS = (0.9, 0.97)


@dataclass(frozen=True)
class Case:
    """What somebody types, and the row that is meant."""

    kind: str
    query: str
    resource: str
    expected_id: str
    what: str

    @property
    def expected(self) -> set[tuple[str, str]]:
        """The rows that will do; none where nothing is meant."""
        return {(self.resource, one) for one in self.expected_id.split("|") if one}


def read_cases() -> list[Case]:
    """Every case."""
    with CASES.open(encoding="utf-8", newline="") as file:
        return [Case(**row) for row in csv.DictReader(file)]


def answer(release: Release, case: Case) -> list[tuple[str, str]]:
    """The first five rows that a case is answered with."""
    if case.kind == "resolve":
        found = resolving.resolve(release, case.query, case.resource)
        return [(case.resource, one.id) for one in found if one.match != Fit.NONE]
    find = finding.search if case.kind == "search" else finding.suggest
    numbers = [hit.row for hit in find(release, case.query, (), 10).hits[:5]]
    return [(row.resource, row.row_id) for row in index.rows(release, numbers)]


def hit(case: Case, found: Sequence[tuple[str, str]], within: int) -> bool:
    """Whether an expected row is among the first ones; with none expected, none may be found."""
    return bool(case.expected & {*found[:within]}) if case.expected else not found


def measure(release: Release, cases: Sequence[Case]) -> Iterator[str]:
    """The report, line by line."""
    rates: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    misses = []
    for case in cases:
        start = time.perf_counter()
        found = answer(release, case)
        for kind in (case.kind, "overall"):
            times[kind].append(time.perf_counter() - start)
            rates[kind].append((hit(case, found, 1), hit(case, found, 5)))
        if not hit(case, found, 1):
            place = "not first" if hit(case, found, 5) else "not found"
            misses.append(f"{place}: {case.kind} {case.query!r} ({case.what}): {found}")
    for kind, hits in rates.items():
        first, five = (sum(column) / len(hits) for column in zip(*hits, strict=True))
        median = 1000 * statistics.median(times[kind])
        yield f"{kind:8} {len(hits):4} cases  hit@1 {first:.3f}  hit@5 {five:.3f}  {median:.1f} ms"
    yield from misses


def main() -> None:
    """Build the release beside the served ones and measure it."""
    seed = Path(sys.argv[1]) if len(sys.argv) > 1 else Settings().seed_dir
    with tempfile.TemporaryDirectory() as folder:
        releases = Releases(Path(folder))
        load(seed, releases)
        for line in measure(releases.current(), read_cases()):
            print(line)  # noqa: T201


if __name__ == "__main__":
    main()
