"""The README is true: its requests answer, and everything that can be asked stands in it."""

import re
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from app.query.fields import Concept, Dated, Field, Ordered, Related, RelatedConcept, Words
from app.resources.service import RESOURCES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REQUESTS = sorted(set(re.findall(r"`(/v1/[a-z][^`<]*)`", README)))


def test_the_readme_shows_requests() -> None:
    assert len(REQUESTS) > 12


@pytest.mark.parametrize("request_", REQUESTS)
def test_every_request_of_the_readme_answers(request_: str, real: httpx.Client) -> None:
    answer = real.get(request_, follow_redirects=True)
    assert answer.status_code == 200, answer.text


FIGURES = re.findall(r"`(/v1/[^`]*)`", README.partition("## Figures")[2].partition("\n## ")[0])


@pytest.mark.parametrize("request_", FIGURES)
def test_every_question_of_figures_has_an_answer(request_: str, real: httpx.Client) -> None:
    answer = real.get(request_)
    assert answer.text.startswith("<svg") if "svg" in request_ else answer.json()["data"]


@pytest.mark.parametrize("module", RESOURCES)
def test_every_resource_stands_in_the_readme(module: ModuleType) -> None:
    assert f"`{module.__name__.rsplit('.', 1)[-1]}`" in README


@pytest.mark.parametrize("family", [Concept, Dated, Ordered, Related, RelatedConcept, Words])
def test_every_operator_stands_in_the_readme(family: type[Field]) -> None:
    for operator in family.operators:
        assert not operator.suffix or f"`__{operator.suffix}`" in README


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "seed_data/README.md"])
def test_every_file_that_the_docs_name_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    for target in links:
        assert ((ROOT / name).parent / target).exists(), target
