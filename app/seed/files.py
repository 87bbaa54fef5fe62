"""Seed files as text: a loader that yields only strings and knows every line, and their form."""

import hashlib
import re
from dataclasses import dataclass, field
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
    tree: Any = None
    root: yaml.Node | None = None
    findings: list[Finding] = field(default_factory=list)

    def line(self, where: Location) -> int:
        """The line of a part (of its key, if it has one), or of the nearest part around it."""
        node = self.root
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
        file.root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error)
        message = f"this is no YAML: {' '.join(problem.split())}"
        file.findings.append(Finding(file.name, mark.line + 1 if mark else 1, message))
        return file
    file.tree = _tree(file.root, file, 1, ()) if file.root is not None else {}
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
    written: str = yaml.serialize(
        _node(model), Dumper=yaml.CSafeDumper, allow_unicode=True, width=10_000
    )
    return written


_SCALARS = SafeRepresenter()


def _node(value: Any) -> yaml.Node:
    if isinstance(value, str):
        return yaml.ScalarNode("tag:yaml.org,2002:str", str(value))
    if isinstance(value, list):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [*map(_node, value)], flow_style=False)
    flow = getattr(value, "on_one_line", False)
    if isinstance(value, BaseModel):
        fields, last = type(value).model_fields, getattr(value, "closing", ())
        value = {
            (fields[name].alias or name): getattr(value, name)
            for name in sorted(fields, key=lambda name: (name in last, name != "id"))
            if name in value.model_fields_set
        }
    if isinstance(value, dict):
        parts = [(_node(key), _node(part)) for key, part in value.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", parts, flow_style=flow)
    return _SCALARS.represent_data(value)
