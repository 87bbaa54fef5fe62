"""Seed files as text: only strings with their lines, and one canonical way to write them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.seed.claims import Cite, Industry, Milestone, Organization, Statistic
from app.seed.files import SeedFile, canonical, read_file

QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=200)
PLAIN = "no yes on off true false y Null NULL ~ 2010 2010-09-29 1e3 1.5 0x1F 1_000 .inf 12:30 = <<"
WORDS = """n True NO null 2010-09 1E3 .5 5. 0o17 017 +1 -1 .nan 12:30:45 1:1 >= >=x <x !x &x *x @x
`x %x |x | > - -x ? ?x : :x x: a:b [x] [x {x} {x ]x }x , ,x x, #x x# 'x "x x' x" '' "" \\ \\n 中文
中:文 “x” 🏭 --- ..."""
PHRASES = "a: b/a #b/- a/? a/a, b/{a: b}/[a, b]/it's/say \"a\"/a  b/- /# x/高新 区: 2010/key: 'v'"
LINES = "a\nb/a\n\nb/a\n b/a\tb/% x/@ x"
LIBYAML: Any = {"Dumper": yaml.CSafeDumper, "allow_unicode": True, "width": 10_000}
LIBYAML |= {"sort_keys": False}
TRAPS = [*PLAIN.split(), *WORDS.split(), *PHRASES.split("/"), *LINES.split("/")]


def read(text: str, folder: Path) -> SeedFile:
    path = folder / "a.yaml"
    path.write_bytes(text.encode())
    return read_file(path, folder)


def tree(text: str, folder: Path) -> Any:
    file = read(text, folder)
    assert file.findings == []
    return file.tree


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in (key, *leaves(part))]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


@pytest.mark.parametrize("scalar", PLAIN.split())
def test_a_scalar_is_the_text_that_stands_there(scalar: str, folder: Path) -> None:
    assert tree(f"a: {scalar}\n{scalar}: b\nc: [{scalar}]\n", folder) == {
        "a": scalar,
        scalar: "b",
        "c": [scalar],
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("null", None),
        ("'null'", "null"),
        ('"null"', "null"),
        ("|-\n  null", "null"),
        ("Null", "Null"),
        ("nulls", "nulls"),
        ("~", "~"),
        ("", ""),
        ("''", ""),
    ],
)
def test_only_a_plain_null_is_null(written: str, value: str | None, folder: Path) -> None:
    assert tree(f"a: {written}\n", folder) == {"a": value}


def test_a_key_is_always_text(folder: Path) -> None:
    assert tree("null: a\n2010: b\nno: c\n", folder) == {"null": "a", "2010": "b", "no": "c"}


def test_tags_and_anchors_make_nothing_but_text(folder: Path) -> None:
    assert tree("a: !!int 5\nb: !!python/object:os.system x\nc: &d e\nf: *d\n", folder) == {
        "a": "5",
        "b": "x",
        "c": "e",
        "f": "e",
    }


@pytest.mark.parametrize("text", ["", "\n", "# a remark\n", "---\n"])
def test_a_file_without_content_is_an_empty_mapping_or_text(text: str, folder: Path) -> None:
    assert not tree(text, folder)


def test_every_part_knows_its_line(folder: Path) -> None:
    text = """# a remark
document:
  id: x

  title: >
    two
    lines
claims:
- id: a
  cite:
  - {for: date,
     at: 3}
  -
    for: b
"""
    file = read(text, folder)
    assert file.tree["document"] == {"id": "x", "title": "two lines\n"}
    lines = {
        "document": 2,
        "document.id": 3,
        "document.title": 5,
        "claims": 8,
        "claims.0": 9,
        "claims.0.id": 9,
        "claims.0.cite": 10,
        "claims.0.cite.0": 11,
        "claims.0.cite.0.for": 11,
        "claims.0.cite.0.at": 12,
        "claims.0.cite.1": 14,
        "claims.0.cite.1.for": 14,
    }
    for where, line in lines.items():
        parts = (int(part) if part.isdigit() else part for part in where.split("."))
        assert file.line(tuple(parts)) == line, where


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("a", "b"), 2),
        (("a", "missing"), 1),
        (("a", "b", "deeper", 3), 2),
        (("missing",), 1),
        ((), 1),
    ],
)
def test_what_has_no_line_has_that_of_the_part_around_it(
    where: tuple[str | int, ...], line: int, folder: Path
) -> None:
    assert read("a:\n  b: c\n", folder).line(where) == line


def test_a_finding_reads_as_file_line_and_message(folder: Path) -> None:
    file = read("a:\n  b: c\n", folder)
    file.find(("a", "b"), "this is wrong")
    assert [str(finding) for finding in file.findings] == ["a.yaml:2: this is wrong"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: b\na: c\n", "a.yaml:2: 'a' stands twice; keep one"),
        ("a:\n- b: 1\n  c: 2\n  b: 3\n", "a.yaml:4: 'b' stands twice; keep one"),
        ("a: {b: 1,\n b: 2}\n", "a.yaml:2: 'b' stands twice; keep one"),
        ("a: b\n'a': c\n", "a.yaml:2: 'a' stands twice; keep one"),
        ("a: [b\nc: d\n", "a.yaml:2: this is no YAML: did not find expected ',' or ']'"),
        ("a:\n\tb: c\n", "a.yaml:2: this is no YAML: found character that cannot start any token"),
        ("a: 'b\n", "a.yaml:2: this is no YAML: found unexpected end of stream"),
        ("a: b\n---\nc: d\n", "a.yaml:2: this is no YAML: but found another document"),
    ],
)
def test_what_is_wrong_with_the_text_is_found_at_its_line(
    text: str, finding: str, folder: Path
) -> None:
    (found,) = read(text, folder).findings
    assert str(found).startswith(finding)


def test_a_finding_is_one_line(folder: Path) -> None:
    (found,) = read("a: \x07\n", folder).findings
    assert "\n" not in str(found)


def organization(label: str) -> Organization:
    return Organization.model_construct(
        {"id", "label_en", "kind"}, id="x", label_en=label, kind="k"
    )


texts = st.one_of(
    st.sampled_from(TRAPS),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.text(
        st.sampled_from("高新区abc019 :'\"-,#[]{}&*!|>%@`?=~.\n\t“”…—🏭"), min_size=1, max_size=30
    ),
    st.tuples(st.sampled_from(TRAPS), st.sampled_from(TRAPS)).map(" ".join),
)


