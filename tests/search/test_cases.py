"""The cases written before tuning, on the real base: what `benchmarks/search.py` prints."""

from collections.abc import Sequence

from app.database import Releases
from benchmarks.search import TARGETS, answer, hit, read_cases


def test_there_are_cases_of_every_kind() -> None:
    cases = read_cases()
    assert len(cases) > 400
    assert {case.kind for case in cases} == {"search", "suggest", "resolve"}
    assert len({(case.kind, case.query) for case in cases}) == len(cases)


def test_every_expected_row_is_in_the_base(real_release: Releases) -> None:
    known = {*real_release.current().fetch("SELECT resource, row_id FROM searchrow", ())}
    assert {row for case in read_cases() for row in case.expected} <= known


def test_the_rates_reach_their_targets(real_release: Releases) -> None:
    cases, release = read_cases(), real_release.current()
    found: Sequence[Sequence[tuple[str, str]]] = [answer(release, case) for case in cases]
    for within, target in zip((1, 5), TARGETS, strict=True):
        hits = sum(hit(case, rows, within) for case, rows in zip(cases, found, strict=True))
        assert hits / len(cases) >= target, f"hit@{within}"
