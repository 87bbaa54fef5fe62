"""From a query string to what it asks.

Nothing is ignored and nothing is coerced silently: every flaw of a request is collected, and the
problem that reports them carries the request with all of them corrected.
"""

from collections.abc import Container
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError

from app.database import Release
from app.query.parameters import MOST_VALUES, Condition, ListQuery, Pairs, Parameter, Query, address
from app.query.problems import Flaw, InvalidValue, Problem, UnknownParameter
from app.query.values import nearest

Asked = TypeVar("Asked", bound=Query)
MOST_FLAWS = 20
_MOST_PAIRS = 400
_LEAVE_IT_OUT = (
    "Leave it out to ask for everything (in a dashboard, give the variable's 'all' choice no"
    " parameter at all)."
)
_EQUALS = ("eq", "equals", "is", "in")
"""What others call equality, for which we have no suffix."""


def split(query_string: bytes) -> Pairs:
    """The pairs of a query string, in order; raises `InvalidValue` when it cannot be read."""
    return [*_split(query_string)]


@lru_cache(64)
def _split(query_string: bytes) -> Pairs:
    """They are asked for several times while one request is answered."""
    try:
        parts = query_string.decode("ascii").replace("+", " ").split("&")
        if len(parts) > _MOST_PAIRS:
            raise ValueError("Max number of fields exceeded")
        pairs = [part.partition("=") for part in parts if part]
        return [(unquote(n, errors="strict"), unquote(v, errors="strict")) for n, _, v in pairs]
    except ValueError as error:
        raise InvalidValue(f"The query string cannot be read: {error}.") from None


def understand(asked: type[Asked], path: str, pairs: Pairs, release: Release) -> Asked:
    """What a request asks; raises a `Problem` that lists every flaw of it."""
    conditions = _Reading(asked, path, pairs, release).conditions() if pairs else ()
    return asked(path, release, conditions)


def mend(asked: type[Query], path: str, pairs: Pairs, release: Release) -> str:
    """The address of a request with every flaw corrected."""
    reading = _Reading(asked, path, pairs, release)
    with suppress(Problem):
        reading.conditions()
    return reading.mended


