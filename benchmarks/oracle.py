"""Random questions to every list of a release, held against a plain reading of all its rows.

    python benchmarks/oracle.py [questions, 5000] [seed of the random numbers, 0]

Filters of every family, sort keys, pages, facets with their toggles, and groups with what is made
of their figures. Prints every difference, how many questions each list was asked, and how many
rows, facets and groups those compared; ends with 1 if there was a difference.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from app.database import Releases
from app.seed.release import load
from app.settings import Settings
from tests.resources.reading import read_oracles


def main(questions: int = 5000, seed: int = 0) -> int:
    """Ask, compare and print."""
    random, asked, different = Random(seed), Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        releases = Releases(Path(folder))
        load(Settings().seed_dir, releases)
        release = releases.current()
        oracles = read_oracles(release)
        for number in range(questions):
            oracle = list(oracles.values())[number % len(oracles)]
            question = oracle.question(random)
            asked[oracle.query.rows] += 1
            asked["facets"] += len(question[3])
            asked["groupings"] += bool(question[4])
            for difference in oracle.differences(release, *question):
                different += 1
                print(difference)  # noqa: T201
        release.engine.dispose()
    print(f"{questions} questions, {different} differences: {dict(asked)}")  # noqa: T201
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
