"""Values cut out of the JSON of a row as they stand there, which costs far less than reading it."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from msgspec import Raw, Struct, defstruct
from msgspec.json import Decoder

Path = tuple[str, ...]
NULL = b"null"


class Cutter:
    """Cuts out of rows the values at some places, null for what a row does not have.

    Each is a `Raw`, its JSON as it stands, or read as the type that is given for its place. A row
    is scanned once, in C; whatever else it has is skipped.
    """

    def __init__(self, types: Mapping[Path, Any]) -> None:
        shape, places, self._inner = _shape(types)
        self._read = Decoder(shape).decode
        dotted = [places[path] for path in types]
        self._values = attrgetter(dotted[0], *dotted)  # of one place alone it gives no tuple

    def __call__(self, row: str | bytes) -> list[Any]:
        """The values of a row; raises `ValueError` where it does not have the usual shape."""
        found = self._read(row)
        for name, nothing in self._inner:
            if getattr(found, name) is None:
                setattr(found, name, nothing)
        try:
            _, *values = self._values(found)
        except AttributeError:
            raise ValueError("an object within an object is null") from None
        return values


def _shape(
    types: Mapping[Path, Any],
) -> tuple[type[Struct], dict[Path, str], list[tuple[str, Struct]]]:
    """A class for objects with values of these types, and in it the attribute of each.

    Also what is to stand for each object within it that is null.
    """
    members: dict[str, dict[Path, Any]] = {}
    for (key, *rest), type_ in types.items():
        members.setdefault(key, {})[tuple(rest)] = type_
    fields: list[tuple[str, Any, Any]] = []
    places: dict[Path, str] = {}
    inner: list[tuple[str, Struct]] = []
    for at, (key, within) in enumerate(members.items()):
        name = f"at_{at}"  # a key need not be an identifier
        if () in within:
            places[key,] = name
            fields.append((name, within[()], Raw(NULL) if within[()] is Raw else None))
        else:
            part, parts, _ = _shape(within)
            places |= {(key, *path): f"{name}.{place}" for path, place in parts.items()}
            fields.append((name, part | None, None))
            inner.append((name, part()))
    keys = {f"at_{at}": key for at, key in enumerate(members)}
    return defstruct("Shape", fields, rename=keys, gc=False), places, inner