class _Reading:
    """Reads one query string, gathering flaws and the corrected request as it goes."""

    def __init__(self, query: type[Query], path: str, pairs: Pairs, release: Release) -> None:
        self.of, self.path, self.pairs, self.release = query, path, pairs, release
        self.given = query.given if issubclass(query, ListQuery) else {}
        self.flaws: list[tuple[type[Problem], dict[str, Any]]] = []
        self.corrected: Pairs = []

    def conditions(self) -> list[Condition]:
        """What is asked; raises a `Problem` when there is a flaw."""
        asked: dict[str, list[str]] = {}
        for name, text in self.pairs:
            asked.setdefault(name, []).append(text)
        conditions = []
        for name, texts in asked.items():
            parameter = self.of.parameters.get(name)
            if parameter is None:
                self._unknown(name, texts)
            else:
                values = self._values(parameter, texts)
                conditions.append(Condition(parameter, tuple(values), tuple(texts)))
        for condition in conditions:
            if condition.parameter.partner or condition.parameter.name == "sort":
                self._lonely(condition, asked)
        if self.flaws:
            raise self._problem()
        return conditions

    def _lonely(self, condition: Condition, asked: Container[str]) -> None:
        """A parameter that means nothing without another one."""
        name, partner = condition.parameter.name, condition.parameter.partner
        if partner and partner not in asked:
            self._flaw(InvalidValue, name, f"{name!r} goes with {partner!r}; give both.")
        keys = {str(key).removeprefix("-") for key in condition.values if name == "sort"}
        for key in keys & self.given.keys():
            if self.given[key] not in asked:
                self._flaw(InvalidValue, name, f"`sort={key}` goes with {self.given[key]!r}.")

    def _stands(self, name: str, text: str) -> bool:
        """Whether a corrected parameter has what it goes with."""
        there = {n for n, _ in self.corrected}
        keys = {key.removeprefix("-") for key in text.split(",") if name == "sort"}
        needs = {self.of.parameters[name].partner, *(self.given.get(key) for key in keys)}
        return needs - {None} <= there

    def _flaw(self, kind: type[Problem], parameter: str, message: str, **more: Any) -> None:
        self.flaws.append((kind, {"parameter": parameter, "message": message, **more}))

    def _unknown(self, name: str, texts: list[str]) -> None:
        known = list(self.of.parameters)
        base, _, suffix = name.partition("__")
        siblings = {n.partition("__")[2]: n for n in known if n.partition("__")[0] == base}
        if siblings:  # of the field's own operators, and never the opposite one
            likely = [s for s in siblings if s != "not"]
            found = "" if suffix in _EQUALS else nearest(suffix, likely)
            guess = siblings.get(found) if found is not None else None
        else:
            guess = nearest(name, known)
        allowed = list(siblings.values()) or [n for n in known if "__" not in n]
        message = f"{name!r} is not a parameter of {self.path}."
        self._flaw(UnknownParameter, name, message, did_you_mean=guess, allowed=allowed)
        taken = {n for n, _ in (*self.pairs, *self.corrected)}
        if guess and guess not in taken and guess not in ("cursor", "release"):
            found_so_far = len(self.flaws)
            self._values(self.of.parameters[guess], texts)
            del self.flaws[found_so_far:]

    def _values(self, parameter: Parameter, texts: list[str]) -> list[Any]:
        parts = texts[0].split(",") if parameter.comma else texts
        if not parameter.repeats and len(texts) > 1:
            self._flaw(
                InvalidValue,
                parameter.name,
                f"{parameter.name!r} is given {len(texts)} times; it takes one value.",
            )
            parts = parts if parameter.comma else texts[:1]
        most = parameter.most
        if len(parts) > most:
            self._flaw(
                InvalidValue,
                parameter.name,
                f"{parameter.name!r} has {len(parts)} values; at most {most} are allowed.",
            )
            parts = parts[:most]
        kept: list[str] = []
        values = []
        for text in parts:
            value, correct = self._value(parameter, text)
            if value is not None:
                values.append(value)
            if correct is not None:
                kept.append(correct)
        if kept:
            joined = [",".join(kept)] if parameter.comma else kept
            self.corrected += [(parameter.name, text) for text in joined]
        return values

    def _value(self, parameter: Parameter, text: str) -> tuple[Any, str | None]:
        """The value of `text`, or None with the text it should have been, if any."""
        name = parameter.name
        if not text:
            hint = parameter.says if parameter.required else _LEAVE_IT_OUT
            self._flaw(InvalidValue, name, f"{name!r} is empty. {hint}", value="")
            return None, None
        vocabulary = parameter.vocabulary
        if vocabulary:
            ids = vocabulary.ids(self.release)
            if text in ids:
                return text, text
            guess = vocabulary.nearest(self.release, text)
            message = f"{text!r} is not a value of {name!r}. {vocabulary.says}"
            few = sorted(ids) if len(ids) <= MOST_VALUES else None
            self._flaw(InvalidValue, name, message, value=text, did_you_mean=guess, allowed=few)
            return None, guess
        try:
            return parameter.adapter.validator.validate_python(text), text
        except ValidationError as error:
            schema = parameter.adapter.json_schema()
            allowed = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
            guess = nearest(text, allowed) if allowed else None
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            message = "it takes one of the values listed" if allowed else reason
            self._flaw(
                InvalidValue,
                name,
                f"{text!r} is not a value of {name!r}: {message}.",
                value=text,
                did_you_mean=guess,
                allowed=allowed,
            )
            return None, guess

    @property
    def mended(self) -> str:
        """The corrected request, without a cursor, which belongs to the flawed one."""
        kept = [pair for pair in self.corrected if pair[0] != "cursor" and self._stands(*pair)]
        needed = {p.name: p.example for p in self.of.parameters.values() if p.required}
        lacking = [(n, text) for n, text in needed.items() if text and n not in dict(kept)]
        return address(self.path, [*lacking, *kept])

    def _problem(self) -> Problem:
        flaws = [Flaw(**flaw, corrected=self.mended) for _, flaw in self.flaws[:MOST_FLAWS]]
        if len(self.flaws) > MOST_FLAWS:
            flaws[-1].message += f" There are {len(self.flaws) - MOST_FLAWS} more flaws."
        return self.flaws[0][0](" ".join(f.message for f in flaws), flaws)
