"""What changed between two releases: compared, served and printed."""

import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from sqlmodel import SQLModel

from app.database import Release, Releases, writable
from app.query import changes as module
from app.query.changes import Change, Kind, changes, compare, differences
from app.resources.changes import evidence
from app.seed.anchors import fix
from app.seed.read import Seed
from app.seed.release import load
from app.tables import Body, Redirect
from tests.conftest import REAL_SEED, Gaoxin
from tests.resources.conftest import serving
from tests.resources.test_http import problem

pytestmark = pytest.mark.xdist_group("changes")
BAIYIN = "documents/chinadaily-2013-11-29-baiyin.yaml"
HEFEI = "documents/chinadaily-2020-06-10-hefei.yaml"
RIVAL = """statistics:
- id: baiyin-area-2020
  subject: zone/baiyin
  indicator: area
  period: null
  value: 9
  unit: km2
  nature: observed
  cite:
  - {for: value, at: 9, text: 9 square kilometers}
"""
Rows = dict[tuple[str, str], Any]
NOWHERE: dict[Any, str | None] = {}
Pair = Callable[..., tuple[Release, Release]]


def toy(folder: Path, name: str, rows: Rows, redirects: Mapping[Any, str | None]) -> Release:
    """A release that holds nothing but bodies and redirects; a text is a body as it stands."""

    def build(path: Path) -> None:
        with writable(path) as connection:
            SQLModel.metadata.create_all(connection)
            for (resource, identifier), row in rows.items():
                text = row if isinstance(row, str) else json.dumps({"id": identifier, **row})
                body = {"resource": resource, "id": identifier, "json_text": text}
                connection.execute(insert(Body), body)
            for (resource, identifier), to in redirects.items():
                moved = {"resource": resource, "id": identifier, "successor": to}
                connection.execute(insert(Redirect), moved)

    releases = Releases(folder)
    releases.publish(name, build)
    return releases.open(name)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Makes two toy releases of their rows and redirects."""
    with ExitStack() as stack:

        def make(
            old: Rows,
            new: Rows,
            redirects: Mapping[Any, str | None] = NOWHERE,
            known: Mapping[Any, str | None] = NOWHERE,
        ) -> tuple[Release, Release]:
            older = toy(tmp_path, "1-old", old, known)
            newer = toy(tmp_path, "2-new", new, redirects)
            for release in (older, newer):
                stack.callback(release.engine.dispose)
            return older, newer

        yield make


def nothing(*_: object) -> None:
    return None


def test_each_row_that_differs_is_told_once_in_the_order_of_its_key(pair: Pair) -> None:
    older, newer = pair(
        {
            ("b", "same"): {"x": 1},
            ("b", "gone"): {"x": 1, "name_en": "Gone", "name_zh": "没了"},
            ("a", "changed"): {"x": 1, "y": "same", "label_en": "Was", "label_zh": None},
        },
        {
            ("b", "same"): {"x": 1},
            ("b", "new"): {"x": 1},
            ("a", "changed"): {"x": 2, "y": "same", "label_en": "Is", "label_zh": None},
        },
    )
    found = [change.model_dump() for change in compare(older, newer, nothing)]
    assert [(c["id"], c["kind"], c["label_en"], c["label_zh"]) for c in found] == [
        ("a/changed", "changed", "Is", None),
        ("b/gone", "deleted", "Gone", "没了"),
        ("b/new", "added", None, None),
    ]
    plain = {"added": None, "removed": None}
    assert found[0]["fields"] == {
        "x": {"old": 1, "new": 2, **plain},
        "label_en": {"old": "Was", "new": "Is", **plain},
    }
    assert found[1]["fields"] == found[2]["fields"] == {}


@pytest.mark.parametrize(
    ("old", "new"), [({"x": 1, "y": None}, {"x": 1}), ('{"id":"r","x":1}', '{"x": 1, "id": "r"}')]
)
def test_another_spelling_of_the_same_row_is_no_change(pair: Pair, old: Any, new: Any) -> None:
    assert list(compare(*pair({("a", "r"): old}, {("a", "r"): new}), nothing)) == []


def test_what_a_release_says_of_itself_is_no_change(pair: Pair) -> None:
    rows = [{("release", "current"): {"version": v}} for v in "12"]
    assert list(compare(*pair(*rows), nothing)) == []


LISTS: list[tuple[Any, Any, Any, Any]] = [
    ([1, 2], [2, 3], [3], [1]),
    (["a", "b"], ["b", "a"], [], []),
    (None, ["a"], ["a"], []),
    ([{"id": "x", "n": 1}], [{"n": 1, "id": "x"}, {"id": "y"}], [{"id": "y"}], []),
    (["a"], "a", None, None),
    ({"x": [1]}, {"x": [2]}, None, None),
]


@pytest.mark.parametrize(("old", "new", "added", "removed"), LISTS)
def test_a_list_is_compared_by_its_members(old: Any, new: Any, added: Any, removed: Any) -> None:
    (field,) = differences({"f": old}, {"f": new}).values()
    assert (field.old, field.new, field.added, field.removed) == (old, new, added, removed)


def test_redirects_say_why_rows_went_and_came(pair: Pair) -> None:
    old: Rows = {("a", name): {} for name in ("gone", "merged", "moved", "withdrawn", "stays")}
    new: Rows = {("a", name): {} for name in ("stays", "moved-to", "fresh", "again")}
    moved = {("a", "moved"): "moved-to", ("a", "merged"): "stays", ("a", "withdrawn"): None}
    known = {("a", "once"): "again"}
    found = compare(*pair(old, new, {**moved, **known}, known), nothing)
    assert {change.row_id: change.reason for change in found} == {
        "again": None,  # an id of long ago does not explain it
        "fresh": None,
        "gone": None,
        "merged": "renamed to stays",
        "moved": "renamed to moved-to",
        "moved-to": "renamed from moved",
        "withdrawn": "withdrawn",
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_comparison_is_that_of_two_dictionaries(pair: Pair, seed: int) -> None:
    """Ids of every plane of Unicode: the order of the file must be the one of the merge."""
    rng = random.Random(seed)
    letters = ["a", "B", "-", "_", "é", "白", "\uffee", "😀", "0"]

    def rows() -> Rows:
        ids = {"".join(rng.choices(letters, k=rng.randint(1, 3))) for _ in range(120)}
        return {(rng.choice("ab"), identifier): {"x": rng.randint(0, 2)} for identifier in ids}

    old, new = rows(), rows()
    found = list(compare(*pair(old, new), nothing))
    keys = [(change.resource, change.row_id) for change in found]
    assert keys == sorted(keys)
    assert {(k, c.kind.value) for k, c in zip(keys, found, strict=True)} == {
        *((k, "added") for k in new.keys() - old.keys()),
        *((k, "deleted") for k in old.keys() - new.keys()),
        *((k, "changed") for k in old.keys() & new.keys() if old[k] != new[k]),
    }


def test_rows_that_are_equal_as_texts_are_not_parsed(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: Rows = {("a", f"{i:04}"): {"x": i} for i in range(2000)}
    older, newer = pair(rows, {**rows, ("a", "0007"): {"x": "other"}})
    parsed = []

    def counted(text: str) -> Any:
        parsed.append(text)
        return read(text)

    read = json.loads
    monkeypatch.setattr(json, "loads", counted)
    assert len(list(compare(older, newer, nothing))) == 1
    assert len(parsed) == 2


@pytest.mark.parametrize(("most", "made"), [(3, 1), (2, 3)])
def test_a_comparison_is_made_once_unless_it_is_too_long_to_keep(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, most: int, made: int
) -> None:
    older, newer = pair({}, {("a", str(i)): {} for i in range(3)})
    calls = []

    def counted(*releases: Any) -> Iterator[Change]:
        calls.append(releases)
        return compare(*releases)

    monkeypatch.setattr(module, "compare", counted)
    monkeypatch.setattr(module, "MOST_KEPT", most)
    for _ in range(2):
        assert [change.row_id for change in changes(older, newer, nothing)] == ["0", "1", "2"]
    assert len(calls) == made


EVIDENCE = [
    ({"value": 1}, {"value": 2}, None),
    ({"citations": ["a"]}, {"citations": ["a", "b", "c"]}, "2 citations added"),
    ({"citations": ["a"]}, {"citations": ["b"]}, "1 citation added; 1 citation removed"),
    ({"refs": {"x": ["a"]}}, {"refs": {"x": ["a"], "y": ["b"]}}, "1 citation added"),
    ({"citations": ["a", "b"]}, {"citations": ["b", "a"]}, None),
    (
        {"rank": "preferred", "rank_reason": None},
        {"rank": "normal", "rank_reason": "b is preferred: it is newer"},
        "now normal: b is preferred: it is newer",
    ),
    ({"rank": "normal", "rank_reason": "x"}, {"rank": "preferred"}, "now preferred"),
]


@pytest.mark.parametrize(("old", "new", "reason"), EVIDENCE)
def test_citations_and_rank_say_why_a_fact_changed(old: Any, new: Any, reason: str | None) -> None:
    assert evidence(differences(old, new), new) == reason


@dataclass(frozen=True)
class Twice:
    """A seed that was loaded, edited and loaded again."""

    seed: Path
    data: Path
    older: str
    newer: str


def edit(seed: Path, file: str, old: str, new: str) -> None:
    path = seed / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def twice(real_release: Releases, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """An area gets a rival, a date becomes coarser, a milestone is renamed, a platform goes."""
    place = tmp_path_factory.mktemp("twice")
    seed, data = Path(shutil.copytree(REAL_SEED, place / "seed")), place / "data"
    shutil.copytree(real_release.folder, data / "releases")
    older = real_release.current().name
    edit(seed, BAIYIN, "  date: 2010-09\n", "  date: '2010'\n")
    edit(seed, BAIYIN, "text: State Council in Sep 2010", "text: in 2010")
    edit(seed, BAIYIN, "- id: baiyin-initiative\n", "- id: baiyin-first-idea\n")
    text = (seed / BAIYIN).read_text(encoding="utf-8")
    start = text.index("- id: baiyin-technology-platform")
    ends = [text.find(mark, start + 1) for mark in ("\n- id:", "\nstatistics:")]
    end = min(place for place in ends if place > 0) + 1
    (seed / BAIYIN).write_text(text[:start] + text[end:], encoding="utf-8")
    edit(seed, HEFEI, "statistics:\n", RIVAL)
    redirects = [
        {"id": "baiyin-initiative", "resource": "milestones", "to": "baiyin-first-idea"},
        {"id": "baiyin-technology-platform", "resource": "platforms", "to": None},
    ]
    (seed / "redirects.yaml").write_text(json.dumps(redirects), encoding="utf-8")
    fix(Seed(seed), None)
    return Twice(seed, data, older, load(seed, Releases(data / "releases")))


@pytest.fixture(scope="module")
def served(twice: Twice) -> Iterator[httpx.Client]:
    with serving(twice.seed, twice.data) as client:
        yield client


def ask(served: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = served.get("/v1/changes", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_kept_releases_are_listed_the_newest_first(served: httpx.Client, twice: Twice) -> None:
    answer = served.get("/v1/releases")
    body = answer.json()
    assert [(r["id"], r["is_current"]) for r in body["data"]] == [
        (twice.newer, True),
        (twice.older, False),
    ]
    current = served.get("/v1/release").json()["data"]
    assert {k: body["data"][0][k] for k in ("version", "date")} == {
        k: current[k] for k in ("version", "date")
    }
    assert body["meta"]["release"] == twice.newer
    assert body["meta"]["total"] == body["meta"]["returned"] == 2
    assert body["links"] == {"self": "/v1/releases", "next": None}
    again = served.get("/v1/releases", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    problem(served.get("/v1/releases?limit=1"), "unknown-parameter")


def test_changes_tell_what_and_why(served: httpx.Client, twice: Twice) -> None:
    body = ask(served, since=twice.older, limit=1000)
    found = {change["id"]: change for change in body["data"]}
    assert body["meta"] == {
        "release": twice.newer,
        "query": {"since": twice.older, "limit": 1000},
        "total": len(found),
        "total_at_least": None,
        "returned": len(found),
        "undecided": 0,
        "left_out": {},
        "cut": {},
        "since": twice.older,
    }
    gone = found["milestones/baiyin-initiative"]
    assert (gone["kind"], gone["reason"]) == ("deleted", "renamed to baiyin-first-idea")
    assert gone["label_en"] == "Initiative at the Shenzhen Hi-Tech Fair"
    assert gone["label_zh"] == "深圳高交会上的倡议"
    come = found["milestones/baiyin-first-idea"]
    assert (come["kind"], come["reason"]) == ("added", "renamed from baiyin-initiative")
    assert found["platforms/baiyin-technology-platform"]["reason"] == "withdrawn"
    coarser = found["milestones/baiyin-national-approval"]
    assert (coarser["fields"]["date"]["old"], coarser["fields"]["date"]["new"]) == (
        "2010-09",
        "2010",
    )
    assert coarser["reason"] == "1 citation added; 1 citation removed"
    rival = found["statistics/baiyin-area"]
    assert rival["fields"].keys() == {"rank", "rank_reason", "rival_of", "standing"}
    assert rival["reason"].startswith("now normal: baiyin-area-2020 is preferred: ")
    zone = found["zones/baiyin"]
    assert zone["label_zh"] == "白银"
    assert (zone["fields"]["area_km2"]["old"], zone["fields"]["area_km2"]["new"]) == (8.05, 9)


def test_changes_are_what_the_two_releases_serve(served: httpx.Client, twice: Twice) -> None:
    def row(identifier: str, release: str) -> Any:
        address = served.get(f"/v1/{identifier}", params={"release": release})
        return address.json()["data"] if address.status_code == 200 else None

    for change in ask(served, since=twice.older, limit=1000)["data"]:
        old, new = row(change["id"], twice.older), row(change["id"], twice.newer)
        assert change["kind"] == ("added" if not old else "changed" if new else "deleted")
        if change["kind"] == "changed":
            changed = {k: (v["old"], v["new"]) for k, v in change["fields"].items()}
            assert changed == {k: (old[k], new[k]) for k in new if old[k] != new[k]}


def test_the_other_way_round_is_the_mirror_image(served: httpx.Client, twice: Twice) -> None:
    there = ask(served, since=twice.older, limit=1000)["data"]
    back = ask(served, since=twice.newer, release=twice.older, limit=1000)["data"]
    mirror = {"added": "deleted", "deleted": "added", "changed": "changed"}
    assert {(c["id"], c["kind"]) for c in back} == {(c["id"], mirror[c["kind"]]) for c in there}


def test_a_release_does_not_differ_from_itself(served: httpx.Client, twice: Twice) -> None:
    for release in (twice.older, twice.newer):
        body = ask(served, since=release, release=release)
        assert (body["data"], body["meta"]["total"], body["links"]["next"]) == ([], 0, None)


def test_changes_are_filtered_by_resource_and_kind(served: httpx.Client, twice: Twice) -> None:
    whole = ask(served, since=twice.older, limit=1000)["data"]
    for resources in (["zones"], ["milestones", "platforms"], ["programmes"]):
        for kinds in ([], ["deleted"], ["added", "changed"]):
            body = ask(served, since=twice.older, resource=resources, kind=kinds)
            assert body["data"] == [
                c
                for c in whole
                if c["resource"] in resources and c["kind"] in (kinds or list(Kind))
            ]
            assert body["meta"]["total"] == len(body["data"])


def test_changes_are_paged_without_gap_or_overlap(served: httpx.Client, twice: Twice) -> None:
    whole = ask(served, since=twice.older, limit=1000)
    answer = served.get("/v1/changes", params={"since": twice.older, "limit": 3})
    pages = [answer.json()]
    while following := pages[-1]["links"]["next"]:
        assert answer.headers["link"] == f'<{following}>; rel="next"'
        answer = served.get(following)
        pages.append(answer.json())
    assert [change for page in pages for change in page["data"]] == whole["data"]
    assert {page["meta"]["total"] for page in pages} == {whole["meta"]["total"]}
    none = ask(served, since=twice.older, limit=0)
    assert none["meta"]["total"] == whole["meta"]["total"]
    assert (none["data"], none["links"]["next"]) == ([], None)


def test_a_cursor_of_another_question_is_refused(served: httpx.Client, twice: Twice) -> None:
    following = ask(served, since=twice.older, limit=1)["links"]["next"]
    other = ask(served, since=twice.newer, release=twice.older, limit=1)["links"]["next"]
    cursor = other.rpartition("cursor=")[2]
    zones = served.get("/v1/zones?limit=1").json()["links"]["next"].rpartition("cursor=")[2]
    for address in (
        f"{following}&kind=added",
        f"/v1/changes?since={twice.older}&cursor={cursor}",
        f"/v1/changes?since={twice.older}&cursor={zones}",
        f"/v1/changes?since={twice.older}&cursor=garbage",
        f"{following}&release={twice.older}",
    ):
        body = problem(served.get(address), "invalid-cursor")
        assert served.get(body["errors"][0]["try"]).status_code == 200


FLAWED = [
    ("", 422, "invalid-value", None),
    ("since=", 422, "invalid-value", None),
    ("sinse={older}", 422, "unknown-parameter", "since"),
    ("limit=x", 422, "invalid-value", None),
    ("cursor=garbage", 422, "invalid-value", None),
    ("since=2020.1.1-000000", 410, "gone", None),
    ("since={older}x", 410, "gone", "{older}"),
    ("since={older}&since=no", 410, "gone", None),
    ("since=no&release=no&kind=x", 410, "gone", None),
    ("since=..%2Fcurrent", 410, "gone", None),
    ("since=%00", 410, "gone", None),
    ("since={older}&release=2020.1.1-000000", 410, "gone", None),
    ("since={older}&since={newer}", 422, "invalid-value", None),
    ("since={older}&kind=add", 422, "invalid-value", "added"),
    ("since={older}&resource=zone", 422, "invalid-value", "zones"),
    ("since={older}&resource=release", 422, "invalid-value", None),
    ("since={older}&limit=1001", 422, "invalid-value", None),
    ("since={older}&kinds=added", 422, "unknown-parameter", "kind"),
    ("since={older}&zone=baiyin", 422, "unknown-parameter", None),
]


@pytest.mark.parametrize(("query", "status", "code", "meant"), FLAWED)
def test_a_flawed_question_is_refused_with_one_that_answers(
    query: str, status: int, code: str, meant: str | None, served: httpx.Client, twice: Twice
) -> None:
    names = {"older": twice.older, "newer": twice.newer}
    answer = served.get(f"/v1/changes?{query.format(**names)}", headers={"If-None-Match": "*"})
    assert answer.status_code == status
    body = problem(answer, code)
    if meant:
        assert meant.format(**names) in [flaw.get("did_you_mean") for flaw in body["errors"]]
    for flaw in body["errors"]:
        assert served.get(flaw["try"]).status_code == 200, flaw["try"]


@pytest.mark.parametrize("query", ["", "since=", "since=none-of-these"])
def test_without_a_kept_release_to_compare_with_the_kept_ones_are_told(
    query: str, served: httpx.Client, twice: Twice
) -> None:
    (flaw,) = served.get(f"/v1/changes?{query}").json()["errors"]
    assert flaw["parameter"] == "since"
    assert flaw["allowed"] == [twice.newer, twice.older]
    assert flaw["try"] == f"/v1/changes?since={twice.older}"


def test_changes_have_an_etag_for_every_question(served: httpx.Client, twice: Twice) -> None:
    asked = [
        {"since": twice.older},
        {"since": twice.newer},
        {"since": twice.older, "kind": "added"},
    ]
    tags = [served.head("/v1/changes", params=one).headers["etag"] for one in asked]
    assert len(set(tags)) == len(tags)
    for one, tag in zip(asked, tags, strict=True):
        answer = served.get("/v1/changes", params=one, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")


def test_a_load_beside_the_server_is_seen_at_once(seed_copy: Path, tmp_path: Path) -> None:
    seed, data = seed_copy, tmp_path / "data"
    releases = Releases(data / "releases")
    names = [load(seed, releases)]
    with serving(seed, data) as client:
        tag = client.get("/v1/releases").headers["etag"]
        for number in range(3):
            redirect = f"- id: old-{number}\n  resource: zones\n  to: alpha\n"
            (seed / "redirects.yaml").write_text(redirect, encoding="utf-8")
            names.append(load(seed, releases))
            kept = names[::-1][:3]
            answer = client.get("/v1/releases", headers={"If-None-Match": tag})
            assert [release["id"] for release in answer.json()["data"]] == kept
            meta = ask(client, since=kept[-1])["meta"]
            assert (meta["release"], meta["since"]) == (kept[0], kept[-1])
            tag = answer.headers["etag"]
        flaw = problem(client.get("/v1/changes", params={"since": names[0]}), "gone")["errors"][0]
        assert flaw["allowed"] == kept
        releases.path(kept.pop()).unlink()
        answer = client.get("/v1/releases", headers={"If-None-Match": tag})
        assert [release["id"] for release in answer.json()["data"]] == kept


def test_diff_prints_a_line_for_each_change(twice: Twice, gaoxin: Gaoxin) -> None:
    code, out, told = gaoxin("diff", twice.older, "current", GAOXIN_DATA_DIR=twice.data)
    assert code == 1
    lines = out.splitlines()
    counts = {mark: sum(line.startswith(mark) for line in lines) for mark in "+~-"}
    assert sum(counts.values()) == len(lines)
    assert told == (
        f"gaoxin: from {twice.older} to {twice.newer}: "
        f"{counts['+']} added, {counts['~']} changed, {counts['-']} deleted\n"
    )
    by_id = {line.split()[1]: line for line in lines}
    assert by_id["platforms/baiyin-technology-platform"] == (
        "- platforms/baiyin-technology-platform technology development platform (withdrawn)"
    )
    assert by_id["statistics/baiyin-area-2020"] == "+ statistics/baiyin-area-2020"
    zone = by_id["zones/baiyin"]
    assert zone.startswith("~ zones/baiyin approved_on: 2010-09 -> 2010; approved_precision: ")
    assert "; refs.area_km2: -baiyin-area.value." in zone
    assert zone.endswith(" removed)")
    assert ": now normal: " not in by_id["statistics/baiyin-area"]
    assert "rank: preferred -> normal; rank_reason: null -> " in by_id["statistics/baiyin-area"]


def test_diff_of_a_release_with_itself_says_so_and_succeeds(twice: Twice, gaoxin: Gaoxin) -> None:
    code, out, told = gaoxin("diff", "current", twice.newer, GAOXIN_DATA_DIR=twice.data)
    assert (code, out) == (0, "")
    assert told.endswith(": 0 added, 0 changed, 0 deleted\n")


def test_diff_takes_the_beginning_of_a_name(twice: Twice, gaoxin: Gaoxin) -> None:
    short = next(twice.older[:n] for n in range(30) if not twice.newer.startswith(twice.older[:n]))
    code, _, told = gaoxin("diff", short, short, GAOXIN_DATA_DIR=twice.data)
    assert code == 0
    assert told.startswith(f"gaoxin: from {twice.older} to {twice.older}: ")


@pytest.mark.parametrize(
    ("name", "why"),
    [("1999", "'1999' is not kept"), ("20", "'20' may be any of them"), ("../x", "is not kept")],
)
def test_diff_of_a_release_that_is_not_kept_is_refused(
    name: str, why: str, twice: Twice, gaoxin: Gaoxin
) -> None:
    code, out, told = gaoxin("diff", name, "current", GAOXIN_DATA_DIR=twice.data)
    assert (code, out) == (2, "")
    assert why in told
    assert f"kept: {twice.newer}, {twice.older}" in told


def test_diff_without_any_release_is_refused(tmp_path: Path, gaoxin: Gaoxin) -> None:
    code, _, told = gaoxin("diff", "current", "1999", GAOXIN_DATA_DIR=tmp_path)
    assert (code, told) == (2, "gaoxin: no release is loaded\n")
