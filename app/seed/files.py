"""Seed files as text: a loader that yields only strings and knows every line, and their form."""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from yaml.representer import SafeRepresenter

Location = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong at one line of one file, and how to mend it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class SeedFile:
    """One YAML file: its tree of strings, and what is wrong with it."""

    path: Path
    name: str
    text: str = ""
    tree: Any = None
    findings: list[Finding] = field(default_factory=list)

    @cached_property
    def root(self) -> yaml.Node | None:
        """The text as nodes that know their lines, which take a hundred times its memory."""
        node: yaml.Node | None = yaml.compose(self.text, Loader=_Loader)
        return node

    def line(self, where: Location) -> int:
        """The line of a part (of its key, if it has one), or of the nearest part around it."""
        node = self.root if where else None
        line = node.start_mark.line + 1 if node else 1
        for step in where:
            parts: dict[str | int, tuple[yaml.Node, yaml.Node]] = {}
            if isinstance(node, yaml.MappingNode):
                parts = {str(key.value): (key, value) for key, value in node.value}
            elif isinstance(node, yaml.SequenceNode):
                parts = {i: (item, item) for i, item in enumerate(node.value)}
            if step not in parts:
                break
            named, node = parts[step]
            line = named.start_mark.line + 1
        return line

    def find(self, where: Location, message: str) -> None:
        """Report something wrong at a part of this file."""
        self.findings.append(Finding(self.name, self.line(where), message))


class Sheet(SeedFile):
    """A table of figures, `documents/<id>.csv`: a part of it is known by its line."""

    def line(self, where: Location) -> int:
        """The line of a row, and of its cells."""
        return int(where[0]) if where else 1

    def find(self, where: Location, message: str) -> None:
        """Report something wrong at a row; what a claim cites, a row has in columns."""
        cited = re.sub(r"add \{for: (\w+), text: …\}", r"fill in \1_text", message)
        super().find(where, cited)

    def lines(self) -> int:
        """How many lines it has."""
        with self.path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def digest(self) -> str:
        """A hash of its bytes, of which there is one form only."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class _Loader(yaml.CBaseLoader):
    def resolve(self, *_: object) -> str:
        """No tag is looked up, since all scalars are text."""
        return "tag:yaml.org,2002:str"


def read_file(path: Path, root: Path) -> SeedFile:
    """Read a YAML file; what is wrong with it is in its findings."""
    file = SeedFile(path, path.relative_to(root).as_posix())
    if not path.is_file():
        file.find((), "this file is missing")
        return file
    try:
        file.text = path.read_text(encoding="utf-8")
        node: yaml.Node | None = yaml.compose(file.text, Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error)
        message = f"this is no YAML: {' '.join(problem.split())}"
        file.findings.append(Finding(file.name, mark.line + 1 if mark else 1, message))
        return file
    file.tree = _tree(node, file, 1, ()) if node is not None else {}
    return file


def _tree(node: yaml.Node, file: SeedFile, line: int, around: tuple[yaml.Node, ...]) -> Any:
    """A node as strings, lists and dicts; only an unquoted `null` is None."""
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value == "null" else node.value
    if node in around:
        message = "an alias stands inside its own anchor; write it out"
        file.findings.append(Finding(file.name, line, message))
        return None
    around = (*around, node)
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item, file, line, around) for item in node.value]
    mapping: dict[str, Any] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in mapping:
            file.findings.append(Finding(file.name, line, f"{name!r} stands twice; keep one"))
        mapping[name] = _tree(value, file, line, around)
    return mapping


def canonical(model: Any) -> str:
    """The one way to write this content: keys in the order of the shape, citations on one line."""
    lines: list[str] = []
    _write(model, lines, "", "")
    return "\n".join((*lines, ""))


def _write(value: Any, lines: list[str], indent: str, head: str) -> None:
    """Add the lines of a value that follows `head`; a list stands right under its key."""
    flow = isinstance(value, BaseModel) and _flow(type(value))
    plain = _plain(value)
    if flow or not plain or not isinstance(plain, dict | list):
        lines.append(f"{indent}{head}{' ' if head else ''}{_on_one_line(plain, flow)}")
        return
    first = len(lines)
    if head.endswith(":"):
        lines.append(f"{indent}{head}")
    if head == "-" or (head and isinstance(plain, dict)):
        indent += "  "
    if isinstance(plain, dict):
        for key, part in plain.items():
            if type(part) is str:  # most of all: it needs no look at what else it may be
                lines.append(f"{indent}{_scalar(key, False)}: {_scalar(part, False)}")
            else:
                _write(part, lines, indent, f"{_scalar(key, False)}:")
    else:
        for part in plain:
            _write(part, lines, indent, "-")
    if head == "-":
        lines[first] = f"{indent[2:]}- {lines[first][len(indent) :]}"


def _plain(value: Any) -> Any:
    """A model as a dict of what is filled in, in the order of its keys."""
    if not isinstance(value, BaseModel):
        return value
    filled, fields = value.model_fields_set, vars(value)
    return {key: fields[name] for name, key in _keys(type(value)) if name in filled}


@cache
def _keys(shape: type[BaseModel]) -> list[tuple[str, str]]:
    """The fields of a shape and their keys, its id first and what closes it last."""
    fields, last = shape.model_fields, getattr(shape, "closing", ())
    order = sorted(fields, key=lambda name: (name in last, name != "id"))
    return [(name, fields[name].alias or name) for name in order]


@cache
def _flow(shape: type[BaseModel]) -> bool:
    return bool(getattr(shape, "on_one_line", False))


def _on_one_line(value: Any, flow: bool) -> str:
    if isinstance(value, str):
        return _scalar(str(value), flow)
    value = _plain(value)
    if isinstance(value, dict):
        parts = (f"{_scalar(key, True)}: {_on_one_line(part, True)}" for key, part in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_on_one_line(part, True) for part in value)}]"
    written: str = _SCALARS.represent_data(value).value
    return written


_WIDE = 2**30
_SCALARS = SafeRepresenter()
_RESOLVERS = yaml.CSafeDumper.yaml_implicit_resolvers
_PRINTED = re.compile("(?! )[ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*(?<! )")
_MARK = r"^[#,\[\]{}&*!|>'\"%@`]|(?:^[-?:]|:)(?: |\Z)| #|^---|^\.\.\."
_MARKS = (re.compile(_MARK), re.compile(rf"{_MARK}|[,?:\[\]{{}}]"))
"""What a plain scalar cannot hold: in a block, and on one line with others."""


@lru_cache(maxsize=10_000)
def _scalar(text: str, flow: bool) -> str:
    """Plain if that is read as this text, else in single quotes; what is not printed, escaped."""
    if not _PRINTED.fullmatch(text):
        node = yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"')
        escaped: str = yaml.serialize(
            node, Dumper=yaml.CSafeDumper, allow_unicode=True, width=_WIDE
        )
        return escaped.removesuffix("\n")
    typed = any(form.match(text) for _, form in _RESOLVERS.get(text[:1], ()))
    if text and not typed and not _MARKS[flow].search(text):
        return text
    return "'" + text.replace("'", "''") + "'"
