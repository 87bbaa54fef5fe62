"""The committed contract is the running one, so that every change of it is a visible diff."""

import json
from difflib import unified_diff

import pytest

from app.query.problems import LONGEST_URL
from tests.contract.__main__ import COMMAND, FOLDER, snapshots


@pytest.mark.parametrize("name", ["openapi.json", "fields.json"])
def test_the_contract_is_the_committed_one(name: str) -> None:
    is_, was = snapshots()[name], (FOLDER / name).read_text(encoding="utf-8")
    if is_ != was:
        changed = "\n".join(
            [*unified_diff(was.splitlines(), is_.splitlines(), lineterm="", n=1)][:80]
        )
        pytest.fail(f"{name} changed. If that is meant: {COMMAND}\n{changed}", pytrace=False)


def test_the_catalogue_names_the_parameters_of_the_openapi_document() -> None:
    texts = snapshots()
    paths = json.loads(texts["openapi.json"])["paths"]
    for row in json.loads(texts["fields.json"]):
        declared = {p["name"] for p in paths[row["address"]]["get"]["parameters"]}
        told = {by["parameter"] for field in row["fields"] for by in field["operators"]}
        controls = {"sort", "include", "explain", "format", "limit", "cursor", "total", "release"}
        assert told <= declared <= told | controls | {"facet", "group_by", "fields"}


def test_the_longest_address_is_stated() -> None:
    about = json.loads(snapshots()["openapi.json"])["info"]["description"]
    assert f"{LONGEST_URL:,}".replace(",", " ") in about
