"""The whole of seed_data in memory: every model, and the line each one stands on."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from app.query.values import nearest
from app.seed import claims
from app.seed.claims import Code, DocumentFile, Identity, Judgements, ReleaseFile, Renamed, Wording
from app.seed.files import Finding, Location, SeedFile, Sheet, read_file
from app.seed.progress import Progress, silent

T = TypeVar("T")
K = TypeVar("K")
M = TypeVar("M", bound=BaseModel)

VOCABULARIES: dict[str, type[Identity]] = {
    "industries": claims.Industry,
    "indicators": claims.Indicator,
    "places": claims.Place,
}
"""The identities that are lists in one file each."""
FOLDERS: dict[str, type[Identity]] = {
    "zones": claims.Zone,
    "organizations": claims.Organization,
    "programmes": claims.Programme,
}
"""The identities that are one file each."""
ENTITIES = {
    "zone": "zones",
    "place": "places",
    "organization": "organizations",
    "industry": "industries",
    "programme": "programmes",
}
"""The word that a subject or object begins with, and its resource."""


def guess(text: str, known: Iterable[str]) -> str:
    """The end of a message: what was probably meant, if anything is near."""
    near = nearest(text, sorted(known))
    return f"; did you mean {near!r}?" if near else ""


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Items by what `key` says of them, in their order."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


class Plain:
    """How many rows of tables are plain figures, which are no models (`app/seed/figures.py`)."""

    def __init__(self) -> None:
        self.subjects: Counter[str] = Counter()
        self.indicators: Counter[str] = Counter()
        self.documents: dict[str, Counter[str]] = defaultdict(Counter)
        """By document, of figures and of citations."""
        self.verdicts: Counter[str] = Counter()
        self.spoken: dict[str, set[str]] = defaultdict(set)
        """By indicator, the subjects that have a figure of it."""
        self.sources: dict[str, set[str]] = defaultdict(set)
        """And the documents that have one."""
        self.stated: dict[str, list[claims.Statistic]] = defaultdict(list)
        """By document, those drawn, and of each indicator, nature and period one without an id."""


class Seed:
    """What seed_data says. `findings` tells what could not be read."""

    def __init__(self, folder: Path, progress: Progress = silent) -> None:
        self.folder = folder
        self._progress = progress
        self.files: dict[str, tuple[SeedFile, Any]] = {}
        self._places: dict[int, tuple[BaseModel, SeedFile, Location]] = {}
        self._each_of: dict[type[BaseModel], list[Any]] = {}
        self.release = self.read("release.yaml", ReleaseFile)
        self.codes = self.read("vocabularies/codes.yaml", dict[str, list[Code]]) or {}
        self.redirects = self.read("redirects.yaml", list[Renamed], optional=True) or []
        self.judgements = self.read("judgements.yaml", Judgements, optional=True) or Judgements()
        wordings = self.read("vocabularies/wordings.yaml", list[Wording], optional=True)
        self.wordings = wordings or []
        self.identities: dict[str, list[Identity]] = {
            name: self.read(f"vocabularies/{name}.yaml", list[shape]) or []  # type: ignore[valid-type]
            for name, shape in VOCABULARIES.items()
        }
        self.identities |= {name: self._folder(name, shape) for name, shape in FOLDERS.items()}
        self.documents = self._folder("documents", DocumentFile)
        self._ids: dict[str, set[str]] = defaultdict(set)
        vocabularies: dict[str, Sequence[Identity]] = {**self.codes, **self.identities}
        for name, known in vocabularies.items():
            self._ids[name] = {identity.id for identity in known}
        self._ids["documents"] = {document.document.id for document in self.documents}
        for claim in self.each(claims.Claim):
            self._ids[claim.resource].add(claim.id)
        self.sheets = {path.stem: self._sheet(path) for path in self._paths("documents", "csv")}
        """The tables of figures, by the ids of their documents."""
        self.plain = Plain()
        self.figures: Any = None
        """What the check made of them, if there are any."""
        self.shown: set[str] = set()
        """Ids of figures that must not stay in them."""

    def each(self, shape: type[M]) -> list[M]:
        """Every model of a shape in all files, in their order."""
        if shape not in self._each_of:
            models = [model for model, *_ in self._places.values()]
            kinds = {kind for kind in {*map(type, models)} if issubclass(kind, shape)}
            self._each_of[shape] = [model for model in models if type(model) in kinds]
        return self._each_of[shape]

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the files, in their order."""
        return sorted({f for file, _ in self.files.values() for f in file.findings})

    def find(self, model: BaseModel, message: str, *field: str | int) -> None:
        """Report something wrong with a model, or with one of its fields."""
        _, file, where = self._places[id(model)]
        file.find((*where, *field), message)

    def remark(self, model: BaseModel, message: str) -> Finding:
        """Something to say of a model, with its place, that is no flaw."""
        _, file, where = self._places[id(model)]
        return Finding(file.name, file.line(where), message)

    def ids(self, resource: str) -> set[str]:
        """Every id of a resource, or every code of a scheme."""
        return self._ids.get(resource, set())

    def fingerprint(self) -> str:
        """A hash of the content, the same however the files are laid out."""
        digest = hashlib.sha256()
        for name, (file, model) in sorted(self.files.items()):
            content = dict(sorted(model.items())) if isinstance(model, dict) else model
            content = file.digest() if isinstance(file, Sheet) else content
            digest.update(f"{name}\0".encode() + to_json(content, by_alias=True) + b"\n")
        return digest.hexdigest()

    def read(self, name: str, shape: type[T], optional: bool = False) -> T | None:
        """Read one file; None, with findings, where it has not that shape."""
        path = self.folder / name
        if optional and not path.is_file():
            return None
        file = read_file(path, self.folder)
        self.files[name] = (file, None)
        if file.findings:
            return None
        try:
            model = TypeAdapter(shape).validate_python(file.tree)
        except ValidationError as error:
            for flaw in error.errors():
                file.find(flaw["loc"], explain(flaw))
            return None
        self.files[name] = (file, model)
        self.place(model, file, ())
        return model

    def place(self, model: Any, file: SeedFile, around: Location) -> None:
        """Remember where a model stands, and all that are inside it."""
        for part, where in _models(model, around):
            self._places[id(part)] = (part, file, where)
        self._each_of.clear()

    def draw(self, claim: claims.Statistic, document: DocumentFile, sheet: Sheet, row: int) -> None:
        """Take a row of a table as if it stood in its document."""
        document.drawn.append(claim)
        self.place(claim, sheet, (row,))
        self._ids[claim.resource].add(claim.id)

    def _folder(self, folder: str, shape: type[T]) -> list[T]:
        found = []
        paths = self._paths(folder, "yaml")
        for path in self._progress(paths, f"reading {folder}", "files", len(paths)):
            model = self.read(f"{folder}/{path.name}", shape)
            if model is None:
                continue
            found.append(model)
            identity: Any = getattr(model, "document", model)
            if identity.id != path.stem:
                self.find(identity, f"the file of {identity.id!r} is {identity.id}.yaml", "id")
        return found

    def _paths(self, folder: str, ending: str) -> list[Path]:
        return sorted((self.folder / folder).glob(f"*.{ending}"))

    def _sheet(self, path: Path) -> Sheet:
        sheet = Sheet(path, path.relative_to(self.folder).as_posix())
        self.files[sheet.name] = (sheet, None)
        if path.stem not in self._ids["documents"]:
            sheet.find((), f"documents/{path.stem}.yaml must say what the document is")
        return sheet


