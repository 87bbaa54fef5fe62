"""Search, suggestions and resolving over HTTP, and `q` on lists."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEARCHES = ("/v1/search", "/v1/suggest", "/v1/zones", "/v1/statements")


def data(client: httpx.Client, path: str, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def test_a_hit_says_what_it_is_and_why(small: httpx.Client) -> None:
    [first, *_] = data(small, "/v1/search", q="阿爾法")
    assert first == {
        "id": "alpha",
        "resource": "zones",
        "label_en": "Alpha",
        "label_zh": "阿尔法",
        "score": 1.0,
        "matched": {"field": "short_name_zh", "snippet": "«阿尔法»"},
    }


def test_an_answer_tells_how_many_there_are(small: httpx.Client) -> None:
    answer = small.get("/v1/search", params={"q": "alpha", "limit": 2}).json()
    assert answer["meta"]["returned"] == 2
    assert answer["meta"]["total"] > 2
    assert answer["meta"]["query"] == {"q": "alpha", "limit": 2}
    assert answer["links"]["next"] is None


def test_only_the_lists_asked_for(small: httpx.Client) -> None:
    found = data(small, "/v1/search", q="alpha", resource=["places", "milestones"])
    assert {hit["resource"] for hit in found} == {"places", "milestones"}


@pytest.mark.parametrize(
    "q", ["bio-medicine", "Biomedicine", "生物医药", "生物醫藥", "shengwu yiyao"]
)
def test_an_industry_by_any_of_its_names_finds_its_zones(small: httpx.Client, q: str) -> None:
    zones = {zone["id"] for zone in data(small, "/v1/zones", q=q)}
    focused = {zone["id"] for zone in data(small, "/v1/zones", industry__exact="biomedicine")}
    assert focused
    assert focused <= zones


def test_q_joins_other_filters_counts_and_pages(small: httpx.Client) -> None:
    whole = small.get("/v1/zones", params={"q": "高新区"}).json()
    assert whole["meta"]["total"] == len(whole["data"]) > 1
    page = small.get("/v1/zones", params={"q": "高新区", "limit": 1, "sort": "-id"}).json()
    assert page["meta"]["total"] == whole["meta"]["total"]
    second = small.get(page["links"]["next"]).json()
    assert page["data"][0]["id"] > second["data"][0]["id"]
    one = whole["data"][0]["id"]
    assert [z["id"] for z in data(small, "/v1/zones", q="高新区", id=one)] == [one]


def test_q_forgives_a_misspelling(small: httpx.Client) -> None:
    assert [zone["id"] for zone in data(small, "/v1/zones", q="epsiln")] == ["epsilon"]


def test_a_zone_is_found_by_its_platforms(real: httpx.Client) -> None:
    assert [zone["id"] for zone in data(real, "/v1/zones", q="speech valley")] == ["hefei"]


def test_names_are_answered_in_their_order(small: httpx.Client) -> None:
    names = ["贝塔高新区", "Alpha Hi-Tech Zone", "nothing of the kind", "贝塔高新区"]
    answer = small.get("/v1/resolve", params={"name": names})
    rows = answer.json()["data"]
    assert [row["name"] for row in rows] == names
    assert [row["id"] for row in rows] == ["beta", "alpha", None, "beta"]
    assert [row["match"] for row in rows] == ["alias", "alias", "none", "alias"]
    turned = small.get("/v1/resolve", params={"name": names[::-1]})
    assert turned.headers["ETag"] != answer.headers["ETag"]


def test_two_rows_that_fit_alike_are_told(real: httpx.Client) -> None:
    [row] = data(real, "/v1/resolve", name="Fuzhou")
    assert row["ambiguous"]
    assert {one["id"] for one in row["candidates"][:2]} == {"fuzhou-fujian", "fuzhou-jiangxi"}


def test_an_answer_that_the_client_has_is_not_made_again(small: httpx.Client) -> None:
    tag = small.get("/v1/search?q=alpha").headers["ETag"]
    assert small.get("/v1/search?q=alpha", headers={"If-None-Match": tag}).status_code == 304
    assert small.get("/v1/search?q=beta", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "parameter", "guess"),
    [
        ("/v1/search", "q", "/v1/search?q=biomedicine"),
        ("/v1/search?qq=alpha", "qq", "/v1/search?q=alpha"),
        ("/v1/search?q=alpha&resource=zone", "resource", "/v1/search?q=alpha&resource=zones"),
        ("/v1/search?q=alpha&limit=0", "limit", "/v1/search?q=alpha"),
        ("/v1/search?q=a&q=b", "q", "/v1/search?q=a"),
        ("/v1/search?q=" + "a" * 10_000, "q", "/v1/search?q=biomedicine"),
        ("/v1/search?limit=0", "limit", "/v1/search?q=biomedicine"),
        ("/v1/suggest?q=", "q", None),
        ("/v1/resolve?name=&resource=zones", "name", None),
        ("/v1/resolve?" + "&".join(["name=a"] * 101), "name", None),
        ("/v1/resolve?name=a&resource=citations", "resource", None),
        ("/v1/zones?q=a&q=b", "q", "/v1/zones?q=a"),
    ],
)
def test_a_flaw_is_told_with_the_corrected_request(
    small: httpx.Client, path: str, parameter: str, guess: str | None
) -> None:
    answer = small.get(path)
    assert answer.status_code == 422
    [flaw] = answer.json()["errors"]
    assert flaw["parameter"] == parameter
    assert guess is None or flaw["try"] == guess
    assert small.get(flaw["try"]).status_code == 200
    assert "Leave it out" not in flaw["message"]


@given(
    st.one_of(st.text(min_size=1, max_size=200), st.from_regex(r'\A["*^:(){}\- \0a苏]{1,200}\Z'))
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_a_person_types_breaks_the_query(small: httpx.Client, text: str) -> None:
    for path in SEARCHES:
        assert small.get(path, params={"q": text}).status_code == 200
    assert small.get("/v1/resolve", params={"name": text}).status_code == 200


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("which zones have robots", "robots"),
        ("zones that have biomedicine in Gansu", "baiyin"),
        ("how did the GDP of the zones grow", "provincial-gdp-growth-share"),
    ],
)
def test_of_a_whole_question_the_rare_words_decide(
    question: str, first: str, real: httpx.Client
) -> None:
    found = real.get("/v1/search", params={"q": question, "limit": 5}).json()["data"]
    assert found[0]["id"] == first
