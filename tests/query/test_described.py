"""What stands under a field describes it."""

from typing import Any, Generic, TypeVar

from pydantic import Field

from app.query.described import Described

T = TypeVar("T")


class Thing(Described):
    """Has fields of all kinds."""

    name: str
    """What it is called,
    in one line or two."""
    size: int = Field(1, description="How large it is.")
    """Not this."""
    plain: bool = False
    other: str | None = Field(None, alias="try")
    """By another name."""


class Part(Thing):
    """Has those of a thing, and its own."""

    whole: Thing
    """What it is a part of."""


class Listed(Described, Generic[T]):
    """Holds any."""

    data: list[T]
    """What it holds."""


def said(model: type[Described]) -> dict[str, Any]:
    properties = model.model_json_schema()["properties"]
    return {name: shown.get("description") for name, shown in properties.items()}


def test_docstrings_describe_fields_that_say_nothing_themselves() -> None:
    own = {
        "name": "What it is called,\nin one line or two.",
        "size": "How large it is.",
        "plain": None,
        "try": "By another name.",
    }
    assert said(Thing) == own
    assert said(Part) == {**own, "whole": "What it is a part of."}
    assert said(Listed[Part]) == {"data": "What it holds."}


def test_it_is_built_when_it_is_first_used() -> None:
    class Late(Thing):
        """Nobody has used it."""

    assert not Late.__pydantic_complete__
    assert Late.model_validate({"name": "a"}).size == 1
    assert Late.__pydantic_complete__
