"""The OpenAPI document is valid and true: what it describes and shows by example answers so."""

import re
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from app.main import create_app
from app.query.parameters import ListQuery
from app.resources.service import RESOURCES

DOCUMENT: dict[str, Any] = create_app().openapi()
OPERATIONS = {path: methods["get"] for path, methods in DOCUMENT["paths"].items()}
LISTS = [f"/v1/{module.__name__.rsplit('.', 1)[-1]}" for module in RESOURCES]


def path_of(path: str) -> str:
    """The path with the examples of its parameters filled in."""
    for parameter in OPERATIONS[path].get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", next(iter(parameter["examples"])))
    return path


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_operation_is_described_and_declares_its_failures(path: str) -> None:
    operation = OPERATIONS[path]
    assert operation["summary"]
    assert operation["description"]
    assert operation["operationId"].isidentifier()
    assert len(operation["tags"]) == 1
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), parameter["name"]
    for status, answer in operation["responses"].items():
        if status >= "4":
            assert list(answer["content"]) == ["application/problem+json"]


def test_operation_ids_are_unique() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_schemas_have_names_of_the_domain() -> None:
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_operation_answers_its_example(path: str, real: httpx.Client) -> None:
    required = [p for p in OPERATIONS[path].get("parameters", []) if p["required"]]
    asked = {p["name"]: p.get("example") for p in required if p["in"] == "query"}
    if "since" in asked:
        asked["since"] = real.get("/v1/release").json()["data"]["id"]
    answer = real.get(path_of(path), params=asked, follow_redirects=True)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_link_in_a_description_answers_with_rows(path: str, real: httpx.Client) -> None:
    for address in re.findall(r"\]\((/v1[^)]*)\)", OPERATIONS[path]["description"]):
        answer = real.get(address, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"], address


@pytest.mark.parametrize("path", [p for p in OPERATIONS if p.startswith("/v1/") and "{" in p])
def test_rows_have_the_fields_of_their_schema(path: str, real: httpx.Client) -> None:
    if path.count("{") > 1:
        return
    rows = real.get(path.removesuffix("/{id}")).json()["data"]
    envelope = OPERATIONS[path]["responses"]["200"]["content"]["application/json"]["schema"]
    item = DOCUMENT["components"]["schemas"][envelope["$ref"].rsplit("/", 1)[-1]]
    row = DOCUMENT["components"]["schemas"][item["properties"]["data"]["$ref"].rsplit("/", 1)[-1]]
    assert row["required"] == ["id"]
    asked_for = {n for n, s in row["properties"].items() if "only with `" in s["description"]}
    for found in rows:
        assert set(found) == set(row["properties"]) - asked_for
    for name, schema in row["properties"].items():
        assert schema.get("description"), f"{path}: {name}"


KNOWN = {"zone": ["baiyin"], "document": ["gbt-37028-2018"], "fact": ["baiyin-area"]}
"""Ids of vocabularies that are too long to be listed in an answer."""
SAMPLES = {"integer": "2010", "number": "1", "boolean": "true"}


def sample(schema: dict[str, Any]) -> str:
    """A value that a parameter should accept."""
    if "items" in schema:
        return sample(schema["items"])
    if "enum" in schema:
        return str(schema["enum"][0])
    if "$ref" in schema:
        return str(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]["enum"][0])
    return "2010-09" if "pattern" in schema else SAMPLES.get(schema["type"], "x")


@pytest.mark.parametrize("path", LISTS)
def test_every_parameter_is_accepted_alone_or_says_what_is_allowed(
    path: str, real: httpx.Client
) -> None:
    tried = 0
    for parameter in OPERATIONS[path]["parameters"]:
        name = parameter["name"]
        if name in ("cursor", "release"):
            continue
        answer = real.get(path, params={name: sample(parameter["schema"])})
        if answer.status_code == 422:  # a vocabulary that is data: take what is allowed
            allowed = answer.json()["errors"][0].get("allowed") or KNOWN.get(name.split("__")[0])
            if not allowed:
                continue
            answer = real.get(path, params={name: allowed[0]})
        assert answer.status_code == 200, f"{name}: {answer.text}"
        tried += 1
    assert tried >= 10


@pytest.mark.parametrize("path", LISTS)
def test_every_sort_key_orders(path: str, real: httpx.Client) -> None:
    schema = next(p for p in OPERATIONS[path]["parameters"] if p["name"] == "sort")["schema"]
    first = real.get(path, params={"limit": 1000}).json()
    whole = {row["id"] for row in first["data"]}
    for key in schema["items"]["enum"]:
        answer = real.get(path, params={"sort": key, "limit": 1000})
        if key.lstrip("-") == "distance":
            assert "goes with 'near'" in answer.json()["detail"]
            continue
        found = {row["id"] for row in answer.json()["data"]}
        assert found == whole if first["links"]["next"] is None else len(found) == 1000


def test_every_resource_is_listed_in_the_index(real: httpx.Client) -> None:
    index = real.get("/v1").json()
    assert sorted(index["resources"].values()) == sorted(LISTS)
    for address in (*index["resources"].values(), *index["ask"].values(), *index["links"].values()):
        assert real.get(address).status_code == 200


def test_every_list_has_a_query_class() -> None:
    registered = {f"/v1/{query.rows}" for query in ListQuery.__subclasses__()}
    assert set(LISTS) <= registered