def _models(value: Any, where: Location) -> Iterator[tuple[BaseModel, Location]]:
    """Every model inside `value`, with its place."""
    if isinstance(value, BaseModel):
        yield value, where
        for name, key in holding(type(value)):
            yield from _models(getattr(value, name), (*where, key))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _models(part, (*where, key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _models(part, (*where, i))


@cache
def holding(shape: type[BaseModel]) -> list[tuple[str, str]]:
    """The fields of a shape that hold models, and their keys."""
    fields = shape.model_fields.items()
    return [(name, info.alias or name) for name, info in fields if _has_model(info.annotation)]


def _has_model(annotation: Any) -> bool:
    own = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return own or any(map(_has_model, get_args(annotation)))


def _keys(shape: type[BaseModel]) -> set[str]:
    """Every key that any seed file may have."""
    own = {info.alias or name for name, info in shape.model_fields.items()}
    return own.union(*(_keys(kind) for kind in shape.__subclasses__()))


def explain(flaw: Any) -> str:
    """What pydantic found, as a sentence for whoever edits the file."""
    where = ".".join(str(part) for part in flaw["loc"])
    key = str(flaw["loc"][-1]) if flaw["loc"] else "the file"
    if flaw["type"] == "extra_forbidden":
        return f"unknown key {where!r}{guess(key, _keys(claims.Shape))}"
    if flaw["type"] == "missing":
        return f"{where!r} is missing"
    message = flaw["msg"].removeprefix("Value error, ")
    return f"{where}: {message}; it is {flaw['input']!r}" if where else message