@QUICK
@given(text=texts)
@example(text="\ufeff")
@example(text="\x00")
@example(text="\x85 \u2028")
@example(text=" x ")
@example(text="x" * 300 + " " + "高" * 12_000)
def test_any_text_is_read_back_from_the_canonical_form_and_written_the_same_again(
    folder: Path, text: str
) -> None:
    written = canonical(organization(text))
    read_back = tree(written, folder)
    assert read_back == {"id": "x", "label_en": text, "kind": "k"}
    assert canonical(organization(read_back["label_en"])) == written


@QUICK
@given(text=texts, name=texts)
def test_a_citation_stands_on_one_line_unless_its_words_do_not(
    text: str, name: str, folder: Path
) -> None:
    values: dict[str, Any] = {"for_": "date", "at": 5, "text": text, "attributed_to": name}
    cite = Cite.model_construct({*values}, **values)
    written = canonical([cite])
    assert len(f"{text}{name}.".splitlines()) > 1 or written.count("\n") == 1
    assert tree(written, folder) == [
        {"for": "date", "at": "5", "text": text, "attributed_to": name}
    ]


@QUICK
@given(aliases=st.lists(st.sampled_from([t for t in TRAPS if t == t.strip()]), max_size=5))
def test_a_canonical_file_is_canonical(aliases: list[str], folder: Path) -> None:
    shape = TypeAdapter(list[Industry])
    industries = [
        Industry(id="a", label_en="A", label_zh="甲", aliases=aliases),
        Industry(id="b", label_en="B", label_zh="乙"),
    ]
    written = canonical(industries)
    assert shape.validate_python(tree(written, folder)) == industries
    assert canonical(shape.validate_python(tree(written, folder))) == written


@QUICK
@given(texts=st.lists(st.text("ab1 :-?#,[]{}&*!|>'\"%@`~=.中é🏭\ufeff\t") | st.sampled_from(TRAPS)))
def test_libyaml_writes_the_same(texts: list[str]) -> None:
    for text in (text for text in map(str.strip, texts) if len(text.splitlines()) < 2):
        told = {"a": text, text: [text, [text, {"b": text}]], "c": []}
        cite = Cite.model_construct({"for_", "text"}, for_=text, text=text)
        block = yaml.dump(told, **LIBYAML, default_flow_style=False)
        flow = yaml.dump([{"for": text, "text": text}], **LIBYAML, default_flow_style=None)
        assert canonical({**told, "d": [cite]}) == f"{block}d:\n{flow}"


@pytest.mark.parametrize("text", [t for t in TRAPS if t not in ("1e3", "1E3", "0o17")])
def test_the_canonical_form_means_the_same_to_any_reader_of_yaml(text: str) -> None:
    assert yaml.safe_load(canonical(organization(text)))["label_en"] == text


@pytest.mark.parametrize(
    ("model", "written"),
    [
        (
            Organization(kind="k", label_zh="乙", label_en="B", id="b"),
            "id: b\nlabel_en: B\nlabel_zh: 乙\nkind: k\n",
        ),
        (
            Organization(id="b", label_en="B", label_zh=None, own_labels=[], kind="no"),
            "id: b\nlabel_en: B\nlabel_zh: null\nown_labels: []\nkind: 'no'\n",
        ),
        (
            Milestone.model_validate(
                {
                    "cite": [{"text": "in 2010, or so", "for": "date"}],
                    "note": "n",
                    "reading": "r",
                    "date": "2010",
                    "kind": "k",
                    "id": "m",
                    "subject": "national",
                }
            ),
            "id: m\nsubject: national\nkind: k\ndate: '2010'\nreading: r\nnote: n\ncite:\n"
            "- {for: date, text: 'in 2010, or so'}\n",
        ),
        (
            Statistic.model_validate(
                {
                    "id": "s",
                    "indicator": "i",
                    "period": None,
                    "value": "2.50",
                    "unit": "u",
                    "nature": "target",
                    "conversion": {"value": "3", "currency": "USD"},
                    "cite": [{"for": "value", "at": "7", "text": "2.50"}],
                }
            ),
            "id: s\nindicator: i\nperiod: null\nvalue: 2.5\nunit: u\nnature: target\n"
            "conversion: {currency: USD, value: 3}\ncite:\n- {for: value, at: 7, text: '2.50'}\n",
        ),
    ],
)
def test_the_canonical_form_has_keys_in_the_order_of_the_shape_and_only_what_was_said(
    model: Any, written: str
) -> None:
    assert canonical(model) == written
