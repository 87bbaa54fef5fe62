"""Seed files as text: a loader that yields only strings and knows every line, and their form."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

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
    """One YAML file: its tree of strings and the line that each part stands on."""

    path: Path
    name: str
    tree: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line(self, where: Location) -> int:
        """The line of a part, or of the nearest part around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def find(self, where: Location, message: str) -> None:
        """Report something wrong at a part of this file."""
        self.findings.append(Finding(self.name, self.line(where), message))


def read_file(path: Path, root: Path) -> SeedFile:
    """Read a YAML file; what is wrong with it is in its findings."""
    file = SeedFile(path, path.relative_to(root).as_posix())
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        file.lines[()] = mark.line + 1 if mark else 1
        problem = str(getattr(error, "problem", None) or error)
        file.find((), f"this is no YAML: {' '.join(problem.split())}")
        return file
    file.tree = _tree(node, (), file) if node is not None else {}
    return file


def _tree(node: yaml.Node, where: Location, file: SeedFile, around: tuple[int, ...] = ()) -> Any:
    """A node as strings, lists and dicts; only an unquoted `null` is None."""
    if id(node) in around:
        file.find(where, "an alias stands inside its own anchor; write it out")
        return None
    file.lines[where] = node.start_mark.line + 1
    around = (*around, id(node))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in mapping:
                file.lines[(*where, name)] = key.start_mark.line + 1
                file.find((*where, name), f"{name!r} stands twice; keep one")
            file.lines[(*where, name)] = key.start_mark.line + 1
            mapping[name] = _tree(value, (*where, name), file, around)
            file.lines[(*where, name)] = key.start_mark.line + 1
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item, (*where, i), file, around) for i, item in enumerate(node.value)]
    plain_null = not getattr(node, "style", None) and node.value == "null"
    return None if plain_null else node.value


class _Flow(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.CSafeDumper):
    pass


_Dumper.add_representer(
    _Flow,
    lambda dumper, data: dumper.represent_mapping(
        "tag:yaml.org,2002:map", data.items(), flow_style=True
    ),
)


def canonical(model: Any) -> str:
    """The one way to write this content: keys in the order of the shape, citations on one line."""
    return yaml.dump(
        _plain(model), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        last = getattr(value, "closing", ())
        plain = {
            (fields[name].alias or name): _plain(getattr(value, name))
            for name in sorted(fields, key=lambda name: (name in last, name != "id"))
            if name in value.model_fields_set
        }
        return _Flow(plain) if getattr(value, "on_one_line", False) else plain
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
